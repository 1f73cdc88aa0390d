# affectd: `make run` to hear it work, `make test` to check it. Both set the machine up first (Debian 12).

SHELL := /bin/bash
.DELETE_ON_ERROR:
.NOTPARALLEL:

PREFIX ?= /usr/local
BUILD := .build/release
VENV := .build/venv
BENCH_VENV := .build/bench-venv
SWIFT_TEST := swift test -c release --disable-xctest
ALSA_PLUGIN := .build/alsa-plugin/libasound_module_pcm_affecttest.so

BUILD_PACKAGES := libasound2-dev libebur128-dev libkissfft-dev libmpg123-dev libncurses-dev libopenblas-dev libopusfile-dev libsamplerate0-dev libsndfile1-dev libtomlplusplus-dev libvorbis-dev pkg-config
TEST_PACKAGES := fish fonts-dejavu-core iproute2 liblo-tools librsvg2-bin mandoc python3-venv tmux zsh
PICTURE_PACKAGES := chromium fonts-dejavu-core
SYSTEM_TEST_PACKAGES := $(PICTURE_PACKAGES) debootstrap libasound2-plugins pulseaudio pulseaudio-utils systemd-container

# Without a runtime directory (as root in a container) the socket lies in the build directory.
RUN_SOCKET := $(if $(XDG_RUNTIME_DIR),,--socket $(CURDIR)/.build/affectd.sock)

.PHONY: build run test test-system test-service fuzz bench pictures install tools setup setup-build setup-test setup-system setup-pictures format lint clean

build: setup-build
	swift build -c release

run: build
	$(BUILD)/affectd --demo-fallback --show $(RUN_SOCKET)

test: build setup-test tools lint $(ALSA_PLUGIN)
	swift build -c release --build-tests
	set -o pipefail; $(SWIFT_TEST) --skip-build 2>&1 | tee .build/test.log || { echo "What failed:"; grep -a '✘' .build/test.log; exit 1; }
	$(VENV)/bin/python -m pytest -q tools
	@echo "Sanitizers, fuzzers, PulseAudio, a browser and systemd are slower and apart: make test-system"

# All tests are Swift Testing's. XCTest is left out: its runner leaks, which the address sanitizer reports.
# What takes long or needs privileges: the lock-free parts and the whole daemon under the thread sanitizer, the kernels
# under the address sanitizer (each in a build of its own), the allocations of the capture thread, PulseAudio, the web
# page in a browser, systemd in a container, and a minute of each fuzzer.
test-system: build $(ALSA_PLUGIN)
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/System/thread-sanitizer.supp $(SWIFT_TEST) --sanitize=thread --scratch-path .build/thread-sanitizer --filter 'AudioRingBufferTests|StressTests'
	$(SWIFT_TEST) --sanitize=address --scratch-path .build/address-sanitizer --filter 'KernelTests|FastNetworkTests'
	Tests/System/allocations.sh $(BUILD)/affectd $(CURDIR)/$(ALSA_PLUGIN)
	[ "$$(id -u)" != 0 ] || $(MAKE) --no-print-directory setup-system || true
	Tests/System/pulseaudio.sh $(BUILD)/affectd $(BUILD)/affectctl
	$(MAKE) --no-print-directory tools
	$(VENV)/bin/python Tests/System/web_page.py $(BUILD)/affectd
	$(MAKE) --no-print-directory test-service fuzz

# The installed daemon under systemd, in a container. Where the packages cannot be had, the script says what is missing.
test-service: $(ALSA_PLUGIN)
	rm -rf .build/container/stage
	$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/.build/container/stage PREFIX=/usr/local
	Tests/System/service.sh .build/container/stage $(ALSA_PLUGIN)

# Seconds for each fuzzer, and which of them.
SECONDS ?= 60
FUZZ ?= Configuration OSC Recording Safetensors SocketRequest
FUZZ_BUILD := .build/fuzz

