"""Resource ids of Azure Resource Manager, made and taken apart. Case does not count in them."""

from __future__ import annotations

from dataclasses import dataclass

EVENT_HUB = "Microsoft.EventHub"
INSIGHTS = "Microsoft.Insights"
SECURITY = "Microsoft.Security"


@dataclass(frozen=True)
class ResourceId:
    """A resource id in parts.

    Attributes:
        group: the resource group; empty for what is in none.
        type: provider and types, ``Microsoft.EventHub/namespaces/eventhubs``; empty for a
            subscription or a resource group.
        names: one for each type.
        text: the whole of it.
    """

    subscription: str
    group: str
    type: str
    names: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        """The last of its names."""
        return self.names[-1]

    def is_a(self, kind: str) -> bool:
        """Whether it is of that type."""
        return self.type.lower() == kind.lower()


def parse(text: str) -> ResourceId | None:
    """The parts of a resource id; None if ``text`` is none. A resource's own one, no extension."""
    parts = text.strip("/").split("/")
    if not text.startswith("/") or parts[0].lower() != "subscriptions" or "" in parts:
        return None
    subscription, rest, group = parts[1] if len(parts) > 1 else "", parts[2:], ""
    if len(rest) >= 2 and rest[0].lower() == "resourcegroups":
        group, rest = rest[1], rest[2:]
    if not rest:
        return (
            ResourceId(subscription, group, "", (group or subscription,), text)
            if (subscription)
            else None
        )
    if rest[0].lower() != "providers" or len(rest) < 4 or len(rest) % 2:
        return None
    kind = "/".join([rest[1], *rest[2::2]])
    return ResourceId(subscription, group, kind, tuple(rest[3::2]), text)


def subscription_id(subscription: str) -> str:
    """Id of a subscription."""
    return f"/subscriptions/{subscription}"


def group_id(subscription: str, group: str) -> str:
    """Id of a resource group."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def namespace_id(subscription: str, group: str, name: str) -> str:
    """Id of an Event Hubs namespace."""
    return f"{group_id(subscription, group)}/providers/{EVENT_HUB}/namespaces/{name}"


def top_resource(text: str) -> str:
    """Id of the resource that ``text``, the id of something in it, is below."""
    return "/".join(text.split("/")[:9])


def plain_location(name: str) -> str:
    """A location's name from its display name: ``East Asia`` is ``eastasia``."""
    return name.replace(" ", "").lower()
