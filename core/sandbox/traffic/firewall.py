"""Azure Firewall's structured logs. Azure: "Azure Structured Firewall Logs"."""

from __future__ import annotations

from typing import Any

from core.sandbox.traffic.occasion import Occasion, to_microseconds
from core.sandbox.traffic.population import Population
from core.sandbox.traffic.template import Template

_HOSTS = ("packages.contoso.example", "api.partner.example", "bücher.example", "cdn.example")
_PROTOCOLS = ("TCP", "TCP", "UDP", "ICMP Type=8")
_PORTS = (53, 443, 123, 22, 3389, 8443)


class FirewallLog:
    """AZFWNetworkRule, or AZFWApplicationRule."""

    def __init__(self, population: Population, *, application: bool) -> None:
        self._constant = population.constant()
        if application:
            shapes = [_application(host, action) for host in _HOSTS for action in _ACTIONS]
        else:
            shapes = [_network(protocol, action) for protocol in _PROTOCOLS for action in _ACTIONS]
        self._templates = [Template(shape) for shape in shapes]

    def record(self, occasion: Occasion) -> bytes:
        """A connection that a rule let through or not."""
        choices = occasion.choices
        values = {
            **self._constant,
            b"id": occasion.identifier(),
            b"time": to_microseconds(occasion.ticks),
            b"source": b"192.0.2.%d" % (choices[3] % 254 + 1),
            b"target": b"198.51.100.%d" % (choices[5] % 254 + 1),
            b"source_port": b"%d" % (32_768 + (choices[6] << 7)),
            b"port": b"%d" % occasion.among(_PORTS, 7),
        }
        return occasion.among(self._templates, 4).fill(values)


_ACTIONS = ("Allow", "Allow", "Allow", "Deny")


def _around(category: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "time": "<<time>>",
        "resourceId": "/SUBSCRIPTIONS/<<SUBSCRIPTION>>/RESOURCEGROUPS/RG-HUB/PROVIDERS/"
        "MICROSOFT.NETWORK/AZUREFIREWALLS/FW-HUB",
        "category": category,
        "operationName": f"{category}Log",
        "correlationId": "<<id>>",
        "location": "westeurope",
        "properties": properties,
    }


def _network(protocol: str, action: str) -> dict[str, Any]:
    return _around(
        "AZFWNetworkRule",
        {
            "Protocol": protocol,
            "SourceIp": "<<source>>",
            "SourcePort": "<<#source_port>>",
            "DestinationIp": "<<target>>",
            "DestinationPort": "<<#port>>",
            "Action": action,
            "ActionReason": "" if action == "Allow" else "Default Action",
            "Policy": "fwp-hub",
            "RuleCollectionGroup": "DefaultNetworkRuleCollectionGroup",
            "RuleCollection": "to-partners",
            "Rule": "partners-any",
        },
    )


def _application(host: str, action: str) -> dict[str, Any]:
    return _around(
        "AZFWApplicationRule",
        {
            "Protocol": "HTTPS",
            "SourceIp": "<<source>>",
            "SourcePort": "<<#source_port>>",
            "DestinationPort": 443,
            "Fqdn": host,
            "TargetUrl": "",
            "Action": action,
            "Policy": "fwp-hub",
            "RuleCollectionGroup": "DefaultApplicationRuleCollectionGroup",
            "RuleCollection": "web",
            "Rule": "web-allowed" if action == "Allow" else "",
            "IsTlsInspected": False,
            "WebCategory": "Information",
            "IsExplicitProxyRequest": False,
        },
    )
