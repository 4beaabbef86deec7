"""The window as assistive technology has it: walked from outside, through AT-SPI, on an X server.

The walk is ``atspi_walk.py``; it runs in the system's Python and knows names and roles only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.clients

WALK = Path(__file__).with_name("atspi_walk.py")
SYSTEM_PYTHON = "/usr/bin/python3"
_ASKS = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
_WAKES = f"{_ASKS}; Atspi.get_desktop(0).get_child_count()"
"""Starts the bus and the registry; a program that looks for them meanwhile may miss them."""
_WALK_SECONDS = 280
_END_SECONDS = 30
STATIONS = (
    "Open the sandbox",
    "Create a new namespace",
    "Create the Azure part now",
    "Start the import",
    "Stop the import",
    "Quit",
)


def is_missing() -> str:
    """What this machine lacks, or nothing."""
    for program in ("Xvfb", "dbus-daemon", SYSTEM_PYTHON):
        if shutil.which(program) is None:
            return program
    asked = subprocess.run([SYSTEM_PYTHON, "-c", _ASKS], capture_output=True, check=False)
    return "the introspection of AT-SPI" if asked.returncode else ""


@contextlib.contextmanager
def kept(command: list[str], environment: Mapping[str, str]) -> Iterator[str]:
    """A server that prints one line when it is ready; it ends, and what it started, with this."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line, f"{command[0]} ended: {process.wait(_END_SECONDS)}"
        yield line
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(_END_SECONDS)
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def screen() -> Iterator[dict[str, str]]:
    """The environment of a program on an X server of its own, with a session bus of its own."""
    if missing := is_missing():
        pytest.skip(f"{missing} is missing")
    without = {"DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "AT_SPI_BUS_ADDRESS"}
    bare = {name: value for name, value in os.environ.items() if name not in without}
    server = ["Xvfb", "-displayfd", "1", "-screen", "0", "1366x900x24", "-nolisten", "tcp"]
    with kept(server, bare) as number:
        shown = bare | {
            "DISPLAY": f":{number}",
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }
        bus = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        with kept(bus, shown) as address:
            given = shown | {"DBUS_SESSION_BUS_ADDRESS": address}
            subprocess.run([SYSTEM_PYTHON, "-c", _WAKES], env=given, check=True)
            yield given


@pytest.mark.timeout(400)
def test_from_welcome_to_records_by_names_alone(screen: dict[str, str], tmp_path: Path) -> None:
    complaints = tmp_path / "window.txt"
    with complaints.open("w") as said:
        window = subprocess.Popen(
            [Path(sys.prefix, "bin", "isthmus")], env=screen, stderr=said, cwd=tmp_path
        )
        try:
            walk = subprocess.run(
                [SYSTEM_PYTHON, "-W", "ignore", str(WALK)],
                env=screen,
                capture_output=True,
                text=True,
                timeout=_WALK_SECONDS,
                check=False,
            )
            told: list[dict[str, Any]] = [json.loads(line) for line in walk.stdout.splitlines()]
            said_all = "\n".join([walk.stdout, walk.stderr, complaints.read_text()])
            assert walk.returncode == 0, said_all
            assert window.wait(_END_SECONDS) == 0, complaints.read_text()
        finally:
            window.kill()
            window.wait()
    pressed = [each["pressed"] for each in told if "pressed" in each]
    assert [each for each in pressed if each in STATIONS] == list(STATIONS)
    assert {each["pressed"]: each["unnamed"] for each in told if each.get("unnamed")} == {}
    assert sum(each["rows"] for each in told if "rows" in each) > 0
    assert "Traceback" not in complaints.read_text()
