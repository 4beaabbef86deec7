"""The draft after its plan was carried out: it is a profile's now, and every thing was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.applied import read_applied
from core.onboarding.action import Action, State
from core.onboarding.draft import Draft, KeyKept, Looked, PlanSeen, SettingsSeen, Verified
from core.profile import Profile

_LOCAL = "azure/connection_string"
_PARTS = {"resource_group", "namespace", "event_hub", "shared_access_policy"}


def changed_in_cloud(actions: Sequence[Action]) -> int:
    """How many of ``actions`` changed a cloud; what is kept on this machine is not counted."""
    return sum(
        each.changes and each.state is State.DONE and not each.id.startswith(_LOCAL)
        for each in actions
    )


def is_complete(actions: Sequence[Action]) -> bool:
    """Whether every action is done."""
    return all(each.state is State.DONE for each in actions)


def after_apply(draft: Draft, profile: Profile, actions: Sequence[Action], at: datetime) -> Draft:
    """``draft`` as that of ``profile``, its results as ``apply`` left things at ``at``.

    ``apply`` signed in, chose the subscription and looked at every thing, so what was found before
    is found again. Raises ProblemError (applied_unreadable).
    """
    known = read_applied(profile.state_folder)
    draft = replace(draft, profile_file=str(profile.file))
    for step in ("azure_sign_in", "discovery"):
        part = getattr(draft, step)
        if part.result is not None:
            renewed = replace(part, result=Verified(part.result.value, at))
            draft = _with(draft, step, renewed)
    done = {each.step for each in actions} - {
        each.step for each in actions if each.state is not State.DONE
    }
    for step in done & _PARTS - {"shared_access_policy"}:
        looked = Looked("same", _resource_id(step, known.hub_id))
        draft = _with(draft, step, replace(getattr(draft, step), result=Verified(looked, at)))
    if "shared_access_policy" in done and known.bootstrap:
        kept = KeyKept(
            policy=known.policy or draft.shared_access_policy.name,
            bootstrap=known.bootstrap,
            entity_path=known.hub if known.policy_scope == "hub" else "",
            fingerprint=known.key_fingerprint,
        )
        policy = replace(draft.shared_access_policy, result=Verified(kept, at))
        draft = replace(draft, shared_access_policy=policy)
    settings = draft.diagnostic_settings
    if settings.settings and "diagnostic_settings" in done:
        seen = SettingsSeen(len(settings.settings), 0)
        draft = replace(draft, diagnostic_settings=replace(settings, result=Verified(seen, at)))
    if draft.review.result is not None and is_complete(actions):
        plan = PlanSeen(create=0, reuse=len(actions), change=0, blocked=0)
        draft = replace(draft, review=replace(draft.review, result=Verified(plan, at)))
    return draft


def _with(draft: Draft, step: str, part: object) -> Draft:
    return replace(draft, **{step: part})  # type: ignore[arg-type]  # by its name


def _resource_id(step: str, hub_id: str) -> str:
    """The id of the group, namespace or hub in the hub's own."""
    parts = hub_id.split("/")
    ends = {"resource_group": 5, "namespace": 9, "event_hub": len(parts)}
    return "/".join(parts[: ends[step]])
