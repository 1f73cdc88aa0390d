"""Drives `affectbench`, our side of the comparison, over its standard input and output.

The program first prints one line of JSON (broken in two here):

    {"ready":true,"instructionSet":"avx2","available":["portable","avx2"],
     "peakGFLOPS":{"avx2":110.5}}

Then it reads lines `NAME COUNT`, runs that benchmark COUNT times and answers
with one line each:

    {"name":"openl3.network","seconds":[0.061],"error":0.0000012}

`error` is the relative L2 error against the stored embedding, where there is
one. An unknown name gets `{"error_message":"..."}`. The program ends at the end
of its input.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

REPLY_TIMEOUT = 60.0
EXIT_TIMEOUT = 5.0


class BenchError(Exception):
    """The comparison cannot go on; the text says why."""


class UnknownBenchmark(Exception):
    """The program does not know this name; the text is its own."""


@contextmanager
def pinned(cores: Set[int]) -> Iterator[None]:
    """Keeps this thread, and what it starts, on `cores`."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True)
class Reply:
    seconds: list[float]
    error: float | None


class BenchChild:
    """A running `affectbench`. Its standard error goes to ours."""

    def __init__(
        self, program: Path, kernels: str | None = None, timeout: float = REPLY_TIMEOUT
    ) -> None:
        """Starts on the cores of the calling thread.

        `kernels` forces an instruction set.
        """
        environment = os.environ.copy()
        environment.pop("AFFECTD_KERNELS", None)
        instructions = ["--instructions", kernels] if kernels else []
        self._program = program
        self._timeout = timeout
        self._unread = b""
        try:
            self._process = subprocess.Popen(
                [program, *instructions],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
            )
        except OSError as error:
            raise BenchError(
                f"{program} cannot be started: {error.strerror}"
            ) from error
        try:
            ready = self._read_object("starts")
            if not ready.get("ready"):
                raise BenchError(
                    f"{program.name} did not say that it is ready: {ready}"
                )
            self.instruction_set = str(ready.get("instructionSet", "unknown"))
            self.available = [str(name) for name in ready.get("available", [])]
            peaks: dict[str, float] = ready.get("peakGFLOPS", {})
            self.peak_gflops = {
                str(name): float(value) for name, value in peaks.items()
            }
        except BaseException:
            self._kill()
            raise

    def run(self, name: str, count: int) -> Reply:
        """Runs a benchmark `count` times. Raises UnknownBenchmark or BenchError."""
        assert self._process.stdin
        try:
            self._process.stdin.write(f"{name} {count}\n".encode())
            self._process.stdin.flush()
        except OSError:
            raise self._ended(f"before {name}") from None
        reply = self._read_object(f"runs {name}")
        if "error_message" in reply:
            raise UnknownBenchmark(str(reply["error_message"]))
        seconds = reply.get("seconds")
        if (
            reply.get("name") != name
            or not isinstance(seconds, list)
            or len(seconds) != count
        ):
            raise BenchError(
                f"{self._program.name} gave no answer to {name} {count}: {reply}"
            )
        error = reply.get("error")
        return Reply(
            [float(value) for value in seconds], None if error is None else float(error)
        )

    def __enter__(self) -> BenchChild:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Lets the program end by itself, unless something went wrong."""
        if kind is None:
            assert self._process.stdin
            self._process.stdin.close()
            try:
                self._process.wait(EXIT_TIMEOUT)
            except subprocess.TimeoutExpired:
                pass
        self._kill()

    def _read_object(self, doing: str) -> dict[str, Any]:
        line = self._read_line(doing)
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            text = line.decode(errors="replace")
            raise BenchError(
                f"{self._program.name} wrote something else than JSON: {text[:200]!r}"
            )
        return value

    def _read_line(self, doing: str) -> bytes:
        assert self._process.stdout
        descriptor = self._process.stdout.fileno()
        deadline = time.monotonic() + self._timeout
        while b"\n" not in self._unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise BenchError(
                    f"{self._program.name} has been silent for {self._timeout:.0f} s "
                    f"while it {doing}"
                )
            data = os.read(descriptor, 65536)
            if not data:
                raise self._ended(f"while it {doing}")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _ended(self, when: str) -> BenchError:
        """What to raise once the pipes are closed."""
        try:
            status = self._process.wait(EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            return BenchError(f"{self._program.name} closed its pipes {when}")
        how = f"ended with exit code {status}"
        if status < 0:
            how = f"was ended by signal {-status}"
        return BenchError(f"{self._program.name} {how} {when}")

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass  # what was still to be written has no reader
