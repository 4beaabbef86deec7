"""The two listeners: a request becomes a call, the call an answer.

Requests come in origin form, or in absolute form as an HTTP proxy gets them; the Host header names
the project either way. (RFC 9112, section 3.2.)
"""

from __future__ import annotations

import asyncio
import collections
import inspect
import ipaddress
import secrets
import socket
import struct
import sys
import time
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from core.sandbox.certificates import ServerCertificate
from core.sandbox.defects import place_of
from core.sandbox.http_listeners import HttpListeners
from core.sandbox.log_service.denials import Denials
from core.sandbox.log_service.routes import find
from core.sandbox.log_service.scenarios import HangUpError, Scenarios
from core.sandbox.log_service.service import Service
from core.sandbox.log_service.signature import AccessKey, verify
from core.sandbox.log_service.wire import Answer, Call, ServiceError, error_answer

_MAX_BODY = 10 * 1024 * 1024
_READ_BUFFER = 4 * 1024 * 1024
_ABSOLUTE = ("http://", "https://")


class Server:
    """Answers the requests of both listeners.

    Attributes:
        requests: how many there were of each operation.
        statuses: how many answers had each HTTP status; ``none`` counts requests without one.
        errors: how many answers had each errorCode.
    """

    def __init__(
        self,
        service: Service,
        scenarios: Scenarios,
        denials: Denials,
        key: AccessKey,
        endpoint: str,
    ) -> None:
        self._service = service
        self._scenarios = scenarios
        self._denials = denials
        self._key = key
        self._endpoint = endpoint
        self.requests: collections.Counter[str] = collections.Counter()
        self.statuses: collections.Counter[str] = collections.Counter()
        self.errors: collections.Counter[str] = collections.Counter()
        self._listeners = HttpListeners(self._handle, _MAX_BODY, _READ_BUFFER)

    async def start(
        self, tls: socket.socket, plain: socket.socket, certificate: ServerCertificate
    ) -> None:
        """Serve on the two listening sockets."""
        await self._listeners.start(certificate, tls, plain)

    async def stop(self) -> None:
        """Close the listeners and the connections."""
        await self._listeners.stop()

    @property
    def connections(self) -> int:
        """Connections open now."""
        return self._listeners.connections

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            answer, is_cut = await self._answer(request)
        except (HangUpError, ConnectionError):  # a scenario, or the client went away
            self.statuses["none"] += 1
            if request.transport is not None:
                request.transport.abort()
            return web.Response()  # aiohttp wants one; there is nobody left to send it to
        self.statuses["none" if is_cut else str(answer.status)] += 1
        headers = {
            "x-log-requestid": secrets.token_hex(12).upper(),
            "x-log-time": str(int(self._now())),
            "Server": "isthmus-sandbox",
            **answer.headers,
        }
        if is_cut:
            return await _begin(request, answer, headers)
        return web.Response(status=answer.status, headers=headers, body=answer.body)

    def _now(self) -> float:
        return time.time() + self._scenarios.clock_offset()

    async def _answer(self, request: web.BaseRequest) -> tuple[Answer, bool]:
        """The answer, and whether a scenario wants it cut in the middle."""
        try:
            self._scenarios.connected()
            return await self._carry_out(request)
        except ServiceError as error:
            refusal = error
        except (HangUpError, ConnectionError):
            raise
        except Exception as error:  # a full disk or a defect of ours: one request, not the service
            log(place_of(error))
            refusal = ServiceError("InternalServerError", "the emulator failed; see its log")
        self.errors[refusal.code] += 1
        return error_answer(refusal), False

    async def _carry_out(self, request: web.BaseRequest) -> tuple[Answer, bool]:
        head = self._head(request)
        operation, names = find(head)
        if self._scenarios.cuts_request(operation):
            await request.content.readany()
            _reset(request)
            raise HangUpError
        call = replace(head, body=await _body(request))
        self.requests[operation.name] += 1
        verify(call, self._key, self._service.region, self._now())
        self._scenarios.arrived(operation, call, self._service.region)
        self._denials.check(operation, call, self._service.region)
        answer = operation.run(self._service, call, *names)
        if inspect.isawaitable(answer):
            answer = await answer
        self._scenarios.done(operation)
        if delay := self._scenarios.delay(operation):
            await asyncio.sleep(delay)
        return answer, self._scenarios.cuts_answer(operation)

    def _head(self, request: web.BaseRequest) -> Call:
        """The request without its body."""
        host = request.headers.get("Host")
        if not host:
            raise ServiceError("MissingHost", "Host does not exist in http header")
        if (request.content_length or 0) > _MAX_BODY:
            raise ServiceError("PostBodyTooLarge", f"the body has over {_MAX_BODY} bytes")
        path, query = _split_target(request.raw_path)
        return Call(request.method, path, query, self._project(host), request.headers, b"")

    def _project(self, host: str) -> str:
        """The project that a Host header names, empty for none."""
        name = host.partition(":")[0].lower()
        if name in (self._endpoint, "localhost") or _is_address(name):
            return ""
        return name.partition(".")[0]


def log(text: str) -> None:
    """One line on standard error. Nothing that a client sent may be in it."""
    print(f"log_service: {text}", file=sys.stderr, flush=True)


async def _body(request: web.BaseRequest) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ServiceError("PostBodyTooLarge", "the body is too large") from None
    except web.RequestPayloadError:
        raise ServiceError("PostBodyInvalid", "the body is broken") from None


async def _begin(
    request: web.BaseRequest, answer: Answer, headers: dict[str, str]
) -> web.StreamResponse:
    """Send the head and half of the body, then reset the connection."""
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    _reset(request)
    return response


def _reset(request: web.BaseRequest) -> None:
    """End the connection by RST, so that its client sees a reset rather than an early end."""
    transport = request.transport
    if transport is not None:
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()


def _split_target(target: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Path and query parameters of a request target, percent-decoded."""
    if target.lower().startswith(_ABSOLUTE):
        _, _, rest = target.partition("://")
        authority = rest.partition("?")[0].partition("/")[0]
        target = rest[len(authority) :]
    path, _, query = target.partition("?")
    return unquote(path) or "/", tuple(parse_qsl(query, keep_blank_values=True))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
