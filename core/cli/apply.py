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
from core.onboarding.applying import OnAction, change_lock, first_problem
from core.onboarding.halves import (
    apply_halves,
    made_by_isthmus,
    plan_halves,
    plan_removals,
    remove_halves,
)
from core.onboarding.removing import NAMED
from core.profile import Profile, load_profile
from core.runtime import Runtime


def plan(
    profile: ProfileOption,
    only: OnlyOption = "",
    commands: Annotated[
        bool, typer.Option("--commands", help="Also show the equivalent lines of az and aliyun.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Look at the cloud, change nothing, and say what apply would do."""
    check_half(only)
    output = Output(as_json)
    with guarded(output), Runtime() as runtime:
        settings = load_profile(profile)
        found = runtime.run(plan_halves(settings, only, output.note))
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
            seen = runtime.run(plan_halves(settings, only, output.note))
            if seen.blocked:
                _refuse(seen, output)
            if seen.changes:
                show_plan(seen, output)
                confirm("Make this?", yes)
            actions = runtime.run(apply_halves(settings, seen, only, told(output), output.note))
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
        typer.Option(
            "--confirm-name", help="Name of a namespace, project or Logstore that may go."
        ),
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
            found = runtime.run(plan_removals(settings, only, confirmed, output.note))
            output.value(found.as_json())
            if not as_json:
                show_plan(found, output, with_commands=True)
            return
        with change_lock(settings.state_folder):
            if not yes and sys.stdin.isatty():
                confirmed |= _typed_names(settings, only)
            found = runtime.run(plan_removals(settings, only, confirmed, output.note))
            if any(action.state is State.PLANNED for action in found.actions):
                show_plan(found, output)
                confirm("Take this away?", yes)
            actions = runtime.run(remove_halves(settings, found, only, told(output), output.note))
        _conclude(actions, output)


def told(output: Output) -> OnAction:
    """Shows an action that began or ended."""
    return lambda action: show_step(action, output)


def _typed_names(profile: Profile, only: str) -> set[str]:
    """Names that the user types, for things that go only so."""
    typed = set()
    for made in made_by_isthmus(profile, only):
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
