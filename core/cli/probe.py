"""``isthmus probe``: the staged connection test."""

from __future__ import annotations

import sys

from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.kafka.probe import Stage, probe_hub
from core.kafka.settings import hub_access
from core.profile import load_profile

_MARKS = {"ok": "ok     ", "failed": "FAILED ", "not_reached": "-      "}


def probe(profile: ProfileOption, as_json: JsonFlag = False) -> None:
    """Test the way to the event hub, stage by stage, and say why it fails."""
    output = Output(as_json)
    with guarded(output):
        access = hub_access(load_profile(profile))

        def show(stage: Stage) -> None:
            output.note(
                f"{_MARKS[stage.state]} {stage.stage:8} {stage.seconds:6.2f} s  {stage.evidence}"
            )

        result = probe_hub(access, show)
        output.value(result.as_json())
        if result.problem is not None:
            if not as_json:
                output.problem(result.problem)
            sys.exit(1)
        output.say(f"The event hub {access.hub} can be reached, and lets us in.")
