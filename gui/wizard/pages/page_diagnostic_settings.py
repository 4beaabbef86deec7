"""Diagnostic settings: which logs go to the hub, from a tree of everything that can send some."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from typing_extensions import override

from core.errors import Problem
from core.onboarding.draft import Draft, SettingDraft
from core.onboarding.steps import StepId
from gui.figures import number
from gui.jobs import Context, Jobs
from gui.widgets.buttons import Button
from gui.widgets.fields import TextField
from gui.widgets.layouts import column, frame, row
from gui.widgets.problem_panel import Remedy
from gui.widgets.search_field import SearchField
from gui.widgets.search_table import SEARCH_WIDTH
from gui.widgets.text import Label
from gui.wizard.pages.errand_page import ErrandPage
from gui.wizard.pages.settings_comparison import SettingsComparison
from gui.wizard.pages.source_choice import Source, totals
from gui.wizard.pages.source_tree import SourceTree
from gui.words import tr, trn

if TYPE_CHECKING:
    from core.azure.diagnostic_sources import Categories, Resource
    from core.onboarding.errands import Errands

_SEARCH_MS = 150
_SETTING = re.compile(r"diagnostic_settings\.settings\.(\d+)(?:\.|$)")
_TREE_HEIGHT = 300


class DiagnosticSettingsPage(ErrandPage):
    """The page.

    Attributes:
        tree: the sources.
        comparison: which of the chosen settings are there already.
        search: hides resources that lack its words.
    """

    fills = True

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._listed_for = ""
        self.tree = SourceTree()
        self.tree.setMinimumHeight(_TREE_HEIGHT)
        self._add_fixed()
        self.search = SearchField(tr("Search the resources"), tr("Search the resources"))
        self.search.setFixedWidth(SEARCH_WIDTH)
        self.only_chosen = Button(tr("Chosen only"), icon="filter")
        self.only_chosen.setCheckable(True)
        self.again = Button(tr("Look again"), "quiet", "reload")
        self.shown = Label("", "caption", "muted", tabular=True)
        self.counts = Label("", "strong", tabular=True)
        head = row(self.search, self.only_chosen, self.again, None, self.shown)
        policy = TextField(
            tr("Policy that the settings send with"),
            tr("A shared access policy of the namespace; it is made if it is not there."),
            machine=True,
        )
        self.policy = policy
        self.add_field("diagnostic_settings.policy", policy)
        self.comparison = SettingsComparison(jobs, self)
        self.comparison.found.connect(self.recorded)
        said = column(22, self.counts, 4, self.comparison.note, None)
        below = row(policy, 24, said)
        below.setStretch(2, 1)
        box = frame("plain", column(self.tree, margin=(0, 0, 0, 4)))
        whole = column(head, box, below, gap=12)
        whole.setStretch(1, 1)
        self.body.addLayout(self.fixes)
        self.body.addLayout(whole, 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_MS)
        self._connect()

    @override
    def entered(self) -> None:
        wanted = f"{self.draft.azure_sign_in.tenant} {self.draft.discovery.subscription}"
        if self._listed_for != wanted:
            self._listed_for = wanted
            self._list()

    @override
    def show_draft(self, draft: Draft) -> None:
        super().show_draft(draft)
        part = draft.diagnostic_settings
        self.tree.show_settings(part.settings)
        self.policy.show_value(part.policy)
        sources, categories = totals(part.settings)
        if sources:
            what = trn("{n} source", "{n} sources", sources)
            self.counts.setText(
                f"{what}, {trn('{n} category chosen', '{n} categories chosen', categories)}"
            )
        else:
            self.counts.setText(tr("Nothing is chosen"))
        self._say_shown()

    @override
    def show_problems(self, problems: Iterable[Problem]) -> None:
        """What is wrong with a setting stands at its source, and the first of it above the tree."""
        settings = self.draft.diagnostic_settings.settings
        at_source: dict[str, Problem] = {}
        others: list[Problem] = []
        for each in problems:
            found = _SETTING.match(each.where)
            if found is None or int(found[1]) >= len(settings):
                others.append(each)
                continue
            at_source.setdefault(_key(settings[int(found[1])]), each)
        self.tree.show_problems(at_source)
        told = sorted(at_source.items(), key=lambda pair: pair[1].severity != "error")
        if told:
            key, first = told[0]
            source = self.tree.item_of(key).text(0)
            more = trn(
                " {n} more is marked in the list.",
                " {n} more are marked in the list.",
                len(told) - 1,
            )
            remedy = first.remedy + (more if len(told) > 1 else "")
            others.append(replace(first, cause=f"{source}: {first.cause}", remedy=remedy))
        super().show_problems(others)
        self.comparison.show_draft(self.draft, not self.errors)

    def _add_fixed(self) -> None:
        from core.azure import diagnostic_sources as known

        for source, categories in (
            (Source("activity", tr("Activity log of the subscription")), known.ACTIVITY_CATEGORIES),
            (Source("entra", tr("Entra ID")), known.ENTRA_CATEGORIES),
            (Source("defender", tr("Defender for Cloud")), known.DEFENDER_CATEGORIES),
        ):
            self.tree.add_fixed(source, categories)
        self.tree.open_resources()

    def _connect(self) -> None:
        self.tree.changed.connect(lambda settings: self.change(settings=settings))
        self.tree.categories_wanted.connect(self._ask_categories)
        self.policy.edited.connect(lambda: self.change(policy=self.policy.value().strip()))
        self.search.textChanged.connect(lambda: self._pause.start())
        self._pause.timeout.connect(self._filter)
        self.only_chosen.toggled.connect(self._filter)
        self.again.clicked.connect(self._list)

    # What Azure is asked

    def _list(self) -> None:
        async def verb(errands: Errands, context: Context) -> int:
            from core.onboarding.source_errands import resources_of

            count = 0
            async for page in resources_of(errands):
                count += len(page)
                context.partial(page)
                context.waiting_for(tr("Listing the resources: {n} so far", n=number(count)))
            return count

        job = self.run("resources", verb, tr("Listing the resources of the subscription"))
        job.arrived.connect(self._on_resources)
        job.done.connect(self._on_listed)
        job.failed.connect(self._on_not_listed)

    def _on_resources(self, page: tuple[Resource, ...]) -> None:
        self.tree.add_resources(
            Source(
                "resource", each.name, each.id, each.type,
                "" if each.location == "global" else each.location, each.resource_group,
            )
            for each in page
        )  # fmt: skip
        self._filter()

    def _on_listed(self) -> None:
        self.tree.sort_resources()
        self._filter()

    def _on_not_listed(self, problem: Problem) -> None:
        self._listed_for = ""
        again = Remedy(tr("Look again"), self._list, "reload")
        self.fail(problem, tr("The resources of the subscription could not be listed"), again)

    def _ask_categories(self, source: Source, choose: bool) -> None:
        async def verb(errands: Errands, context: Context) -> Categories:
            from core.onboarding.source_errands import resource_categories

            return await resource_categories(errands, source.resource_id)

        self.tree.show_waiting(source)
        waiting = tr("Asking what {name} sends", name=source.name)
        job = self.run(f"categories.{source.key}", verb, waiting)
        job.done.connect(lambda found: self._on_categories(source, found, choose))
        job.failed.connect(lambda problem: self._on_no_categories(source, problem))

    def _on_categories(self, source: Source, found: Categories, choose: bool) -> None:
        from core.onboarding.source_errands import proposed

        groups = tuple(f"group:{each}" for each in found.groups)
        self.tree.set_categories(source, (*groups, *found.logs))
        if choose and (found.logs or found.groups):
            self.tree.choose(source, proposed(found))

    def _on_no_categories(self, source: Source, problem: Problem) -> None:
        self.tree.show_settings(self.draft.diagnostic_settings.settings)
        self.tree.show_problems({source.key: problem})
        again = Remedy(tr("Ask again"), lambda: self._ask_categories(source, False), "reload")
        self.fail(problem, tr("Azure did not say what {name} sends", name=source.name), again)

    # What is shown of it

    def _filter(self) -> None:
        words = self.search.text().lower().split()
        self.tree.keep_only(words, self.only_chosen.isChecked())
        self._say_shown()

    def _say_shown(self) -> None:
        shown, found = self.tree.shown_resources, self.tree.found_resources
        self.shown.setText(
            tr("{shown} of {found} resources shown", shown=number(shown), found=number(found))
        )


def _key(setting: SettingDraft) -> str:
    return setting.resource_id.lower() or setting.kind
