"""``isthmus keys rotate``: new keys for the policy that reads, without a gap."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from core.applied import read_applied, write_applied
from core.azure.key_rotation import PolicyPlace, rotate
from core.cli.output import JsonFlag, Output, ProfileOption, guarded, verb_group
from core.cli.plan_view import YesFlag, confirm
from core.errors import ProblemError
from core.kafka.connection_string import key_fingerprint
from core.kafka.probe import probe_hub
from core.kafka.settings import hub_access
from core.onboarding.applying import change_lock
from core.onboarding.azure_session import azure_session, choose_subscription
from core.profile import Profile, load_profile
from core.runtime import Runtime
from core.secrets import write_secret
from core.secrets.stores import check_writable

app = verb_group("Keys of the shared access policy that reads the hub.")


@app.callback()
def keys() -> None:
    """Keys of the shared access policy that reads the hub."""


@app.command("rotate")
def rotate_keys(profile: ProfileOption, yes: YesFlag = False, as_json: JsonFlag = False) -> None:
    """Make both keys anew: first the idle one, then go over to it and try it, then the other."""
    output = Output(as_json)
    with guarded(output), Runtime() as runtime:
        settings = load_profile(profile)
        policy = settings.azure_half.shared_access_policy.name
        check_writable(settings.kafka_secret, "kafka.connection_string")
        confirm(f"Make both keys of {policy} anew? Others that use them must follow.", yes)
        with change_lock(settings.state_folder):
            fingerprint = runtime.run(_rotate(settings, output))
        output.value({"policy": policy, "rotated": True, "key_fingerprint": fingerprint})
        output.say(
            f"Both keys of {policy} are new, and the one at {settings.kafka_secret} was tried. "
            "A running import takes it from there at its next connection."
        )


async def _rotate(profile: Profile, output: Output) -> str:
    azure = profile.azure_half
    reader = azure.shared_access_policy
    access = hub_access(profile)

    async def switch(connection_string: str) -> None:
        """Try the new key before anything is kept of it, then keep it."""
        wanted = replace(access, connection_string=connection_string)
        found = await asyncio.to_thread(probe_hub, wanted)
        if found.problem is not None:
            raise ProblemError(found.problem)
        write_secret(
            profile.kafka_secret,
            connection_string,
            profile.file.parent,
            "kafka.connection_string",
        )

    async with azure_session(profile, output.note) as session:
        subscription, _ = await choose_subscription(session, azure.subscription)
        place = PolicyPlace(
            subscription=subscription,
            resource_group=azure.resource_group,
            namespace=azure.namespace.name,
            hub=azure.event_hub.name if reader.scope == "hub" else None,
            name=reader.name,
        )
        done = await rotate(session, place, access.connection_string, switch, output.note)
    fingerprint = key_fingerprint(done.connection_string)
    known = read_applied(profile.state_folder)
    write_applied(profile.state_folder, replace(known, key_fingerprint=fingerprint))
    return fingerprint
