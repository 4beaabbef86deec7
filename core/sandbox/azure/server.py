"""The HTTPS listener: requests of ARM need a token, those of the sign-in endpoints do not."""

from __future__ import annotations

import collections
import socket
import sys
import uuid
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from core.sandbox.azure.access import is_write
from core.sandbox.azure.arm import Arm
from core.sandbox.azure.grants import Grants
from core.sandbox.azure.service import Service
from core.sandbox.azure.sign_in import Reply, SignIn
from core.sandbox.azure.wire import Answer, ArmError, now
from core.sandbox.certificates import ServerCertificate
from core.sandbox.defects import place_of
from core.sandbox.http_listeners import HttpListeners

_ARM = frozenset({"subscriptions", "providers", "tenants"})
_MAX_BODY = 4 * 1024 * 1024
_REQUESTS_KEPT = 10_000


class Server:
    """Answers everything.

    Attributes:
        requests: the last of them: method, path, status, and whether it meant to change something.
    """

    def __init__(self, service: Service, grants: Grants, sign_in: SignIn) -> None:
        self._endpoint = service.endpoint
        self._front = Arm(service, grants)
        self._sign_in = sign_in
        self.requests: collections.deque[dict[str, Any]] = collections.deque(maxlen=_REQUESTS_KEPT)
        self._listeners = HttpListeners(self._handle, _MAX_BODY)

    async def start(self, listener: socket.socket, certificate: ServerCertificate) -> None:
        """Serve on the listening socket."""
        await self._listeners.start(certificate, listener)

    async def stop(self) -> None:
        """Close the listener and the connections."""
        await self._listeners.stop()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        first = request.path.strip("/").partition("/")[0].lower()
        is_arm = first in _ARM
        try:
            response = await (self._arm(request) if is_arm else self._other(request))
        except Exception as error:  # a full disk or a defect of ours: one request, not the service
            log(place_of(error))
            refusal = ArmError(500, "InternalServerError", "The emulator failed; see its log.")
            response = _response(refusal.answer(), request)
        self.requests.append(
            {
                "method": request.method,
                "path": request.path,
                "status": response.status,
                "write": is_arm and is_write(request.method, request.path),
            }
        )
        return response

    async def _arm(self, request: web.BaseRequest) -> web.Response:
        try:
            return _response(await self._front.carry_out(request), request)
        except ArmError as refusal:
            return _response(refusal.answer(), request)

    async def _other(self, request: web.BaseRequest) -> web.Response:
        if request.path.lower() == "/metadata/endpoints":
            return _response(Answer(200, [self._metadata()]), request)
        form = {}
        if request.method == "POST":
            form = dict(parse_qsl((await request.read()).decode("utf-8", "replace"), True))
        reply = self._sign_in.answer(
            request.method,
            request.path,
            dict(parse_qsl(request.query_string, True)),
            form,
            as_page="text/html" in request.headers.get("Accept", ""),
        )
        return _web(reply)

    def _metadata(self) -> dict[str, Any]:
        """The cloud in the form of "Azure: metadata endpoints", for ``az cloud register``."""
        endpoint = self._endpoint
        return {
            "name": "IsthmusSandbox",
            "portal": endpoint,
            "authentication": {
                "loginEndpoint": endpoint,
                "audiences": [endpoint],
                "tenant": "common",
                "identityProvider": "AAD",
            },
            "graphAudience": endpoint,
            "graph": endpoint,
            "resourceManager": endpoint,
            "microsoftGraphResourceId": endpoint,
            "activeDirectoryDataLake": endpoint,
            "media": endpoint,
            "batch": endpoint,
            "gallery": endpoint,
            "sqlManagement": endpoint,
            "suffixes": {},
        }


def log(text: str) -> None:
    """One line on standard error. Nothing that a client sent may be in it."""
    print(f"azure: {text}", file=sys.stderr, flush=True)


def _response(answer: Answer, request: web.BaseRequest) -> web.Response:
    identity = str(uuid.uuid4())
    headers = {
        "x-ms-request-id": identity,
        "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", identity),
        "x-ms-routing-request-id": f"SANDBOX:{now()}:{identity}",
        "Cache-Control": "no-cache",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        **answer.headers,
    }
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    return web.json_response(answer.body, status=answer.status, headers=headers)


def _web(reply: Reply) -> web.Response:
    headers = {"Cache-Control": "no-store", **reply.headers}
    if reply.body is not None and not reply.page:
        return web.json_response(reply.body, status=reply.status, headers=headers)
    return web.Response(
        status=reply.status, headers=headers, text=reply.page, content_type="text/html"
    )
