"""Signatures: right ones are accepted, everything that differs from what was signed is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import http.client
import itertools
import json
import os
import socket
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest

_nonces = itertools.count(1)
_FORM = b"Lang=en&RegionId=ap-southeast-1"


def _now(minutes: float) -> str:
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Raw:
    """A request that is signed here by the document's rules, not by the emulator's code."""

    headers: dict[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = _FORM
    sent_body: bytes | None = None
    unsigned: tuple[str, ...] = ()
    secret: str = ""
    key_id: str = ""
    authorization: str = ""
    method: str = "POST"
    minutes: float = 0

    def send(self, center) -> tuple[int, dict[str, object]]:
        host = center.box.center.ready["http_endpoint"]
        key_id, secret = center.box.key
        headers = {
            "host": host,
            "x-acs-action": "GetUserConfig",
            "x-acs-version": "2024-12-12",
            "x-acs-date": _now(self.minutes),
            "x-acs-signature-nonce": f"{os.getpid()}-{next(_nonces)}",
            "x-acs-content-sha256": hashlib.sha256(self.body).hexdigest(),
            "content-type": "application/x-www-form-urlencoded",
            **self.headers,
        }
        headers = {name: value for name, value in headers.items() if value}
        names = sorted(set(headers) - set(self.unsigned))
        pairs = [(quote(name, safe="~"), quote(value, safe="~")) for name, value in self.query]
        query = "&".join(f"{name}={value}" for name, value in sorted(pairs))
        canonical = [self.method, "/", query, *(f"{name}:{headers[name]}" for name in names), ""]
        canonical += [";".join(names), headers.get("x-acs-content-sha256", "")]
        hashed = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        text = f"ACS3-HMAC-SHA256\n{hashed}"
        signature = hmac.new((self.secret or secret).encode(), text.encode(), "sha256").hexdigest()
        headers["authorization"] = self.authorization or (
            f"ACS3-HMAC-SHA256 Credential={self.key_id or key_id},"
            f"SignedHeaders={';'.join(names)},Signature={signature}"
        )
        connection = http.client.HTTPConnection(host, timeout=10)
        target = "/?" + query if query else "/"
        body = self.body if self.sent_body is None else self.sent_body
        connection.request(self.method, target, body, headers)
        response = connection.getresponse()
        told = json.loads(response.read())
        connection.close()
        return response.status, told


def test_a_right_signature_is_accepted(center):
    status, told = Raw().send(center)
    assert (status, bool(told["User"])) == (200, True)


@pytest.mark.slow
def test_parameters_of_the_query_are_signed_too(center):
    names = (("Lang", "en"), ("VendorName", "a b*~+ü/&="), ("RegionId", "ap-southeast-1"))
    headers = {"x-acs-action": "ListVendors"}
    for method in ("POST", "GET"):
        status, told = Raw(headers, query=names, body=b"", method=method).send(center)
        assert (status, told["Vendors"]) == (200, [])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (Raw(secret="wrong"), "SignatureDoesNotMatch"),
        (Raw(sent_body=_FORM + b"&RoleFor=1"), "SignatureDoesNotMatch"),
        (Raw({"x-acs-content-sha256": "0" * 64}), "SignatureDoesNotMatch"),
        (Raw(key_id="LTAIsomebody"), "InvalidAccessKeyId.NotFound"),
        (Raw(minutes=-16), "InvalidTimeStamp.Expired"),
        (Raw(minutes=16), "InvalidTimeStamp.Expired"),
        (Raw({"x-acs-date": "now"}), "InvalidTimeStamp.Format"),
        (Raw({"x-acs-date": ""}), "Missingx-acs-date"),
        (Raw({"x-acs-signature-nonce": ""}), "Missingx-acs-signature-nonce"),
        (Raw({"x-acs-action": ""}), "Missingx-acs-action"),
        (Raw(unsigned=("host",)), "IncompleteSignature"),
        (Raw(unsigned=("x-acs-action",)), "IncompleteSignature"),
        (
            Raw({"x-acs-security-token": "t"}, unsigned=("x-acs-security-token",)),
            "IncompleteSignature",
        ),
        (Raw(authorization="acs LTAI:signature"), "MissingAuthorization"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_as_it_was_signed_is_refused(center, raw, code):
    status, told = raw.send(center)
    assert told["Code"] == code
    assert status in (400, 404)
    assert told["RequestId"]


def test_bytes_that_are_not_utf8_in_a_header_are_refused(center):
    for name, code in {
        "x-acs-signature-nonce": "SignatureDoesNotMatch",
        "x-acs-content-sha256": "SignatureDoesNotMatch",
        "x-acs-date": "InvalidTimeStamp.Format",
    }.items():
        status, told = Raw({name: "\u00ff"}).send(center)  # http.client sends Latin-1
        assert (status, told["Code"]) == (400, code)


def test_what_is_no_http_is_refused_and_not_quoted_in_the_log(center):
    host, _, port = center.box.center.ready["http_endpoint"].partition(":")
    head = "POST / HTTP/1.1\r\nHost: x\r\n"
    for request, status in {
        "a canary\r\n\r\n": 400,
        f"{head}Authorization: {'a canary' * 2000}\r\n\r\n": 400,
        f"{head}Content-Length: a canary\r\n\r\n": 400,
        f"{head}Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\na canary": 400,
    }.items():
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(request.encode())
            assert int(connection.recv(1000).split()[1]) == status
    assert Raw().send(center)[0] == 200
    log = (center.box.folder / "security_center.log").read_text("utf-8")
    assert "a canary" not in log
    assert "Payload" not in log


def test_a_request_counts_once(center):
    once = Raw({"x-acs-signature-nonce": "just-once"})
    assert once.send(center)[0] == 200
    assert once.send(center)[1]["Code"] == "SignatureNonceUsed"


@pytest.mark.slow
def test_a_body_that_is_too_large_is_refused(center):
    status, told = Raw(body=b"x" * 5_000_000).send(center)
    assert (status, told["Code"]) == (413, "RequestEntityTooLarge")
