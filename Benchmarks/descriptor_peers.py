"""The other side of the comparison of descriptors: librosa and openSMILE.

librosa's 386 descriptors of 3 s are computed as `tools/make_librosa_fixture.py`
does it for the tests, which is how librosa's documentation has it, in single
precision and on one thread. openSMILE computes its sets of one second. Its
licence allows research only: `make bench` does not install it, and measures
against it only if it is there.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from threadpoolctl import threadpool_limits

RATE = 16_000


class LibrosaOpponent:
    """librosa, checked, ready to be timed on the current cores."""

    def __init__(self, root: Path) -> None:
        sys.path.insert(0, str(root / "tools"))
        # Some seconds, which those do not wait for who measure something else.
        from make_librosa_fixture import WINDOW, features

        self._features = features
        golden = load_file(root / "Tests/Fixtures/librosa-golden.safetensors")
        start = int(golden["starts"][0])
        self._window = golden["audio"][start : start + WINDOW]
        expected = golden["features"][0]
        difference = self._compute() - expected
        self.error = float(np.linalg.norm(difference) / np.linalg.norm(expected))

    def _compute(self) -> np.ndarray:
        with threadpool_limits(1):
            return self._features(self._window)

    def run(self) -> float:
        with threadpool_limits(1):
            start = time.perf_counter()
            self._features(self._window)
            return time.perf_counter() - start


class OpenSMILEOpponent:
    """openSMILE with one of its sets. Raises ImportError where it is not installed."""

    #: The values are compared by the tests, where they have the same definition.
    error = None

    def __init__(self, root: Path, name: str) -> None:
        import opensmile

        level = (
            opensmile.FeatureLevel.Functionals
            if name == "eGeMAPSv02"
            else opensmile.FeatureLevel.LowLevelDescriptors
        )
        self._smile = opensmile.Smile(opensmile.FeatureSet[name], level)
        golden = load_file(root / "Tests/Fixtures/geneva-golden.safetensors")
        start = int(golden["starts"][0])
        self._window = golden["audio"][start : start + RATE].astype(np.float32)

    def run(self) -> float:
        with threadpool_limits(1):
            start = time.perf_counter()
            self._smile.process_signal(self._window, RATE)
            return time.perf_counter() - start
