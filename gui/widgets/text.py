"""Labels by their role, and paragraphs with the line height of the design."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy
from typing_extensions import override

from gui.type_scale import Role, font

_LINE_HEIGHT = 125
"""Per cent of the font's own height: 20 px for 13."""
_NARROWEST = 120


class Label(QLabel):
    """Plain text in one role and one tone (the name of a colour)."""

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        tone: str = "text",
        *,
        wrap: bool = False,
        tabular: bool = False,
        selectable: bool = False,
    ) -> None:
        super().__init__(text)
        self._role: Role = role
        self._tabular = tabular
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setProperty("tone", tone)
        self.setFont(font(role, tabular))
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def set_tone(self, tone: str) -> None:
        """Show the text in another colour."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.ApplicationFontChange:
            self.setFont(font(self._role, self._tabular))
        super().changeEvent(event)


class Elided(Label):
    """One line that gives way: what does not fit is elided, the whole stands in the tooltip."""

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        tone: str = "text",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text, role, tone)
        self._whole = text
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_whole(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self._fit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, self._mode, max(self.width(), 0))
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")
        self.setAccessibleName(self._whole)


class Paragraph(Label):
    """Prose: it wraps, with the line height of the design."""

    def __init__(
        self, text: str = "", role: Role = "body", tone: str = "text", *, selectable: bool = False
    ) -> None:
        super().__init__("", role, tone, wrap=True, selectable=selectable)
        self.setTextFormat(Qt.TextFormat.RichText)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_prose(text)

    @override
    def minimumSizeHint(self) -> QSize:
        """One line: the height follows from the width; Qt's own guess is several lines too high."""
        return QSize(
            min(super().minimumSizeHint().width(), _NARROWEST), self.fontMetrics().height()
        )

    def set_prose(self, text: str) -> None:
        """Show another text; ``**strong**`` words are set strong."""
        self._prose = text
        parts = html.escape(text, quote=False).split("**")
        marked = "".join(
            f'<span style="font-weight:600">{part}</span>' if place % 2 else part
            for place, part in enumerate(parts)
        )
        self.setText(f'<p style="line-height:{_LINE_HEIGHT}%; margin:0">{marked}</p>')

    def prose(self) -> str:
        """The text as it was given."""
        return self._prose
