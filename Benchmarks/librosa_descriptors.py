"""librosa's side of the comparison: the 386 descriptors of a window of 3 s.

They are computed as `tools/make_librosa_fixture.py` does it for the tests, which
is how librosa's documentation has it, in single precision and on one thread.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from threadpoolctl import threadpool_limits


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
