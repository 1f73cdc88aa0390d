"""Reads TensorFlow checkpoints of version 2 ("tensor bundles") with numpy.

A bundle is an index file and one data file per shard. The index is a LevelDB
table from tensor names to `BundleEntryProto` messages; the data files hold the
raw bytes. The format is described in

- LevelDB, doc/table_format.md (blocks, handles, footer) and
  table/block_builder.cc (entries with shared key prefixes);
- TensorFlow, core/protobuf/tensor_bundle.proto (`BundleHeaderProto` under the
  empty key, `BundleEntryProto` under every other) and
  core/framework/tensor_shape.proto;
- the Protocol Buffers encoding guide (varints, wire types);
- RFC 3720, appendix B.4 (CRC-32C), with LevelDB's mask over it.

Only what a plain checkpoint needs is read: uncompressed blocks, one shard,
little-endian float32 tensors that are not partitioned. Everything else is
refused with a `BundleError`. Every checksum is checked.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

TABLE_MAGIC = 0xDB4775248B80FB57
FOOTER_BYTES = 48
BLOCK_TRAILER = struct.Struct("<BI")  # compression type, masked CRC-32C
NO_COMPRESSION = 0
DT_FLOAT = 1  # TensorFlow's DataType, core/framework/types.proto
LITTLE_ENDIAN = 0

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # Protocol Buffers wire types


class BundleError(Exception):
    """The bytes are not a tensor bundle that this reader can read."""


@dataclass(frozen=True)
class BundleEntry:
    """Where one tensor lies in the data file, and what it is."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int  # bytes
    size: int  # bytes
    checksum: int  # masked CRC-32C of the tensor's bytes


def read_bundle(
    index: bytes, data: bytes, wanted: Callable[[str], bool] = lambda name: True
) -> dict[str, np.ndarray]:
    """Returns the wanted tensors by name, in the order of the index."""
    return {
        name: _tensor(name, entry, data)
        for name, entry in read_index(index).items()
        if wanted(name)
    }


def read_index(index: bytes) -> dict[str, BundleEntry]:
    """Returns the entries of an index file by tensor name."""
    table = dict(_table_entries(index))
    if b"" not in table:
        raise BundleError("the index has no bundle header")
    _check_header(table.pop(b""))
    try:
        return {key.decode(): _entry(value) for key, value in table.items()}
    except UnicodeDecodeError as error:
        raise BundleError(f"a tensor's name is not UTF-8: {error}") from error


def masked_crc32c(data: bytes) -> int:
    """Returns LevelDB's masked CRC-32C: rotated right by 15, plus a constant."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _crc_table() -> list[int]:
    """Returns the table of the reflected Castagnoli polynomial 0x82F63B78."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC_TABLE = _crc_table()


# The LevelDB table


def _table_entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields every key and value of a table, block after block."""
    if len(table) < FOOTER_BYTES:
        raise BundleError(
            f"the index has {len(table)} bytes, fewer than the {FOOTER_BYTES} of "
            "its footer: it is truncated"
        )
    footer = table[-FOOTER_BYTES:]
    if struct.unpack_from("<Q", footer, FOOTER_BYTES - 8)[0] != TABLE_MAGIC:
        raise BundleError(
            "the index does not end with the magic number of a LevelDB table: it "
            "is truncated or another kind of file"
        )
    _, position = _handle(footer, 0)  # the metaindex, empty in a bundle
    index_handle, _ = _handle(footer, position)
    for _, value in _block_entries(_block(table, *index_handle)):
        handle, _ = _handle(value, 0)
        yield from _block_entries(_block(table, *handle))


def _handle(data: bytes, position: int) -> tuple[tuple[int, int], int]:
    """Reads a block handle: ((offset, size), position after it)."""
    offset, position = _varint(data, position)
    size, position = _varint(data, position)
    return (offset, size), position


def _block(table: bytes, offset: int, size: int) -> bytes:
    """Returns the contents of the block at `offset`, its checksum checked."""
    end = offset + size
    if end + BLOCK_TRAILER.size > len(table) - FOOTER_BYTES:
        raise BundleError(
            f"a block of the index ends at byte {end}, beyond the end: the index "
            "is truncated"
        )
    compression, checksum = BLOCK_TRAILER.unpack_from(table, end)
    # The checksum covers the compression type as well.
    if masked_crc32c(table[offset : end + 1]) != checksum:
        raise BundleError(f"wrong checksum of the index block at byte {offset}")
    if compression != NO_COMPRESSION:
        raise BundleError(f"unsupported compression {compression} of an index block")
    return table[offset:end]


def _block_entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields the entries of a block.

    An entry shares the first bytes of its key with the one before it:
    shared, unshared and value lengths (varints), rest of the key, value. The
    restart array at the end serves searches, and is skipped.
    """
    if len(block) < 4:
        raise BundleError("an index block is too short")
    restarts = struct.unpack_from("<I", block, len(block) - 4)[0]
    end = len(block) - 4 - 4 * restarts
    if end < 0:
        raise BundleError("an index block has more restarts than bytes")
    position, key = 0, b""
    while position < end:
        shared, position = _varint(block, position)
        unshared, position = _varint(block, position)
        size, position = _varint(block, position)
        if shared > len(key) or position + unshared + size > end:
            raise BundleError("an entry of an index block is damaged")
        key = key[:shared] + block[position : position + unshared]
        position += unshared
        yield key, block[position : position + size]
        position += size


