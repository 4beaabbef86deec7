"""Hostile values: whatever comes, it ends soon, in bounded memory, as logs or as a dead letter."""

from __future__ import annotations

import codecs
import gzip
import json
import random
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from aliyun.log.log_logs_pb2 import LogGroup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.engine.batching import GroupBuilder
from core.engine.dead_letters import DeadLetter
from core.engine.transform import Transform

A_BATCH = 1_000
CPU_SECONDS = 0.25
RSS_GROWTH = 96 * 1024 * 1024


class OneMessage:
    """What a consumer hands over."""

    def __init__(self, value: bytes) -> None:
        self._value = value

    def value(self) -> bytes:
        return self._value

    def partition(self) -> int:
        return 3

    def offset(self) -> int:
        return 7

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_772_000_000_789


_SCRAPS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"'", b"\\", b"\x00", b"\x1c", b"\n", b"\xff",
    b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\u", b"NaN", b"-Infinity", b"1e400", b"01", b"-", b".",
    b"[ 218 B blob data ]", b"\xef\xbb\xbf", b'"records"', b'"records":[', b'{"records":[', b"]}",
    b'{"a":1}', b'},{"', b"{'a':'it\\'s'}", b'"time":"', b'"category":"SignInLogs"', b"null",
    b'{"a":1,"a":2}', b"/*", b"\xf0\x9f\x98\x80", b" ", b"\r\n\t", b'\\"', b"\\\\",
]  # fmt: skip


def _record(dice: random.Random) -> dict[str, Any]:
    names = ["time", "category", "properties", "Level", "level", "records", "event_uid", "é", "a"]
    values: list[Any] = ["it's", "x" * dice.randrange(40), 7, 1.5, None, True, "\u2028", "{'a':1}"]
    record: dict[str, Any] = {
        dice.choice(names): dice.choice(values) for _ in range(dice.randrange(6))
    }
    if dice.random() < 0.5:
        record["properties"] = {"n": [dict.fromkeys("ab", dice.choice(values))] * dice.randrange(4)}
    return record


def _message(dice: random.Random) -> bytes:
    records = [_record(dice) for _ in range(dice.randrange(8))]
    document: Any = records if dice.random() < 0.2 else {"records": records}
    return json.dumps(document, ensure_ascii=dice.random() < 0.5).encode()


def _soup(dice: random.Random) -> bytes:
    return b"".join(dice.choices(_SCRAPS, k=dice.randrange(60)))


def _damaged(dice: random.Random) -> bytes:
    value = bytearray(_message(dice))
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(value) + 1)
        value[at : at + dice.randrange(4)] = dice.choice(_SCRAPS)
    return bytes(value[: dice.randrange(len(value) + 1)] if dice.random() < 0.2 else value)


def _repeated(dice: random.Random) -> bytes:
    scrap = dice.choice(_SCRAPS) + dice.choice(_SCRAPS)
    return dice.choice([b"", b"{", b'{"records":[', b'[{"a":"']) + scrap * min(
        dice.randrange(1, 1_500), dice.randrange(1, 1_500), 600
    )


def _dressed(dice: random.Random) -> bytes:
    value = _damaged(dice)
    dress = dice.randrange(5)
    if dress == 0:
        return gzip.compress(value, 1)[: dice.choice([None, -3])]
    if dress == 1:
        return codecs.BOM_UTF8 + value
    if dress == 2:
        return value.decode("latin-1").encode("utf-16")[: dice.choice([None, -1])]
    if dress == 3:
        return value + value
    return value.replace(b'"', b"'")


def hostile(dice: random.Random) -> bytes:
    """One value, of any kind."""
    kinds = (_soup, _damaged, _damaged, _repeated, _dressed)
    kind = dice.randrange(len(kinds) + 1)
    return kinds[kind](dice) if kind < len(kinds) else dice.randbytes(dice.randrange(80))


