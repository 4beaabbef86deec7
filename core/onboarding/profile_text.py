"""A draft as the text of a profile, and a profile as a draft.

A profile that is edited keeps what the draft has no field for: its other tables are written again
with the same values. Comments in its text are not kept.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import ProblemError
from core.onboarding.draft import (
    AccessPolicyDraft,
    DiscoveryDraft,
    Draft,
    EventHubDraft,
    ImportTaskDraft,
    NamespaceDraft,
    ResourceGroupDraft,
    SettingDraft,
    SettingsDraft,
    SignInDraft,
)
from core.onboarding.profile_tables import alibaba_parts, alibaba_tables, as_table
from core.onboarding.steps import BUILT, STEPS, StepId
from core.onboarding.toml_text import toml_text
from core.profile import Profile, parse_profile
from core.profile_azure import Azure
from core.secrets import SecretRef


def profile_text(draft: Draft, edited: Profile | None = None) -> str:
    """The TOML text of the profile that ``draft`` describes; ``edited`` is the one it came from.

    Raises ProblemError: the first error of the steps' checks, or what the profile's schema says.
    """
    azure = _has_azure_half(draft, edited)
    for step in BUILT:
        for found in STEPS[step].check(draft):
            here = azure or found.where == "name" or step is StepId.IMPORT_TASK
            if found.severity == "error" and here:
                raise ProblemError(found)
    tables = as_table(edited) if edited else {}
    tables |= {"schema_version": 1, "name": draft.name}
    tables["kafka"] = _kafka(draft, edited)
    if azure:
        tables["azure"] = _azure(draft)
    tables |= _logstore(draft, edited)
    tables |= alibaba_tables(draft, edited, tables)
    order = [info.alias or name for name, info in Profile.model_fields.items()]
    text = toml_text({key: tables[key] for key in order if tables.get(key) not in (None, {})})
    parse_profile(text, edited.file if edited else Path(f"{draft.name}.toml"))
    return text


def draft_of(profile: Profile) -> Draft:
    """A draft with the answers that ``profile`` gives, for editing it; nothing is verified yet."""
    draft = Draft(
        name=profile.name,
        profile_file=str(profile.file),
        event_hub=EventHubDraft(name=profile.kafka.topic),
        shared_access_policy=AccessPolicyDraft(connection_string=profile.kafka.connection_string),
        import_task=_import_task(profile),
        **alibaba_parts(profile),
    )
    return draft if profile.azure is None else _with_azure(draft, profile.azure)


def _has_azure_half(draft: Draft, edited: Profile | None) -> bool:
    """Whether the draft describes the Azure half, or leaves a profile as it is that has none."""
    untouched = not draft.resource_group.name and not draft.namespace.name
    return not (untouched and edited is not None and edited.azure is None)


def _with_azure(draft: Draft, azure: Azure) -> Draft:
    sign_in, namespace, policy = azure.sign_in, azure.namespace, azure.shared_access_policy
    return replace(
        draft,
        azure_sign_in=SignInDraft(
            cloud=azure.cloud,
            method=sign_in.method,
            tenant=azure.tenant,
            client_id=sign_in.client_id,
            client_secret=sign_in.client_secret,
            certificate=sign_in.certificate,
        ),
        discovery=DiscoveryDraft(azure.subscription),
        resource_group=ResourceGroupDraft(azure.resource_group, azure.location),
        namespace=NamespaceDraft(
            name=namespace.name,
            sku=namespace.sku,
            throughput_units=namespace.throughput_units,
            processing_units=namespace.processing_units,
            auto_inflate=namespace.auto_inflate,
            max_throughput_units=namespace.max_throughput_units,
        ),
        event_hub=EventHubDraft(
            azure.event_hub.name, azure.event_hub.partitions, azure.event_hub.retention_hours
        ),
        shared_access_policy=AccessPolicyDraft(
            policy.name, policy.scope, draft.shared_access_policy.connection_string
        ),
        diagnostic_settings=SettingsDraft(
            azure.diagnostic_policy.name,
            tuple(
                SettingDraft(each.kind, each.name, tuple(each.categories), each.resource_id)
                for each in azure.diagnostic_settings
            ),
        ),
    )


def _import_task(profile: Profile) -> ImportTaskDraft:
    account, logs = profile.alibaba, profile.log_service
    return ImportTaskDraft(
        region=account.region if account else "",
        endpoint=logs.endpoint if logs else "",
        project=logs.project if logs else "",
        logstore=logs.logstore if logs else "",
        access_key_id=account.access_key_id if account else "",
        access_key_secret=account.access_key_secret if account else None,
    )


def _azure(draft: Draft) -> dict[str, Any]:
    """The table ``[azure]``: what was answered and belongs to the chosen method and tier."""
    part = draft.azure_sign_in
    service = part.method == "service_principal"
    return _filled(
        {
            "cloud": part.cloud,
            "tenant": part.tenant,
            "subscription": draft.discovery.subscription,
            "resource_group": draft.resource_group.name,
            "location": draft.resource_group.location,
            "sign_in": _filled(
                {
                    "method": part.method,
                    "client_id": part.client_id,
                    "client_secret": _ref(part.client_secret if service else None),
                    "certificate": _ref(part.certificate if service else None),
                }
            ),
            "namespace": _namespace(draft.namespace),
            "event_hub": {
                "name": draft.event_hub.name,
                "partitions": draft.event_hub.partitions,
                "retention_hours": draft.event_hub.retention_hours,
            },
            "shared_access_policy": {
                "name": draft.shared_access_policy.name,
                "scope": draft.shared_access_policy.scope,
            },
            "diagnostic_policy": {"name": draft.diagnostic_settings.policy},
            "diagnostic_settings": [_setting(e) for e in draft.diagnostic_settings.settings],
        }
    )


def _namespace(part: NamespaceDraft) -> dict[str, Any]:
    table: dict[str, Any] = {"name": part.name, "sku": part.sku}
    if part.sku == "Premium":
        return table | {"processing_units": part.processing_units}
    table |= {"throughput_units": part.throughput_units, "auto_inflate": part.auto_inflate}
    if part.auto_inflate and part.max_throughput_units:
        table |= {"max_throughput_units": part.max_throughput_units}
    return table


def _setting(each: SettingDraft) -> dict[str, Any]:
    return _filled(
        {
            "kind": each.kind,
            "name": each.name,
            "categories": list(each.categories),
            "resource_id": each.resource_id,
        }
    )


def _kafka(draft: Draft, edited: Profile | None) -> dict[str, Any]:
    """The table ``[kafka]``; an address in it is for the namespace and hub it was written for."""
    table = as_table(edited.kafka) if edited else {}
    if _has_azure_half(draft, edited):
        was = edited.azure if edited else None
        if was is None or was.namespace.name != draft.namespace.name:
            table.pop("bootstrap", None)
        if was is None or was.event_hub.name != draft.event_hub.name:
            table.pop("topic", None)
    table.pop("connection_string", None)
    ref = _ref(draft.shared_access_policy.connection_string)
    return table | _filled({"connection_string": ref})


def _logstore(draft: Draft, edited: Profile | None) -> dict[str, Any]:
    """The tables ``[alibaba]`` and ``[log_service]``; none of them where nothing was answered."""
    part = draft.import_task
    if part.is_empty:
        return {"alibaba": None, "log_service": None}
    account = as_table(edited.alibaba) if edited and edited.alibaba else {}
    account |= {
        "region": part.region,
        "access_key_id": part.access_key_id,
        "access_key_secret": str(draft.alibaba_secret),
    }
    logs = as_table(edited.log_service) if edited and edited.log_service else {}
    logs |= {"endpoint": part.endpoint, "project": part.project, "logstore": part.logstore}
    return {"alibaba": account, "log_service": _filled(logs)}


def _ref(ref: SecretRef | None) -> str:
    return str(ref) if ref else ""


def _filled(table: dict[str, Any]) -> dict[str, Any]:
    """``table`` without empty texts and lists."""
    return {key: value for key, value in table.items() if value not in ("", [])}
