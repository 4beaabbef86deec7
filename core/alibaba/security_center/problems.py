"""What an answer of Security Center means: the one place where an SDK's error becomes a Problem.

Error codes: "Security Center API reference: cloud-siem 2022-06-16, error codes"; the notes on
parameters of the 2024-12-12 operations; "Alibaba Cloud API: common error codes". The 2024-12-12
version publishes no list of its own, so what its messages say counts as well (SC-45).
"""

from __future__ import annotations

import re

from core.alibaba.security_center.answers import SecurityCenterError
from core.errors import Code, Problem, problem

__all__ = ["SecurityCenterError", "center_problem"]

SERVICE_ROLE = "AliyunServiceRoleForSasCloudSiem"
"""The role with which the service reads logs; made at activation."""

_BY_CODE = {
    "assumeroleerror": Code.SECURITY_CENTER_ROLE_MISSING,
    "notactivated": Code.SECURITY_CENTER_NOT_ACTIVATED,
    "servicenotactivated": Code.SECURITY_CENTER_NOT_ACTIVATED,
    "servicenotopened": Code.SECURITY_CENTER_NOT_ACTIVATED,
    "servicerolenotauthorized": Code.SECURITY_CENTER_ROLE_MISSING,
    "notpurchased": Code.SECURITY_CENTER_NOT_ACTIVATED,
    "usernotbuy": Code.SECURITY_CENTER_NOT_ACTIVATED,
    "forbidden.userdenied.rdaccount": Code.SECURITY_CENTER_MEMBER_ACCOUNT,
    "invalidregionid": Code.SECURITY_CENTER_REGION_WRONG,
    "regionnotsupported": Code.SECURITY_CENTER_REGION_WRONG,
    "quotaexceeded": Code.SECURITY_CENTER_QUOTA,
    "exceedquota": Code.SECURITY_CENTER_QUOTA,
    "invalidlogregionid": Code.SECURITY_CENTER_LOGSTORE_UNUSABLE,
    "invalidlogprojectname": Code.SECURITY_CENTER_LOGSTORE_UNUSABLE,
    "invalidlogstorename": Code.SECURITY_CENTER_LOGSTORE_UNUSABLE,
    "invalidnormalizationruleexpression": Code.SECURITY_CENTER_RULE_REJECTED,
    "normalizationrulefailed": Code.SECURITY_CENTER_RULE_REJECTED,
    "invaliddetectionexpressioncontent": Code.SECURITY_CENTER_DETECTION_REJECTED,
    "invalidaccesskeyid.notfound": Code.ALIBABA_KEY_REFUSED,
    "invalidaccesskeyid.inactive": Code.ALIBABA_KEY_REFUSED,
    "invalidaccesskeyid": Code.ALIBABA_KEY_REFUSED,
    "signaturedoesnotmatch": Code.ALIBABA_KEY_REFUSED,
    "incompletesignature": Code.ALIBABA_KEY_REFUSED,
    "invalidsecuritytoken.expired": Code.ALIBABA_TOKEN_EXPIRED,
    "invalidsecuritytoken.malformed": Code.ALIBABA_TOKEN_EXPIRED,
    "invalidsecuritytoken.mismatchwithaccesskey": Code.ALIBABA_TOKEN_EXPIRED,
    "invalidsecuritytoken": Code.ALIBABA_TOKEN_EXPIRED,
    "invalidtimestamp.expired": Code.ALIBABA_CLOCK_WRONG,
    "illegaltimestamp": Code.ALIBABA_CLOCK_WRONG,
    "cloudsiemcustomizeruleduplicaterulenameexcepiton": Code.SECURITY_CENTER_EXISTS,
    "datasets with associated references cannot be deleted": Code.SECURITY_CENTER_IN_USE,
}
_BY_WORDS = (
    (SERVICE_ROLE.lower(), Code.SECURITY_CENTER_ROLE_MISSING),
    ("not activated", Code.SECURITY_CENTER_NOT_ACTIVATED),
    ("not been activated", Code.SECURITY_CENTER_NOT_ACTIVATED),
    ("not purchased", Code.SECURITY_CENTER_NOT_ACTIVATED),
    ("specified regionid", Code.SECURITY_CENTER_REGION_WRONG),
    ("parameter regionid", Code.SECURITY_CENTER_REGION_WRONG),
    ("a preset ", Code.SECURITY_CENTER_PRESET),
    ("a predefined ", Code.SECURITY_CENTER_PRESET),
    ("can use scan query", Code.SECURITY_CENTER_SCAN_POLICIES),
    ("quota", Code.SECURITY_CENTER_QUOTA),
    ("upper limit", Code.SECURITY_CENTER_QUOTA),
    ("already exist", Code.SECURITY_CENTER_EXISTS),
    ("duplicat", Code.SECURITY_CENTER_EXISTS),
    ("is used by", Code.SECURITY_CENTER_IN_USE),
    ("is referenced", Code.SECURITY_CENTER_IN_USE),
    ("disable it first", Code.SECURITY_CENTER_IN_USE),
    ("still has", Code.SECURITY_CENTER_IN_USE),
)
_BY_OPERATION = {
    "ValidateLogStore": Code.SECURITY_CENTER_LOGSTORE_UNUSABLE,
    "CreateNormalizationRule": Code.SECURITY_CENTER_RULE_REJECTED,
    "ValidateNormalizationRule": Code.SECURITY_CENTER_RULE_REJECTED,
    "CreateDetectionRule": Code.SECURITY_CENTER_DETECTION_REJECTED,
    "UpdateDetectionRule": Code.SECURITY_CENTER_DETECTION_REJECTED,
    "CreateDataIngestion": Code.SECURITY_CENTER_POLICY_REJECTED,
    "EnableDataIngestion": Code.SECURITY_CENTER_POLICY_REJECTED,
    "ExecuteLogQuery": Code.SECURITY_CENTER_QUERY_REJECTED,
}
_INVALID_ID = re.compile(
    r"specified (?:parameter )?(?P<what>\w+Id) is (?:not valid|invalid)", re.IGNORECASE
)
_PREFIX = re.compile(r"^The specified \w+ is (?:not valid|invalid)[.,:] +(?=\S)")
_DATASET = re.compile(r"dataset (\w+)")
_GONE = re.compile(r"does not exist|not exists?\b|not found|no such", re.IGNORECASE)
_DENIED = frozenset({"nopermission", "forbidden", "forbidden.ram", "ram.permission.notallow"})
_ACTION = re.compile(r"\b[a-z][a-z-]*:[A-Z][A-Za-z]+\b")
_RESOURCE = re.compile(r"\bacs:[^\s,;'\"]+")
_DETAIL = 600


