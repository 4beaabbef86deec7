"""Changes a few keys of a profile's file and leaves the rest of its text, comments too, as it is.

Where the text is laid out in a way that a change by lines would not get right, the whole file is
written anew with the same values.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import Code, problem_error
from core.onboarding.toml_text import toml_text
from core.profile import Profile, load_profile, parse_profile

Changes = Mapping[tuple[str, ...], str | None]
"""Place of a key (its table first, if it is in one) -> its text; None: the key goes."""

_TABLE = re.compile(r"^\s*\[")


def edited_text(text: str, changes: Changes) -> str:
    """``text`` (TOML) with ``changes``. Raises tomllib.TOMLDecodeError."""
    wanted = _edited(tomllib.loads(text), changes)
    by_lines = text
    for place, value in changes.items():
        by_lines = _by_lines(by_lines, place, value)
    try:
        if tomllib.loads(by_lines) == wanted:
            return by_lines
    except tomllib.TOMLDecodeError:
        pass
    return toml_text(wanted)


def edit_profile(path: Path, changes: Changes, to: Path | None = None) -> Profile:
    """Change the profile at ``path``, or write what it becomes at ``to``; what it is then.

    Raises ProblemError: what is wrong with the profile, or profile_not_writable.
    """
    load_profile(str(path))
    target = to or path
    text = edited_text(path.read_text("utf-8"), changes)
    profile = parse_profile(text, target)
    temporary = target.with_name(target.name + ".new")
    try:
        temporary.write_text(text, "utf-8")
        temporary.replace(target)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise problem_error(
            Code.PROFILE_NOT_WRITABLE, target.name, path=target, reason=reason
        ) from None
    return profile


def _edited(data: dict[str, Any], changes: Changes) -> dict[str, Any]:
    made = copy.deepcopy(data)
    for (*tables, key), value in changes.items():
        table = made
        for each in tables:
            table = table.setdefault(each, {})
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return {key: value for key, value in made.items() if value != {}}


def _by_lines(text: str, place: tuple[str, ...], value: str | None) -> str:
    """The change done to one line, or to a line that is put in."""
    *tables, key = place
    lines = text.splitlines(keepends=True)
    begin, end = _range(lines, ".".join(tables))
    pattern = re.compile(rf"^\s*{re.escape(key)}\s*=")
    found = [at for at in range(begin, end) if pattern.match(lines[at])]
    new = [] if value is None else [f"{key} = {toml_text({key: value}).partition(' = ')[2]}"]
    if found:
        lines[found[0] : found[0] + 1] = new
    elif new and begin <= end and (not tables or begin > 0):
        lines[begin:begin] = new
    elif new:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        lines += ["\n", f"[{'.'.join(tables)}]\n", *new]
    return "".join(lines)


def _range(lines: list[str], table: str) -> tuple[int, int]:
    """First and one past the last line of ``table``; (0, -1): it is not there."""
    heads = [at for at, line in enumerate(lines) if _TABLE.match(line)]
    if not table:
        return 0, heads[0] if heads else len(lines)
    wanted = re.compile(rf"^\s*\[\s*{re.escape(table)}\s*\]\s*(#.*)?$")
    for number, at in enumerate(heads):
        if wanted.match(lines[at].rstrip("\n")):
            return at + 1, heads[number + 1] if number + 1 < len(heads) else len(lines)
    return 0, -1
