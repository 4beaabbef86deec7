"""The choice of a profile, for pages of the settings that are about one at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.onboarding.profile_shelf import OnShelf, shelf
from gui.jobs import Context, Work
from gui.settings.known_profiles import KnownProfiles
from gui.widgets.fields import ChoiceField
from gui.words import tr

_MACHINE = "*"


class ProfileChoice:
    """A field with the profiles that can be read.

    Attributes:
        field: the field.
        paths: of the profiles that are offered.
        preferred: the one that is chosen where the user has not chosen; the open one.
    """

    def __init__(self, known: KnownProfiles, label: str, *, machine: str = "") -> None:
        """``machine``: the words of a first choice that stands for no profile."""
        self._known = known
        self._machine = machine
        self.field = ChoiceField(label, width=320)
        self.field.combo.setMaximumWidth(480)
        self.paths: tuple[Path, ...] = ()
        self.preferred: Path | None = None

    @property
    def path(self) -> Path | None:
        """Of the chosen profile; None: none, or the machine."""
        value = self.field.value()
        return Path(value) if value and value != _MACHINE else None

    def work(self) -> Work:
        """The job that reads which profiles there are."""
        opened, hidden = self._known.opened, self._known.hidden

        async def work(context: Context) -> tuple[OnShelf, ...]:
            found = await asyncio.to_thread(shelf, opened)
            return tuple(each for each in found if each.path not in hidden)

        return work

    def show_profiles(self, profiles: tuple[OnShelf, ...]) -> None:
        """Offer these; the chosen one stays."""
        readable = [each for each in profiles if each.problem is None]
        self.paths = tuple(each.path for each in readable)
        names = [each.name for each in readable]
        choices = {_MACHINE: self._machine} if self._machine else {}
        for each in readable:
            twice = names.count(each.name) > 1
            words = tr("{name} in {folder}", name=each.name, folder=each.path.parent.name)
            choices[str(each.path)] = words if twice else each.name
        chosen = self.field.value()
        self.field.show_choices(choices)
        if chosen not in choices:
            first = str(self.preferred) if self.preferred in self.paths else next(iter(choices), "")
            self.field.show_value(_MACHINE if self._machine and not self.preferred else first)
