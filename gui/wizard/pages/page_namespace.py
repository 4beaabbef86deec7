"""The namespace: its name checked with Azure as one types, its tier, its units, its cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox
from typing_extensions import override

from core.azure.names import NAMESPACE
from core.azure.namespaces import NameCheck, Namespace
from core.azure.tiers import TIERS
from core.errors import Code, Problem, problem
from core.onboarding.adoption import adopted_namespace
from core.onboarding.draft import Draft, Looked, with_part
from core.onboarding.steps import StepId
from gui.jobs import Context, Jobs
from gui.widgets.banner import Banner
from gui.widgets.fields import NumberField, TextField
from gui.widgets.layouts import column, holder, row
from gui.widgets.text import Label
from gui.wizard.footer import Offer
from gui.wizard.pages.endpoint_lines import EndpointLines
from gui.wizard.pages.errand_page import ErrandPage
from gui.wizard.pages.tier_cards import RunningCost, tier_cards
from gui.words import tr

if TYPE_CHECKING:
    from core.onboarding.errands import Errands

_NAME = "namespace.name"
_MOST_SHOWN = 9999


@dataclass(frozen=True)
class NameLook:
    """What Azure says of a name: it is the user's own namespace, it is free, or it is taken."""

    name: str
    own: Namespace | None
    check: NameCheck | None


