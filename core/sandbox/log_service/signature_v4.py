"""Signature v4: a canonical request, a scope of date and region, and a chain of keys.

``Authorization: SLS4-HMAC-SHA256 Credential=<id>/<date>/<region>/sls/aliyun_v4_request,Signature=``
with the date in x-log-date (``YYYYMMDDTHHMMSSZ``) and the body's SHA-256 in x-log-content-sha256.
(Alibaba Cloud: SLS "Signature version 4".)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote

from core.sandbox.log_service.wire import Call, ServiceError

SCHEME = "SLS4-HMAC-SHA256"
_FORM = re.compile(
    SCHEME + r" Credential=(?P<key>[^/,]+)/(?P<date>\d{8})/(?P<region>[^/,]+)/sls/aliyun_v4_request"
    r",\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_OTHER_SIGNED = ("content-type", "host")


@dataclass(frozen=True)
class Authorization:
    """What the header Authorization says."""

    key_id: str
    date: str
    region: str
    signature: str


def read_authorization(call: Call) -> Authorization:
    """Read the header. Raises ServiceError MissAccessKeyId."""
    found = _FORM.fullmatch(call.headers.get("Authorization", ""))
    if found is None:
        raise ServiceError("MissAccessKeyId", "the Authorization header is not of the form of v4")
    return Authorization(found["key"], found["date"], found["region"], found["signature"])


def parse_date(text: str) -> float:
    """``YYYYMMDDTHHMMSSZ`` in epoch seconds. Raises ValueError."""
    return dt.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC).timestamp()


def expected_signature(call: Call, given: Authorization, secret: str, region: str) -> str:
    """The signature that the request should have.

    Raises ServiceError SignatureNotMatch for a scope or a body hash that is not the request's.
    """
    moment = call.headers.get("x-log-date", "")
    if given.region != region or not moment.startswith(given.date):
        raise ServiceError("SignatureNotMatch", f"the scope is not of {region} and of x-log-date")
    body_hash = call.headers.get("x-log-content-sha256", "")
    if body_hash != hashlib.sha256(call.body).hexdigest():
        raise ServiceError("SignatureNotMatch", "x-log-content-sha256 is not the body's")
    canonical = hashlib.sha256(_canonical_request(call, body_hash).encode()).hexdigest()
    scope = f"{given.date}/{region}/sls/aliyun_v4_request"
    key = f"aliyun_v4{secret}".encode()
    for part in (given.date, region, "sls", "aliyun_v4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join([SCHEME, moment, scope, canonical])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _canonical_request(call: Call, body_hash: str) -> str:
    query = sorted((name, quote(value, safe="~")) for name, value in call.query)
    headers = sorted(
        (name.lower(), value.strip())
        for name, value in call.headers.items()
        if name.lower() in _OTHER_SIGNED or name.lower().startswith(("x-log-", "x-acs-"))
    )
    return "\n".join(
        [
            call.method,
            call.path,
            "&".join(f"{name}={value}" if value else name for name, value in query),
            "".join(f"{name}:{value}\n" for name, value in headers),
            ";".join(name for name, _ in headers),
            body_hash,
        ]
    )
