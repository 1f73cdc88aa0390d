"""Tests of convert_openl3.py, with HDF5 files that they write themselves."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import convert_openl3
import h5py
import numpy as np
import pytest
from keras_files import (
    BATCH_NORM,
    KerasLayer,
    random_network,
    spectrogram,
    write_keras,
)
from safetensors import safe_open

NAME = "openl3_audio_mel256_music.h5"


@pytest.fixture(scope="session")
def network() -> list[KerasLayer]:
    """The layers of the network with random weights."""
    return random_network()


@pytest.fixture
def changed(network: list[KerasLayer]) -> Callable[..., list[KerasLayer]]:
    """Returns the network with one weight set to a value, or removed by None."""

    def change(layer: str, weight: str, value: np.ndarray | None) -> list[KerasLayer]:
        layers = [(name, dict(weights)) for name, weights in network]
        weights = dict(layers)[layer]
        assert weight in weights
        if value is None:
            del weights[weight]
        else:
            weights[weight] = value
        return layers

    return change


def converted(
    path: Path, *options: str
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Runs the script, which must succeed; returns tensors and metadata."""
    output = path.with_name("converted.safetensors")
    assert convert_openl3.main([str(path), str(output), *options]) == 0
    with safe_open(output, framework="np") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata()


@pytest.fixture
def failure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., str]:
    """Runs the script, which must fail and leave nothing; returns its message."""

    def run(path: Path, *options: str) -> str:
        output = tmp_path / "refused.safetensors"
        assert convert_openl3.main([str(path), str(output), *options]) == 1
        assert [p for p in tmp_path.iterdir() if "refused" in p.name] == []
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("convert_openl3: ")
        return captured.err

    return run


def check_tensors(tensors: dict[str, np.ndarray], network: list[KerasLayer]) -> None:
    """Checks every tensor against the layers, counted by hand."""
    weights = [values for _, values in network if values]
    batch_norms, convolutions = weights[0::2], weights[1::2]
    names = ["bn_input", "bn1", "bn2", "bn3", "bn4", "bn5", "bn6", "bn7"]
    expected = {
        f"{name}.{weight}": values[weight]
        for name, values in zip(names, batch_norms, strict=True)
        for weight in BATCH_NORM
    }
    names = ["conv1", "conv2", "conv3", "conv4", "conv5", "conv6", "conv7"]
    names.append("audio_embedding_layer")
    for name, values in zip(names, convolutions, strict=True):
        expected[f"{name}.weight"] = np.einsum("hwio->oihw", values["kernel"])
        expected[f"{name}.bias"] = values["bias"]
    assert tensors.keys() == expected.keys()
    assert len(tensors) == 48
    assert sum(tensor.size for tensor in tensors.values()) == 4_689_860
    for name, tensor in tensors.items():
        assert tensor.dtype == np.float32, name
        np.testing.assert_array_equal(tensor, expected[name], err_msg=name)


# What is converted


@pytest.mark.parametrize("whole_model", [False, True])
@pytest.mark.parametrize("with_spectrogram", [False, True])
def test_both_layouts_give_every_tensor(
    tmp_path: Path,
    network: list[KerasLayer],
    whole_model: bool,
    with_spectrogram: bool,
) -> None:
    layers = list(network)
    if with_spectrogram:
        layers.insert(1, spectrogram())
    path = write_keras(tmp_path / NAME, layers, whole_model=whole_model)
    tensors, metadata = converted(path)
    check_tensors(tensors, network)
    assert metadata == {
        "network": "openl3",
        "input": "mel256",
        "content": "music",
        "licence": "CC BY 4.0 (Cramer, Wu, Salamon, Bello 2019)",
        "source_file": NAME,
    }


def test_gzip_and_the_published_name_are_read(
    tmp_path: Path, network: list[KerasLayer]
) -> None:
    name = "openl3_audio_mel128_env-v0_4_0.h5.gz"
    tensors, metadata = converted(write_keras(tmp_path / name, network))
    check_tensors(tensors, network)
    assert (metadata["input"], metadata["content"]) == ("mel128", "env")
    assert metadata["source_file"] == name


def test_names_as_text_without_a_suffix_are_read(
    tmp_path: Path, network: list[KerasLayer]
) -> None:
    path = write_keras(tmp_path / NAME, network, suffix="", text_names=True)
    check_tensors(converted(path)[0], network)


def test_kernels_become_out_in_height_width(
    tmp_path: Path, changed: Callable[..., list[KerasLayer]]
) -> None:
    kernel = np.zeros((3, 3, 128, 256), np.float32)
    kernel[2, 1, 100, 200] = 5
    layers = changed("conv2d_10", "kernel", kernel)  # the fifth convolution
    weight = converted(write_keras(tmp_path / NAME, layers))[0]["conv5.weight"]
    assert weight.shape == (256, 128, 3, 3)
    assert [tuple(index) for index in np.argwhere(weight)] == [(200, 100, 2, 1)]


