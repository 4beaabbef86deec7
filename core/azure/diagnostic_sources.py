"""What can send logs to an event hub, what each offers, and what stands in the way of a setting.

Sources: "Azure Monitor: diagnostic settings" (limits, regions, category groups), "Azure activity
log categories"; "Microsoft Entra: logs available for streaming"; "Defender for Cloud: continuous
export". Flow logs are not here: Azure writes them to storage accounts only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from core.azure.answers import error_code
from core.azure.diagnostic_settings import (
    GROUP,
    MOST_SETTINGS,
    WHERE,
    DiagnosticSetting,
    Kind,
    list_settings,
)
from core.azure.names import RESOURCE_ID, check_name, short_location
from core.azure.session import AzureSession, azure_problems
from core.errors import Code, Problem, ProblemError, problem

ACTIVITY_CATEGORIES = (
    *("Administrative", "Security", "ServiceHealth", "Alert"),
    *("Recommendation", "Policy", "Autoscale", "ResourceHealth"),
)
ENTRA_CATEGORIES = (
    *("AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs"),
    *("ManagedIdentitySignInLogs", "ProvisioningLogs", "ADFSSignInLogs", "RiskyUsers"),
    *("UserRiskEvents", "RiskyServicePrincipals", "ServicePrincipalRiskEvents"),
    *("NetworkAccessTrafficLogs", "EnrichedOffice365AuditLogs", "MicrosoftGraphActivityLogs"),
)
DEFENDER_CATEGORIES = (
    *("Alerts", "Assessments", "AssessmentsSnapshot", "SubAssessments", "SubAssessmentsSnapshot"),
    *("SecureScores", "SecureScoresSnapshot", "SecureScoreControls"),
    *("SecureScoreControlsSnapshot", "RegulatoryComplianceAssessment"),
    "RegulatoryComplianceAssessmentSnapshot",
)
_FIXED = {"activity": ACTIVITY_CATEGORIES, "defender": DEFENDER_CATEGORIES}
_CATEGORIES_PATH = "/providers/Microsoft.Insights/diagnosticSettingsCategories"
_CATEGORIES_VERSION = "2021-05-01-preview"


@dataclass(frozen=True)
class Resource:
    """A resource that may send logs.

    Attributes:
        id: its resource id.
        name: its name.
        type: such as ``Microsoft.KeyVault/vaults``.
        location: short name of its region, or ``global``.
        resource_group: name of the group that it is in.
    """

    id: str
    name: str
    type: str
    location: str
    resource_group: str


@dataclass(frozen=True)
class Categories:
    """What a resource can send: single categories, and groups of them (``audit``, ``allLogs``)."""

    logs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def source_scope(
    kind: Kind, *, subscription: str = "", resource_group: str = "", resource_id: str = ""
) -> str:
    """What a setting of ``kind`` belongs to, as Azure's paths name it."""
    if kind == "entra":
        return "/providers/microsoft.aadiam"
    if kind == "resource":
        return resource_id
    if kind == "defender":
        return f"/subscriptions/{subscription}/resourceGroups/{resource_group}"
    return f"/subscriptions/{subscription}"


async def resources(session: AzureSession, subscription: str) -> AsyncIterator[Resource]:
    """Every resource of the subscription, as its pages arrive. Raises ProblemError."""
    client = session.resources(subscription)
    with azure_problems(WHERE):
        async for each in client.resources.list():
            yield _resource(each)


async def find_resource(session: AzureSession, resource_id: str) -> Resource | None:
    """The resource, or the one that it is a part of; None if there is none. Raises ProblemError."""
    from azure.core.exceptions import ResourceNotFoundError

    check_name(RESOURCE_ID, resource_id, f"{WHERE}.resource_id")
    parts = resource_id.strip("/").split("/")
    if parts[2].lower() != "resourcegroups":
        return None
    subscription, group = parts[1], parts[3]
    kind = f"{parts[5]}/{parts[6]}"
    whole = "/" + "/".join(parts[:8])
    client = session.resources(subscription)
    with azure_problems(WHERE):
        found = client.resources.list_by_resource_group(group, filter=f"resourceType eq '{kind}'")
        try:
            async for each in found:
                if (each.id or "").lower() == whole.lower():
                    return _resource(each)
        except ResourceNotFoundError:
            return None
    return None