def center_problem(error: SecurityCenterError, where: str) -> Problem:
    """What ``error`` means. No token and no secret is in the result."""
    if error.status == 0:
        return _unreached(error, where)
    kind = _kind(error)
    action, resource = _denied(error)
    invalid = _INVALID_ID.search(error.message)
    dataset = _DATASET.search(error.message)
    texts = {
        "error_code": error.code or f"HTTP {error.status}",
        "reason": _sentence(error.message),
        "operation": error.operation,
        "request": error.request_id or "not given",
        "role": SERVICE_ROLE,
        "what": invalid["what"] if invalid else "id",
        "action": action,
        "resource": resource,
        "host": error.host,
        "dataset": dataset[1] if dataset else "of this rule",
        "count": "five",
    }
    return problem(kind, where, _detail(error), **texts)


def _kind(error: SecurityCenterError) -> Code:
    code, words = error.code.lower(), error.message.lower()
    if error.throttled:
        return Code.SECURITY_CENTER_THROTTLED
    if code in _BY_CODE:
        return _BY_CODE[code]
    by_words = next((kind for text, kind in _BY_WORDS if text in words), None)
    if code in _DENIED or (error.status == 403 and by_words is None):
        return Code.ALIBABA_PERMISSION_MISSING
    if error.status >= 500:
        return Code.SECURITY_CENTER_DOWN
    if by_words is not None:
        return by_words
    if _INVALID_ID.search(error.message):
        return Code.SECURITY_CENTER_ID_INVALID
    if error.operation in _BY_OPERATION:
        return _BY_OPERATION[error.operation]
    if error.status == 404 or _GONE.search(words):
        return Code.SECURITY_CENTER_NOT_FOUND
    return Code.SECURITY_CENTER_REFUSED


def _denied(error: SecurityCenterError) -> tuple[str, str]:
    """The RAM action and the resource that a refusal names; the action's name is uniform."""
    action = error.auth_action
    if not action:
        found = _ACTION.search(error.message)
        action = found[0] if found else f"yundun-sas:{error.operation}"
    resource = _RESOURCE.search(error.message)
    return action, resource[0] if resource else "*"


def _unreached(error: SecurityCenterError, where: str) -> Problem:
    detail = f"{error.operation}: {error.message}"[:_DETAIL]
    lower = error.message.lower()
    if "certificate" in lower and "verify" in lower:
        return problem(Code.ALIBABA_CERTIFICATE_UNTRUSTED, where, detail, host=error.host)
    if error.code == "unreadable":
        return problem(
            Code.ALIBABA_NO_ANSWER,
            where,
            detail,
            host=error.host,
            error_code="the answer is not of Security Center",
        )
    if "read timed out" in lower:
        return problem(
            Code.ALIBABA_NO_ANSWER,
            where,
            detail,
            host=error.host,
            error_code="no answer in time",
        )
    return problem(Code.ALIBABA_UNREACHABLE, where, detail, host=error.host, reason=_reason(lower))


def _reason(lower: str) -> str:
    if any(word in lower for word in ("name or service", "getaddrinfo", "nodename", "resolve")):
        return "its name has no address"
    if "proxy" in lower:
        return "the proxy did not let the request through"
    if "refused" in lower:
        return "the connection was refused"
    if "timed out" in lower:
        return "the connection was not accepted in time"
    return "the connection could not be opened"


def _detail(error: SecurityCenterError) -> str:
    text = f"{error.operation}: {error.code or 'no code'} ({error.status}): {error.message}"
    request = f"; request {error.request_id}" if error.request_id else ""
    return text[:_DETAIL] + request


def _sentence(message: str) -> str:
    """What it says without what every refusal says, as long as a cause may be."""
    return _PREFIX.sub("", message)[:130].rstrip(" .") or "no reason is given"
