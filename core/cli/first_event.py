"""``isthmus first-event``: has the analyst's own first record arrived, and how far?"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.onboarding.alibaba_session import alibaba_world
from core.onboarding.first_event import Sighting, follow
from core.profile import Profile, load_profile
from core.runtime import Runtime


def first_event(
    profile: ProfileOption,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for it; 0: look once.")
    ] = 0.0,
    as_json: JsonFlag = False,
) -> None:
    """Look whether the first record is stored, standardised, seen by a rule."""
    output = Output(as_json)
    with guarded(output), Runtime() as runtime:
        last = runtime.run(_follow(load_profile(profile), wait, output))
        output.value(_as_json(last))
        if not as_json:
            output.say(_words(last))
        if last.waits_for:
            sys.exit(1)


async def _follow(profile: Profile, wait: float, output: Output) -> Sighting:
    last = Sighting(None)
    async with alibaba_world(profile) as world:
        told = ""
        async for last in follow(world, wait):
            words = _words(last)
            if words != told:
                output.note(words)
            told = words
    return last


def _words(sighting: Sighting) -> str:
    arrived = sighting.arrived
    if arrived is None:
        return f"Not there yet; waits for {sighting.waits_for}."
    state = {
        "stored": "is in the Logstore",
        "standardised": f"is there; {sighting.standardised:,} of the newest sign-ins were found "
        "standardised",
        "alert": f"is there; {sighting.standardised:,} of the newest sign-ins were found "
        f"standardised, and rules made {sighting.alerts:,} alerts in a day",
    }[arrived.state]
    words = f"Your newest record ({arrived.service}, {arrived.event_time or 'no time'}) {state}"
    return words + (f"; waits for {sighting.waits_for}." if sighting.waits_for else ".")


def _as_json(sighting: Sighting) -> dict[str, Any]:
    arrived = sighting.arrived
    return {
        "state": arrived.state if arrived else "nothing",
        "service": arrived.service if arrived else "",
        "event_time": arrived.event_time if arrived else "",
        "age_seconds": sighting.age_seconds,
        "standardised": sighting.standardised,
        "alerts": sighting.alerts,
        "waits_for": sighting.waits_for,
    }
