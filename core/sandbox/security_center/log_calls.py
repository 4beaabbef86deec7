"""Calls of Log Service that survive it: the unchanged SDK in threads, without its retries.

The SDK repeats a request ten times, a second apart, when nobody answers; a loop that waits in its
own way, and a request that must end soon, cannot have that. So its transport raises here errors
that it does not repeat, and its threads hold up no end of the process.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from core.sandbox.security_center.log_access import Keys, LogAccess, NotReadyError, client_of

_SECONDS = 20.0
_IDLE_CLIENTS = 4
_FAULT = 500
_Found = TypeVar("_Found")


class LogServiceError(Exception):
    """Log Service refused a request. Its text is the message.

    Attributes:
        code: the errorCode.
        status: of HTTP; 0 without an answer.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def __str__(self) -> str:
        return f"{self.code}: {super().__str__()}"


class UnreachableError(LogServiceError):
    """Nobody answered, or the service had a fault: the same request may work later."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__("LogServiceUnreachable", message, status)


class LogCalls:
    """Runs functions of a ``LogClient`` in threads. Used on one event loop."""

    def __init__(self, access: LogAccess) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._idle: list[tuple[Keys, Any]] = []
        self._closed = False

    async def run(self, work: Callable[[Any], _Found], seconds: float = _SECONDS) -> _Found:
        """What ``work`` makes of a client; ``seconds``: for each of its requests.

        Raises LogServiceError. Cancelled, it no longer waits; the request goes on.
        """
        done: Future[_Found] = Future()
        done.set_running_or_notify_cancel()

        def answer() -> None:
            try:
                done.set_result(self._run(work, seconds))
            except BaseException as error:
                done.set_exception(error)

        threading.Thread(target=answer, name="log-call", daemon=True).start()
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Close the connections; those in use close when their request ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for _, client in idle:
            client._session.close()

    def _run(self, work: Callable[[Any], _Found], seconds: float) -> _Found:
        from aliyun.log import LogException

        try:
            keys = self._access.keys()
        except NotReadyError as error:
            raise UnreachableError(str(error)) from None
        client = self._take(keys)
        client.timeout = seconds
        try:
            found = work(client)
        except LogException as error:
            self._keep(keys, client)
            code, message = error.get_error_code(), error.get_error_message()
            raise LogServiceError(code, message, error.get_resp_status()) from None
        except BaseException:
            client._session.close()
            raise
        self._keep(keys, client)
        return found

    def _take(self, keys: Keys) -> Any:
        with self._lock:
            while self._idle:
                known, client = self._idle.pop()
                if known == keys:
                    return client
                client._session.close()
        return _client(keys)

    def _keep(self, keys: Keys, client: Any) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < _IDLE_CLIENTS:
                self._idle.append((keys, client))
                return
        client._session.close()


def _client(keys: Keys) -> Any:
    """A client that repeats nothing."""
    from aliyun.log import LogException

    client = client_of(keys)
    send = client._sendRequest

    def once(*arguments: Any, **more: Any) -> Any:
        try:
            return send(*arguments, **more)
        except LogException as error:
            status = error.get_resp_status()
            if status >= _FAULT or error.get_error_code() == "LogRequestError":
                message = str(error.get_error_message())
                raise UnreachableError(message, status if status >= _FAULT else 0) from None
            raise

    client._sendRequest = once
    return client
