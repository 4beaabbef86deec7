"""Kafka's wire format from its protocol guide, for tests that send what client libraries do not.

Source: "Apache Kafka protocol guide"; versions without tagged fields. It shares nothing with a
broker or with the product.
"""

from __future__ import annotations

import socket
import ssl
import struct
from pathlib import Path

SECONDS = 20.0
"""How long an answer may take."""


class Connection:
    """A TLS connection to a broker that sends and reads whole frames."""

    def __init__(self, host: str, port: int, ca_file: Path | str) -> None:
        context = ssl.create_default_context(cafile=str(ca_file))
        plain = socket.create_connection((host, port), SECONDS)
        self.socket = context.wrap_socket(plain, server_hostname=host)
        self.correlation_id = 0

    def request(self, api: int, version: int, body: bytes, client: str) -> bytes:
        """The frame of a request, its size not included, with the next correlation id."""
        self.correlation_id += 1
        return struct.pack(">hhi", api, version, self.correlation_id) + string(client) + body

    def send_frame(self, frame: bytes) -> None:
        self.socket.sendall(blob(frame))

    def receive(self) -> bytes:
        return self._exactly(int.from_bytes(self._exactly(4), "big"))

    def is_closed(self) -> bool:
        """Whether the broker hangs up; times out when it does not."""
        try:
            while self.socket.recv(65536):
                pass
        except (ConnectionError, ssl.SSLError):
            pass
        return True

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError("closed by the broker")
            data += more
        return data


def string(value: str) -> bytes:
    return struct.pack(">h", len(value.encode())) + value.encode()


def nullable(value: str | None) -> bytes:
    return struct.pack(">h", -1) if value is None else string(value)


def blob(value: bytes) -> bytes:
    return struct.pack(">i", len(value)) + value


def record_batch(
    values: list[bytes],
    timestamps: list[int],
    *,
    producer: tuple[int, int, int] = (-1, -1, -1),
    attributes: int = 0,
    broken: bool = False,
) -> bytes:
    """A batch as the guide's "Record Batch" says.

    ``timestamps`` in ms, one a value; ``producer``: id, epoch, first sequence; ``broken``: with a
    checksum that does not fit.
    """
    records = b""
    for index, value in enumerate(values):
        body = b"\0" + varint(timestamps[index] - timestamps[0]) + varint(index) + varint(-1)
        body += varint(len(value)) + value + varint(0)
        records += varint(len(body)) + body
    times = (timestamps[0], max(timestamps))
    head = struct.pack(">hiqqqhii", attributes, len(values) - 1, *times, *producer, len(values))
    checksum = crc32c(head + records) ^ broken
    content = struct.pack(">ibI", -1, 2, checksum) + head + records
    return struct.pack(">q", 0) + blob(content)


def varint(value: int) -> bytes:
    value, out = (value << 1) ^ (value >> 63), b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _crc32c_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC_TABLE = _crc32c_table()


def crc32c(data: bytes) -> int:
    """Castagnoli's CRC, from its definition (RFC 3720, appendix B.4)."""
    value = 0xFFFF_FFFF
    for byte in data:
        value = (value >> 8) ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value ^ 0xFFFF_FFFF
