"""A script that was read, checked and translated once, and runs over batches of rows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.sandbox.spl.batch import Batch, is_time
from core.sandbox.spl.database import Database
from core.sandbox.spl.errors import SplError, SplRunError
from core.sandbox.spl.expand_steps import expand_values
from core.sandbox.spl.field_steps import project, project_away, project_rename
from core.sandbox.spl.pack_steps import pack_fields
from core.sandbox.spl.parse_forms import parse_csv, parse_json, parse_kv, parse_regexp
from core.sandbox.spl.parser import read
from core.sandbox.spl.scene import LIMITS, Scene
from core.sandbox.spl.sql_steps import extend, where
from core.sandbox.spl.steps import Run, Step
from core.sandbox.spl.syntax import Instruction, Lines, SqlInstruction, Stage
from core.sandbox.spl.types import text

Row = dict[str, str | int]
"""A log: text fields, and the time fields as whole numbers."""

_STEPS: dict[str, Callable[[Instruction], Step]] = {
    "project": project,
    "project-away": project_away,
    "project-rename": project_rename,
    "expand-values": expand_values,
    "pack-fields": pack_fields,
    "parse-json": parse_json,
    "parse-kv": parse_kv,
    "parse-csv": parse_csv,
    "parse-regexp": parse_regexp,
}


@dataclass(frozen=True)
class Result:
    """What came out of a batch.

    Attributes:
        rows: a field that is NULL is not in its row.
        origins: for each row the index of the input row that it came from.
        notices: what the user should know of the run, each once.
    """

    rows: list[Row]
    origins: list[int]
    notices: list[str]


class Script:
    """Runs over any number of batches, one after the other; any thread may call ``run``.

    Threads that call one script wait for each other (a lock); different scripts run side by side.
    """

    def __init__(self, steps: Sequence[Step], scene: Scene) -> None:
        self.scene = scene
        self._steps = tuple(steps)
        self._any_case = LIMITS[scene].any_case
        self._database = Database()
        self._lock = threading.Lock()

    def run(
        self, rows: Sequence[Mapping[str, str | int | None]], now: float | None = None
    ) -> Result:
        """Take rows through the script. ``now`` is the run's moment, epoch seconds.

        Fields are text, ``__time__`` and ``__time_ns_part__`` whole numbers; the rows are not
        changed. Blocks. Raises SplRunError, and nothing of the batch comes out.
        """
        run = Run(self._database, time.time() if now is None else now)
        batch = Batch.of(rows, self._any_case)
        with self._lock:
            for step in self._steps:
                if batch.origins:
                    batch = step.run(batch, run)
        return Result(_rows(batch), batch.origins, list(run.notices))

    def check(self) -> None:
        """Take no rows through the script, so that types are checked. Raises SplError."""
        batch = Batch.of([], self._any_case)
        with self._lock:
            for step in self._steps:
                batch = step.run(batch, Run(self._database, time.time(), checking=True))


def parse(script: str, scene: Scene) -> Script:
    """Read, check and translate a script for one scene. Raises SplError."""
    lines = Lines(script)
    made = Script([_step(stage, lines) for stage in read(script, scene)], scene)
    made.check()
    return made


def _step(stage: Stage, lines: Lines) -> Step:
    if isinstance(stage, SqlInstruction):
        return where(stage, lines) if stage.word == "where" else extend(stage, lines)
    return _STEPS[stage.word](stage)


def _rows(batch: Batch) -> list[Row]:
    """The rows of a batch, whose values become text again."""
    rows: list[Row] = [{} for _ in batch.origins]
    for name, column in batch.columns.items():
        keeps = is_time(name) or column.type == "VARCHAR"
        for row, value in zip(rows, column.values, strict=True):
            if value is not None:
                row[name] = value if keeps else text(value, column.type)
    return rows


__all__ = ["Result", "Row", "Script", "SplError", "SplRunError", "parse"]
