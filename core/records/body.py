"""The body of a message as text: compression and encodings that strict parsing does not take.

RFC 8259, section 8.1, wants UTF-8 without a byte order mark. Azure Monitor writes that; other
producers of a hub need not.
"""

from __future__ import annotations

import codecs
import zlib
from typing import Final

from core.records.repairs import BOM, ENCODING, GZIP

MAX_TEXT_BYTES: Final = 4 * 1024 * 1024
"""Text that is inflated and repaired; a message has 1 MB at most (Azure: "Event Hubs quotas")."""

_GZIP: Final = b"\x1f\x8b\x08"
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OPENERS: Final = b"{["
_GZIP_WINDOW: Final = 31
"""zlib's code for a gzip header and the largest window."""


class BodyError(ValueError):
    """A body that cannot be made text.

    Attributes:
        cause: ``gzip_damaged``, ``gzip_too_large`` or ``invalid_utf8``.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


def plain(value: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The body as UTF-8 bytes without a byte order mark, and the repairs that took.

    Bytes that are no UTF-8 inside a body that claims no other encoding stay. Raises BodyError.
    """
    names: list[str] = []
    if value.startswith(_GZIP):
        value = _inflate(value)
        names.append(GZIP)
    if value.startswith(codecs.BOM_UTF8):
        return value[3:], (*names, BOM)
    for mark, encoding in _MARKS:
        if value.startswith(mark):
            return _recoded(value[len(mark) :], encoding), (*names, ENCODING)
    if value[1:2] == b"\0" and value[:1] and value[0] in _OPENERS:
        wide = value[2:4] == b"\0\0"
        return _recoded(value, "utf-32-le" if wide else "utf-16-le"), (*names, ENCODING)
    if value[:1] == b"\0" and value[1:2] and value[1] in _OPENERS:
        return _recoded(value, "utf-16-be"), (*names, ENCODING)
    return value, tuple(names)


def _recoded(value: bytes, encoding: str) -> bytes:
    try:
        return value.decode(encoding).encode()
    except UnicodeDecodeError:
        raise BodyError("invalid_utf8") from None


def _inflate(value: bytes) -> bytes:
    """All members of a gzip body, checked by their sums; never more than the bound in memory."""
    parts: list[bytes] = []
    room = MAX_TEXT_BYTES
    while value:
        inflater = zlib.decompressobj(_GZIP_WINDOW)
        try:
            part = inflater.decompress(value, room + 1)
        except zlib.error:
            raise BodyError("gzip_damaged") from None
        room -= len(part)
        if room < 0:
            raise BodyError("gzip_too_large")
        if not inflater.eof:
            raise BodyError("gzip_damaged")
        parts.append(part)
        if inflater.unused_data and not inflater.unused_data.startswith(_GZIP):
            raise BodyError("gzip_damaged")
        value = inflater.unused_data
    return b"".join(parts)
