"""The command line: one module a verb.

Machine output (``--json``) goes to standard output, one value a line and the result last; logs and
words for people go to standard error. Exit 0: done; 1: a problem or a failed check; 2: usage.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import typer

from core.cli import (
    apply,
    dead_letters,
    demo,
    discover,
    keys,
    probe,
    run,
    sandbox,
    sign_in,
    status,
    tail,
    verify,
)
from core.cli.output import Output, guarded
from core.errors import Code, problem_error

app = typer.Typer(
    name="isthmus",
    help="Bring Azure logs from Event Hubs into Alibaba Cloud Security Center.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("sign-in")(sign_in.sign_in)
app.command("discover")(discover.find)
app.add_typer(keys.app, name="keys")
app.command("plan")(apply.plan)
app.command("apply")(apply.apply)
app.command("remove")(apply.remove)
app.command("run")(run.run)
app.command("status")(status.status)
app.command("tail")(tail.tail)
app.command("verify")(verify.verify)
app.command("probe")(probe.probe)
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(dead_letters.app, name="dead-letters")


@app.callback(invoke_without_command=True)
def window(context: typer.Context) -> None:
    """Without a command: open the window, where it is installed."""
    if context.invoked_subcommand is not None:
        return
    with guarded(Output(as_json=False)):
        found = list(entry_points(group="isthmus.window"))
        if not found:
            typer.echo(context.get_help(), err=True)
            raise problem_error(Code.WINDOW_NOT_INSTALLED, "isthmus")
        sys.exit(found[0].load()())


def main() -> None:
    """Entry point of the script ``isthmus``."""
    app()