async def categories_of(session: AzureSession, resource_id: str) -> Categories:
    """What the resource can send; nothing, if it is of a type that sends no logs.

    Raises ProblemError.
    """
    from azure.core.exceptions import HttpResponseError

    check_name(RESOURCE_ID, resource_id, f"{WHERE}.resource_id")
    logs: list[str] = []
    groups: set[str] = set()
    with azure_problems(WHERE, what=resource_id):
        try:
            async for each in session.listed(
                f"{resource_id}{_CATEGORIES_PATH}", _CATEGORIES_VERSION
            ):
                properties = each.get("properties") or {}
                if properties.get("categoryType") == "Logs":
                    logs.append(each.get("name") or "")
                    groups.update(properties.get("categoryGroups") or ())
        except HttpResponseError as error:
            if error_code(error) != "ResourceTypeNotSupported":
                raise
    return Categories(tuple(logs), tuple(sorted(groups)))


async def obstacle(
    session: AzureSession, setting: DiagnosticSetting, location: str = ""
) -> Problem | None:
    """Why ``setting``, which does not exist yet, cannot be made; None: nothing is in its way.

    ``location`` is the namespace's region; empty: it is not compared.
    """
    try:
        if setting.kind == "resource":
            found = await _resource_obstacle(session, setting, location)
        else:
            found = _unknown(setting, _FIXED.get(setting.kind, ()), ())
        return found or await _crowded(session, setting)
    except ProblemError as error:
        return error.problem


async def _resource_obstacle(
    session: AzureSession, setting: DiagnosticSetting, location: str
) -> Problem | None:
    place = f"{WHERE}.resource_id"
    if not setting.scope.isascii():
        return problem(Code.AZURE_RESOURCE_ID_NOT_ASCII, place)
    if setting.scope.lower() == setting.target.namespace_id.lower():
        return problem(Code.AZURE_SETTING_OF_OWN_NAMESPACE, place)
    source = await find_resource(session, setting.scope)
    if source is None:
        return problem(
            Code.AZURE_SOURCE_NOT_FOUND, place, resource=setting.scope.rpartition("/")[2]
        )
    wished = short_location(location)
    if wished and source.location not in ("", "global", wished):
        return problem(Code.AZURE_SETTING_OTHER_REGION, place, found=source.location, wished=wished)
    offered = await categories_of(session, setting.scope)
    return _unknown(setting, offered.logs, offered.groups)


def _unknown(
    setting: DiagnosticSetting, logs: tuple[str, ...], groups: tuple[str, ...]
) -> Problem | None:
    if not logs and setting.kind == "entra":  # a list that grows; Azure itself checks it
        return None
    known = {each.lower() for each in (*logs, *(f"{GROUP}{name}" for name in groups))}
    unknown = [each for each in setting.categories if each.lower() not in known]
    if not unknown:
        return None
    offered = ", ".join((*logs, *(f"{GROUP}{name}" for name in groups))) or "no logs at all"
    return problem(
        Code.AZURE_CATEGORY_UNKNOWN,
        f"{WHERE}.categories",
        categories=", ".join(unknown),
        offered=offered,
    )


async def _crowded(session: AzureSession, setting: DiagnosticSetting) -> Problem | None:
    """The source has too many settings, or one that sends the same to the same hub."""
    there = [each async for each in list_settings(session, setting.kind, setting.scope)]
    others = [each for each in there if each.name.lower() != setting.name.lower()]
    if len(others) >= MOST_SETTINGS and setting.kind != "defender":
        return problem(Code.AZURE_TOO_MANY_SETTINGS, WHERE, limit=MOST_SETTINGS)
    for each in others:
        twice = set(each.categories) & set(setting.categories)
        if twice and each.target.is_same_hub(setting.target):
            return problem(
                Code.AZURE_CATEGORY_TWICE,
                f"{WHERE}.categories",
                f"setting {each.name}",
                categories=", ".join(sorted(twice)),
            )
    return None


def _resource(found: object) -> Resource:
    identity = str(getattr(found, "id", None) or "")
    parts = identity.split("/")
    return Resource(
        id=identity,
        name=str(getattr(found, "name", None) or ""),
        type=str(getattr(found, "type", None) or ""),
        location=short_location(str(getattr(found, "location", None) or "")),
        resource_group=parts[4] if len(parts) > 4 else "",
    )
