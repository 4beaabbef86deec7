"""What one record draws from: its number, its own noise and its moment.

A record's number (ordinal) and the seed give 64 bytes of noise by BLAKE2b (RFC 7693). Identifiers
are cut from the first 48 of them, choices from the last 16. Nothing else is random, so that any
record can be made again alone.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

TICKS = 10_000_000
"""Ticks in a second: Azure writes times to 100 ns."""

WINDOW_SECONDS = 300
"""Records happened at most this long before the moment that they are reckoned from."""

_RECKONED_BACK = 210 * TICKS
_STEP = 30_000  # 3 ms from a record to the next
_CYCLE = 180 * TICKS
_JITTER = 20 * TICKS

Thing = TypeVar("Thing")


def seed_key(seed: int) -> bytes:
    """The key under which every hash of this seed is made."""
    return hashlib.blake2b(str(seed).encode(), digest_size=32).digest()


def guid(digits: bytes) -> bytes:
    """The form of a version 4 UUID (RFC 9562, section 5.4) from 32 hexadecimal digits."""
    return b"%b-%b-4%b-a%b-%b" % (
        digits[:8],
        digits[8:12],
        digits[13:16],
        digits[17:20],
        digits[20:32],
    )


class Occasion:
    """A record's number, noise and moment.

    Attributes:
        ordinal: the record's number, from 0.
        ticks: when Azure wrote it, in 100 ns since 1970.
        digits: 96 hexadecimal digits for identifiers.
        choices: 16 bytes for choices.
    """

    __slots__ = ("base", "choices", "digits", "ordinal", "ticks")

    def __init__(self, key: bytes, ordinal: int, base: int) -> None:
        """``base``: the moment, in epoch seconds, that times are reckoned from."""
        noise = hashlib.blake2b(ordinal.to_bytes(8, "big"), key=key, digest_size=64).digest()
        self.ordinal = ordinal
        self.base = base
        self.digits = noise[:48].hex().encode()
        self.choices = noise[48:]
        jitter = int.from_bytes(noise[44:48], "big") % _JITTER
        self.ticks = base * TICKS - _RECKONED_BACK + ordinal * _STEP % _CYCLE + jitter

    def place_in_window(self, seconds: float) -> None:
        """Let it have happened ``seconds`` after the window's beginning."""
        start = (self.base - WINDOW_SECONDS) * TICKS
        fine = int.from_bytes(self.choices[:2], "big")
        self.ticks = start + int(seconds * TICKS) + fine

    def identifier(self) -> bytes:
        """The generator's own id of the record."""
        return guid(self.digits)

    def among(self, things: Sequence[Thing], place: int) -> Thing:
        """One of ``things`` by the choice at ``place``; all are equally likely."""
        return things[self.choices[place] * len(things) >> 8]

    def mostly(self, things: Sequence[Thing], place: int) -> Thing:
        """One of ``things`` by the choices at ``place`` and after; the first ones often."""
        number = self.choices[place] << 8 | self.choices[place + 1]
        return things[number * number * len(things) >> 32]

    def chance(self, of_256: int, place: int) -> bool:
        """True in ``of_256`` of 256 cases."""
        return self.choices[place] < of_256


@functools.lru_cache(maxsize=4096)
def _second(seconds: int) -> bytes:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


def to_ticks(ticks: int) -> bytes:
    """``2026-03-05T07:08:09.0123456Z``: what most services write."""
    seconds, fraction = divmod(ticks, TICKS)
    return b"%b.%07dZ" % (_second(seconds), fraction)


def with_offset(ticks: int) -> bytes:
    """``...09.01234+00:00``: with an offset and without trailing zeros, as below properties."""
    seconds, fraction = divmod(ticks, TICKS)
    if not fraction:
        return _second(seconds) + b"+00:00"
    return b"%b.%b+00:00" % (_second(seconds), (b"%07d" % fraction).rstrip(b"0"))


def to_microseconds(ticks: int) -> bytes:
    """``...09.012345+00:00``."""
    seconds, fraction = divmod(ticks, TICKS)
    return b"%b.%06d+00:00" % (_second(seconds), fraction // 10)


def to_milliseconds(ticks: int) -> bytes:
    """``...09.012Z``."""
    seconds, fraction = divmod(ticks, TICKS)
    return b"%b.%03dZ" % (_second(seconds), fraction // 10_000)


def to_seconds(ticks: int) -> bytes:
    """``...09Z``."""
    return _second(ticks // TICKS) + b"Z"
