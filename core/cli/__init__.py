"""The command line: one module a verb.

Machine output (``--json``) goes to standard output, one value a line and the result last; logs and
words for people go to standard error. Exit 0: done; 1: a problem or a failed check; 2: usage.
"""

from __future__ import annotations

import importlib
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from core.cli.output import VERB_SETTINGS, Output, guarded
from core.cli.window import has_screen, load_window
from core.errors import Code, ProblemError, problem_error

VERBS = {
    "demo": "demo:demo",
    "sign-in": "sign_in:sign_in",
    "discover": "discover:find",
    "plan": "apply:plan",
    "costs": "costs:costs",
    "ram-policy": "ram_policy:ram_policy",
    "guide": "guide:guide",
    "first-event": "first_event:first_event",
    "apply": "apply:apply",
    "remove": "apply:remove",
    "probe": "probe:probe",
    "run": "run:run",
    "status": "status:status",
    "tail": "tail:tail",
    "verify": "verify:verify",
    "dead-letters": "dead_letters:app",
    "keys": "keys:app",
    "sandbox": "sandbox:app",
}
"""Verb -> module of this package and what in it: a function, or the Typer app of a group."""


class _Verbs(TyperGroup):
    """Imports a verb's module only when the verb is used: the first line must not wait for SDKs."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name].partition(":")
        verb = getattr(importlib.import_module(f"core.cli.{module}"), name)
        if not isinstance(verb, typer.Typer):
            single = typer.Typer(**VERB_SETTINGS)
            single.command(cmd_name)(verb)
            verb = single
        command = typer.main.get_command(verb)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="isthmus",
    help="Bring Azure logs from Event Hubs into Alibaba Cloud Security Center.",
    no_args_is_help=False,
    cls=_Verbs,
    **VERB_SETTINGS,
)


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Open the window on local emulators of both clouds.")
    ] = False,
) -> None:
    """Without a command: open the window, where it is installed."""
    if context.invoked_subcommand is not None:
        return
    with guarded(Output(as_json=False)):
        try:
            opened = load_window()
            if not has_screen():
                raise problem_error(Code.WINDOW_NO_SCREEN, "isthmus")
        except ProblemError:
            typer.echo(context.get_help(), err=True)
            raise
        sys.exit(opened(sandbox=sandbox))


def main() -> None:
    """Entry point of the script ``isthmus``."""
    app()
