"""Writes HDF5 files as Keras does, for the tests of convert_openl3.py."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np

CHANNELS = [1, 64, 64, 128, 128, 256, 256, 512, 512]
BATCH_NORM = ("gamma", "beta", "moving_mean", "moving_variance")

# A layer as Keras writes it: its name, its weights by name.
KerasLayer = tuple[str, dict[str, np.ndarray]]


def random_network() -> list[KerasLayer]:
    """The layers of the network as Keras lists them, with random weights.

    The numbers begin at 6, as in a session that built another model before,
    so that they pass 9: in the order of the alphabet 10 comes before 6.
    """
    generator = np.random.default_rng(20190512)
    layers: list[KerasLayer] = [("input_3", {})]

    def batch_norm(index: int, channels: int) -> KerasLayer:
        values = generator.uniform(0.5, 2, (4, channels)).astype(np.float32)
        return f"batch_normalization_{6 + index}", dict(
            zip(BATCH_NORM, values, strict=True)
        )

    layers.append(batch_norm(0, 1))
    for index, (before, after) in enumerate(pairwise(CHANNELS)):
        name = f"conv2d_{6 + index}" if index < 7 else "audio_embedding_layer"
        shape = (3, 3, before, after)
        kernel = generator.standard_normal(shape, dtype=np.float32)
        bias = generator.standard_normal(after, dtype=np.float32)
        layers.append((name, {"kernel": kernel, "bias": bias}))
        if index < 7:
            layers.append(batch_norm(index + 1, after))
            layers.append((f"activation_{index}", {}))
    return layers


def spectrogram(mel_bands: int = 256) -> KerasLayer:
    """kapre's layer of openl3 0.2: its mel matrix has no name of its own."""
    return "melspectrogram_1", {
        "real_kernels": np.ones((16, 1, 1, 9), np.float32),
        "imag_kernels": np.ones((16, 1, 1, 9), np.float32),
        "Variable": np.ones((9, mel_bands), np.float32),
    }


def write_keras(
    path: Path,
    layers: list[KerasLayer],
    *,
    whole_model: bool = False,
    suffix: str = ":0",
    text_names: bool = False,
) -> Path:
    """Writes an HDF5 file as Keras does, with gzip for a name in .gz."""
    plain = path.with_suffix("") if path.suffix == ".gz" else path

    def encoded(names: list[str]) -> list[str] | np.ndarray:
        return names if text_names else np.array([n.encode() for n in names], "S")

    with h5py.File(plain, "w") as file:
        root = file
        if whole_model:
            file.attrs["model_config"] = "{}"
            file.create_group("optimizer_weights")["iterations"] = 7
            root = file.create_group("model_weights")
        root.attrs["layer_names"] = encoded([name for name, _ in layers])
        for name, weights in layers:
            group = root.create_group(name)
            paths = [f"{name}/{weight}{suffix}" for weight in weights]
            group.attrs["weight_names"] = encoded(paths)
            for weight_path, values in zip(paths, weights.values(), strict=True):
                group[weight_path] = values
    if plain != path:
        path.write_bytes(gzip.compress(plain.read_bytes(), compresslevel=1))
        plain.unlink()
    return path
