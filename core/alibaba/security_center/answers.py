"""An error of the SDK, taken apart: what was asked, what the service said."""

from __future__ import annotations

from typing import Any

from core.alibaba.answer_text import shown_text

_THROTTLED = ("throttling", "flowcontrol", "toomanyrequests", "requestlimitexceeded")

_CUT = ("connection aborted", "connection reset", "remote end closed", "connection broken")
"""What requests says of a connection that ended before the answer did."""

_LONGEST = 1000
_LONGEST_NAME = 120


class SecurityCenterError(Exception):
    """A call failed; inside this package only. Its texts are plain, short and without secrets.

    Attributes:
        operation: its name in the API reference.
        host: which host was asked.
        status: HTTP status; 0: there was no answer that could be read.
        code: the service's error code; ``unreadable`` if the answer was no JSON.
        message: what it says.
        request_id: for the service's support.
        auth_action: the RAM action that AccessDeniedDetail names.
        retry_after: seconds until the service wants to be asked again; 0: not said.
    """

    def __init__(
        self,
        operation: str,
        host: str,
        *,
        status: int = 0,
        code: str = "",
        message: str = "",
        request_id: str = "",
        auth_action: str = "",
        retry_after: float = 0.0,
    ) -> None:
        self.code = shown_text(code, _LONGEST_NAME)
        self.message = shown_text(message, _LONGEST)
        self.request_id = shown_text(request_id, _LONGEST_NAME)
        super().__init__(f"{operation}: {self.code or status}: {self.message}")
        self.operation = operation
        self.host = host
        self.status = status
        self.auth_action = shown_text(auth_action, _LONGEST_NAME)
        self.retry_after = retry_after

    @property
    def throttled(self) -> bool:
        """Whether the service refused because there are too many requests; nothing was done."""
        return self.status == 429 or self.code.lower().startswith(_THROTTLED)

    @property
    def passing(self) -> bool:
        """Whether it may well be over in a moment: no host that is not there, no wait in vain."""
        if self.status:
            return self.throttled or self.status >= 500
        return any(word in self.message.lower() for word in _CUT)

    @classmethod
    def unreadable(cls, operation: str, host: str) -> SecurityCenterError:
        """An answer that is JSON, but no object."""
        return cls(operation, host, code="unreadable", message="the answer is no JSON object")

    @classmethod
    def of(cls, error: BaseException, operation: str, host: str) -> SecurityCenterError:
        """Take apart what the SDK raised for ``operation``."""
        from darabonba.exceptions import ResponseException, RetryError

        if isinstance(error, ResponseException):
            return cls._answered(error, operation, host)
        inner = getattr(error, "inner_exception", None) or error
        text = str(getattr(inner, "message", "") or inner)
        code = "" if isinstance(inner, RetryError) else "unreadable"
        return cls(operation, host, code=code, message=text)

    @classmethod
    def _answered(cls, error: Any, operation: str, host: str) -> SecurityCenterError:
        data = error.data if isinstance(error.data, dict) else {}
        denied = data.get("AccessDeniedDetail") or {}
        action = denied.get("AuthAction") if isinstance(denied, dict) else ""
        return cls(
            operation,
            host,
            status=int(error.status_code or 0),
            code=_text(data.get("Code") or error.code),
            message=_text(data.get("Message") or error.message),
            request_id=_text(data.get("RequestId") or error.request_id),
            auth_action=_text(action or data.get("AuthAction")),
            retry_after=(error.retry_after or 0) / 1000,
        )


def _text(value: object) -> str:
    return "" if value is None or value == "None" else str(value)
