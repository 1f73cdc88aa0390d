"""Compares affectd with onnxruntime, librosa and, where it is there, openSMILE.

It also measures the programs.

    make bench

or, with the packages of requirements.txt installed:

    python Benchmarks/compare.py --program .build/release/affectbench

Both sides compute the same on the same core, networks from the same weights.
They take turns, one run each, so that a machine that gets slower or faster
does so for both. Each turn therefore starts with the caches the other one
left. What has no counterpart is timed alone.

Exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from bench_child import BenchChild, BenchError, UnknownBenchmark, pinned
from descriptor_peers import LibrosaOpponent, OpenSMILEOpponent
from onnx_networks import (
    OPENL3_MACS,
    Network,
    NetworkError,
    check_musicnn,
    check_openl3,
    load_musicnn,
    load_openl3,
)
from program_figures import (
    WAVE_SECONDS,
    ServiceFigures,
    analysis_seconds,
    resident_bytes,
    service_figures,
    start_up_seconds,
    write_wave,
)

ROOT = Path(__file__).resolve().parent.parent

WARM_UPS = 3
PROGRAMS = ("affectbench", "affectd", "affectctl")
# A comparison that has taken this long ends early, but not before so many rounds.
COMPARISON_SECONDS = 60.0
FEWEST_ROUNDS = 3
# What a single request for several runs may take; the child is given up after 60 s.
REQUEST_SECONDS = 30.0
# Other programs that take more than this share of a core are worth a note.
DISTURBED = 0.1

COMPARED_WITH_OPENL3 = (
    ("openl3.network", "OpenL3 network, from mel"),
    ("openl3.frame", "OpenL3 frame, from audio"),
)
COMPARED_WITH_MUSICNN = (
    ("musicnn.patch", "MusiCNN patch, from mel"),
    ("musicnn.tick", "MusiCNN tick, hop 0.5 s, from audio"),
    ("musicnn.tick.50ms", "MusiCNN tick, hop 0.05 s, from audio"),
)
COMPARED_WITH_LIBROSA = (
    ("librosa.window", "librosa-386, a window by itself"),
    ("librosa.tick", "librosa-386, tick, hop 0.5 s"),
)
COMPARED_WITH_OPENSMILE = {
    "eGeMAPSv02": (
        ("egemaps.window", "egemaps, a window by itself"),
        ("egemaps.tick", "egemaps, tick, hop 0.5 s"),
    ),
    "ComParE_2016": (
        ("compare.window", "compare260, a window by itself"),
        ("compare.tick", "compare260, tick, hop 0.5 s"),
    ),
}
# What is measured on every instruction set.
BY_INSTRUCTION_SET = (
    ("openl3.network", "OpenL3 network"),
    ("musicnn.tick", "MusiCNN tick, hop 0.5 s"),
    ("musicnn.tick.50ms", "MusiCNN tick, hop 0.05 s"),
)
TWO_THREADS = "openl3.network.2threads"
TIMED_ALONE = (
    ("openl3.frontend", "OpenL3 front end"),
    ("musicnn.frontend", "MusiCNN front end, hop 0.5 s"),
    ("egemaps.tick", "egemaps tick, hop 0.5 s"),
    ("compare.tick", "compare260 tick, hop 0.5 s"),
    ("mid.tick", "mid tick, hop 0.5 s"),
    ("head.mlp", "emotion model"),
    ("openl3.reference", "OpenL3 network, reference version"),
    ("musicnn.reference", "MusiCNN patch, reference version"),
    ("kernel.multiply", "kernel: product 48 x 512 x 512"),
    ("kernel.winograd4", "kernel: F(4x4) 128 x 99 x 128 to 128, pooled"),
    ("kernel.winograd6", "kernel: F(6x6) of the same"),
    ("kernel.onechannel", "kernel: one channel 256 x 199 to 64"),
)


@dataclass(frozen=True)
class Comparison:
    """The times of both sides, in seconds, and their errors."""

    name: str
    what: str
    ours: list[float]
    theirs: list[float]
    our_error: float | None
    their_error: float | None

    @property
    def our_median(self) -> float:
        return statistics.median(self.ours)

    @property
    def their_median(self) -> float:
        return statistics.median(self.theirs)

    @property
    def ratio(self) -> float:
        """How many times faster we are."""
        return self.their_median / self.our_median


@dataclass(frozen=True)
class Timing:
    name: str
    what: str
    seconds: list[float]
    error: float | None = None


@dataclass(frozen=True)
class InstructionSet:
    name: str
    peak_gflops: float | None
    comparison: Comparison


@dataclass
class Figures:
    """All that was measured; figures that are not there have a note."""

    one_thread: list[Comparison] = field(default_factory=list)
    two_threads: list[Comparison] = field(default_factory=list)
    descriptors: list[Comparison] = field(default_factory=list)
    voice_descriptors: list[Comparison] = field(default_factory=list)
    alone: list[Timing] = field(default_factory=list)
    instruction_sets: list[InstructionSet] = field(default_factory=list)
    peak_gflops: dict[str, float] = field(default_factory=dict)
    start_up_seconds: float | None = None
    resident_bytes: int | None = None
    service: list[ServiceFigures] = field(default_factory=list)
    analysis_one_core: float | None = None
    analysis_two_cores: float | None = None
    notes: list[str] = field(default_factory=list)


# Measuring


class Rival(Protocol):
    """Something that computes the same as a benchmark of ours."""

    error: float | None

    def run(self) -> float:
        """Computes it once and says how many seconds that took."""
        ...


class Opponent:
    """A network in onnxruntime, checked, ready to be timed on the current cores."""

    def __init__(
        self,
        network: Network,
        check: Callable[[np.ndarray, np.ndarray], float],
        threads: int = 1,
    ) -> None:
        self._network = network
        self._session = network.session(threads)
        self.error = check(network.embedding(self._session), network.golden)

    def run(self) -> float:
        start = time.perf_counter()
        self._network.embedding(self._session)
        return time.perf_counter() - start


def compare(
    child: BenchChild, name: str, what: str, opponent: Rival, rounds: int
) -> Comparison:
    """Turn by turn, one run each. Raises UnknownBenchmark."""
    child.run(name, WARM_UPS)
    for _ in range(WARM_UPS):
        opponent.run()
    ours: list[float] = []
    theirs: list[float] = []
    error: float | None = None
    end = time.monotonic() + COMPARISON_SECONDS
    while len(ours) < rounds and (len(ours) < FEWEST_ROUNDS or time.monotonic() < end):
        theirs.append(opponent.run())
        reply = child.run(name, 1)
        ours += reply.seconds
        error = reply.error
    return Comparison(name, what, ours, theirs, error, opponent.error)


def time_alone(child: BenchChild, name: str, what: str, rounds: int) -> Timing:
    warm_up = statistics.median(child.run(name, WARM_UPS).seconds)
    affordable = int(REQUEST_SECONDS / max(warm_up, 1e-9))
    reply = child.run(name, max(1, min(rounds, affordable)))
    return Timing(name, what, reply.seconds, reply.error)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="affectbench-") as name:
        yield Path(name)


def version(program: Path) -> tuple[int, int] | None:
    """Something that changes when the program is built anew; None without it."""
    try:
        status = program.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def busy_seconds(cores: Set[int]) -> float:
    """Time that these cores have worked since the boot, stolen time included."""
    names = {f"cpu{core}" for core in cores}
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name in names:
            user, nice, system, _idle, _waiting, interrupts, soft, stolen = map(
                int, fields[:8]
            )
            ticks += user + nice + system + interrupts + soft + stolen
    return ticks / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    """Processor time of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def busy(core: int) -> Iterator[None]:
    """Keeps a core busy with a process that only counts."""
    with pinned({core}):
        spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        spinner.kill()
        spinner.wait()


