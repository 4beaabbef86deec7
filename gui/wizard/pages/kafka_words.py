"""What the Kafka test says: who refused what, and which button carries a remedy out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Code, Problem
from core.onboarding.draft import Draft
from gui.words import tr

if TYPE_CHECKING:
    from core.onboarding.diagnosis import Verdict

FETCH_KEY = "fetch_key_again"
USE_OTHER_HUB = "use_other_hub"
CREATE = ("create_namespace", "create_event_hub")
_NOT_THERE = frozenset({Code.NOT_APPLIED, Code.SECRET_MISSING})


def title_of(problem: Problem, row: str, draft: Draft) -> str:
    """One line that names what refused whom. ``row``: the title of the row that failed."""
    policy = draft.shared_access_policy.name
    if problem.code is Code.KAFKA_FIREWALL:
        return tr("The namespace's network rules keep this machine out")
    if problem.code in (Code.KAFKA_WRONG_KEY, Code.KAFKA_KEY_ROTATED):
        return tr("Event Hubs refused the key of the policy {policy}", policy=policy)
    if problem.code is Code.KAFKA_BASIC_TIER:
        return tr("A namespace of the tier Basic has no Kafka endpoint")
    titles = {
        "Resolve the name": tr("The namespace's name could not be found"),
        "Reach the port": tr("The namespace does not answer on its Kafka port"),
        "Secure the line": tr("The line to the namespace could not be secured"),
        "Sign in": tr("Event Hubs refused the sign-in of the policy {policy}", policy=policy),
        "Find the event hub": tr(
            "Event Hubs did not open the event hub {hub}", hub=draft.event_hub.name
        ),
        "Read a record": tr("No record could be read"),
    }
    return titles.get(row, tr("The test could not be made"))


def lead_of(problem: Problem, row: str, passed: int) -> str:
    """The lead of a failed test."""
    if not row:
        return tr("The test could not begin.")
    return tr("Stopped at stage {n} of 6, {row}.", n=passed + 1, row=row[:1].lower() + row[1:])


def is_not_there(problem: Problem) -> bool:
    """Whether there is nothing to test yet."""
    return problem.code in _NOT_THERE


def action_of(verdict: Verdict) -> str:
    """The remedy that Isthmus can carry out; empty: none."""
    return str(verdict.action) if verdict.action is not None else ""
