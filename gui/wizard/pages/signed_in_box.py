"""Who is signed in to Azure, since when and how; Sign in again and Sign out."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QFrame

from core.errors import Problem
from core.onboarding.draft import SignInDraft
from gui.figures import moment
from gui.widgets.buttons import Button
from gui.widgets.drawing import Shape
from gui.widgets.layouts import column, row
from gui.widgets.text import Elided, Label
from gui.words import tr


class SignedInBox(QFrame):
    """Hidden while nobody is signed in.

    Attributes:
        who: the label with the name.
        again: signs in again, perhaps as somebody else.
        out: forgets the sign-in.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("box", "raised")
        self._shape = Shape("done", "ok", 18, "raised")
        self.who = Label("", "section", wrap=True)
        self.how = Elided("", "caption", "muted")
        self.again = Button(tr("Sign in again"))
        self.out = Button(tr("Sign out"), "quiet")
        words = column(self.who, self.how, gap=2)
        inside = row(self._shape, words, self.again, self.out, gap=12, margin=(17, 12, 12, 12))
        inside.setStretch(1, 1)
        self.setLayout(inside)
        self.hide()

    def show_account(self, part: SignInDraft, lost: Problem | None) -> None:
        """Show who is signed in by ``part``; ``lost`` says why that holds no longer."""
        result = part.result
        self.setVisible(result is not None)
        if result is None:
            return
        at = moment(result.at, datetime.now().astimezone())
        self.who.setText(result.value.user)
        if lost is not None:
            self._shape.show_shape("warning", "warn")
            text = tr("Signed in at {at}, no longer valid: {cause}", at=at, cause=lost.cause)
        elif result.stale:
            self._shape.show_shape("again", "warn")
            text = tr("Signed in at {at}, before something here was changed", at=at)
        else:
            self._shape.show_shape("done", "ok")
            way = _WAYS[part.method]()
            text = tr("Signed in at {at} {way}", at=at, way=way)
            text = f"{text}, {tr('tenant {tenant}', tenant=result.value.tenant)}"
        self.how.set_whole(text)


_WAYS = {
    "browser": lambda: tr("by browser"),
    "device_code": lambda: tr("by device code"),
    "cli": lambda: tr("through azure-cli"),
    "service_principal": lambda: tr("with the application's secret"),
}
