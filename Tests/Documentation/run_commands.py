#!/usr/bin/env python3
"""Runs every command of the documentation as it is written there, or says why it does not.

usage: run_commands.py [--system] PROGRAM_DIRECTORY

Takes the code blocks out of the pages. What is affectd's configuration must be right, what is JSON must be JSON, and
every command must be known here: by a rule that says how it is run and by what it is seen that it works, or by the
reason for which it is not run. A rule that is for nothing any more is a mistake, too.

The commands of a page run one after the other in a directory of their own, with the files that they name and a sound
card of the tests, and in a network of their own, which has the addresses of the pages and leads nowhere. What takes
long or needs more packages is left to --system, which runs everything.

Prints "ok PAGE:LINE COMMAND" for each command; says SKIPPED where no network of one's own can be had. Ends with 1 if
something failed.
"""

import argparse
import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time

import material
import pages

ROOT = material.ROOT
# Seconds for a command: something hangs if it takes longer.
LIMIT = 120
SLOW_LIMIT = 600
# A published value, on the socket or in a recording.
VALUE = r'"valence":-?\d'
SOCKET = "the socket"


@dataclasses.dataclass(frozen=True)
class Rule:
    """How a command is run. Without more it has to end by itself, with exit code 0."""
    # What must be found in what it prints: a regular expression.
    works: str = ""
    # Where that must be found, if not in what it prints: in a file, or in what comes from the socket.
    seen_in: str = ""
    # It runs until Ctrl-C, which it gets when it has been seen that it works.
    goes_on: bool = False
    # An affectd runs beside it. Without this, none runs where it publishes itself.
    beside: bool = False
    # A person at a terminal: what is waited for, and what is typed then.
    answers: tuple[tuple[str, str], ...] = ()
    # The exit code.
    status: int = 0
    # It takes long.
    is_slow: bool = False
    # A program that `make test` does without.
    needs: str = ""

    @property
    def publishes(self) -> bool:
        return self.seen_in == SOCKET

    @property
    def statuses(self) -> list[int]:
        """The exit codes that are right. What publishes ends by Ctrl-C in order; other programs are ended by it."""
        is_interrupted = self.goes_on and not self.publishes
        return [self.status, 0, 128 + signal.SIGINT, -signal.SIGINT] if is_interrupted else [self.status]


PUBLISHES = Rule(works=VALUE, seen_in=SOCKET, goes_on=True)

