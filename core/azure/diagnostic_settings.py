"""Diagnostic settings, which send logs to an event hub; and Defender's continuous export.

Four kinds with three forms: the activity log of a subscription and the logs of a resource
(Microsoft.Insights), Microsoft Entra ID (microsoft.aadiam), alerts of Defender for Cloud
(Microsoft.Security/automations). No SDK has them all, so they are raw requests. Sources: "Azure
Monitor: diagnostic settings, REST"; "Microsoft.aadiam diagnosticSettings template reference";
"Defender for Cloud: Automations, REST".
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

from core.azure.answers import is_about_the_subscription
from core.azure.names import SETTING, check_name
from core.azure.session import AzureSession, azure_problems
from core.secrets.redaction import know_secret

WHERE = "azure.diagnostic_settings"
MOST_SETTINGS = 5
"""Diagnostic settings that Azure lets one source have."""

GROUP = "group:"
"""Stands before the name of a category group."""

Kind = Literal["activity", "entra", "resource", "defender"]

_INSIGHTS = ("/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview")
_FORMS: dict[str, tuple[str, str]] = {
    "activity": _INSIGHTS,
    "resource": _INSIGHTS,
    "entra": ("/diagnosticSettings", "2017-04-01"),
    "defender": ("/providers/Microsoft.Security/automations", "2019-01-01-preview"),
}
_KEYS_VERSION = "2024-01-01"
_GROUPS_VERSION = "2021-04-01"


@dataclass(frozen=True)
class DiagnosticTarget:
    """Where logs are sent.

    Attributes:
        rule_id: resource id of the namespace's policy that sends; empty: not to an event hub.
        hub: the event hub's name; empty: Azure chooses one by the kind of log.
    """

    rule_id: str
    hub: str

    @property
    def namespace_id(self) -> str:
        """Resource id of the namespace."""
        at = self.rule_id.lower().find("/authorizationrules/")
        return self.rule_id[:at] if at >= 0 else self.rule_id

    @property
    def hub_id(self) -> str:
        """Resource id of the event hub."""
        return f"{self.namespace_id}/eventhubs/{self.hub}"

    def is_same_hub(self, other: DiagnosticTarget) -> bool:
        """Whether both send to one event hub, whichever policy they use."""
        return self.hub_id.lower() == other.hub_id.lower()


@dataclass(frozen=True)
class DiagnosticSetting:
    """One setting.

    Attributes:
        kind: activity, entra, resource or defender.
        name: its name, unique at its scope.
        scope: what it belongs to; see :func:`core.azure.diagnostic_sources.source_scope`.
        categories: what is sent; ``group:<name>`` is a category group.
        target: where to.
    """

    kind: Kind
    name: str
    scope: str
    categories: tuple[str, ...]
    target: DiagnosticTarget


async def find_setting(
    session: AzureSession, kind: Kind, scope: str, name: str
) -> DiagnosticSetting | None:
    """The setting; None if there is none. Raises ProblemError."""
    body = await _find(session, kind, scope, name)
    return read_setting(kind, scope, body) if body is not None else None


async def list_settings(
    session: AzureSession, kind: Kind, scope: str
) -> AsyncIterator[DiagnosticSetting]:
    """Every setting of the source ``scope``. Raises ProblemError."""
    path, version = _FORMS[kind]
    with azure_problems(WHERE):
        async for each in session.listed(f"{scope}{path}", version):
            yield read_setting(kind, scope, each)


async def put_setting(
    session: AzureSession, setting: DiagnosticSetting, *, whole: bool = False
) -> DiagnosticSetting:
    """Create the setting, or let the one of its name send to ``setting.target`` as well.

    An existing setting keeps its other categories and its other destinations, unless ``whole``
    makes it send what ``setting`` says and nothing else; if it already does what is wished,
    nothing is sent. Azure may take 90 minutes until the first log arrives.
    Raises ProblemError.
    """
    found = await _find(session, setting.kind, setting.scope, setting.name)
    if found is not None:
        there = read_setting(setting.kind, setting.scope, found)
        wanted, sent = set(setting.categories), set(there.categories)
        fits = wanted == sent if whole else wanted <= sent
        if there.target.is_same_hub(setting.target) and fits:
            return there
    body = setting_request(setting)[1]
    if setting.kind == "defender":
        body = await _export_body(session, setting, body)
    elif found is not None and not whole:
        body = _merged(found, body)
    path, version = _place(setting.kind, setting.scope, setting.name)
    with azure_problems(WHERE):
        made = await session.request("PUT", path, version, body)
    return read_setting(setting.kind, setting.scope, made or {"name": setting.name, **body})


async def delete_setting(session: AzureSession, kind: Kind, scope: str, name: str) -> None:
    """Delete it; nothing is done if it is gone. Raises ProblemError."""
    from azure.core.exceptions import HttpResponseError

    path, version = _place(kind, scope, name)
    with azure_problems(WHERE):
        try:
            await session.request("DELETE", path, version)
        except HttpResponseError as error:
            if error.status_code != 404:
                raise


def setting_url(kind: Kind, scope: str, name: str) -> str:
    """Path and query of the setting, as ``az rest --url`` takes them."""
    path, version = _place(kind, scope, name)
    return f"{path}?api-version={version}"


def setting_request(setting: DiagnosticSetting) -> tuple[str, dict[str, Any]]:
    """URL and body of the PUT that makes it. No secret: the export's body says where it goes."""
    url = setting_url(setting.kind, setting.scope, setting.name)
    target = setting.target
    if setting.kind == "defender":
        return url, _export(setting, f"<connection string of {target.rule_id}>")
    logs = []
    for each in setting.categories:
        key = "categoryGroup" if each.startswith(GROUP) else "category"
        logs.append({key: each.removeprefix(GROUP), "enabled": True})
    properties = {
        "eventHubAuthorizationRuleId": target.rule_id,
        "eventHubName": target.hub,
        "logs": logs,
    }
    return url, {"properties": properties}


