"""What requests and answers have in common: their form, compression and the error answer.

Headers and codes: Alibaba Cloud, SLS "Public request headers", "Data compression", "Error codes".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import lz4.block
import zstandard

from core.sandbox.log_service.messages import Group

_STATUSES = {
    "MissingContentLength": 411,
    "InvalidContentType": 415,
    "SignatureNotMatch": 401,
    "InvalidAccessKeyId": 401,
    "Unauthorized": 401,
    "ProjectNotExist": 404,
    "LogStoreNotExist": 404,
    "ConsumerGroupNotExist": 404,
    "JobNotExist": 404,
    "WriteQuotaExceed": 403,
    "ReadQuotaExceed": 403,
    "ShardWriteQuotaExceed": 403,
    "ShardReadQuotaExceed": 403,
    "InternalServerError": 500,
    "ServerBusy": 503,
}
"""HTTP status of an errorCode; every other code is a 400."""


class ServiceError(Exception):
    """A request that is refused: errorCode, text, HTTP status (the code's own if not given)."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status or _STATUSES.get(code, 400)


@dataclass(frozen=True)
class Call:
    """A request as the operations see it.

    Attributes:
        path: percent-decoded, without query.
        query: names and values, decoded, in the order of the request.
        project: the Host header's first label, empty if the host is the bare endpoint.
        headers: case-insensitive.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    project: str
    headers: Mapping[str, str]
    body: bytes

    def parameter(self, name: str, default: str | None = None) -> str:
        """A query parameter; ParameterInvalid if it is missing and has no default."""
        for key, value in self.query:
            if key == name:
                return value
        if default is None:
            raise ServiceError("ParameterInvalid", f"parameter {name} is missing")
        return default

    def json(self, refusal: str) -> dict[str, Any]:
        """The body as a JSON object; errorCode ``refusal`` if it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise ServiceError(refusal, "the body is not a JSON object")
        return value


@dataclass(frozen=True)
class Answer:
    """What an operation answers; ``headers`` beside those that every answer has."""

    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


def json_answer(value: Any, headers: dict[str, str] | None = None) -> Answer:
    """``value`` as JSON; half a surrogate pair, which a request's JSON can hold, becomes ``?``."""
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    return Answer(body, {"Content-Type": "application/json", **(headers or {})})


def error_answer(error: ServiceError) -> Answer:
    """The answer that tells a client what was wrong."""
    body = json.dumps({"errorCode": error.code, "errorMessage": error.message}).encode()
    return Answer(body, {"Content-Type": "application/json"}, error.status)


def packed_answer(body: bytes, accepted: str, headers: dict[str, str]) -> Answer:
    """``body`` compressed as the client's Accept-Encoding allows: lz4, zstd or not at all."""
    names = {name.partition(";")[0].strip().lower() for name in accepted.split(",")}
    headers = {**headers, "x-log-bodyrawsize": str(len(body))}
    if not body:
        return Answer(b"", headers)
    if "lz4" in names:
        headers["x-log-compresstype"] = "lz4"
        return Answer(lz4.block.compress(body, store_size=False), headers)
    if "zstd" in names:
        headers["x-log-compresstype"] = "zstd"
        return Answer(zstandard.ZstdCompressor(level=1).compress(body), headers)
    return Answer(body, headers)


def unpack(body: bytes, compression: str, raw_size: int) -> bytes:
    """``body`` decompressed; it never grows past ``raw_size`` bytes.

    ``compression`` is ``lz4`` (a raw block without size prefix), ``zstd`` (a frame) or empty.
    Raises ServiceError: InvalidCompressType, PostBodyUncompressError, InvalidBodyRawSize.
    """
    if compression == "":
        raw = body
    elif compression == "lz4":
        raw = _unpack_lz4(body, raw_size)
    elif compression == "zstd":
        raw = _unpack_zstd(body, raw_size)
    else:
        raise ServiceError(
            "InvalidCompressType", f"x-log-compresstype {compression} is unsupported"
        )
    if len(raw) != raw_size:
        raise ServiceError(
            "InvalidBodyRawSize", f"x-log-bodyrawsize is {raw_size}, the body has {len(raw)} bytes"
        )
    return raw


def _unpack_lz4(body: bytes, raw_size: int) -> bytes:
    try:
        return bytes(lz4.block.decompress(body, uncompressed_size=raw_size))
    except (lz4.block.LZ4BlockError, ValueError, OverflowError) as error:
        raise ServiceError("PostBodyUncompressError", "the lz4 block is broken") from error


def _unpack_zstd(body: bytes, raw_size: int) -> bytes:
    try:
        declared = zstandard.frame_content_size(body)
        if declared not in (-1, raw_size):  # the library would believe the frame, not our bound
            raise ServiceError(
                "InvalidBodyRawSize", f"x-log-bodyrawsize is {raw_size}, the frame says {declared}"
            )
        return zstandard.ZstdDecompressor().decompress(
            body, max_output_size=max(1, raw_size), allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise ServiceError("PostBodyUncompressError", "the zstd frame is broken") from error


def group_list(groups: list[Group]) -> bytes:
    """A LogGroupList of the groups' own bytes: only tags and lengths are added."""
    parts: list[bytes] = []
    for group in groups:
        parts += (b"\x0a", _varint(len(group.raw)), group.raw)
    return b"".join(parts)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
