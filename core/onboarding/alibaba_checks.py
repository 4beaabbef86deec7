"""What can be wrong with the answers of the Alibaba steps, as far as it can be told offline.

Source of the rules: the schema of the profile; what Security Center would refuse, by
``core.alibaba.security_center.limits``. What is of Security Center is imported where it is asked:
every start of the window knows the steps.
"""

from __future__ import annotations

from dataclasses import replace

from core.onboarding.draft import Draft
from core.onboarding.field_checks import Problems, check_ref, check_text, fits, invalid
from core.profile import Import
from core.profile_alibaba import LogService, SecurityCenter

_NAME = "a name of up to 120 characters"


def alibaba_sign_in(draft: Draft) -> Problems:
    """The place of the STS token."""
    part = draft.alibaba_sign_in
    return check_ref("alibaba_sign_in.security_token", part.security_token)


def import_route(draft: Draft) -> Problems:
    """The group's name; that two kinds of logs are not mixed up in one Logstore."""
    part = draft.import_route
    meaning = "a consumer group's name of up to 256 characters"
    return check_text(
        Import, "managed_group", "import_route.managed_group", part.managed_group, meaning
    )


def data_source(draft: Draft) -> Problems:
    """Names, days and shards; a Logstore of its own for single records where the route needs it."""
    part, route = draft.data_source, draft.import_route
    place = "data_source"
    found = check_text(SecurityCenter, "data_source", f"{place}.name", part.name, _NAME)
    meaning = "the name of a Logstore: 3 to 63 lower-case letters, digits, hyphens and underscores"
    field = f"{place}.record_logstore"
    found += check_text(LogService, "record_logstore", field, part.record_logstore, meaning)
    splits = route.route == "managed" and route.managed_split == "transformation"
    same = part.record_logstore in ("", draft.import_task.logstore)
    if not found and same and (splits or route.route == "both"):
        whole = "another Logstore than the one of whole messages"
        found += invalid(field, part.record_logstore, whole)
    if not fits(LogService, "ttl_days", part.ttl_days):
        found += invalid(f"{place}.ttl_days", part.ttl_days, "1 to 3650 days; 3650: for ever")
    if not fits(LogService, "shards", part.shards):
        found += invalid(f"{place}.shards", part.shards, "1 to 10 shards")
    return found


def integration_policy(draft: Draft) -> Problems:
    """Names, and what the mode cannot do."""
    from core.alibaba.security_center.limits import mode_problem

    part, place = draft.integration_policy, "integration_policy"
    found: Problems = ()
    for key, value in (("vendor", part.vendor), ("product", part.product), ("rule", part.rule)):
        found += check_text(SecurityCenter, key, f"{place}.{key}", value, _NAME)
    route = draft.import_route
    splits = route.route == "managed" and route.managed_split == "realtime_rule"
    unfit = mode_problem(part.mode, kind=draft.data_source.kind, splits_batches=splits)
    if unfit is not None:
        found += (replace(unfit, where=f"{place}.mode"),)
    return found


def detection_rules(draft: Draft) -> Problems:
    """That own rules are known."""
    if not draft.detection_rules.rules:
        return ()
    from core.alibaba.security_center.detection_texts import detection_names

    known = detection_names()
    place, meaning = "detection_rules.rules", f"one of {', '.join(known)}"
    unknown = [each for each in draft.detection_rules.rules if each not in known]
    return tuple(each for name in unknown for each in invalid(place, name, meaning))
