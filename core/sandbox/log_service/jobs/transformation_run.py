"""A data transformation at work: logs of the source go through its script into the sinks.

Its place in each shard is kept on disk after the results are written, so that a job that dies
repeats logs and loses none. A log of the result without ``__time__`` has its source log's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.sandbox.certificates import write_private
from core.sandbox.log_service.jobs.job import Counts
from core.sandbox.log_service.jobs.run import JobFailedError, Run
from core.sandbox.log_service.jobs.stores import NewLog, Origin, Stores, is_key
from core.sandbox.log_service.jobs.transformation import (
    Transformation,
    compiled,
    read_transformation,
)
from core.sandbox.log_service.messages import LogGroup
from core.sandbox.log_service.shard_log import ShardLog
from core.sandbox.log_service.wire import ServiceError

_IDLE_SECONDS = 0.1
_BATCH_LOGS = 2000
_BATCH_BYTES = 4 * 1024 * 1024
_TAG = "__tag__:"
_MICROSECONDS = 1_000_000
Row = dict[str, Any]
"""A log: texts, beside ``__time__`` and ``__time_ns_part__``, which are numbers."""


@dataclass
class _Place:
    """How far the source was read: the id of the Logstore and a position for each shard."""

    logstore: int
    positions: dict[str, int]


class TransformationRun(Run):
    """Transforms a Logstore."""

    kind = "data transformation"

    def __init__(
        self,
        project: str,
        configuration: dict[str, Any],
        place_file: Path,
        stores: Stores,
        counts: Counts,
    ) -> None:
        """``place_file``: where its place in the source is kept."""
        super().__init__()
        self._project = project
        self._configuration = configuration
        self._file = place_file
        self._stores = stores
        self._counts = counts

    def work(self) -> None:
        """Transform until it is told to stop, or the end of its time. Raises JobFailedError."""
        try:
            self._transformation: Transformation = read_transformation(
                self._project, self._configuration, self._stores.check
            )
            self._script = compiled(self._transformation.spl)
            place = self._read_place()
            self.arrived()
            while not self.leaves():
                if not self._advance(place):
                    end = self._transformation.end
                    if end and time.time() >= end:
                        self.is_finished = True
                        return
                    self.leaves(_IDLE_SECONDS)
        except (ServiceError, OSError) as error:
            raise JobFailedError(str(error)) from None

    def _advance(self, place: _Place) -> bool:
        """One batch of each shard; whether there was any."""
        logstore, shards = self._stores.source(self._project, self._transformation.logstore)
        if logstore != place.logstore:  # deleted and made again
            place.logstore, place.positions = logstore, {}
        moved = False
        for number, log in list(shards.logs.items()):
            position = place.positions.get(str(number))
            if position is None:
                position = _at(log, self._transformation.begin, 0)
            rows, following = _rows(log, position, _at(log, self._transformation.end, log.end))
            if following == position:
                continue
            moved = True
            self._transform(rows)
            place.positions[str(number)] = following
            self._save_place(place)
            if self.leaves():
                break
        return moved

    def _transform(self, rows: list[Row]) -> None:
        from core.sandbox.spl import SplRunError

        try:
            result = self._script.run(rows)
        except SplRunError as error:
            raise JobFailedError(f"the script failed: {error}") from None
        now = int(time.time())
        logs = [
            _new_log(row, rows[origin], now)
            for row, origin in zip(result.rows, result.origins, strict=True)
        ]
        logs = [log for log in logs if log.fields]
        for sink in self._transformation.sinks:
            self._stores.write(sink.project, sink.logstore, logs, now)
        for notice in result.notices:
            self._counts.note(notice)
        self._counts.failed += len(result.rows) - len(logs)
        self._counts.read += len(rows)
        self._counts.written += len(logs)

    def _read_place(self) -> _Place:
        logstore, _ = self._stores.source(self._project, self._transformation.logstore)
        if self._file.exists():
            kept = json.loads(self._file.read_text("utf-8"))
            return _Place(kept["logstore"], kept["positions"])
        return _Place(logstore, {})

    def _save_place(self, place: _Place) -> None:
        content = {"logstore": place.logstore, "positions": place.positions}
        write_private(self._file, json.dumps(content).encode())


def _at(log: ShardLog, seconds: int, otherwise: int) -> int:
    """The position of a time of receipt; ``otherwise`` if none was given."""
    return log.position_at(seconds * _MICROSECONDS) if seconds else otherwise


def _rows(log: ShardLog, position: int, end: int) -> tuple[list[Row], int]:
    """The logs from ``position`` on, a batch of them, and the position that follows."""
    rows: list[Row] = []
    size = 0
    for group in log.read(position, end):
        rows += _logs(LogGroup.FromString(group.raw))
        size += len(group.raw)
        position = group.position + 1
        if len(rows) >= _BATCH_LOGS or size >= _BATCH_BYTES:
            break
    return rows, position


def _logs(message: Any) -> Iterator[Row]:
    common = {"__topic__": message.Topic, "__source__": message.Source}
    common |= {_TAG + tag.Key: tag.Value for tag in message.LogTags}
    for log in message.Logs:
        row: Row = {"__time__": log.Time, **common}
        if log.HasField("Time_ns"):
            row["__time_ns_part__"] = log.Time_ns
        for content in log.Contents:
            row[content.Key] = content.Value
        yield row


def _new_log(row: Row, source: Row, now: int) -> NewLog:
    """A row of the result as a log. Topic, source and tags are what the script left of them."""
    seconds = _number(row.get("__time__"), _number(source.get("__time__"), now))
    part = row.get("__time_ns_part__")
    nanoseconds = None if part is None else min(max(_number(part, 0), 0), 999_999_999)
    tags = {
        name.removeprefix(_TAG): str(value)
        for name, value in row.items()
        if name.startswith(_TAG) and value is not None and name != _TAG
    }
    origin = Origin(
        str(row.get("__topic__") or ""), str(row.get("__source__") or ""), tuple(tags.items())
    )
    fields = {
        name: str(value)
        for name, value in row.items()
        if value is not None and is_key(name) and not name.startswith(_TAG)
    }
    return NewLog(seconds, nanoseconds, fields, origin)


def _number(value: Any, otherwise: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return otherwise
