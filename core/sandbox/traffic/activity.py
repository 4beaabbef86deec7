"""The activity log of a subscription: Administrative, and a few of category Alert.

Azure: "Azure activity log event schema", section "Schema from storage account and event hubs".
"""

from __future__ import annotations

import json
from typing import Any

from core.sandbox.traffic.kinds import ADMINISTRATIVE, ALERT, Kinds, is_category_sent
from core.sandbox.traffic.occasion import Occasion, guid, to_milliseconds, to_ticks
from core.sandbox.traffic.population import Actor, Population
from core.sandbox.traffic.template import Template

DELETE_DIAGNOSTIC_SETTING = "MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE"
_SETTING = "/PROVIDERS/MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/SIEM-EXPORT"
_CLAIMS = "http://schemas.microsoft.com/"
_NAMES = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

_OPERATIONS = (
    ("Microsoft.Compute/virtualMachines/start/action", "Microsoft.Compute/virtualMachines/vm-"),
    ("MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION", "Microsoft.Storage/storageAccounts/st"),
    ("Microsoft.Resources/deployments/write", "Microsoft.Resources/deployments/deploy-"),
    ("MICROSOFT.NETWORK/NETWORKINTERFACES/WRITE", "Microsoft.Network/networkInterfaces/nic-"),
    ("Microsoft.Authorization/policies/audit/action", "Microsoft.Web/sites/app-"),
)
_RESULTS = (
    ("Start", "Started.", "Accepted"),
    ("Success", "Succeeded.Created", "Created"),
    ("Success", "Succeeded.OK", "OK"),
    ("Failure", "Failed.Forbidden", "Forbidden"),
)
_ALERTS_OF_256 = 10


