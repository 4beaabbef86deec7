"""The sandbox that a window started, used from outside: its scenarios, and what was written."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from core.onboarding.journal import FILE_NAME
from core.profile import load_profile
from gui.opening import sandbox_folder


class WindowSandbox:
    """Of ``isthmus --sandbox`` with this test's folders."""

    @property
    def info(self) -> dict[str, Any]:
        """What ``sandbox.json`` says."""
        told: dict[str, Any] = json.loads((sandbox_folder() / "sandbox.json").read_text("utf-8"))
        return told

    @property
    def state_folder(self) -> Path:
        """Of the profile that is open in it."""
        return load_profile(self.info["profile"]).state_folder

    def scenario(self, name: str, on: bool, **options: Any) -> None:
        """Switch a scenario."""
        self.ask("POST", "/v1/scenario", {"name": name, "on": on, "options": options})

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request to the sandbox's control."""
        door = self.info["control"]
        request = urllib.request.Request(
            door["url"] + path,
            data=json.dumps(body or {}).encode() if method == "POST" else None,
            headers={"Authorization": f"Bearer {door['token']}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def journal(self) -> str:
        """The journal of apply; empty: there is none."""
        file = self.state_folder / FILE_NAME
        return file.read_text("utf-8") if file.exists() else ""
