"""What a namespace may be: its name, place, tier and settings.

Source: "Azure: Event Hubs quotas"; "Azure: naming rules for resources"; "Azure: Event Hubs Resource
Manager exceptions": a name that is taken is a bad request, not a conflict (ARM-01). Texts that no
page has are our own (ARM-05), so is what can become of a tier (ARM-06).
"""

from __future__ import annotations

import re
from typing import Any

from core.sandbox.azure.ids import plain_location
from core.sandbox.azure.scenarios import Scenario
from core.sandbox.azure.service import Service
from core.sandbox.azure.store import Document
from core.sandbox.azure.tenants import LOCATIONS
from core.sandbox.azure.wire import ArmError, flag, number, text
from core.sandbox.event_hubs.tiers import TIERS, Sku

NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]")
NAME_NOT_AVAILABLE = (
    "The specified name is not available. For more information visit "
    "https://aka.ms/eventhubsarmexceptions."
)
_TLS = ("1.0", "1.1", "1.2", "1.3")
_ACCESS = ("Enabled", "Disabled", "SecuredByPerimeter")


def check_policy(service: Service, kind: str, identity: str) -> None:
    """Raise the ArmError of an Azure Policy assignment that denies resources of ``kind``."""
    if Scenario.POLICY_DENIED not in service.scenarios:
        return
    if service.scenarios.option(Scenario.POLICY_DENIED, "type").lower() != kind.lower():
        return
    name = identity.rpartition("/")[2]
    assignment = "/providers/Microsoft.Management/managementGroups/contoso/providers"
    assignment += "/Microsoft.Authorization/policyAssignments/not-allowed-resource-types"
    definition = "/providers/Microsoft.Authorization/policyDefinitions"
    definition += "/6c112d4e-5bc7-47ae-a041-ea2d9dccd749"
    raise ArmError(
        403,
        "RequestDisallowedByPolicy",
        f"Resource '{name}' was disallowed by policy. Policy identifiers: "
        f'\'[{{"policyAssignment":{{"name":"Not allowed resource types","id":"{assignment}"}},'
        f'"policyDefinition":{{"name":"Not allowed resource types","id":"{definition}"}}}}]\'.',
        more={
            "target": name,
            "additionalInfo": [
                {
                    "type": "PolicyViolation",
                    "info": {
                        "policyAssignmentDisplayName": "Not allowed resource types",
                        "policyAssignmentId": assignment,
                        "policyDefinitionDisplayName": "Not allowed resource types",
                        "policyDefinitionId": definition,
                        "policyDefinitionEffect": "deny",
                    },
                }
            ],
        },
    )


def check_location(given: str, name: str, group: str, known: Document | None) -> str:
    """The location's name; ArmError if there is none of it, or the namespace is elsewhere."""
    location = plain_location(given)
    if not location:
        raise ArmError(
            400, "LocationRequired", "The location property is required for this definition."
        )
    if known is not None and known["location"] != location:
        raise ArmError(
            409,
            "InvalidResourceLocation",
            f"The resource '{name}' already exists in location '{known['location']}' in resource "
            f"group '{group}'. A resource with the same name cannot be created in location "
            f"'{location}'. Please select a new resource name.",
        )
    if location not in LOCATIONS:
        raise ArmError(
            400,
            "LocationNotAvailableForResourceType",
            f"The provided location '{location}' is not available for resource type "
            "'Microsoft.EventHub/namespaces'. List of available regions for the resource type is "
            f"'{','.join(LOCATIONS)}'.",
        )
    return location


def checked_sku(given: Any, known: dict[str, Any] | None) -> dict[str, Any]:
    """Name, tier and capacity; ArmError for a tier or a number of units that cannot be."""
    given = given or known or {}
    if not isinstance(given, dict):
        raise ArmError(400, "BadRequest", "The value of 'sku' is not valid.")
    name = text(given, "name") or (known or {}).get("name") or Sku.STANDARD
    names = {item.lower(): item for item in (Sku.BASIC, Sku.STANDARD, Sku.PREMIUM)}
    sku = names.get(str(name).lower())
    if sku is None:
        raise ArmError(400, "BadRequest", f"The tier '{name}' is not one of {', '.join(names)}.")
    before = (known or {}).get("name")
    if before and before != sku and Sku.PREMIUM in (before, sku):
        raise ArmError(400, "BadRequest", f"A namespace of the {before} tier cannot become {sku}.")
    capacity = number(given, "capacity")
    capacity = 1 if capacity is None else capacity
    most = TIERS[sku].units
    if not 1 <= capacity <= most:
        raise ArmError(
            400, "BadRequest", f"The capacity of the {sku} tier is 1 to {most}, not {capacity}."
        )
    return {"name": str(sku), "tier": str(sku), "capacity": capacity}


def checked_properties(
    given: dict[str, Any], sku: dict[str, Any], known: dict[str, Any]
) -> dict[str, Any]:
    """The settings; what is not given is as it was. ArmError for what cannot be."""
    inflates = flag(given, "isAutoInflateEnabled", known.get("isAutoInflateEnabled", False))
    most = number(given, "maximumThroughputUnits")
    most = known.get("maximumThroughputUnits", 0) if most is None else most
    if inflates and sku["name"] != Sku.STANDARD:
        raise ArmError(400, "BadRequest", f"The {sku['name']} tier has no auto-inflate.")
    if inflates and not sku["capacity"] <= most <= TIERS[Sku.STANDARD].units:
        raise ArmError(
            400,
            "BadRequest",
            "MaximumThroughputUnits must be at least the capacity and at most "
            f"{TIERS[Sku.STANDARD].units}.",
        )
    return {
        "isAutoInflateEnabled": inflates,
        "maximumThroughputUnits": most if inflates else 0,
        "minimumTlsVersion": _one_of(given, "minimumTlsVersion", known, "1.2", _TLS),
        "publicNetworkAccess": _one_of(given, "publicNetworkAccess", known, "Enabled", _ACCESS),
        "disableLocalAuth": flag(given, "disableLocalAuth", known.get("disableLocalAuth", False)),
        "zoneRedundant": flag(given, "zoneRedundant", known.get("zoneRedundant", True)),
    }


def _one_of(
    given: dict[str, Any], name: str, known: dict[str, Any], default: str, allowed: tuple[str, ...]
) -> str:
    value = text(given, name) or known.get(name) or default
    if value not in allowed:
        raise ArmError(400, "BadRequest", f"The value '{value}' of '{name}' is not valid.")
    return str(value)
