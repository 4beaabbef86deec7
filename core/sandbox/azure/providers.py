"""Resource providers and their registration. Source: "Azure resource providers and types"."""

from __future__ import annotations

import time
from typing import Any

from core.sandbox.azure.ids import EVENT_HUB, INSIGHTS, SECURITY
from core.sandbox.azure.service import Service, page
from core.sandbox.azure.tenants import LOCATIONS
from core.sandbox.azure.wire import Answer, ArmError, Call

TYPES = {
    EVENT_HUB: ("namespaces", "clusters", "locations", "operations", "checkNameAvailability"),
    INSIGHTS: ("diagnosticSettings", "diagnosticSettingsCategories", "components"),
    SECURITY: ("automations", "alerts", "pricings"),
    "Microsoft.Resources": ("subscriptions", "resourceGroups", "tenants", "operations"),
    "Microsoft.Authorization": ("permissions", "roleAssignments", "policyAssignments"),
    "Microsoft.KeyVault": ("vaults",),
    "Microsoft.Network": ("azureFirewalls", "networkSecurityGroups", "publicIPAddresses"),
    "Microsoft.Storage": ("storageAccounts",),
    "Microsoft.Compute": ("virtualMachines", "disks"),
    "Microsoft.Web": ("sites",),
    "Microsoft.Sql": ("servers", "servers/databases"),
    "Microsoft.ContainerService": ("managedClusters",),
}
"""Provider -> its resource types. A selection."""

REGISTERED, REGISTERING, NOT_REGISTERED = "Registered", "Registering", "NotRegistered"
_REGISTERING_SECONDS = 0.5


def _key(subscription: str, provider: str) -> str:
    return f"provider/{subscription}/{provider}"


def state(service: Service, subscription: str, provider: str) -> str:
    """Registered, Registering or NotRegistered."""
    kept = service.store.get(_key(subscription, provider))
    if kept is None:
        return REGISTERED
    if kept["state"] == REGISTERING and time.time() >= kept["due"]:
        return REGISTERED
    return str(kept["state"])


def set_state(service: Service, subscription: str, provider: str, wanted: str) -> None:
    """Set it; Registering becomes Registered by itself."""
    document = {"state": wanted, "due": time.time() + _REGISTERING_SECONDS}
    service.store.put({_key(subscription, provider): document})


def check_registered(service: Service, subscription: str, provider: str) -> None:
    """Raise ArmError if the subscription may not make resources of ``provider``."""
    if state(service, subscription, provider) != REGISTERED:
        raise ArmError(
            409,
            "MissingSubscriptionRegistration",
            f"The subscription is not registered to use namespace '{provider}'. See "
            "https://aka.ms/rps-not-found for how to register subscriptions.",
            more={
                "details": [
                    {
                        "code": "MissingSubscriptionRegistration",
                        "target": provider,
                        "message": f"The subscription is not registered to use '{provider}'.",
                    }
                ]
            },
        )


async def list_providers(service: Service, call: Call, subscription: str) -> Answer:
    """All providers."""
    return page(service, call, [_shown(service, subscription, name) for name in TYPES])


async def get_provider(service: Service, call: Call, subscription: str, name: str) -> Answer:
    """One provider with its registration and resource types."""
    return Answer(200, _shown(service, subscription, _known(name)))


async def register(service: Service, call: Call, subscription: str, name: str) -> Answer:
    """Register it; that takes a while, and the client has to look again."""
    provider = _known(name)
    if state(service, subscription, provider) != REGISTERED:
        set_state(service, subscription, provider, REGISTERING)
    return Answer(200, _shown(service, subscription, provider))


async def unregister(service: Service, call: Call, subscription: str, name: str) -> Answer:
    """Take the registration back."""
    provider = _known(name)
    set_state(service, subscription, provider, NOT_REGISTERED)
    return Answer(200, _shown(service, subscription, provider))


def _known(name: str) -> str:
    found = next((item for item in TYPES if item.lower() == name.lower()), None)
    if found is None:
        raise ArmError(
            404,
            "InvalidResourceNamespace",
            f"The resource namespace '{name}' is invalid.",
        )
    return found


def _shown(service: Service, subscription: str, name: str) -> dict[str, Any]:
    display_names = [display for display, _, _ in LOCATIONS.values()]
    return {
        "id": f"/subscriptions/{subscription}/providers/{name}",
        "namespace": name,
        "registrationState": state(service, subscription, name),
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": [
            {
                "resourceType": kind,
                "locations": display_names,
                "apiVersions": ["2026-01-01", "2024-01-01", "2021-05-01-preview"],
                "capabilities": "None",
            }
            for kind in TYPES[name]
        ],
    }