def test_wider_floats_become_float32(
    tmp_path: Path, changed: Callable[..., list[KerasLayer]]
) -> None:
    layers = changed("conv2d_6", "bias", np.linspace(0, 1, 64, dtype=np.float64))
    bias = converted(write_keras(tmp_path / NAME, layers))[0]["conv1.bias"]
    assert bias.dtype == np.float32
    np.testing.assert_array_equal(bias, np.linspace(0, 1, 64).astype(np.float32))


def test_an_older_output_is_replaced_and_readable_by_others(
    tmp_path: Path, network: list[KerasLayer]
) -> None:
    output = tmp_path / "converted.safetensors"
    output.write_text("older")
    mask = os.umask(0o022)
    try:
        check_tensors(converted(write_keras(tmp_path / NAME, network))[0], network)
    finally:
        os.umask(mask)
    assert output.stat().st_mode & 0o777 == 0o644
    assert sorted(p.name for p in tmp_path.iterdir()) == [output.name, NAME]


# The variant


def test_options_tell_what_the_file_name_does_not(
    tmp_path: Path, network: list[KerasLayer]
) -> None:
    path = write_keras(tmp_path / "weights.h5", network)
    _, metadata = converted(path, "--input", "mel128", "--content", "env")
    assert (metadata["input"], metadata["content"]) == ("mel128", "env")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("weights_music.h5", [], "does not tell the input; pass --input"),
        ("weights_mel256.h5", [], "does not tell the content; pass --content"),
        (NAME, ["--input", "mel128"], "--input mel128 contradicts the file name"),
        (NAME, ["--content", "env"], "--content env contradicts the file name"),
        ("mel128_mel256_env.h5", [], "tells more than one input"),
        ("openl3_audio_linear_env.h5", [], "linear spectrogram"),
        ("openl3_image_mel256_env.h5", [], "image network"),
    ],
)
def test_an_unclear_variant_is_refused(
    failure: Callable[..., str],
    tmp_path: Path,
    name: str,
    options: list[str],
    message: str,
) -> None:
    assert message in failure(tmp_path / name, *options)


def test_the_mel_matrix_must_be_of_the_variant(
    failure: Callable[..., str], tmp_path: Path, network: list[KerasLayer]
) -> None:
    path = write_keras(tmp_path / NAME, [spectrogram(128), *network])
    message = "melspectrogram_1: Variable has 128 mel bands, expected 256 for mel256"
    assert message in failure(path)


# Damaged files


def test_a_missing_file_is_named(failure: Callable[..., str], tmp_path: Path) -> None:
    message = failure(tmp_path / NAME)
    assert "No such file" in message
    assert NAME in message


@pytest.mark.parametrize("content", [b"", b"not HDF5 at all" * 100])
def test_another_kind_of_file_is_refused(
    failure: Callable[..., str], tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    assert "is not an HDF5 file" in failure(path)


def test_a_truncated_hdf5_file_is_refused(
    failure: Callable[..., str], tmp_path: Path, network: list[KerasLayer]
) -> None:
    path = write_keras(tmp_path / NAME, network)
    path.write_bytes(path.read_bytes()[:100_000])
    assert "is damaged" in failure(path)


def test_truncated_gzip_is_refused(
    failure: Callable[..., str], tmp_path: Path, network: list[KerasLayer]
) -> None:
    path = write_keras(tmp_path / f"{NAME}.gz", network)
    path.write_bytes(path.read_bytes()[:-1000])
    assert "truncated" in failure(path)


@pytest.mark.parametrize("position", [10, 5000, -8])  # structure, data, checksum
def test_damaged_gzip_is_refused(
    failure: Callable[..., str], tmp_path: Path, position: int
) -> None:
    data = bytearray(gzip.compress(np.random.default_rng(1).bytes(10_000)))
    data[position : position + 4] = b"\xff\x00\xff\x00"
    path = tmp_path / f"{NAME}.gz"
    path.write_bytes(data)
    assert "damaged gzip data" in failure(path)


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    assert convert_openl3.MAXIMUM_BYTES == 512 << 20
    path = tmp_path / f"{NAME}.gz"
    path.write_bytes(gzip.compress(bytes(4_000_001)))
    with (
        pytest.raises(convert_openl3.ConversionError, match="limit of 4000000 bytes"),
        convert_openl3.opened_weights(path, maximum=4_000_000),
    ):
        pass


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(bytes(1001))
    with (
        pytest.raises(convert_openl3.ConversionError, match="limit of 1000 bytes"),
        convert_openl3.opened_weights(path, maximum=1000),
    ):
        pass


def test_hdf5_without_keras_weights_is_refused(
    failure: Callable[..., str], tmp_path: Path
) -> None:
    with h5py.File(tmp_path / NAME, "w") as file:
        file["values"] = [1, 2, 3]
    assert "layer_names is missing" in failure(tmp_path / NAME)


@pytest.mark.parametrize("lost", ["conv2d_8", "conv2d_8/conv2d_8/kernel:0"])
def test_a_listed_layer_or_weight_must_be_there(
    failure: Callable[..., str], tmp_path: Path, network: list[KerasLayer], lost: str
) -> None:
    path = write_keras(tmp_path / NAME, network)
    with h5py.File(path, "a") as file:
        del file[lost]
    message = failure(path)
    assert "conv2d_8" in message
    assert "is listed but not in the file" in message


def test_the_input_is_not_overwritten(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, network: list[KerasLayer]
) -> None:
    path = write_keras(tmp_path / NAME, network)
    before = path.read_bytes()
    assert convert_openl3.main([str(path), str(path)]) == 1
    assert "is the input as well" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_an_output_folder_that_is_missing_is_an_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, network: list[KerasLayer]
) -> None:
    path = write_keras(tmp_path / NAME, network)
    assert convert_openl3.main([str(path), str(tmp_path / "no" / "out")]) == 1
    assert "No such file" in capsys.readouterr().err


