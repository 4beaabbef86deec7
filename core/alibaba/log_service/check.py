"""Whether the Logstore is there and lets us in, found out before an import starts."""

from __future__ import annotations

import json

import urllib3

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.connection import open_pool
from core.alibaba.log_service.problems import log_service_problem
from core.alibaba.log_service.signer import sign
from core.errors import Code, Problem, problem
from core.secrets.redaction import redact_text


def check_logstore(access: LogServiceAccess) -> Problem | None:
    """Ask for the Logstore's settings, once. None if it answers as it should.

    A problem of severity ``warning`` (the service is down for the moment) is no reason not to
    start: the import waits it out.
    """
    path = f"/logstores/{access.logstore}"
    headers = {"Host": access.host, "x-log-apiversion": "0.6.0", "x-log-bodyrawsize": "0"}
    sign(access, "GET", path, headers, b"")
    pool = open_pool(access, 1)
    try:
        answer = pool.urlopen("GET", path, headers=headers)
    except urllib3.exceptions.HTTPError as error:
        return _unreachable(access, error)
    finally:
        pool.close()
    if answer.status == 200:
        return None
    try:
        told = json.loads(answer.data)
        code, message = str(told["errorCode"]), str(told.get("errorMessage", ""))
    except (ValueError, KeyError, TypeError):
        code, message = "BadResponse", "the answer is not Log Service's"
    request_id = answer.headers.get("x-log-requestid", "")
    return log_service_problem(access, code, answer.status, redact_text(message), request_id)


def _unreachable(access: LogServiceAccess, error: urllib3.exceptions.HTTPError) -> Problem:
    where = "endpoints.log_service_address" if access.address else "log_service.endpoint"
    host = access.address or access.host
    detail = redact_text(str(error))
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return problem(Code.LOG_SERVICE_HOST_UNKNOWN, where, detail, host=host)
    if isinstance(error, urllib3.exceptions.SSLError):
        return problem(Code.LOG_SERVICE_CERTIFICATE_UNTRUSTED, "network.ca_file", detail, host=host)
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        reason = "nothing accepts connections there"
        return problem(Code.LOG_SERVICE_UNREACHABLE, where, detail, host=host, reason=reason)
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        reason = "it did not answer"
        return problem(Code.LOG_SERVICE_UNREACHABLE, where, detail, host=host, reason=reason)
    return problem(Code.LOG_SERVICE_DOWN, "log_service", detail, error_code="NoAnswer")
