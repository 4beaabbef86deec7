"""Every signature the SDKs make is verified: right ones pass, wrong ones get their errorCode."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import urllib.parse

import pytest
from aliyun.log import GetHistogramsRequest, LogException, LogItem, PutLogsRequest
from aliyun.log.auth import AUTH_VERSION_4

pytestmark = pytest.mark.slow

PROJECT = "proof"
REGION = "cn-sandbox"
V4 = {"auth_version": AUTH_VERSION_4, "region": REGION}
STS = {"securityToken": "CAIS-sandbox-token"}


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("more", [{}, V4, STS, {**V4, **STS}], ids=["v1", "v4", "v1sts", "v4sts"])
def test_the_sdk_is_believed(region, tls, more):
    name = region.logstore()
    client = region.sdk(tls=tls, **more)
    item = LogItem(contents=[("text", "1+1 = 2 & so ~on"), ("ü", "東")])
    client.put_logs(PutLogsRequest(PROJECT, name, "a topic", "10.0.0.1", [item]))
    now = item.get_time()
    query = 'not "x y&=+%~/ü东"'
    found = client.get_log(PROJECT, name, now - 60, now + 60, topic="a topic", query=query)
    assert [log.get_contents()["ü"] for log in found.get_logs()] == ["東"]
    asked = GetHistogramsRequest(PROJECT, name, now - 60, now + 60, "a topic", query)
    assert client.get_histograms(asked).get_total_count() == 1
    client._get_logs_v2_enabled = False
    assert client.get_log(PROJECT, name, now - 60, now + 60, query=query).get_count() == 1
    assert name in client.list_logstore(PROJECT, name).get_logstores()


@pytest.mark.parametrize("version", [{}, V4], ids=["v1", "v4"])
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"access_key_secret": "guessed"}, "SignatureNotMatch"),
        ({"access_key_id": "LTAIother"}, "InvalidAccessKeyId"),
    ],
)
def test_a_wrong_key_is_refused(region, version, wrong, code):
    with pytest.raises(LogException) as caught:
        region.sdk(**version, **wrong).list_logstore(PROJECT)
    assert (caught.value.get_resp_status(), caught.value.get_error_code()) == (401, code)


def test_v4_of_another_region_is_refused(region):
    client = region.sdk(auth_version=AUTH_VERSION_4, region="cn-hangzhou")
    with pytest.raises(LogException, match="SignatureNotMatch"):
        client.list_logstore(PROJECT)


def signed_v4(raw, method, path, query, headers, body_hash, moment):
    """Alibaba Cloud, SLS "Signature version 4"."""
    names = sorted(
        name
        for name in headers
        if name in ("content-type", "host") or name.startswith(("x-log-", "x-acs-"))
    )
    canonical = "\n".join(
        [
            method,
            path,
            "&".join(
                f"{name}={urllib.parse.quote(query[name], safe='~')}" if query[name] else name
                for name in sorted(query)
            ),
            *(f"{name}:{headers[name]}" for name in names),
            "",
            ";".join(names),
            body_hash,
        ]
    )
    scope = f"{moment[:8]}/{REGION}/sls/aliyun_v4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"SLS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
    key = b"aliyun_v4" + raw.secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    return f"SLS4-HMAC-SHA256 Credential={raw.key_id}/{scope},Signature={signature}"


def send_v4(region, kit, name, changed=None, body_hash=None, shift=0, authorization=None):
    """PutLogs signed by v4; ``changed`` headers replace those that were signed."""
    raw = region.raw()
    body = kit.group({"a": "b"})
    moment = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=shift)).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "host": raw.host,
        "content-type": "application/x-protobuf",
        "x-log-apiversion": "0.6.0",
        "x-log-bodyrawsize": str(len(body)),
        "x-log-content-sha256": body_hash or hashlib.sha256(body).hexdigest(),
        "x-log-date": moment,
    }
    path, query = f"/logstores/{name}/shards/route", {"key": "0" * 32, "empty": "", "odd": "a b~+"}
    signed = signed_v4(raw, "POST", path, query, headers, headers["x-log-content-sha256"], moment)
    usual = {"Host": "host", "Content-Type": "content-type"}
    sent = {
        **dict.fromkeys(("Date", "Content-MD5", "x-log-signaturemethod")),
        **{
            next((big for big, small in usual.items() if small == name), name): value
            for name, value in headers.items()
        },
        "Authorization": authorization or signed,
        **(changed or {}),
    }
    return raw.send("POST", path, query, body, sent)


def test_v4_as_documented(region, kit):
    assert send_v4(region, kit, region.logstore(shards=1)).status == 200


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"changed": {"x-log-bodyrawsize": "9"}}, 401, "SignatureNotMatch"),
        ({"changed": {"Content-Type": "text/plain"}}, 401, "SignatureNotMatch"),
        ({"changed": {"x-acs-security-token": "t"}}, 401, "SignatureNotMatch"),
        ({"body_hash": "0" * 64}, 401, "SignatureNotMatch"),
        ({"shift": -16 * 60}, 400, "RequestTimeTooSkewed"),
        ({"shift": 16 * 60}, 400, "RequestTimeTooSkewed"),
        ({"changed": {"x-log-date": None}}, 400, "MissingDate"),
        ({"changed": {"x-log-date": "yesterday"}}, 400, "InvalidDateFormat"),
        ({"authorization": "SLS4-HMAC-SHA256 Credential=x"}, 400, "MissAccessKeyId"),
        ({"changed": {"x-log-apiversion": None}}, 400, "MissingAPIVersion"),
    ],
)
def test_v4_that_does_not_fit_is_refused(region, kit, wrong, status, code):
    name = region.logstore(shards=1)
    reply = send_v4(region, kit, name, **wrong)
    assert (reply.status, reply.code) == (status, code)
    assert region.request("describe")["projects"][PROJECT][name]["shards"][0]["logs"] == 0


def test_v1_with_sha256(region, kit):
    """As the OpenAPI SDK signs."""
    raw = region.raw()
    name = region.logstore()
    assert raw.put(name, kit.group({"a": "b"}), digest="sha256").status == 200
    raw.secret = "guessed"
    reply = raw.put(name, kit.group({"a": "b"}), digest="sha256")
    assert (reply.status, reply.code) == (401, "SignatureNotMatch")
