"""The Azure clouds: where Azure Resource Manager and Microsoft Entra ID are in each.

Sources: "Azure: endpoints of national clouds"; for China "Azure China developer guide" (endpoints
in Azure operated by 21Vianet). The suffix of a namespace is for showing and checking only; the
address of one that exists is read from Azure.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass

_KNOWN_AUTHORITIES = frozenset(
    {"login.microsoftonline.com", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn"}
)


@dataclass(frozen=True)
class Cloud:
    """One Azure cloud, or what stands in for it.

    Attributes:
        name: ``public`` or ``china``.
        arm: URL of Azure Resource Manager, without a slash at its end.
        authority: URL of Microsoft Entra ID, without a slash at its end.
        scope: what a token for Azure Resource Manager is asked for.
        kafka_suffix: how the host of every namespace ends.
        graph: URL of Microsoft Graph.
        portal: URL of the Azure portal.
    """

    name: str
    arm: str
    authority: str
    scope: str
    kafka_suffix: str
    graph: str
    portal: str

    @property
    def authority_host(self) -> str:
        """Host, and port if one is named, of Microsoft Entra ID."""
        return urllib.parse.urlsplit(self.authority).netloc

    @property
    def is_known_authority(self) -> bool:
        """Whether Microsoft's own list of authorities has this one; else it is not asked."""
        return self.authority_host in _KNOWN_AUTHORITIES


_CLOUDS = {
    "public": Cloud(
        name="public",
        arm="https://management.azure.com",
        authority="https://login.microsoftonline.com",
        scope="https://management.azure.com/.default",
        kafka_suffix=".servicebus.windows.net",
        graph="https://graph.microsoft.com",
        portal="https://portal.azure.com",
    ),
    "china": Cloud(
        name="china",
        arm="https://management.chinacloudapi.cn",
        authority="https://login.partner.microsoftonline.cn",
        scope="https://management.chinacloudapi.cn/.default",
        kafka_suffix=".servicebus.chinacloudapi.cn",
        graph="https://microsoftgraph.chinacloudapi.cn",
        portal="https://portal.azure.cn",
    ),
}


def cloud(name: str, arm: str = "", authority: str = "") -> Cloud:
    """The cloud ``name``, with other endpoints where they are given.

    A token for another Azure Resource Manager is asked for that one only, so that no token of
    the real cloud ever travels to another place. Raises KeyError for an unknown name.
    """
    known = _CLOUDS[name]
    chosen = (arm or known.arm).rstrip("/")
    return Cloud(
        name=name,
        arm=chosen,
        authority=(authority or known.authority).rstrip("/"),
        scope=known.scope if chosen == known.arm else f"{chosen}/.default",
        kafka_suffix=known.kafka_suffix,
        graph=known.graph,
        portal=known.portal,
    )
