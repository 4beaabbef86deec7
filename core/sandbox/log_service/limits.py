"""What PutLogs takes and what it refuses.

Limits: Alibaba Cloud, SLS "PutLogs" and "Limits", the stricter of the published ones (assumptions
SLS-01 and SLS-02). One bad log refuses the whole call. A content without a value counts as one with
an empty value: to look for it would cost as much as all the rest.
"""

from __future__ import annotations

from typing import Any, NoReturn

from google.protobuf.message import DecodeError

from core.sandbox.log_service.messages import AnyTextLogGroup, Keys, KeysOfLogs, LogGroup, RawLogs
from core.sandbox.log_service.wire import ServiceError

MAX_LOGS = 4096
MAX_RAW_BYTES = 3 * 1024 * 1024
MAX_LOG_BYTES = 1024 * 1024
"""Bytes of one log, which also bounds a value."""
MAX_KEY_BYTES = 128
OLDEST_SECONDS = 7 * 24 * 3600
NEWEST_SECONDS = 15 * 60

RESERVED_KEYS = frozenset(
    {
        b"__time__",
        b"__time_ns_part__",
        b"__source__",
        b"__topic__",
        b"__raw__",
        b"__partition_time__",
        b"__extract_others__",
    }
)
_RESERVED_PREFIX = b"__tag__:"
_SHAPES = 4096
_SHAPE_BYTES = 16384  # a longer one is checked anew each time, so that memory stays bounded


class Limits:
    """Checks LogGroups; remembers which lists of keys it has found in order."""

    def __init__(self) -> None:
        self._good_shapes: set[bytes] = set()

    def check(self, raw: bytes, now: int) -> int:
        """The number of logs in ``raw``; ``now`` in epoch seconds.

        Raises ServiceError: PostBodyTooLarge, PostBodyInvalid, InvalidEncoding, InvalidKey.
        """
        group = _parse(raw)
        times = [log.Time for log in group.Logs]
        _check_count(len(times))
        if min(times) < now - OLDEST_SECONDS or max(times) > now + NEWEST_SECONDS:
            raise ServiceError("PostBodyInvalid", "post data time is out of range")
        if len(raw) > MAX_LOG_BYTES:
            largest = max(map(len, RawLogs.FromString(raw).Logs))
            if largest > MAX_LOG_BYTES:
                raise ServiceError("PostBodyTooLarge", f"a log has {largest} bytes")
        self._check_keys(raw)
        for tag in group.LogTags:
            _check_key_size(tag.Key.encode())
        return len(times)

    def _check_keys(self, raw: bytes) -> None:
        """Check the keys of every log.

        To walk over all contents in Python would take longer than everything else. Without their
        values, most logs of a source are the same few bytes: those found good once are remembered.
        """
        keys = KeysOfLogs.FromString(raw)
        keys.DiscardUnknownFields()
        shapes = set(RawLogs.FromString(keys.SerializeToString()).Logs)
        for shape in shapes - self._good_shapes:
            for content in Keys.FromString(shape).Contents:
                _check_key(content.Key)
            if len(self._good_shapes) >= _SHAPES:
                self._good_shapes.clear()
            if len(shape) <= _SHAPE_BYTES:
                self._good_shapes.add(shape)


def count_logs(raw: bytes) -> int:
    """The number of logs in ``raw`` and nothing else about it. Raises ServiceError."""
    try:
        return len(RawLogs.FromString(raw).Logs)
    except DecodeError:
        raise ServiceError("PostBodyInvalid", "the body is not a LogGroup") from None


def _parse(raw: bytes) -> Any:
    try:
        return LogGroup.FromString(raw)
    except DecodeError:
        _explain(raw)


def _explain(raw: bytes) -> NoReturn:
    """Raise the error for a body that could not be parsed."""
    try:
        AnyTextLogGroup.FromString(raw)
    except DecodeError:
        raise ServiceError("PostBodyInvalid", "the body is not a LogGroup") from None
    raise ServiceError("InvalidEncoding", "the body has text that is not UTF-8")


def _check_count(logs: int) -> None:
    if logs > MAX_LOGS:
        raise ServiceError("PostBodyTooLarge", f"{logs} logs, {MAX_LOGS} are allowed")
    if logs == 0:
        raise ServiceError("PostBodyInvalid", "the LogGroup holds no log")


def _check_key(key: bytes) -> None:
    _check_key_size(key)
    if key in RESERVED_KEYS or key.startswith(_RESERVED_PREFIX):
        raise ServiceError("InvalidKey", f"key {key.decode()} is reserved")


def _check_key_size(key: bytes) -> None:
    if not 0 < len(key) <= MAX_KEY_BYTES:
        raise ServiceError(
            "InvalidKey", f"a key has {len(key)} bytes, 1 to {MAX_KEY_BYTES} are allowed"
        )