# Feeds everything that is read from outside to libFuzzer under the address sanitizer, see Tests/Fuzz/README.md.
fuzz: export SWIFT_BACKTRACE := enable=no
fuzz: setup-build
	@for name in $(FUZZ); do \
	  AFFECTD_FUZZ=1 swift build -c release --scratch-path $(FUZZ_BUILD) --sanitize address --sanitize fuzzer \
	    -Xswiftc -sanitize=address,fuzzer -Xswiftc -use-ld=lld --product Fuzz$$name || exit 1; \
	done
	@mkdir -p .build/fuzz-findings
	@for name in $(FUZZ); do \
	  mkdir -p .build/fuzz-corpus/$$name; \
	  echo "Fuzzing $$name for $(SECONDS) s"; \
	  ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=16 $(FUZZ_BUILD)/release/Fuzz$$name \
	    -max_total_time=$(SECONDS) -rss_limit_mb=2048 -timeout=10 -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=.build/fuzz-findings/$$name- -dict=Tests/Fuzz/Dictionaries/$$name.dict \
	    .build/fuzz-corpus/$$name Tests/Fuzz/Corpus/$$name || exit 1; \
	done

# One table of affectd beside onnxruntime, see docs/performance.md.
bench: build setup-test $(BENCH_VENV)/.done
	$(BENCH_VENV)/bin/python Benchmarks/compare.py --program $(BUILD)/affectbench

# The pictures of the README, of the programs as they are.
pictures: build setup-test setup-pictures tools
	$(VENV)/bin/python tools/pictures.py $(BUILD)/affectd $(BUILD)/affectctl docs/pictures

$(BENCH_VENV)/.done: Benchmarks/requirements.txt | setup-test
	python3 -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# Installs under PREFIX; run as root for the system service.
install: build
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(BUILD)/affectd $(BUILD)/affectctl
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/affectd $(BUILD)/affectd_ShippedModels.resources/*
	# A configuration that is already there is kept.
	[ -e $(DESTDIR)/etc/affectd/affectd.toml ] || install -D -m 644 -t $(DESTDIR)/etc/affectd etc/affectd.toml
	install -d $(DESTDIR)/etc/systemd/system $(DESTDIR)/etc/systemd/user
	for unit in affectd.service affectd.socket; do \
	  sed 's|/usr/local|$(PREFIX)|' systemd/$$unit > $(DESTDIR)/etc/systemd/system/$$unit && \
	  sed 's|/usr/local|$(PREFIX)|' systemd/user/$$unit > $(DESTDIR)/etc/systemd/user/$$unit || exit 1; \
	done

# The Python that the scripts in tools/ and some tests run in.
tools: $(VENV)/.done

$(VENV)/.done: tools/requirements.txt | setup-test
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# A sound card for the tests, see Tests/ALSAPlugin/README.md.
$(ALSA_PLUGIN): Tests/ALSAPlugin/pcm_affecttest.c
	mkdir -p $(@D)
	clang -shared -fPIC -DPIC -O2 -Wall -Wextra -Werror -o $@ $< -lasound

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks

clean:
	rm -rf .build

setup-build: PACKAGES := $(BUILD_PACKAGES)
setup-test: PACKAGES := $(TEST_PACKAGES)
setup-system: PACKAGES := $(SYSTEM_TEST_PACKAGES)
setup-pictures: PACKAGES := $(PICTURE_PACKAGES)

# Installs what is missing, and asks for nothing where nothing is.
setup-build setup-test setup-system setup-pictures:
	@command -v swift >/dev/null || { echo "affectd needs Swift 6.3: see https://www.swift.org/install/linux" >&2; exit 1; }
	@missing=$$(for p in $(PACKAGES); do dpkg-query -W -f '$${db:Status-Abbrev}' $$p 2>/dev/null | grep -q ^ii || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  command -v apt-get >/dev/null || { echo "Please install:" $$missing "(there is no apt-get here to do it)" >&2; exit 1; }; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else \
	    command -v sudo >/dev/null || { echo "Please run as root: apt-get install" $$missing >&2; exit 1; }; sudo=sudo; fi; \
	  echo "Installing" $$missing; \
	  $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null \
	    || { echo "These packages could not be installed:" $$missing >&2; exit 1; }; \
	fi
