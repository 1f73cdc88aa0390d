"""Analyzes a collection with affectctl on an Apache Spark cluster.

    spark-submit examples/spark/analyze_collection.py LIST OUTPUT

LIST is a text file with the path of a sound file a line, as the workers see
it. OUTPUT becomes a folder of Parquet files, one partition for each batch of
the list, with a row for each file: the columns of songs.csv and `error`, which
says why a file could not be analyzed. Run it again after an interruption, or
with a longer list: batches that are there already are left alone.

Each worker needs affectctl, pandas and pyarrow: see docs/recipes/collections.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.utils import AnalysisException

NUMBERS = [
    "duration_s",
    "music_s",
    "valence_mean",
    "valence_sd",
    "arousal_mean",
    "arousal_sd",
    "quadrant_1",
    "quadrant_2",
    "quadrant_3",
    "quadrant_4",
    "happiest_at_s",
    "happiest_valence",
    "most_excited_at_s",
    "most_excited_arousal",
    "confidence",
    "level_dbfs",
]
TEXTS = [
    "artist",
    "title",
    "album",
    "mb_trackid",
    "mb_albumid",
    "mb_artistid",
    "remarks",
    "model",
    "version",
    "error",
]
COLUMNS = ["path", *NUMBERS, *TEXTS, "batch"]
SCHEMA = ", ".join(
    ["path string"]
    + [f"{name} double" for name in NUMBERS]
    + [f"{name} string" for name in TEXTS]
    + ["batch int"]
)


def analyze(paths: list[str], affectctl: str, jobs: int) -> list[dict[str, object]]:
    """The rows of these files, on this machine. Raises RuntimeError."""
    with tempfile.TemporaryDirectory(prefix="affect-") as name:
        work = Path(name)
        (work / "list").write_bytes(b"".join(os.fsencode(p) + b"\0" for p in paths))
        command = [affectctl, "analyze", "--quiet", "--json", "--jobs", str(jobs)]
        command += ["--files-from", str(work / "list"), "--output", str(work / "out")]
        # It ends with another status than 0 where a file is bad, too.
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
        try:
            songs = (work / "out" / "songs.jsonl").read_text().splitlines()
            failures = (work / "out" / "failures.csv").read_text()
        except OSError:
            reason = result.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"{' '.join(command)}: {reason}") from None
    rows: list[dict[str, object]] = [json.loads(line) for line in songs]
    for failure in csv.DictReader(failures.splitlines()):
        rows.append({"path": failure["path"], "error": failure["reason"]})
    return rows


def batches_done(spark: SparkSession, output: str) -> dict[int, int]:
    """The batches that are there, and how many rows each has."""
    try:
        counts = spark.read.parquet(output).groupBy("batch").count().collect()
    except AnalysisException:
        return {}
    return {row["batch"]: row["count"] for row in counts}


def analyze_batches(files: DataFrame, affectctl: str, jobs: int) -> DataFrame:
    """A row for each file of `files` (path, batch)."""

    def analyze_frames(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            batch = dict(zip(frame["path"], frame["batch"], strict=True))
            found = analyze(list(batch), affectctl, jobs)
            for row in found:
                row["batch"] = batch[row["path"]]
            # As objects: texts of pandas 3 are chunked, which Spark does not take.
            rows = pd.DataFrame(found, columns=COLUMNS, dtype=object)
            rows[NUMBERS] = rows[NUMBERS].astype("float64")
            yield rows.astype({"batch": "int32"})

    return files.mapInPandas(analyze_frames, schema=SCHEMA)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("list", help="text file with a path a line")
    parser.add_argument("output", help="folder for the Parquet files")
    parser.add_argument("--affectctl", default="affectctl", help="on the workers")
    parser.add_argument("--batch", type=int, default=200, help="files in a batch")
    parser.add_argument(
        "--round", type=int, default=1000, help="batches after which they are written"
    )
    options = parser.parse_args()

    spark = SparkSession.builder.appName("affectctl analyze").getOrCreate()
    # A batch replaces itself only.
    spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
    jobs = int(spark.conf.get("spark.task.cpus", "1"))
    # A run of affectctl for a whole batch, however large.
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(options.batch))

    with open(options.list, encoding="utf-8") as file:
        paths = list(dict.fromkeys(line.rstrip("\r\n") for line in file if line.strip()))
    size = options.batch
    batches = [paths[i : i + size] for i in range(0, len(paths), size)]
    done = batches_done(spark, options.output)
    left = [
        number for number, batch in enumerate(batches) if done.get(number) != len(batch)
    ]
    print(f"{len(batches) - len(left)} of {len(batches)} batches are there already")
    for start in range(0, len(left), options.round):
        numbers = left[start : start + options.round]
        rows = [(path, number) for number in numbers for path in batches[number]]
        files = spark.createDataFrame(rows, "path string, batch int")
        files = files.repartitionByRange(len(numbers), "batch").sortWithinPartitions(
            "batch"
        )
        result = analyze_batches(files, options.affectctl, jobs)
        result.write.mode("overwrite").partitionBy("batch").parquet(options.output)
    spark.stop()


if __name__ == "__main__":
    main()
