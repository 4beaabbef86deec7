"""Calls by the SDK with tries of our own, and what went wrong with one.

The SDK tries ten times with a second between, waits two minutes for each answer and hides what
the first answers said. Here each request is tried three times if the fault is one that passes, and
waits 30 s at the most. That goes for one that makes a thing, too: whoever makes a thing looks again
when it is said to be there.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from core.alibaba.answer_text import shown_text
from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.failure import MISSHAPEN, NOT_OURS, LogServiceError
from core.alibaba.log_service.reader import open_client_of

T = TypeVar("T")
_TIMEOUT = (10.0, 30.0)
_PAUSES = (0.5, 1.5)
_DETAIL = 600
_NAME = 80
_CUT = ("aborted", "reset", "broken", "incompleteread", "closed connection")
_PASSING = ("internalservererror", "requesttimeout", "serverbusy", "serviceunavailable")


class Answers:
    """The SDK's ``LogClient`` for the settings of Log Service, on the profile's way out."""

    def __init__(self, access: LogServiceAccess) -> None:
        self._access = access
        self._client: Any = None
        self._lock = threading.Lock()

    def ask(self, run: Callable[[Any], T]) -> T:
        """What ``run`` gets from the SDK's client and reads out of its answer. Blocking.

        Raises LogServiceError; BadResponse for an answer that is not of the documented form.
        """
        from aliyun.log import LogException

        client = self._open()
        try:
            return run(client)
        except LogException as error:  # the SDK's own, of an answer's headers or a cursor
            raise _told(error) from None
        except MISSHAPEN as error:
            told = f"{NOT_OURS}: {type(error).__name__}"
            raise LogServiceError("BadResponse", 200, told) from None

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            if self._client is not None:
                self._client._session.close()
                self._client = None

    def _open(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = _client(self._access)
            return self._client


def _passes(error: LogServiceError) -> bool:
    if error.status == 0:  # a wait that was in vain, a name or a port that is not there: no use
        return any(each in error.message.lower() for each in _CUT)
    return error.status >= 500 or error.code.lower() in _PASSING


def _client(access: LogServiceAccess) -> Any:
    from aliyun import log

    base: Any = log.LogClient

    class OwnTries(base):  # type: ignore[misc]
        """The SDK's client; its loop of ten tries lets an exception that it does not know pass."""

        def _send(self, *args: Any, **kwargs: Any) -> Any:
            for pause in (*_PAUSES, None):
                try:
                    return super()._send(*args, **kwargs)
                except LogServiceError as error:
                    if pause is None or not _passes(error):
                        raise
                    time.sleep(pause)
            raise AssertionError("the last try returns or raises")

        def _sendRequest(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
            try:
                return super()._sendRequest(*args, **kwargs)
            except log.LogException as error:
                raise _told(error) from None

    client = open_client_of(OwnTries, access)
    client.timeout = _TIMEOUT
    return client


def _told(error: Any) -> LogServiceError:
    code = shown_text(error.get_error_code(), _NAME)
    status = int(error.get_resp_status() or 0)
    message = shown_text(error.get_error_message(), _DETAIL)
    if code == "LogRequestError" and not getattr(error, "resp_header", ""):
        return LogServiceError("NoAnswer", 0, _without_address(message))
    if code in ("LogRequestError", "BadResponse"):
        # The text repeats the body, which may hold anything: a job's settings, a proxy's page.
        return LogServiceError("BadResponse", status, NOT_OURS)
    return LogServiceError(code, status, message, shown_text(error.get_request_id(), _NAME))


def _without_address(message: str) -> str:
    """requests' text without the memory addresses of its objects."""
    return re.sub(r"<[\w.]+ object at 0x[0-9a-f]+>[:,]? ?", "", message)