class Judge:
    """Puts values through split and encode, and sees that nothing gets lost."""

    def __init__(self) -> None:
        self._closed: list[bytes] = []
        self._letters: list[DeadLetter] = []
        self._transform = Transform("0a1b2c3d", self._close, self._letters.append)
        self.values = 0

    def _close(self, builder: GroupBuilder) -> None:
        self._closed.append(builder.close().raw)

    def take(self, value: bytes) -> float:
        """CPU seconds that the value took."""
        self._closed.clear()
        self._letters.clear()
        before, builder = self._transform.received, GroupBuilder(3, 1, b"")
        message = OneMessage(value)
        began = time.thread_time()
        self._transform.take(message, builder)
        took = time.thread_time() - began
        self._close(builder)
        causes = [cause for letter in self._letters for cause in letter.causes]
        logs = 0
        for raw in self._closed:
            group = LogGroup()
            group.ParseFromString(raw)
            logs += len(group.Logs)
        assert self._transform.received - before == logs + len(causes)
        assert -1 not in causes or not logs
        self.values += 1
        return took

    def batch(self, seed: int) -> float:
        """The most CPU seconds that a value of a thousand took."""
        dice = random.Random(seed)
        slowest = 0.0
        for _ in range(A_BATCH):
            value = hostile(dice)
            took = self.take(value)
            if took > CPU_SECONDS:  # a collection of garbage may have fallen into it
                took = min(took, self.take(value), self.take(value))
                assert took <= CPU_SECONDS, value
            slowest = max(slowest, took)
        return slowest


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**63))
def test_three_thousand_hostile_values(seed: int) -> None:
    Judge().batch(seed)


@pytest.mark.slow
def test_two_hundred_thousand_hostile_values() -> None:
    process = psutil.Process()
    judge = Judge()
    judge.batch(0)
    before = process.memory_info().rss
    slowest = []

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**63))
    def batches(seed: int) -> None:
        slowest.append(judge.batch(seed))

    batches()
    grown = process.memory_info().rss - before
    print(f"{judge.values} values, slowest {max(slowest):.3f} s, memory +{grown >> 20} MiB")
    assert judge.values >= 200 * A_BATCH
    assert grown < RSS_GROWTH


GREAT = {
    "deep-arrays": b"[" * 100_000,
    "deep-objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep-in-a-record": b'{"records":[{"a":1},{"b":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
    "a-million-brackets": b"[{" * 500_000,
    "a-million-quotes": b'{"a":' + b"'" * 1_000_000,
    "a-million-backslashes": b'{"a":"' + b"\\" * 1_000_001 + b'"}',
    "a-million-control-bytes": b'{"a":"' + b"\x1c" * 1_000_000 + b'"}',
    "a-million-bad-bytes": b'{"a":"' + b"\xff" * 1_000_000 + b'"}',
    "a-million-commas": b"[" + b"," * 1_000_000 + b"]",
    "a-million-unclosed": b'{"a":"' + b"x" * 1_000_000,
    "many-records-one-fault": b"[" + b"{}," * 20_000 + b"{'a':NaN}" + b",{}" * 20_000 + b"]",
    "many-broken-records": b'{"records":[' + b'{"a":oops},' * 20_000 + b'{"a":1}]}',
    "many-unbalanced-records": b'{"records":[' + b'{"a":[1},' * 20_000 + b'{"a":1}]}',
    "many-unclosed-strings": b'{"records":[' + b'{"a":"x},' * 20_000 + b'{"a":1}]}',
    "many-documents": b'{"a":1}\n' * 20_000,
    "many-bad-documents": b'{"a":oops}\n' * 20_000 + b'{"a":1}',
    "many-faults-in-a-record": b"{" + b",".join(b"'n%d':NaN" % n for n in range(20_000)) + b"}",
    "many-equal-names": b"{" + b'"a":1,' * 50_000 + b"'a':2}",
    "a-bomb": gzip.compress(b"[" * 50_000_000, 1),
    "blanks": b" " * 1_000_000 + b"{'a':1}",
}  # fmt: skip


@pytest.mark.parametrize("value", GREAT.values(), ids=GREAT)
def test_great_hostile_values_end(store: Callable[[bytes], Any], value: bytes) -> None:
    stored = store(value)
    if -1 in stored.causes:
        assert not stored.logs
    else:
        assert stored.received == len(stored.logs) + len(stored.causes)


@pytest.mark.slow
def test_two_hundred_thousand_records_with_one_fault(store: Callable[[bytes], Any]) -> None:
    stored = store(b'{"records":[' + b"{}," * 199_999 + b"{'a':1}]}")
    assert (stored.received, len(stored.logs), stored.repaired) == (200_000, 200_000, 1)
    assert stored.logs[199_999]["a"] == "1"


def test_a_great_string_with_one_fault(store: Callable[[bytes], Any]) -> None:
    half = "é" * 120_000
    stored = store(f'{{"a":"{half}\n{half}"}}'.encode())
    assert stored.only()["a"] == half + "\n" + half
