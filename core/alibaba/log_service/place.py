"""What a call to Log Service was about, so that its failure can be told in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.alibaba.log_service.failure import LogServiceError
from core.errors import Code, Problem, ProblemError, problem

_DENIED = re.compile(r"action:\s*(?P<action>log:\w+)(?:,\s*resource:\s*(?P<resource>[^\s,;]+))?")
_KEYS = ("signaturenotmatch", "invalidaccesskeyid", "missaccesskeyid")
_TOKENS = ("securitytoken", "invalidsecuritytoken", "sts token")
_CLOCK = ("requesttimetooskewed", "requesttimeexpired")
_QUOTAS = ("quotaexceed", "quota exceed")
_THROTTLED = ("exceedquota", "toomanyrequests", "readquotaexceed", "throttling", "flowcontrol")
_REASON = 160


def denied_right(message: str) -> tuple[str, str] | None:
    """The RAM action and the resource that a refusal of Log Service names; None: it names none."""
    found = _DENIED.search(message)
    return (found["action"], found["resource"] or "") if found else None


@dataclass(frozen=True)
class Place:
    """What was asked for.

    Attributes:
        what: the attempt, to follow "could not": ``create the Logstore a``.
        where: the profile's field or thing that the problem is shown at.
        action: the RAM action, without which RAM refuses it, such as ``log:CreateLogStore``.
        endpoint: host that was asked.
        project: the project's name.
        logstore: the Logstore's name.
        job: the job's name.
    """

    what: str
    where: str
    action: str
    endpoint: str = ""
    project: str = ""
    logstore: str = ""
    job: str = ""

    def error(self, found: LogServiceError) -> ProblemError:
        """``found`` as the exception that carries its problem."""
        return ProblemError(self.problem(found))

    def taken(self) -> ProblemError:
        """A job of another kind has the job's name."""
        reason = "a job of another kind has this name"
        code = Code.LOG_SERVICE_JOB_REFUSED
        return ProblemError(problem(code, self.where, job=self.job, reason=reason))

    def problem(self, found: LogServiceError) -> Problem:
        """What ``found`` means. Decided by errorCode; the status alone says nothing."""
        detail = f"{found.code} ({found.status}): {found.message}"
        detail += f"; request {found.request_id}" if found.request_id else ""
        code, texts = self._kind(found)
        return problem(code, self._where(code), detail, **texts)

    def _where(self, code: Code) -> str:
        return {
            Code.LOG_SERVICE_PROJECT_NOT_FOUND: "log_service.project",
            Code.ALIBABA_KEY_REFUSED: "alibaba.access_key_id",
            Code.ALIBABA_TOKEN_EXPIRED: "alibaba.security_token",
            Code.ALIBABA_CLOCK_WRONG: "clock",
            Code.LOG_SERVICE_CERTIFICATE_UNTRUSTED: "network.ca_file",
        }.get(code, self.where)

    def _kind(self, found: LogServiceError) -> tuple[Code, dict[str, object]]:
        lower, message = found.code.lower(), found.message.lower()
        told: dict[str, object] = {"error_code": found.code}
        if lower == "noanswer":
            return self._unreached(found.message, told)
        denied = denied_right(found.message)
        if denied is None and lower == "unauthorized":
            # One code for many reasons (SLS "Common errors"): the text tells a key from a right.
            if "token" in message:
                return Code.ALIBABA_TOKEN_EXPIRED, told
            if "accesskey" in message or "signature" in message:
                return Code.ALIBABA_KEY_REFUSED, told
        if denied or lower in ("unauthorized", "projectforbidden", "nopermission"):
            action, resource = denied or ("", "")
            return Code.ALIBABA_PERMISSION_MISSING, {
                "action": action or self.action,
                "resource": resource or self._resource(),
            }
        if lower in _KEYS:
            return Code.ALIBABA_KEY_REFUSED, told
        if any(each in lower for each in _TOKENS):
            return Code.ALIBABA_TOKEN_EXPIRED, told
        if lower in _CLOCK:
            return Code.ALIBABA_CLOCK_WRONG, told
        if lower.startswith("projectnotexist"):
            return Code.LOG_SERVICE_PROJECT_NOT_FOUND, {"project": self.project}
        if lower.startswith("logstorenotexist"):
            return Code.LOG_SERVICE_LOGSTORE_NOT_FOUND, {
                "project": self.project,
                "logstore": self.logstore,
            }
        if lower.startswith("indexconfignotexist"):
            return Code.LOG_SERVICE_INDEX_MISSING, {"logstore": self.logstore}
        if lower.startswith("jobnotexist"):
            return Code.LOG_SERVICE_JOB_NOT_FOUND, {"project": self.project, "job": self.job}
        if lower in _THROTTLED or found.status == 429:
            return Code.LOG_SERVICE_CALLS_THROTTLED, told
        if any(each in lower or each in message for each in _QUOTAS):
            return Code.LOG_SERVICE_QUOTA, {"what": self._thing()}
        if found.status >= 500 or lower == "badresponse":
            return Code.LOG_SERVICE_NO_ANSWER, told | {"what": self.what}
        reason = _first(found.message)
        if self.job and lower in ("parameterinvalid", "postbodyinvalid", "jsoninfoinvalid"):
            return Code.LOG_SERVICE_JOB_REFUSED, {"job": self.job, "reason": reason}
        return Code.LOG_SERVICE_CALL_REFUSED, told | {"what": self.what, "reason": reason}

    def _unreached(self, message: str, told: dict[str, object]) -> tuple[Code, dict[str, object]]:
        lower = message.lower()
        host = f"{self.project}.{self.endpoint}" if self.project else self.endpoint
        if "certificate verify failed" in lower or "certificate_verify_failed" in lower:
            return Code.LOG_SERVICE_CERTIFICATE_UNTRUSTED, {"host": host}
        if "proxyerror" in lower:
            reason = "the proxy did not let the request through"
            return Code.LOG_SERVICE_UNREACHABLE, {"host": host, "reason": reason}
        if "resolve" in lower or "name or service" in lower or "getaddrinfo" in lower:
            return Code.LOG_SERVICE_HOST_UNKNOWN, {"host": host}
        if "refused" in lower:
            reason = "nothing accepts connections there"
            return Code.LOG_SERVICE_UNREACHABLE, {"host": host, "reason": reason}
        if "connect timeout" in lower or "connecttimeout" in lower:
            return Code.LOG_SERVICE_UNREACHABLE, {"host": host, "reason": "it did not answer"}
        return Code.LOG_SERVICE_NO_ANSWER, told | {"what": self.what}

    def _resource(self) -> str:
        """The resource as RAM names it (SLS "RAM authorization"), the account left open."""
        path = f"project/{self.project}" if self.project else "project/*"
        path += f"/logstore/{self.logstore}" if self.logstore and not self.job else ""
        path += f"/job/{self.job}" if self.job else ""
        return f"acs:log:*:*:{path}"

    def _thing(self) -> str:
        if self.job:
            return f"the job {self.job}"
        return f"the Logstore {self.logstore}" if self.logstore else f"the project {self.project}"


def _first(message: str) -> str:
    """The first sentence, as long as a cause may be."""
    first = message.partition(". ")[0].strip().rstrip(".")
    return first[:_REASON] or "no reason is given"