# Other networks


@pytest.mark.parametrize(
    ("lost", "message"),
    [
        ("conv2d_8", "expected 8 layers of convolution, found 7"),
        ("batch_normalization_13", "expected 8 layers of batch normalisation, found 7"),
    ],
)
def test_a_wrong_number_of_layers_is_refused(
    failure: Callable[..., str],
    tmp_path: Path,
    network: list[KerasLayer],
    lost: str,
    message: str,
) -> None:
    layers = [layer for layer in network if layer[0] != lost]
    assert len(layers) == len(network) - 1
    assert message in failure(write_keras(tmp_path / NAME, layers))


def test_layers_in_another_order_are_refused(
    failure: Callable[..., str], tmp_path: Path, network: list[KerasLayer]
) -> None:
    path = write_keras(tmp_path / NAME, sorted(network, key=lambda layer: layer[0]))
    message = failure(path)
    assert "expected a batch normalisation, found a convolution" in message


def test_another_last_convolution_is_refused(
    failure: Callable[..., str], tmp_path: Path, network: list[KerasLayer]
) -> None:
    last = ("vision_embedding_layer", network[-1][1])
    message = failure(write_keras(tmp_path / NAME, [*network[:-1], last]))
    assert "vision_embedding_layer, expected audio_embedding_layer" in message


def test_an_unknown_layer_is_refused(
    failure: Callable[..., str], tmp_path: Path, network: list[KerasLayer]
) -> None:
    layer = ("lstm_1", {"recurrent_kernel": np.ones((2, 2), np.float32)})
    message = failure(write_keras(tmp_path / NAME, [*network, layer]))
    assert "lstm_1 with the weights recurrent_kernel" in message


@pytest.mark.parametrize(
    ("layer", "weight", "shape", "message"),
    [
        (
            "conv2d_9",
            "kernel",
            (128, 128, 3, 3),
            "conv2d_9: kernel has the wrong shape: expected [3 × 3 × 128 × 128], "
            "found [128 × 128 × 3 × 3]",
        ),
        ("conv2d_6", "kernel", (5, 5, 1, 64), "found [5 × 5 × 1 × 64]"),
        ("audio_embedding_layer", "bias", (256,), "expected [512], found [256]"),
        ("batch_normalization_6", "gamma", (199,), "expected [1], found [199]"),
    ],
)
def test_a_wrong_shape_is_named(
    failure: Callable[..., str],
    changed: Callable[..., list[KerasLayer]],
    tmp_path: Path,
    layer: str,
    weight: str,
    shape: tuple[int, ...],
    message: str,
) -> None:
    layers = changed(layer, weight, np.zeros(shape, np.float32))
    assert message in failure(write_keras(tmp_path / NAME, layers))


@pytest.mark.parametrize(
    ("layer", "weight"), [("conv2d_7", "bias"), ("batch_normalization_9", "gamma")]
)
def test_a_missing_weight_is_named(
    failure: Callable[..., str],
    changed: Callable[..., list[KerasLayer]],
    tmp_path: Path,
    layer: str,
    weight: str,
) -> None:
    path = write_keras(tmp_path / NAME, changed(layer, weight, None))
    assert f"layer {layer} has no {weight}" in failure(path)


def test_values_that_are_no_numbers_are_refused(
    failure: Callable[..., str],
    changed: Callable[..., list[KerasLayer]],
    tmp_path: Path,
) -> None:
    bias = np.zeros(64, np.float32)
    bias[3] = np.nan
    path = write_keras(tmp_path / NAME, changed("conv2d_7", "bias", bias))
    assert "conv2d_7: bias has values that are not finite" in failure(path)
    integers = np.zeros(64, np.int32)
    path = write_keras(tmp_path / NAME, changed("conv2d_7", "bias", integers))
    assert "conv2d_7: bias is int32, expected floating point" in failure(path)
