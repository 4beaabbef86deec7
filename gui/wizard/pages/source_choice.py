"""Which logs are chosen: the rules of ticking, on the settings of a draft. No widget here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from core.onboarding.draft import SettingDraft

Kind = Literal["activity", "entra", "resource", "defender"]
_ORDER: tuple[Kind, ...] = ("activity", "entra", "defender", "resource")
GROUP = "group:"
"""Before the name of a category group."""


@dataclass(frozen=True)
class Source:
    """Something that can send logs.

    Attributes:
        kind: of its setting.
        name: as people call it.
        resource_id: of a resource.
        type: of a resource, such as ``Microsoft.KeyVault/vaults``.
        location: of a resource, the short name of its region; empty: everywhere, or not known.
        group: the resource group that a resource is in.
    """

    kind: Kind
    name: str
    resource_id: str = ""
    type: str = ""
    location: str = ""
    group: str = ""

    @property
    def key(self) -> str:
        """Tells it from others."""
        return self.resource_id.lower() or self.kind

    def is_of(self, setting: SettingDraft) -> bool:
        """Whether ``setting`` is one of this source."""
        same = setting.resource_id.lower() == self.resource_id.lower()
        return setting.kind == self.kind and same


def chosen(settings: Iterable[SettingDraft], source: Source) -> tuple[str, ...]:
    """The categories that all settings of ``source`` send."""
    found = [name for each in settings if source.is_of(each) for name in each.categories]
    return tuple(dict.fromkeys(found))


def with_chosen(
    settings: tuple[SettingDraft, ...], source: Source, categories: tuple[str, ...]
) -> tuple[SettingDraft, ...]:
    """``settings`` so that ``source`` sends ``categories``; none of them: it has no setting.

    The first setting of a source keeps its name; further ones keep what they send, as far as it is
    still chosen.
    """
    mine = [each for each in settings if source.is_of(each)]
    rest = tuple(each for each in settings if not source.is_of(each))
    if not categories:
        return rest
    kept = [
        replace(each, categories=tuple(name for name in each.categories if name in categories))
        for each in mine[1:]
    ]
    elsewhere = {name for each in kept for name in each.categories}
    first = mine[0] if mine else SettingDraft(source.kind, resource_id=source.resource_id)
    own = tuple(name for name in categories if name not in elsewhere)
    first = replace(first, categories=own, location=source.location or first.location)
    made = [each for each in (first, *kept) if each.categories]
    return tuple(sorted((*rest, *made), key=lambda each: _ORDER.index(each.kind)))


def toggled(before: tuple[str, ...], name: str, on: bool) -> tuple[str, ...]:
    """``before`` with ``name`` ticked or not.

    Azure takes category groups or single categories, never both; of groups ``allLogs`` holds all
    others ("Azure Monitor: diagnostic settings").
    """
    if not on:
        return tuple(each for each in before if each != name)
    if name.startswith(GROUP):
        whole = {f"{GROUP}allLogs", name}
        if name == f"{GROUP}allLogs":
            return (name,)
        return (*(each for each in before if each.startswith(GROUP) and each not in whole), name)
    return (*(each for each in before if not each.startswith(GROUP) and each != name), name)


def words_of(name: str) -> str:
    """A category as people read it."""
    if not name.startswith(GROUP):
        return name
    known = {"allLogs": "All logs", "audit": "Audit logs"}
    group = name.removeprefix(GROUP)
    return known.get(group, group)


def totals(settings: Iterable[SettingDraft]) -> tuple[int, int]:
    """How many sources, and how many categories or groups, are chosen."""
    scopes, categories = set(), 0
    for each in settings:
        scopes.add(each.resource_id.lower() or each.kind)
        categories += len(each.categories)
    return len(scopes), categories
