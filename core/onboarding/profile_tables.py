"""The Alibaba tables of a profile from a draft, and the parts of a draft from them.

A key that the draft leaves at its default is not written, so that a profile says what was chosen.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import BaseModel

from core.onboarding.draft import (
    AlibabaSignInDraft,
    DataSourceDraft,
    DetectionRulesDraft,
    Draft,
    ImportRouteDraft,
    IntegrationPolicyDraft,
)
from core.profile import Profile
from core.secrets import SecretRef


def alibaba_parts(profile: Profile) -> dict[str, Any]:
    """The parts of a draft that ``profile``'s tables answer, by name."""
    account, logs, imports = profile.alibaba, profile.log_service, profile.import_
    center = profile.security_center
    source = DataSourceDraft(analysed=center is not None)
    if logs is not None:
        source = DataSourceDraft(
            analysed=center is not None,
            name=center.data_source if center else "",
            kind=center.data_source_type if center else "user",
            record_logstore=logs.record_logstore,
            ttl_days=logs.ttl_days,
            shards=logs.shards,
        )
    return {
        "alibaba_sign_in": AlibabaSignInDraft(
            method="chain" if account and not account.access_key_id else "access_key",
            security_token=account.security_token if account else None,
        ),
        "import_route": ImportRouteDraft(
            imports.route, imports.managed_split, imports.managed_group
        ),
        "data_source": source,
        "integration_policy": IntegrationPolicyDraft(
            center.vendor if center else "",
            center.product if center else "",
            center.rule if center else "",
            profile.normalization.mode,
        ),
        "detection_rules": DetectionRulesDraft(profile.detection.rules, profile.detection.builtin),
    }


def alibaba_tables(draft: Draft, edited: Profile | None, so_far: dict[str, Any]) -> dict[str, Any]:
    """Tables that the Alibaba steps answer; ``so_far`` holds what is written already."""
    if draft.import_task.is_empty:
        return {"security_center": None}
    account = dict(so_far.get("alibaba") or {})
    _set(account, "security_token", _ref(draft.alibaba_sign_in.security_token))
    if draft.alibaba_sign_in.method == "chain":
        for key in ("access_key_id", "access_key_secret", "security_token"):
            account.pop(key, None)
    source, route, policy = draft.data_source, draft.import_route, draft.integration_policy
    logs = dict(so_far.get("log_service") or {})
    _set(logs, "record_logstore", source.record_logstore)
    _set_chosen(logs, source, "ttl_days", "shards")
    imports = dict(so_far.get("import") or {})
    _set_chosen(imports, route, "route", "managed_split", "managed_group")
    found: dict[str, Any] = {"alibaba": account, "log_service": logs, "import": imports}
    if not source.analysed:
        return found | {"security_center": None}
    center = as_table(edited.security_center) if edited and edited.security_center else {}
    _set(center, "data_source", source.name)
    _set_chosen(center, policy, "vendor", "product", "rule")
    if source.kind != "user" or "data_source_type" in center:
        center["data_source_type"] = source.kind
    mode = dict(so_far.get("normalization") or {})
    _set_chosen(mode, policy, "mode")
    detection = dict(so_far.get("detection") or {})
    _set_chosen(detection, draft.detection_rules, "rules", "builtin")
    # An empty table would be left out, and with it the wish to have the records analysed.
    center.setdefault("data_source_type", "user")
    return found | {"security_center": center, "normalization": mode, "detection": detection}


def as_table(part: BaseModel) -> dict[str, Any]:
    """The keys that were written for ``part``, with their values."""
    written = [
        (info.alias or name, getattr(part, name))
        for name, info in type(part).model_fields.items()
        if name in part.model_fields_set and name != "file"
    ]
    return {key: _as_value(value) for key, value in written if value is not None}


def _as_value(value: object) -> object:
    if isinstance(value, BaseModel):
        return as_table(value)
    if isinstance(value, list | tuple):
        return [_as_value(each) for each in value]
    return str(value) if isinstance(value, SecretRef) else value


def _set(table: dict[str, Any], key: str, value: object) -> None:
    """Write ``value``, or take the key out where it is empty."""
    if value in ("", None):
        table.pop(key, None)
    else:
        table[key] = value


def _set_chosen(table: dict[str, Any], part: object, *names: str) -> None:
    """Write the fields of ``part`` that differ from their default or stood there before."""
    defaults = {each.name: each.default for each in fields(part)}  # type: ignore[arg-type]
    for name in names:
        value = getattr(part, name)
        if value != defaults[name] or name in table:
            table[name] = list(value) if isinstance(value, tuple) else value


def _ref(ref: SecretRef | None) -> str:
    return str(ref) if ref else ""
