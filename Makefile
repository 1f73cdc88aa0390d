# affectd: `make run` to hear it work, `make test` to check it. Both set the machine up first (Debian 12).

SHELL := /bin/bash
.DELETE_ON_ERROR:
.NOTPARALLEL:

PREFIX ?= /usr/local
BUILD := .build/release
# Programs that need no Swift where they run, with what is installed beside them.
RELEASE := .build/static/release
MANUAL := .build/static/manual
COMPLETIONS := .build/static/completions
VENV := .build/venv
BENCH_VENV := .build/bench-venv
SWIFT_TEST := swift test -c release --disable-xctest
ALSA_PLUGIN := .build/alsa-plugin/libasound_module_pcm_affecttest.so

BUILD_PACKAGES := libasound2-dev libavahi-client-dev libebur128-dev libkissfft-dev libmosquitto-dev libmpg123-dev libncurses-dev libopenblas-dev libopusfile-dev libsndfile1-dev libsvm-dev libtag1-dev libtomlplusplus-dev libvorbis-dev pkg-config
TEST_PACKAGES := fish fonts-dejavu-core iproute2 liblo-tools librsvg2-bin mandoc mosquitto mosquitto-clients openssl python3-venv tmux zsh
RELEASE_PACKAGES := python3
DEB_PACKAGES := debhelper lintian
PICTURE_PACKAGES := chromium fonts-dejavu-core
SPARK_VENV := .build/spark-venv
SYSTEM_TEST_PACKAGES := $(PICTURE_PACKAGES) alsa-utils avahi-daemon avahi-utils binutils-aarch64-linux-gnu busybox-static cpio curl dbus debootstrap ffmpeg jq libasound2-plugins libc6-dev-arm64-cross libgcc-12-dev-arm64-cross netcat-openbsd ola openjdk-17-jre-headless puredata-core pulseaudio pulseaudio-utils qemu-system-x86 qemu-user-static socat supercollider-language systemd-container

# Without a runtime directory (as root in a container) the socket lies in the build directory.
RUN_SOCKET := $(if $(XDG_RUNTIME_DIR),,--socket $(CURDIR)/.build/affectd.sock)

.PHONY: build run test test-system test-service test-spark fuzz bench pictures release install uninstall deb tools setup-build setup-release setup-deb setup-test setup-system setup-pictures format lint clean

build: setup-build
	swift build -c release

run: build
	$(BUILD)/affectd --demo-fallback --show $(RUN_SOCKET)

test: build setup-test tools lint $(ALSA_PLUGIN)
	swift build -c release --build-tests
	set -o pipefail; $(SWIFT_TEST) --skip-build 2>&1 | tee .build/test.log || { echo "What failed:"; grep -a '✘' .build/test.log; exit 1; }
	$(VENV)/bin/python -m pytest -q tools
	$(VENV)/bin/python Tests/Documentation/run_commands.py $(BUILD)
	@echo "Sanitizers, fuzzers, PulseAudio, a browser and systemd are slower and apart: make test-system"

# All tests are Swift Testing's. XCTest is left out: its runner leaks, which the address sanitizer reports.
# What takes long or needs privileges: the lock-free parts and the whole daemon under the thread sanitizer, the kernels
# under the address sanitizer (each in a build of its own), the allocations of the capture thread, the kernels as a 64-bit
# ARM, the memory over 172,800 ticks, PulseAudio, the web page in a browser, OLA, Avahi and an ALSA sequencer as receivers,
# every command of the documentation, Spark, systemd in a container, and a minute of each fuzzer.
test-system: build $(ALSA_PLUGIN)
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/System/thread-sanitizer.supp $(SWIFT_TEST) --sanitize=thread --scratch-path .build/thread-sanitizer --filter 'AudioRingBufferTests|StressTests|OutputTests|MQTTTests|PublisherTests|PublisherSettingsTests'
	$(SWIFT_TEST) --sanitize=address --scratch-path .build/address-sanitizer --filter 'KernelTests|FastNetworkTests'
	Tests/System/allocations.sh $(BUILD)/affectd $(CURDIR)/$(ALSA_PLUGIN)
	[ "$$(id -u)" != 0 ] || $(MAKE) --no-print-directory setup-system || true
	Tests/System/kernels.sh
	Tests/System/memory.sh $(BUILD)/affectctl
	Tests/System/pulseaudio.sh $(BUILD)/affectd $(BUILD)/affectctl
	$(MAKE) --no-print-directory tools
	$(VENV)/bin/python Tests/System/web_page.py $(BUILD)/affectd
	$(VENV)/bin/python Tests/System/recipes.py $(BUILD)/affectd
	$(VENV)/bin/python Tests/System/outputs.py $(BUILD)/affectd
	Tests/System/sequencer.sh $(BUILD)/affectd .build/sequencer
	$(VENV)/bin/python Tests/Documentation/run_commands.py --system $(BUILD)
	$(MAKE) --no-print-directory test-spark
	$(MAKE) --no-print-directory test-service fuzz

# The job of examples/spark on a cluster of a master and two workers, one of which is killed.
test-spark: build $(SPARK_VENV)/.done
	@command -v java >/dev/null || { echo "SKIPPED: Spark was NOT tried, because there is no java: make setup-system" >&2; exit 0; }; \
	python3 Tests/System/spark.py $(CURDIR)/$(SPARK_VENV)/bin/python $(CURDIR)/$(BUILD)/affectctl