def read_setting(kind: Kind, scope: str, body: dict[str, Any]) -> DiagnosticSetting:
    """What Azure's JSON says."""
    properties = body.get("properties") or {}
    name = body.get("name") or ""
    if kind == "defender":
        return DiagnosticSetting(kind, name, scope, *_read_export(properties))
    categories = []
    for each in properties.get("logs") or ():
        if each.get("enabled"):
            group = each.get("categoryGroup")
            categories.append(f"{GROUP}{group}" if group else each.get("category") or "")
    target = DiagnosticTarget(
        properties.get("eventHubAuthorizationRuleId") or "", properties.get("eventHubName") or ""
    )
    return DiagnosticSetting(kind, name, scope, tuple(categories), target)


async def _find(session: AzureSession, kind: Kind, scope: str, name: str) -> dict[str, Any] | None:
    from azure.core.exceptions import HttpResponseError

    path, version = _place(kind, scope, name)
    with azure_problems(WHERE):
        try:
            return await session.request("GET", path, version)
        except HttpResponseError as error:
            if error.status_code != 404 or is_about_the_subscription(error):
                raise
            return None


def _place(kind: Kind, scope: str, name: str) -> tuple[str, str]:
    check_name(SETTING, name, f"{WHERE}.name")
    path, version = _FORMS[kind]
    return f"{scope}{path}/{name}", version


def _merged(found: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """``body`` laid over what is there, without losing what else it sends, or where else."""
    there: dict[str, Any] = found.get("properties") or {}
    wished: dict[str, Any] = body["properties"]
    groups = any("categoryGroup" in each for each in wished["logs"])
    named = {_log_name(each) for each in wished["logs"]}
    kept = [
        each
        for each in there.get("logs") or ()
        if each.get("enabled")
        and _log_name(each) not in named
        and bool(each.get("categoryGroup")) == groups  # Azure takes no mix of the two
    ]
    return {"properties": {**there, **wished, "logs": [*wished["logs"], *kept]}}


def _log_name(log: dict[str, Any]) -> str:
    return str(log.get("categoryGroup") or log.get("category") or "").lower()


def _export(setting: DiagnosticSetting, connection_string: str) -> dict[str, Any]:
    action = {
        "actionType": "EventHub",
        "eventHubResourceId": setting.target.hub_id,
        "connectionString": connection_string,
    }
    subscription = "/".join(setting.scope.split("/")[:3])
    return {
        "properties": {
            "isEnabled": True,
            "scopes": [{"description": "the subscription", "scopePath": subscription}],
            "sources": [{"eventSource": each, "ruleSets": []} for each in setting.categories],
            "actions": [action],
        }
    }


async def _export_body(
    session: AzureSession, setting: DiagnosticSetting, body: dict[str, Any]
) -> dict[str, Any]:
    """The export's whole body: it is stored with a connection string, in a region."""
    with azure_problems(WHERE):
        keys = await session.request("POST", f"{setting.target.rule_id}/listKeys", _KEYS_VERSION)
        group = await session.request("GET", setting.scope, _GROUPS_VERSION)
    secret = str((keys or {}).get("primaryConnectionString") or "")
    if secret:
        know_secret(secret)
    whole = _export(setting, secret)
    return {"location": (group or {}).get("location", ""), **body, **whole}


def _read_export(properties: dict[str, Any]) -> tuple[tuple[str, ...], DiagnosticTarget]:
    sources = [each.get("eventSource") or "" for each in properties.get("sources") or ()]
    for action in properties.get("actions") or ():
        hub_id = str(action.get("eventHubResourceId") or "")
        at = hub_id.lower().find("/eventhubs/")
        if at >= 0:
            policy = action.get("sasPolicyName") or ""
            rule_id = f"{hub_id[:at]}/authorizationRules/{policy}"
            target = DiagnosticTarget(rule_id, hub_id[at:].split("/")[2])
            return tuple(sources if properties.get("isEnabled", True) else ()), target
    return tuple(sources), DiagnosticTarget("", "")
