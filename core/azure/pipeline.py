"""How requests to Azure travel: connections, trust, retries. Import it late: it needs the SDK.

The environment has no say: a proxy or a CA bundle that stands there for other programs would
override the profile.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
from azure.core.pipeline.policies import AsyncRetryPolicy, RetryPolicy
from azure.core.pipeline.transport import AioHttpTransport, RequestsTransport

from core.kafka.tls import client_context

IN_FLIGHT = 8
"""Most requests that are on their way at once, over everything that one session does."""

USER_AGENT = "isthmus"

_CONNECT_SECONDS = 15
_READ_SECONDS = 120
_GOODBYE_SECONDS = 2.0
_LOOK_SECONDS = 0.005
_LIMITS = {
    "retry_total": 6,
    "retry_status": 6,
    "retry_connect": 2,
    "retry_read": 2,
    "retry_backoff_max": 30,
}


class Transport(AioHttpTransport):  # type: ignore[misc]  # the SDK loads it late, untyped
    """One pool of connections whose certificates are verified by one context.

    The SDK's own would read the CA file again for every request, and open a connection for each.
    """

    session: aiohttp.ClientSession | None

    def __init__(self, context: ssl.SSLContext, in_flight: int = IN_FLIGHT) -> None:
        super().__init__(connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS)
        self._context = context
        self._in_flight = in_flight
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    async def open(self) -> None:
        """Called by the SDK before each request."""
        if self.session is None and not self._has_been_opened:
            self.session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self._context, limit=self._in_flight, socket_factory=self._socket
                ),
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        await super().open()

    async def close(self) -> None:
        """Close every connection, those too that are still taking leave of the other side.

        TLS says goodbye and waits for the answer; a loop that ends meanwhile would leave the
        socket open.
        """
        await super().close()
        deadline = time.monotonic() + _GOODBYE_SECONDS
        # asyncio tells nobody when a transport has closed its socket, hence the looking.
        while time.monotonic() < deadline and self._is_open():  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)

    def _is_open(self) -> bool:
        return any(each.fileno() >= 0 for each in self._sockets)

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Make a socket for ``address``, as the event loop would, and remember it."""
        made = socket.socket(*address[:3])
        self._sockets.add(made)
        return made


def open_transport(ca_file: Path | None, in_flight: int = IN_FLIGHT) -> Transport:
    """A transport that trusts ``ca_file``, or the system's authorities. Raises ProblemError."""
    return Transport(client_context(ca_file), in_flight)


def open_blocking_transport(ca_file: Path | None) -> RequestsTransport:
    """The same for credentials that only exist without asyncio. Raises ProblemError."""
    if ca_file is not None:
        client_context(ca_file)  # says what is wrong with the file
    return RequestsTransport(
        connection_verify=str(ca_file) if ca_file is not None else True,
        use_env_settings=False,
        connection_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
    )


def proxies(proxy: str) -> dict[str, Any]:
    """The SDK's argument for ``proxy``."""
    return {"proxies": {"https": proxy}} if proxy else {}


def retry_policy(on_wait: Callable[[str], None] | None) -> AsyncRetryPolicy[Any, Any]:
    """Retries as the service asks for them; ``on_wait`` is told of each wait, in a sentence."""
    return _PatientRetry(on_wait)


class _PatientRetry(AsyncRetryPolicy[Any, Any]):
    """Says that it waits, and does not repeat what cannot get better."""

    def __init__(self, on_wait: Callable[[str], None] | None = None, **kwargs: Any) -> None:
        super().__init__(**(kwargs | _LIMITS))
        self._on_wait = on_wait

    def increment(self, settings: Any, response: Any = None, error: Any = None) -> bool:
        """Whether to try again after ``error``."""
        return not _is_hopeless(error) and super().increment(settings, response, error)

    async def sleep(self, settings: Any, transport: Any, response: Any = None) -> None:
        """Wait as long as the service asked for, or ever longer."""
        asked = self.get_retry_after(response) if response else None
        seconds = asked or self.get_backoff_time(settings)
        if self._on_wait is not None and seconds > 0:
            throttled = response is not None and response.http_response.status_code == 429
            reason = "Azure asks for fewer requests" if throttled else "Azure did not answer"
            self._on_wait(f"{reason}; going on in {seconds:.3g} s")
        await super().sleep(settings, transport, response)


class BlockingRetry(RetryPolicy[Any, Any]):
    """The same for credentials that only exist without asyncio."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**(kwargs | _LIMITS))

    def increment(self, settings: Any, response: Any = None, error: Any = None) -> bool:
        """Whether to try again after ``error``."""
        return not _is_hopeless(error) and super().increment(settings, response, error)


def credential_retry(**kwargs: Any) -> AsyncRetryPolicy[Any, Any]:
    """Made by a credential with its own arguments."""
    return _PatientRetry(None, **kwargs)


def _is_hopeless(error: Any) -> bool:
    text = str(error) if error is not None else ""
    return "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text.lower()
