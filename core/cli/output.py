"""How commands speak: values for machines, sentences for people, problems for both."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from core.errors import Code, Problem, ProblemError, problem
from core.logs import log_to_stderr
from core.secrets.redaction import redact_text

JsonFlag = Annotated[bool, typer.Option("--json", help="Machine output on standard output.")]
ProfileOption = Annotated[
    str, typer.Option("--profile", help="Path of a profile, or its name in the config folder.")
]


VERB_SETTINGS: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}
"""Settings of every Typer app: plain help, and tracebacks are ours to prevent."""


def verb_group(words: str) -> typer.Typer:
    """An app for a group of verbs, such as ``dead-letters``."""
    return typer.Typer(help=words, **VERB_SETTINGS)


class Output:
    """Where a command's words and values go."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def value(self, value: Mapping[str, Any]) -> None:
        """A value for machines; nothing without ``--json``."""
        if self.as_json:
            _write(json.dumps(value, ensure_ascii=False), to_error=False)

    def say(self, sentence: str = "") -> None:
        """A sentence for people: standard output, or standard error beside ``--json``."""
        _write(sentence, to_error=self.as_json)

    def note(self, sentence: str) -> None:
        """A passing remark, such as progress: always standard error."""
        _write(sentence, to_error=True)

    def problem(self, found: Problem) -> None:
        """A problem: one value for machines, or cause and remedy for people."""
        if self.as_json:
            self.value({"problem": found.as_json()})
            return
        self.note(f"{found.severity}: {found.where}: {found.cause}")
        self.note(f"  do: {found.remedy}")
        if found.detail:
            self.note(f"  detail: {found.detail}")
        self.note(f"  code: {found.code}")


def _write(text: str, to_error: bool) -> None:
    """One line out. A reader that has gone away ends nothing but its own reading."""
    try:
        typer.echo(text, err=to_error)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2 if to_error else 1)
        os.close(nowhere)


@contextlib.contextmanager
def guarded(output: Output) -> Iterator[None]:
    """Show any failure of the block as a Problem and exit 1; never a traceback."""
    log_to_stderr()
    try:
        yield
    except ProblemError as error:
        output.problem(error.problem)
        sys.exit(1)
    except KeyboardInterrupt:
        output.note("stopped")
        sys.exit(1)
    except typer.Exit:
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        detail = redact_text(f"{error} ({place.name}, line {place.lineno})")
        output.problem(problem(Code.INTERNAL, "isthmus", detail, kind=type(error).__name__))
        sys.exit(1)
