"""Tests of derive_musicnn_weights.py and of its reader of checkpoints.

The derivation runs on the real wheel, which pip downloads from PyPI. Without
a network the tests that need it are skipped, with a warning that says why.
"""

from __future__ import annotations

import os
import struct
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import derive_musicnn_weights
import numpy as np
import pytest
import tensor_bundle
from safetensors import safe_open
from tensor_bundle import BundleError, masked_crc32c, read_bundle

SHIPPED = (
    Path(__file__).resolve().parents[2]
    / "Sources/ShippedModels/Resources/musicnn-msd.safetensors"
)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel from PyPI."""
    folder = tmp_path_factory.mktemp("wheel")
    try:
        return derive_musicnn_weights.fetch_wheel(folder)
    except derive_musicnn_weights.DerivationError as error:
        # pip says this when it reaches no server; any other failure is a fault.
        if "connection broken" not in str(error):
            raise
        reason = f"PyPI is out of reach, MusiCNN's weights were not derived: {error}"
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The weights that the package ships."""
    assert SHIPPED.is_file(), f"the weights that the package ships are missing: {SHIPPED}"
    return SHIPPED


def contents(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Returns the tensors and the metadata of a safetensors file."""
    with safe_open(path, framework="np") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata()


def data_bytes(path: Path) -> bytes:
    """Returns a safetensors file without its header."""
    content = path.read_bytes()
    return content[8 + struct.unpack_from("<Q", content)[0] :]


# The derivation


def test_the_wheel_gives_the_shipped_weights(
    wheel: Path, shipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "derived.safetensors"
    arguments = ["--wheel", str(wheel), "--output", str(output)]
    assert derive_musicnn_weights.main(arguments) == 0
    assert "64 tensors, 792079 values" in capsys.readouterr().out
    # safetensors does not fix the order of the metadata: headers may differ.
    derived_tensors, derived_metadata = contents(output)
    shipped_tensors, shipped_metadata = contents(shipped)
    assert list(derived_tensors) == list(shipped_tensors)
    assert derived_metadata == shipped_metadata
    for name, tensor in shipped_tensors.items():
        assert derived_tensors[name].dtype == tensor.dtype == np.float32, name
        assert derived_tensors[name].shape == tensor.shape, name
        assert derived_tensors[name].tobytes() == tensor.tobytes(), name
    assert data_bytes(output) == data_bytes(shipped)


def test_only_the_network_is_kept(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        index = archive.read("musicnn/MSD_musicnn/.index")
    names = set(tensor_bundle.read_index(index))
    kept = set(filter(derive_musicnn_weights.is_network_tensor, names))
    assert len(kept) == 64
    assert {"beta1_power", "dense/kernel/Adam", "dense/kernel/Adam_1"} <= names - kept
    assert all(
        name.rpartition("/")[2] in ("Adam", "Adam_1", "beta1_power", "beta2_power")
        for name in names - kept
    )


def test_another_wheel_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / derive_musicnn_weights.WHEEL_NAME
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("musicnn/MSD_musicnn/.index", b"")
    output = tmp_path / "derived.safetensors"
    arguments = ["--wheel", str(other), "--output", str(output)]
    assert derive_musicnn_weights.main(arguments) == 1
    message = capsys.readouterr().err
    assert "SHA-256" in message
    assert derive_musicnn_weights.WHEEL_SHA256 in message
    assert not output.exists()


def test_a_missing_wheel_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert derive_musicnn_weights.main(["--wheel", str(tmp_path / "none.whl")]) == 1
    assert "none.whl" in capsys.readouterr().err


def test_a_failed_download_says_what_pip_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_network(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command[1:4] == ["-m", "pip", "download"]
        assert "musicnn==0.1.0" in command
        return subprocess.CompletedProcess(command, 1, "", "no route to host")

    monkeypatch.setattr(subprocess, "run", no_network)
    assert derive_musicnn_weights.main([]) == 1
    message = capsys.readouterr().err
    assert "no route to host" in message
    assert "--wheel" in message


# The reader of checkpoints, on bundles that the tests write


def varint(value: int) -> bytes:
    """Encodes a varint."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def block(entries: list[tuple[bytes, bytes]], compression: int = 0) -> bytes:
    """Encodes a table block with its trailer; keys share what they can."""
    content, last = b"", b""
    for key, value in entries:
        shared = len(os.path.commonprefix([last, key]))
        content += varint(shared) + varint(len(key) - shared) + varint(len(value))
        content += key[shared:] + value
        last = key
    content += struct.pack("<II", 0, 1) + bytes([compression])
    return content + struct.pack("<I", masked_crc32c(content))


def table(blocks: list[bytes]) -> bytes:
    """Encodes a table: data blocks, metaindex, index, footer."""
    content, handles = b"", []
    for data in [*blocks, block([])]:
        handles.append(varint(len(content)) + varint(len(data) - 5))
        content += data
    keys = [bytes([0x7F, number]) for number in range(len(blocks))]
    index = block(list(zip(keys, handles[:-1], strict=True)))
    footer = handles[-1] + varint(len(content)) + varint(len(index) - 5)
    return (
        content
        + index
        + footer.ljust(40, b"\0")
        + struct.pack("<Q", 0xDB4775248B80FB57)
    )


def entry(
    data: bytes, shape: tuple[int, ...], offset: int = 0, dtype: int = 1, shard: int = 0
) -> bytes:
    """Encodes a BundleEntryProto."""
    dimensions = b""
    for size in shape:
        dimension = b"\x08" + varint(size)
        dimensions += b"\x12" + varint(len(dimension)) + dimension
    message = b"\x08" + varint(dtype) + b"\x12" + varint(len(dimensions)) + dimensions
    message += b"\x18" + varint(shard) + b"\x20" + varint(offset)
    message += b"\x28" + varint(len(data))
    return message + b"\x35" + struct.pack("<I", masked_crc32c(data))


HEADER = (b"", b"\x08\x01\x1a\x02\x08\x01")  # one shard, little-endian, version 1
MATRIX = np.arange(6, dtype="<f4").reshape(2, 3)
VECTOR = np.array([7, 8], dtype="<f4")
DATA = MATRIX.tobytes() + VECTOR.tobytes()
ENTRIES = [
    HEADER,
    (b"layer/bias", entry(VECTOR.tobytes(), (2,), offset=24)),
    (b"layer/kernel", entry(MATRIX.tobytes(), (2, 3))),
]


def with_entry(message: bytes) -> bytes:
    """Returns an index with one entry."""
    return table([block([HEADER, (b"kernel", message)])])


def test_a_bundle_is_read() -> None:
    for index in (
        table([block(ENTRIES)]),
        table([block(ENTRIES[:2]), block(ENTRIES[2:])]),
    ):
        tensors = read_bundle(index, DATA)
        assert list(tensors) == ["layer/bias", "layer/kernel"]
        np.testing.assert_array_equal(tensors["layer/kernel"], MATRIX)
        np.testing.assert_array_equal(tensors["layer/bias"], VECTOR)
    wanted = read_bundle(index, DATA, wanted=lambda name: name.endswith("bias"))
    assert list(wanted) == ["layer/bias"]


def test_a_scalar_has_no_dimensions() -> None:
    value = np.float32(0.5).tobytes()
    tensor = read_bundle(with_entry(entry(value, ())), value)["kernel"]
    assert tensor.shape == ()
    assert tensor == 0.5


def test_the_checksum_is_that_of_the_standard() -> None:
    # RFC 3720, appendix B.4: CRC-32C of 32 bytes of zeros is aa 36 91 8a.
    crc = 0x8A9136AA
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    assert masked_crc32c(bytes(32)) == masked


def test_a_truncated_index_is_refused() -> None:
    index = table([block(ENTRIES)])
    for length in range(len(index)):
        with pytest.raises(BundleError):
            read_bundle(index[:length], DATA)
    with pytest.raises(BundleError, match="truncated"):
        read_bundle(index[: len(index) // 2], DATA)
    with pytest.raises(BundleError, match="truncated"):
        read_bundle(b"", DATA)


def test_an_index_that_lost_its_beginning_is_refused() -> None:
    index = table([block(ENTRIES)])
    with pytest.raises(BundleError, match="truncated"):
        read_bundle(index[-60:], DATA)


def test_a_wrong_magic_number_is_refused() -> None:
    index = table([block(ENTRIES)])
    with pytest.raises(BundleError, match="magic number"):
        read_bundle(index[:-1] + b"\0", DATA)


def test_every_damaged_byte_of_the_index_is_noticed() -> None:
    data = block(ENTRIES)
    index = table([data])
    # Not read: the metaindex block, which is empty, and the footer's padding.
    metaindex = range(len(data), len(data) + len(block([])))
    handles = range(len(index) - 48, len(index) - 8)
    for position in set(range(len(index))) - set(metaindex) - set(handles):
        damaged = bytearray(index)
        damaged[position] ^= 0x10
        with pytest.raises(BundleError):
            read_bundle(bytes(damaged), DATA)


@pytest.mark.parametrize("position", range(len(DATA)))
def test_every_damaged_byte_of_the_data_is_noticed(position: int) -> None:
    damaged = bytearray(DATA)
    damaged[position] ^= 1
    with pytest.raises(BundleError, match="wrong checksum of its data"):
        read_bundle(table([block(ENTRIES)]), bytes(damaged))


def test_truncated_data_is_refused() -> None:
    with pytest.raises(BundleError, match="layer/bias: ends at byte 32"):
        read_bundle(table([block(ENTRIES)]), DATA[:-1])


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (lambda: table([block(ENTRIES[1:])]), "no bundle header"),
        (lambda: table([block([(b"", b"\x08\x02")])]), "2 data files"),
        (lambda: table([block([(b"", b"\x08\x01\x10\x01")])]), "big-endian"),
        (lambda: table([block(ENTRIES, compression=1)]), "unsupported compression 1"),
        (lambda: with_entry(entry(DATA, (8,), dtype=2)), "type 2 is not float32"),
        (lambda: with_entry(entry(DATA, (8,), shard=1)), "lies in data file 1"),
        (lambda: with_entry(entry(DATA, (9,))), "32 bytes, but its shape"),
        (lambda: with_entry(entry(DATA, (8,)) + b"\x3a\x00"), "partitioned"),
        (lambda: with_entry(b"\x0b"), "unsupported wire type 3"),
        (lambda: with_entry(b"\x12\x09\x00"), "a message is truncated"),
        (lambda: with_entry(b"\x08" + b"\xff" * 10), "longer than 64 bits"),
        (lambda: with_entry(b"\x08\x80"), "ends beyond the end"),
        (lambda: with_entry(b"\x0a\x00"), "field 1 of a message is not a number"),
        (lambda: with_entry(b"\x10\x01"), "shape is not a message"),
        (lambda: table([block([HEADER, (b"\xff", b"")])]), "not UTF-8"),
    ],
)
def test_what_is_not_supported_is_refused(
    index: Callable[[], bytes], message: str
) -> None:
    with pytest.raises(BundleError, match=message):
        read_bundle(index(), DATA)
