"""The lines of azure-cli that do by hand what the tasks of the Azure half do.

Names of commands and options: "Azure CLI reference", groups ``provider``, ``group``, ``eventhubs``
and ``monitor diagnostic-settings``. No line holds a secret.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from core.azure.namespaces import NamespaceWish
from core.onboarding.journal import Thing

if TYPE_CHECKING:
    from core.onboarding.azure_world import AzureWorld


def register_provider(world: AzureWorld, provider: str) -> str:
    """Register ``provider`` and wait."""
    return _az("provider register", "--wait", namespace=provider, subscription=world.subscription)


def create_group(world: AzureWorld) -> str:
    """Create the resource group."""
    azure = world.azure
    return _az(
        "group create",
        name=azure.resource_group,
        location=azure.location,
        subscription=world.subscription,
        tags=_tags(world),
    )


def create_namespace(world: AzureWorld, wish: NamespaceWish) -> str:
    """Create the namespace."""
    inflate = {}
    if wish.auto_inflate:
        inflate = {"enable-auto-inflate": "true", "maximum-throughput-units": str(wish.max_units)}
    return _az(
        "eventhubs namespace create",
        **{
            "name": wish.name,
            "resource-group": wish.resource_group,
            "location": wish.location,
            "sku": wish.sku,
            "capacity": str(wish.units),
            **inflate,
            "minimum-tls-version": "1.2",
            "subscription": world.subscription,
            "tags": _tags(world),
        },
    )


def create_event_hub(world: AzureWorld) -> str:
    """Create the event hub."""
    hub = world.azure.event_hub
    return _az(
        "eventhubs eventhub create",
        **{
            "name": hub.name,
            **_place(world),
            "partition-count": str(hub.partitions),
            "cleanup-policy": "Delete",
            "retention-time": str(hub.retention_hours),
            "subscription": world.subscription,
        },
    )


def create_policy(world: AzureWorld, name: str, hub: str | None, rights: tuple[str, ...]) -> str:
    """Create a shared access policy."""
    group = "eventhub" if hub else "namespace"
    return _az(
        f"eventhubs {group} authorization-rule create",
        **{"name": name, **_place(world), **({"eventhub-name": hub} if hub else {})},
        rights=" ".join(rights),
        subscription=world.subscription,
    )


def show_keys(world: AzureWorld, name: str, hub: str | None) -> str:
    """Show the connection string of a policy."""
    group = "eventhub" if hub else "namespace"
    return _az(
        f"eventhubs {group} authorization-rule keys list",
        **{"name": name, **_place(world), **({"eventhub-name": hub} if hub else {})},
        query="primaryConnectionString",
        subscription=world.subscription,
    )


def put_setting(url: str, body: dict[str, object]) -> str:
    """Put a diagnostic setting; one form for all of its kinds."""
    text = json.dumps(body, separators=(",", ":"))
    return _az("rest", method="put", url=url, body=text)


def delete(thing: Thing, url: str = "") -> str:
    """Delete a thing that stands in the journal; ``url`` is that of a diagnostic setting."""
    inside = {"resource-group": thing.resource_group, "namespace-name": thing.namespace}
    if thing.type == "resource_group":
        return _az("group delete", name=thing.name, subscription=thing.subscription)
    if thing.type == "namespace":
        place = {"name": thing.name, "resource-group": thing.resource_group}
        return _az("eventhubs namespace delete", **place, subscription=thing.subscription)
    if thing.type == "event_hub":
        return _az(
            "eventhubs eventhub delete",
            **{"name": thing.name, **inside},
            subscription=thing.subscription,
        )
    if thing.type == "policy":
        group = "eventhub" if thing.hub else "namespace"
        hub = {"eventhub-name": thing.hub} if thing.hub else {}
        return _az(
            f"eventhubs {group} authorization-rule delete",
            **{"name": thing.name, **inside, **hub},
            subscription=thing.subscription,
        )
    if thing.type == "diagnostic_setting":
        return _az("rest", method="delete", url=url)
    return ""


def _place(world: AzureWorld) -> dict[str, str]:
    azure = world.azure
    return {"resource-group": azure.resource_group, "namespace-name": azure.namespace.name}


def _tags(world: AzureWorld) -> str:
    return " ".join(f"{name}={value}" for name, value in world.tags.items())


def _az(verb: str, *flags: str, **options: str) -> str:
    words = [f"az {verb}"]
    for name, value in options.items():
        many = name in ("rights", "tags")
        words.append(f"--{name} {value if many else shlex.quote(value)}")
    return " ".join([*words, *flags])
