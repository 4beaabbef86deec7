"""The names under which a record's fields are stored.

Log Service reserves names, limits a name to 128 bytes (Log Service: "Limits: basic resources"),
and its queries do not tell upper from lower case.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

OWN_FIELDS: Final = ("event_uid", "event_service", "event_time", "event_flags", "event_raw")
"""Fields that Isthmus adds to a record."""

RESERVED: Final = frozenset(
    {
        "__time__",
        "__time_ns_part__",
        "__source__",
        "__topic__",
        "__raw__",
        "__raw_log__",
        "__receive_time__",
        "__client_ip__",
        "__partition__",
        "__extract_others__",
    }
)
"""Names of Log Service's own; so is all of the form ``__name__`` or ``__tag__:...``."""

MAX_NAME_BYTES: Final = 128

_FLAG_NAME_CHARACTERS: Final = 200
_TAKEN_OVER: Final = frozenset(OWN_FIELDS)


def field_names(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Stored names in the order of ``names``, and the flags that tell what was renamed.

    The stored names are unique, without regard to case, for any input. Slow; its result depends on
    ``names`` alone and is to be kept.
    """
    numbers: dict[str, int] = {}
    stored: list[str] = []
    flags: list[str] = []
    for place, name in enumerate(names, start=1):
        chosen = _numbered(name, numbers) if _usable(name) else ""
        if not chosen or not _fits(chosen):
            chosen = _numbered(f"field_{place}", numbers)
            flags.append(f"renamed:{chosen}={_quoted(name)}")
        numbers.setdefault(chosen.lower(), 1)
        stored.append(chosen)
    return tuple(stored), tuple(flags)


def _usable(name: str) -> bool:
    folded = name.lower()
    reserved = (
        folded in RESERVED
        or folded in _TAKEN_OVER
        or folded.startswith("__tag__:")
        or (len(folded) > 4 and folded.startswith("__") and folded.endswith("__"))
    )
    return bool(name) and not reserved and _fits(name)


def _fits(name: str) -> bool:
    """Whether the name is UTF-8 of an allowed length; half a surrogate pair is not."""
    try:
        return len(name.encode()) <= MAX_NAME_BYTES
    except UnicodeEncodeError:
        return False


def _numbered(name: str, numbers: dict[str, int]) -> str:
    """``name``, or if it is taken ``name__2``, ``name__3`` ...

    ``numbers`` holds each taken name in lower case, with the last number that was tried for it.
    """
    folded = name.lower()
    if folded not in numbers:
        return name
    while True:
        numbers[folded] += 1
        candidate = f"{name}__{numbers[folded]}"
        if candidate.lower() not in numbers:
            return candidate


def _quoted(name: str) -> str:
    """The name for a flag: commas, percent signs and control characters percent-encoded, cut."""
    text = ""
    for character in name:
        plain = character.isprintable() and character not in ",%"
        piece = character if plain else _percent(character)
        if len(text) + len(piece) > _FLAG_NAME_CHARACTERS:
            break
        text += piece
    return text


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
