"""What the account has already: a search over all subscriptions, and one namespace to use."""

from __future__ import annotations

import secrets
from datetime import datetime

from typing_extensions import override

from core.azure.clouds import cloud
from core.azure.discovery import Discovery, DiscoveryProgress, FoundHub
from core.azure.subscriptions import USABLE_STATES
from core.errors import Problem
from core.onboarding.adoption import adopt, for_new
from core.onboarding.draft import Discovered, Draft, SignInDraft
from core.onboarding.steps import StepId
from gui.jobs import Context, Jobs
from gui.widgets.banner import Banner
from gui.widgets.buttons import Button
from gui.widgets.fields import ChoiceField
from gui.widgets.layouts import column, holder, take_out
from gui.widgets.problem_panel import Remedy
from gui.widgets.search_table import SearchTable
from gui.wizard.footer import Offer
from gui.wizard.pages.errand_page import ErrandPage
from gui.wizard.pages.found_namespaces import (
    NamespaceDetail,
    Row,
    cells,
    columns,
    fed_by,
    make_row,
    why_not_in_short,
)
from gui.words import tr, trn

_TABLE_HEIGHT = 256


class DiscoveryPage(ErrandPage):
    """A table of all namespaces, the chosen one in detail, and two ways on."""

    wide = True

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self.found: Discovery | None = None
        self._for: SignInDraft | None = None
        self.table: SearchTable[Row] = SearchTable(
            tr("Namespaces"),
            columns(),
            cells,
            nothing=tr("No Event Hubs namespace in what you can see. Create a new one to go on."),
            beside=self._beside,
        )
        self.table.add_filter(tr("Can be used"), lambda each: each.why_not is None)
        self.table.add_filter(tr("Logs arriving"), lambda each: bool(fed_by(each.found)))
        self.look = Button(tr("Look again"), "quiet", "reload")
        self.look.clicked.connect(self.search)
        self.table.head.addWidget(self.look)
        self.table.table.setFixedHeight(_TABLE_HEIGHT)
        self.table.table.chosen.connect(self._on_chosen)
        self.table.table.activated.connect(lambda _: self.go_on())
        self.unread = column(gap=8)
        self.detail = NamespaceDetail()
        self.subscription = ChoiceField(tr("Subscription for a new namespace"))
        self.subscription.edited.connect(self._offer_ways)
        self.add_field("discovery.subscription", self.subscription)
        self._unread_box = holder(self.unread)
        self._unread_box.hide()
        self.body.addWidget(self._unread_box)
        self.body.addWidget(self.table)
        self.body.addWidget(self.detail)
        self.body.addWidget(self.subscription)
        self.subscription.hide()

    @override
    def show_draft(self, draft: Draft) -> None:
        super().show_draft(draft)
        self._offer_ways()

    @override
    def entered(self) -> None:
        if self._for != self._sign_in or self.found is None:
            self.search()

    @override
    def left(self) -> None:
        self.jobs.cancel(f"{self.step}.search")

    @override
    def go_on(self) -> None:
        chosen = self.table.table.selected
        if self._searching or self.found is None:
            return
        if chosen is None:
            self.do_secondary()
        elif chosen.why_not is None:
            hub: FoundHub | None = self.detail.hubs.selected
            now = datetime.now().astimezone()
            self._take(adopt(self.draft, chosen.found, hub, now))

    @override
    def do_secondary(self) -> None:
        """Create a new namespace."""
        if self.found is None:
            return
        subscription = self.subscription.value()
        if not subscription:
            self.subscription.setFocus()
            return
        self._take(for_new(self.draft, subscription, secrets.token_hex(2)))

    def search(self) -> None:
        """Search all subscriptions."""
        asked = self.draft
        self._for = self._sign_in
        job = self.run(
            "search",
            lambda errands, context: errands.discover(lambda told: _tell(context, told)),
            tr("Asking Azure for your subscriptions"),
        )
        job.done.connect(lambda found: self._on_found(found, asked))
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        job.ended.connect(self._offer_ways)
        self._say_nothing(tr("Searching. Nothing is changed in Azure."))
        self._offer_ways()

    def show_found(self, found: Discovery) -> None:
        """Show what a search found."""
        self.found = found
        names = {each.id.lower(): each.name for each in found.subscriptions}
        tenant = self._tenant(found)
        rows = tuple(make_row(each, names, tenant) for each in found.namespaces)
        self.table.show_rows(rows)
        self._show_unread(found)
        self._show_lead(found)
        usable = {e.id: e.name or e.id for e in found.subscriptions if e.state in USABLE_STATES}
        self.subscription.show_choices(usable)
        wanted = self.draft.discovery.subscription
        if wanted in usable or len(usable) == 1:
            self.subscription.show_value(wanted if wanted in usable else next(iter(usable)))
        self.subscription.setVisible(len(usable) > 1)
        self._choose(rows)
        self._offer_ways()

    # Inside

    @property
    def _searching(self) -> bool:
        return self.is_busy("search")

    @property
    def _sign_in(self) -> SignInDraft:
        return self.draft.azure_sign_in

    def _tenant(self, found: Discovery) -> str:
        result = self._sign_in.result
        return result.value.tenant if result else ""

    def _take(self, draft: Draft) -> None:
        found = self.found
        self.edited.emit(draft)
        if found is not None:
            value = Discovered(len(found.subscriptions), len(found.namespaces))
            self.recorded.emit(value, self.draft)
        self.asked_on.emit()

    def _on_found(self, found: Discovery, asked: Draft) -> None:
        self.show_found(found)
        value = Discovered(len(found.subscriptions), len(found.namespaces))
        self.recorded.emit(value, asked)
        if self.table.table.selected is not None and self.look.hasFocus():
            self.table.table.view.setFocus()

    def _on_failed(self, problem: Problem) -> None:
        self._say_nothing(tr("Not known yet."))
        self.fail(
            problem,
            tr("Azure did not show what there is"),
            Remedy(tr("Look again"), self.search, "reload", leads=True),
        )

    def _on_cancelled(self) -> None:
        if self.found is None:
            self._for = None
            self._say_nothing(tr("The search was cancelled. Look again to go on."))

    def _say_nothing(self, text: str) -> None:
        """Have ``text`` stand where no row is, until the next search is over."""
        if self.found is None:
            self.table.table.say_when_empty(text)

    def _choose(self, rows: tuple[Row, ...]) -> None:
        """Select the namespace of the draft, else the best one that can be used."""
        usable = [each for each in rows if each.why_not is None]
        mine = [e for e in rows if e.found.namespace.name == self.draft.namespace.name]
        fed = [each for each in usable if each.found.fed_by]
        best = next(iter((*mine, *fed, *usable)), None)
        table = self.table.table
        if best is not None and table.selected is None and best in table.model.shown:
            table.select(best)

    def _on_chosen(self, row: object) -> None:
        chosen = row if isinstance(row, Row) else None
        self.detail.show_row(chosen, cloud(self._sign_in.cloud).portal)
        if chosen is not None:
            self.detail.choose(self.draft.event_hub.name)
        self._offer_ways()

    def _offer_ways(self) -> None:
        create = tr("Create a new namespace")
        if self._searching:
            self.set_offer(Offer(reason=tr("The search is running")))
            return
        if self.found is None:
            self.set_offer(Offer(reason=tr("Nothing was searched yet"), filled=False))
            return
        chosen = self.table.table.selected
        if chosen is None:
            missing = "" if self.subscription.value() else tr("Choose a subscription for it")
            self.set_offer(Offer(create, reason=missing))
            return
        use = tr("Use {name}", name=chosen.found.namespace.name)
        why_not = why_not_in_short(chosen)
        self.set_offer(Offer(use, reason=why_not, secondary=create, secondary_icon="plus"))

    def _show_unread(self, found: Discovery) -> None:
        take_out(self.unread)
        self._unread_box.setVisible(bool(found.unread))
        if not found.unread:
            return
        title = trn(
            "{n} place could not be read", "{n} places could not be read", len(found.unread)
        )
        text = "\n".join(f"{each.what}: {each.problem.cause}" for each in found.unread)
        self.unread.addWidget(Banner("warn", title, text))

    def _show_lead(self, found: Discovery) -> None:
        self.lead.set_prose(
            tr(
                "{namespaces} in {subscriptions}. Choose one that exists, or create a new one.",
                namespaces=trn(
                    "{n} Event Hubs namespace", "{n} Event Hubs namespaces", len(found.namespaces)
                ),
                subscriptions=self._beside(),
            )
        )

    def _beside(self) -> str:
        if getattr(self, "found", None) is None or self.found is None:
            return ""
        return trn("{n} subscription", "{n} subscriptions", len(self.found.subscriptions))


def _tell(context: Context, told: DiscoveryProgress) -> None:
    """Say how far the search is."""
    if told.phase == "subscriptions":
        what = trn("Reading {n} tenant", "Reading {n} tenants", told.tenants)
        context.waiting_for(what)
    elif told.phase == "namespaces":
        what = tr(
            "Searching subscriptions: {done} of {all}, {n} found",
            done=told.subscriptions_done,
            all=told.subscriptions,
            n=told.namespaces,
        )
        context.waiting_for(what, told.subscriptions_done / max(1, told.subscriptions))
    else:
        what = tr(
            "Reading namespaces: {done} of {all}", done=told.namespaces_done, all=told.namespaces
        )
        context.waiting_for(what, told.namespaces_done / max(1, told.namespaces))
