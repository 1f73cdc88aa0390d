"""Writes a safetensors file so that it is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save


def write_safetensors(
    path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str]
) -> None:
    """Writes `tensors` as float32 to `path`; an older file is replaced.

    The data goes to a file beside `path` first, which is then renamed. A
    reader never sees half a file, and a failure leaves the older one alone.
    Raises OSError when the folder cannot be written.
    """
    # safetensors stores C order: a transposed view must become contiguous.
    arrays = {
        name: np.ascontiguousarray(array, dtype="<f4")
        for name, array in tensors.items()
    }
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(save(arrays, metadata=dict(metadata)))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
