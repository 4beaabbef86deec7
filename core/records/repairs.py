"""The repairs: what Azure's services are known to break, by name, and what is kept of each.

Every name is a flag of the records that it touched. Each has an example in docs/record.md.
"""

from __future__ import annotations

from typing import Final, NamedTuple

PREFIX: Final = "repaired_"
"""How the name of every repair begins."""

SINGLE_QUOTES: Final = "repaired_single_quotes"
CONTROL_CHARACTER: Final = "repaired_control_character"
BLOB_PLACEHOLDER: Final = "repaired_blob_placeholder"
NAN: Final = "repaired_nan"
NUMBER: Final = "repaired_number"
ESCAPE: Final = "repaired_escape"
SURROGATE: Final = "repaired_surrogate"
INVALID_UTF8: Final = "repaired_invalid_utf8"
TRAILING_COMMA: Final = "repaired_trailing_comma"
DEEP_NESTING: Final = "repaired_deep_nesting"
CONCATENATED: Final = "repaired_concatenated"
TRUNCATED: Final = "repaired_truncated"
BOM: Final = "repaired_bom"
ENCODING: Final = "repaired_encoding"
GZIP: Final = "repaired_gzip"

REPAIRS: Final = (
    SINGLE_QUOTES,
    CONTROL_CHARACTER,
    BLOB_PLACEHOLDER,
    NAN,
    NUMBER,
    ESCAPE,
    SURROGATE,
    INVALID_UTF8,
    TRAILING_COMMA,
    DEEP_NESTING,
    CONCATENATED,
    TRUNCATED,
    BOM,
    ENCODING,
    GZIP,
)
"""Every repair. The last six are of what stands around the records, and may touch them all."""

DUPLICATE_KEYS: Final = "duplicate_keys"
"""Flag, of repaired records only: an object in it holds a name twice, and the last value counts."""


class Repair(NamedTuple):
    """What was done to one record.

    Attributes:
        names: repairs, each once, of ``REPAIRS``.
        flags: what goes into ``event_flags``: the names, and ``duplicate_keys``.
        raw: the record's text as it came; a byte that is not UTF-8 stands as ``\\xNN``.
    """

    names: tuple[str, ...]
    flags: tuple[str, ...]
    raw: str


def is_repaired(event_flags: str) -> bool:
    """Whether a stored log's ``event_flags`` tell of a repair."""
    return event_flags.startswith(PREFIX) or f",{PREFIX}" in event_flags
