"""Tenants, subscriptions and locations. Source: "Azure REST API: Resources - Subscriptions"."""

from __future__ import annotations

from typing import Any

from core.sandbox.azure.directory import Subscription, Tenant
from core.sandbox.azure.ids import subscription_id
from core.sandbox.azure.service import Service, page
from core.sandbox.azure.wire import Answer, Call

LOCATIONS = {
    "eastus": ("East US", "westus", "US"),
    "eastus2": ("East US 2", "centralus", "US"),
    "westus": ("West US", "eastus", "US"),
    "westus2": ("West US 2", "westcentralus", "US"),
    "centralus": ("Central US", "eastus2", "US"),
    "northeurope": ("North Europe", "westeurope", "Europe"),
    "westeurope": ("West Europe", "northeurope", "Europe"),
    "germanywestcentral": ("Germany West Central", "germanynorth", "Europe"),
    "francecentral": ("France Central", "francesouth", "Europe"),
    "switzerlandnorth": ("Switzerland North", "switzerlandwest", "Europe"),
    "uksouth": ("UK South", "ukwest", "Europe"),
    "eastasia": ("East Asia", "southeastasia", "Asia Pacific"),
    "southeastasia": ("Southeast Asia", "eastasia", "Asia Pacific"),
    "japaneast": ("Japan East", "japanwest", "Asia Pacific"),
    "koreacentral": ("Korea Central", "koreasouth", "Asia Pacific"),
    "centralindia": ("Central India", "southindia", "Asia Pacific"),
    "australiaeast": ("Australia East", "australiasoutheast", "Asia Pacific"),
    "uaenorth": ("UAE North", "uaecentral", "Middle East"),
    "chinaeast2": ("China East 2", "chinanorth2", "China"),
    "chinanorth3": ("China North 3", "chinaeast3", "China"),
}
"""Name of a location -> display name, paired location, geography. A selection."""


async def list_tenants(service: Service, call: Call) -> Answer:
    """Every tenant that the caller is known in."""
    return page(service, call, [_tenant(item, service) for item in service.directory.tenants])


async def list_subscriptions(service: Service, call: Call) -> Answer:
    """The subscriptions of the tenant that made the caller's token."""
    mine = [
        item.subscription
        for item in service.directory.tenants
        if item.id == call.principal.tenant
        and service.access.rights(subscription_id(item.subscription.id)).allow(
            "Microsoft.Resources/subscriptions/read"
        )
    ]
    return page(service, call, [_subscription(item) for item in mine])


async def get_subscription(service: Service, call: Call, identity: str) -> Answer:
    """One subscription; that it is there was checked before."""
    found = service.directory.subscription(identity)
    assert found is not None  # noqa: S101
    return Answer(200, _subscription(found))


async def list_locations(service: Service, call: Call, identity: str) -> Answer:
    """The locations that a subscription may use."""
    return Answer(200, {"value": [_location(identity, name) for name in LOCATIONS]})


def _tenant(tenant: Tenant, service: Service) -> dict[str, Any]:
    return {
        "id": f"/tenants/{tenant.id}",
        "tenantId": tenant.id,
        "countryCode": tenant.country,
        "displayName": tenant.name,
        "domains": [tenant.domain],
        "defaultDomain": tenant.domain,
        "tenantCategory": "Home",
        "tenantType": "AAD",
    }


def _subscription(item: Subscription) -> dict[str, Any]:
    return {
        "id": subscription_id(item.id),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": item.id,
        "tenantId": item.tenant,
        "displayName": item.name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def _location(subscription: str, name: str) -> dict[str, Any]:
    display, pair, geography = LOCATIONS[name]
    base = f"/subscriptions/{subscription}/locations"
    return {
        "id": f"{base}/{name}",
        "name": name,
        "type": "Region",
        "displayName": display,
        "regionalDisplayName": f"({geography}) {display}",
        "metadata": {
            "regionType": "Physical",
            "regionCategory": "Recommended",
            "geography": geography,
            "geographyGroup": geography,
            "pairedRegion": [{"name": pair, "id": f"{base}/{pair}"}],
        },
    }
