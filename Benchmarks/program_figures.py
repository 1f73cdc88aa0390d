"""Figures of the programs themselves: start-up, memory, the service, analysis."""

from __future__ import annotations

import json
import os
import select
import statistics
import subprocess
import time
import wave
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench_child import BenchError, pinned

LISTENING = b"affectd: listening to"
START_TIMEOUT = 30.0
STARTS = 10
RUN_BEFORE_MEMORY = 5.0

WAVE_RATE = 44_100
WAVE_SECONDS = 45
ANALYSES = 3
ANALYSIS_TIMEOUT = 300.0


@contextmanager
def running_daemon(
    program: Path, folder: Path
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A daemon with its default model that listens to a tone.

    The number is the seconds from its start until it listened.
    """
    socket = folder / "affectd.sock"
    arguments = ["--input", "tone:440", "--socket", str(socket), "--osc", "127.0.0.1:9"]
    # The user's own configuration stays out of it.
    environment = os.environ | {"XDG_CONFIG_HOME": "/proc/nonexistent"}
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    )
    try:
        wait_until_listening(process)
        yield process, time.perf_counter() - start
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()


def wait_until_listening(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr
    descriptor = process.stderr.fileno()
    deadline = time.monotonic() + START_TIMEOUT
    text = b""
    while not any(line.startswith(LISTENING) for line in text.splitlines()):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            raise BenchError(f"affectd was not listening after {START_TIMEOUT:.0f} s")
        data = os.read(descriptor, 65536)
        if not data:
            raise BenchError(
                f"affectd ended at its start: {text.decode(errors='replace').strip()}"
            )
        text += data


def start_up_seconds(program: Path, folder: Path) -> float:
    """The median of ten starts."""
    seconds = []
    for _ in range(STARTS):
        with running_daemon(program, folder) as (_, start):
            seconds.append(start)
    return statistics.median(seconds)


def resident_bytes(program: Path, folder: Path) -> int:
    """VmRSS after five seconds of run."""
    with running_daemon(program, folder) as (process, _):
        time.sleep(RUN_BEFORE_MEMORY)
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError as error:
            raise BenchError("affectd ended while its memory was watched") from error
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise BenchError("affectd ended while its memory was watched")


def write_wave(path: Path) -> None:
    """45 s of stereo that changes every second: three tones and some noise.

    The same in every run.
    """
    random = np.random.default_rng(1)
    time_axis = np.arange(WAVE_RATE) / WAVE_RATE
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(WAVE_RATE)
        for _ in range(WAVE_SECONDS):
            pitches = 110 * 2 ** (random.integers(0, 36, size=3) / 12)
            tones = np.sin(2 * np.pi * pitches[:, None] * time_axis).sum(axis=0)
            fade = np.exp(-2 * time_axis)
            noise = random.standard_normal((WAVE_RATE, 2))
            sound = 0.2 * (tones * fade)[:, None] + 0.02 * noise
            file.writeframes((32767 * sound.clip(-1, 1)).astype("<i2").tobytes())


def analysis_seconds(program: Path, files: list[Path], cores: Set[int]) -> float:
    """Seconds of `affectctl analyze` on these files, the median of three."""
    seconds = []
    with pinned(cores):
        for _ in range(ANALYSES):
            start = time.perf_counter()
            try:
                result = subprocess.run(
                    [program, "analyze", *files],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    timeout=ANALYSIS_TIMEOUT,
                )
            except subprocess.TimeoutExpired:
                raise BenchError(
                    f"affectctl analyze did not end within {ANALYSIS_TIMEOUT:.0f} s"
                ) from None
            seconds.append(time.perf_counter() - start)
            if result.returncode:
                text = result.stderr.decode(errors="replace").strip()
                raise BenchError(
                    f"affectctl analyze failed ({result.returncode}): {text}"
                )
    return statistics.median(seconds)


HOPS = (0.5, 0.1, 0.05)
SERVICE_SECONDS = 20
SERVICE_TIMEOUT = 300.0


@dataclass(frozen=True)
class ServiceFigures:
    """The whole daemon at one hop, seconds; the share is of one core."""

    hop: float
    share: float
    wake_ups: float
    latency_p50: float
    latency_p99: float
    network_p50: float
    network_p99: float
    resident_bytes: int


def service_figures(affectctl: Path, instructions: str | None) -> list[ServiceFigures]:
    """What `affectctl bench service` says of the steady state, hop by hop."""
    command = [str(affectctl), "bench", "service", "--json", "--quiet"]
    command += ["--seconds", str(SERVICE_SECONDS), "--delivery-ticks", "20"]
    for hop in HOPS:
        command += ["--hop", str(hop)]
    if instructions:
        command += ["--instructions", instructions]
    result = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SERVICE_TIMEOUT,
    )
    if result.returncode != 0:
        raise BenchError(f"{' '.join(command)}: {result.stderr.strip()}")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    return [
        ServiceFigures(
            hop=line["hop"],
            share=line["processor_share"],
            wake_ups=line["wake_ups"],
            latency_p50=line["audio_to_packet"]["p50"],
            latency_p99=line["audio_to_packet"]["p99"],
            network_p50=line["network"]["p50"],
            network_p99=line["network"]["p99"],
            resident_bytes=line["resident_bytes_after"],
        )
        for line in lines
        if line["type"] == "steady"
    ]
