"""The fields of the sign-in categories.

Azure: "Microsoft Entra sign-in logs schema" (Azure Monitor), as streamed to an event hub.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """How a sign-in ended.

    Attributes:
        code: Microsoft Entra error code; 0 is success. Azure: "Microsoft Entra authentication and
            authorization error codes".
        reason: what Entra says of it.
        risk: risk level during the sign-in.
        conditional_access: what the policies said.
    """

    code: int
    reason: str = ""
    risk: str = "none"
    conditional_access: str = "notApplied"


SUCCESS = Outcome(0)
BAD_PASSWORD = Outcome(50126, "Error validating credentials due to invalid username or password.")
RISKY_SUCCESS = Outcome(0, risk="medium")
OUTCOMES = (
    SUCCESS,
    Outcome(0, conditional_access="success"),
    BAD_PASSWORD,
    Outcome(50074, "Strong Authentication is required.", conditional_access="failure"),
    Outcome(50140, "This error occurred due to 'Keep me signed in' interrupt."),
    Outcome(53003, "Access has been blocked by Conditional Access.", "low", "failure"),
    Outcome(50053, "Account is locked: too many attempts <smart lockout>."),
)


def user_sign_in(outcome: Outcome, *, interactive: bool, managed: bool) -> dict[str, Any]:
    """A sign-in of a user; ``managed``: from a device that the tenant knows."""
    category = "SignInLogs" if interactive else "NonInteractiveUserSignInLogs"
    return {
        **_top(category, outcome),
        "callerIpAddress": "<<ip>>",
        "correlationId": "<<id>>",
        "identity": "<<name>>",
        "Level": 4,
        "location": "<<country>>",
        "properties": {
            "id": "<<guid_1>>",
            "createdDateTime": "<<created>>",
            "userDisplayName": "<<name>>",
            "userPrincipalName": "<<upn>>",
            "userId": "<<user_id>>",
            "appId": "<<app_id>>",
            "appDisplayName": "<<app_name>>",
            "ipAddress": "<<ip>>",
            "status": _status(outcome),
            "clientAppUsed": "Browser" if interactive else "Mobile Apps and Desktop clients",
            "userAgent": "<<agent>>",
            "deviceDetail": _device(managed),
            "location": _location(),
            "correlationId": "<<id>>",
            "conditionalAccessStatus": outcome.conditional_access,
            "appliedConditionalAccessPolicies": _policies(outcome),
            "authenticationContextClassReferences": [],
            "originalRequestId": "<<guid_1>>" if interactive else "",
            "isInteractive": interactive,
            "tokenIssuerName": "",
            "tokenIssuerType": "AzureAD",
            "authenticationProcessingDetails": [
                {"key": "Legacy TLS (TLS 1.0, 1.1, 3DES)", "value": "False"},
                {"key": "Is CAE Token", "value": str(managed)},
            ],
            "networkLocationDetails": _networks(managed),
            "clientCredentialType": "none",
            "processingTimeInMilliseconds": "<<#processing>>",
            **_risk(outcome.risk),
            "riskEventTypes": [] if outcome.risk == "none" else ["unfamiliarFeatures"],
            "riskEventTypes_v2": [] if outcome.risk == "none" else ["unfamiliarFeatures"],
            "resourceDisplayName": "<<app_name>>",
            "resourceId": "<<app_object>>",
            "resourceTenantId": "<<tenant>>",
            "homeTenantId": "<<tenant>>",
            "tenantId": "<<tenant>>",
            "authenticationDetails": _steps(outcome, interactive=interactive),
            "authenticationRequirementPolicies": [],
            "sessionLifetimePolicies": [],
            "authenticationRequirement": _requirement(outcome),
            "appServicePrincipalId": None,
            "servicePrincipalId": "",
            "userType": "Member",
            "flaggedForReview": False,
            "isTenantRestricted": False,
            "autonomousSystemNumber": "<<#asn>>",
            "crossTenantAccessType": "none",
            "privateLinkDetails": {},
            "ssoExtensionVersion": "",
            "uniqueTokenIdentifier": "<<token>>",
            "incomingTokenType": "none" if interactive else "primaryRefreshToken",
            "authenticationProtocol": "none",
            "signInTokenProtectionStatus": "none",
            "originalTransferMethod": "none",
            "isThroughGlobalSecureAccess": False,
            "sessionId": "<<guid_2>>",
        },
    }


def workload_sign_in(*, managed_identity: bool) -> dict[str, Any]:
    """A sign-in of a service principal or of a managed identity, which has no address."""
    who = "mi" if managed_identity else "sp"
    category = "ManagedIdentitySignInLogs" if managed_identity else "ServicePrincipalSignInLogs"
    top: dict[str, Any] = _top(category, SUCCESS)
    if not managed_identity:
        top["callerIpAddress"] = "<<sp_ip>>"
    more = {"federatedCredentialId": ""} if managed_identity else {"flaggedForReview": False}
    return {
        **top,
        "correlationId": "<<id>>",
        "Level": 4,
        **({} if managed_identity else {"location": "<<country>>"}),
        "properties": {
            "id": "<<guid_1>>",
            "createdDateTime": "<<created>>",
            "userId": None,
            "appId": f"<<{who}_id>>",
            "ipAddress": "" if managed_identity else "<<sp_ip>>",
            "status": {"errorCode": 0},
            "location": _nowhere() if managed_identity else _location(),
            "correlationId": "<<id>>",
            "conditionalAccessStatus": "notApplied",
            "isInteractive": False,
            "tokenIssuerType": "AzureAD",
            "authenticationProcessingDetails": [
                {"key": "Azure AD App Authentication Library", "value": "Family: MSAL Version: 4"}
            ],
            "clientCredentialType": "none" if managed_identity else "clientSecret",
            "processingTimeInMilliseconds": "<<#processing>>",
            **_risk("low" if managed_identity else "none"),
            "resourceDisplayName": "<<app_name>>",
            "resourceId": "<<app_object>>",
            "servicePrincipalName": f"<<{who}_name>>",
            "servicePrincipalId": f"<<{who}_object>>",
            "appServicePrincipalId": None,
            "uniqueTokenIdentifier": "<<token>>",
            "incomingTokenType": "none",
            "authenticationProtocol": "none",
            "crossTenantAccessType": "none",
            "isTenantRestricted": False,
            "isThroughGlobalSecureAccess": False,
            **more,
        },
    }


def _top(category: str, outcome: Outcome) -> dict[str, Any]:
    shape = {
        "time": "<<time>>",
        "resourceId": "/tenants/<<tenant>>/providers/Microsoft.aadiam",
        "operationName": "Sign-in activity",
        "operationVersion": "1.0",
        "category": category,
        "tenantId": "<<tenant>>",
        "resultType": str(outcome.code),
        "resultSignature": "FAILURE" if outcome.code else "SUCCESS",
        "durationMs": 0,
    }
    return {**shape, "resultDescription": outcome.reason} if outcome.code else shape


def _status(outcome: Outcome) -> dict[str, Any]:
    if not outcome.code:
        return {"errorCode": 0}
    return {"errorCode": outcome.code, "failureReason": outcome.reason, "additionalDetails": ""}


def _device(managed: bool) -> dict[str, Any]:
    known: dict[str, Any] = {"deviceId": "<<device_id>>"}
    if managed:
        known |= {
            "displayName": "DESKTOP-<<serial>>",
            "isCompliant": True,
            "isManaged": True,
            "trustType": "Azure AD joined",
        }
    return {**known, "operatingSystem": "<<system>>", "browser": "<<browser>>"}


def _location() -> dict[str, Any]:
    return {
        "city": "<<city>>",
        "state": "<<state>>",
        "countryOrRegion": "<<country>>",
        "geoCoordinates": {"latitude": "<<#latitude>>", "longitude": "<<#longitude>>"},
    }


def _nowhere() -> dict[str, Any]:
    return {
        "city": "",
        "state": "",
        "countryOrRegion": "",
        "geoCoordinates": {"latitude": 0.0, "longitude": 0.0},
    }


def _policies(outcome: Outcome) -> list[dict[str, Any]]:
    if outcome.conditional_access == "notApplied":
        return []
    return [
        {
            "id": "<<policy_id>>",
            "displayName": "Require MFA für alle",
            "enforcedGrantControls": ["Mfa"],
            "enforcedSessionControls": [],
            "result": outcome.conditional_access,
            "conditionsSatisfied": 3,
            "conditionsNotSatisfied": 0,
        }
    ]


def _networks(managed: bool) -> list[dict[str, Any]]:
    return [{"networkType": "namedNetwork", "networkNames": ["HQ"]}] if managed else []


def _risk(level: str) -> dict[str, Any]:
    return {
        "riskDetail": "none",
        "riskLevelAggregated": level,
        "riskLevelDuringSignIn": level,
        "riskState": "none" if level == "none" else "atRisk",
    }


def _requirement(outcome: Outcome) -> str:
    several = outcome.conditional_access != "notApplied"
    return "multiFactorAuthentication" if several else "singleFactorAuthentication"


def _steps(outcome: Outcome, *, interactive: bool) -> list[dict[str, Any]]:
    succeeded = outcome.code != BAD_PASSWORD.code
    return [
        {
            "authenticationStepDateTime": "<<created>>",
            "authenticationMethod": "Password" if interactive else "Previously satisfied",
            "succeeded": succeeded,
            "authenticationStepResultDetail": "Correct password"
            if succeeded
            else "Invalid username or password or Invalid on-premise username or password.",
            "authenticationStepRequirement": "Primary authentication",
            "StatusSequence": 0,
            "RequestSequence": "<<#sequence>>",
        }
    ]
