"""The jobs of a plan: making it and carrying it out, for every page that shows one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.onboarding.action import Action, Plan, State
from core.onboarding.draft import Draft, PlanSeen
from gui.jobs import Context, Work
from gui.wizard.memory import Memory
from gui.wizard.pages.errand_page import errand
from gui.wizard.pages.plan_view import counts_of
from gui.words import tr

if TYPE_CHECKING:
    from core.onboarding.errands import Errands


@dataclass(frozen=True)
class PlanFound:
    """A plan as a page shows it.

    Attributes:
        plan: it.
        identity: who is signed in; empty: not known.
        running_cost: of a namespace that would be made, a month; None: not known.
    """

    plan: Plan
    identity: str
    running_cost: float | None


@dataclass(frozen=True)
class Carried:
    """A plan that was carried out, as far as it went.

    Attributes:
        actions: as they ended.
        draft: as it is after that.
    """

    actions: tuple[Action, ...]
    draft: Draft


def seen(plan: Plan) -> PlanSeen:
    """The counts of ``plan``, for the draft."""
    counts = counts_of(plan)
    return PlanSeen(counts["create"], counts["reuse"], counts["change"], counts["blocked"])


async def make_plan(errands: Errands, context: Context) -> PlanFound:
    """Look at Azure. Raises ProblemError."""
    from core.azure.prices import estimate
    from core.onboarding.azure_ground import namespace_wish

    plan = await errands.plan()
    azure = errands.profile().azure_half
    lines = estimate(namespace_wish(azure), cloud=azure.cloud)
    known = [each.low for each in lines if each.cost_class == "running"]
    cost = None if None in known else sum(each or 0.0 for each in known)
    part = errands.draft.azure_sign_in
    identity = part.result.value.user if part.result else ""
    if not identity and part.client_id:
        identity = tr("application {id}", id=part.client_id)
    return PlanFound(plan, identity, cost)


def carry_out(draft: Draft, plan: Plan, memory: Memory) -> Work:
    """The job that carries ``plan`` out; each Action arrives as it is further.

    Once ``memory.stopping`` is set it is cancelled before it begins another action.
    """
    memory.stopping = False

    async def verb(errands: Errands, context: Context) -> Carried:
        from core.onboarding.after_apply import after_apply
        from core.profile import load_profile

        def tell(action: Action) -> None:
            if memory.stopping and action.state is State.RUNNING:
                raise asyncio.CancelledError  # nothing of it is begun yet
            context.partial(action)

        actions = await errands.apply(plan, tell, context.waiting_for)
        profile = load_profile(str(errands.file))
        at = datetime.now().astimezone()
        return Carried(actions, after_apply(draft, profile, actions, at))

    return errand(draft, verb)
