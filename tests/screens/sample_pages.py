# ruff: noqa: E501 - sample data reads better with a row on a line
"""Pages with invented data, to judge the frame and the widgets by before real pages exist."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QSplitter, QTabWidget
from screens.gallery import tiers
from screens.samples import FOUND, RECORD, Found

from core.errors import Code, Problem
from core.onboarding.draft import Draft
from core.onboarding.steps import StepId
from gui.jobs import Jobs
from gui.type_scale import font
from gui.widgets.badges import Badge
from gui.widgets.banner import Banner
from gui.widgets.buttons import Button
from gui.widgets.cells import Cell, Column
from gui.widgets.drawing import Line
from gui.widgets.fields import ChoiceField, NumberField, TextField
from gui.widgets.json_tree import JsonTree
from gui.widgets.layouts import column, frame, holder, row
from gui.widgets.live_model import LiveRow
from gui.widgets.live_table import LiveTable
from gui.widgets.problem_panel import Remedy
from gui.widgets.search_table import SearchTable
from gui.widgets.stage_rows import StageRows
from gui.widgets.text import Label, Paragraph
from gui.wizard.footer import Offer
from gui.wizard.page import Page


class FoundPage(Page):
    """A wide table with a search, and the selected row in detail."""

    wide = True

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        columns = (
            Column("Namespace", 196), Column("Subscription", 152), Column("Region", 122),
            Column("Tier", 118), Column("Kafka", 162), Column("Hubs", 54, right=True),
            Column("Logs arriving"),
        )  # fmt: skip
        self.found: SearchTable[Found] = SearchTable(
            "Namespaces", columns, self._cells, beside=lambda: "11 subscriptions"
        )
        self.found.add_filter("Kafka ready", lambda each: each.kafka == "Ready")
        self.found.add_filter("Logs arriving", lambda each: each.logs.startswith("Yes"))
        self.found.head.addWidget(Button("Look again", "quiet", "reload"))
        self.found.table.setFixedHeight(294)
        self.found.show_rows(FOUND)
        self.body.addWidget(self.found)
        self.found.table.select(FOUND[0])
        head = row(
            Label("ehns-contoso-soc", "section"), Badge("Standard", "text", ground="outline"),
            Badge("created 14 Mar 2026", "text", ground="outline"), None,
            Button("Open in Azure portal", "quiet", "external", small=True),
        )  # fmt: skip
        facts = column(gap=2)
        for name, value in (
            ("Resource group", "rg-contoso-soc"),
            ("Bootstrap", "ehns-contoso-soc.servicebus.windows.net:9093"),
            ("Network", "Public, all networks"),
        ):
            title = Label(name, "body", "muted")
            title.setFixedWidth(112)
            role = "machine" if name == "Bootstrap" else "body"
            facts.addLayout(row(title, Label(value, role, selectable=True), None))  # type: ignore[arg-type]
        self.body.addWidget(frame("raised", column(head, 6, facts, margin=(17, 13, 17, 13))))
        self.set_offer(
            Offer("Use ehns-contoso-soc", secondary="Create a new namespace", secondary_icon="plus")
        )

    def _cells(self, each: Found) -> tuple[Cell, ...]:
        icon, tone = ("done", "ok") if each.kafka == "Ready" else ("warning", "warn")
        if each.tier == "Basic":
            icon, tone = "blocked", "fail"
        return (
            Cell(each.name, "name", middle=True),
            Cell(each.subscription, tone="muted"),
            Cell(each.region),
            Cell(each.tier),
            Cell(each.kafka, icon=icon, icon_tone=tone),
            Cell(str(each.hubs)),
            Cell(each.logs, tone="text" if each.logs.startswith("Yes") else "muted"),
        )


class NamespacePage(Page):
    """Fields, cards of choice, cost."""

    wide = True
    basic = False

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        name = TextField("Name", machine=True, width=200)
        name.show_value("ehns-contoso-soc-02")
        name.set_check("done", "ok", "Free. Checked with Azure 0.4 s after you stopped typing.")
        self.add_field("namespace.name", name)
        region = ChoiceField("Region", width=200)
        region.show_choices({"sea": "Southeast Asia (same as the sources)"})
        region.show_value("sea")
        fields = row(name, region, gap=16)
        fields.setStretch(0, 1)
        fields.setStretch(1, 1)
        self.body.addLayout(fields)
        cards = tiers()
        cards.pick("Basic" if self.basic else "Standard")
        self.body.addWidget(holder(column(Label("Tier", "name"), 4, cards)))
        if self.basic:
            self.body.addWidget(
                Banner(
                    "fail", "Basic cannot be used here",
                    "Basic has no Kafka endpoint, and both import routes read the hub through Kafka. Standard is the smallest tier that works.",
                    "Use Standard", leads=True, icon="blocked",
                )
            )  # fmt: skip
            self.set_offer(Offer(reason="Choose a tier that has Kafka"))
            return
        units = NumberField("Throughput units", 1, 40)
        units.show_value(2)
        more = QCheckBox("Add units when traffic grows, up to")
        more.setChecked(True)
        top = NumberField("", 1, 40)
        top.label.hide()
        top.show_value(4)
        top.spin.setAccessibleName("Units at the most")
        line = row(units, 24, holder(column(22, more)), holder(column(22, top)), None)
        self.body.addLayout(line)
        sum_ = column(
            Label("Running cost", "caption", "muted"), Label("USD 43.80 a month", "section")
        )
        text = "plus USD 0.028 per million events. 2 units x 730 h x USD 0.03. Units added by auto-inflate stay until you lower them. Prices of 1 Nov 2026."
        cost = row(
            sum_,
            8,
            Line(down=True),
            8,
            Paragraph(text, "caption", "muted"),
            margin=(17, 11, 17, 11),
        )
        self.body.addWidget(frame("raised", cost))


class BasicPage(NamespacePage):
    """Basic is picked."""

    basic = True


class TestPage(Page):
    """Stages, a problem and its remedy."""

    __test__ = False

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self.lead.set_prose(
            "Stopped at stage 4 of 6. The network is fine; the key is not accepted."
        )
        self.stages = StageRows(
            "Stages",
            (
                "Resolve the name",
                "Reach port 9093",
                "Secure the line",
                "Sign in",
                "Find the event hub",
                "Read a record",
            ),
        )
        for place, evidence, seconds in (
            (0, "20.43.132.17", 0.04),
            (1, "connected from 198.51.100.24", 0.11),
            (2, "TLS 1.2, issued by Microsoft Azure RSA TLS Issuing CA 04", 0.19),
        ):
            self.stages.show_stage(place, state="ok", evidence=evidence, seconds=seconds)
        self.stages.show_stage(3, state="failed", evidence="Refused by Event Hubs", seconds=0.21)
        self.stages.show_stage(4, state="not_reached")
        self.stages.show_stage(5, state="not_reached")
        self.body.addWidget(self.stages)
        self.set_offer(Offer(reason="Continue opens when the test passes", filled=False))

    def show_draft(self, draft: Draft) -> None:
        super().show_draft(draft)
        self.problem_panel.show_problem(
            Problem(
                Code.INTERNAL, "error", "kafka.sign_in",
                "The key was regenerated at 13:48 by lena.ortiz@contoso.com. The connection string that you pasted is older (yesterday 17:31).",
                "Fetch the current connection string of this policy from Azure, then test again. This reads from Azure and changes nothing.",
                'KafkaError{code=_AUTHENTICATION,val=-169,str="SASL authentication error: Authentication failed"} (after 212 ms in state AUTH_REQ)',
            ),
            "Event Hubs refused the key of the policy isthmus-listen",
            (
                Remedy("Fetch key and test again", lambda: None, "key", leads=True),
                Remedy("Paste another…", lambda: None),
                Remedy("Test again", lambda: None, "reload"),
            ),
        )  # fmt: skip
        self.body.setContentsMargins(0, 0, 0, 16)


class TailPage(Page):
    """The live tail with its detail pane, frozen."""

    wide = True
    fills = True

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        columns = (
            Column("Event time", 112), Column("Service", 118), Column("Level", 58), Column("User", 150),
            Column("Address", 108), Column("Result"),
        )  # fmt: skip

        def compiled(text: str):
            wanted = text.lower()
            return lambda each: wanted in each.search

        self.tail = LiveTable(
            "Live tail", columns, compiled, placeholder="service:signinlogs and result:50126"
        )
        self.tail.tools.addWidget(Button("Export…", icon="download"))
        users = ("m.tan", "d.okafor", "p.novak", "a.rossi", "j.weber")
        self.tail.push(tail_row(at, f"{users[at % 5]}@contoso.com") for at in range(40))
        self.tail.stop()
        self.tail.freeze()
        self.tail.push((tail_row(at, "k.sato@contoso.com") for at in range(412)), dropped=0)
        self.tail.stop()
        self.tail.view.selectRow(26)
        self.tail.view.scrollToBottom()
        tabs = QTabWidget()
        tree = JsonTree("Record")
        tree.show_value(RECORD, ("50126",), levels=3)
        tabs.addTab(tree, "Record")
        raw = Label(str(RECORD), "machine", wrap=True)
        tabs.addTab(raw, "Raw bytes")
        tabs.setAccessibleName("Forms of the record")
        tabs.tabBar().setFont(font("body"))
        detail = column(
            Label("Sign-in activity", "section"),
            Label("partition 2, offset 18,231, record 1 of 3", "caption", "muted"),
            8, tabs, 8, row(Button("Copy as JSON", icon="copy", small=True), None),
        )  # fmt: skip
        pane = holder(detail)
        pane.setMinimumWidth(280)
        split = QSplitter()
        split.addWidget(self.tail)
        split.addWidget(pane)
        split.setSizes([620, 340])
        split.setHandleWidth(17)
        self.body.addWidget(split)
        split.setMinimumHeight(320)


def tail_row(at: int, user: str) -> LiveRow:
    warn = at % 9 in (7, 8)
    level = Cell("Warn", tone="warn", badge="warn-soft") if warn else Cell("Info", badge="outline")
    cells = (
        Cell(f"14:02:{at % 60:02d}.{at * 37 % 1000:03d}", "machine"),
        Cell("signinlogs", bar="c1"), level, Cell(user), Cell("203.0.113.77", "machine"),
        Cell("50126", "machine", marked="50126"),
    )  # fmt: skip
    return LiveRow(cells, f"signinlogs {user} 50126", RECORD)


PAGES = {
    StepId.DISCOVERY: FoundPage,
    StepId.NAMESPACE: NamespacePage,
    StepId.KAFKA_TEST: TestPage,
}
