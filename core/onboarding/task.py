"""What one step of a plan has to offer: to look, to make, and to say how a person would do it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.errors import Problem
from core.onboarding.action import CostClass, Kind
from core.onboarding.journal import Thing

Progress = Callable[[str], None]
"""Is told a sentence about what is being waited for."""

World = TypeVar("World")


@dataclass(frozen=True)
class Look:
    """What a task found when it looked.

    Attributes:
        kind: what is to be done.
        what: one sentence for people.
        thing: what would be made, or is there.
        problem: an error: it cannot be done; a warning: it can, but this should be known.
        differences: how what is reused differs from the profile.
    """

    kind: Kind
    what: str
    thing: Thing
    problem: Problem | None = None
    differences: tuple[str, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Whether it cannot be done."""
        return self.problem is not None and self.problem.severity == "error"


class Task(ABC, Generic[World]):
    """One action of a half; it holds no state of the cloud, which is in ``World``.

    Attributes:
        id: names its action.
        step: the wizard's step.
        cost_class: what kind of cost its thing causes.
    """

    id: str
    step: str
    cost_class: CostClass = "none"

    @abstractmethod
    async def look(self, world: World) -> Look:
        """Look at the cloud, changing nothing, and leave in ``world`` what was found.

        Raises ProblemError when it cannot look.
        """

    @abstractmethod
    async def make(self, world: World, look: Look, progress: Progress) -> None:
        """Do what ``look`` said. Doing it twice is as good as once. Raises ProblemError."""

    def learn(self, world: World) -> None:  # most tasks teach nothing
        """Keep what is known now that the thing is there. Raises OSError."""

    @abstractmethod
    def command(self, world: World) -> str:
        """The line of the cloud's own command line that does the same; empty: none."""
