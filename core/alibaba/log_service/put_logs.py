"""PutLogs over our own connections, one attempt a call.

The SDK's own ``put_logs`` retries ten times by itself, which would hide from the delivery what
Log Service says; so only its signer is used here. (Alibaba Cloud: SLS "PutLogs" and "Request
signatures", API version 0.6.0.)
"""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import dataclass

import lz4.block
import urllib3
import zstandard

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.connection import open_pool
from core.alibaba.log_service.signer import sign
from core.secrets.redaction import redact_text

MAX_LOGS = 4096
"""Logs in one LogGroup (SLS limits, the stricter of the published ones)."""
MAX_BYTES = 3 * 1024 * 1024
"""Uncompressed bytes of one LogGroup (likewise)."""
MAX_LOG_BYTES = 1024 * 1024
"""Bytes of one log (likewise)."""
OLDEST_SECONDS = 7 * 24 * 3600
"""A log's time may lie this far in the past (likewise)."""
NEWEST_SECONDS = 15 * 60
"""A log's time may lie this far in the future (likewise)."""


@dataclass(frozen=True)
class Packed:
    """A LogGroup ready to send.

    Attributes:
        body: the compressed bytes.
        raw_size: bytes before compression.
        compression: ``zstd`` or ``lz4``, as the header names it.
    """

    body: bytes
    raw_size: int
    compression: str = "zstd"


class PutLogsError(Exception):
    """Log Service did not say that the LogGroup is stored.

    Attributes:
        code: its errorCode; ``NoAnswer`` when the connection gave none.
        status: HTTP status, 0 without an answer.
        message: its text, redacted.
        request_id: its request id, may be empty.
    """

    def __init__(self, code: str, status: int, message: str, request_id: str = "") -> None:
        super().__init__(f"{code} ({status}): {message}")
        self.code = code
        self.status = status
        self.message = message
        self.request_id = request_id


_compressors = threading.local()


def pack(raw: bytes) -> Packed:
    """Compress a LogGroup with zstd at level 1, per thread one compressor."""
    compressor = getattr(_compressors, "zstd", None)
    if compressor is None:
        compressor = _compressors.zstd = zstandard.ZstdCompressor(level=1)
    return Packed(compressor.compress(raw), len(raw))


def unpack(packed: Packed) -> bytes:
    """The LogGroup's bytes again, for splitting it."""
    if packed.compression == "lz4":
        return bytes(lz4.block.decompress(packed.body, uncompressed_size=packed.raw_size))
    return zstandard.ZstdDecompressor().decompress(packed.body, max_output_size=packed.raw_size)


class LogWriter:
    """Sends LogGroups to one Logstore. Thread-safe: one connection a sending thread."""

    def __init__(self, access: LogServiceAccess, connections: int) -> None:
        self._access = access
        self._pool = open_pool(access, connections)
        self._path = f"/logstores/{access.logstore}/shards/lb"

    def put(self, packed: Packed) -> str:
        """Send one LogGroup; return the request id. Returning means: it is stored.

        Raises PutLogsError for everything else, at once.
        """
        headers = {
            "Host": self._access.host,
            "Content-Type": "application/x-protobuf",
            "x-log-apiversion": "0.6.0",
            "x-log-bodyrawsize": str(packed.raw_size),
            "x-log-compresstype": packed.compression,
        }
        sign(self._access, "POST", self._path, headers, packed.body)
        try:
            answer = self._pool.urlopen("POST", self._path, body=packed.body, headers=headers)
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            raise PutLogsError("NoAnswer", 0, redact_text(str(error))) from None
        request_id = answer.headers.get("x-log-requestid", "")
        if answer.status == 200 and request_id:
            return request_id
        if answer.status == 200:
            # Something in between answered, such as a proxy's page: nothing is stored.
            raise PutLogsError("BadResponse", 200, "a 200 without Log Service's request id")
        code, message = _error_of(answer.data)
        raise PutLogsError(code, answer.status, redact_text(message), request_id)

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()


def _error_of(body: bytes) -> tuple[str, str]:
    """errorCode and errorMessage; a body that is not Log Service's own gives ``BadResponse``."""
    try:
        told = json.loads(body)
        return str(told["errorCode"]), str(told.get("errorMessage", ""))
    except (ValueError, KeyError, TypeError):
        return "BadResponse", "the answer is not Log Service's"
