"""Walks the window from outside, by what assistive technology sees: names, roles and actions only.

Run by the system's Python, which has the introspection of AT-SPI; nothing of Isthmus is imported.
Prints one JSON line for each thing done: what was pressed, with the controls that had no name on
the screen then, and how many records came. Ends with 1 where something is missing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402  # its version has to be asked for first

_PROGRAM = "Isthmus"
_SECONDS = 90.0
_STEP = 0.5
_ANSWER_MS = 15_000
"""A program that is busy for a moment is not given up."""
_PRESS = ("Press", "ShowMenu")


def main() -> None:
    """From welcome to records arriving."""
    Atspi.set_timeout(_ANSWER_MS, _ANSWER_MS)
    press("Open the sandbox")
    press("Sign in")
    press("Continue")
    press("Create a new namespace")
    for heading in (
        "Namespace",
        "Event hub",
        "Shared access policy",
        "Diagnostic settings",
        "Kafka test",
    ):
        press("Continue")
        see(heading)
    press("Create the Azure part now")
    see("The hub can be read")  # until then the button beside that one says Continue, too
    press("Continue")
    press("Start the import")
    wait("records in the tail", lambda: rows_of("Live tail") > 0)
    print(json.dumps({"rows": rows_of("Live tail")}), flush=True)
    press("Stop import…")
    press("Stop the import")
    see("Start again")
    press("File", Atspi.Role.MENU_ITEM)
    press("Quit", Atspi.Role.MENU_ITEM)


def press(name: str, role: Any = Atspi.Role.PUSH_BUTTON) -> None:
    """Press the thing of that name and role, once it is there and can be pressed."""
    thing = wait(f"{name} to press", lambda: find(name, role, enabled=True))
    nameless = unnamed()
    actions = [
        Atspi.Action.get_action_name(thing, at) for at in range(Atspi.Action.get_n_actions(thing))
    ]
    Atspi.Action.do_action(thing, next(actions.index(each) for each in _PRESS if each in actions))
    print(json.dumps({"pressed": name, "unnamed": nameless}), flush=True)


def see(words: str) -> None:
    """Wait until a text says ``words``."""
    wait(f"the words {words}", lambda: find(words, None))


def wait(what: str, condition: Any) -> Any:
    """What ``condition`` gives, once it gives something."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        try:
            if found := condition():
                return found
        except GLib.Error as error:  # a widget went away while it was looked at
            print(json.dumps({"passed_by": str(error)[:120]}), file=sys.stderr, flush=True)
        time.sleep(_STEP)
    shown = sorted({each.get_name() for each in shown_ones() if each.get_name()})
    print(json.dumps({"missing": what, "shown": shown[:200]}), flush=True)
    sys.exit(1)


def find(name: str, role: Any, enabled: bool = False) -> Any:
    """The thing of that name that is shown."""
    for each in shown_ones():
        if each.get_name() != name or (role is not None and each.get_role() != role):
            continue
        if not enabled or each.get_state_set().contains(Atspi.StateType.ENABLED):
            return each
    return None


def rows_of(name: str) -> int:
    """Rows of the table of that name."""
    for each in shown_ones():
        if each.get_role() in (Atspi.Role.TABLE, Atspi.Role.TREE_TABLE) and each.get_name() == name:
            return int(Atspi.Table.get_n_rows(each))
    return 0


def unnamed() -> list[str]:
    """Roles of controls that are shown, can be used and have no name."""
    controls = (
        Atspi.Role.PUSH_BUTTON,
        Atspi.Role.CHECK_BOX,
        Atspi.Role.ENTRY,
        Atspi.Role.COMBO_BOX,
    )
    return [
        f"{each.get_role_name()} in {each.get_parent().get_name()}"
        for each in shown_ones()
        if each.get_role() in controls and not each.get_name()
    ]


def shown_ones() -> Iterator[Any]:
    """Everything of the program that is on the screen."""
    desktop = Atspi.get_desktop(0)
    for at in range(desktop.get_child_count()):
        program = desktop.get_child_at_index(at)
        if program is not None and _PROGRAM.lower() in (program.get_name() or "").lower():
            program.set_cache_mask(Atspi.Cache.NONE)  # no main loop here keeps a cache up to date
            program.clear_cache()
            yield from _shown_in(program)


def _shown_in(thing: Any) -> Iterator[Any]:
    for at in range(thing.get_child_count()):
        child = thing.get_child_at_index(at)
        if child is None:
            continue
        states = child.get_state_set()
        if not states.contains(Atspi.StateType.SHOWING):
            continue
        yield child
        if not states.contains(Atspi.StateType.MANAGES_DESCENDANTS):
            yield from _shown_in(child)


if __name__ == "__main__":
    main()
