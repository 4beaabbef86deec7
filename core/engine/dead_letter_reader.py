"""Reading a dead-letter queue for people, also while an engine writes to it.

Nothing is locked and nothing is changed. What cannot be read is named with its place, and every
letter around it is read all the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.engine.dead_letters import HEAD, MAGIC, DeadLetter, frames, read_payload

_ID_BYTES = 4


@dataclass(frozen=True)
class Kept:
    """A letter and where it is kept.

    Attributes:
        id: ``<partition>.<offset>.<8 hexadecimal digits>``; made of the letter itself, so it is
            the same for everyone, and a letter that was written twice has one.
        letter: the letter.
        written: when it was put into the queue, epoch seconds.
        file: its segment.
        position: of its frame in the segment, bytes.
    """

    id: str
    letter: DeadLetter
    written: float
    file: Path
    position: int


@dataclass(frozen=True)
class Damage:
    """Bytes ``first`` to ``end`` (excluded) of ``file`` that hold no letter that can be read."""

    file: Path
    first: int
    end: int
    reason: str

    def __str__(self) -> str:
        if self.end == self.first:
            return f"{self.file.name}: {self.reason}"
        return f"{self.file.name}, bytes {self.first:,} to {self.end - 1:,}: {self.reason}"


@dataclass(frozen=True)
class Unfinished:
    """A letter at the end of the queue that is being written, or that a crash cut off.

    It is no damage: the offset of its message is not committed, so it will be written again.
    """

    file: Path
    position: int
    size: int


def read_queue(folder: Path) -> Iterator[Kept | Damage | Unfinished]:
    """What the queue in ``folder`` holds, oldest first; nothing if there is no such folder.

    A letter that a crash left twice comes once. Raises OSError if the folder cannot be read.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".dlq"))
    except FileNotFoundError:
        return
    seen: set[bytes] = set()
    for name in names:
        for found in _read_segment(folder / name, name == names[-1]):
            if isinstance(found, Kept):
                digest = _digest(found.letter)
                if digest in seen:
                    continue
                seen.add(digest)
            yield found


def _read_segment(path: Path, is_last: bool) -> Iterator[Kept | Damage | Unfinished]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return  # an operator has just taken it away
    except OSError as error:
        yield Damage(path, 0, 0, f"it cannot be read: {error.strerror or type(error).__name__}")
        return
    at = 0
    for payload, end in frames(data):
        position = end - len(payload) - HEAD.size
        if position > at:
            yield _gap(path, data, at, position)
        at = end
        try:
            letter, written = read_payload(payload)
        except ValueError as error:
            yield Damage(path, position, end, f"a letter in an unknown form ({error})")
            continue
        yield Kept(letter_id(letter), letter, written, path, position)
    if at == len(data):
        return
    if is_last and _is_begun(data[at:]):
        yield Unfinished(path, at, len(data) - at)
    else:
        yield _gap(path, data, at, len(data))


def _is_begun(rest: bytes) -> bool:
    """Whether ``rest`` is the first part of a frame."""
    if len(rest) < HEAD.size:
        return MAGIC.startswith(rest[: len(MAGIC)])
    magic, size, _ = HEAD.unpack_from(rest)
    return bool(magic == MAGIC) and HEAD.size + size > len(rest)


def _gap(path: Path, data: bytes, first: int, end: int) -> Damage:
    gap = data[first:end]
    if end == len(data) and _is_begun(gap):
        reason = "the file ends inside a letter"
    elif gap.startswith(MAGIC):
        reason = "a letter whose checksum does not fit"
    else:
        reason = "this is no letter"
    return Damage(path, first, end, reason)


def letter_id(letter: DeadLetter) -> str:
    """The id of a letter; see :class:`Kept`."""
    return f"{letter.partition}.{letter.offset}.{_digest(letter)[:_ID_BYTES].hex()}"


def _digest(letter: DeadLetter) -> bytes:
    """What tells a letter from all others: of one message there may be several."""
    hashed = hashlib.sha256()
    for part in (*letter.key, letter.stage, *letter.causes.items()):
        hashed.update(f"{part}\n".encode())
    hashed.update(letter.raw)
    return hashed.digest()[:12]
