"""The window as a process of its own, used through ``helpers.window_door``, and killed."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

DOOR = Path(__file__).with_name("window_door.py")
SECONDS = 60.0
_ANSWER_SECONDS = 120.0
WindowSeen = dict[str, Any]
"""What is on the screen, as ``helpers.window_user`` tells it."""


class WindowProcess:
    """One run of the program. ``do`` is what a user does, ``look`` what a user sees."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.complaints: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(DOOR), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | (environment or {}),
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read_complaints, daemon=True)
        self._reader.start()

    def do(self, verb: str, **arguments: Any) -> Any:
        """Do something; what it gives."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"do": verb, **arguments}) + "\n")
        stdin.flush()
        watchdog = threading.Timer(_ANSWER_SECONDS, self.process.kill)
        watchdog.start()
        try:
            line = stdout.readline()
        finally:
            watchdog.cancel()
        assert line, f"the window ended: {self.process.poll()}\n{''.join(self.complaints)}"
        answer = json.loads(line)
        assert answer["ok"], answer["error"]
        return answer["result"]

    def look(self) -> WindowSeen:
        """What is on the screen."""
        seen: WindowSeen = self.do("look")
        return seen

    def until(self, condition: Callable[[WindowSeen], Any], seconds: float = SECONDS) -> Any:
        """What is on the screen once ``condition`` holds of it."""
        deadline = time.monotonic() + seconds
        while not condition(seen := self.look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"it did not happen: {json.dumps(seen, indent=1)}")
            time.sleep(0.05)
        return seen

    def quiet(self) -> WindowSeen:
        """Wait until the page asks nobody anything any more."""
        return self.until(lambda seen: not seen["welcome"] and not seen["waiting"])

    def go_on(self, button: str = "Continue") -> WindowSeen:
        """Press the filled button and wait for the next page."""
        before = self.until(lambda seen: seen["on"] == button and seen["can_go_on"])["step"]
        self.do("click", name=button)
        return self.until(lambda seen: seen["step"] != before)

    def stop_import(self) -> None:
        """Stop the import that the page shows, and wait for its end."""
        self.do("click", name="Stop import…")
        self.until(lambda seen: "Stop the import" in seen["buttons"])
        self.do("click", name="Stop the import")
        self.until(lambda seen: "Start again" in seen["buttons"])

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self.process.kill()
        self._end()

    def close(self) -> None:
        """Close the window as a user does, and wait for the program's end."""
        self.do("close")
        try:
            assert self.process.wait(SECONDS) == 0, "".join(self.complaints)
        finally:
            self.kill()

    def _end(self) -> None:
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not read any more
                    pipe.close()

    def _read_complaints(self) -> None:
        assert self.process.stderr is not None
        with contextlib.suppress(ValueError):
            self.complaints.extend(self.process.stderr)


@contextlib.contextmanager
def window(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[WindowProcess]:
    """A window that does not outlive the block, and complains of nothing in it."""
    made = WindowProcess(*arguments, environment=environment)
    try:
        yield made
    finally:
        made.kill()
    bad = [line for line in made.complaints if "Traceback" in line]
    assert not bad, "".join(made.complaints)
