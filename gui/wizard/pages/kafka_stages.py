"""The six rows of the Kafka test, fed with the stages of ``core.kafka.probe`` as they end."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from gui.widgets.stage_rows import StageRows
from gui.words import tr

if TYPE_CHECKING:
    from core.kafka.probe import Stage

ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Resolve the name", ("parse", "resolve")),
    ("Reach the port", ("connect",)),
    ("Secure the line", ("tls",)),
    ("Sign in", ("sign_in",)),
    ("Find the event hub", ("hub", "rights", "watermarks")),
    ("Read a record", ("records",)),
)
"""Title of each row and the stages behind it; it is ok when all of them are."""

_TICK_MS = 200


class KafkaStages(StageRows):
    """The rows.

    Attributes:
        failed: the title of the row that failed; empty: none did.
    """

    def __init__(self) -> None:
        super().__init__(tr("Stages of the test"), tuple(tr(title) for title, _ in ROWS))
        self._told: dict[str, Stage] = {}
        self._at = -1
        self._since = 0.0
        self.failed = ""
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._count)

    def begin(self) -> None:
        """The test begins: its first row is under way."""
        self.reset("pending")
        self._told.clear()
        self.failed = ""
        self._run(0)
        self._tick.start()

    def take(self, stage: Stage) -> None:
        """A stage has ended."""
        self._told[stage.stage] = stage
        at = next(place for place, (_, stages) in enumerate(ROWS) if stage.stage in stages)
        title, stages = ROWS[at]
        if stage.state == "ok" and stage.stage != stages[-1]:
            return
        seen = [self._told[each] for each in stages if each in self._told]
        seconds = sum(each.seconds for each in seen)
        if stage.state == "failed":
            self.failed = title
            self.show_stage(at, state="failed", evidence=stage.evidence, seconds=seconds)
            self._at = -1
            return
        evidence = "; ".join(each.evidence for each in seen if each.evidence)
        self.show_stage(at, state="ok", evidence=evidence, seconds=seconds)
        if at + 1 < len(ROWS):
            self._run(at + 1)

    def end(self) -> None:
        """The test is over, by itself or stopped: what was not reached says so."""
        self._tick.stop()
        self._at = -1
        for place, row in enumerate(self.rows):
            if row.stage.state in ("pending", "running"):
                self.show_stage(place, state="not_reached", evidence="", seconds=None)

    def say_failed(self, by_event_hubs: bool) -> None:
        """The cause is known and stands elsewhere in full: the row says who refused."""
        if by_event_hubs:
            for place, row in enumerate(self.rows):
                if row.stage.state == "failed":
                    self.show_stage(place, evidence=tr("Refused by Event Hubs"))

    def say_unseen(self, *, empty: bool) -> None:
        """The last row ended well, but no record was read: there is none, or none can be parsed."""
        self.show_stage(len(self.rows) - 1, state="empty" if empty else "warning")

    @property
    def has_record(self) -> bool:
        """Whether a record was read and parsed."""
        return self.rows[-1].stage.state == "ok"

    @property
    def seconds(self) -> float:
        """How long the stages took together."""
        return sum(each.seconds for each in self._told.values())

    @property
    def passed(self) -> int:
        """How many rows did not fail."""
        return sum(row.stage.state in ("ok", "empty", "warning") for row in self.rows)

    def _run(self, place: int) -> None:
        self._at = place
        self._since = monotonic()
        self.show_stage(place, state="running", evidence="", seconds=None)

    def _count(self) -> None:
        if self._at >= 0:
            passed = monotonic() - self._since
            if passed >= 1:
                self.show_stage(self._at, seconds=float(int(passed * 10)) / 10)
