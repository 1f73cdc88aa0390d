"""Runs examples/spark on a local cluster, one of whose workers is killed in the middle,
and the conversions that docs/recipes/collections.md names.

    spark.py PYTHON AFFECTCTL

PYTHON is that of an environment with pyspark. A master and two workers are
started on the loopback interface; the rows of the Spark job have to be those of
one machine, and a second run finds nothing left to do.
"""

from __future__ import annotations

import array
import csv
import json
import math
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
JOB = ROOT / "examples" / "spark" / "analyze_collection.py"
SONGS = 40
BATCH = 4
TIMEOUT = 240.0


def write_songs(folder: Path) -> list[str]:
    """Short pieces, no two alike, one file that is none, and one that is absent."""
    rng = random.Random(1)
    paths = []
    for number in range(SONGS):
        samples = array.array("h")
        for index in range(12 * 16_000):
            time_ = index / 16_000
            tone = math.sin(2 * math.pi * (110 + 7 * number) * time_)
            value = tone * math.exp(-(time_ % 0.5) * (1 + number % 5))
            samples.append(int(16_000 * value + rng.uniform(-300, 300)))
        path = folder / f"song {number}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16_000)
            file.writeframes(samples.tobytes())
        paths.append(str(path))
    (folder / "broken.wav").write_text("no sound")
    return [*paths[:7], str(folder / "broken.wav"), *paths[7:], str(folder / "absent.mp3")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A master and two workers with a core each."""

    def __init__(self, python: str, work: Path) -> None:
        home = subprocess.run(
            [python, "-c", "import pyspark; print(pyspark.__path__[0])"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        self.environment = os.environ | {
            "SPARK_HOME": home,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(work / "scratch"),
            "PYSPARK_PYTHON": python,
        }
        self.submit = f"{home}/bin/spark-submit"
        port = free_port()
        self.url = f"spark://127.0.0.1:{port}"
        self._command = [f"{home}/bin/spark-class"]
        self.processes = [
            self._start(
                work / "master.log",
                "org.apache.spark.deploy.master.Master",
                ["--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"],
            )
        ]
        for number in range(2):
            folder = work / f"worker{number}"
            folder.mkdir()
            arguments = ["--host", "127.0.0.1", "--webui-port", "0", "--cores", "1"]
            arguments += ["--memory", "1g", "--work-dir", str(folder), self.url]
            self.processes.append(
                self._start(
                    work / f"worker{number}.log",
                    "org.apache.spark.deploy.worker.Worker",
                    arguments,
                )
            )
        for number in range(2):
            wait_for(work / f"worker{number}.log", "Successfully registered")

    def _start(self, log: Path, name: str, arguments: list[str]) -> subprocess.Popen:
        with log.open("w") as output:
            return subprocess.Popen(
                [*self._command, name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment,
                start_new_session=True,
            )

    def kill_worker(self) -> None:
        """The last one, with the executors that it has started."""
        os.killpg(self.processes.pop().pid, signal.SIGKILL)

    def close(self) -> None:
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(log: Path, text: str) -> None:
    end = time.monotonic() + 60
    while text not in log.read_text():
        if time.monotonic() > end:
            raise SystemExit(f"spark.py: {log.name} does not say '{text}'")
        time.sleep(0.2)


def run_job(
    cluster: Cluster, arguments: list[str], kill_after: int | None = None
) -> tuple[str, bool]:
    """What the job prints, and whether a worker was killed on the way."""
    command = [cluster.submit, "--master", cluster.url]
    command += ["--conf", "spark.executor.cores=1", "--conf", "spark.executor.memory=512m"]
    command += ["--conf", "spark.ui.enabled=false", str(JOB), *arguments]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=cluster.environment,
    )
    assert process.stdout
    end = time.monotonic() + TIMEOUT
    text = ""
    finished = 0
    killed = False
    while True:
        ready, _, _ = select.select([process.stdout], [], [], max(0, end - time.monotonic()))
        if not ready:
            process.kill()
            raise SystemExit(f"spark.py: the job does not end:\n{text[-3000:]}")
        piece = os.read(process.stdout.fileno(), 65_536).decode(errors="replace")
        if not piece:
            break
        text += piece
        finished = len(re.findall(r"Finished task \S+ in stage", text))
        if kill_after is not None and not killed and finished >= kill_after:
            cluster.kill_worker()
            killed = True
    if process.wait() != 0:
        raise SystemExit(f"spark.py: the job failed:\n{text[-3000:]}")
    return text, killed


def convert(python: str, folder: Path) -> int:
    """Runs the page's commands of DuckDB and PyArrow over `folder`/affect.

    Returns how many there were.
    """
    page = (ROOT / "docs" / "recipes" / "collections.md").read_text()
    commands = re.findall(r'^(duckdb|python3) -c "(.*)"$', page, re.MULTILINE)
    for program, text in commands:
        # DuckDB's own program is no package of Python; the module does the same.
        code = "import duckdb, sys; print(duckdb.sql(sys.argv[1]))"
        arguments = ["-c", code, text] if program == "duckdb" else ["-c", text]
        subprocess.run([python, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        if "songs.parquet" in text:
            count = [python, "-c", READ_ROWS, "songs.parquet"]
            rows = subprocess.run(count, cwd=folder, check=True, capture_output=True, text=True)
            assert len(rows.stdout.splitlines()) == SONGS, text
            (folder / "songs.parquet").unlink()
    return len(commands)


READ_ROWS = """
import json, sys, pyarrow.parquet as parquet
for row in parquet.read_table(sys.argv[1]).to_pylist():
    print(json.dumps(row))
"""


def main() -> None:
    python, affectctl = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="affect-spark-") as name:
        work = Path(name)
        paths = write_songs(work)
        (work / "list").write_text("\n".join(paths) + "\n")
        alone = [affectctl, "analyze", "-q", "--files-from", str(work / "list")]
        subprocess.run([*alone, "-o", str(work / "affect")], capture_output=True)
        with (work / "affect" / "songs.csv").open() as file:
            expected = {row["path"]: row for row in csv.DictReader(file)}
        assert len(expected) == SONGS, "one machine"
        assert convert(python, work) == 3, "the page's conversions"

        cluster = Cluster(python, work)
        try:
            arguments = [str(work / "list"), str(work / "table")]
            arguments += ["--affectctl", affectctl, "--batch", str(BATCH)]
            _, killed = run_job(cluster, arguments, kill_after=3)
            assert killed, "no worker was killed"
            again, _ = run_job(cluster, arguments)
        finally:
            cluster.close()
        assert "11 of 11 batches are there already" in again, again[-2000:]

        output = subprocess.run(
            [python, "-c", READ_ROWS, str(work / "table")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        rows = [json.loads(line) for line in output.splitlines()]
        assert sorted(row["path"] for row in rows) == sorted(paths), "paths"
        for row in rows:
            wanted = expected.get(row["path"])
            if wanted is None:
                assert row["error"] and row["valence_mean"] is None, row
                continue
            assert row["error"] is None, row
            for column, cell in wanted.items():
                if row[column] is None:
                    assert cell == "", (row["path"], column)
                elif isinstance(row[column], float):
                    assert float(cell) == row[column], (row["path"], column)
                else:
                    assert cell == row[column], (row["path"], column)
        failed = sum(row["error"] is not None for row in rows)
        print(f"ok: {len(rows)} rows, {failed} of them failures, one worker killed")


if __name__ == "__main__":
    main()
