"""A dead letter in words and as the command line's JSON."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from core.engine.dead_letter_reader import Kept

WHOLE_MESSAGE = -1
"""Index of a cause that concerns the message, not one of its records."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cause_words(cause: str) -> str:
    """What ``cause`` means, a clause; the cause itself if this version does not know it."""
    name, _, code = cause.partition(":")
    words = _texts()["causes"].get(name, cause)
    return f"{words} ({code})" if code and words != cause else words


def stage_words(stage: str) -> str:
    """What happened in ``stage``, a clause."""
    return _texts()["stages"].get(stage, stage)


@functools.cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("resources").joinpath("dead_letters.toml").read_text())


def moment(seconds: float) -> str:
    """Epoch seconds as RFC 3339, UTC, milliseconds; ``unknown`` when it is no time."""
    try:
        text = (_EPOCH + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError):
        return "unknown"
    return text.replace("+00:00", "Z")


def message_time(kept: Kept) -> str:
    """The message's own timestamp as text; ``unknown`` if it had none."""
    milliseconds = kept.letter.timestamp_ms
    return moment(milliseconds / 1000) if milliseconds else "unknown"


def counted_causes(kept: Kept) -> dict[str, int]:
    """Cause -> how many records it concerns, the most frequent first."""
    return dict(Counter(kept.letter.causes.values()).most_common())


def summary(kept: Kept) -> dict[str, Any]:
    """A letter as ``list`` shows it to machines; ``bytes`` is the size of what is kept."""
    letter = kept.letter
    causes = counted_causes(kept)
    return {
        "id": kept.id,
        "written": moment(kept.written),
        "hub_id": letter.hub_id,
        "partition": letter.partition,
        "offset": letter.offset,
        "timestamp_ms": letter.timestamp_ms,
        "timestamp": message_time(kept),
        "stage": letter.stage,
        "causes": causes,
        "words": "; ".join(map(cause_words, causes)),
        "records": len(letter.causes),
        "bytes": len(letter.raw),
    }


def whole(kept: Kept) -> dict[str, Any]:
    """A letter without its bytes: enough to know it again and to replay it.

    ``index`` is the record's place in the message's array, -1 for the message as a whole.
    """
    return summary(kept) | {
        "causes": [{"index": index, "cause": cause} for index, cause in kept.letter.causes.items()],
        "sha256": hashlib.sha256(kept.letter.raw).hexdigest(),
    }


def printable(text: str) -> str:
    """``text`` with all that a terminal might obey, or show as something else, escaped."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(each: str) -> str:
    if each.isprintable():
        return each
    number = ord(each)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
