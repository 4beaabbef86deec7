"""What RAM answers to a caller without the right: 403 ``NoPermission`` with details (SC-03).

The members of AccessDeniedDetail: Alibaba Cloud, "Troubleshoot access denied errors".
"""

from __future__ import annotations

import secrets

from core.sandbox.security_center.routes import Operation
from core.sandbox.security_center.service import Service
from core.sandbox.security_center.wire import ApiError


def check_rights(service: Service, operation: Operation) -> None:
    """Raises ApiError if the operation's RAM action is among the denied ones."""
    action = operation.ram_action
    if action not in service.denied:
        return
    account = service.state.account
    resource = f"acs:yundun-sas::{account}:{operation.resource}"
    raise ApiError(
        403,
        "NoPermission",
        f"You are not authorized to perform this operation. Action: {action}. "
        f"Resource: {resource}.",
        {
            "AccessDeniedDetail": {
                "AuthAction": action,
                "AuthPrincipalDisplayName": "200000000000000001",
                "AuthPrincipalOwnerId": account,
                "AuthPrincipalType": "SubUser",
                "NoPermissionType": "ImplicitDeny",
                "PolicyType": "AccountLevelIdentityBasedPolicy",
                "EncodedDiagnosticMessage": secrets.token_urlsafe(32),
            }
        },
    )
