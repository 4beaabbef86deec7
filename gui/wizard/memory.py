"""What the pages of one window know together: the plan that was agreed to, and what was changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from core.onboarding.action import Action, Plan
from core.onboarding.draft import Draft
from gui.jobs import Jobs
from gui.wizard.cloud_changes import CloudChanges


@dataclass
class Memory:
    """Of one import, for as long as the window is open.

    Attributes:
        azure: how many things were changed in Azure.
        earlier: the import was not begun in this window.
        agreed: the plan whose verb button was pressed and that nobody carries out yet, with the
            draft that it was made of.
        stopping: what is being carried out stops before its next action.
    """

    azure: int = 0
    earlier: bool = False
    agreed: tuple[Plan, Draft] | None = None
    stopping: bool = False
    _counted: set[tuple[str, str]] = field(default_factory=set)

    def changes(self, *, running: bool = False) -> CloudChanges:
        """For the footer."""
        return CloudChanges(azure=self.azure, running=running, earlier=self.earlier)

    def count(self, action: Action) -> None:
        """An action is further than before."""
        from core.onboarding.after_apply import changed_in_cloud

        if changed_in_cloud((action,)) and (action.id, action.kind) not in self._counted:
            self._counted.add((action.id, action.kind))
            self.azure += 1

    def take_agreed(self) -> tuple[Plan, Draft] | None:
        """The plan that was agreed to; it is given out once."""
        agreed, self.agreed = self.agreed, None
        return agreed


_KNOWN: WeakKeyDictionary[Jobs, dict[str, Memory]] = WeakKeyDictionary()


def memory_of(jobs: Jobs, draft: Draft) -> Memory:
    """What is known of the import that ``draft`` describes, in the window of ``jobs``."""
    return _KNOWN.setdefault(jobs, {}).setdefault(draft.name, Memory())