# The messages


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Reads a varint of at most 64 bits: (value, position after it)."""
    value = 0
    for shift in range(0, 64, 7):
        if position >= len(data):
            raise BundleError("a number ends beyond the end of its block")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise BundleError("a number is longer than 64 bits")


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yields the fields of a message: (number, value)."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, wire_type = tag >> 3, tag & 7
        value: int | bytes
        if wire_type == VARINT:
            value, position = _varint(message, position)
        else:
            if wire_type == BYTES:
                size, position = _varint(message, position)
            elif wire_type in (FIXED32, FIXED64):
                size = 4 if wire_type == FIXED32 else 8
            else:
                raise BundleError(f"unsupported wire type {wire_type} in a message")
            value = message[position : position + size]
            position += size
            if len(value) != size:
                raise BundleError("a message is truncated")
            if wire_type != BYTES:
                value = int.from_bytes(value, "little")
        yield number, value


def _check_header(message: bytes) -> None:
    """Refuses more than one shard, and big-endian data."""
    fields = dict(_fields(message))
    shards = _integer(fields, 1)
    if shards != 1:
        raise BundleError(f"the bundle has {shards} data files, only 1 is supported")
    if _integer(fields, 2) != LITTLE_ENDIAN:
        raise BundleError("the bundle is big-endian, only little-endian is supported")


def _entry(message: bytes) -> BundleEntry:
    """Decodes a BundleEntryProto. A field that is absent is zero."""
    fields = dict(_fields(message))
    if 7 in fields:
        raise BundleError("a tensor is partitioned, which is not supported")
    shape = fields.get(2, b"")
    if not isinstance(shape, bytes):
        raise BundleError("a tensor's shape is not a message")
    return BundleEntry(
        dtype=_integer(fields, 1),
        shape=_shape(shape),
        shard=_integer(fields, 3),
        offset=_integer(fields, 4),
        size=_integer(fields, 5),
        checksum=_integer(fields, 6),
    )


def _shape(message: bytes) -> tuple[int, ...]:
    """Decodes a TensorShapeProto: `dim` is field 2, its `size` field 1."""
    return tuple(
        _integer(dict(_fields(value)), 1)
        for number, value in _fields(message)
        if number == 2 and isinstance(value, bytes)
    )


def _integer(fields: dict[int, int | bytes], number: int) -> int:
    """Returns an integer field, 0 when it is absent."""
    value = fields.get(number, 0)
    if not isinstance(value, int):
        raise BundleError(f"field {number} of a message is not a number")
    return value


def _tensor(name: str, entry: BundleEntry, data: bytes) -> np.ndarray:
    """Returns the tensor that `entry` describes, everything about it checked."""
    if entry.dtype != DT_FLOAT:
        raise BundleError(f"{name}: type {entry.dtype} is not float32 ({DT_FLOAT})")
    if entry.shard != 0:
        raise BundleError(f"{name}: lies in data file {entry.shard}, only 0 exists")
    expected = 4 * math.prod(entry.shape)
    if entry.size != expected:
        raise BundleError(
            f"{name}: {entry.size} bytes, but its shape {entry.shape} takes {expected}"
        )
    raw = data[entry.offset : entry.offset + entry.size]
    if len(raw) != entry.size:
        raise BundleError(
            f"{name}: ends at byte {entry.offset + entry.size}, but the data file "
            f"has {len(data)}: it is truncated"
        )
    if masked_crc32c(raw) != entry.checksum:
        raise BundleError(f"{name}: wrong checksum of its data")
    return np.frombuffer(raw, dtype="<f4").reshape(entry.shape)