# By how the command begins; the longest beginning counts.
RULES = {
    "affectd": PUBLISHES,
    "affectctl simulate": PUBLISHES,
    "affectctl replay": PUBLISHES,
    "affectctl analyze song.flac > curve.csv && affectctl simulate": PUBLISHES,
    "ffmpeg -v error -i song.m4a -f s16le": Rule(works=VALUE, seen_in=SOCKET, needs="ffmpeg"),
    "ffmpeg -v error -i song.m4a -f wav": Rule(works=r"\n8\.0,-?0\.\d", seen_in="curve.csv", needs="ffmpeg"),

    "affectctl monitor": Rule(works=VALUE, goes_on=True, beside=True),
    "affectctl monitor | jq": Rule(works=r"\n[\d.]+\t-?0\.\d+\t-?0\.\d+\n", goes_on=True, beside=True, needs="jq"),
    "affectctl record": Rule(works=f"({VALUE}.*\\s+.*){{5}}", seen_in="show.jsonl", goes_on=True, beside=True),
    "affectctl state": Rule(works=r"tracking", beside=True),
    "affectctl state --json | jq": Rule(works=r"^-?\d", beside=True, needs="jq"),
    "affectctl stats": Rule(works=r"values +[1-9]\d* published", beside=True),
    "affectctl calibrate": Rule(works=r"calibrated: ", beside=True, is_slow=True),
    "affectctl calibrate --from": Rule(works=r"venue.json: written, .*\"filter\":\["),
    "affectctl freeze": Rule(beside=True),
    "affectctl set": Rule(beside=True),
    "affectctl mark": Rule(beside=True),
    "affectctl setup": Rule(works=r"affectd.toml: written", answers=(
        (r"Which one\? .*\] ", "\n"), (r"dBFS, loudest", "\n"), (r"every how many seconds\?.*\] ", "\n"),
        (r"by OSC\?.*\] ", "\n"), (r"Enter ends it", "\n"), (r"Did it arrive\?.*\] ", "\n"))),

    "nc -U": Rule(works=VALUE, goes_on=True, beside=True, needs="nc"),
    "socat -": Rule(works=VALUE, goes_on=True, beside=True, needs="socat"),
    # timeout says by 124 that it ended the other program.
    """echo '{"jsonrpc":"2.0","id":1,"method":"ping"}' | timeout 2 socat""":
        Rule(works=r'"id":1,"result":\{"pong":true\}', beside=True, status=124, needs="socat"),
    """echo '{"jsonrpc":"2.0","id":1,"method":"get_state"}' | timeout 2 nc""":
        Rule(works=r'"id":1,"result":\{"state":', beside=True, status=124, needs="nc"),
    "oscdump": Rule(works=r"/affect/valence f -?0\.\d", goes_on=True, beside=True),
    "oscsend localhost 9001 /affect/mark": Rule(beside=True),
    "oscsend localhost 9001 /affect/subscribe":
        Rule(works=r"/affect/valence f -?0\.\d", beside=True, status=124, is_slow=True),
    "python3 examples/python/affect_client.py": Rule(works=r"\nvalence [+-]0\.\d", goes_on=True, beside=True),
    "python3 examples/python/osc_receiver.py": Rule(works=r"valence [+-]0\.\d", goes_on=True, beside=True),
    # Pd calls Ctrl-C an error.
    "pd -nogui": Rule(works=r"arousal: -?0\.\d", goes_on=True, beside=True, status=1, needs="pd"),
    "sclang": Rule(works=r"\nvalence -?0\.\d.* arousal -?0\.\d", goes_on=True, beside=True, needs="sclang"),
    "mosquitto_sub": Rule(
        works=r'affectd/status online\n(?s:.*)affectd/state \{"type":"affect",.*"valence":-?0', goes_on=True, beside=True,
        needs="mosquitto_sub"),
    "curl": Rule(works=r"\naffectd_ticks_total [1-9]", beside=True, needs="curl"),

    "affectctl analyze": Rule(),
    "find music": Rule(works=r"music/b/three\.opus\0", seen_in="songs.list"),
    "affectctl analyze --files-from": Rule(works=r"\nmusic/a/two\.mp3,8\.000,5", seen_in="affect/songs.csv"),
    "affectctl embed": Rule(),
    "affectctl plot": Rule(),
    "affectctl train": Rule(),
    "affectctl evaluate": Rule(),
    "affectctl compare": Rule(works=r"\nsong-mean oracle "),
    "affectctl compare DATA --input librosa --model forest": Rule(works=r"\nforest +\d\.\d+ \["),
    "affectctl compare DATA --recipes": Rule(works=r"\ngupta-ridge +\d\.\d+ \["),
    "affectctl recipes": Rule(works=r"(^|\n)gupta-ridge +librosa × ridge"),
    "affectctl card": Rule(works=r"Trained on: (DATA|deam): 16 songs"),
    "affectctl card trees.safetensors --shap": Rule(works=r"Arousal: (?s:.*)  0\.\d+  -?\d\.\d+  [a-z]+_\d+"),
    "affectctl devices": Rule(works=r"alsa:default"),
    "affectctl bench venue": Rule(works=r"\nhall "),
    "affectctl bench follow": Rule(works=r"80 % of the step: median"),
    "affectctl bench service": Rule(works=r"1, and 100 that never read ", is_slow=True),

    ".build/venv/bin/python tools/convert_openl3.py": Rule(),
    "python3 tools/manual.py": Rule(),
    ".build/venv/bin/python tools/tonality_reference.py": Rule(works=r"\(0, -?\d"),
    "clang": Rule(),
    "ALSA_CONFIG_PATH=DIR/test.conf arecord": Rule(needs="arecord"),
    "systemd-analyze security": Rule(works=r"Overall exposure level", needs="systemd-analyze"),
}

