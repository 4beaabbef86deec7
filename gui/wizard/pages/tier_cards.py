"""The tiers as cards, from their limits and the price table; and what the chosen one costs."""

from __future__ import annotations

from datetime import date

from PySide6.QtWidgets import QFrame

from core.azure.namespaces import NamespaceWish
from core.azure.prices import estimate
from core.azure.tiers import TIERS, Tier
from core.costs import CostLine
from core.errors import Problem, ProblemError
from core.onboarding.draft import NamespaceDraft
from gui.figures import money, number
from gui.widgets.choice_card import ChoiceCards, Fact, Option
from gui.widgets.drawing import Line
from gui.widgets.layouts import column, row
from gui.widgets.text import Label, Paragraph
from gui.words import tr, trn

SUGGESTED = "Standard"


def tier_cards(cloud: str) -> ChoiceCards:
    """Basic, Standard, Premium; prices are those of ``cloud``."""
    return ChoiceCards(tr("Tier"), tuple(_option(tier, cloud) for tier in TIERS.values()))


def _option(tier: Tier, cloud: str) -> Option:
    days = tier.retention_hours // 24
    kept = tr("{days} kept", days=trn("{n} day", "{n} days", days))
    if not tier.kafka:
        why_not = (
            Fact(tr("No Kafka endpoint, so nothing can read it from outside Azure"), "bad"),
            Fact(kept, "plain"),
            Fact(tr("The portal proposes it; most attempts fail here"), "plain"),
        )
        return Option(tier.name, tier.name, tr("No price makes up for it"), why_not, refused=True)
    premium = tier.more_partitions
    hubs = tr("{n} hubs per unit") if premium else tr("{n} hubs")
    facts = (
        Fact(tr("Kafka endpoint")),
        Fact(
            tr("No fixed rate limit per unit, up to {n} units", n=tier.units)
            if premium
            else tr("1 MB/s or 1,000 events/s in per unit, up to {n}", n=tier.units)
        ),
        Fact(f"{kept}, {hubs.format(n=number(tier.event_hubs))}"),
        Fact(tr("Partitions can be added"))
        if premium
        else Fact(tr("Partitions fixed after creation"), "plain"),
    )
    return Option(
        tier.name, tier.name, _price_words(tier.name, cloud), facts, tier.name == SUGGESTED
    )


def _price_words(sku: str, cloud: str) -> str:
    """What one unit costs a month."""
    lines, _ = _estimate(NamespaceWish("", "", "", sku), cloud)
    if not lines or lines[0].low is None:
        return tr("Price not known yet")
    about = (
        tr("About {money} a month per unit") if sku == "Premium" else tr("{money} a month per unit")
    )
    return about.format(money=money(lines[0].low, lines[0].currency))


class RunningCost(QFrame):
    """What the namespace costs while it exists, how that is reckoned, and the prices' date."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("box", "raised")
        self.sum = Label("", "section")
        self.how = Paragraph("", "caption", "muted")
        sum_ = column(Label(tr("Running cost"), "caption", "muted"), self.sum)
        inside = row(sum_, 8, Line(down=True), 8, self.how, margin=(17, 11, 17, 11))
        inside.setStretch(4, 1)
        self.setLayout(inside)

    def show_cost(self, part: NamespaceDraft, cloud: str) -> None:
        """Reckon the cost of ``part`` and show it."""
        premium = part.sku == "Premium"
        units = part.processing_units if premium else part.throughput_units
        inflate = part.auto_inflate and not premium
        most = part.max_throughput_units
        wish = NamespaceWish(part.name, "", "", part.sku, units, inflate, most)
        lines, problem = _estimate(wish, cloud)
        if problem is not None:
            self.sum.setText(tr("not known yet"))
            self.how.set_prose(f"{problem.cause} {problem.remedy}")
            return
        running = lines[0]
        if running.low is None or running.high is None:
            self.sum.setText(tr("not known yet"))
            self.how.set_prose(running.note)
            return
        low, high = money(running.low, running.currency), money(running.high, running.currency)
        self.sum.setText(
            tr("{low} a month", low=low)
            if low == high
            else tr("{low} to {high} a month", low=low, high=high)
        )
        self.how.set_prose(" ".join(_reckoning(wish, lines, cloud)))


def _reckoning(wish: NamespaceWish, lines: tuple[CostLine, ...], cloud: str) -> list[str]:
    """How the sum came about, sentence by sentence."""
    running = lines[0]
    one, _ = _estimate(NamespaceWish("", "", "", wish.sku), cloud)
    each = money(one[0].low, running.currency) if one else ""
    said = [
        trn(
            "{n} unit at {each} a month.",
            "{n} units at {each} a month each.",
            wish.units,
            each=each,
        )
    ]
    if wish.auto_inflate:
        said.append(tr("Units added by auto-inflate stay until you lower them."))
    arriving = (line for line in lines[1:] if line.what == "messages that arrive")
    said += [tr("Plus {note}.", note=line.note) for line in arriving]
    said.append(tr("Export by diagnostic settings and traffic out of Azure are not in it."))
    said.append(tr("Prices of {day}.", day=_day(running.as_of)))
    return said


def _estimate(wish: NamespaceWish, cloud: str) -> tuple[tuple[CostLine, ...], Problem | None]:
    try:
        return estimate(wish, cloud=cloud), None
    except ProblemError as error:  # the user's own price table
        return (), error.problem


def _day(text: str) -> str:
    """``22 Nov 2026`` of ``2026-11-22``; a user's own table may have any words there."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{found.day} {found.strftime('%b %Y')}"