class Measurement:
    """Fills `figures` step by step."""

    def __init__(
        self,
        program: Path,
        core: int,
        other_core: int | None,
        rounds: int,
        instructions: str | None = None,
    ) -> None:
        # Its neighbours are the other programs.
        self._program = program
        self._core = core
        self._other = other_core
        self._rounds = rounds
        # None for the best that there is.
        self._instructions = instructions
        self._openl3 = load_openl3(ROOT)
        self._musicnn = load_musicnn(ROOT)
        self.figures = Figures()

    def measure_all(self) -> None:
        programs = [self._program.with_name(name) for name in PROGRAMS]
        before = [version(program) for program in programs]
        self._measure_steps()
        for program, known in zip(programs, before, strict=True):
            if version(program) != known:
                self._note(
                    f"{program.name} was built anew meanwhile: "
                    "its figures are of two versions"
                )

    def _measure_steps(self) -> None:
        with pinned({self._core}):
            with self._step("one thread"):
                available = self._one_thread()
            with self._step("descriptors"):
                self._descriptors()
            for kernels in available:
                with self._step(f"instruction set {kernels}"):
                    self._instruction_set(kernels)
        if self._other is None:
            self._note("two threads: left out, there is only one core")
        else:
            with self._step("two threads"):
                self._two_threads(self._other)
        with self._step("start-up and memory"):
            self._daemon()
        with self._step("the service"):
            self._service()
        with self._step("analysis of files"):
            self._analysis()

    def _one_thread(self) -> list[str]:
        """Returns the instruction sets that this machine can use."""
        openl3 = Opponent(self._openl3, check_openl3)
        musicnn = Opponent(self._musicnn, check_musicnn)
        with BenchChild(self._program, self._instructions) as child:
            self.figures.peak_gflops = child.peak_gflops
            for names, opponent in (
                (COMPARED_WITH_OPENL3, openl3),
                (COMPARED_WITH_MUSICNN, musicnn),
            ):
                for name, what in names:
                    with self._noting_unknown(name):
                        result = compare(child, name, what, opponent, self._rounds)
                        self.figures.one_thread.append(result)
            for name, what in TIMED_ALONE:
                with self._noting_unknown(name):
                    self.figures.alone.append(
                        time_alone(child, name, what, self._rounds)
                    )
            return child.available

    def _descriptors(self) -> None:
        librosa = LibrosaOpponent(ROOT)
        with BenchChild(self._program, self._instructions) as child:
            for name, what in COMPARED_WITH_LIBROSA:
                with self._noting_unknown(name):
                    result = compare(child, name, what, librosa, self._rounds)
                    self.figures.descriptors.append(result)
            for peer, names in COMPARED_WITH_OPENSMILE.items():
                try:
                    smile = OpenSMILEOpponent(ROOT, peer)
                except ImportError:
                    self._note(
                        f"openSMILE's {peer}: left out, it is not installed. Its "
                        "licence allows research only: "
                        ".build/bench-venv/bin/pip install opensmile==2.6.0"
                    )
                    continue
                for name, what in names:
                    with self._noting_unknown(name):
                        result = compare(child, name, what, smile, self._rounds)
                        self.figures.voice_descriptors.append(result)

    def _instruction_set(self, kernels: str) -> None:
        openl3 = Opponent(self._openl3, check_openl3)
        musicnn = Opponent(self._musicnn, check_musicnn)
        with BenchChild(self._program, kernels) as child:
            if child.instruction_set != kernels:
                raise BenchError(
                    f"{self._program.name} was told to use {kernels} "
                    f"but uses {child.instruction_set}"
                )
            for name, what in BY_INSTRUCTION_SET:
                with self._noting_unknown(f"{name} with {kernels}"):
                    opponent = openl3 if name.startswith("openl3") else musicnn
                    result = compare(child, name, what, opponent, self._rounds)
                    peak = child.peak_gflops.get(kernels)
                    self.figures.instruction_sets.append(
                        InstructionSet(kernels, peak, result)
                    )

    def _two_threads(self, other: int) -> None:
        with pinned({self._core, other}):
            openl3 = Opponent(self._openl3, check_openl3, threads=2)
            with (
                BenchChild(self._program, self._instructions) as child,
                self._noting_unknown(TWO_THREADS),
            ):
                free = "OpenL3 network, both cores free"
                result = compare(child, TWO_THREADS, free, openl3, self._rounds)
                self.figures.two_threads.append(result)
                with busy(other):
                    half = "OpenL3 network, the other core busy"
                    result = compare(child, TWO_THREADS, half, openl3, self._rounds)
                    self.figures.two_threads.append(result)
            # onnxruntime's default, a little faster here. See Network.session.
            session = self._openl3.session(2, spinning=True)
            seconds: list[float] = []
            for _ in range(WARM_UPS + self._rounds):
                start = time.perf_counter()
                self._openl3.embedding(session)
                seconds.append(time.perf_counter() - start)
            what = "onnxruntime's OpenL3, 2 threads, spinning"
            timing = Timing(
                "onnxruntime.openl3.2threads.spinning", what, seconds[WARM_UPS:]
            )
            self.figures.alone.append(timing)

    def _daemon(self) -> None:
        program = self._program.with_name("affectd")
        if not program.exists():
            self._note("start-up and memory: left out, affectd is not built")
            return
        with temporary_folder() as folder:
            self.figures.start_up_seconds = start_up_seconds(program, folder)
            self.figures.resident_bytes = resident_bytes(program, folder)

    def _service(self) -> None:
        program = self._program.with_name("affectctl")
        if not program.exists() or not self._program.with_name("affectd").exists():
            self._note("the service: left out, affectd or affectctl is not built")
            return
        self.figures.service = service_figures(program, self._instructions)

    def _analysis(self) -> None:
        program = self._program.with_name("affectctl")
        if not program.exists():
            self._note("analysis of files: left out, affectctl is not built")
            return
        with temporary_folder() as folder:
            files = [folder / "a.wav", folder / "b.wav"]
            for file in files:
                write_wave(file)
            core = {self._core}
            self.figures.analysis_one_core = analysis_seconds(program, files[:1], core)
            if self._other is not None:
                both = core | {self._other}
                self.figures.analysis_two_cores = analysis_seconds(program, files, both)

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        """Says what goes on, and notes whether other programs were in the way."""
        print(f"measuring: {what}", file=sys.stderr, flush=True)
        cores = {self._core} if self._other is None else {self._core, self._other}
        start, busy_before, own_before = (
            time.monotonic(),
            busy_seconds(cores),
            own_seconds(),
        )
        yield
        others = (busy_seconds(cores) - busy_before) - (own_seconds() - own_before)
        share = others / (time.monotonic() - start)
        if share > DISTURBED:
            self._note(
                f"{what}: other programs took {share:.2f} of a core meanwhile; "
                "measure again on a quiet machine"
            )

    @contextmanager
    def _noting_unknown(self, name: str) -> Iterator[None]:
        try:
            yield
        except UnknownBenchmark as error:
            self._note(f"{name}: left out, {self._program.name} says: {error}")

    def _note(self, text: str) -> None:
        self.figures.notes.append(text)


