"""Which results of a draft are stale: those found before an answer that they rest on was changed.

A result rests on the answers of its own step and of all earlier ones, and on what earlier steps
found: the tenant that was signed in to, the key that was kept. What was typed is never touched. A
stale result stays stale until its job has run again, even where the old answer comes back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.onboarding.draft import (
    AlibabaAccount,
    AppliedCounts,
    Arrived,
    Discovered,
    Draft,
    GrantProof,
    Imported,
    KeyKept,
    Looked,
    Part,
    PlanSeen,
    Probed,
    RulesSeen,
    RuleTried,
    SettingsSeen,
    SignedIn,
    Verified,
    part_of,
    with_part,
)
from core.onboarding.steps import WHOLE_ROAD, StepId

RESULTS: dict[StepId, type] = {
    StepId.AZURE_SIGN_IN: SignedIn,
    StepId.DISCOVERY: Discovered,
    StepId.RESOURCE_GROUP: Looked,
    StepId.NAMESPACE: Looked,
    StepId.EVENT_HUB: Looked,
    StepId.SHARED_ACCESS_POLICY: KeyKept,
    StepId.DIAGNOSTIC_SETTINGS: SettingsSeen,
    StepId.KAFKA_TEST: Probed,
    StepId.ALIBABA_SIGN_IN: AlibabaAccount,
    StepId.IMPORT_ROUTE: Looked,
    StepId.MULTI_CLOUD_GRANT: GrantProof,
    StepId.DATA_SOURCE: Looked,
    StepId.IMPORT_TASK: Imported,
    StepId.INTEGRATION_POLICY: RuleTried,
    StepId.DETECTION_RULES: RulesSeen,
    StepId.REVIEW: PlanSeen,
    StepId.APPLY: AppliedCounts,
    StepId.FIRST_EVENT: Arrived,
}
"""What the job of each step finds."""


def answers(draft: Draft, step: StepId) -> object:
    """What a user answered in ``step``, for comparison; its result is no part of it."""
    part = replace(part_of(draft, step), result=None)
    if step is StepId.AZURE_SIGN_IN:
        return part, draft.profile_file  # the profile says which endpoints are asked
    if step is StepId.SHARED_ACCESS_POLICY:
        return part, draft.kafka_secret  # which the profile's name may decide
    if step is StepId.ALIBABA_SIGN_IN:  # whose region and key stand in another part
        account = draft.import_task
        key = None if account.is_empty else draft.alibaba_secret
        return part, account.region, account.access_key_id, key
    if step is StepId.IMPORT_TASK:
        return part, None if draft.import_task.is_empty else draft.alibaba_secret
    return part


def _findings(draft: Draft, step: StepId) -> object:
    """What ``step`` found out that later steps rest on."""
    if step is StepId.AZURE_SIGN_IN and draft.azure_sign_in.result:
        return draft.azure_sign_in.result.value.tenant
    if step is StepId.SHARED_ACCESS_POLICY and draft.shared_access_policy.result:
        kept = draft.shared_access_policy.result.value
        return kept.bootstrap, kept.policy, kept.entity_path, kept.fingerprint
    if step is StepId.ALIBABA_SIGN_IN and draft.alibaba_sign_in.result:
        return draft.alibaba_sign_in.result.value.account_id
    return None


def mark_stale(old: Draft, new: Draft) -> Draft:
    """``new`` with each result marked stale that rests on something ``old`` had otherwise.

    A result that was not there before is taken as it is.
    """
    changed = False
    for step in WHOLE_ROAD:
        changed = changed or answers(old, step) != answers(new, step)
        part, before = part_of(new, step), part_of(old, step).result
        result = part.result
        if result and before and (result.value, result.at) == (before.value, before.at):
            new = _with_result(new, step, replace(result, stale=before.stale or changed))
        changed = changed or _findings(old, step) != _findings(new, step)
    return new


def with_result(draft: Draft, step: StepId, result: Verified[Any], asked: Draft) -> Draft:
    """``draft`` with ``result``, which a job found for the draft ``asked``.

    It is stale from the start if ``draft`` has other answers by now. Raises TypeError for what
    the job of ``step`` cannot find.
    """
    if not isinstance(result.value, RESULTS[step]):
        raise TypeError(f"{step} has no result of type {type(result.value).__name__}")
    rests_on = [each for each in WHOLE_ROAD if each.place <= step.place]
    earlier = rests_on[:-1]
    same = all(answers(asked, each) == answers(draft, each) for each in rests_on) and all(
        _findings(asked, each) == _findings(draft, each) for each in earlier
    )
    return _with_result(draft, step, replace(result, stale=not same))


def _with_result(draft: Draft, step: StepId, result: Verified[Any]) -> Draft:
    part: Part = part_of(draft, step)
    changes: dict[str, Any] = {"result": result}
    return with_part(draft, step, replace(part, **changes))
