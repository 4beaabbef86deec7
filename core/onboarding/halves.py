"""Both halves of the road as one: plan, apply and remove over the clouds that a profile names.

Each half has its own world, opened when its turn comes: the Alibaba half of an apply sees the hub
that the Azure half has just made.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace

from core.errors import ProblemError
from core.onboarding.action import Action, Half, Kind, Plan, State
from core.onboarding.alibaba_eraser import STEPS as ALIBABA_THINGS
from core.onboarding.alibaba_eraser import AlibabaEraser
from core.onboarding.alibaba_half import look_at_alibaba
from core.onboarding.alibaba_session import alibaba_world
from core.onboarding.applying import OnAction, apply
from core.onboarding.azure_eraser import AzureEraser
from core.onboarding.azure_half import look_at_azure
from core.onboarding.azure_session import azure_session, azure_world
from core.onboarding.journal import Journal, Made, Thing
from core.onboarding.removing import Eraser, Trace, plan_removal, remove
from core.onboarding.task import Progress
from core.profile import Profile


def halves_of(profile: Profile, only: str = "") -> tuple[Half, ...]:
    """The halves that ``profile`` has, in order. Raises ProblemError: ``only`` is none of them."""
    if only == "azure":
        _ = profile.azure_half
        return ("azure",)
    if only == "alibaba":
        _ = profile.account, profile.logstore
        return ("alibaba",)
    found: list[Half] = ["azure"] if profile.azure is not None else []
    if profile.alibaba is not None and profile.log_service is not None:
        found.append("alibaba")
    return tuple(found) or ("azure",)  # the Azure half then says what is missing


async def plan_halves(
    profile: Profile, only: str, progress: Progress, on_action: OnAction | None = None
) -> Plan:
    """What applying would do, in one plan. Raises ProblemError."""
    plans: list[Plan] = []
    for half in halves_of(profile, only):
        try:
            plans.append(await _plan_half(half, profile, progress, on_action))
        except ProblemError as error:
            if not plans:
                raise
            plans.append(_unseen(half, error))  # what is known of the other half is shown
    return joined(plans)


async def apply_halves(
    profile: Profile, shown: Plan, only: str, on_action: OnAction, progress: Progress
) -> tuple[Action, ...]:
    """Carry out exactly what ``shown`` has shown; where a half fails the next does not begin."""
    agreed = {action.id: action.kind for action in shown.actions}
    ended: list[Action] = []
    for half in halves_of(profile, only):
        try:
            done = await _apply_half(half, profile, agreed, on_action, progress)
        except ProblemError as error:
            done = _not_begun(half, shown, error, on_action)
        ended.extend(done)
        if any(each.state is not State.DONE for each in done):
            break
    seen = {each.id for each in ended}
    return (*ended, *(each for each in shown.actions if each.id not in seen))


async def plan_removals(
    profile: Profile, only: str, confirmed: Collection[str], progress: Progress
) -> Plan:
    """What would be taken away, newest first. Raises ProblemError."""
    journal = Journal(profile.state_folder)
    if not _made(journal, only):
        return Plan(())
    async with _eraser(profile, journal, only, progress) as eraser:
        return await plan_removal(journal, eraser, confirmed, _wanted(only))


async def remove_halves(
    profile: Profile, plan: Plan, only: str, on_action: OnAction, progress: Progress
) -> tuple[Action, ...]:
    """Take away what ``plan`` says. Raises ProblemError."""
    journal = Journal(profile.state_folder)
    if not _made(journal, only):
        return ()
    async with _eraser(profile, journal, only, progress) as eraser:
        return await remove(plan, journal, eraser, on_action, progress, _wanted(only))


def made_by_isthmus(profile: Profile, only: str) -> tuple[Made, ...]:
    """What is there by Isthmus's doing, of the half ``only`` or of both. Raises ProblemError."""
    return tuple(_made(Journal(profile.state_folder), only))


