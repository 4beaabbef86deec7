# ruff: noqa: E501 - sample data reads better with a row on a line
"""The sheets of tokens and components: every widget in every state, on one page."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QWidget
from screens.samples import NOW

from core.errors import Code, Problem
from gui import icons
from gui.theme import theme
from gui.tokens import contrast, tokens
from gui.type_scale import Role
from gui.widgets.badges import Badge, Health, HealthPill, StatCard
from gui.widgets.banner import Banner, Toast
from gui.widgets.buttons import Button, VerbButton
from gui.widgets.cells import Cell, Column
from gui.widgets.choice_card import ChoiceCards, Fact, Option
from gui.widgets.copy_row import CopyRow
from gui.widgets.drawing import Shape
from gui.widgets.fields import ChoiceField, NumberField, TextField
from gui.widgets.layouts import column, frame, holder, row
from gui.widgets.plan_list import ActionRow, PlanList, PlanRow, action_table, plan_badges
from gui.widgets.problem_panel import ProblemLine, ProblemPanel, Remedy
from gui.widgets.secret_field import KnownSecret, SecretField
from gui.widgets.stage_rows import StageRows
from gui.widgets.table import RowTable
from gui.widgets.text import Label, Paragraph

SIZE = (1480, 1040)
COMPONENTS_SIZE = (1480, 1560)


class Swatch(QFrame):
    """A colour, its name and its contrast on the surface."""

    def __init__(self, token: str) -> None:
        super().__init__()
        colour = theme().hex(token)
        square = QFrame()
        square.setObjectName("square")
        square.setFixedSize(40, 28)
        line = theme().hex("border-strong")
        square.setStyleSheet(
            f"QFrame#square {{ background: {colour}; border: 1px solid {line}; border-radius: 4px }}"
        )
        figure = f"{contrast(colour, theme().hex('surface')):.1f} on surface"
        words = column(Label(token, "group"), Label(f"{colour}   {figure}", "machine", "muted"))
        self.setLayout(row(square, words, None, gap=10))


def tokens_sheet() -> QWidget:
    """Colours, type and icons."""
    grid = QGridLayout()
    grid.setVerticalSpacing(5)
    grid.setHorizontalSpacing(24)
    for place, token in enumerate(tokens(theme().scheme)):
        grid.addWidget(Swatch(token), place % 13, place // 13)
    roles: tuple[Role, ...] = (
        "display", "title", "section", "strong", "name", "body", "head", "caption", "badge",
        "machine", "metric",
    )  # fmt: skip
    words = column(
        Label("Type", "section"), *(Label(f"{each} 20.43.132.17", each) for each in roles), gap=4
    )
    signs = QGridLayout()
    signs.setHorizontalSpacing(20)
    signs.setVerticalSpacing(8)
    for place, each in enumerate(icons.names()):
        cell = column(Shape(each, "text", 20), Label(each, "badge", "muted"), gap=2)
        signs.addLayout(cell, place // 10, place % 10)
    below = row(
        holder(column(words, None)),
        holder(column(Label("Icons", "section"), 6, signs, None)),
        gap=48,
    )
    below.setStretch(1, 1)
    title = Label(f"Tokens, {theme().scheme}", "title")
    return holder(column(title, 12, grid, 20, below, None, margin=32), "surface")


def components_sheet() -> QWidget:
    """Three columns of widgets."""
    title = Label(f"Components, {theme().scheme}", "title")
    columns = row(gap=28)
    for made, wide in ((_left(), 320), (_middle(), 540), (_right(), 536)):
        made.setFixedWidth(wide)
        columns.addWidget(made)
    sheet = holder(column(title, 12, columns, None, margin=(24, 20, 24, 20)), "surface")
    Toast(sheet, "Report saved", "Show in folder")
    return sheet


def _titled(title: str, *items: object) -> QWidget:
    return holder(column(Label(title, "group", "muted"), 6, *items, gap=4))  # type: ignore[arg-type]


def _left() -> QWidget:
    focused = Button("Continue")
    focused.setObjectName("focused")
    off = Button("Continue")
    off.setEnabled(False)
    name_field = TextField("Name", "6 to 50 letters, digits or hyphens.", machine=True, width=200)
    name_field.show_value("eh")
    name_field.set_problem("Too short: 6 to 50 letters, digits or hyphens.")
    name_field.reveal()
    checked = TextField("Name", machine=True, width=200)
    checked.show_value("ehns-contoso-soc-02")
    checked.set_check("done", "ok", "Free. Checked with Azure 0.4 s after you stopped typing.")
    region = ChoiceField("Region", width=200)
    region.show_choices({"sea": "Southeast Asia (same as the sources)"})
    region.show_value("sea")
    secret = SecretField("Connection string")
    secret.show_known(
        KnownSecret(
            "isthmus-listen", "7f3a 91c2", NOW - timedelta(minutes=12), "the system keyring"
        ),
        NOW,
    )
    box = QCheckBox("Add units, up to")
    box.setChecked(True)
    units = NumberField("Throughput units", 1, 40)
    units.show_value(2)
    pills = [
        ("pending", "waiting", "Waiting for the first record"),
        ("done", "ok", "Healthy"),
        ("quiet", "quiet", "Quiet since 12:50"),
        ("behind", "behind", "Behind by 48,210 records, 74 s"),
        ("failed", "fail", "Failing at sign-in"),
    ]
    badges = row(
        Badge("T1098.001", "text", ground="outline", role="machine"), Badge("High", "fail"),
        Badge("Medium", "warn"), Badge("Low", "quiet"), Badge("Info", "text", ground="outline"), None,
    )  # fmt: skip
    return holder(
        column(
            _titled(
                "Buttons, 32 px",
                row(
                    Button("Continue", "primary", "arrow-right", leads_on=True),
                    VerbButton("Create 4 and change 1"),
                    None,
                ),
                row(Button("Back", icon="chevron-left"), focused, off, None),
                row(
                    Button("Copy details", "quiet", "copy"),
                    Button("Delete profile…", "danger"),
                    None,
                ),
            ),
            _titled(
                "Fields", name_field, 8, checked, 8, region, 8, row(units, box, None), 8, secret
            ),
            _titled(
                "Health, five states", *(row(HealthPill(Health(*each)), None) for each in pills)
            ),
            _titled("Match and level badges, 20 px", badges),
            None,
            gap=16,
        )
    )


def _middle() -> QWidget:
    stages = StageRows(
        "Stages",
        ("Resolve the name", "Reach port 9093", "Sign in", "Secure the line", "Read a record"),
    )
    stages.show_stage(0, state="ok", evidence="20.43.132.17", seconds=0.04)
    stages.show_stage(1, state="running", seconds=3.2)
    stages.show_stage(2, state="failed", evidence="Refused by Event Hubs", seconds=0.21)
    stages.show_stage(4, state="not_reached")
    plan = PlanList("Azure, as lena.ortiz@contoso.com")
    plan.show_rows(
        (
            PlanRow("create", "azure-raw", "Logstore, 90 days", 38.2),
            PlanRow("reuse", "contoso-soc-sg", "Log Service project"),
            PlanRow("change", "Activity log, adds 4 categories", "Diagnostic setting"),
            PlanRow("blocked", "Entra ID: needs Security Administrator", "Diagnostic setting"),
        )
    )
    copies = column(
        Paragraph("Security Center, **Multi-cloud Assets, Grant permission, IDC**"),
        CopyRow("Endpoint", "ehns-contoso-soc.servicebus.windows.net:9093"),
        CopyRow("Username", "$ConnectionString"),
        CopyRow("Password", "from the system keyring", secret=lambda: ""),
        row(
            QCheckBox("I have saved it in the console"),
            None,
            Button("Check from outside", icon="reload", small=True),
        ),
        gap=8,
        margin=(17, 13, 17, 13),
    )
    return holder(
        column(
            _titled("Probe stages, 36 px rows", stages),
            row(None, plan_badges({"create": 4, "reuse": 5, "change": 1})),
            plan,
            _titled("Guided step with copy rows", frame("plain", copies)),
            _titled(
                "Banners",
                Banner(
                    "info",
                    "Sandbox",
                    "Both clouds are stand-ins on this machine. Nothing costs anything.",
                ),
                4,
                Banner(
                    "warn",
                    "The price table is 74 days old",
                    "Costs may differ. Edit the table in Settings.",
                    "Open settings",
                ),
                4,
                Banner(
                    "fail",
                    "The engine ended at 13:40",
                    "Offsets up to 18,204,117 are committed. Nothing is lost.",
                    "Start again",
                    leads=True,
                ),
            ),
            None,
            gap=16,
        )
    )


def tiers() -> ChoiceCards:
    """The cards of the namespace page."""
    return ChoiceCards(
        "Tier",
        (
            Option(
                "Basic", "Basic", "USD 10.95 a month per unit",
                (
                    Fact("No Kafka endpoint, so nothing can read it from outside Azure", "bad"),
                    Fact("1 day kept", "plain"), Fact("1 consumer group", "plain"),
                ),
                refused=True,
            ),
            Option(
                "Standard", "Standard", "USD 21.90 a month per unit",
                (
                    Fact("Kafka endpoint"), Fact("1 MB/s or 1,000 events/s in per unit, up to 40"),
                    Fact("7 days kept, 10 hubs"), Fact("Partitions fixed after creation", "plain"),
                ),
                suggested=True,
            ),
            Option(
                "Premium", "Premium", "About USD 750 a month per unit",
                (
                    Fact("Kafka endpoint"), Fact("No fixed rate limit per unit"),
                    Fact("90 days kept, 100 hubs per unit"), Fact("Partitions can be added"),
                ),
            ),
        ),
    )  # fmt: skip


def _right() -> QWidget:
    cards = tiers()
    cards.pick("Standard")
    stats = []
    for caption, figure, unit, below, tone in (
        ("Events in", "648", "events/s", "3.1 GB today", "c1"),
        ("Behind", "1.4", "s", "902 records", "behind"),
    ):
        card = StatCard(caption, tone)
        values = tuple(6.0 + (at * 7 % 5) / 4 if at % 13 else 5.0 for at in range(60))
        card.show_figure(figure, unit, below, values)
        stats.append(card)
    tail: RowTable[tuple[Cell, ...]] = RowTable(
        "Tail",
        (
            Column("Event time", 106),
            Column("Service", 110),
            Column("Level", 60),
            Column("User"),
            Column("Result", 84),
        ),
        lambda cells: cells,
        row_height=24,
        fits=True,
    )
    tail.show_rows(_tail_rows())
    tail.view.selectRow(1)
    panel = ProblemPanel()
    panel.show_problem(
        Problem(
            Code.INTERNAL, "error", "log_service",
            "The RAM user isthmus-engine may not write to azure-raw.",
            "Attach the policy that Isthmus wrote for this user, then go on.",
            "403 Unauthorized, log:PostLogStoreLogs on logstore/azure-raw, request 6741",
        ),
        "Log Service refuses to write",
        (Remedy("Copy policy", lambda: None, "copy", leads=True), Remedy("Test again", lambda: None, "reload")),
        focus=False,
    )  # fmt: skip
    actions = action_table("Actions")
    actions.show_rows(
        (
            ActionRow("Namespace ehns-contoso-soc", "Azure", "done", "Already there", 0.5),
            ActionRow(
                "Entra ID, 3 categories", "Entra ID", "failed", "Needs Security Administrator", 1.9
            ),
            ActionRow("Logstore azure-raw", "Alibaba", "running", "", 22, 0.55),
            ActionRow("31 detection rules", "Alibaba", "waiting", "Waits for the data source"),
        )
    )
    line = ProblemLine(
        "Entra ID refused the diagnostic setting",
        "lena.ortiz@contoso.com does not hold Security Administrator. Everything else goes on.",
        Remedy("Try again", lambda: None, "reload"),
    )
    return holder(
        column(
            _titled("Choice cards", cards),
            _titled("Stat cards", row(*stats, gap=12)),
            _titled("Tail rows, 24 px", tail),
            panel,
            actions,
            line,
            None,
            gap=14,
        )
    )


def _tail_rows() -> tuple[tuple[Cell, ...], ...]:
    rows = (
        ("14:02:40.860", "signinlogs", "c1", "Info", "outline", "text", "m.tan@contoso.com", "50126"),
        ("14:02:41.070", "activitylogs", "c2", "Warn", "warn-soft", "warn", "a.rossi@contoso.com", "Failure"),
        ("14:02:41.311", "auditlogs", "c3", "Info", "outline", "text", "lena.ortiz@contoso.com", "success"),
    )  # fmt: skip
    return tuple(
        (
            Cell(time, "machine"),
            Cell(service, bar=bar),
            Cell(level, tone=tone, badge=ground),
            Cell(user),
            Cell(result, "machine", marked="50126"),
        )
        for time, service, bar, level, ground, tone, user, result in rows
    )
