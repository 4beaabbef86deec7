"""What the window remembers from one session to the next: its place, the theme, the help panel."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow

from core.paths import config_folder
from gui.theme import Choice

_DEFAULT_WIDTH, _DEFAULT_HEIGHT = 1280, 800


class WindowState:
    """``window.ini`` in the config folder. Nothing here is worth a message when it is lost."""

    def __init__(self) -> None:
        file = config_folder() / "window.ini"
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    def place(self, window: QMainWindow) -> None:
        """Put ``window`` where it was, else in its default size."""
        window.resize(_DEFAULT_WIDTH, _DEFAULT_HEIGHT)
        kept = self._settings.value("geometry")
        if isinstance(kept, QByteArray):
            window.restoreGeometry(kept)

    def keep_place(self, window: QMainWindow) -> None:
        """Remember where ``window`` is."""
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.sync()

    @property
    def theme(self) -> Choice:
        """The theme that was chosen."""
        kept = str(self._settings.value("theme", Choice.SYSTEM))
        return Choice(kept) if kept in set(Choice) else Choice.SYSTEM

    @theme.setter
    def theme(self, choice: Choice) -> None:
        if choice is not self.theme:  # each start chooses what was kept, and writing takes time
            self._settings.setValue("theme", str(choice))
            self._settings.sync()

    @property
    def help_wanted(self) -> bool | None:
        """Whether the help panel was open; None: the user has never said."""
        kept = str(self._settings.value("help", ""))
        return {"yes": True, "no": False}.get(kept)

    @help_wanted.setter
    def help_wanted(self, wanted: bool) -> None:
        self._settings.setValue("help", "yes" if wanted else "no")
        self._settings.sync()

    def profiles(self, key: str) -> str:
        """A list of profiles as it was kept by :meth:`keep_profiles`; empty: none was."""
        return str(self._settings.value(f"profiles/{key}", ""))

    def keep_profiles(self, key: str, text: str) -> None:
        """Remember a list of profiles."""
        self._settings.setValue(f"profiles/{key}", text)
        self._settings.sync()
