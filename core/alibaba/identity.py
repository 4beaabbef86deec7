"""Whose AccessKey it is, asked of Alibaba Cloud's Security Token Service.

Source: "STS API 2015-04-01, GetCallerIdentity": needs no right, so it also tells whether the
AccessKey is known, its secret right, its token not ended and the clock not wrong.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from core.alibaba.credentials import KeySource
from core.alibaba.security_center.answers import SecurityCenterError
from core.alibaba.security_center.connection import open_client, runtime_options
from core.alibaba.security_center.places import Place
from core.alibaba.security_center.problems import center_problem
from core.errors import Code, Problem, ProblemError, problem
from core.profile import Profile

Kind = Literal["root", "user", "role", "other"]
_KINDS: dict[str, Kind] = {"Account": "root", "RAMUser": "user", "AssumedRoleUser": "role"}
_OPERATION = "GetCallerIdentity"
_WHERE = "alibaba.access_key_id"


@dataclass(frozen=True)
class Identity:
    """An account of Alibaba Cloud, and who in it the AccessKey belongs to.

    Attributes:
        account_id: 16 digits.
        arn: Alibaba Cloud resource name, such as ``acs:ram::1234567890123456:user/alice``.
        kind: ``root`` may do everything, which no import needs.
        name: of the RAM user or role; empty: the account itself.
    """

    account_id: str
    arn: str
    kind: Kind
    name: str


async def who_is(profile: Profile, keys: KeySource) -> Identity:
    """Who ``keys`` belong to. Raises ProblemError."""
    return await asyncio.to_thread(_ask, profile, keys)


def _ask(profile: Profile, keys: KeySource) -> Identity:
    from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params

    place = _place(profile)
    client = open_client(place, keys, profile.ca_file, profile.network.proxy)
    params = Params(
        action=_OPERATION,
        version="2015-04-01",
        protocol=place.scheme,
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    try:
        body = client.call_api(params, OpenApiRequest(), runtime_options())["body"]
    except Exception as error:
        told = SecurityCenterError.of(error, _OPERATION, place.host)
        raise ProblemError(_problem(told)) from None
    if not isinstance(body, dict):
        raise ProblemError(_problem(SecurityCenterError.unreadable(_OPERATION, place.host)))
    return _identity(body)


def _place(profile: Profile) -> Place:
    region = profile.account.region
    given = profile.endpoints.sts or f"sts.{region}.aliyuncs.com"
    scheme, _, host = given.rpartition("://")
    return Place(host.rstrip("/"), "HTTP" if scheme == "http" else "HTTPS", region)


def _identity(told: dict[str, Any]) -> Identity:
    arn = str(told.get("Arn") or "")
    _, _, path = arn.rpartition(":")
    kind = _KINDS.get(str(told.get("IdentityType")), "other")
    names = path.split("/")  # user/NAME, assumed-role/NAME/SESSION
    return Identity(
        account_id=str(told.get("AccountId") or ""),
        arn=arn,
        kind=kind,
        name=names[1] if kind != "root" and len(names) > 1 else "",
    )


def _problem(told: SecurityCenterError) -> Problem:
    """STS's codes for keys, tokens and clocks are those of every API of Alibaba Cloud."""
    found = center_problem(told, _WHERE)
    if found.code.name.startswith("ALIBABA_"):
        return found
    if told.status >= 500 or told.throttled:
        code = told.code or f"HTTP {told.status}"
        return problem(
            Code.ALIBABA_NO_ANSWER, _WHERE, found.detail, host=told.host, error_code=code
        )
    return problem(
        Code.ALIBABA_CALL_REFUSED,
        _WHERE,
        found.detail,
        what="say whose AccessKey it is",
        error_code=told.code or f"HTTP {told.status}",
        reason="see the detail",
    )