class ActivityLog:
    """Records of categories Administrative and Alert, or of one of the two."""

    def __init__(self, population: Population, kinds: Kinds = None) -> None:
        self._alerts_of_256 = 256
        if is_category_sent(ADMINISTRATIVE, kinds):
            self._alerts_of_256 = _ALERTS_OF_256 if is_category_sent(ALERT, kinds) else 0
        self._population = population
        self._constant = population.constant() | {
            b"role_id": population.id_of("role").replace(b"-", b""),
            b"assignment_id": population.id_of("assignment").replace(b"-", b""),
        }
        self._everyday = [
            Template(
                _operation(name, f"/resourceGroups/rg-shop/providers/{path}<<serial>>", result)
            )
            for name, path in _OPERATIONS
            for result in _RESULTS
        ]
        self._alert = Template(_alert())
        self._deletion = [
            Template(_operation(DELETE_DIAGNOSTIC_SETTING, _SETTING, result))
            for result in (_RESULTS[0], _RESULTS[2])
        ]

    def record(self, occasion: Occasion) -> bytes:
        """An everyday operation; now and then an alert."""
        user = occasion.mostly(self._population.users, 0)
        if occasion.chance(self._alerts_of_256, 2):
            return self._alert.fill(self._values(occasion, user, user.address))
        template = occasion.among(self._everyday, 3)
        return template.fill(self._values(occasion, user, user.address))

    def diagnostic_setting_deleted(
        self, occasion: Occasion, user: Actor, address: str, step: int
    ) -> bytes:
        """``user`` deletes the setting that sends the logs: step 0 its start, 1 its success."""
        return self._deletion[step].fill(self._values(occasion, user, address))

    def _values(self, occasion: Occasion, user: Actor, address: str) -> dict[bytes, bytes]:
        digits = occasion.digits
        return {
            **self._constant,
            **user.values,
            b"ip": address.encode(),
            b"id": occasion.identifier(),
            b"guid_1": guid(digits[32:64]),
            b"guid_2": guid(digits[64:96]),
            b"token": digits[40:62],
            b"serial": digits[90:94],
            b"time": to_ticks(occasion.ticks),
            b"time_ms": to_milliseconds(occasion.ticks),
            b"issued": b"%d" % (occasion.ticks // 10_000_000 - 600),
            b"took": b"%d" % (occasion.choices[8] * 11),
        }


def _operation(name: str, path: str, result: tuple[str, str, str]) -> dict[str, Any]:
    kind, signature, status = result
    resource = f"/subscriptions/<<subscription>>{path}"
    if name.isupper():
        resource = resource.upper().replace("<<SERIAL>>", "<<serial>>")
    return {
        "RoleLocation": "West Europe",
        "ReleaseVersion": "7.2026.3.1+1a2b3c4.release_2026w03",
        "Stamp": "",
        "time": "<<time>>" if name.isupper() else "<<time_ms>>",
        "resourceId": resource,
        "operationName": name,
        "category": "Administrative",
        "resultType": kind,
        "resultSignature": signature,
        "durationMs": "<<#took>>" if kind == "Success" else "0",
        "callerIpAddress": "<<ip>>",
        "correlationId": "<<id>>",
        "identity": {"authorization": _authorization(name, resource), "claims": _claims()},
        "level": "Error" if kind == "Failure" else "Information",
        "location": None if kind == "Start" else "global",
        "tenantId": "<<tenant>>",
        "properties": {
            "statusCode": status,
            "serviceRequestId": None if kind == "Start" else "<<guid_1>>",
            "eventCategory": "Administrative",
            "entity": resource,
            "message": name,
            "hierarchy": "<<tenant>>/contoso-mg/<<subscription>>",
            "requestbody": _json({"tags": {"owner": "équipe", "cost": 7.5}, "kind": None}),
            **({"statusMessage": _refusal()} if kind == "Failure" else {}),
        },
    }


def _authorization(action: str, scope: str) -> dict[str, Any]:
    return {
        "scope": scope,
        "action": action,
        "evidence": {
            "role": "Contributor",
            "roleAssignmentScope": "/subscriptions/<<subscription>>",
            "roleAssignmentId": "<<assignment_id>>",
            "roleDefinitionId": "<<role_id>>",
            "principalId": "<<user_id>>",
            "principalType": "User",
        },
    }


def _claims() -> dict[str, Any]:
    return {
        "aud": "https://management.core.windows.net/",
        "iss": "https://sts.windows.net/<<tenant>>/",
        "iat": "<<issued>>",
        "nbf": "<<issued>>",
        "exp": "<<issued>>",
        _CLAIMS + "claims/authnclassreference": "1",
        "aio": "<<token>>",
        _CLAIMS + "claims/authnmethodsreferences": "pwd,mfa",
        "ipaddr": "<<ip>>",
        "name": "<<user>>",
        _CLAIMS + "identity/claims/objectidentifier": "<<user_id>>",
        "puid": "<<token>>",
        _CLAIMS + "identity/claims/scope": "user_impersonation",
        _NAMES + "nameidentifier": "<<token>>",
        _CLAIMS + "identity/claims/tenantid": "<<tenant>>",
        _NAMES + "name": "<<upn>>",
        _NAMES + "upn": "<<upn>>",
        "uti": "<<token>>",
        "ver": "1.0",
        "xms_tcdt": "<<issued>>",
    }


def _refusal() -> str:
    message = 'The client "<<user_id>>" does not have authorization.\r\n\tAsk an owner.'
    return _json({"error": {"code": "AuthorizationFailed", "message": message}})


def _alert() -> dict[str, Any]:
    """Its two levels differ in name by case only, as in records that were seen."""
    return {
        "time": "<<time>>",
        "resourceId": "/subscriptions/<<subscription>>/resourceGroups/rg-shop/providers/"
        "Microsoft.Compute/virtualMachines/vm-<<serial>>",
        "correlationId": "<<id>>",
        "operationName": "Microsoft.Insights/AlertRules/Activated/Action",
        "Level": 5,
        "level": "Informational",
        "resultType": "Activated",
        "resultDescription": 'Rule "CPU > 90 %" fired: 97.25 %',
        "category": "Alert",
        "durationMs": 0,
        "identity": {},
        "tenantId": "<<tenant>>",
        "properties": {
            "eventCategory": "Alert",
            "eventDataId": "<<guid_2>>",
            "threshold": 90.5,
            "smallest": 1.5e-7,
            "isHIR": "false",
        },
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
