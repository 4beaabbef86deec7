"""A request of Azure Resource Manager on its way to its operation: who calls, may he, what is it.

Source: "Azure Resource Manager: common API details, throttling requests"; codes and texts of 401
answers as azure-core's challenge handling knows them.
"""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from core.sandbox.azure import tokens
from core.sandbox.azure.access import need_of
from core.sandbox.azure.grants import Grants
from core.sandbox.azure.routes import find
from core.sandbox.azure.service import Service
from core.sandbox.azure.wire import Answer, ArmError, Call, Principal, now

_METHODS = frozenset({"GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"})


class Arm:
    """Carries requests out."""

    def __init__(self, service: Service, grants: Grants) -> None:
        self._service = service
        self._grants = grants

    async def carry_out(self, request: web.BaseRequest) -> Answer:
        """The answer to a request; ArmError refuses it."""
        body = await _json(request)
        principal = self._principal(request.headers.get("Authorization", ""))
        query = {key.lower(): value for key, value in parse_qsl(request.query_string, True)}
        path = request.path.rstrip("/") or "/"
        call = Call(request.method, path, query, body, principal)
        if not call.parameter("api-version"):
            raise ArmError(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        self._check_throttle()
        self._check_subscription(call)
        route, names = find(call.method, call.path)
        if not route.open:
            self._service.access.check(principal, need_of(call.method, call.path))
        return await route.run(self._service, call, *names)

    def _principal(self, authorization: str) -> Principal:
        """Who calls; ArmError 401 if the token does not say so."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise self._unauthorized(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
            )
        try:
            claims = self._grants.signer.verify(token)
        except tokens.ExpiredError:
            raise self._unauthorized(
                "ExpiredAuthenticationToken",
                f"The access token expiry UTC time is earlier than current UTC time '{now()}'.",
            ) from None
        except tokens.TokenError:
            raise self._unauthorized(
                "InvalidAuthenticationToken", "The access token is invalid."
            ) from None
        if str(claims.get("aud", "")).rstrip("/") not in self._grants.audiences:
            raise self._unauthorized(
                "InvalidAuthenticationTokenAudience",
                "The access token has been obtained for wrong audience or resource "
                f"'{claims.get('aud')}'. It should exactly match with one of the allowed audiences "
                f"'{self._service.endpoint}/','https://management.azure.com/'.",
            )
        is_app = claims.get("idtyp") == "app"
        name = claims["appid"] if is_app else claims["upn"]
        return Principal(claims["tid"], claims["oid"], name, is_app)

    def _unauthorized(self, code: str, message: str, tenant: str = "common") -> ArmError:
        address = f"{self._service.endpoint}/{tenant}"
        challenge = f'Bearer authorization_uri="{address}", error="invalid_token", '
        challenge += f'error_description="{message.replace(chr(34), chr(39))}"'
        return ArmError(401, code, message, headers={"WWW-Authenticate": challenge})

    def _check_throttle(self) -> None:
        seconds = self._service.scenarios.throttles()
        if seconds is not None:
            raise ArmError(
                429,
                "SubscriptionRequestsThrottled",
                "Number of requests for the subscription exceeded the limit. Please try again "
                f"after '{seconds}' seconds.",
                headers={
                    "Retry-After": str(seconds),
                    "x-ms-ratelimit-remaining-subscription-reads": "0",
                },
            )

    def _check_subscription(self, call: Call) -> None:
        """A subscription in the path must be there, and the token of its tenant."""
        parts = call.path.strip("/").split("/")
        if parts[0].lower() != "subscriptions" or len(parts) < 2:
            return
        try:
            uuid.UUID(parts[1])
        except ValueError:
            raise ArmError(
                400,
                "InvalidSubscriptionId",
                f"The provided subscription identifier '{parts[1]}' is malformed or invalid.",
            ) from None
        found = self._service.directory.subscription(parts[1])
        if found is None:
            raise ArmError(
                404, "SubscriptionNotFound", f"The subscription '{parts[1]}' could not be found."
            )
        if found.tenant != call.principal.tenant:
            raise self._unauthorized(
                "InvalidAuthenticationTokenTenant",
                f"The access token is from the wrong issuer "
                f"'https://sts.windows.net/{call.principal.tenant}/'. It must match the tenant "
                f"'https://sts.windows.net/{found.tenant}/' associated with this subscription.",
                found.tenant,
            )


async def _json(request: web.BaseRequest) -> Any:
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ArmError(
            413, "RequestContentTooLarge", "The request content exceeds the limit."
        ) from None
    if request.method not in _METHODS:
        raise ArmError(405, "HttpMethodNotAllowed", "The method is not supported.")
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        raise ArmError(
            400, "InvalidRequestContent", "The request content was not valid JSON."
        ) from None
