"""Partitions on disk: recovery from a torn end, retention, look-ups over many segments."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.committed import Commit, CommittedOffsets
from core.sandbox.event_hubs.partition import Partition, Retention
from core.sandbox.event_hubs.wire import FileSlice

FOREVER = Retention(None, None)
SMALL = Retention(None, 1024 * 1024)  # segments of 256 KiB
BASE = 1_700_000_000_000

Open = Callable[..., Partition]


@pytest.fixture
def open_partition(tmp_path: Path) -> Iterator[Open]:
    opened: list[Partition] = []

    def make(retention: Retention = FOREVER) -> Partition:
        opened.append(Partition(tmp_path / "partition", retention))
        return opened[-1]

    yield make
    for partition in opened:
        partition.close()


def append(partition: Partition, batch: bytes) -> int:
    return partition.append(memoryview(bytearray(batch)))


def content(data: FileSlice | None) -> bytes:
    assert data is not None
    with data.path.open("rb") as file:
        file.seek(data.position)
        return file.read(data.length)


def base_offsets(data: bytes) -> list[int]:
    """Base offsets of the batches in ``data``, which must be whole ones."""
    found = []
    while data:
        offset, length = struct.unpack_from(">qi", data)
        assert len(data) >= 12 + length
        found.append(offset)
        data = data[12 + length :]
    return found


def last_segment(tmp_path: Path) -> Path:
    return max((tmp_path / "partition").glob("*.log"))


@pytest.mark.parametrize("cut", [1, 11, 12, 60, 61, 62, 200])
def test_a_torn_end_is_cut_off_and_appending_goes_on(
    tmp_path: Path, open_partition: Open, kit: Any, cut: int
) -> None:
    batch = kit.record_batch([b"x" * 50] * 3)
    partition = open_partition()
    for _ in range(4):
        append(partition, batch)
    partition.close()
    path = last_segment(tmp_path)
    with path.open("r+b") as file:
        file.truncate(3 * len(batch) + min(cut, len(batch) - 1))
    recovered = open_partition()
    assert (recovered.low, recovered.high) == (0, 9)
    assert path.stat().st_size == 3 * len(batch)
    assert append(recovered, batch) == 9
    data = content(recovered.slice_from(0, 10**6, at_least_one=True))
    assert base_offsets(data) == [0, 3, 6, 9]


@pytest.mark.parametrize("garbage", [b"\0" * 300, b"\xff" * 300, bytes(range(256))])
def test_garbage_at_the_end_is_cut_off(
    tmp_path: Path, open_partition: Open, kit: Any, garbage: bytes
) -> None:
    batch = kit.record_batch([b"x"])
    partition = open_partition()
    append(partition, batch)
    partition.close()
    with last_segment(tmp_path).open("ab") as file:
        file.write(garbage)
    recovered = open_partition()
    assert recovered.high == 1
    assert append(recovered, batch) == 1


def fill(partition: Partition, kit: Any, batches: int, size: int = 50_000) -> None:
    for number in range(batches):
        times = [BASE + 10_000 * number + 1000 * record for record in range(5)]
        append(partition, kit.record_batch([b"x" * (size // 5)] * 5, timestamps=times))


def test_every_offset_is_found_in_any_segment_and_after_a_restart(
    tmp_path: Path, open_partition: Open, kit: Any
) -> None:
    partition = open_partition(SMALL)
    fill(partition, kit, 30)
    partition.close()
    assert len(list((tmp_path / "partition").glob("*.log"))) > 4
    for opened in (partition, open_partition(SMALL)):
        assert opened.high == 150
        for offset in range(150):
            data = content(opened.slice_from(offset, 1, at_least_one=True))
            assert base_offsets(data) == [offset - offset % 5]
        assert opened.slice_from(150, 1, at_least_one=True) is None


def test_every_time_is_found_in_any_segment_and_after_a_restart(
    open_partition: Open, kit: Any
) -> None:
    partition = open_partition(SMALL)
    fill(partition, kit, 30)
    partition.close()
    for opened in (partition, open_partition(SMALL)):
        for number in range(150):
            exact = BASE + 10_000 * (number // 5) + 1000 * (number % 5)
            assert opened.offset_at(exact) == (exact, number)
            assert opened.offset_at(exact - 1) == (exact, number)
        assert opened.offset_at(BASE + 10_000_000) is None


def test_a_lost_side_file_is_made_up_for_by_reading_the_segment(
    tmp_path: Path, open_partition: Open, kit: Any
) -> None:
    partition = open_partition(SMALL)
    fill(partition, kit, 30)
    partition.close()
    sides = sorted((tmp_path / "partition").glob("*.index"))
    sides[0].unlink()
    sides[1].write_text("{", encoding="ascii")
    opened = open_partition(SMALL)
    assert (opened.low, opened.high) == (0, 150)
    assert opened.offset_at(BASE + 12_000) == (BASE + 12_000, 7)


def test_a_time_inside_a_batch_of_another_codec_gives_the_batch(
    open_partition: Open, kit: Any
) -> None:
    partition, lz4 = open_partition(), 3
    for first in (BASE, BASE + 100):
        times = [first + number for number in range(100)]
        append(partition, kit.record_batch([b"x"] * 100, timestamps=times, attributes=lz4))
    assert partition.offset_at(BASE + 150) == (BASE + 100, 100)


def test_a_slice_holds_whole_batches_within_its_limit(open_partition: Open, kit: Any) -> None:
    partition = open_partition()
    batch = kit.record_batch([b"x" * 100])
    for _ in range(2000):
        append(partition, batch)
    for first in (0, 1, 777, 1999):
        for batches in (1, 2, 500, 5000):
            limit = batches * len(batch) + 7
            data = content(partition.slice_from(first, limit, at_least_one=False))
            assert base_offsets(data) == list(range(first, min(first + batches, 2000)))
    assert partition.slice_from(0, len(batch) - 1, at_least_one=False) is None


def test_retention_by_bytes_moves_the_log_start(
    tmp_path: Path, open_partition: Open, kit: Any
) -> None:
    partition = open_partition(SMALL)
    fill(partition, kit, 100)
    partition.expire(time.time())
    assert 0 < partition.low < partition.high == 500
    assert 1024 * 1024 <= partition.size < 2 * 1024 * 1024
    with pytest.raises(RefusedError) as caught:
        partition.check_offset(partition.low - 1)
    assert caught.value.code is ErrorCode.OFFSET_OUT_OF_RANGE
    low = partition.low
    partition.close()
    assert open_partition(SMALL).low == low


def test_retention_by_time_counts_from_the_arrival(open_partition: Open, kit: Any) -> None:
    partition = open_partition(Retention(1, None))
    append(partition, kit.record_batch([b"x"] * 4, timestamps=[1000] * 4))  # from 1970, but new
    now = time.time()
    partition.expire(now + 3500)
    assert (partition.low, partition.high) == (0, 4)
    partition.expire(now + 3700)
    assert (partition.low, partition.high) == (4, 4)
    partition.close()
    reopened = open_partition(Retention(1, None))
    assert (reopened.low, reopened.high) == (4, 4)
    assert append(reopened, kit.record_batch([b"y"])) == 4


def test_deleted_records_stay_deleted(tmp_path: Path, open_partition: Open, kit: Any) -> None:
    partition = open_partition(SMALL)
    fill(partition, kit, 20)
    files = len(list((tmp_path / "partition").glob("*.log")))
    partition.delete_before(73)
    assert len(list((tmp_path / "partition").glob("*.log"))) < files
    partition.close()
    reopened = open_partition(SMALL)
    assert (reopened.low, reopened.high) == (73, 100)
    reopened.delete_before(100)
    reopened.close()
    assert (open_partition(SMALL).low, reopened.high) == (100, 100)


def test_a_deletion_that_was_interrupted_is_completed(
    tmp_path: Path, open_partition: Open, kit: Any
) -> None:
    partition = open_partition(SMALL)
    fill(partition, kit, 30)
    partition.close()
    segments = sorted((tmp_path / "partition").glob("*.log"))
    segments[1].unlink()  # and the first could not be removed
    opened = open_partition(SMALL)
    assert opened.low == int(segments[2].stem)
    assert opened.high == 150
    assert not segments[0].exists()


@pytest.mark.parametrize("seal", [False, True])
def test_a_producer_is_known_after_a_restart(open_partition: Open, kit: Any, seal: bool) -> None:
    partition = open_partition(SMALL)
    for sequence in range(0, 6, 2):
        append(partition, kit.record_batch([b"a", b"b"], producer=(7, 0, sequence)))
    if seal:  # other data fills the segments up, so that only side files know the producer
        fill(partition, kit, 12)
    high = partition.high
    partition.close()
    reopened = open_partition(SMALL)
    repeated = kit.record_batch([b"a", b"b"], producer=(7, 0, 4))
    assert append(reopened, repeated) == 4
    assert reopened.high == high
    with pytest.raises(RefusedError) as caught:
        append(reopened, kit.record_batch([b"c"], producer=(7, 0, 8)))
    assert caught.value.code is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert append(reopened, kit.record_batch([b"c"], producer=(7, 0, 6))) == high


def test_sequence_numbers_begin_again_after_the_largest(open_partition: Open, kit: Any) -> None:
    partition = open_partition()
    append(partition, kit.record_batch([b"a"], producer=(1, 0, 2**31 - 2)))
    append(partition, kit.record_batch([b"b", b"c"], producer=(1, 0, 2**31 - 1)))
    assert append(partition, kit.record_batch([b"d"], producer=(1, 0, 1))) == 3


def test_an_old_epoch_is_fenced_and_a_new_one_starts_at_zero(
    open_partition: Open, kit: Any
) -> None:
    partition = open_partition()
    append(partition, kit.record_batch([b"a"], producer=(1, 0, 0)))
    with pytest.raises(RefusedError) as caught:
        append(partition, kit.record_batch([b"b"], producer=(1, 1, 1)))
    assert caught.value.code is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    append(partition, kit.record_batch([b"b"], producer=(1, 1, 0)))
    with pytest.raises(RefusedError) as caught:
        append(partition, kit.record_batch([b"c"], producer=(1, 0, 1)))
    assert caught.value.code is ErrorCode.INVALID_PRODUCER_EPOCH


def test_commits_survive_with_a_torn_last_line(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    offsets = CommittedOffsets(path)
    offsets.commit("g", {("h", 0): Commit(5, -1, "a\nb"), ("h", 1): Commit(6, 2, "")})
    offsets.commit("other", {("h", 0): Commit(1, -1, "")})
    offsets.forget_group("other")
    sound = path.stat().st_size
    offsets.commit("g", {("h", 0): Commit(9, -1, "")})
    offsets.close()
    for size in range(sound, path.stat().st_size):
        torn = tmp_path / "torn"
        torn.write_bytes(path.read_bytes()[:size])
        reopened = CommittedOffsets(torn)
        assert reopened.of("g") == {("h", 0): Commit(5, -1, "a\nb"), ("h", 1): Commit(6, 2, "")}
        assert reopened.groups == ["g"]
        reopened.commit("g", {("h", 0): Commit(10, -1, "")})
        reopened.close()
        again = CommittedOffsets(torn)
        assert again.find("g", "h", 0) == Commit(10, -1, "")
        again.close()


def test_the_journal_does_not_grow_without_end(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    offsets = CommittedOffsets(path)
    for number in range(6000):
        offsets.commit("g", {("h", 0): Commit(number, -1, "m" * 1000)})
    offsets.close()
    assert path.stat().st_size < 5 * 1024 * 1024
    reopened = CommittedOffsets(path)
    assert reopened.find("g", "h", 0) == Commit(5999, -1, "m" * 1000)
    reopened.close()
