"""Dead letters survive crashes byte for byte (promises G1, G7, G12; faults F17, F18)."""

from __future__ import annotations

import dataclasses
import errno

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.dead_letter_writer import DeadLetterWriter, Release
from core.engine.dead_letters import (
    DeadLetter,
    DeadLetterQueue,
    DeadLetterQueueFullError,
    read_dead_letters,
)
from core.errors import Code

MIB = 1024 * 1024


def letter(offset: int, raw: bytes) -> DeadLetter:
    return DeadLetter("0badcafe", 3, offset, 1_764_000_000_000, "parse", {-1: "not_json"}, raw)


def written(folder, raws: list[bytes]) -> list[DeadLetter]:
    queue = DeadLetterQueue(folder, 100 * MIB)
    letters = [letter(offset, raw) for offset, raw in enumerate(raws)]
    for each in letters:
        queue.append(each)
    queue.sync()
    queue.close()
    return letters


@given(raws=st.lists(st.binary(max_size=300), max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_goes_in_comes_out_byte_for_byte(tmp_path_factory, raws):
    folder = tmp_path_factory.mktemp("dlq")
    letters = written(folder, raws)
    assert list(read_dead_letters(folder)) == letters


def test_the_end_torn_off_anywhere_loses_only_the_torn_letter(tmp_path):
    letters = written(tmp_path, [b"first", b"IDLQ inside", b"third"])
    (segment,) = tmp_path.glob("*.dlq")
    whole = segment.read_bytes()
    ends = [n for n in range(len(whole) + 1) if _whole_letters(segment, whole[:n]) == 2]
    assert 2 < len(ends) < len(whole)
    for size in range(len(whole)):
        segment.write_bytes(whole[:size])
        kept = list(read_dead_letters(tmp_path))
        assert kept == letters[: len(kept)]
        queue = DeadLetterQueue(tmp_path, 100 * MIB)
        queue.append(letter(77, b"after the crash"))
        queue.sync()
        queue.close()
        assert list(read_dead_letters(tmp_path)) == [*kept, letter(77, b"after the crash")]


def _whole_letters(segment, data: bytes) -> int:
    segment.write_bytes(data)
    return len(list(read_dead_letters(segment.parent)))


def test_a_broken_letter_in_the_middle_costs_no_other(tmp_path):
    letters = written(tmp_path, [b"first", b"second", b"third"])
    (segment,) = tmp_path.glob("*.dlq")
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    assert list(read_dead_letters(tmp_path)) == [letters[0], letters[2]]


def test_segments_follow_one_another(tmp_path):
    raws = [bytes([n]) * (5 * MIB) for n in range(4)]
    queue = DeadLetterQueue(tmp_path, 200 * MIB)
    for offset, raw in enumerate(raws):
        queue.append(letter(offset, raw))
        queue.sync()
    size = queue.size
    queue.close()
    assert len(list(tmp_path.glob("*.dlq"))) == 2
    assert [each.raw for each in read_dead_letters(tmp_path)] == raws
    again = DeadLetterQueue(tmp_path, 200 * MIB)
    assert again.size == size
    again.close()


def test_a_full_queue_refuses_and_keeps_what_it_has(tmp_path):
    queue = DeadLetterQueue(tmp_path, 3000)
    queue.append(letter(0, b"x" * 1000))
    with pytest.raises(DeadLetterQueueFullError):
        queue.append(letter(1, b"y" * 2000))
    queue.sync()
    queue.close()
    assert [each.offset for each in read_dead_letters(tmp_path)] == [0]


def test_the_writer_releases_nothing_until_the_disk_has_it(tmp_path):
    queue = DeadLetterQueue(tmp_path, 1500)
    writer = DeadLetterWriter(queue, limit_mib=1)
    writer.add([letter(0, b"a" * 100)], Release(3, 1, (0,)))
    writer.add([letter(1, b"b" * 2000)], Release(3, 1, (1,)))
    assert writer.flush() == [Release(3, 1, (0,))]
    assert writer.problem is not None
    assert writer.problem.code == Code.DEAD_LETTERS_FULL
    assert writer.records == 1
    queue._limit = 10_000  # an operator makes room
    writer._again = 0.0
    assert writer.flush() == [Release(3, 1, (1,))]
    assert writer.problem is None
    queue.close()


def test_a_disk_that_fails_at_the_sync_releases_nothing(tmp_path, monkeypatch):
    queue = DeadLetterQueue(tmp_path, MIB)
    writer = DeadLetterWriter(queue, limit_mib=1)
    writer.add([letter(0, b"a")], Release(3, 1, (0,)))

    def broken(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("core.engine.dead_letters.os.fsync", broken)
    assert writer.flush() == []
    assert writer.problem is not None
    assert writer.problem.code == Code.DEAD_LETTERS_NOT_WRITABLE
    monkeypatch.undo()
    writer._again = 0.0
    assert writer.flush() == [Release(3, 1, (0,))]
    queue.close()
    # It may stand there twice, but its key is one.
    assert {each.key for each in read_dead_letters(tmp_path)} == {letter(0, b"a").key}


def test_after_a_failed_sync_the_letters_are_written_again(tmp_path, monkeypatch):
    """Linux reports a failed write-back once; a second sync would say yes to nothing."""
    queue = DeadLetterQueue(tmp_path, MIB)
    writer = DeadLetterWriter(queue, limit_mib=1)
    writer.add([letter(0, b"a")], Release(3, 1, (0,)))
    answers = iter([OSError(errno.EIO, "Input/output error")])

    def fails_once(descriptor):
        for answer in answers:
            raise answer

    monkeypatch.setattr("core.engine.dead_letters.os.fsync", fails_once)
    assert writer.flush() == []
    writer._again = 0.0
    assert writer.flush() == [Release(3, 1, (0,))]
    queue.close()
    assert [each.offset for each in read_dead_letters(tmp_path)] == [0, 0]


def test_room_that_an_operator_makes_is_seen(tmp_path):
    queue = DeadLetterQueue(tmp_path, 3000)
    queue.append(letter(0, b"x" * 1500))
    queue.sync()
    (segment,) = tmp_path.glob("*.dlq")
    segment.rename(tmp_path.parent / "moved-away.dlq")
    queue.append(letter(1, b"y" * 1500))
    queue.sync()
    queue.close()
    assert [each.offset for each in read_dead_letters(tmp_path)] == [1]


def test_an_empty_queue_takes_one_letter_of_any_size(tmp_path):
    queue = DeadLetterQueue(tmp_path, 1000)
    queue.append(letter(0, b"x" * 5000))
    with pytest.raises(DeadLetterQueueFullError):
        queue.append(letter(1, b"y"))
    queue.close()


def test_a_letter_of_some_records_keeps_the_index_of_each(tmp_path):
    queue = DeadLetterQueue(tmp_path, MIB)
    kept = dataclasses.replace(
        letter(5, b"[1]"), causes={0: "record_not_an_object", 7: "too_large"}
    )
    queue.append(kept)
    queue.sync()
    queue.close()
    assert list(read_dead_letters(tmp_path)) == [kept]


def test_a_damaged_last_letter_is_not_cut_off_by_the_next_start(tmp_path):
    queue = DeadLetterQueue(tmp_path, 1_000_000)
    queue.append(letter(1, b"one"))
    queue.append(letter(2, b"two"))
    queue.sync()
    queue.close()
    (file,) = tmp_path.glob("*.dlq")
    data = bytearray(file.read_bytes())
    data[-1] ^= 0xFF
    file.write_bytes(data)
    again = DeadLetterQueue(tmp_path, 1_000_000)
    again.append(letter(3, b"three"))
    again.sync()
    again.close()
    assert file.read_bytes().startswith(bytes(data))
    assert [each.offset for each in read_dead_letters(tmp_path)] == [1, 3]
