"""One call of Security Center's API: request, retries, pages, problems.

A call that only reads is tried again, twice at the most, when the service is busy or away. A call
that changes something is tried again only when it was throttled: then it has not been done.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import re
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

from core.alibaba.security_center.answers import SecurityCenterError
from core.alibaba.security_center.connection import close_idle, runtime_options
from core.alibaba.security_center.places import CHINA, Place
from core.alibaba.security_center.problems import center_problem
from core.errors import Code, ProblemError

_READS = re.compile(r"^(List|Get|Describe|Validate|ExecuteLogQuery)")
_TRIES = 3
_PAUSES = (0.5, 2.0)
"""Seconds before the second and the third try, unless the service names a time."""
_LONGEST_PAUSE = 10.0
_PAGE = 100
_MOST_PAGES = 500
_SHANGHAI = frozenset({"CreateDataIngestion", "DeleteDataSource"})
"""Their documents name cn-shanghai as "the actual effective value" of RegionId."""


class Calls:
    """Calls operations by their names in the API reference. Used from one event loop."""

    def __init__(
        self, open_client: Callable[[], Any], place: Place, language: str, log_region: str
    ) -> None:
        """``open_client`` is called once, in a thread: the SDK takes a second to import.

        ``log_region``: where Logstores are if nobody says otherwise.
        """
        self.log_region = log_region
        self._open_client = open_client
        self._opening = threading.Lock()
        self._client: Any = None
        self.place = place
        self._language = language
        self._closed = False

    async def close(self) -> None:
        """No call may follow."""
        self._closed = True
        if self._client is not None:
            await asyncio.to_thread(close_idle, self.place)

    async def call(self, operation: str, where: str = "security_center", **fields: Any) -> Any:
        """Do ``operation``; fields are named as in the SDK. The answer's body.

        A dictionary in a list stands for the SDK's model of it. Raises ProblemError.
        """
        region = self.place.region_id
        try:
            return await self._tried(operation, where, {"region_id": region, **fields})
        except ProblemError as error:
            wrong_region = error.problem.code is Code.SECURITY_CENTER_REGION_WRONG
            if not (wrong_region and region == CHINA and operation in _SHANGHAI):
                raise
        return await self._tried(operation, where, {"region_id": "cn-shanghai", **fields})

    async def flag(self, operation: str, where: str) -> bool | None:
        """A yes or no of the older API version 2022-06-16, at the same endpoint.

        None: it has no such operation any more. Raises ProblemError.
        """
        fields = {"region_id": self.place.region_id}
        try:
            return str(await self._tried(operation, where, fields, old=True)).lower() == "true"
        except ProblemError as error:
            if error.problem.detail.startswith(f"{operation}: InvalidAction"):
                return None
            raise

    async def listed(
        self, operation: str, values: str, where: str = "security_center", **fields: Any
    ) -> AsyncIterator[Any]:
        """The values of a list, page by page: by page number where it has one, else by token.

        ``values``: the body's attribute that holds them. Raises ProblemError.
        """
        numbered = "page_number" in _parameters(f"{operation}Request")
        token, seen = "", 0
        for page in range(1, _MOST_PAGES + 1):
            paging: dict[str, Any] = (
                {"page_number": page, "page_size": _PAGE}
                if numbered
                else {"max_results": _PAGE, **({"next_token": token} if token else {})}
            )
            body = await self.call(operation, where, **paging, **fields)
            found = getattr(body, values) or []
            for value in found:
                yield value
            seen += len(found)
            if numbered:
                if not found or seen >= (body.total_count or 0):
                    return
                continue
            following = body.next_token or ""
            if not following or following == token:
                return
            token = following

    async def _tried(
        self, operation: str, where: str, fields: dict[str, Any], *, old: bool = False
    ) -> Any:
        once = self._once_old if old else self._once
        for attempt in range(_TRIES):
            try:
                return await asyncio.to_thread(once, operation, fields)
            except SecurityCenterError as error:
                again = error.throttled or (error.passing and bool(_READS.match(operation)))
                if not again or attempt == _TRIES - 1:
                    raise ProblemError(center_problem(error, where)) from None
                pause = error.retry_after or _PAUSES[attempt]
            await asyncio.sleep(min(pause, _LONGEST_PAUSE))
        raise AssertionError("not reached")

    def _once(self, operation: str, fields: dict[str, Any]) -> Any:
        from alibabacloud_cloud_siem20241212 import models

        client = self._sdk()
        name = f"{operation}Request"
        known = _parameters(name)
        given = {"lang": self._language, **fields}
        unknown = set(fields) - set(known) - {"region_id"}
        if unknown:
            raise TypeError(f"{name} has no {', '.join(sorted(unknown))}")
        request = getattr(models, name)(
            **{key: _modelled(value, name, key) for key, value in given.items() if key in known}
        )
        method = getattr(client, f"{_snake(operation)}_with_options")
        try:
            body = method(request, runtime_options()).body
        except Exception as error:
            raise SecurityCenterError.of(error, operation, self.place.host) from None
        if body is None:  # the SDK found no object in the answer and said nothing
            raise self._unreadable(operation)
        return body

    def _once_old(self, operation: str, fields: dict[str, Any]) -> Any:
        from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params

        client = self._sdk()
        params = Params(
            action=operation,
            version="2022-06-16",
            protocol="HTTPS",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        request = OpenApiRequest(body={"RegionId": fields["region_id"]})
        try:
            answer = client.call_api(params, request, runtime_options())
        except Exception as error:
            raise SecurityCenterError.of(error, operation, self.place.host) from None
        if not isinstance(answer["body"], dict):
            raise self._unreadable(operation)
        return answer["body"].get("Data")

    def _unreadable(self, operation: str) -> SecurityCenterError:
        return SecurityCenterError.unreadable(operation, self.place.host)

    def _sdk(self) -> Any:
        if self._closed:
            raise RuntimeError("the client is closed")
        with self._opening:
            if self._client is None:
                self._client = self._open_client()
            return self._client


@functools.cache
def _parameters(model: str) -> frozenset[str]:
    from alibabacloud_cloud_siem20241212 import models

    return frozenset(inspect.signature(getattr(models, model)).parameters)


def _modelled(value: Any, request: str, field: str) -> Any:
    """The SDK's models for dictionaries in a list: the request's name and the field's, joined."""
    from alibabacloud_cloud_siem20241212 import models

    if not isinstance(value, list):
        return value
    name = request + "".join(word.capitalize() for word in field.split("_"))
    return [getattr(models, name)(**each) if isinstance(each, dict) else each for each in value]


def _snake(operation: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation).lower()


class Group:
    """Operations that belong together; the client is made of several of these."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    @property
    def region_id(self) -> str:
        """The management centre that every request names."""
        return self._calls.place.region_id
