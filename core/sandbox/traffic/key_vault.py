"""AuditEvent of key vaults. Azure: "Azure Key Vault logging", section "Interpret your logs"."""

from __future__ import annotations

from typing import Any

from core.sandbox.traffic.occasion import Occasion, to_ticks
from core.sandbox.traffic.population import Actor, Population
from core.sandbox.traffic.template import Template

_OPERATIONS = ("SecretGet", "SecretGet", "KeySign", "VaultGet", "SecretList", "CertificateGet")
_VAULTS = ("kv-prod", "kv-shop", "kv-build")
_URL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


class KeyVaultAudit:
    """Records of category AuditEvent."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._constant = population.constant()
        self._app = [Template(_shape(name, denied=d)) for name in _OPERATIONS for d in (0, 0, 0, 1)]
        self._user = Template(_shape("SecretGet", user=True))
        self._vaults = [
            {b"vault": name.encode(), b"VAULT": name.upper().encode()} for name in _VAULTS
        ]

    def record(self, occasion: Occasion) -> bytes:
        """An everyday operation of a workload."""
        workload = occasion.among(self._population.workloads, 5)
        vault = occasion.among(self._vaults, 6)
        values = self._values(occasion, workload.values, vault, workload.address)
        return occasion.among(self._app, 4).fill(values)

    def secret_read(self, occasion: Occasion, user: Actor, address: str) -> bytes:
        """``user`` reads a secret of the first vault."""
        values = self._values(occasion, user.values, self._vaults[0], address)
        return self._user.fill(values)

    def _values(
        self,
        occasion: Occasion,
        actor: dict[bytes, bytes],
        vault: dict[bytes, bytes],
        address: str,
    ) -> dict[bytes, bytes]:
        return {
            **self._constant,
            **actor,
            **vault,
            b"caller": address.encode(),
            b"id": occasion.identifier(),
            b"time": to_ticks(occasion.ticks),
            b"took": b"%d" % (occasion.choices[8] >> 2),
            b"version": occasion.digits[32:64],
            b"serial": occasion.digits[90:92],
        }


def _shape(operation: str, *, denied: int = 0, user: bool = False) -> dict[str, Any]:
    claim: dict[str, Any] = {"oid": "<<sp_object>>", "appid": "<<sp_id>>"}
    if user:
        claim = {"oid": "<<user_id>>", _URL: "<<upn>>"}
    item = f"{operation.removesuffix('Get').lower()}s/db-<<serial>>"
    return {
        "time": "<<time>>",
        "category": "AuditEvent",
        "operationName": operation,
        "resultType": "Success",
        "resultSignature": "Forbidden" if denied else "OK",
        "resultDescription": "Caller is not authorized to perform action.\r\n" if denied else "",
        "correlationId": "<<id>>",
        "callerIpAddress": "<<caller>>",
        "durationMs": "<<took>>",
        "operationVersion": "7.5",
        "resourceId": "/SUBSCRIPTIONS/<<SUBSCRIPTION>>/RESOURCEGROUPS/RG-SHOP/PROVIDERS/"
        "MICROSOFT.KEYVAULT/VAULTS/<<VAULT>>",
        "tenantId": "<<tenant>>",
        "location": "westeurope",
        "Level": "Warning" if denied else "Informational",
        "identity": {"claim": claim},
        "properties": {
            "id": f"https://<<vault>>.vault.azure.net/{item}/<<version>>",
            "clientInfo": "azsdk-python-keyvault-secrets/4.8.0 Python/3.11",
            "requestUri": f"https://<<vault>>.vault.azure.net/{item}?api-version=7.5",
            "httpStatusCode": 403 if denied else 200,
            "isRbacAuthorized": not denied,
            "subnetId": None,
            "tlsVersion": "TLS1_3",
            "trustedService": "",
        },
    }
