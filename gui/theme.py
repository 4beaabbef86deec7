"""Light, dark and high contrast from one table: palette, style sheet and the colours of painters.

Fusion with a palette of our own and one short style sheet, both made from ``gui.tokens``. Where
the user's system has a high-contrast theme its colours are followed: the palette is left alone,
and states keep their shape and their word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources

from PySide6.QtCore import QDir, QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from gui import icons
from gui.tokens import STATUSES, Scheme, tokens
from gui.type_scale import height

_IMAGES = {
    "chevron-down": ("chevron-down", "muted"),
    "chevron-up": ("chevron-up", "muted"),
    "chevron-right": ("chevron-right", "muted"),
    "refused": ("blocked", "fail"),
}
_BOXES = ("box-off", "box-on", "box-part", "radio-off", "radio-on")


class Choice(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high_contrast"


class Theme(QObject):
    """The theme of the application.

    Attributes:
        choice: what the user chose.
        scheme: the column of the table that is shown.

    Signals:
        changed: palette and style sheet are new; what was painted is out of date.
    """

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._system = QPalette(application.palette())
        self._images = QTemporaryDir()
        self._tokens: Mapping[str, str] = tokens(Scheme.LIGHT)
        self.choice = Choice.SYSTEM
        self.scheme = Scheme.LIGHT
        application.setStyle("Fusion")
        QDir.setSearchPaths("isthmus", [self._images.path()])
        self._hints = application.styleHints()  # kept: its wrapper owns that of accessibility()
        self._hints.colorSchemeChanged.connect(self._on_system_changed)
        self._hints.accessibility().contrastPreferenceChanged.connect(self._on_system_changed)

    def choose(self, choice: Choice) -> None:
        """Show ``choice`` from now on."""
        self.choice = choice
        self._apply()

    def hex(self, token: str) -> str:
        """The colour ``token`` as ``#RRGGBB``. Raises KeyError."""
        return self._tokens[token]

    def color(self, token: str) -> QColor:
        """The colour ``token``. Raises KeyError."""
        return QColor(self._tokens[token])

    @property
    def ring(self) -> int:
        """The width of the focus ring, px."""
        return 3 if self.scheme is Scheme.HIGH_CONTRAST else 2

    def _follows_system_colours(self) -> bool:
        preference = self._hints.accessibility().contrastPreference()
        wished = preference is Qt.ContrastPreference.HighContrast
        return self.choice is Choice.SYSTEM and wished

    def _apply(self) -> None:
        if self._follows_system_colours():
            self.scheme = Scheme.HIGH_CONTRAST
            self._tokens = _tokens_of(self._system)
            palette = self._system
        else:
            self.scheme = self._chosen_scheme()
            self._tokens = tokens(self.scheme)
            palette = _palette(self._tokens)
        icons.forget()
        self._write_images()
        self._application.setPalette(palette)
        self._application.setStyleSheet(self._style_sheet())
        self.changed.emit()

    def _chosen_scheme(self) -> Scheme:
        if self.choice is Choice.SYSTEM:
            dark = self._hints.colorScheme() is Qt.ColorScheme.Dark
            return Scheme.DARK if dark else Scheme.LIGHT
        return Scheme(self.choice)

    def _on_system_changed(self) -> None:
        if self.choice is Choice.SYSTEM:
            self._apply()

    def _write_images(self) -> None:
        """The few images that a style sheet can only take from files."""
        made = {
            name: icons.source(icon, self.hex(token), self.hex("surface"))
            for name, (icon, token) in _IMAGES.items()
        }
        folder = resources.files("resources").joinpath("styles")
        for name in _BOXES:
            text = folder.joinpath(f"{name}.svg").read_text("utf-8")
            made[name] = re.sub(r"\{([a-z-]+)\}", lambda found: self.hex(found[1]), text)
        for name, text in made.items():
            with open(self._images.filePath(f"{name}.svg"), "w", encoding="utf-8") as file:
                file.write(text)

    def _style_sheet(self) -> str:
        text = resources.files("resources").joinpath("styles", "isthmus.qss").read_text("utf-8")
        ring = self.ring
        measures = {
            "control": height(30),
            "control-focus": height(30) - 2 * (ring - 1),
            "small": height(24),
            "small-focus": height(24) - 2 * (ring - 1),
            "row": height(20),
            "menu": height(22),
            "ring": ring,
        }
        text = re.sub(r"%([a-z-]+)", lambda found: f"{measures[found[1]]}px", text)
        return re.sub(r"\$([a-z0-9-]+)", lambda found: self._tokens[found[1]], text)


_themes: list[Theme] = []


def theme() -> Theme:
    """The theme of the running application; made at the first call."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("there is no QApplication yet")
    if not _themes or _themes[0].parent() is not application:
        _themes[:] = [Theme(application)]
    return _themes[0]


def _palette(colours: Mapping[str, str]) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, token in {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "surface",
        role.AlternateBase: "raised",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.PlaceholderText: "faint",
        role.Text: "text",
        role.Button: "surface",
        role.ButtonText: "text",
        role.BrightText: "fail",
        role.Light: "raised",
        role.Midlight: "hairline",
        role.Mid: "border",
        role.Dark: "border-strong",
        role.Highlight: "selection",
        role.HighlightedText: "text",
        role.Link: "accent-text",
        role.LinkVisited: "accent-text",
        role.Accent: "accent",
    }.items():
        palette.setColor(which, QColor(colours[token]))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours["faint"]))
    return palette


def _tokens_of(palette: QPalette) -> Mapping[str, str]:
    """The system's own colours under the names of the table."""
    role = QPalette.ColorRole
    ground, text = palette.color(role.Window).name(), palette.color(role.WindowText).name()
    accent = palette.color(role.Highlight).name()
    made = dict.fromkeys(tokens(Scheme.HIGH_CONTRAST), text)
    for name in ("window", "surface", "raised", "sunken", "accent-soft", "selection"):
        made[name] = ground
    for name in STATUSES:
        made[f"{name}-soft"] = ground
    made |= dict.fromkeys(("accent", "accent-hover", "accent-press"), accent)
    made["on-accent"] = palette.color(role.HighlightedText).name()
    made["mark"], made["mark-text"] = accent, made["on-accent"]
    return made
