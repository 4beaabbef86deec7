"""Whether the service-linked role may read the user's Logstores."""

from __future__ import annotations

from core.sandbox.security_center.log_calls import LogServiceError
from core.sandbox.security_center.scenarios import Scenario
from core.sandbox.security_center.state import State

_WITHOUT_RIGHTS = frozenset({Scenario.ABNORMAL_SOURCE, Scenario.NO_ROLE})
_NO_RIGHTS_CODES = frozenset({"Unauthorized", "SignatureNotMatch", "InvalidAccessKeyId"})
NO_PERMISSION = "NoPermission"


def reading_refused(state: State) -> LogServiceError | None:
    """Why no user's Logstore may be read now, if a scenario says so."""
    if not state.playing.intersection(_WITHOUT_RIGHTS):
        return None
    message = "denied by sts or ram, action: log:GetCursorOrData, role: AliyunServiceRoleForSas"
    return LogServiceError("Unauthorized", message, 401)


def status_code(error: LogServiceError) -> str:
    """What a store or a policy shows of a refusal: Log Service's errorCode, but for rights."""
    return NO_PERMISSION if error.code in _NO_RIGHTS_CODES else error.code
