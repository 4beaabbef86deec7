"""What every instruction becomes: a step that takes a batch and gives the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from core.sandbox.spl.batch import Batch
from core.sandbox.spl.database import Database
from core.sandbox.spl.syntax import Place


@dataclass
class Run:
    """What the steps of one run share.

    Attributes:
        database: where expressions are evaluated.
        now: the run's moment, epoch seconds.
        checking: whether the batch is empty and only types are looked at.
        notices: what the user should know, each once, in order.
    """

    database: Database
    now: float
    checking: bool = False
    notices: dict[str, None] = field(default_factory=dict)

    def notice(self, text: str) -> None:
        """Say something once."""
        self.notices[text] = None


class Step(Protocol):
    """An instruction ready to run."""

    @property
    def place(self) -> Place:
        """Where it stands in the script."""

    def run(self, batch: Batch, run: Run) -> Batch:
        """The rows after it. Raises SplError while checking, SplRunError otherwise."""
