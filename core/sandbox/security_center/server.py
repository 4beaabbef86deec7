"""The two listeners: a request becomes a call, the call an answer."""

from __future__ import annotations

import collections
import socket
import sys
import uuid
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from core.sandbox.certificates import ServerCertificate
from core.sandbox.defects import place_of
from core.sandbox.http_listeners import HttpListeners
from core.sandbox.security_center.front import Front
from core.sandbox.security_center.signature import Signed
from core.sandbox.security_center.wire import ApiError, form_pairs

_MAX_BODY = 4 * 1024 * 1024
_REQUESTS_KEPT = 10_000


class Server:
    """Answers the requests of both listeners.

    Attributes:
        requests: the last of them: action, version, status and code of the refusal.
    """

    def __init__(self, front: Front) -> None:
        self._front = front
        self.requests: collections.deque[dict[str, Any]] = collections.deque(maxlen=_REQUESTS_KEPT)
        self._listeners = HttpListeners(self._handle, _MAX_BODY)

    async def start(
        self, tls: socket.socket, plain: socket.socket, certificate: ServerCertificate
    ) -> None:
        """Serve on the two listening sockets."""
        await self._listeners.start(certificate, tls, plain)

    async def stop(self) -> None:
        """Close the listeners and the connections."""
        await self._listeners.stop()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        identity = str(uuid.uuid4()).upper()
        try:
            body = await self._front.answer(await _signed(request))
            status, code = 200, ""
        except ApiError as refusal:
            status, code, body = refusal.status, refusal.code, _error(request, refusal)
        except ConnectionError:  # the client went away
            return web.Response()  # aiohttp wants one; there is nobody left to send it to
        except Exception as error:  # a full disk or a defect of ours: one request, not the service
            log(place_of(error))
            failed = ApiError(500, "InternalError", "The emulator failed; see its log.")
            status, code, body = failed.status, failed.code, _error(request, failed)
        self.requests.append(
            {
                "action": request.headers.get("x-acs-action", ""),
                "version": request.headers.get("x-acs-version", ""),
                "status": status,
                "code": code,
            }
        )
        headers = {"x-acs-request-id": identity}
        return web.json_response({"RequestId": identity, **body}, status=status, headers=headers)


def log(text: str) -> None:
    """One line on standard error. Nothing that a client sent may be in it."""
    print(f"security_center: {text}", file=sys.stderr, flush=True)


async def _signed(request: web.BaseRequest) -> Signed:
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "RequestEntityTooLarge", "The request body is too large.") from None
    except web.RequestPayloadError:
        raise ApiError(400, "InvalidParameter", "The request body is broken.") from None
    path, _, query = request.raw_path.partition("?")
    return Signed(
        request.method,
        unquote(path) or "/",
        tuple(form_pairs(query.encode())),
        {name.lower(): _text(value) for name, value in request.headers.items()},
        body,
    )


def _text(value: str) -> str:
    """A header's value; aiohttp keeps bytes that are not UTF-8 as halves of surrogate pairs."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _error(request: web.BaseRequest, refusal: ApiError) -> dict[str, Any]:
    return {
        "HostId": request.headers.get("Host", ""),
        "Code": refusal.code,
        "Message": refusal.message,
        **refusal.more,
    }
