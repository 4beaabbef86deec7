"""An error of Log Service in words."""

from __future__ import annotations

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.place import denied_right
from core.alibaba.log_service.reaction import Reaction, reaction_to
from core.errors import Code, Problem, problem

_UNAUTHORIZED = ("unauthorized", "signaturenotmatch", "invalidaccesskeyid", "missaccesskeyid")


def log_service_problem(
    access: LogServiceAccess, code: str, status: int, message: str, request_id: str = ""
) -> Problem:
    """The problem behind errorCode ``code``; ``message`` is redacted already."""
    lower = code.lower()
    detail = f"{code} ({status}): {message}" + (f"; request {request_id}" if request_id else "")
    reaction = reaction_to(code, status)
    if lower.startswith("projectnotexist"):
        return problem(
            Code.LOG_SERVICE_PROJECT_NOT_FOUND,
            "log_service.project",
            detail,
            project=access.project,
        )
    if lower.startswith("logstorenotexist"):
        return problem(
            Code.LOG_SERVICE_LOGSTORE_NOT_FOUND,
            "log_service.logstore",
            detail,
            project=access.project,
            logstore=access.logstore,
        )
    denied = denied_right(message)
    if denied is not None:
        named = {"action": denied[0], "resource": denied[1] or f"project/{access.project}"}
        return problem(Code.ALIBABA_PERMISSION_MISSING, "alibaba.access_key_id", detail, **named)
    if lower.replace(".", "").startswith("securitytoken"):
        where = "alibaba.security_token"
        return problem(Code.ALIBABA_TOKEN_EXPIRED, where, detail, error_code=code)
    if lower in _UNAUTHORIZED:
        where = "alibaba.access_key_id"
        return problem(Code.LOG_SERVICE_UNAUTHORIZED, where, detail, error_code=code)
    if reaction is Reaction.CLOCK:
        return problem(Code.LOG_SERVICE_CLOCK_WRONG, "clock", detail)
    if reaction is Reaction.RETRY:
        return problem(Code.LOG_SERVICE_DOWN, "log_service", detail, error_code=code)
    if reaction is Reaction.SLOW_DOWN:
        return problem(Code.LOG_SERVICE_THROTTLED, "log_service", detail, error_code=code)
    return problem(Code.LOG_SERVICE_REFUSED, "log_service", detail, error_code=code)
