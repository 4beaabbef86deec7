"""The way of a request through the service: who asks, what for, may they, can it be done."""

from __future__ import annotations

from typing import Any

from core.sandbox.security_center import account, routes
from core.sandbox.security_center.denied import check_rights
from core.sandbox.security_center.log_access import LogAccess, NotReadyError
from core.sandbox.security_center.names import CENTRES
from core.sandbox.security_center.service import Service
from core.sandbox.security_center.signature import Signed, Verifier
from core.sandbox.security_center.wire import ApiError, Call, form_pairs, invalid, missing, nested

_LANGUAGES = ("zh", "en")
_ALIAS = {"cn-hangzhou": ("cn-hangzhou", "cn-shanghai")}
"""RegionId that also count as a management centre (the SDK's comments on two operations)."""


class Front:
    """Takes every request."""

    def __init__(self, service: Service, access: LogAccess) -> None:
        self._service = service
        self._access = access
        self._verifier = Verifier()

    async def answer(self, request: Signed) -> dict[str, Any]:
        """The members of the answer. Raises ApiError."""
        call = self._call(request)
        operation = routes.find(call.version, call.action)
        check_rights(self._service, operation)
        if operation.version == routes.VERSION:
            self._check_common(call)
            account.check_activated(self._service)
            if operation.reads_logs:
                account.check_role(self._service)
            self._service.ground.begin()
            if operation.on_ground:
                await self._service.ground.ready()
        answer = await operation.run(self._service, call)
        return answer.body

    def _call(self, request: Signed) -> Call:
        if request.method not in ("POST", "GET") or request.path != "/":
            raise ApiError(404, "InvalidAction.NotFound", "Specified api is not found.")
        try:
            keys = self._access.keys()
        except NotReadyError:
            raise ApiError(503, "ServiceUnavailable", "The service is starting.") from None
        self._verifier.verify(request, keys.access_key_id, keys.access_key_secret)
        pairs = [*request.query, *(form_pairs(request.body) if request.body else [])]
        return Call(
            request.headers["x-acs-version"],
            request.headers["x-acs-action"],
            nested(pairs),
            token="x-acs-security-token" in request.headers,
        )

    def _check_common(self, call: Call) -> None:
        """Lang is mandatory in fact; RegionId is where the account's assets are managed (SC-04)."""
        if not call.has("Lang"):
            raise missing("Lang")
        call.choice("Lang", _LANGUAGES)
        region, centre = call.text("RegionId"), self._service.centre
        if region and region not in _ALIAS.get(centre, (centre,)):
            known = region in CENTRES
            if not known:
                raise invalid("RegionId")
            raise ApiError(
                400,
                "InvalidRegionId",
                f"The specified RegionId is invalid. The account is managed in {centre}.",
            )
