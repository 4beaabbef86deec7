"""How ``plan``, ``apply`` and ``remove`` show their actions, and how they ask."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from core.cli.output import Output
from core.onboarding.action import HALVES, Action, Kind, Plan, State, summary

OnlyOption = Annotated[str, typer.Option("--only", help="One half of the road: azure or alibaba.")]
YesFlag = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_MARKS = {
    Kind.CREATE: "create",
    Kind.REUSE: "keep  ",
    Kind.CHANGE: "change",
    Kind.DELETE: "delete",
}
_COSTS = {"none": "", "usage": "  (costs by use)", "running": "  (costs by the hour)"}
_USAGE = 2


def check_half(only: str) -> None:
    """Raises typer.BadParameter for a half that there is not."""
    if only not in ("", *HALVES):
        raise typer.BadParameter("azure or alibaba, or leave it out", param_hint="only")


def show_plan(plan: Plan, output: Output, with_commands: bool = False) -> None:
    """The plan for people."""
    for action in plan.actions:
        cost = _COSTS[action.cost_class] if action.kind is Kind.CREATE else ""
        output.say(f"{_mark(action)}  {action.what}{cost}")
        for difference in action.differences:
            output.say(f"          differs: {difference}")
        if with_commands and action.command and action.changes:
            output.say(f"          {action.command}")
        if action.problem is not None:
            output.say(f"          {action.problem.severity}: {action.problem.cause}")
            output.say(f"          do: {action.problem.remedy}")
    for line in plan.costs:
        output.say(f"cost    {line}")
    output.say(counts_sentence(plan.actions))
    if plan.admin_request:
        output.say()
        output.say(plan.admin_request)


def counts_sentence(actions: Sequence[Action]) -> str:
    """``3 to create, 2 there already, ...``."""
    counts = summary(actions)["counts"]
    words = (
        f"{counts['create']} to create, {counts['change']} to change, "
        f"{counts['delete']} to delete, {counts['reuse']} there already"
    )
    return words + (f", {counts['blocked']} blocked" if counts["blocked"] else "")


def outcome_sentence(actions: Sequence[Action]) -> str:
    """What was done: ``Done: 8 made, 2 there already.``"""
    done = [each for each in actions if each.state is State.DONE]
    made = {kind: sum(each.kind is kind for each in done) for kind in Kind}
    words = [
        f"{made[kind]} {word}"
        for kind, word in (
            (Kind.CREATE, "made"),
            (Kind.CHANGE, "changed"),
            (Kind.DELETE, "deleted"),
            (Kind.REUSE, "there already"),
        )
        if made[kind]
    ]
    changes = sum(each.changes for each in done)
    begin = "Done" if len(done) == len(actions) else "Not finished"
    return f"{begin}, {changes} changes: {', '.join(words) or 'nothing was done'}."


def show_step(action: Action, output: Output) -> None:
    """An action that began or ended, as a passing remark."""
    words = {
        State.RUNNING: "...   ",
        State.DONE: "done  ",
        State.FAILED: "FAILED",
        State.BLOCKED: "blocked",
        State.PLANNED: "      ",
    }
    output.note(f"{words[action.state]} {action.what}")


def confirm(question: str, yes: bool) -> None:
    """Ask; anything but yes ends the command. Without a terminal and without --yes: exit 2."""
    if yes:
        return
    if not sys.stdin.isatty():
        typer.echo("There is no terminal to ask at; say --yes to go on.", err=True)
        raise typer.Exit(_USAGE)
    if not typer.confirm(question, err=True):
        typer.echo("Nothing was changed.", err=True)
        raise typer.Exit(1)


def _mark(action: Action) -> str:
    return "BLOCKED" if action.state is State.BLOCKED else f"{_MARKS[action.kind]} "
