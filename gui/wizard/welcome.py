"""The welcome page: what Isthmus is, three ways to begin, and what was left off last time."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QMenu, QVBoxLayout, QWidget

from core.errors import Problem
from core.onboarding.draft_store import Resume
from core.onboarding.steps import StepId
from gui.accessibility import name
from gui.figures import moment
from gui.jobs import Job
from gui.theme import Choice
from gui.type_scale import font, height
from gui.widgets.banner import Banner
from gui.widgets.buttons import Button, IconButton
from gui.widgets.drawing import Line, Shape
from gui.widgets.layouts import column, frame, holder, row, set_ground, take_out
from gui.widgets.progress_row import ProgressRow
from gui.widgets.road import Road
from gui.widgets.scroll import ScrollArea
from gui.widgets.text import Label, Paragraph
from gui.wizard.guide import guide, product
from gui.words import tr

CONTENT_WIDTH = 960
THEMES = {
    Choice.SYSTEM: "Same as system",
    Choice.LIGHT: "Light",
    Choice.DARK: "Dark",
    Choice.HIGH_CONTRAST: "High contrast",
}


class Welcome(QWidget):
    """The first page; it is no step.

    Signals:
        new_asked: a new import with real clouds.
        sandbox_asked: the sandbox.
        open_asked: a profile is to be opened.
        resume_asked: to go on where the last session stopped.
        forget_asked: what was left off is to be forgotten.
        theme_chosen: with a Choice.
        settings_asked: the settings are wanted.
    """

    new_asked = Signal()
    sandbox_asked = Signal()
    open_asked = Signal()
    resume_asked = Signal()
    forget_asked = Signal()
    theme_chosen = Signal(object)
    settings_asked = Signal()

    def __init__(self, version: str) -> None:
        super().__init__()
        set_ground(self, "surface")
        self.resume_button = Button(tr("Resume"), "primary", "arrow-right", leads_on=True)
        self.resume_button.clicked.connect(self.resume_asked)
        self._resume_name = Label("", "strong")
        self._resume_text = Label("", "caption", "muted", wrap=True)
        self.resume_row = self._make_resume_row()
        self.notices = column(gap=8)
        self.progress = ProgressRow()
        self.start_button = Button(tr("Start a new import"))
        self.sandbox_button = Button(tr("Open the sandbox"))
        self.open_button = Button(tr("Open…"))
        self.start_button.clicked.connect(self.new_asked)
        self.sandbox_button.clicked.connect(self.sandbox_asked)
        self.open_button.clicked.connect(self.open_asked)
        self._inner = holder(self._content())
        self._inner.setMaximumWidth(CONTENT_WIDTH)
        middle = row(self._inner, gap=0, margin=(32, 40, 32, 24), align=None)
        scroll = ScrollArea()
        scroll.setWidget(holder(middle, "surface"))
        self.settings_button = Button(tr("Settings"), "quiet", "gear", small=True)
        self.settings_button.clicked.connect(self.settings_asked)
        self.theme_box = self._make_theme_box()
        foot = row(
            Label(tr("Version {version}", version=version), "caption", "muted"), None,
            self.settings_button, self.theme_box, margin=(24, 0, 16, 0),
        )  # fmt: skip
        strip = holder(column(Line(), holder(foot)), "window")
        strip.setFixedHeight(height(41))
        layout = column(scroll, strip)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        name(self, tr("Welcome"))
        self.show_resume(None)

    def show_resume(self, resume: Resume | None) -> None:
        """Offer to go on with ``resume``; None: there is nothing to go on with."""
        self.resume_row.setVisible(resume is not None)
        self.start_button.set_kind("secondary" if resume else "primary")
        if resume is None:
            return
        now = datetime.now().astimezone()
        texts = [
            tr(
                "Stopped at {title}, step {place} of {count}, {when}.",
                title=guide(resume.step).title,
                place=resume.step.place + 1,
                count=len(StepId),
                when=moment(resume.saved_at, now),
            )
        ]
        if resume.unverified:
            titles = ", ".join(guide(step).title for step in resume.unverified)
            texts.append(tr("Not yet proved: {titles}.", titles=titles))
        self._resume_name.setText(resume.flow.draft.name)
        self._resume_text.setText(" ".join(texts))

    def show_problem(self, problem: Problem) -> None:
        """Say what went wrong before there was a page to say it on."""
        self.clear_problems()
        banner = Banner(
            "fail" if problem.severity == "error" else "warn", problem.cause, problem.remedy
        )
        self.notices.addWidget(banner)
        banner.announced()

    def follow(self, job: Job) -> None:
        """Show the wait of ``job``, and nothing of an earlier failure."""
        self.clear_problems()
        self.progress.follow(job)

    def clear_problems(self) -> None:
        """Take what went wrong away."""
        take_out(self.notices)

    def show_theme(self, choice: Choice) -> None:
        """Show which theme is chosen."""
        self.theme_box.setCurrentIndex(self.theme_box.findData(str(choice)))

    def first_control(self) -> QWidget:
        """Where the focus goes."""
        return self.start_button if self.resume_row.isHidden() else self.resume_button

    def _content(self) -> QVBoxLayout:
        title = Label(
            tr("Bring Azure logs into {name}", name=product("security_center")),
            "display",
            wrap=True,
        )
        lead = Label(
            tr(
                "Isthmus connects Azure Event Hubs to Alibaba Cloud {name}, step by step, and then "
                "watches the import.",
                name=product("security_center"),
            ),
            "body",
            "muted",
            wrap=True,
        )
        road = Road(
            (
                ("cloud", tr("Azure services"), tr("diagnostic settings")),
                ("table", tr("Event Hubs"), tr("Kafka endpoint")),
                ("mark", "Isthmus", tr("splits, repairs, checks")),
                ("list", product("log_service"), tr("your Logstore")),
                ("shield", product("security_center"), tr("rules and alerts")),
            ),
            here=2,
        )
        heading = row(Shape("mark", "accent-text", 36), title, gap=14)
        heading.setStretch(1, 1)
        ways = row(*self._ways(), gap=16, align=None)
        facts = row(*self._facts(), gap=32)
        return column(
            heading,
            6,
            lead,
            32,
            road,
            30,
            self.notices,
            self.progress,
            self.resume_row,
            16,
            ways,
            28,
            facts,
            None,
        )

    def _ways(self) -> tuple[QWidget, ...]:
        return (
            _way(
                "plus",
                tr("Connect two clouds"),
                tr(
                    "Sign in to Azure and to Alibaba Cloud. Isthmus looks at what exists, then "
                    "asks about ten questions."
                ),
                tr("About 20 minutes"),
                self.start_button,
            ),
            _way(
                "flask",
                tr("Try the sandbox"),
                tr(
                    "The whole product on this machine with stand-ins for both clouds. No account, "
                    "no cost."
                ),
                tr("About 5 minutes"),
                self.sandbox_button,
            ),
            _way(
                "folder",
                tr("Open a profile"),
                tr("Continue with an import that someone else set up, or watch a running engine."),
                tr("A .toml file holds no secret"),
                self.open_button,
            ),
        )

    def _facts(self) -> tuple[QWidget, QWidget]:
        need = (
            (
                tr("Azure: Event Hubs Data Owner on one resource group"),
                tr("and Security Administrator, if Entra ID logs are wanted"),
            ),
            (
                tr("Alibaba Cloud: a RAM user with Log Service and Security Center rights"),
                tr("Isthmus shows the policy to paste"),
            ),
            (
                tr("Outbound port 9093 from this machine"),
                tr("tested before anything depends on it"),
            ),
        )
        does = (
            (
                tr("Shows every change and its cost before it is made"),
                tr("Continue never changes anything in a cloud"),
            ),
            (
                tr("Keeps secrets in the system's own store"),
                tr("never in a profile, a log or a report"),
            ),
            (
                tr("Calls it done when your own first event has arrived"),
                tr("at the hub and again in the Logstore"),
            ),
        )
        return (
            _facts(tr("What you will need"), need),
            _facts(tr("What Isthmus does and does not do"), does),
        )

    def _make_resume_row(self) -> QFrame:
        more = IconButton("more", tr("More about this import"))
        menu = QMenu(more)
        menu.addAction(tr("Forget this import…"), self.forget_asked.emit)
        more.clicked.connect(lambda: menu.popup(more.mapToGlobal(more.rect().bottomLeft())))
        self._menu = menu
        words = column(self._resume_name, self._resume_text, gap=1)
        inner = row(
            Shape("again", "warn", 16, "raised"), words, self.resume_button, more,
            gap=12, margin=(17, 11, 13, 11),
        )  # fmt: skip
        inner.setStretch(1, 1)
        return frame("raised", inner)

    def _make_theme_box(self) -> QComboBox:
        box = QComboBox()
        box.setProperty("flat", True)
        box.setFont(font("caption"))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for choice, words in THEMES.items():
            box.addItem(tr(words), str(choice))
        name(box, tr("Theme"))
        box.activated.connect(lambda: self.theme_chosen.emit(Choice(box.currentData())))
        return box


def _way(icon: str, title: str, text: str, time: str, button: Button) -> QFrame:
    heading = row(Shape(icon, "accent-text", 20), Label(title, "section"), None, gap=9)
    button.setAccessibleDescription(f"{title}. {text}")
    prose = Paragraph(text, tone="muted")
    prose.setAlignment(Qt.AlignmentFlag.AlignTop)
    body = column(
        heading, 7, prose, 3, None, Label(time, "caption", "muted"), 9, row(button, None),
        margin=(17, 15, 17, 16),
    )  # fmt: skip
    return frame("plain", body)


def _facts(title: str, facts: tuple[tuple[str, str], ...]) -> QWidget:
    body = column(Label(title, "section"), 9)
    for fact, below in facts:
        sign = column(2, Shape("check", "ok"), None)
        words = column(Label(fact, wrap=True), Label(below, "caption", "muted", wrap=True))
        line = row(sign, words, gap=10)
        line.setStretch(1, 1)
        body.addLayout(line)
        body.addSpacing(7)
    body.addStretch(1)
    return holder(body)