$(SPARK_VENV)/.done: Tests/System/spark-requirements.txt | setup-test
	python3 -m venv $(SPARK_VENV)
	$(SPARK_VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# The package in a bare Debian under systemd, in a container, and what `make install` lays out. Where a container cannot be
# had, the script says what is missing.
test-service: deb $(ALSA_PLUGIN)
	Tests/System/install.sh
	Tests/System/service.sh .build/deb/affectd_*.deb $(ALSA_PLUGIN)

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

# What `make install` and `make deb` install: the programs with Swift's runtime inside, manual pages, completions.
release: setup-build setup-release
	for program in affectd affectctl; do \
	  swift build -c release --static-swift-stdlib --scratch-path .build/static --product $$program || exit 1; \
	done
	rm -rf $(MANUAL) $(COMPLETIONS)
	python3 tools/manual.py $(RELEASE) $(MANUAL)
	mkdir -p $(COMPLETIONS)/bash $(COMPLETIONS)/zsh $(COMPLETIONS)/fish
	set -o pipefail; for program in affectd affectctl; do \
	  $(RELEASE)/$$program --generate-completion-script bash | sed 1d > $(COMPLETIONS)/bash/$$program && \
	  $(RELEASE)/$$program --generate-completion-script zsh > $(COMPLETIONS)/zsh/_$$program && \
	  $(RELEASE)/$$program --generate-completion-script fish > $(COMPLETIONS)/fish/$$program.fish || exit 1; \
	done

SHARE = $(DESTDIR)$(PREFIX)/share
SYSTEM_UNITS ?= $(PREFIX)/lib/systemd/system
USER_UNITS ?= $(PREFIX)/lib/systemd/user
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions

# Copies what `make release` has made under PREFIX, as root. It builds nothing: root may have no Swift.
install:
	@[ -e $(COMPLETIONS)/fish/affectctl.fish ] || { echo "Please run 'make release' first, as yourself" >&2; exit 1; }
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(RELEASE)/affectd $(RELEASE)/affectctl
	install -D -m 644 -t $(SHARE)/affectd $(RELEASE)/affectd_ShippedModels.resources/*
	# A configuration that is already there is kept.
	[ -e $(DESTDIR)/etc/affectd/affectd.toml ] || install -D -m 644 -t $(DESTDIR)/etc/affectd etc/affectd.toml
	install -d $(DESTDIR)$(SYSTEM_UNITS) $(DESTDIR)$(USER_UNITS)
	for unit in affectd.service affectd.socket; do \
	  sed 's|/usr/local|$(PREFIX)|' systemd/$$unit > $(DESTDIR)$(SYSTEM_UNITS)/$$unit && \
	  sed 's|/usr/local|$(PREFIX)|' systemd/user/$$unit > $(DESTDIR)$(USER_UNITS)/$$unit || exit 1; \
	done
	for section in 1 5 8; do install -D -m 644 -t $(SHARE)/man/man$$section $(MANUAL)/*.$$section || exit 1; done
	install -D -m 644 -t $(SHARE)/bash-completion/completions $(COMPLETIONS)/bash/*
	install -D -m 644 -t $(DESTDIR)$(ZSH_COMPLETIONS) $(COMPLETIONS)/zsh/*
	install -D -m 644 -t $(SHARE)/fish/vendor_completions.d $(COMPLETIONS)/fish/*
	install -D -m 644 -t $(SHARE)/doc/affectd README.md CHANGELOG.md
	install -D -m 644 -t $(SHARE)/doc/affectd/docs docs/*.md
	install -D -m 644 -t $(SHARE)/doc/affectd/docs/pictures docs/pictures/*
	install -D -m 644 -t $(SHARE)/doc/affectd/docs/recipes docs/recipes/*
	for folder in browser homeassistant nodered puredata python slurm spark supercollider; do \
	  install -D -m 644 -t $(SHARE)/doc/affectd/examples/$$folder examples/$$folder/* || exit 1; \
	done
	for notice in .build/static/checkouts/*/NOTICE.txt; do \
	  install -D -m 644 $$notice $(SHARE)/doc/affectd/notices/$$(basename $$(dirname $$notice)).txt || exit 1; \
	done

# What `make install` has put there. The configuration, and what was calibrated, stay.
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/affectd $(DESTDIR)$(PREFIX)/bin/affectctl
	rm -rf $(SHARE)/affectd $(SHARE)/doc/affectd
	rm -f $(DESTDIR)$(SYSTEM_UNITS)/affectd.service $(DESTDIR)$(SYSTEM_UNITS)/affectd.socket
	rm -f $(DESTDIR)$(USER_UNITS)/affectd.service $(DESTDIR)$(USER_UNITS)/affectd.socket
	rm -f $(SHARE)/man/man8/affectd.8 $(SHARE)/man/man5/affectd.toml.5 $(SHARE)/man/man1/affectctl*.1
	rm -f $(SHARE)/bash-completion/completions/affectd $(SHARE)/bash-completion/completions/affectctl
	rm -f $(DESTDIR)$(ZSH_COMPLETIONS)/_affectd $(DESTDIR)$(ZSH_COMPLETIONS)/_affectctl
	rm -f $(SHARE)/fish/vendor_completions.d/affectd.fish $(SHARE)/fish/vendor_completions.d/affectctl.fish

# A Debian package of this machine's architecture, in .build/deb.
deb: setup-build setup-release setup-deb
	rm -rf .build/deb
	mkdir -p .build/deb
	dh_clean
	DEB_RULES_REQUIRES_ROOT=no debian/rules binary
	lintian --fail-on error,warning .build/deb/*.deb

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
setup-release: PACKAGES := $(RELEASE_PACKAGES)
setup-deb: PACKAGES := $(DEB_PACKAGES)
setup-test: PACKAGES := $(TEST_PACKAGES)
setup-system: PACKAGES := $(SYSTEM_TEST_PACKAGES)
setup-pictures: PACKAGES := $(PICTURE_PACKAGES)

# Installs what is missing, and asks for nothing where nothing is.
setup-build setup-release setup-deb setup-test setup-system setup-pictures:
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