class NamespacePage(ErrandPage):
    """Name and endpoint, cards of the tiers, units, cost."""

    wide = True

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._known: NameLook | None = None
        self._asked: tuple[object, ...] = ()
        self._unknown: Problem | None = None
        self._cloud = ""
        self.name_field = TextField(tr("Name"), NAMESPACE.words, machine=True, width=300)
        self.name_field.edited.connect(self._on_name)
        self.name_field.settled.connect(self.check_name)
        self.add_field(_NAME, self.name_field)
        self.endpoint = EndpointLines()
        top = column(holder(row(self.name_field, None)), 4, self.endpoint)
        self.name_field.line.setMinimumWidth(480)
        self.adopted = Banner(
            "info", tr("This namespace exists and is used as it is"), icon="reuse"
        )
        self.cards = tier_cards("public")
        self._cards_place = column(self.cards)
        self.tier = holder(column(Label(tr("Tier"), "name"), 4, self._cards_place))
        self.units = NumberField(tr("Throughput units"), 1, _MOST_SHOWN)
        self.units.edited.connect(lambda: self.change(throughput_units=self.units.value()))
        self.processing = NumberField(tr("Processing units"), 1, _MOST_SHOWN)
        self.processing.edited.connect(
            lambda: self.change(processing_units=self.processing.value())
        )
        self.inflate = QCheckBox(tr("Add units when traffic grows, up to"))
        self.inflate.clicked.connect(self._on_inflate)
        self.most = NumberField(tr("Units at the most"), 1, _MOST_SHOWN)
        self.most.label.hide()  # the check box before it says what it is
        self.most.edited.connect(lambda: self.change(max_throughput_units=self.most.value()))
        self.add_field("namespace.throughput_units", self.units)
        self.add_field("namespace.processing_units", self.processing)
        self.add_field("namespace.max_throughput_units", self.most)
        self._inflate_box = holder(column(26, self.inflate, None))
        self._most_box = holder(column(16, self.most))
        self.amount = holder(
            row(self.units, self.processing, 16, self._inflate_box, self._most_box, None)
        )
        self.cost = RunningCost()
        self.body.addLayout(top)
        self.body.addWidget(self.adopted)
        self.body.addWidget(self.tier)
        self.body.addLayout(self.fixes)
        self.before_fixes = self.cards.cards[-1].radio
        self.body.addWidget(self.amount)
        self.body.addWidget(self.cost)
        self.cards.picked.connect(lambda value: self.change(sku=value))

    @override
    def show_draft(self, draft: Draft) -> None:
        super().show_draft(draft)
        part, which = draft.namespace, draft.azure_sign_in.cloud
        if which != self._cloud:
            self._show_cards(which)
        if self.name_field.value().strip() != part.name:
            self.name_field.show_value(part.name)
        self.endpoint.show_namespace(part.name, which)
        self.cards.pick(part.sku)
        premium = part.sku == "Premium"
        self.units.show_value(part.throughput_units)
        self.units.setVisible(not premium)
        self.processing.show_value(part.processing_units)
        self.processing.setVisible(premium)
        self.inflate.setChecked(part.auto_inflate)
        self.most.show_value(part.max_throughput_units or TIERS["Standard"].units)
        self.most.setVisible(part.auto_inflate and not premium)
        self._inflate_box.setVisible(not premium or part.auto_inflate)
        self._show_adopted()
        refused = not TIERS[part.sku].kafka
        self.amount.setVisible(not refused and not self._own)
        self.cost.setVisible(not refused)
        if not refused:
            self.cost.show_cost(part, which)

    @override
    def own_problems(self) -> tuple[Problem, ...]:
        known = self._known
        if known is None or known.name != self.draft.namespace.name:
            return ()
        if known.own is not None and not known.own.kafka:
            return (problem(Code.AZURE_NAMESPACE_BASIC, _NAME, name=known.name),)
        if known.own is None and known.check is not None and not known.check.available:
            return (problem(Code.AZURE_NAMESPACE_NAME_TAKEN, _NAME, name=known.name),)
        return ()

    @override
    def show_problems(self, problems: Iterable[Problem]) -> None:
        super().show_problems(problems)
        self._say()

    @override
    def entered(self) -> None:
        self.check_name()

    @override
    def left(self) -> None:
        self.jobs.cancel(f"{self.step}.name")

    def check_name(self) -> None:
        """Ask Azure about the name that is typed, unless it was asked about it already."""
        part = self.draft.namespace
        asked = (
            part.name,
            self.draft.azure_sign_in,
            self.draft.discovery,
            self.draft.resource_group.name,
        )
        if not NAMESPACE.form.fullmatch(part.name) or asked == self._asked:
            return
        self._asked, draft = asked, self.draft
        self._known = self._unknown = None
        job = self.run("name", _look, tr("Asking Azure about the name {name}", name=part.name))
        job.done.connect(lambda known: self._on_known(known, draft))
        job.failed.connect(self._on_unknown)
        job.cancelled.connect(lambda: self._on_cancelled(asked))
        job.ended.connect(self._say)
        self._say()

    # Answers

    def _on_name(self) -> None:
        name = self.name_field.value().strip()
        self.jobs.cancel(f"{self.step}.name")
        self._known, self._unknown, self._asked = None, None, ()
        self.change(name=name, result=None)

    def _on_inflate(self) -> None:
        part = self.draft.namespace
        on = self.inflate.isChecked()
        most = part.max_throughput_units or min(part.throughput_units * 2, TIERS["Standard"].units)
        self.change(auto_inflate=on, max_throughput_units=most if on else 0)

    # What Azure said

    @property
    def _own(self) -> Namespace | None:
        """The user's namespace of that name, if it can be used."""
        known = self._known
        if known is None or known.name != self.draft.namespace.name or known.own is None:
            return None
        return known.own if known.own.kafka else None

    def _on_known(self, known: NameLook, asked: Draft) -> None:
        self._known = known
        if self._own is not None:
            now = datetime.now().astimezone()
            part = adopted_namespace(self.draft.namespace, self._own, now)
            self.edited.emit(with_part(self.draft, self.step, part))
        elif known.check is not None and known.check.available:
            self.recorded.emit(Looked("absent"), asked)
        else:
            self.edited.emit(self.draft)
            self.name_field.reveal()

    def _on_unknown(self, found: Problem) -> None:
        self._unknown = found

    def _on_cancelled(self, asked: tuple[object, ...]) -> None:
        if self._asked == asked:  # by the user, not by the next question
            self._asked = ()

    # Shown

    def _show_cards(self, which: str) -> None:
        self._cloud = which
        if which == "public":
            return
        old, self.cards = self.cards, tier_cards(which)
        self._cards_place.replaceWidget(old, self.cards)
        old.hide()
        old.deleteLater()
        self.before_fixes = self.cards.cards[-1].radio
        self.cards.picked.connect(lambda value: self.change(sku=value))

    def _show_adopted(self) -> None:
        own = self._own
        self.adopted.setVisible(own is not None)
        self.tier.setVisible(own is None)
        if own is not None:
            self.adopted.text.setText(
                tr(
                    "{tier} in {region}. Isthmus changes nothing of it. Type another name to "
                    "create a new one.",
                    tier=own.sku,
                    region=own.location,
                )
            )
            self.adopted.text.show()

    def _say(self) -> None:
        """The line below the name, and the way on."""
        name, field, known = self.draft.namespace.name, self.name_field, self._known
        taken = bool(self.own_problems())
        if not TIERS[self.draft.namespace.sku].kafka:
            self.set_offer(Offer(reason=tr("Choose a tier that has Kafka"), filled=False))
        elif taken:
            self.set_offer(Offer(reason=tr("Choose another name")))
        else:
            self.set_offer(Offer())
        if self.is_busy("name"):
            field.set_check("running", "accent-text", tr("Asking Azure whether it is free"))
        elif known is not None and known.name == name and not taken:
            if known.own is not None:
                field.set_check("reuse", "quiet", tr("Yours, and used as it is."))
            else:
                field.set_check("done", "ok", tr("Free. Azure was asked just now."))
        elif self._unknown is not None:
            text = tr("Not checked with Azure. {cause}", cause=self._unknown.cause)
            field.set_check("warning", "warn", text)
        elif not taken:
            field.clear_check()


async def _look(errands: Errands, context: Context) -> NameLook:
    name = errands.draft.namespace.name
    own = await errands.find_namespace() if errands.draft.resource_group.name else None
    check = None if own is not None else await errands.name_check()
    return NameLook(name, own, check)
