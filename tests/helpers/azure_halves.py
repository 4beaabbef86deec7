"""The commands of the Azure half as a user starts them, on an empty sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.sandbox.sandbox import Sandbox

_SECONDS = 120


@dataclass(frozen=True)
class Ended:
    """How a command ended: its code, its values (the last is the result), its words."""

    code: int
    values: list[dict[str, Any]]
    words: str

    @property
    def result(self) -> dict[str, Any]:
        return self.values[-1] if self.values else {}

    @property
    def counts(self) -> dict[str, int]:
        return self.result["counts"]

    @property
    def problem(self) -> dict[str, str]:
        return self.result["problem"] or {}

    def action(self, part: str) -> dict[str, Any]:
        """The one action whose id has ``part`` in it."""
        found = [each for each in self.result["actions"] if part in each["id"]]
        assert len(found) == 1, (part, [each["id"] for each in self.result["actions"]])
        return found[0]


@dataclass
class AzureHalf:
    """A sandbox and the verbs that work on its Azure half."""

    sandbox: Sandbox
    state: Path
    profile: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.profile = self.profile or self.sandbox.info["profile"]

    @property
    def arm(self) -> Any:
        return self.sandbox.child("azure")

    def isthmus(self, *words: str, failpoint: str = "") -> Ended:
        """Run ``isthmus WORDS --json --profile ...``."""
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "core", *words, "--json", "--profile", self.profile],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            env=os.environ
            | {"ISTHMUS_STATE_DIR": str(self.state), "ISTHMUS_FAILPOINT": failpoint}
            | self.environment,
        )
        assert "Traceback" not in ended.stderr, ended.stderr
        values = [json.loads(line) for line in ended.stdout.splitlines()]
        return Ended(ended.returncode, values, ended.stderr)

    def apply(self, *words: str, failpoint: str = "") -> Ended:
        return self.isthmus("apply", "--only", "azure", "--yes", *words, failpoint=failpoint)

    def remove(self, *words: str, failpoint: str = "") -> Ended:
        return self.isthmus("remove", "--only", "azure", "--yes", *words, failpoint=failpoint)

    def plan(self) -> Ended:
        return self.isthmus("plan", "--only", "azure")

    def snapshot(self) -> Any:
        """All that is in the emulated Azure, without keys and times."""
        return self.arm.request("snapshot")

    def writes(self) -> list[tuple[str, str, int]]:
        """Requests that change something, in their order."""
        return [
            (each["method"], each["path"], each["status"])
            for each in self.arm.request("requests")
            if each["write"]
        ]

    def edit(self, old: str, new: str) -> None:
        """Change the profile's text."""
        path = Path(self.profile)
        text = path.read_text("utf-8")
        assert old in text, text
        path.write_text(text.replace(old, new), "utf-8")
