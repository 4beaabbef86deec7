"""``isthmus ram-policy``: the least rights on Alibaba Cloud that a profile's plan needs."""

from __future__ import annotations

import json
from typing import Any

from core.alibaba.credentials import key_source
from core.alibaba.identity import who_is
from core.alibaba.ram import PURPOSES, needed_actions, policy_document
from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.errors import ProblemError
from core.profile import Profile, load_profile
from core.runtime import Runtime


def ram_policy(profile: ProfileOption, as_json: JsonFlag = False) -> None:
    """Print the RAM policy for the profile's route and choices, to paste into the RAM console."""
    output = Output(as_json)
    with guarded(output), Runtime() as runtime:
        settings = load_profile(profile)
        account = _account(settings, runtime, output)
        document = policy_document(settings, account, PURPOSES)
        needs: list[dict[str, Any]] = [
            {"action": each.action, "resource": each.resource, "purpose": each.purpose}
            for each in needed_actions(settings, account, PURPOSES)
        ]
        output.value({"account_id": account, "policy": json.loads(document), "needs": needs})
        if not as_json:
            output.say(document)


def _account(profile: Profile, runtime: Runtime, output: Output) -> str:
    """The account's id; empty where it cannot be asked, which only makes resources wider."""
    try:
        return runtime.run(who_is(profile, key_source(profile))).account_id
    except ProblemError as error:
        output.note(f"resources of any account, since yours is not known: {error.problem.cause}")
        return ""
