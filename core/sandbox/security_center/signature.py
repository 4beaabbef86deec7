"""Who signed a request: ACS3-HMAC-SHA256 over the hash of its canonical form.

Alibaba Cloud, "Request structure and signature V3". The codes of the refusals are the gateway's
common ones (SC-02).
"""

from __future__ import annotations

import collections
import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from core.sandbox.security_center.wire import ApiError

ALGORITHM = "ACS3-HMAC-SHA256"
_FORM = re.compile(
    r"ACS3-HMAC-SHA256 +Credential=(?P<key>[^,\s]+),\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_SKEW = dt.timedelta(minutes=15)
_NONCES_KEPT = 100_000
_ALWAYS = ("host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce")


@dataclass(frozen=True)
class Signed:
    """The parts of a request that its signature is about.

    Attributes:
        headers: by name in lower case.
        query: names and values, decoded.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Verifier:
    """Knows the AccessKey, and the nonces that were used."""

    def __init__(self) -> None:
        self._nonces: collections.OrderedDict[str, None] = collections.OrderedDict()

    def verify(
        self, request: Signed, key_id: str, key_secret: str, now: dt.datetime | None = None
    ) -> None:
        """Raises ApiError if the request is not from the holder of the key, or is an old one."""
        headers = request.headers
        authorization = _FORM.fullmatch(headers.get("authorization", ""))
        if authorization is None:
            raise ApiError(
                400, "MissingAuthorization", f"An Authorization of {ALGORITHM} is needed."
            )
        names = authorization["headers"].split(";")
        _check_names(names, headers)
        if not hmac.compare_digest(authorization["key"].encode(), key_id.encode()):
            raise ApiError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        _check_date(headers["x-acs-date"], now or dt.datetime.now(dt.UTC))
        digest = hashlib.sha256(request.body).hexdigest()
        canonical = canonical_request(request, names, digest)
        expected = sign(key_secret, canonical)
        is_body = hmac.compare_digest(headers["x-acs-content-sha256"].encode(), digest.encode())
        if not is_body or not hmac.compare_digest(expected, authorization["signature"]):
            raise ApiError(
                400,
                "SignatureDoesNotMatch",
                "Specified signature is not matched with our calculation.",
            )
        self._use(headers["x-acs-signature-nonce"])

    def _use(self, nonce: str) -> None:
        if nonce in self._nonces:
            raise ApiError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces[nonce] = None
        if len(self._nonces) > _NONCES_KEPT:
            self._nonces.popitem(last=False)


def canonical_request(request: Signed, names: list[str], digest: str) -> str:
    """The canonical form, with the headers ``names`` and the hash of the body."""
    query = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(request.query)
    )
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    return "\n".join([request.method, request.path, query, headers, ";".join(names), digest])


def sign(secret: str, canonical: str) -> str:
    """The signature of a canonical request, in hexadecimal."""
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _check_names(names: list[str], headers: Mapping[str, str]) -> None:
    """All that the service acts upon must be signed."""
    for name in (*_ALWAYS, "x-acs-content-sha256"):
        if name not in headers:
            raise ApiError(400, f"Missing{name}", f"The header {name} is mandatory.")
    wanted = {*_ALWAYS, *(name for name in headers if name.startswith("x-acs-"))}
    if names != sorted(set(names)) or not wanted <= set(names):
        raise ApiError(
            400, "IncompleteSignature", "SignedHeaders must name host and every x-acs- header."
        )


def _check_date(text: str, now: dt.datetime) -> None:
    try:
        date = dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        raise ApiError(
            400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formed."
        ) from None
    if abs(now - date) > _SKEW:
        raise ApiError(
            400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."
        )
