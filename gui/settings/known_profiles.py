"""Which profiles the list shows beside those of the config folder, and which it does not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from gui.window_state import WindowState

_MOST = 30


class KnownProfiles:
    """Paths of profiles that were opened, and of those that were taken off the list.

    A profile's file is never touched here: what is taken off the list is where it was, and comes
    back when it is opened.
    """

    def __init__(self, state: WindowState) -> None:
        self._state = state

    @property
    def opened(self) -> tuple[Path, ...]:
        """Profiles that were opened from anywhere, the newest first."""
        return self._paths("opened")

    @property
    def hidden(self) -> tuple[Path, ...]:
        """Profiles that were taken off the list."""
        return self._paths("hidden")

    def note(self, path: Path) -> None:
        """``path`` was opened: it is on the list."""
        path = path.absolute()
        rest = [each for each in self.opened if each != path]
        self._keep("opened", [path, *rest][:_MOST])
        self.show(path)

    def hide(self, path: Path) -> None:
        """Take ``path`` off the list."""
        self._keep("hidden", dict.fromkeys([path, *self.hidden]))

    def show(self, path: Path) -> None:
        """Put ``path`` on the list again."""
        self._keep("hidden", [each for each in self.hidden if each != path])

    def renamed(self, before: Path, after: Path) -> None:
        """The profile at ``before`` is at ``after`` now."""
        self._keep("opened", [after if each == before else each for each in self.opened])

    def _paths(self, key: str) -> tuple[Path, ...]:
        try:
            found = json.loads(self._state.profiles(key) or "[]")
        except ValueError:
            return ()
        return tuple(Path(str(each)) for each in found) if isinstance(found, list) else ()

    def _keep(self, key: str, paths: Iterable[Path]) -> None:
        self._state.keep_profiles(key, json.dumps([str(each) for each in paths]))