# The machine


def cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return "unknown"


def governor(core: int) -> str:
    path = Path(f"/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor")
    try:
        return path.read_text().strip()
    except OSError:
        return "not readable"


def machine(core: int, other: int | None, cores: Set[int]) -> dict[str, object]:
    return {
        "cpu": cpu_model(),
        "cores": len(cores),
        "core": core,
        "other core": other,
        "governor": governor(core),
        "onnxruntime": onnxruntime.__version__,
        "librosa": version_of("librosa"),
        "opensmile": version_of("opensmile"),
        "kernel": os.uname().release,
        "load before": round(os.getloadavg()[0], 2),
    }


# The report


def milliseconds(seconds: float) -> str:
    value = 1e3 * seconds
    return (
        f"{value:.1f}"
        if value >= 100
        else f"{value:.2f}"
        if value >= 1
        else f"{value:.4f}"
    )


def small(value: float | None) -> str:
    return "" if value is None else f"{value:.1e}"


def table(rows: list[list[str]]) -> str:
    """Aligned columns: the first to the left, the others to the right.

    The first row is the head.
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [
            cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def comparison_table(head: str, them: str, comparisons: list[Comparison]) -> str:
    columns = ["ours ms", f"{them} ms", f"{them}/ours", "our error", f"{them} error"]
    rows = [[head, *columns]]
    for item in comparisons:
        rows.append(
            [
                item.what,
                milliseconds(item.our_median),
                milliseconds(item.their_median),
                f"{item.ratio:.2f}",
                small(item.our_error),
                small(item.their_error),
            ]
        )
    return table(rows)


def gflops(seconds: float) -> float:
    """The rate of direct convolutions that would take as long."""
    return 2 * OPENL3_MACS / seconds / 1e9


def instruction_set_table(figures: Figures) -> str:
    """A share above 100 % takes fewer operations than direct convolution."""

    def share(item: InstructionSet) -> str:
        if not item.peak_gflops or not item.comparison.name.startswith("openl3"):
            return ""
        rate = gflops(item.comparison.our_median)
        return f"{100 * rate / item.peak_gflops:.0f} %"

    rows = [["by instruction set", "ours ms", "ORT ms", "ORT/ours", "ours/peak"]]
    for item in figures.instruction_sets:
        rows.append(
            [
                f"{item.name}: {item.comparison.what}",
                milliseconds(item.comparison.our_median),
                milliseconds(item.comparison.their_median),
                f"{item.comparison.ratio:.2f}",
                share(item),
            ]
        )
    return table(rows)


def service_table(figures: Figures) -> str:
    """The whole daemon; beside it what onnxruntime takes for the network alone."""
    patch = next(
        item.their_median for item in figures.one_thread if item.name == "musicnn.patch"
    )
    rows = [
        [
            "affectd, values/s",
            "core",
            "wake-ups/s",
            "latency p50",
            "p99 ms",
            "network p50",
            "p99 ms",
            "ORT ms",
            "ORT share",
            "MiB",
        ]
    ]
    for item in figures.service:
        rows.append(
            [
                f"{1 / item.hop:.0f}",
                f"{100 * item.share:.1f} %",
                f"{item.wake_ups:.0f}",
                milliseconds(item.latency_p50),
                milliseconds(item.latency_p99),
                milliseconds(item.network_p50),
                milliseconds(item.network_p99),
                milliseconds(patch),
                f"{100 * patch / item.hop:.1f} %",
                f"{item.resident_bytes / 2**20:.1f}",
            ]
        )
    return table(rows)


def program_table(figures: Figures) -> str | None:
    rows: list[list[str]] = [["programs", ""]]
    if figures.start_up_seconds is not None:
        rows.append(
            [
                "affectd: start to listening",
                f"{milliseconds(figures.start_up_seconds)} ms",
            ]
        )
    if figures.resident_bytes is not None:
        rows.append(
            ["affectd: resident memory", f"{figures.resident_bytes / 2**20:.1f} MiB"]
        )
    for seconds, audio, what in (
        (figures.analysis_one_core, WAVE_SECONDS, "one 45 s file, one core"),
        (figures.analysis_two_cores, 2 * WAVE_SECONDS, "two 45 s files, two cores"),
    ):
        if seconds is not None:
            speed = f"{seconds:.2f} s, {audio / seconds:.0f} × real time"
            rows.append([f"affectctl analyze: {what}", speed])
    return table(rows) if len(rows) > 1 else None


def report(figures: Figures, about: dict[str, object]) -> str:
    parts = ["\n".join(f"{key:13} {value}" for key, value in about.items())]
    if figures.one_thread:
        parts.append(comparison_table("one thread", "ORT", figures.one_thread))
    if figures.descriptors:
        parts.append(comparison_table("descriptors", "librosa", figures.descriptors))
    if figures.voice_descriptors:
        parts.append(
            comparison_table(
                "descriptors of 1 s", "openSMILE", figures.voice_descriptors
            )
        )
    if figures.two_threads:
        parts.append(comparison_table("two threads", "ORT", figures.two_threads))
    if figures.instruction_sets:
        parts.append(instruction_set_table(figures))
    if figures.alone:
        rows = [["alone", "ms", "error"]]
        for item in figures.alone:
            median = statistics.median(item.seconds)
            rows.append([item.what, milliseconds(median), small(item.error)])
        parts.append(table(rows))
    if figures.service and figures.one_thread:
        parts.append(service_table(figures))
    if (programs := program_table(figures)) is not None:
        parts.append(programs)
    parts.append(
        "Medians. ORT is onnxruntime. It computes the network without a front end;\n"
        "for a MusiCNN tick, the whole patch.\n"
        "It always uses the best instruction set that it knows for this machine.\n"
        "Latency is from the read that completes a hop to the packet.\n"
        "The share of ORT is that of its network alone, once per hop.\n"
        "librosa and openSMILE compute the whole window, as one would without "
        "affectd.\n"
        "Errors are relative (L2) to the stored embedding.\n"
        "GFLOP/s count the operations of direct convolution. The peaks are measured."
    )
    if figures.notes:
        parts.append("\n".join(f"Note: {note}" for note in figures.notes))
    return "\n\n".join(parts)


def as_json(figures: Figures, about: dict[str, object]) -> str:
    """Every single time, not only the medians."""

    def comparison(item: Comparison) -> dict[str, object]:
        medians = {
            "our_median": item.our_median,
            "their_median": item.their_median,
            "ratio": item.ratio,
        }
        return asdict(item) | medians

    values = asdict(figures)
    values["one_thread"] = [comparison(item) for item in figures.one_thread]
    values["two_threads"] = [comparison(item) for item in figures.two_threads]
    values["descriptors"] = [comparison(item) for item in figures.descriptors]
    values["voice_descriptors"] = [
        comparison(item) for item in figures.voice_descriptors
    ]
    values["alone"] = [
        asdict(item) | {"median": statistics.median(item.seconds)}
        for item in figures.alone
    ]
    values["instruction_sets"] = [
        {
            "name": item.name,
            "peak_gflops": item.peak_gflops,
            "comparison": comparison(item.comparison),
        }
        for item in figures.instruction_sets
    ]
    return json.dumps({"machine": about, **values}, indent=2) + "\n"


# The command line


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    cores = os.sched_getaffinity(0)
    parser = argparse.ArgumentParser(
        description="Compares affectd with onnxruntime, librosa and openSMILE."
    )
    parser.add_argument(
        "--program", type=Path, required=True, help="the affectbench program"
    )
    parser.add_argument(
        "--core", type=int, default=max(cores), help="the core to measure on"
    )
    parser.add_argument(
        "--rounds", type=int, default=15, help="runs of each side (default: 15)"
    )
    parser.add_argument(
        "--instructions",
        metavar="NAME",
        help="measure as a smaller processor would: portable or avx2",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write all figures to this file"
    )
    options = parser.parse_args(arguments)
    if options.core not in cores:
        parser.error(f"--core must be one of {', '.join(map(str, sorted(cores)))}")
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    # Told now, and not after minutes of measuring.
    if options.json and not options.json.parent.is_dir():
        parser.error(f"there is no folder {options.json.parent}")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    cores = os.sched_getaffinity(0)
    other = min(cores - {options.core}, default=None)
    try:
        about = machine(options.core, other, cores)
        measurement = Measurement(
            options.program.resolve(),
            options.core,
            other,
            options.rounds,
            options.instructions,
        )
        measurement.measure_all()
        figures = measurement.figures
        about |= {
            f"{name} peak": f"{value:.1f} GFLOP/s"
            for name, value in figures.peak_gflops.items()
        }
        print(report(figures, about))
        if options.json:
            options.json.write_text(as_json(figures, about))
    except (BenchError, NetworkError, OSError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