BUILDS = "it builds or tests affectd, as what runs this test does"
PACKS = "make test-service runs it"
SEQUENCER = "it needs an ALSA sequencer: Tests/System/sequencer.sh has one, in a machine of its own"
PIPEWIRE = "it needs a session with PipeWire, and was tried by hand"
SPARK = "make test-spark, a part of make test-system, runs it with packages of its own"
INSTALLS = "it changes the system: make test-service does it in a container"
COPIES = "it changes the system: make test-service copies to another place"
SESSION = "it needs a person's session under systemd: make test-service starts the service in one, in a container"

# Each command in full, with the reason. Of make's targets it is looked up whether they exist.
PAPERS = "its figures come from whole data sets, which the tests do not have: recipes on DATA are run"
OPENSMILE = "it needs openSMILE, whose licence allows research only: no test installs it"
NOT_RUN = {
    "make build": BUILDS,
    "make test": BUILDS,
    "make test-system": BUILDS,
    "make lint": BUILDS,
    "make tools": BUILDS,
    "swift build -c release --product affectd": BUILDS,
    "swift test -c release --disable-xctest --filter StreamClockTests": BUILDS,
    ".build/venv/bin/python -m pytest tools/tests": BUILDS,
    "make run": "it builds, and then shows what the tests of affectd --show look at",
    "make format": "it changes the sources: make lint, in make test, says what it would change",
    "make fuzz": "make test-system runs it",
    "make fuzz FUZZ=OSC SECONDS=60": "it is a part of make fuzz, which make test-system runs",
    "make fuzz SECONDS=600": "it is make fuzz for longer, which make test-system runs",
    "make fuzz SECONDS=600 FUZZ=Safetensors": "it is a part of make fuzz, which make test-system runs",
    "SWIFT_BACKTRACE=enable=no .build/fuzz/release/FuzzSafetensors .build/fuzz-findings/Safetensors-crash-…":
        "it needs something that a fuzzer has found",
    "make bench": "it measures onnxruntime for minutes, from packages that no test installs",
    "beet ls -f '$path,$mb_trackid,$genre' > library.csv": "it needs a library of beets",
    "duckdb -c \"COPY (FROM 'affect/songs.csv') TO 'songs.parquet'\"": SPARK,
    "python3 -c \"from pyarrow import csv, parquet; "
    "parquet.write_table(csv.read_csv('affect/songs.csv'), 'songs.parquet')\"": SPARK,
    "duckdb -c \"SELECT artist, title, valence_mean FROM 'affect/songs.csv' "
    "WHERE music_s > 60 ORDER BY valence_mean DESC LIMIT 20\"": SPARK,
    "spark-submit --conf spark.task.cpus=4 examples/spark/analyze_collection.py songs.txt /shared/affect": SPARK,
    "sbatch --array=0-99 examples/slurm/analyze_collection.sbatch songs.txt /shared/affect":
        "it needs Slurm: a test runs the script with the variables that Slurm sets",
    "awk 'FNR > 1 || NR == 1' /shared/affect/part-*/songs.csv > songs.csv": "it needs what Slurm has made",
    "pd examples/puredata/affect.pd": "it opens a window: the one after it runs the same without",
    "cat ~/.local/state/affectd/web-token": "Tests/System/recipes.py reads it: it is there with the web page only",
    "aconnect -l": SEQUENCER,
    "aseqdump -p affectd:0": SEQUENCER,
    "aconnect affectd:0 'FLUID Synth:0'": SEQUENCER,
    "wpctl status": PIPEWIRE,
    "PIPEWIRE_ALSA='{ node.name = affectd stream.capture.sink = true }' affectd": PIPEWIRE,
    "pw-link -l": PIPEWIRE,
    "pw-link -d speakers:monitor_FL affectd:input_FL": PIPEWIRE,
    "pw-link -d speakers:monitor_FR affectd:input_FR": PIPEWIRE,
    "pw-link Firefox:output_FL affectd:input_FL": PIPEWIRE,
    "pw-link Firefox:output_FR affectd:input_FR": PIPEWIRE,
    "make deb": PACKS,
    "make release": PACKS,
    "sudo apt install ./.build/deb/affectd_*.deb": INSTALLS,
    "sudo make install": COPIES,
    "sudo systemctl daemon-reload": INSTALLS,
    "sudo systemctl enable --now affectd": INSTALLS,
    "systemctl status affectd": INSTALLS,
    "systemctl --user enable --now affectd": SESSION,
    "journalctl --user -u affectd -f": SESSION,
    ".build/venv/bin/python tools/derive_musicnn_weights.py --output musicnn-msd.safetensors":
        "it needs PyPI: tools/tests runs it where there is a network",
    "python tools/make_layer_fixtures.py": "it needs PyTorch, which no test installs",
    "python tools/make_cnn_fixture.py": "it needs PyTorch, which no test installs",
    "python tools/make_librosa_fixture.py Tests/Fixtures/librosa-golden.safetensors":
        "it needs librosa, which no test installs",
    "python tools/make_geneva_fixture.py Tests/Fixtures/geneva-golden.safetensors": OPENSMILE,
    "python tools/make_compare_fixture.py Tests/Fixtures/compare-golden.safetensors": OPENSMILE,
    "python tools/make_learner_fixture.py Tests/Fixtures/learner-golden.safetensors":
        "it needs scikit-learn, XGBoost and SHAP, which no test installs",
    "python tools/peer_learners.py --samples samples.csv":
        "it needs scikit-learn and XGBoost, which no test installs",
    "affectctl compare DEAM --recipes gupta,musicnn-ridge,librosa-musicnn-boosting --static-weight 0 --scores entropy":
        PAPERS,
    "affectctl compare DEAM --recipes cao,qiu,both-boosting,all-boosting --static-weight 0": PAPERS,
    "affectctl compare DEAM --input egemaps --model boosting --static-weight 0": PAPERS,
    "affectctl compare DEAM --input librosa --model boosting --static-weight 0 --samples samples.csv": PAPERS,
    "affectctl compare 4QAED --recipes louro-svm --folds 10 --repeats 10 --split song": PAPERS,
    "affectctl compare 4QAED --recipes louro-svm --folds 10 --repeats 10": PAPERS,
    "affectctl compare 4QAED --recipes louro --folds 10": PAPERS,
    "affectctl train DEAM --model ridge --static-weight 0 --out ridge.safetensors": PAPERS,
    "affectctl evaluate 4QAED --model ridge.safetensors": PAPERS,
    "affectctl compare 4qaed --recipes louro-musicnn-svm,louro-both-svm,louro-musicnn-forest --folds 10 --repeats 10 "
    "--split song":
        "it trains 300 models on 4QAED, of which the tests have four clips: that of recipes on DATA is run",
}

