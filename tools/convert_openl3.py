"""Converts published OpenL3 audio weights from Keras HDF5 to safetensors.

The input is a file such as `openl3_audio_mel256_music.h5`, or the same with
gzip around it (`openl3_audio_mel256_music-v0_4_0.h5.gz`), of openl3 0.2 to 0.4.
Both layouts of Keras are read: weights alone (`save_weights`) and a whole
model (`save`). The network is that of `openl3/models.py` (openl3 0.4.2).

Layers are told apart by what they hold and are taken in the order of the
network, because Keras numbers their names as it likes. Files before openl3 0.4
begin with a spectrogram layer of kapre that has weights; it is left out.

Exit codes: 0 written, 1 it failed (the reason is on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import gzip
import re
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import h5py
import numpy as np
from safetensors_output import write_safetensors

# Channels before and after each of the eight convolutions, all of 3 × 3.
CHANNELS = (1, 64, 64, 128, 128, 256, 256, 512, 512)
KERNEL = (3, 3)
EMBEDDING_LAYER = "audio_embedding_layer"  # the last convolution, named in openl3

CONVOLUTION_WEIGHTS = frozenset({"kernel", "bias"})
BATCH_NORM_WEIGHTS = frozenset({"gamma", "beta", "moving_mean", "moving_variance"})
CONVOLUTION, BATCH_NORM = "convolution", "batch normalisation"

MEL_BANDS = {"mel256": 256, "mel128": 128}
CONTENTS = ("music", "env")
LICENCE = "CC BY 4.0 (Cramer, Wu, Salamon, Bello 2019)"

MAXIMUM_BYTES = 512 << 20  # a published file has about 19 MB
CHUNK_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"


class ConversionError(Exception):
    """The weights cannot be converted; the text says why."""


@dataclass(frozen=True)
class Variant:
    """Which of the published networks a file holds."""

    input: str  # mel256 or mel128
    content: str  # music or env


@dataclass(frozen=True)
class Layer:
    """A layer of the file that has weights, by the last part of their names."""

    name: str
    weights: dict[str, h5py.Dataset]

    @property
    def kind(self) -> str | None:
        """What the layer is, judged by its weights; None for any other layer."""
        if self.weights.keys() <= CONVOLUTION_WEIGHTS:
            return CONVOLUTION
        if self.weights.keys() <= BATCH_NORM_WEIGHTS:
            return BATCH_NORM
        return None

    @property
    def is_spectrogram(self) -> bool:
        """Whether this is kapre's Spectrogram or Melspectrogram."""
        return "spectrogram" in self.name.lower() or "real_kernels" in self.weights


# The variant


def choose_variant(
    file_name: str, input_option: str | None, content_option: str | None
) -> Variant:
    """Takes the variant from the options and the file name, which must agree."""
    words = set(re.findall(r"[a-z0-9]+", file_name.lower()))
    if "image" in words:
        raise ConversionError(
            f"{file_name} is named as weights of the image network; only the audio "
            "network is supported"
        )
    inputs = ("linear", *MEL_BANDS)
    chosen = _choose("input", "--input", inputs, words, file_name, input_option)
    if chosen == "linear":
        raise ConversionError(
            f"{file_name} is named as weights for the linear spectrogram; only "
            "mel256 and mel128 are supported"
        )
    content = _choose(
        "content", "--content", CONTENTS, words, file_name, content_option
    )
    return Variant(chosen, content)


def _choose(
    what: str,
    option_name: str,
    choices: Sequence[str],
    words: set[str],
    file_name: str,
    option: str | None,
) -> str:
    """Returns the one choice that the option and the file name tell."""
    named = [choice for choice in choices if choice in words]
    if len(named) > 1 and option is None:
        raise ConversionError(
            f"the file name {file_name} tells more than one {what} "
            f"({', '.join(named)}); pass {option_name}"
        )
    if option is not None:
        if named and option not in named:
            raise ConversionError(
                f"{option_name} {option} contradicts the file name {file_name}, "
                f"which says {' and '.join(named)}"
            )
        return option
    if not named:
        possible = ", ".join(choice for choice in choices if choice != "linear")
        raise ConversionError(
            f"the file name {file_name} does not tell the {what}; pass "
            f"{option_name} with one of {possible}"
        )
    return named[0]


# The file


