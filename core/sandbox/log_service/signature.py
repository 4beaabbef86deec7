"""Request signatures v1 and v4, checked by computing them again.

v1: the string to sign is METHOD, Content-MD5, Content-Type, Date, the x-log- and x-acs- headers and
the resource with its query parameters, decoded and sorted; HMAC-SHA1 or HMAC-SHA256 with the
AccessKey secret, base64. v4 is in ``signature_v4``. A request with temporary credentials carries
x-acs-security-token; the emulator has one AccessKey and believes any token that is signed with it
(assumption SLS-09). (Alibaba Cloud: SLS "Request signatures".)
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from core.sandbox.log_service import signature_v4
from core.sandbox.log_service.wire import Call, ServiceError

_API_VERSION = "0.6.0"
_METHODS = {"hmac-sha1": hashlib.sha1, "hmac-sha256": hashlib.sha256}
_SKEW_SECONDS = 15 * 60
# The Python SDK adds x-log-date after it has signed; the service copes, so it cannot be part.
_UNSIGNED = ("x-log-date", "x-log-meta-")


@dataclass(frozen=True)
class AccessKey:
    """An AccessKey pair."""

    id: str
    secret: str = field(repr=False)


def verify(call: Call, key: AccessKey, region: str, now: float) -> None:
    """Check version, date and signature of ``call``; ``now`` in epoch seconds.

    Raises ServiceError.
    """
    _check_version(call)
    if call.headers.get("Authorization", "").startswith(signature_v4.SCHEME):
        given = signature_v4.read_authorization(call)
        _check_date(call.headers.get("x-log-date"), signature_v4.parse_date, now)
        _check_key(given.key_id, key)
        expected = signature_v4.expected_signature(call, given, key.secret, region)
        matches = hmac.compare_digest(given.signature.encode(), expected.encode())
    else:
        key_id, signature = _authorization(call)
        method = _method(call)
        _check_date(_date(call), _parse_date, now)
        _check_key(key_id, key)
        text = string_to_sign(call).encode("utf-8", "surrogateescape")
        digest = hmac.new(key.secret.encode(), text, method).digest()
        matches = hmac.compare_digest(signature, digest)
    if not matches:
        raise ServiceError("SignatureNotMatch", "signature does not match")


def string_to_sign(call: Call) -> str:
    """What the client should have signed by v1."""
    headers = call.headers
    lines = [
        call.method,
        headers.get("Content-MD5", ""),
        headers.get("Content-Type", ""),
        _date(call) or "",
        *(f"{name}:{value}" for name, value in sorted(_signed_headers(call))),
    ]
    query = "&".join(f"{name}={value}" for name, value in sorted(call.query))
    return "\n".join([*lines, f"{call.path}?{query}" if query else call.path])


def _signed_headers(call: Call) -> list[tuple[str, str]]:
    named = ((name.lower(), value) for name, value in call.headers.items())
    return [
        (name, value)
        for name, value in named
        if name.startswith(("x-log-", "x-acs-")) and not name.startswith(_UNSIGNED)
    ]


def _check_version(call: Call) -> None:
    version = call.headers.get("x-log-apiversion")
    if version is None:
        raise ServiceError("MissingAPIVersion", "x-log-apiversion does not exist in http header")
    if version != _API_VERSION:
        raise ServiceError("InvalidAPIVersion", f"x-log-apiversion {version} is unsupported")


def _check_key(key_id: str, key: AccessKey) -> None:
    if key_id != key.id:
        raise ServiceError("InvalidAccessKeyId", f"AccessKeyId: {key_id} is invalid")


def _method(call: Call) -> Callable[..., Any]:
    name = call.headers.get("x-log-signaturemethod")
    if name is None:
        raise ServiceError("MissingSignatureMethod", "x-log-signaturemethod is missing")
    if name not in _METHODS:
        raise ServiceError("InvalidSignatureMethod", f"x-log-signaturemethod {name} is unsupported")
    return _METHODS[name]


def _authorization(call: Call) -> tuple[str, bytes]:
    """AccessKey id and signature of the header ``Authorization: LOG <id>:<base64>``."""
    scheme, _, rest = call.headers.get("Authorization", "").partition(" ")
    key_id, _, signature = rest.partition(":")
    if scheme != "LOG" or not key_id:
        raise ServiceError("MissAccessKeyId", "there is no AccessKey id in the http header")
    try:
        return key_id, base64.b64decode(signature, validate=True)
    except binascii.Error:
        raise ServiceError("SignatureNotMatch", "the signature is not base64") from None


def _date(call: Call) -> str | None:
    return call.headers.get("Date", call.headers.get("x-log-date"))


def _parse_date(text: str) -> float:
    moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp()


def _check_date(text: str | None, parse: Callable[[str], float], now: float) -> None:
    if text is None:
        raise ServiceError("MissingDate", "Date does not exist in http header")
    try:
        seconds = parse(text)
    except (ValueError, OverflowError):
        raise ServiceError("InvalidDateFormat", f"Date {text} must follow RFC822") from None
    if abs(seconds - now) > _SKEW_SECONDS:
        server = dt.datetime.fromtimestamp(now, dt.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        raise ServiceError(
            "RequestTimeTooSkewed",
            f"Request time {text} differs more than 15 minutes from server time {server}",
        )