# The affectd that runs beside a command.
BESIDE = """\
[control]
port = 9001
[metrics]
port = 9464
[mqtt]
host = "127.0.0.1"
"""
CARD_PAGE = "Tests/ALSAPlugin/README.md"


class Failed(Exception):
    """A command did not do what it should."""


class Subscriber:
    """A client of affectd's socket, as soon as there is one."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = str(path)
        self.client: socket.socket | None = None
        self.received = b""

    def text(self) -> str:
        """All that has come so far."""
        try:
            if self.client is None:
                client = socket.socket(socket.AF_UNIX)
                client.connect(self.path)
                client.setblocking(False)
                self.client = client
            while data := self.client.recv(65536):
                self.received += data
        except OSError:
            pass  # Nobody is there yet, or there is nothing more at the moment.
        return self.received.decode(errors="replace")

    def close(self) -> None:
        if self.client:
            self.client.close()


class Receivers:
    """Listens where a command sends OSC to."""

    def __init__(self, command: str) -> None:
        self.waiting = []
        for host, port in re.findall(r"--osc (\S+):(\d+)", command):
            receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            receiver.bind((host, int(port)))
            receiver.setblocking(False)
            self.waiting.append(receiver)

    def all_have_values(self) -> bool:
        self.waiting = [receiver for receiver in self.waiting if not self.has_value(receiver)]
        return not self.waiting

    def close(self) -> None:
        for receiver in self.waiting:
            receiver.close()

    @staticmethod
    def has_value(receiver: socket.socket) -> bool:
        try:
            return b"/affect/valence" in receiver.recv(65536)
        except BlockingIOError:
            return False


class Attempt:
    """A command that runs, and what it has printed."""

    def __init__(self, command: str, directory: pathlib.Path, environment: dict[str, str], has_terminal: bool) -> None:
        self.output = ""
        if has_terminal:
            self.ours, theirs = pty.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
            streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        else:
            self.ours, theirs = os.pipe()
            # A person's standard input stays open.
            streams = {"stdin": subprocess.PIPE, "stdout": theirs, "stderr": theirs}
        self.process = subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", command], cwd=directory, env=environment, start_new_session=True,
            **streams)
        os.close(theirs)

    def read(self) -> bool:
        """Takes what it has printed, if it prints something soon; false when it has ended."""
        if not select.select([self.ours], [], [], 0.05)[0]:
            return True
        try:
            data = os.read(self.ours, 65536)
        except OSError:  # What a terminal gives at its end.
            data = b""
        self.output += data.decode(errors="replace")
        return bool(data)

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def signal(self, number: int) -> None:
        """Sends a signal to all of its processes, as Ctrl-C does."""
        os.killpg(self.process.pid, number)

    def close(self) -> None:
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        os.close(self.ours)


class Sandbox:
    """The place where the commands of a page run."""

    def __init__(self, programs: pathlib.Path) -> None:
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="affectd-page-"))
        self.home = self.directory / "home"
        self.socket = self.directory / "run/affectd/affectd.sock"
        for folder in [self.home, self.directory / "run"]:
            folder.mkdir()
        material.link_repository(self.home)
        plugin = ROOT / ".build/alsa-plugin/libasound_module_pcm_affecttest.so"
        self.environment = {
            # The Python that runs this has the packages that the pages name.
            "PATH": f"{programs}:{sys.prefix}/bin:{os.environ['PATH']}",
            "HOME": str(self.home),
            "TMPDIR": str(self.directory),
            "XDG_RUNTIME_DIR": str(self.directory / "run"),
            "ALSA_CONFIG_PATH": str(material.write_sound_cards(self.directory, plugin)),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            # SuperCollider's language opens no window, but is a program of Qt, which does not like root.
            "QT_QPA_PLATFORM": "offscreen",
            "QTWEBENGINE_DISABLE_SANDBOX": "1",
        }
        self.daemon: subprocess.Popen | None = None
        self.broker: subprocess.Popen | None = None

    def start_daemon(self) -> None:
        """The affectd beside the commands, once it publishes values."""
        if self.daemon:
            return
        # On its usual port, as pages have it. Without one, affectd goes on trying.
        if mosquitto := shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin"):
            self.broker = subprocess.Popen(
                [mosquitto], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        configuration = self.directory / "beside.toml"
        configuration.write_text(BESIDE)
        with open(self.directory / "beside.log", "w", encoding="utf-8") as log:
            self.daemon = subprocess.Popen(
                ["affectd", "--config", str(configuration)], env=self.environment, cwd=self.home,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        subscriber = Subscriber(self.socket)
        end = time.monotonic() + LIMIT
        while not re.search(VALUE, subscriber.text()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.daemon.wait(0.05)
            if self.daemon.returncode is not None or time.monotonic() > end:
                self.stop_daemon()
                raise Failed("the affectd beside it: " + (self.directory / "beside.log").read_text())
        subscriber.close()

    def stop_daemon(self) -> None:
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait()
            self.daemon = None
        if self.broker:
            self.broker.terminate()
            self.broker.wait()
            self.broker = None

    def run(self, command: str, rule: Rule) -> None:
        """Runs a command as its rule says; throws ``Failed``."""
        if rule.beside:
            self.start_daemon()
        elif rule.publishes:
            self.stop_daemon()
        subscriber = Subscriber(self.socket)
        receivers = Receivers(command)
        attempt = Attempt(command, self.home, self.environment, bool(rule.answers))
        try:
            self.watch(attempt, rule, subscriber, receivers)
        finally:
            attempt.close()
            subscriber.close()
            receivers.close()

    def watch(self, attempt: Attempt, rule: Rule, subscriber: Subscriber, receivers: Receivers) -> None:
        """Answers and interrupts a command that runs, and looks at what it does."""

        def is_seen() -> bool:
            if rule.publishes:
                text = subscriber.text()
            elif rule.seen_in:
                path = self.home / rule.seen_in
                text = path.read_text() if path.exists() else ""
            else:
                text = attempt.output
            return re.search(rule.works, text) is not None and receivers.all_have_values()

        answers = list(rule.answers)
        answered = 0
        was_seen = False
        limit = SLOW_LIMIT if rule.is_slow else LIMIT
        end = time.monotonic() + limit
        while attempt.read():
            if time.monotonic() > end:
                raise Failed(f"{attempt.output}\nit was not done after {limit} s")
            if answers and (match := re.compile(answers[0][0]).search(attempt.output, answered)):
                answered = match.end()
                attempt.type(answers.pop(0)[1])
            if not was_seen and (was_seen := is_seen()) and rule.goes_on:
                attempt.signal(signal.SIGINT)
        status = attempt.process.wait()
        if not was_seen and not is_seen():
            raise Failed(f"{attempt.output}\nexit code {status}; not found: {rule.works}")
        if status not in rule.statuses:
            raise Failed(f"{attempt.output}\nexit code {status}")

    def close(self) -> None:
        self.stop_daemon()
        shutil.rmtree(self.directory)


def begins(command: str, beginning: str) -> bool:
    return command == beginning or command.startswith(beginning + " ")


def rule_of(command: str) -> str | None:
    """The beginning of the rule for a command."""
    return max((beginning for beginning in RULES if begins(command, beginning)), key=len, default=None)


def has_target(command: str) -> bool:
    """Whether make has something to do for a command."""
    words = command.removeprefix("sudo ").split()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    result = subprocess.run([*words, "--dry-run", "--always-make", "--directory", ROOT], env=environment,
                            stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return result.returncode == 0 and "Nothing to be done" not in result.stdout


class Run:
    """All pages, one after the other."""

    def __init__(self, programs: pathlib.Path, is_system: bool) -> None:
        self.programs = programs
        self.is_system = is_system
        self.passed = 0
        self.failed = 0
        # What is not run, to be said at the end.
        self.left: list[str] = []
        # The rules, reasons and files that something is for.
        self.used: set[str] = set()

    def ok(self, what: object) -> None:
        self.passed += 1
        print(f"ok {what}", flush=True)

    def fail(self, what: object, why: object = "") -> None:
        self.failed += 1
        print(f"FAILED {what}", flush=True)
        for line in str(why).strip().splitlines()[-40:]:
            print(f"    {line}", flush=True)

    def run(self) -> int:
        """The exit code."""
        for page in pages.pages(ROOT):
            self.run_page(page)
        for unused in sorted({*RULES, *NOT_RUN, *material.FILES} - self.used):
            self.fail(unused, "no command of the documentation needs this any more: take it out of Tests/Documentation")
        for line in self.left:
            print(line)
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0

    def run_page(self, page: str) -> None:
        blocks, mistakes = pages.blocks(page, (ROOT / page).read_text(encoding="utf-8"))
        for mistake in mistakes:
            self.fail(mistake)
        sandbox = Sandbox(self.programs)
        if page == CARD_PAGE:
            material.write_card(sandbox.home, "\n".join(block.text for block in blocks if block.language == "conf"))
        try:
            for block in blocks:
                if block.language == "toml":
                    self.check_configuration(block, sandbox)
                elif block.language == "json":
                    self.check_json(block)
                elif block.language == "sh":
                    for command in pages.commands(block):
                        self.run_command(command, sandbox)
        finally:
            sandbox.close()

    def check_configuration(self, block: pages.Block, sandbox: Sandbox) -> None:
        path = sandbox.directory / "block.toml"
        path.write_text(block.text)
        result = subprocess.run([self.programs / "affectd", "--check", "--config", path], env=sandbox.environment,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True)
        what = f"{block.page}:{block.line} the configuration"
        if result.returncode == 0:
            self.ok(what)
        else:
            self.fail(what, result.stderr)

    def check_json(self, block: pages.Block) -> None:
        what = f"{block.page}:{block.line} the JSON"
        try:
            for line in block.text.splitlines():
                json.loads(line)
            self.ok(what)
        except ValueError as error:
            self.fail(what, error)

    def run_command(self, command: pages.Command, sandbox: Sandbox) -> None:
        reason = NOT_RUN.get(command.text)
        beginning = rule_of(command.text)
        if reason is not None:
            self.used.add(command.text)
            self.left.append(f"not run: {command}: {reason}")
            if "make" in command.text.split()[:2] and not has_target(command.text):
                self.fail(command, "make does not know this target")
            return
        if beginning is None:
            self.fail(command, "is new: Tests/Documentation/run_commands.py needs a rule for it, or a reason why not")
            return
        rule = RULES[beginning]
        self.used |= {beginning, *material.names(command.text)}
        if not self.is_system and (rule.is_slow or rule.needs):
            self.left.append(f"left to make test-system: {command}")
        elif rule.needs and shutil.which(rule.needs) is None:
            self.left.append(f"SKIPPED: {command}: there is no {rule.needs} here")
        else:
            material.write_files(sandbox.home, command.text)
            try:
                sandbox.run(command.text, rule)
                self.ok(command)
            except Failed as failure:
                self.fail(command, failure)


def enter_network() -> None:
    """Goes on in a network of its own, if there can be one."""
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    attempt = ["ip", "link", "set", "lo", "up"]
    if not shutil.which("unshare") or subprocess.run([*unshare, *attempt], stderr=subprocess.DEVNULL).returncode != 0:
        print("SKIPPED: the commands of the documentation were NOT run, because unshare and ip cannot make a network "
              "of their own for them here", file=sys.stderr)
        sys.exit(0)
    os.execvp("unshare", [*unshare, sys.executable, *sys.argv, "--inside"])


def give_addresses() -> None:
    """The addresses that the pages name are those of this machine."""
    found = set()
    for page in pages.pages(ROOT):
        for block in pages.blocks(page, (ROOT / page).read_text(encoding="utf-8"))[0]:
            if block.language in ["sh", "toml"]:
                found |= set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b(?!/)", block.text))
    for address in sorted(found):
        if not address.startswith(("127.", "0.")):
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--system", action="store_true", help="what takes long or needs more packages, too")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("programs", type=pathlib.Path)
    arguments = parser.parse_args()
    if not arguments.inside:
        enter_network()
    give_addresses()
    # Where this was started in the background, the commands would not hear Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return Run(arguments.programs.resolve(), arguments.system).run()


if __name__ == "__main__":
    sys.exit(main())
