#!/usr/bin/env python3
"""Trains learners of other projects on a table of samples, fold by fold, and prints how well they predict.

usage: peer_learners.py --samples FILE [--classes]

The table is what `affectctl compare --samples FILE` writes: CSV with a header. Without `--classes`: the columns song,
fold, learned, valence, arousal, then the inputs, by any names; one or several rows for each song. For each
fold, xgboost, a random forest and support vector regression learn each target from those rows of the other folds
where learned is 1, and predict the rows left out. Predictions (and
targets) are averaged for each song. Printed are, over the songs of all folds together, Pearson's r, R² and RMSE.

With `--classes`: the columns song, fold, learned, repeat, quadrant, then the inputs. A song is there once for each repeat.
Support vector classification learns the quadrant for each fold of each repeat. Printed are mean and standard
deviation of macro-F1 over all folds.

Inputs of the support vector machines are standardised by the rows learned from; for regression they are then limited
to ±5. Standard deviations are those of the population.

Needs, in an environment of its own (BSD and Apache-2.0 licences):

    pip install numpy==2.4.6 scikit-learn==1.9.1 xgboost==3.2.0

Exit codes: 0 done, 1 it failed (the reason is on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xgboost
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import f1_score
from sklearn.svm import SVC, SVR

TARGETS = ("valence", "arousal")
LIMIT = 5


class SamplesError(Exception):
    """The table cannot be used; the text says why."""


@dataclass(frozen=True)
class Samples:
    """A table: its named columns (song as text, the others as numbers) and the inputs [rows × inputs]."""

    columns: dict[str, np.ndarray]
    inputs: np.ndarray


def read_samples(path: Path, names: tuple[str, ...]) -> Samples:
    """Reads a table with the columns `names`; all others are inputs."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        missing = [name for name in names if name not in header]
        if missing:
            raise SamplesError(f"{path}: no column {', '.join(missing)}")
        if len(set(header)) != len(header):
            raise SamplesError(f"{path}: two columns have the same name")
        body = [row for row in rows if row]
    numbers = [column for column, name in enumerate(header) if name != "song"]
    for line, row in enumerate(body, 2):
        if len(row) != len(header):
            raise SamplesError(f"{path}: row {line} has {len(row)} fields, not {len(header)}")
    try:
        values = np.array([[float(row[column]) for column in numbers] for row in body])
    except ValueError as error:
        raise SamplesError(f"{path}: {error}") from error
    if not len(body) or not np.isfinite(values).all():
        raise SamplesError(f"{path}: no rows, or a value that is not finite")
    positions = {header[column]: position for position, column in enumerate(numbers)}
    columns = {name: values[:, positions[name]] for name in names if name != "song"}
    columns["song"] = np.array([row[header.index("song")] for row in body])
    inputs = values[:, [position for name, position in positions.items() if name not in names]]
    if not inputs.shape[1]:
        raise SamplesError(f"{path}: no inputs")
    if len(np.unique(columns["fold"])) < 2:
        raise SamplesError(f"{path}: fewer than two folds")
    return Samples(columns, inputs)


def standardised(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scales both by mean and standard deviation of `train`; a constant input becomes 0 there."""
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1)
    return (train - mean) / deviation, (test - mean) / deviation


# A learner takes inputs and a target to learn from and inputs to predict for.
Learner = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def boosted_trees(x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    model = xgboost.train(
        {
            "objective": "reg:squarederror", "max_depth": 4, "eta": 0.05, "subsample": 0.8, "colsample_bytree": 0.8,
            "lambda": 1, "seed": 1, "nthread": 2},
        xgboost.DMatrix(x, y), num_boost_round=300)
    return model.predict(xgboost.DMatrix(test))


def random_forest(x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    model = RandomForestRegressor(300, max_features=1 / 3, min_samples_leaf=5, n_jobs=2, random_state=1)
    return model.fit(x, y).predict(test)


def support_vectors(x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    x, test = (np.clip(array, -LIMIT, LIMIT) for array in standardised(x, test))
    return SVR(kernel="rbf", C=1, epsilon=0.1 * y.std(), gamma=1 / x.shape[1]).fit(x, y).predict(test)


LEARNERS: dict[str, Learner] = {"xgboost": boosted_trees, "forest": random_forest, "svr": support_vectors}


def song_means(songs: np.ndarray, values: np.ndarray) -> np.ndarray:
    _, index = np.unique(songs, return_inverse=True)
    return np.bincount(index, values) / np.bincount(index)


def left_out(samples: Samples, target: str, learner: Learner) -> np.ndarray:
    """Predicts every row by a model that has not seen its fold."""
    folds, y = samples.columns["fold"], samples.columns[target]
    predictions = np.zeros(len(y))
    for fold in np.unique(folds):
        out = folds == fold
        rows = ~out & (samples.columns["learned"] == 1)
        predictions[out] = learner(samples.inputs[rows], y[rows], samples.inputs[out])
    return predictions


def agreement(truth: np.ndarray, predictions: np.ndarray) -> str:
    errors = predictions - truth
    r = np.corrcoef(truth, predictions)[0, 1]
    r2 = 1 - (errors**2).sum() / ((truth - truth.mean()) ** 2).sum()
    return f"r {r:.3f}  R² {r2:.3f}  RMSE {np.sqrt((errors**2).mean()):.4f}"


def compare_regression(samples: Samples) -> None:
    songs = samples.columns["song"]
    pairs = np.unique(np.stack([songs, samples.columns["fold"].astype(str)]), axis=1)
    if pairs.shape[1] != len(np.unique(songs)):
        raise SamplesError("a song is in several folds")
    for name, learner in LEARNERS.items():
        line = f"{name:8}"
        for target in TARGETS:
            truth = song_means(songs, samples.columns[target])
            predictions = song_means(songs, left_out(samples, target, learner))
            line += f" {target} {agreement(truth, predictions)}  "
        print(line.rstrip(), flush=True)


def compare_classes(samples: Samples) -> None:
    columns = samples.columns
    labels = columns["quadrant"].astype(int)
    classes = np.unique(labels)
    scores = []
    for repeat in np.unique(columns["repeat"]):
        inside = columns["repeat"] == repeat
        if len(np.unique(columns["song"][inside])) != inside.sum():
            raise SamplesError(f"repeat {repeat:g}: a song is there twice")
        for fold in np.unique(columns["fold"][inside]):
            train, test = inside & (columns["fold"] != fold), inside & (columns["fold"] == fold)
            x, held_out = standardised(samples.inputs[train], samples.inputs[test])
            predictions = SVC(kernel="rbf", C=2, gamma=0.005).fit(x, labels[train]).predict(held_out)
            scores.append(f1_score(labels[test], predictions, labels=classes, average="macro", zero_division=0))
    print(f"svc      macro-F1 {np.mean(scores):.4f}, sd {np.std(scores, ddof=1):.4f} over {len(scores)} folds")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Trains learners of other projects on a table of samples.")
    parser.add_argument("--samples", type=Path, required=True, metavar="FILE", help="the table, CSV")
    parser.add_argument("--classes", action="store_true", help="learn quadrants instead of valence and arousal")
    options = parser.parse_args(arguments)
    try:
        if options.classes:
            compare_classes(read_samples(options.samples, ("song", "fold", "learned", "repeat", "quadrant")))
        else:
            compare_regression(read_samples(options.samples, ("song", "fold", "learned", *TARGETS)))
    except (SamplesError, OSError, UnicodeDecodeError) as error:
        print(f"peer_learners: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
