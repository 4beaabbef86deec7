"""AuditLogs of Microsoft Entra ID.

Azure: "Microsoft Entra audit log categories and activities", "AuditLogs" (Azure Monitor tables).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.sandbox.traffic.occasion import Occasion, guid, to_ticks, with_offset
from core.sandbox.traffic.population import Actor, Population
from core.sandbox.traffic.template import Template


@dataclass(frozen=True)
class Activity:
    """What was done in the directory.

    Attributes:
        changes: names of properties with their old and new values. Entra writes a value as JSON in
            a text, and null where there was none.
        by_app: an application did it, no user.
    """

    name: str
    category: str
    service: str = "Core Directory"
    kind: str = "Update"
    target_type: str = "User"
    changes: tuple[tuple[str, str | None, str | None], ...] = ()
    by_app: bool = False


DISABLE_STRONG_AUTHENTICATION = Activity(
    "Disable Strong Authentication",
    "UserManagement",
    changes=(("StrongAuthenticationRequirement", '[{"RelyingParty":"*","State":2}]', "[]"),),
)
ADD_OWNER = Activity(
    "Add owner to application",
    "ApplicationManagement",
    kind="Assign",
    target_type="Application",
    changes=(
        ("Application.DisplayName", None, '"<<app_name>>"'),
        ("Owner.ObjectID", None, '"<<user_id>>"'),
    ),
)
EVERYDAY = (
    Activity("Update user", "UserManagement", changes=(("Department", '["Größe"]', '["R&D"]'),)),
    Activity("Update user", "UserManagement", changes=(("AccountEnabled", "[false]", "[true]"),)),
    Activity(
        "Add member to group",
        "GroupManagement",
        kind="Assign",
        target_type="Group",
        changes=(("Group.DisplayName", None, r'"sec\\eu \"vpn\""'), ("Group.Size", "7", "8")),
    ),
    Activity("User registered security info", "UserManagement", "Authentication Methods", "Add"),
    Activity(
        "Update service principal",
        "ApplicationManagement",
        target_type="ServicePrincipal",
        changes=(("TagSet", "[]", '["WindowsAzureActiveDirectoryIntegratedApp"]'),),
        by_app=True,
    ),
    Activity(
        "Update device",
        "Device",
        "Device Registration Service",
        target_type="Device",
        changes=(("IsCompliant", "[null]", "[true]"),),
        by_app=True,
    ),
)


class AuditLogs:
    """Records of category AuditLogs."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._constant = population.constant()
        self._templates = {
            activity: Template(_shape(activity), spaced=True)
            for activity in (*EVERYDAY, DISABLE_STRONG_AUTHENTICATION, ADD_OWNER)
        }

    def record(self, occasion: Occasion) -> bytes:
        """An everyday change."""
        users = self._population.users
        return self.activity(
            occasion, occasion.among(EVERYDAY, 4), users[0], occasion.mostly(users, 0)
        )

    def activity(
        self, occasion: Occasion, activity: Activity, by: Actor, target: Actor, address: str = ""
    ) -> bytes:
        """``by`` did ``activity`` to ``target``, from ``address`` or from the own one."""
        values = {
            **self._constant,
            **target.values,
            **occasion.among(self._population.apps, 6).values,
            **occasion.among(self._population.workloads, 7).values,
            b"id": occasion.identifier(),
            b"guid_1": guid(occasion.digits[32:64]),
            b"number": b"%d" % (occasion.ordinal + 10_000_000),
            b"time": to_ticks(occasion.ticks),
            b"activity_time": with_offset(occasion.ticks),
            b"by_name": by.values[b"user"],
            b"by_upn": by.values[b"upn"],
            b"by_id": by.id,
            b"by_ip": (address or by.address).encode(),
        }
        return self._templates[activity].fill(values)


def _shape(activity: Activity) -> dict[str, Any]:
    return {
        "time": "<<time>>",
        "resourceId": "/tenants/<<tenant>>/providers/Microsoft.aadiam",
        "operationName": activity.name,
        "operationVersion": "1.0",
        "category": "AuditLogs",
        "tenantId": "<<tenant>>",
        "resultSignature": "None",
        "resultDescription": "",
        "durationMs": 0,
        "callerIpAddress": "<null>" if activity.by_app else "<<by_ip>>",
        "correlationId": "<<id>>",
        "identity": None if activity.by_app else "<<by_name>>",
        "Level": 4,
        "properties": {
            "id": "Directory_<<guid_1>>_<<number>>",
            "category": activity.category,
            "correlationId": "<<id>>",
            "result": "success",
            "resultReason": "",
            "activityDisplayName": activity.name,
            "activityDateTime": "<<activity_time>>",
            "loggedByService": activity.service,
            "operationType": activity.kind,
            "userAgent": None,
            "initiatedBy": _initiator(activity),
            "targetResources": [_target(activity)],
            "additionalDetails": [{"key": "UserType", "value": "Member"}],
            "tenantGeo": "EU",
            "tenantId": "<<tenant>>",
        },
    }


def _initiator(activity: Activity) -> dict[str, Any]:
    if activity.by_app:
        app = {"displayName": "<<sp_name>>", "servicePrincipalId": "<<sp_object>>"}
        return {"app": {"appId": None, **app, "servicePrincipalName": None}}
    return {
        "user": {
            "id": "<<by_id>>",
            "displayName": None,
            "userPrincipalName": "<<by_upn>>",
            "ipAddress": "<<by_ip>>",
            "roles": [],
        }
    }


def _target(activity: Activity) -> dict[str, Any]:
    target: dict[str, Any] = {"id": "<<user_id>>", "type": activity.target_type}
    if activity.target_type == "User":
        target |= {"displayName": "<<user>>", "userPrincipalName": "<<upn>>"}
    else:
        target |= {"displayName": None}
    changes = [
        {"displayName": name, "oldValue": old, "newValue": new}
        for name, old, new in activity.changes
    ]
    return {**target, "modifiedProperties": changes, "administrativeUnits": []}
