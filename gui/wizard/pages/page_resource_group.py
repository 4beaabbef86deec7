"""The resource group: one that exists or a new one, and the region of what is created."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedLayout, QWidget
from typing_extensions import override

from core.azure.names import RESOURCE_GROUP
from core.azure.resource_groups import ResourceGroup
from core.azure.subscriptions import Location
from core.errors import Problem
from core.onboarding.draft import Draft, Looked
from core.onboarding.steps import StepId
from gui.jobs import Context, Jobs
from gui.widgets.choice_card import ChoiceCards, Fact, Option
from gui.widgets.fields import ChoiceField, Field, TextField
from gui.widgets.layouts import row
from gui.widgets.problem_panel import Remedy
from gui.wizard.footer import Offer
from gui.wizard.pages.errand_page import ErrandPage
from gui.words import tr

if TYPE_CHECKING:
    from core.onboarding.errands import Errands

Places = tuple[tuple[ResourceGroup, ...], tuple[Location, ...]]
_NEW, _EXISTING = "new", "existing"


class ResourceGroupPage(ErrandPage):
    """Two cards, a name, a region."""

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._groups: tuple[ResourceGroup, ...] | None = None
        self._locations: tuple[Location, ...] = ()
        self._for: object = None
        self._chosen = ""
        self.cards = ChoiceCards(tr("Resource group"), _options())
        self.cards.picked.connect(self._on_picked)
        self.typed = TextField(
            tr("Name of the new group"), tr("Unique in the subscription."), machine=True
        )
        self.typed.edited.connect(lambda: self.change(name=self.typed.value().strip()))
        self.typed.settled.connect(self._look)
        self.listed = ChoiceField(tr("Group"))
        self.listed.edited.connect(self._on_listed)
        self.region = ChoiceField(
            tr("Region"),
            tr("Where messages rest until they are read. Resources send to their own region only."),
        )
        self.region.edited.connect(self._on_region)
        self.add_field("resource_group.name", self.typed)
        self.add_field("resource_group.location", self.region)
        place = QWidget()
        self._name = QStackedLayout(place)
        self._name.addWidget(self.typed)
        self._name.addWidget(self.listed)
        fields = row(place, self.region, gap=16)
        fields.setStretch(0, 1)
        fields.setStretch(1, 1)
        self.body.addWidget(self.cards)
        self.body.addLayout(fields)
        self._say()

    @override
    def show_draft(self, draft: Draft) -> None:
        super().show_draft(draft)
        part = draft.resource_group
        if not self._chosen:
            self._chosen = _EXISTING if self._is_there(part.name) else _NEW
        if self.typed.value().strip() != part.name:
            self.typed.show_value(part.name)
        self._show_choices()
        self._say()

    @override
    def entered(self) -> None:
        wanted = (self.draft.azure_sign_in, self.draft.discovery.subscription)
        adopted = self.draft.resource_group.result
        if adopted is not None and adopted.value.resource_id:
            self._chosen = _EXISTING
        if self._groups is None or self._for != wanted:
            self._for = wanted
            self.load()
        else:
            self.show_draft(self.draft)

    def load(self) -> None:
        """Ask for the groups and regions of the subscription."""
        job = self.run("places", _places, tr("Asking Azure for resource groups and regions"))
        job.done.connect(self.show_places)
        job.failed.connect(self._on_failed)

    def show_places(self, places: Places) -> None:
        """Show what there is to choose from."""
        self._groups, self._locations = places
        name = self.draft.resource_group.name
        self._chosen = _EXISTING if self._is_there(name) else _NEW
        self.show_draft(self.draft)
        self._look()

    # Inside

    def _is_there(self, name: str) -> bool:
        return self._group(name) is not None

    def _group(self, name: str) -> ResourceGroup | None:
        """Names of groups are the same in capitals."""
        for each in self._groups or ():
            if each.name.lower() == name.lower() and each.state != "Deleting":
                return each
        return None

    def _show_choices(self) -> None:
        part = self.draft.resource_group
        groups = {e.name: e.name for e in self._groups or () if e.state != "Deleting"}
        if part.name and self._chosen == _EXISTING and self._group(part.name) is None:
            groups[part.name] = part.name
        known = self._group(part.name)
        _offer(self.listed, dict(sorted(groups.items())))
        self.listed.show_value(known.name if known else part.name)
        regions = {each.name: each.display_name for each in self._locations}
        if part.location and part.location not in regions:
            regions[part.location] = part.location
        _offer(self.region, dict(sorted(regions.items(), key=lambda pair: pair[1])))
        self.region.show_value(part.location)
        self.cards.pick(self._chosen)
        self._name.setCurrentIndex(1 if self._chosen == _EXISTING else 0)

    def _on_picked(self, value: str) -> None:
        self._chosen = value
        if value == _EXISTING:
            known = self._group(self.draft.resource_group.name) or next(
                (e for e in sorted(self._groups or (), key=lambda g: g.name)), None
            )
            if known is not None:
                self._use(known)
        elif self._is_there(self.draft.resource_group.name):
            self.change(name="")
        else:
            self.show_draft(self.draft)
        field: Field = self.listed if value == _EXISTING else self.typed
        field.control.setFocus()

    def _on_listed(self) -> None:
        known = self._group(self.listed.value())
        if known is not None:
            self._use(known)

    def _use(self, group: ResourceGroup) -> None:
        region = self.draft.resource_group.location or group.location
        self.change(name=group.name, location=region)
        self._look()

    def _on_region(self) -> None:
        self.change(location=self.region.value())
        self._look()

    def _look(self) -> None:
        """What Azure's list says of the group that is named."""
        part = self.draft.resource_group
        if self._groups is None or not RESOURCE_GROUP.form.fullmatch(part.name):
            return
        known = self._group(part.name)
        if known is None:
            found = Looked("absent")
        else:
            home = f"/subscriptions/{self.draft.discovery.subscription}"
            found = Looked("same", f"{home}/resourceGroups/{known.name}")
        if part.result is None or part.result.stale or part.result.value.state != found.state:
            self.recorded.emit(found, self.draft)
        self._say()

    def _say(self) -> None:
        name = self.draft.resource_group.name
        self.set_offer(Offer())
        if self._groups is None or not name or self._chosen == _EXISTING:
            return
        if self._is_there(name):
            text = tr("A group of that name exists. It is used as it is.")
            self.typed.set_check("reuse", "quiet", text)
        elif not self.errors:
            self.typed.set_check("create", "ok", tr("Free. It is created when you apply."))

    def _on_failed(self, problem: Problem) -> None:
        self.fail(
            problem,
            tr("Azure did not list resource groups and regions"),
            Remedy(tr("Ask again"), self.load, "reload", leads=True),
        )


def _offer(field: ChoiceField, choices: dict[str, str]) -> None:
    """Offer ``choices``, unless they are offered already: an open list would close."""
    if list(choices) != [field.combo.itemData(at) for at in range(field.combo.count())]:
        field.show_choices(choices)


async def _places(errands: Errands, context: Context) -> Places:
    groups, regions = await asyncio.gather(errands.resource_groups(), errands.locations())
    return groups, regions


def _options() -> tuple[Option, ...]:
    return (
        Option(
            _NEW, tr("Create a new group"), tr("One place for all of this import"),
            (Fact(tr("Plain what belongs to it")), Fact(tr("Can be deleted as a whole"))),
            suggested=True,
        ),
        Option(
            _EXISTING, tr("Use an existing group"), tr("Stays as it is"),
            (Fact(tr("Its tags, locks and roles hold for what is added")),
             Fact(tr("Only what Isthmus made is ever removed"), "plain")),
        ),
    )  # fmt: skip