def joined(plans: Sequence[Plan]) -> Plan:
    """One plan of several."""
    actions = tuple(action for plan in plans for action in plan.actions)
    costs = tuple(line for plan in plans for line in plan.costs)
    requests = [plan.admin_request for plan in plans if plan.admin_request]
    return Plan(actions, costs, "\n\n".join(requests))


async def _plan_half(
    half: Half, profile: Profile, progress: Progress, on_action: OnAction | None
) -> Plan:
    if half == "azure":
        async with azure_world(profile, progress) as world:
            return (await look_at_azure(world, on_action))[1]
    async with alibaba_world(profile) as alibaba:
        return (await look_at_alibaba(alibaba, on_action))[1]


async def _apply_half(
    half: Half, profile: Profile, agreed: dict[str, Kind], on_action: OnAction, progress: Progress
) -> tuple[Action, ...]:
    if half == "azure":
        async with azure_world(profile, progress) as azure:
            planned, _ = await look_at_azure(azure)
            wanted = [each for each in planned if each.task.id in agreed]
            return await apply(wanted, azure, azure.journal, on_action, progress, agreed)
    async with alibaba_world(profile) as alibaba:
        looked, _ = await look_at_alibaba(alibaba)
        chosen = [each for each in looked if each.task.id in agreed]
        return await apply(chosen, alibaba, alibaba.journal, on_action, progress, agreed)


def _unseen(half: Half, error: ProblemError) -> Plan:
    """A half that could not be looked at, as a plan of one blocked action."""
    what = {"azure": "Azure", "alibaba": "Alibaba Cloud"}[half] + ": could not be looked at"
    step = f"{half}_sign_in"
    action = Action(f"{half}/{step}", step, Kind.REUSE, what, state=State.BLOCKED)
    return Plan((replace(action, problem=error.problem),))


def _not_begun(
    half: Half, shown: Plan, error: ProblemError, on_action: OnAction
) -> tuple[Action, ...]:
    """The half's first action carries why it could not be begun; raised where it has none."""
    for action in shown.actions:
        if action.id.startswith(f"{half}/"):
            failed = replace(action, state=State.FAILED, problem=error.problem)
            on_action(failed)
            return (failed,)
    raise error


def _half_of(made: Made) -> Half:
    return "alibaba" if made.thing.type in ALIBABA_THINGS else "azure"


def _wanted(only: str) -> Callable[[Made], bool]:
    return lambda made: not only or _half_of(made) == only


def _made(journal: Journal, only: str) -> list[Made]:
    return [each for each in journal.made() if _wanted(only)(each)]


@contextlib.asynccontextmanager
async def _eraser(
    profile: Profile, journal: Journal, only: str, progress: Progress
) -> AsyncIterator[Eraser]:
    """What takes things of the needed halves away; a cloud that holds nothing is not asked."""
    halves = {_half_of(each) for each in _made(journal, only)}
    async with contextlib.AsyncExitStack() as stack:
        azure = alibaba = None
        if "azure" in halves:
            session = await stack.enter_async_context(azure_session(profile, progress))
            azure = AzureEraser(session, profile)
        if "alibaba" in halves:
            world = await stack.enter_async_context(alibaba_world(profile))
            alibaba = AlibabaEraser(world)
        yield _BothErasers(azure, alibaba)


class _BothErasers:
    """Asks the eraser of the half that a thing belongs to."""

    def __init__(self, azure: AzureEraser | None, alibaba: AlibabaEraser | None) -> None:
        self._azure, self._alibaba = azure, alibaba

    async def trace(self, thing: Thing) -> Trace:
        return await self._of(thing).trace(thing)

    async def erase(self, thing: Thing, progress: Progress) -> None:
        await self._of(thing).erase(thing, progress)

    def describe(self, thing: Thing) -> str:
        return self._of(thing).describe(thing)

    def command(self, thing: Thing) -> str:
        return self._of(thing).command(thing)

    def step(self, thing: Thing) -> str:
        return self._of(thing).step(thing)

    def _of(self, thing: Thing) -> Eraser:
        found = self._alibaba if thing.type in ALIBABA_THINGS else self._azure
        assert found is not None  # noqa: S101  # opened for each half that has a thing
        return found
