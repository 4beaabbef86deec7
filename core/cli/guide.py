"""``isthmus guide``: what has no API, value by value; and whether it works, from outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from core.applied import read_applied, write_applied
from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.onboarding.alibaba_session import alibaba_world
from core.onboarding.draft_alibaba import GrantProof
from core.onboarding.guided import GuidedStep, guided_steps, look_for_proof
from core.profile import Profile, load_profile
from core.runtime import Runtime


def guide(
    profile: ProfileOption,
    check: Annotated[
        bool, typer.Option("--check", help="Look from outside whether it works.")
    ] = False,
    ticked: Annotated[
        bool, typer.Option("--done", help="You did it; counts where nothing else can prove it.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Tell how the console's own import task is set up by hand. No route of Isthmus needs it."""
    output = Output(as_json)
    with guarded(output), Runtime() as runtime:
        settings = load_profile(profile)
        applied = read_applied(settings.state_folder)
        bootstrap = settings.kafka.bootstrap or applied.bootstrap
        hub = settings.kafka.topic or applied.hub
        steps = guided_steps(settings, bootstrap, hub or "<event hub>")
        if ticked:
            applied = replace(applied, grant_ticked_at=_now())
            write_applied(settings.state_folder, applied)
        looked = check or ticked
        done = bool(applied.grant_ticked_at)
        proof = runtime.run(_look(settings, done)) if looked else None
        output.value(_as_json(steps, proof, applied.grant_ticked_at, looked))
        if not as_json:
            for step in steps:
                _show(step, output)
            if check or ticked:
                words = (
                    f"Proved by {proof.by}: {proof.what}." if proof else "Nothing proves it yet."
                )
                output.say(words)


async def _look(profile: Profile, ticked: bool) -> GrantProof | None:
    async with alibaba_world(profile) as world:
        return await look_for_proof(world, ticked)


def _show(step: GuidedStep, output: Output) -> None:
    output.say(f"{step.number}  {step.title}")
    output.say(f"    {' > '.join(step.path)}")
    for note in step.notes:
        output.say(f"    {note}")
    for value in step.values:
        text = f"(copy it from {value.text}; it is not shown)" if value.secret else value.text
        output.say(f"    {value.field}: {text}")
    output.say()


def _as_json(
    steps: tuple[GuidedStep, ...], proof: GrantProof | None, ticked_at: str, looked: bool
) -> dict[str, Any]:
    return {
        "steps": [
            {
                "number": step.number,
                "title": step.title,
                "path": list(step.path),
                "notes": list(step.notes),
                "values": [
                    {"field": each.field, "text": each.text, "secret": each.secret}
                    for each in step.values
                ],
            }
            for step in steps
        ],
        "proof": {"by": proof.by, "what": proof.what} if proof else None,
        "ticked_at": ticked_at or None,
        "looked_at": _now() if looked else None,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
