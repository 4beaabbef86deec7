"""``isthmus verify``: whether what the hub held is in the Logstore."""

from __future__ import annotations

import sys

from core.alibaba.log_service.access import log_service_access
from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.errors import Code, problem
from core.kafka.settings import hub_access
from core.monitor.reconciliation import reconcile
from core.profile import load_profile


def verify(profile: ProfileOption, as_json: JsonFlag = False) -> None:
    """Read hub and Logstore again and count what is missing or there twice."""
    output = Output(as_json)
    with guarded(output):
        settings = load_profile(profile)
        result = reconcile(
            hub_access(settings),
            log_service_access(settings),
            settings.group,
            settings.state_folder,
            lambda stage, count: output.note(f"read {count:,} of the {stage}"),
        )
        output.value(result.as_json())
        verdict = "complete" if result.complete else "NOT complete"
        output.say(
            f"{verdict}: {result.sent:,} records in {result.messages:,} messages, "
            f"{result.stored:,} stored, {result.missing:,} missing, {result.duplicated:,} twice, "
            f"{result.dead_lettered:,} dead-lettered; {result.unverifiable_messages:,} messages "
            f"can no longer be verified; {result.seconds:.1f} s"
        )
        if not result.complete:
            found = problem(
                Code.RECORDS_MISSING, "verify", missing=result.missing, sent=result.sent
            )
            if not as_json:
                output.problem(found)
            sys.exit(1)
