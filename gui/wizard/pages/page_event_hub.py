"""The event hub: its name is the topic; partitions and retention within the tier's bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from core.azure.event_hubs import EventHub, EventHubWish, differences
from core.azure.names import EVENT_HUB
from core.azure.tiers import TIERS
from core.errors import Problem
from core.onboarding.draft import Draft, Looked
from core.onboarding.steps import StepId
from gui.jobs import Context, Jobs
from gui.widgets.banner import Banner
from gui.widgets.fields import NumberField, TextField
from gui.widgets.layouts import column, frame, holder, row
from gui.widgets.text import Label, Paragraph
from gui.wizard.pages.errand_page import ErrandPage
from gui.wizard.pages.found_namespaces import hours_words
from gui.words import tr, trn

if TYPE_CHECKING:
    from core.onboarding.errands import Errands

_MOST_SHOWN = 99_999


class EventHubPage(ErrandPage):
    """Name, partitions, retention, and what they mean."""

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._hubs: tuple[EventHub, ...] | None = None
        self._for: object = None
        self.name_field = TextField(
            tr("Name"), tr("The topic of Kafka clients has the same name."), machine=True
        )
        self.name_field.edited.connect(self._on_name)
        self.name_field.settled.connect(self._look)
        self.partitions = NumberField(tr("Partitions"), 1, _MOST_SHOWN, width=104)
        self.partitions.edited.connect(lambda: self.change(partitions=self.partitions.value()))
        self.retention = NumberField(tr("Kept for"), 1, _MOST_SHOWN, unit=tr("hours"), width=132)
        self.retention.edited.connect(lambda: self.change(retention_hours=self.retention.value()))
        self.add_field("event_hub.name", self.name_field)
        self.add_field("event_hub.partitions", self.partitions)
        self.add_field("event_hub.retention_hours", self.retention)
        self.adopted = Banner(
            "info", tr("This event hub exists and is used as it is"), icon="reuse"
        )
        self.meaning = {key: Paragraph() for key in ("partitions", "retention", "topic")}
        means = column(
            Label(tr("What it means"), "caption", "muted"), *self.meaning.values(), gap=6,
            margin=(17, 12, 17, 14),
        )  # fmt: skip
        numbers = row(self.partitions, self.retention, None, gap=24)
        self.body.addWidget(holder(row(self.name_field, None)))
        self.body.addWidget(self.adopted)
        self.body.addLayout(numbers)
        self.body.addLayout(self.fixes)
        self.before_fixes = self.retention.spin
        self.body.addWidget(frame("raised", means))
        self.name_field.line.setMinimumWidth(420)

    @override
    def show_draft(self, draft: Draft) -> None:
        super().show_draft(draft)
        part, tier = draft.event_hub, TIERS[draft.namespace.sku]
        if self.name_field.value().strip() != part.name:
            self.name_field.show_value(part.name)
        self.partitions.show_value(part.partitions)
        self.retention.show_value(part.retention_hours)
        self.partitions.set_hint(tr("1 to {n} on {tier}", n=tier.partitions, tier=tier.name))
        self.retention.set_hint(
            tr(
                "1 hour to {longest} on {tier}",
                longest=hours_words(tier.retention_hours),
                tier=tier.name,
            )
        )
        known = self._known
        for field in (self.partitions, self.retention):
            field.setVisible(known is None)
        self.adopted.setVisible(known is not None)
        if known is not None:
            words = tr(
                "{partitions}, kept for {time}. Isthmus changes nothing of it.",
                partitions=trn("{n} partition", "{n} partitions", known.partitions),
                time=hours_words(known.retention_hours),
            )
            self.adopted.text.setText(words)
            self.adopted.text.show()
        self._explain(draft)

    @override
    def entered(self) -> None:
        draft = self.draft
        wanted = (
            draft.azure_sign_in,
            draft.discovery,
            draft.resource_group.name,
            draft.namespace.name,
        )
        result = draft.namespace.result
        if result is not None and result.value.state == "absent":
            self._hubs, self._for = (), wanted  # a namespace that is to be made has none
            self._look()
        elif self._hubs is None or self._for != wanted:
            self._for = wanted
            job = self.run("hubs", _hubs, tr("Asking Azure for the event hubs of the namespace"))
            job.done.connect(self.show_hubs)
            job.failed.connect(self._on_failed)
        else:
            self._look()

    def show_hubs(self, hubs: tuple[EventHub, ...]) -> None:
        """Know the event hubs that are there."""
        self._hubs = hubs
        self._look()

    # Inside

    @property
    def _known(self) -> EventHub | None:
        name = self.draft.event_hub.name.lower()
        return next((each for each in self._hubs or () if each.name.lower() == name), None)

    def _on_name(self) -> None:
        self.change(name=self.name_field.value().strip())

    def _look(self) -> None:
        """What Azure's list says of the hub that is named."""
        part, known = self.draft.event_hub, self._known
        if self._hubs is None or not EVENT_HUB.form.fullmatch(part.name):
            return
        if known is None:
            found = Looked("absent")
        else:
            if differences(known, EventHubWish(part.name, part.partitions, part.retention_hours)):
                self.change(
                    partitions=known.partitions,
                    retention_hours=known.retention_hours or part.retention_hours,
                )
            found = Looked("same", known.name)
        result = self.draft.event_hub.result
        if result is None or result.stale or result.value.state != found.state:
            self.recorded.emit(found, self.draft)
        self.show_draft(self.draft)

    def _on_failed(self, problem: Problem) -> None:
        self.name_field.set_check(
            "warning", "warn", tr("Not compared with Azure. {cause}", cause=problem.cause)
        )

    def _explain(self, draft: Draft) -> None:
        part, tier = draft.event_hub, TIERS[draft.namespace.sku]
        fixed = (
            tr("Partitions can be added later on Premium.")
            if tier.more_partitions
            else tr("On {tier} their number stays as it is made.", tier=tier.name)
        )
        shared = trn(
            "**{n} partition**: one reader takes all of it.",
            "**{n} partitions**: up to {n} readers share the work, each keeps its part in order.",
            part.partitions,
        )
        self.meaning["partitions"].set_prose(f"{shared} {fixed}")
        away = hours_words(part.retention_hours) if part.retention_hours else tr("as long as")
        self.meaning["retention"].set_prose(
            tr(
                "**Kept for {time}**: that long the import may stand still without losing "
                "anything. Older messages are gone.",
                time=away,
            )
        )
        self.meaning["topic"].set_prose(
            tr("**Topic**: Kafka clients read {name}.", name=part.name or tr("the hub's name"))
        )


async def _hubs(errands: Errands, context: Context) -> tuple[EventHub, ...]:
    return await errands.event_hubs()
