"""``isthmus probe``: the staged connection test, and what its result means."""

from __future__ import annotations

import asyncio
import sys

from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.errors import ProblemError
from core.kafka.known_key import remember_key, worked_before
from core.kafka.probe import Probe, Stage, probe_hub
from core.kafka.settings import HubAccess, hub_access
from core.onboarding.azure_session import azure_session, choose_subscription
from core.onboarding.diagnosis import Verdict, control_plane_decides, diagnose
from core.onboarding.diagnosis_facts import ControlPlaneFacts, control_plane_facts
from core.profile import Profile, load_profile
from core.runtime import Runtime

ROWS = {
    "resolve": ("parse", "resolve"),
    "connect": ("connect",),
    "tls": ("tls",),
    "sign in": ("sign_in",),
    "hub": ("hub", "rights", "watermarks"),
    "records": ("records",),
}
"""What people see: each row is ok when all of its stages are."""

_MARKS = {"ok": "ok     ", "failed": "FAILED ", "not_reached": "-      "}
_ASK_SECONDS = 15.0


def probe(profile: ProfileOption, as_json: JsonFlag = False) -> None:
    """Test the way to the event hub, stage by stage, and say why it fails."""
    output = Output(as_json)
    with guarded(output):
        settings = load_profile(profile)
        access = hub_access(settings)
        rows = _Rows(output)
        result = probe_hub(access, rows.take)
        rows.rest()
        verdict = judge(settings, access, result, output)
        result.problem = verdict.problem
        output.value(result.as_json())
        if result.problem is not None and not as_json:
            output.problem(result.problem)
        if result.failed:
            sys.exit(1)
        output.say(f"The event hub {access.hub} can be reached and read.")


def judge(profile: Profile, access: HubAccess, result: Probe, output: Output) -> Verdict:
    """The verdict on ``result``; Azure is asked where it decides and the profile signs in to it.

    A key that signed in is remembered.
    """
    folder = profile.state_folder
    if result.signed_in:
        remember_key(folder, access.connection_string)
    if result.problem is None:
        return Verdict(None)
    facts = None
    if profile.azure is not None and control_plane_decides(result):
        facts = _ask_azure(profile, access, output)
    return diagnose(result, access, facts, worked_before(folder, access.connection_string))


class _Rows:
    """Shows a row as soon as it is decided: its last stage ended, or one of its stages failed."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._told: dict[str, Stage] = {}
        self._shown: set[str] = set()

    def take(self, stage: Stage) -> None:
        """A stage ended."""
        self._told[stage.stage] = stage
        name, stages = next((row, all_) for row, all_ in ROWS.items() if stage.stage in all_)
        if stage.state == "ok" and stage.stage != stages[-1]:
            return
        seen = [self._told[each] for each in stages if each in self._told]
        seconds = sum(each.seconds for each in seen)
        evidence = stage.evidence if stage.state == "failed" else _joined(seen)
        self._shown.add(name)
        self._output.note(f"{_MARKS[stage.state]} {name:8} {seconds:6.2f} s  {evidence}")

    def rest(self) -> None:
        """Name the rows that were not reached."""
        for name in ROWS:
            if name not in self._shown:
                self._output.note(f"{_MARKS['not_reached']} {name:8}           not reached")


def _joined(stages: list[Stage]) -> str:
    return "; ".join(each.evidence for each in stages if each.evidence)


def _ask_azure(profile: Profile, access: HubAccess, output: Output) -> ControlPlaneFacts | None:
    """What Azure knows; None, and why, if it cannot be asked."""
    try:
        with Runtime() as runtime:
            return runtime.run(_facts(profile, access))
    except ProblemError as error:
        output.note(f"Azure was not asked: {error.problem.cause}")
    except TimeoutError:
        output.note(f"Azure was not asked: it did not answer within {_ASK_SECONDS:g} s")
    return None


async def _facts(profile: Profile, access: HubAccess) -> ControlPlaneFacts:
    azure = profile.azure_half
    async with asyncio.timeout(_ASK_SECONDS), azure_session(profile) as session:
        subscription, _ = await choose_subscription(session, azure.subscription)
        return await control_plane_facts(
            session, subscription, azure.resource_group, azure.namespace.name, access
        )
