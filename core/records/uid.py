"""``event_uid``: the identity of a record, from its place in the hub.

Form: ``<hub id>.<partition>.<offset>.<message timestamp>.<index>/<count>``. It stays unique when a
hub is deleted and made again: offsets restart then, timestamps do not. Index counts from 0 in the
message's array, broken items counted, so that gaps can be read from the Logstore alone.
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from typing import Final

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAIRS: Final = tuple(high + low for high in _DIGITS for low in _DIGITS)
_LOW: Final = 36**4
_NUMBER: Final = r"(0|[1-9][0-9]{0,18})"
_FORM: Final = re.compile(
    rf"([0-9a-f]{{8}})\.{_NUMBER}\.{_NUMBER}\.(0|[1-9a-z][0-9a-z]{{0,12}})\.{_NUMBER}/{_NUMBER}"
)


def hub_id(host: str, port: int, hub: str) -> str:
    """Eight hexadecimal digits that stand for one event hub (or topic) of one namespace."""
    name = f"{host}:{port}/{hub}".lower()
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def uid_prefix(hub: str, partition: int, offset: int, timestamp_ms: int) -> str:
    """What the records of one message share; ``hub`` is a ``hub_id``.

    ``timestamp_ms`` is the message's, in epoch milliseconds; none or negative counts as 0. A
    record's uid is ``f"{prefix}.{index}/{count}"``.
    """
    return f"{hub}.{partition}.{offset}.{_base_36(timestamp_ms)}"


def _base_36(number: int) -> str:
    if number < _LOW:
        return _digits(max(number, 0))
    high, low = divmod(number, _LOW)
    return _digits(high) + _PAIRS[low // 1296] + _PAIRS[low % 1296]


@functools.lru_cache(maxsize=64)
def _digits(number: int) -> str:
    """Base 36. Of timestamps it gets the high part only, which changes twice an hour."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"


@dataclass(frozen=True)
class EventUid:
    """An ``event_uid``, taken apart; ``str()`` puts it together again.

    Attributes:
        hub: the hub id.
        partition: Kafka partition.
        offset: Kafka offset of the message.
        timestamp_ms: the message's timestamp, epoch milliseconds; 0 if it had none.
        index: place in the message's array, from 0.
        count: length of that array.
    """

    hub: str
    partition: int
    offset: int
    timestamp_ms: int
    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> EventUid:
        """Take ``text`` apart. Raises ValueError when it is not an ``event_uid``."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError("not an event_uid")
        hub, partition, offset, timestamp, index, count = match.groups()
        uid = cls(hub, int(partition), int(offset), int(timestamp, 36), int(index), int(count))
        if uid.index >= uid.count:
            raise ValueError("not an event_uid: its index is not below its count")
        return uid

    def __str__(self) -> str:
        prefix = uid_prefix(self.hub, self.partition, self.offset, self.timestamp_ms)
        return f"{prefix}.{self.index}/{self.count}"