@contextmanager
def opened_weights(path: Path, maximum: int = MAXIMUM_BYTES) -> Iterator[h5py.Group]:
    """Opens the group that holds the layers, through gzip where there is any."""
    with path.open("rb") as file, tempfile.TemporaryFile() as plain:
        compressed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        file.seek(0)
        if compressed:
            _decompress(path, file, plain, maximum)
        elif path.stat().st_size > maximum:
            raise ConversionError(f"{path} is over the limit of {maximum} bytes")
        # h5py meets damage when it opens a file or later, and raises any of these.
        try:
            with h5py.File(plain if compressed else file, "r") as hdf5:
                yield _weights_group(hdf5, path)
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            raise ConversionError(
                f"{path} is not an HDF5 file, or it is damaged ({error})"
            ) from error


def _weights_group(hdf5: h5py.File, path: Path) -> h5py.Group:
    """Returns the group of the layers: `model_weights`, or the root."""
    group = hdf5.get("model_weights", hdf5)
    if not isinstance(group, h5py.Group) or "layer_names" not in group.attrs:
        raise ConversionError(
            f"{path} has no Keras weights: the attribute layer_names is missing from "
            "the root and from the group model_weights"
        )
    return group


def _decompress(path: Path, file: IO[bytes], plain: IO[bytes], maximum: int) -> None:
    """Decompresses `file` into `plain`, up to `maximum` bytes."""
    size = 0
    try:
        with gzip.open(file, "rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                size += len(chunk)
                if size > maximum:
                    raise ConversionError(
                        f"{path} decompresses to more than the limit of {maximum} bytes"
                    )
                plain.write(chunk)
    except EOFError as error:
        raise ConversionError(
            f"{path} is truncated: its gzip data ends too early; download it again"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ConversionError(
            f"{path} has damaged gzip data ({error}); download it again"
        ) from error
    plain.seek(0)


def read_layers(group: h5py.Group) -> list[Layer]:
    """Returns the layers that have weights, in the order of the network."""
    layers = []
    for layer_name in _names(group, "layer_names"):
        layer = group.get(layer_name)
        if not isinstance(layer, h5py.Group):
            raise ConversionError(f"layer {layer_name} is listed but not in the file")
        weights = {}
        for weight_name in _names(layer, "weight_names"):
            dataset = layer.get(weight_name)
            if not isinstance(dataset, h5py.Dataset):
                raise ConversionError(
                    f"layer {layer_name}: {weight_name} is listed but not in the file"
                )
            # "conv2d_3/kernel:0" names the kernel.
            weights[weight_name.rpartition("/")[2].partition(":")[0]] = dataset
        if weights:
            layers.append(Layer(layer_name, weights))
    return layers


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """Returns a list of names, which Keras stores as bytes or as text."""
    names = group.attrs.get(attribute)
    if names is None:
        raise ConversionError(f"{group.name} has no attribute {attribute}")
    return [
        name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
        for name in np.atleast_1d(names)
    ]


# The network


def network_layers(layers: Sequence[Layer], variant: Variant) -> list[Layer]:
    """Returns the sixteen layers of the network in order, or says what is wrong.

    The order is: batch normalisation of the input; seven times a convolution
    and its batch normalisation; the convolution `audio_embedding_layer`.
    """
    network = []
    for layer in layers:
        if layer.kind is not None:
            network.append(layer)
        elif layer.is_spectrogram:
            _check_mel_bands(layer, variant)
        else:
            raise ConversionError(
                f"layer {layer.name} with the weights {', '.join(layer.weights)} is "
                "no part of the OpenL3 audio network"
            )
    for kind in (CONVOLUTION, BATCH_NORM):
        found = sum(layer.kind == kind for layer in network)
        expected = len(CHANNELS) - 1
        if found != expected:
            raise ConversionError(
                f"expected {expected} layers of {kind}, found {found}: this is not "
                "the OpenL3 audio network"
            )
    for index, layer in enumerate(network):
        expected_kind = CONVOLUTION if index % 2 else BATCH_NORM
        if layer.kind != expected_kind:
            raise ConversionError(
                f"layer {layer.name}, number {index + 1} of {len(network)} with "
                f"weights: expected a {expected_kind}, found a {layer.kind}"
            )
    if network[-1].name != EMBEDDING_LAYER:
        raise ConversionError(
            f"the last convolution is named {network[-1].name}, expected "
            f"{EMBEDDING_LAYER}"
        )
    return network


def _check_mel_bands(layer: Layer, variant: Variant) -> None:
    """Refuses a mel matrix `[frequency bins × mel bands]` of another variant."""
    expected = MEL_BANDS[variant.input]
    for weight_name, dataset in layer.weights.items():
        if dataset.ndim == 2 and dataset.shape[1] != expected:
            raise ConversionError(
                f"layer {layer.name}: {weight_name} has {dataset.shape[1]} mel bands, "
                f"expected {expected} for {variant.input}"
            )


def convert_network(network: Sequence[Layer]) -> dict[str, np.ndarray]:
    """Returns the tensors by the names of the safetensors file.

    Keras has convolution kernels as `[kh, kw, in, out]`; they become
    `[out, in, kh, kw]`. kh runs over mel bands, kw over time.
    """
    tensors = {}
    for number, layer in enumerate(network[0::2]):
        name = f"bn{number}" if number else "bn_input"
        for weight_name in sorted(BATCH_NORM_WEIGHTS):
            values = _values(layer, weight_name, (CHANNELS[number],))
            tensors[f"{name}.{weight_name}"] = values
    for number, layer in enumerate(network[1::2], start=1):
        last = number == len(CHANNELS) - 1
        name = EMBEDDING_LAYER if last else f"conv{number}"
        before, after = CHANNELS[number - 1], CHANNELS[number]
        kernel = _values(layer, "kernel", (*KERNEL, before, after))
        tensors[f"{name}.weight"] = kernel.transpose(3, 2, 0, 1)
        tensors[f"{name}.bias"] = _values(layer, "bias", (after,))
    return tensors


def _values(layer: Layer, weight_name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Reads one weight as float32, its shape checked before its data."""
    dataset = layer.weights.get(weight_name)
    if dataset is None:
        raise ConversionError(f"layer {layer.name} has no {weight_name}")
    where = f"layer {layer.name}: {weight_name}"
    if dataset.shape != shape:
        raise ConversionError(
            f"{where} has the wrong shape: expected {_shape_text(shape)}, found "
            f"{_shape_text(dataset.shape)}"
        )
    if dataset.dtype.kind != "f":
        raise ConversionError(f"{where} is {dataset.dtype}, expected floating point")
    values = dataset[...].astype(np.float32)
    if not np.isfinite(values).all():
        raise ConversionError(f"{where} has values that are not finite")
    return values


def _shape_text(shape: tuple[int, ...] | None) -> str:
    """Writes a shape as `[3 × 3 × 64 × 128]`; an empty dataset has None."""
    return "[" + " × ".join(map(str, shape or ())) + "]"


def convert(path: Path, output: Path, variant: Variant) -> None:
    """Converts the file `path` and writes `output`."""
    if output.exists() and output.samefile(path):
        raise ConversionError(f"{output} is the input as well; name another output")
    with opened_weights(path) as group:
        tensors = convert_network(network_layers(read_layers(group), variant))
    metadata = {
        "network": "openl3",
        "input": variant.input,
        "content": variant.content,
        "licence": LICENCE,
        "source_file": path.name,
    }
    write_safetensors(output, tensors, metadata)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Converts published OpenL3 audio weights to safetensors."
    )
    parser.add_argument(
        "weights",
        type=Path,
        metavar="INPUT",
        help="Keras weights of openl3, .h5 or .h5.gz",
    )
    parser.add_argument(
        "output", type=Path, metavar="OUTPUT", help="safetensors file to write"
    )
    parser.add_argument(
        "--input",
        choices=tuple(MEL_BANDS),
        help="the network's input (default: as the file name says)",
    )
    parser.add_argument(
        "--content",
        choices=CONTENTS,
        help="what the network was trained on (default: as the file name says)",
    )
    options = parser.parse_args(arguments)
    try:
        variant = choose_variant(options.weights.name, options.input, options.content)
        convert(options.weights, options.output, variant)
    except (ConversionError, OSError) as error:
        print(f"convert_openl3: {error}", file=sys.stderr)
        return 1
    print(
        f"Wrote {options.output}: OpenL3 for {variant.input}, trained on "
        f"{variant.content}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
