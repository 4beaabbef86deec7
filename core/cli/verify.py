"""``isthmus verify``: whether what the hub held is in the Logstore."""

from __future__ import annotations

import sys
from typing import Literal

from core.alibaba.log_service.access import log_service_access
from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.errors import Code, Problem, problem
from core.kafka.settings import hub_access
from core.monitor.managed import compare_managed
from core.monitor.reconciliation import reconcile
from core.profile import Profile, load_profile


def verify(profile: ProfileOption, as_json: JsonFlag = False) -> None:
    """Read hub and Logstore again and count what is missing or there twice."""
    output = Output(as_json)
    with guarded(output):
        settings = load_profile(profile)
        if settings.import_.route == "managed":
            found = _verify_managed(settings, output)
        else:
            found = _verify_engine(settings, output)
        if found is not None:
            if not as_json:
                output.problem(found)
            sys.exit(1)


def _verify_engine(profile: Profile, output: Output) -> Problem | None:
    """By ``event_uid``, record by record."""
    result = reconcile(
        hub_access(profile),
        log_service_access(profile),
        profile.group,
        profile.state_folder,
        lambda stage, count: output.note(f"read {count:,} of the {stage}"),
    )
    found = None
    if not result.complete:
        found = problem(Code.RECORDS_MISSING, "verify", missing=result.missing, sent=result.sent)
    output.value(result.as_json() | {"problem": found.as_json() if found else None})
    verdict = "complete" if result.complete else "NOT complete"
    output.say(
        f"{verdict}: {result.sent:,} records in {result.messages:,} messages, "
        f"{result.stored:,} stored, {result.missing:,} missing, {result.duplicated:,} twice, "
        f"{result.dead_lettered:,} dead-lettered; {result.unverifiable_messages:,} messages "
        f"can no longer be verified; {result.seconds:.1f} s"
    )
    return found


def _verify_managed(profile: Profile, output: Output) -> Problem | None:
    """By counts of each minute: the managed job's logs cannot be told apart."""
    split: Literal["transformation", "realtime_rule"] = profile.import_.managed_split
    single = log_service_access(profile) if split == "transformation" else None
    result = compare_managed(
        hub_access(profile),
        log_service_access(profile, profile.logstore.logstore),
        single,
        profile.managed_group,
        split,
        lambda stage, count: output.note(f"read {count:,} of the {stage}"),
    )
    found = result.problem
    output.value(result.as_json() | {"problem": found.as_json() if found else None})
    differing = sum(each.differs for each in result.windows)
    where = {
        "transformation": "split by the data transformation job",
        "realtime_rule": "split inside the standardised rule, so only messages are compared",
        "none": "not split",
    }[split]
    output.say(
        f"{'complete' if found is None else 'NOT complete'}, by counts of each minute: "
        f"{result.messages:,} messages, {result.message_logs:,} logs of them; "
        f"{result.sent:,} records in them, {where}: {result.stored:,} stored, "
        f"{result.missing:,} missing, {result.duplicated:,} too many, in {differing:,} of "
        f"{len(result.windows):,} minutes; {result.unverifiable_messages:,} messages can no longer "
        f"be verified; {result.seconds:.1f} s"
    )
    if result.unsplit_messages:
        output.say(
            f"{result.unsplit_messages:,} messages are not strict JSON and stay whole, with "
            f"{result.unsplit_records:,} records in them: the managed route repairs nothing, the "
            f"engine route does."
        )
    return found
