"""Namespaces that were found: their rows in the table, and one of them in detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame

from core.azure.discovery import FoundHub, FoundNamespace
from core.onboarding.adoption import Obstacle, obstacle
from gui.figures import DASH, duration, number
from gui.widgets.badges import Badge
from gui.widgets.buttons import Button
from gui.widgets.cells import Cell, Column
from gui.widgets.layouts import column, row
from gui.widgets.table import RowTable
from gui.widgets.text import Label
from gui.words import tr, trn

COLUMNS = (
    ("Namespace", 194), ("Subscription", 148), ("Region", 106), ("Tier", 118), ("Kafka", 156),
    ("Hubs", 50), ("Logs sent here", 0),
)  # fmt: skip
_SOURCES = {"activity": "Activity log", "entra": "Entra ID", "defender": "Defender for Cloud"}
_FACT_WIDTH = 112


@dataclass(frozen=True)
class Row:
    """A namespace as the table shows it.

    Attributes:
        found: itself.
        subscription: name of its subscription.
        why_not: why it cannot be used; None: it can.
    """

    found: FoundNamespace
    subscription: str
    why_not: Obstacle | None


def make_row(found: FoundNamespace, names: Mapping[str, str], tenant: str) -> Row:
    """The row of ``found``; ``names`` are those of subscriptions by id."""
    key = found.namespace.subscription
    return Row(found, names.get(key.lower(), key), obstacle(found, tenant))


def columns() -> tuple[Column, ...]:
    """The columns of the table."""
    return tuple(Column(tr(title), width, title == "Hubs") for title, width in COLUMNS)


def cells(each: Row) -> tuple[Cell, ...]:
    """The cells of one row."""
    namespace = each.found.namespace
    icon, tone, words = kafka_state(each)
    fed = fed_by(each.found)
    return (
        Cell(namespace.name, "name", middle=True),
        Cell(each.subscription, tone="muted"),
        Cell(namespace.location),
        Cell(tier_words(each.found)),
        Cell(words, icon=icon, icon_tone=tone),
        Cell(number(len(each.found.hubs))),
        Cell(fed or tr("none seen"), tone="text" if fed else "muted"),
    )


def kafka_state(each: Row) -> tuple[str, str, str]:
    """Shape, colour and word of whether an import can read from it."""
    if each.why_not == "basic":
        return "blocked", "fail", tr("No Kafka in Basic")
    if each.why_not == "no_keys":
        return "blocked", "fail", tr("Key sign-in is off")
    if each.why_not == "not_ready":
        return "pending", "waiting", tr("Not ready: {state}", state=each.found.namespace.state)
    if each.why_not == "other_tenant":
        return "blocked", "fail", tr("In another tenant")
    if each.found.namespace.public_access not in ("", "Enabled"):
        return "warning", "warn", tr("No public access")
    network = each.found.network
    if network is not None and network.has_rules:
        return "warning", "warn", tr("Firewall")
    return "done", "ok", tr("Ready")


def reason(each: Row) -> str:
    """Why it cannot be used, in a sentence; empty: it can."""
    name = each.found.namespace.name
    return {
        None: "",
        "basic": tr("{name} is Basic, which has no Kafka endpoint", name=name),
        "no_keys": tr("{name} takes no connection strings", name=name),
        "not_ready": tr("{name} is not ready yet", name=name),
        "other_tenant": tr("Sign in to the tenant of {name} first", name=name),
    }[each.why_not]


def why_not_in_short(each: Row) -> str:
    """The same in a few words, for where there is little room."""
    return {
        None: "",
        "basic": tr("Basic has no Kafka"),
        "no_keys": tr("Key sign-in is off"),
        "not_ready": tr("Not ready yet"),
        "other_tenant": tr("In another tenant"),
    }[each.why_not]


def tier_words(found: FoundNamespace) -> str:
    """The tier and its units."""
    namespace = found.namespace
    unit = "PU" if namespace.sku == "Premium" else "TU"
    if namespace.sku == "Basic":
        return namespace.sku
    return f"{namespace.sku}, {number(namespace.units)} {unit}"


def fed_by(found: FoundNamespace) -> str:
    """What diagnostic settings send to it, in words; empty: none was seen."""
    kinds = dict.fromkeys(each.kind for each in found.fed_by)
    return ", ".join(tr(_SOURCES.get(kind, kind)) for kind in kinds)


class NamespaceDetail(QFrame):
    """The chosen namespace: where it is, who may connect, its event hubs.

    Attributes:
        hubs: the table of its event hubs; the selected one is the one to read.

    Signals:
        hub_chosen: with the FoundHub, or None.
    """

    hub_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("box", "raised")
        self._portal = ""
        self.name = Label("", "section", selectable=True)
        self._tier = Badge("", "text", ground="outline")
        self._made = Badge("", "text", ground="outline")
        portal = Button(tr("Open in Azure portal"), "quiet", "external", small=True)
        portal.clicked.connect(self._open)
        head = row(self.name, self._tier, self._made, None, portal)
        self._facts = {}
        facts = column(gap=6)
        for key, title in (
            ("group", tr("Resource group")),
            ("bootstrap", tr("Bootstrap")),
            ("network", tr("Network")),
            ("units", tr("Throughput")),
            ("note", ""),
        ):
            label = Label(title, "body", "muted")
            label.setFixedWidth(_FACT_WIDTH)
            value = Label("", "machine" if key == "bootstrap" else "body", wrap=key == "note")
            self._facts[key] = (label, value)
            line = row(label, value)
            line.setStretch(1, 1)
            facts.addLayout(line)
        facts.addStretch(1)
        self.hubs: RowTable[FoundHub] = RowTable(
            tr("Event hubs"),
            (Column(tr("Name")), Column(tr("Partitions"), 84, True), Column(tr("Kept"), 84, True)),
            _hub_cells,
            row_height=28,
            empty=tr("No event hub yet. Isthmus can create one in it."),
        )
        self.hubs.setFixedHeight(124)
        self.hubs.chosen.connect(self.hub_chosen)
        right = column(Label(tr("Event hub to read"), "caption", "muted"), 4, self.hubs, None)
        below = row(gap=24)
        below.addLayout(facts, 5)
        below.addLayout(right, 4)
        self.setLayout(column(head, 8, below, margin=(17, 12, 17, 13)))
        self.hide()

    def show_row(self, each: Row | None, portal: str) -> None:
        """Show ``each``; None: nothing is chosen. ``portal``: URL of the Azure portal."""
        self.setVisible(each is not None)
        if each is None:
            self.hubs.show_rows(())
            return
        found, namespace = each.found, each.found.namespace
        self._portal = f"{portal}/#resource{namespace.id}"
        self.name.setText(namespace.name)
        self._tier.set_text(namespace.sku)
        self._made.setVisible(namespace.created_at is not None)
        if namespace.created_at is not None:
            day = namespace.created_at.astimezone().strftime("%d %b %Y").lstrip("0")
            self._made.set_text(tr("created {day}", day=day))
        note = reason(each) or "; ".join(dict.fromkeys(p.cause for p in found.problems))
        shown = {
            "group": namespace.resource_group,
            "bootstrap": f"{namespace.kafka_host}:{namespace.kafka_port}"
            if namespace.kafka and namespace.kafka_host
            else DASH,
            "network": _network_words(found),
            "units": _unit_words(found),
            "note": f"{note}." if note and not note.endswith(".") else note,
        }
        for key, (label, value) in self._facts.items():
            value.setText(shown[key])
            value.setVisible(bool(shown[key]))
            label.setVisible(bool(shown[key]))
        self.hubs.show_rows(found.hubs)

    def choose(self, hub: str) -> None:
        """Select the event hub of that name, else the first one that can be read."""
        rows = self.hubs.model.shown
        wanted = next((each for each in rows if each.hub.name == hub), None)
        usable = next((each for each in rows if not each.hub.compacted), None)
        if wanted is not None or usable is not None:
            self.hubs.select(wanted or usable)  # type: ignore[arg-type]

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(self._portal))


def _hub_cells(each: FoundHub) -> tuple[Cell, ...]:
    kept = tr("by key") if each.hub.compacted else hours_words(each.hub.retention_hours)
    return (Cell(each.hub.name, "name"), Cell(number(each.hub.partitions)), Cell(kept))


def hours_words(hours: int) -> str:
    """``7 days`` or ``12 h``."""
    if hours % 24 == 0:
        return trn("{n} day", "{n} days", hours // 24)
    return duration(hours * 3600.0)


def _network_words(found: FoundNamespace) -> str:
    if found.namespace.public_access not in ("", "Enabled"):
        return tr("Private only, no public access")
    if found.network is None:
        return tr("not known yet")
    if not found.network.has_rules:
        return tr("Public, all networks")
    return tr("Public, chosen networks only: this machine and Log Service must be among them")


def _unit_words(found: FoundNamespace) -> str:
    namespace = found.namespace
    words = trn("{n} unit", "{n} units", namespace.units)
    if not namespace.auto_inflate:
        return words
    return tr("{units}, auto-inflate to {n}", units=words, n=number(namespace.max_units))
