"""Which kinds of records belong to which log categories of Azure.

A diagnostic setting names categories; most kinds are named as theirs. The activity log is one kind
with two categories, and the continuous export of Defender for Cloud names its source "Alerts".
Categories that no kind belongs to are never sent.
"""

from __future__ import annotations

from collections.abc import Iterable

ADMINISTRATIVE, ALERT = "Administrative", "Alert"

Kinds = frozenset[str] | None
"""Names of categories; None: all that there are."""

_CATEGORIES = {
    ADMINISTRATIVE: frozenset({ADMINISTRATIVE, ALERT}),
    "Defender": frozenset({"Defender", "Alerts"}),
}


def kinds_of(categories: Iterable[str] | None) -> Kinds:
    """``categories`` as a set; None stays None."""
    return None if categories is None else frozenset(categories)


def is_sent(kind: str, kinds: Kinds) -> bool:
    """Whether records of ``kind`` are among ``kinds``."""
    return kinds is None or not kinds.isdisjoint(_CATEGORIES.get(kind, {kind}))


def is_category_sent(category: str, kinds: Kinds) -> bool:
    """Whether records of the one ``category`` are among ``kinds``."""
    return kinds is None or category in kinds
