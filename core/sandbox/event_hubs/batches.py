"""Record batches (magic 2): their header, the checks before an append, and a look inside by time.

The server never decodes records on the way in or out. A batch's CRC (CRC-32C) covers what follows
it, so the base offset can be patched without it. Source: "Apache Kafka documentation", section
"Message format".
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from core.sandbox.event_hubs import checksum
from core.sandbox.event_hubs.codes import ErrorCode, RefusedError

_HEADER = struct.Struct(">qiibIhiqqqhii")
HEADER_BYTES = _HEADER.size
MAX_RECORDS_BYTES = 1_048_576
"""Event Hubs' limit of one publication (event or batch): "azure-event-hubs quotas"."""

ANY_CODEC = range(8)
_CRC_FIELD_END = 21
_LENGTH_FIELD_END = 12  # base offset and length field stand before what the length counts
_CODEC, _LOG_APPEND_TIME, _TRANSACTIONAL, _CONTROL = 0x07, 0x08, 0x10, 0x20
_NONE, _GZIP = 0, 1
_MAX_INFLATED = 64 * 1024 * 1024
_CHUNK = 64 * 1024


class BatchHeader(NamedTuple):
    """The fixed part of a record batch; times in ms since 1970."""

    base_offset: int
    length: int
    leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @property
    def size(self) -> int:
        """Bytes of the whole batch."""
        return self.length + _LENGTH_FIELD_END

    @property
    def next_offset(self) -> int:
        """The offset after its last record."""
        return self.base_offset + self.last_offset_delta + 1


def read_header(data: bytes | bytearray | memoryview, at: int = 0) -> BatchHeader:
    """The header at ``at``, where at least :data:`HEADER_BYTES` must stand."""
    return BatchHeader._make(_HEADER.unpack_from(data, at))


def patch_base_offset(batch: memoryview, offset: int) -> None:
    """Give a batch its place in the log; the leader epoch becomes "none"."""
    struct.pack_into(">q", batch, 0, offset)
    struct.pack_into(">i", batch, _LENGTH_FIELD_END, -1)


def check_produced(batch: memoryview, codecs: Collection[int] = ANY_CODEC) -> BatchHeader:
    """The header of a batch that a producer sent; ``RefusedError`` if it may not be appended.

    A codec outside ``codecs`` is answered as Event Hubs does ("Azure: Apache Kafka troubleshooting
    guide for Event Hubs": UNSUPPORTED_FOR_MESSAGE_FORMAT).
    """
    if len(batch) < HEADER_BYTES:
        raise RefusedError(ErrorCode.INVALID_RECORD, "shorter than a record batch")
    header = read_header(batch)
    if header.magic != 2:
        raise RefusedError(ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT, "only magic 2 is accepted")
    if header.size != len(batch):
        raise RefusedError(ErrorCode.INVALID_RECORD, "exactly one record batch is wanted")
    if header.record_count < 1 or header.last_offset_delta != header.record_count - 1:
        raise RefusedError(ErrorCode.INVALID_RECORD, "record count and last offset do not agree")
    if header.attributes & _CONTROL:
        raise RefusedError(ErrorCode.INVALID_RECORD, "a client may not write control batches")
    if header.attributes & _TRANSACTIONAL:
        raise RefusedError(ErrorCode.INVALID_TXN_STATE, "transactions are not offered")
    if header.attributes & _LOG_APPEND_TIME:
        raise RefusedError(ErrorCode.INVALID_TIMESTAMP, "timestamps are the client's (CreateTime)")
    if header.producer_id >= 0 and (header.producer_epoch < 0 or header.base_sequence < 0):
        raise RefusedError(ErrorCode.INVALID_RECORD, "a producer id without epoch or sequence")
    if len(batch) - HEADER_BYTES > MAX_RECORDS_BYTES:
        raise RefusedError(ErrorCode.MESSAGE_TOO_LARGE, f"more than {MAX_RECORDS_BYTES} bytes")
    if header.attributes & _CODEC not in codecs:
        raise RefusedError(
            ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT, "the tier does not take this compression"
        )
    if not checksum.fits(batch[_CRC_FIELD_END:], header.crc):
        raise RefusedError(ErrorCode.CORRUPT_MESSAGE, "the CRC of the batch is wrong")
    return header


def walk(
    read: Callable[[int, int], bytes], position: int, end: int
) -> Iterator[tuple[int, BatchHeader]]:
    """Each whole batch of a file between two positions: where it starts, and its header.

    ``read(position, size)`` gives the file's bytes. It ends at the first batch that is cut short.
    """
    chunk, start = b"", position
    while position + HEADER_BYTES <= end:
        at = position - start
        if at + HEADER_BYTES > len(chunk):
            chunk, start, at = read(position, min(_CHUNK, end - position)), position, 0
            if len(chunk) < HEADER_BYTES:
                return
        header = read_header(chunk, at)
        if header.length < HEADER_BYTES - _LENGTH_FIELD_END or position + header.size > end:
            return
        yield position, header
        position += header.size


def first_at_or_after(batch: bytes, timestamp: int) -> tuple[int, int]:
    """Timestamp and offset of a batch's first record that is not older than ``timestamp`` (ms).

    Exact for uncompressed and gzip batches, whose ``max_timestamp`` must not be older; otherwise
    (other codecs, records that do not decode) the batch's own base timestamp and offset.
    """
    header = read_header(batch)
    records = _inflated(batch[HEADER_BYTES:], header.attributes & _CODEC)
    if records is not None:
        try:
            for delta_time, delta_offset in _deltas(records, header.record_count):
                if header.base_timestamp + delta_time >= timestamp:
                    return header.base_timestamp + delta_time, header.base_offset + delta_offset
        except (IndexError, ValueError):
            pass  # a producer's records are not checked when they come in
    return header.base_timestamp, header.base_offset


def _inflated(records: bytes, codec: int) -> bytes | None:
    if codec == _NONE:
        return records
    if codec != _GZIP:
        return None
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(records, _MAX_INFLATED)
    except zlib.error:
        return None
    return None if inflater.unconsumed_tail else plain


def _deltas(records: bytes, count: int) -> Iterator[tuple[int, int]]:
    """Each record's timestamp and offset, relative to the batch."""
    at = 0
    for _ in range(count):
        length, at = _varint(records, at)
        if length < 0:
            raise ValueError("negative record length")
        end = at + length
        delta_time, at = _varint(records, at + 1)
        delta_offset, at = _varint(records, at)
        if not 0 <= delta_offset < count:
            raise ValueError("an offset outside the batch")
        yield delta_time, delta_offset
        at = end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7
        if shift > 63:
            raise ValueError("varint too long")
