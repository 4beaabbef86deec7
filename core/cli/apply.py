"""``isthmus plan``, ``apply`` and ``remove``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.cli.plan_view import (
    OnlyOption,
    YesFlag,
    check_half,
    confirm,
    outcome_sentence,
    show_plan,
    show_step,
)
from core.onboarding.action import Action, Plan, State, summary
from core.onboarding.applying import apply as carry_out
from core.onboarding.applying import change_lock, first_problem
from core.onboarding.azure_eraser import AzureEraser
from core.onboarding.azure_half import look_at_azure
from core.onboarding.azure_session import azure_session, azure_world
from core.onboarding.journal import Journal
from core.onboarding.removing import NAMED, plan_removal
from core.onboarding.removing import remove as take_away
from core.profile import Profile, load_profile
from core.runtime import Runtime


def plan(
    profile: ProfileOption,
    only: OnlyOption = "",
    commands: Annotated[
        bool, typer.Option("--commands", help="Also show the equivalent lines of azure-cli.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Look at the cloud, change nothing, and say what apply would do."""
    check_half(only)
    output = Output(as_json)
    with guarded(output), Runtime() as runtime:
        settings = load_profile(profile)
        found = runtime.run(_look(settings, output))
        output.value(found.as_json())
        if not as_json:
            show_plan(found, output, commands)
        if found.blocked:
            sys.exit(1)


def apply(
    profile: ProfileOption,
    only: OnlyOption = "",
    yes: YesFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Make what the profile asks for; what is there already is kept."""
    check_half(only)
    output = Output(as_json)
    with guarded(output), Runtime() as runtime:
        settings = load_profile(profile)
        with change_lock(settings.state_folder):
            seen = runtime.run(_look(settings, output))
            if seen.blocked:
                _refuse(seen, output)
            if seen.changes:
                show_plan(seen, output)
                confirm("Make this?", yes)
            actions = runtime.run(_apply(settings, seen, output))
        _conclude(actions, output)


def remove(
    profile: ProfileOption,
    only: OnlyOption = "",
    plan_only: Annotated[
        bool, typer.Option("--plan", help="Only say what would be taken away.")
    ] = False,
    yes: YesFlag = False,
    confirm_name: Annotated[
        list[str] | None,
        typer.Option("--confirm-name", help="Name of a namespace that may go; may repeat."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Take away what Isthmus made for this profile, and nothing else."""
    check_half(only)
    output = Output(as_json)
    confirmed = set(confirm_name or [])
    with guarded(output), Runtime() as runtime:
        settings = load_profile(profile)
        if plan_only:
            found = runtime.run(_removal(settings, confirmed, output))
            output.value(found.as_json())
            if not as_json:
                show_plan(found, output, with_commands=True)
            return
        with change_lock(settings.state_folder):
            if not yes and sys.stdin.isatty():
                confirmed |= _typed_names(settings)
            found = runtime.run(_removal(settings, confirmed, output))
            if any(action.state is State.PLANNED for action in found.actions):
                show_plan(found, output)
                confirm("Take this away?", yes)
            actions = runtime.run(_remove(settings, found, output))
        _conclude(actions, output)


async def _look(profile: Profile, output: Output) -> Plan:
    async with azure_world(profile, output.note) as world:
        _, found = await look_at_azure(world)
        return found


async def _apply(profile: Profile, shown: Plan, output: Output) -> tuple[Action, ...]:
    """Carry out exactly what was shown."""

    def told(action: Action) -> None:
        show_step(action, output)

    async with azure_world(profile, output.note) as world:
        planned, _ = await look_at_azure(world)
        agreed = {action.id: action.kind for action in shown.actions}
        planned = tuple(each for each in planned if each.task.id in agreed)
        return await carry_out(planned, world, world.journal, told, output.note, agreed)


async def _removal(profile: Profile, confirmed: set[str], output: Output) -> Plan:
    journal = Journal(profile.state_folder)
    if not journal.made():
        return Plan(())
    async with azure_session(profile, output.note) as session:
        return await plan_removal(journal, AzureEraser(session, profile), confirmed)


async def _remove(profile: Profile, found: Plan, output: Output) -> tuple[Action, ...]:
    journal = Journal(profile.state_folder)
    if not journal.made():
        return ()

    def told(action: Action) -> None:
        show_step(action, output)

    async with azure_session(profile, output.note) as session:
        eraser = AzureEraser(session, profile)
        return await take_away(found, journal, eraser, told, output.note)


def _typed_names(profile: Profile) -> set[str]:
    """Names that the user types, for things that go only so."""
    typed = set()
    for made in Journal(profile.state_folder).made():
        if made.thing.type in NAMED:
            typer.echo(
                f"The {made.thing.type} {made.thing.name} and all that it holds would be deleted.",
                err=True,
            )
            typed.add(typer.prompt("Type its name to let it go", default="", err=True))
    return typed


def _refuse(plan: Plan, output: Output) -> None:
    """A plan with a blocked action is not begun."""
    output.value(plan.as_json() | _problem_of(plan.actions))
    if not output.as_json:
        show_plan(plan, output)
    sys.exit(1)


def _conclude(actions: Sequence[Action], output: Output) -> None:
    """The result; exit 1 if something failed or was held back."""
    output.value(summary(actions) | _problem_of(actions))
    found = first_problem(actions)
    if not output.as_json:
        output.say(outcome_sentence(actions) if actions else "0 changes: nothing is there.")
        if found is not None:
            output.problem(found)
    if found is not None:
        sys.exit(1)


def _problem_of(actions: Sequence[Action]) -> dict[str, Any]:
    found = first_problem(actions)
    return {"problem": found.as_json() if found is not None else None}
