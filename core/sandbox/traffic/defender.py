"""Alerts of Microsoft Defender for Cloud, which come as bare objects without an envelope.

Azure: "Security alerts schemas" (Defender for Cloud), tab continuous export. ``correlationId`` is
the generator's own: real alerts have none.
"""

from __future__ import annotations

from typing import Any

from core.sandbox.traffic.occasion import Occasion, guid, to_seconds, to_ticks
from core.sandbox.traffic.population import Population
from core.sandbox.traffic.template import Template

_ALERTS = (
    ("VM_SuspiciousActivity", "Suspicious process executed", "High", "Execution"),
    ("K8S_PrivilegedContainer", "Privileged container detected", "Low", "PrivilegeEscalation"),
    ("Storage.Blob_GeoAnomaly", "Access from an unusual location", "Medium", "Collection"),
    ("KV_OperationVolumeAnomaly", "High volume of operations in a vault", "Medium", "Collection"),
)


class DefenderAlerts:
    """Alerts, each a message of its own."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._constant = population.constant()
        self._templates = [Template(_shape(*alert)) for alert in _ALERTS]

    def record(self, occasion: Occasion) -> bytes:
        """An alert on a machine."""
        ticks = occasion.ticks
        values = {
            **self._constant,
            **occasion.mostly(self._population.users, 0).values,
            b"id": occasion.identifier(),
            b"guid_1": guid(occasion.digits[32:64]),
            b"serial": occasion.digits[90:94],
            b"generated": to_ticks(ticks),
            b"start": to_ticks(ticks - 300_000_000),
            b"end": to_seconds(ticks),
            b"score": b"0.%d" % (occasion.choices[8] % 9 + 1),
        }
        return occasion.among(self._templates, 4).fill(values)


def _shape(kind: str, title: str, severity: str, intent: str) -> dict[str, Any]:
    machine = (
        "/subscriptions/<<subscription>>/resourceGroups/rg-shop/providers/"
        "Microsoft.Compute/virtualMachines/vm-<<serial>>"
    )
    return {
        "VendorName": "Microsoft",
        "AlertType": kind,
        "StartTimeUtc": "<<start>>",
        "EndTimeUtc": "<<end>>",
        "ProcessingEndTime": "<<generated>>",
        "TimeGenerated": "<<generated>>",
        "IsIncident": False,
        "Severity": severity,
        "Status": "New",
        "ProductName": "Microsoft Defender for Cloud",
        "ProductComponentName": None,
        "SystemAlertId": "<<guid_1>>",
        "correlationId": "<<id>>",
        "CompromisedEntity": "VM-<<serial>>",
        "Intent": intent,
        "AlertDisplayName": title,
        "Description": f"{title}: “vm-<<serial>>”\r\nSigned in: <<user>>",
        "ConfidenceScore": "<<#score>>",
        "RemediationSteps": ["Isolate the machine.", 'Read its "security" log.'],
        "ExtendedProperties": {
            "resourceType": "Virtual Machine",
            "compromised host": "VM-<<serial>>",
            "parentProcess": r"C:\Windows\System32\cmd.exe",
            "attempts": 3,
        },
        "Entities": [
            {"$id": "1", "Type": "host", "HostName": "vm-<<serial>>", "IsDomainJoined": True},
            {"$id": "2", "Type": "account", "Name": "<<user>>", "Host": {"$ref": "1"}},
            {"$id": "3", "Type": "ip", "Address": "<<ip>>", "Location": None},
        ],
        "ResourceIdentifiers": [{"$id": "4", "Type": "AAD", "AzureResourceId": machine}],
        "AlertUri": "https://portal.azure.com/#blade/Alert/<<guid_1>>/location/westeurope",
    }
