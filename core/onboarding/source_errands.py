"""What the page of diagnostic settings asks Azure: resources as they arrive, and what they send."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

from core.azure.diagnostic_sources import Categories, Resource, categories_of, resources
from core.onboarding.action import Kind
from core.onboarding.azure_session import choose_subscription
from core.onboarding.draft import SettingsSeen
from core.onboarding.errands import Errands

PAGE = 100
"""Resources that are handed over at once."""

_SETTING = "azure/diagnostic_setting/"
_OWN_KIND = "microsoft.eventhub/namespaces"


async def resources_of(errands: Errands) -> AsyncIterator[tuple[Resource, ...]]:
    """The resources of the draft's subscription, page by page, without the namespace itself.

    Raises ProblemError.
    """
    draft = errands.draft
    async with errands.session() as session:
        chosen, _ = await choose_subscription(session, draft.discovery.subscription)
        page: list[Resource] = []
        async for each in resources(session, chosen):
            own = each.type.lower() == _OWN_KIND and each.name == draft.namespace.name
            if not own:
                page.append(each)
            if len(page) >= PAGE:
                yield tuple(page)
                page = []
        yield tuple(page)


async def resource_categories(errands: Errands, resource_id: str) -> Categories:
    """What the resource can send. Raises ProblemError."""
    async with errands.session() as session:
        return await categories_of(session, resource_id)


def proposed(categories: Categories) -> tuple[str, ...]:
    """What is chosen for a resource that a user ticks: all logs, else what there is."""
    for group in ("allLogs", "audit"):
        if group in categories.groups:
            return (f"group:{group}",)
    return categories.logs


def in_order(chosen: set[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """``chosen`` in the order of ``known``; what is not known comes last, by name."""
    rest = sorted(chosen - set(known))
    return tuple(itertools.chain((each for each in known if each in chosen), rest))


async def settings_seen(errands: Errands) -> SettingsSeen:
    """How many of the chosen settings send to the hub already, and how many are still to be made.

    Looks only. Raises ProblemError.
    """
    plan = await errands.plan()
    mine = [each for each in plan.actions if each.id.startswith(_SETTING)]
    present = sum(each.kind is Kind.REUSE and each.problem is None for each in mine)
    chosen = len(errands.draft.diagnostic_settings.settings)
    return SettingsSeen(present, chosen - present)
