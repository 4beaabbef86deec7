"""What can be wrong with the chosen diagnostic settings, as far as it can be told offline.

Source of the rules: "Azure Monitor: diagnostic settings" (limits, category groups, region);
for Entra ID "Microsoft Entra: stream logs to an event hub". How many settings a resource has
already is for the plan to find out, which asks Azure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from core.azure import names
from core.errors import Code, Problem, problem
from core.onboarding.checks import ROOT_POLICY
from core.onboarding.draft import Draft, SettingDraft
from core.onboarding.field_checks import Problems, check_text, fits, invalid
from core.profile_azure import AzureDiagnosticPolicy, AzureDiagnosticSetting

MOST_SETTINGS = 5
"""Diagnostic settings that Azure lets one resource have."""

_PLACE = "diagnostic_settings"
_ALL_LOGS = "group:allLogs"


def diagnostic_settings(draft: Draft) -> Problems:
    """The policy that sends, each setting by itself, and all of them together."""
    part = draft.diagnostic_settings
    found = _policy(draft)
    if not part.settings:
        found += (problem(Code.AZURE_NO_LOGS_CHOSEN, f"{_PLACE}.settings"),)
    for number, setting in enumerate(part.settings):
        found += _setting(draft, setting, f"{_PLACE}.settings.{number}")
    return found + tuple(_together(part.settings))


def _policy(draft: Draft) -> Problems:
    name, field = draft.diagnostic_settings.policy, f"{_PLACE}.policy"
    found = check_text(AzureDiagnosticPolicy, "name", field, name, names.POLICY.words)
    reader = draft.shared_access_policy
    if reader.scope == "namespace" and name == reader.name != ROOT_POLICY:
        found += (problem(Code.AZURE_POLICY_FOR_BOTH, field, policy=name),)
    return found


def _setting(draft: Draft, setting: SettingDraft, place: str) -> Problems:
    words = names.SETTING.words
    found = check_text(AzureDiagnosticSetting, "name", f"{place}.name", setting.name, words)
    found += _categories(setting, f"{place}.categories")
    if setting.kind == "resource":
        found += _resource(draft, setting, f"{place}.resource_id")
    elif setting.resource_id:
        meaning = f"nothing: a setting of kind {setting.kind} is no resource's"
        found += invalid(f"{place}.resource_id", setting.resource_id, meaning)
    if setting.kind == "entra" and draft.azure_sign_in.method == "service_principal":
        found += (problem(Code.AZURE_ENTRA_NEEDS_USER, f"{place}.kind"),)
    return found


def _categories(setting: SettingDraft, field: str) -> Problems:
    categories = setting.categories
    if not categories:
        return (problem(Code.STEP_FIELD_EMPTY, field, meaning="one category at least"),)
    found: Problems = ()
    if not fits(AzureDiagnosticSetting, "categories", list(categories)):
        found += invalid(field, ", ".join(categories), "names of categories, up to 120 characters")
    if len(set(categories)) != len(categories):
        found += invalid(field, ", ".join(categories), "each category once")
    groups = [each for each in categories if each.startswith("group:")]
    if groups and (setting.kind != "resource" or len(groups) != len(categories)):
        found += (problem(Code.AZURE_CATEGORY_GROUPS_MIXED, field),)
    return found


def _resource(draft: Draft, setting: SettingDraft, field: str) -> Problems:
    resource_id, meaning = setting.resource_id, names.RESOURCE_ID.words
    if not resource_id:
        return (problem(Code.STEP_FIELD_EMPTY, field, meaning=meaning),)
    found = check_text(AzureDiagnosticSetting, "resource_id", field, resource_id, meaning)
    if not resource_id.isascii():
        found += (problem(Code.AZURE_RESOURCE_ID_NOT_ASCII, field),)
    own = (
        f"/resourcegroups/{draft.resource_group.name}"
        f"/providers/microsoft.eventhub/namespaces/{draft.namespace.name}"
    )
    if draft.namespace.name and resource_id.lower().endswith(own.lower()):
        found += (problem(Code.AZURE_SETTING_OF_OWN_NAMESPACE, field),)
    region = draft.resource_group.location
    if setting.location and region and setting.location != region:
        found += (
            problem(Code.AZURE_SETTING_OTHER_REGION, field, found=setting.location, wished=region),
        )
    return found


def _together(settings: tuple[SettingDraft, ...]) -> Iterator[Problem]:
    """What no setting shows by itself: too many of one source, names or categories twice."""
    scopes: dict[str, list[tuple[int, SettingDraft]]] = {}
    for number, setting in enumerate(settings):
        scopes.setdefault(_scope(setting), []).append((number, setting))
    for members in scopes.values():
        last, kind = members[-1][0], members[-1][1].kind
        if len(members) > MOST_SETTINGS and kind != "defender":
            where = f"{_PLACE}.settings.{last}"
            yield problem(Code.AZURE_TOO_MANY_SETTINGS, where, limit=MOST_SETTINGS)
        used = Counter(setting.name.lower() for _, setting in members)
        sent: set[str] = set()
        for number, setting in members:
            where = f"{_PLACE}.settings.{number}"
            if used[setting.name.lower()] > 1:
                yield problem(Code.AZURE_SETTING_NAME_TWICE, f"{where}.name", name=setting.name)
            twice = sorted(sent & set(setting.categories))
            if not twice and sent and _ALL_LOGS in sent | set(setting.categories):
                twice = [_ALL_LOGS]
            if twice:
                names_of = ", ".join(twice)
                field = f"{where}.categories"
                yield problem(Code.AZURE_CATEGORY_TWICE, field, categories=names_of)
            sent |= set(setting.categories)


def _scope(setting: SettingDraft) -> str:
    """What the setting belongs to."""
    return setting.resource_id.lower() if setting.kind == "resource" else setting.kind
