"""MicrosoftGraphActivityLogs: one record for each HTTP request to Microsoft Graph.

Azure: "MicrosoftGraphActivityLogs" (Azure Monitor tables).
"""

from __future__ import annotations

from typing import Any

from core.sandbox.traffic.occasion import Occasion, guid, to_ticks
from core.sandbox.traffic.population import Population
from core.sandbox.traffic.template import Template, text

_REQUESTS = (
    ("GET", "users?$filter=startswith(displayName,'Ø')&$top=100", 200),
    ("GET", "groups/delta?$select=displayName,members", 200),
    ("POST", "$batch", 200),
    ("GET", "auditLogs/signIns?$filter=createdDateTime ge 2026-01-01", 200),
    ("PATCH", "devices/<<guid_2>>", 204),
    ("GET", "users/<<guid_2>>/mailFolders", 403),
    ("GET", "servicePrincipals(appId='<<guid_2>>')", 404),
    ("GET", "reports/getOffice365ActiveUserDetail(period='D7')", 429),
)
_AGENTS = tuple(map(text, ("contoso-sync/2.4 (+https://contoso.example)", "python-requests", "")))
_ROLES = ("Directory.Read.All", "User.Read.All", "AuditLog.Read.All", "Group.Read.All")


class GraphActivity:
    """Records of category MicrosoftGraphActivityLogs."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._constant = population.constant() | {b"wid": population.id_of("role template")}
        self._templates = [
            Template(_shape(method, uri, status, delegated=delegated), spaced=True)
            for delegated in (False, True)
            for method, uri, status in _REQUESTS
        ]

    def record(self, occasion: Occasion) -> bytes:
        """An everyday request, of an app alone or for a user."""
        digits, choices = occasion.digits, occasion.choices
        identifier = occasion.identifier()
        took = (choices[8] << 12) + choices[9]
        values = {
            **self._constant,
            **occasion.mostly(self._population.users, 0).values,
            **occasion.among(self._population.workloads, 2).values,
            b"id": identifier,
            b"guid_1": guid(digits[32:64]),
            b"guid_2": guid(digits[64:96]),
            b"token": digits[40:62],
            b"time": to_ticks(occasion.ticks),
            b"issued": b"%d" % (occasion.ticks // 10_000_000 - 300),
            b"issued_at": to_ticks(occasion.ticks - 3_000_000_000),
            b"took": b"%d" % took,
            b"size": b"%d" % (choices[10] * 97),
            b"caller_agent": occasion.among(_AGENTS, 11),
        }
        return occasion.among(self._templates, 4).fill(values)


def _shape(method: str, uri: str, status: int, *, delegated: bool) -> dict[str, Any]:
    address = "<<ip>>" if delegated else "<<sp_ip>>"
    level: dict[str, Any] = {"level": "Informational"} if delegated else {"Level": 4}
    return {
        "time": "<<time>>",
        "resourceId": "/TENANTS/<<TENANT>>/PROVIDERS/MICROSOFT.AADIAM",
        "operationName": "Microsoft Graph Activity",
        "operationVersion": "beta" if delegated else "v1.0",
        "category": "MicrosoftGraphActivityLogs",
        "resultSignature": str(status),
        "durationMs": "<<took>>",
        "callerIpAddress": address,
        "correlationId": "<<id>>",
        **level,
        "location": "West Europe",
        "tenantId": "<<tenant>>",
        "properties": {
            "__UDI_RequiredFields_TenantId": "<<tenant>>",
            "__UDI_RequiredFields_EventTime": "<<#issued>>",
            "timeGenerated": "<<time>>",
            "location": "West Europe",
            "requestId": "<<guid_1>>",
            "operationId": "<<guid_1>>",
            "clientRequestId": "<<guid_2>>",
            "apiVersion": "beta" if delegated else "v1.0",
            "requestMethod": method,
            "responseStatusCode": status,
            "tenantId": "<<tenant>>",
            "durationMs": "<<#took>>",
            "responseSizeBytes": "<<#size>>",
            "signInActivityId": "<<token>>",
            "roles": "" if delegated else " ".join(_ROLES),
            "appId": "<<sp_id>>",
            "UserPrincipalObjectID": "<<user_id>>" if delegated else "",
            "scopes": " ".join(_ROLES[:2]) if delegated else "",
            "identityProvider": "https://sts.windows.net/<<tenant>>/",
            "clientAuthMethod": "2",
            "wids": "<<wid>>",
            "C_Idtyp": "user" if delegated else "app",
            "C_Iat": "<<issued>>",
            "ipAddress": address,
            "userAgent": "<<caller_agent>>",
            "requestUri": f"https://graph.microsoft.com/v1.0/{uri}",
            "userId": "<<user_id>>" if delegated else None,
            "servicePrincipalId": None if delegated else "<<sp_object>>",
            "tokenIssuedAt": "<<issued_at>>",
        },
    }
