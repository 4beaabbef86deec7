"""The settings: pages at the left, the chosen one, and the way back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget
from typing_extensions import override

from gui.accessibility import announce, name
from gui.jobs import Jobs
from gui.settings.known_profiles import KnownProfiles
from gui.settings.page import SettingsPage
from gui.settings.page_appearance import AppearancePage
from gui.settings.page_credentials import CredentialsPage
from gui.settings.page_network import NetworkPage
from gui.settings.page_profiles import ProfilesPage
from gui.settings.profile_choice import ProfileChoice
from gui.type_scale import height
from gui.widgets.buttons import Button
from gui.widgets.drawing import Line, Shape
from gui.widgets.layouts import column, holder, row, set_ground
from gui.widgets.nav_list import UNFOLDED, NavItem, NavList
from gui.widgets.side_list import FOLDED
from gui.widgets.text import Elided, Label
from gui.words import tr

NARROW_WIDTH, NARROW_HEIGHT = 1100, 640


class SettingsView(QWidget):
    """Navigation, page and footer.

    Attributes:
        profiles, credentials, network, appearance: the pages.
        nav: the list of them.
        back_button: leads back to where the user was.

    Signals:
        left: the user is done here.
        bundle_asked: a diagnostic bundle about the problem of ``page`` is wanted.
    """

    left = Signal()
    bundle_asked = Signal()

    def __init__(self, jobs: Jobs, known: KnownProfiles) -> None:
        super().__init__()
        set_ground(self, "surface")
        self._of_secrets = ProfileChoice(known, tr("Profile"))
        self._of_network = ProfileChoice(
            known, tr("Holds for"), machine=tr("New imports on this machine")
        )
        self.profiles = ProfilesPage(jobs, known)
        self.credentials = CredentialsPage(jobs, self._of_secrets)
        self.network = NetworkPage(jobs, self._of_network)
        self.appearance = AppearancePage(jobs)
        self._pages: dict[str, SettingsPage] = {
            each.key: each
            for each in (self.profiles, self.credentials, self.network, self.appearance)
        }
        icons = {"profiles": "list", "credentials": "key", "network": "cloud", "appearance": "gear"}
        items = tuple(
            NavItem(key, page.title.text(), icons[key]) for key, page in self._pages.items()
        )
        self.nav = NavList(tr("Pages of the settings"), items)
        self.nav.chosen.connect(self._on_chosen)
        self.stack = QStackedWidget()
        for page in self._pages.values():
            page.bundle_asked.connect(self.bundle_asked)
            self.stack.addWidget(page)
        self.back_button = Button(tr("Back"), icon="chevron-left")
        self.back_button.clicked.connect(self.left)
        self._note = Elided("", "caption", "muted")
        self._note.set_whole(tr("Settings change this machine only, nothing in a cloud"))
        self._arrange_all()
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.left)
        name(self, tr("Settings"))
        self.nav.choose("profiles")

    @property
    def page(self) -> SettingsPage:
        """The page that is shown."""
        page = self.stack.currentWidget()
        assert isinstance(page, SettingsPage)  # noqa: S101 - only pages are added
        return page

    def show_page(self, key: str = "", profile: Path | None = None) -> None:
        """Show the page ``key``, else the one that was shown last, about ``profile``."""
        for choice in (self._of_secrets, self._of_network):
            choice.preferred = profile
        if key:
            self.nav.choose(key)
        self.page.entered()
        self.nav.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, self.page.title.text())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW_WIDTH or self.height() < NARROW_HEIGHT
        self._side.setFixedWidth(FOLDED if narrow else UNFOLDED)
        self.nav.fold(narrow)
        self._heading.setVisible(not narrow)
        for page in self._pages.values():
            page.set_narrow(narrow)

    def _arrange_all(self) -> None:
        words = column(Label(tr("Settings"), "strong"), Label("Isthmus", "caption", "muted"))
        self._heading = holder(words)
        head = row(Shape("mark", "accent-text", 24, "window"), self._heading, None, gap=10,
                   margin=(14, 13, 8, 12))  # fmt: skip
        self._side = holder(column(holder(head), self.nav), "window")
        self._side.setFixedWidth(UNFOLDED)
        self._actions = row()
        foot = row(
            self.back_button, 8, Shape("lock", "muted", 16, "window"), self._note, self._actions,
            margin=(24, 0, 24, 0),
        )  # fmt: skip
        foot.setStretch(3, 1)
        footer = holder(column(Line(), holder(foot)), "window")
        footer.setFixedHeight(height(57))
        for page in self._pages.values():
            for action in page.buttons:
                self._actions.addWidget(action)
        right = column(self.stack, footer)
        right.setStretch(0, 1)
        everything = row(self._side, Line(down=True), holder(right), gap=0)
        everything.setStretch(2, 1)
        self.setLayout(everything)

    def _on_chosen(self, key: str) -> None:
        self.stack.setCurrentWidget(self._pages[key])
        for each in self._pages.values():
            for action in each.buttons:
                action.setVisible(each is self._pages[key])
        if self.isVisible():
            self._pages[key].entered()
            self.page.verticalScrollBar().setValue(0)
