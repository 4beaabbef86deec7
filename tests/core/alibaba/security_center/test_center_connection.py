"""How requests travel: endpoint and region, TLS, proxy, retries, keys."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.canned_api import Canned, CannedApi, canned_api

from core.alibaba.credentials import Keys, KeySource
from core.alibaba.security_center import SecurityCenter, calls
from core.alibaba.security_center.places import place_of
from core.errors import Code, Problem, ProblemError
from core.profile import Profile, parse_profile
from core.sandbox.certificates import Authority

KEYS = Keys("LTAI-id", "the-secret")
REGIONS = Canned(body={"LogRegions": ["ap-southeast-1"], "RequestId": "R-1"})
THROTTLED = Canned(400, {"Code": "Throttling.User", "Message": "Slow down.", "RequestId": "R-2"})
AWAY = Canned(503, {"Code": "ServiceUnavailable", "Message": "Later.", "RequestId": "R-3"})
CUT = Canned(0)
MADE = Canned(body={"VendorId": "v-1", "RequestId": "R-4"})


def profile(
    folder: Path,
    endpoint: str = "",
    *,
    region: str = "ap-southeast-1",
    more: str = "",
    net: str = "",
) -> Profile:
    text = f"""
        schema_version = 1
        name = "contoso"
        [kafka]
        bootstrap = "hub.test:9093"
        topic = "logs"
        connection_string = "memory:kafka"
        [alibaba]
        region = "{region}"
        [security_center]
        endpoint = "{endpoint}"
        {more}
        [network]
        {net}
    """
    return parse_profile(text, folder / "contoso.toml")


def run(
    wanted: Profile,
    work: Callable[[SecurityCenter], Awaitable[Any]],
    keys: KeySource | None = None,
    language: str = "en",
) -> Any:
    async def whole() -> Any:
        async with SecurityCenter.of(wanted, keys or KeySource(KEYS), language) as center:
            return await work(center)

    return asyncio.run(whole())


def refusal(wanted: Profile, work: Callable[[SecurityCenter], Awaitable[Any]]) -> Problem:
    with pytest.raises(ProblemError) as caught:
        run(wanted, work)
    return caught.value.problem


def regions(center: SecurityCenter) -> Awaitable[Any]:
    return center.regions()


def vendor(center: SecurityCenter) -> Awaitable[Any]:
    return center.create_vendor("Contoso")


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_PAUSES", (0.0, 0.0))


def plain(api: CannedApi, folder: Path, **more: Any) -> Profile:
    return profile(folder, f"http://{api.address}", **more)


@pytest.mark.parametrize(
    ("region", "host", "centre"),
    [
        ("cn-shanghai", "cloud-siem.cn-shanghai.aliyuncs.com", "cn-hangzhou"),
        ("cn-hongkong", "cloud-siem.cn-shanghai.aliyuncs.com", "cn-hangzhou"),
        ("ap-southeast-1", "cloud-siem.ap-southeast-1.aliyuncs.com", "ap-southeast-1"),
        ("eu-central-1", "cloud-siem.ap-southeast-1.aliyuncs.com", "ap-southeast-1"),
    ],
)
def test_endpoint_and_management_centre_are_two_things(tmp_path, region, host, centre):
    place = place_of(profile(tmp_path, region=region))
    assert (place.host, place.scheme, place.region_id) == (host, "HTTPS", centre)


@pytest.mark.parametrize(
    ("endpoint", "host", "scheme"),
    [
        ("siem.test", "siem.test", "HTTPS"),
        ("https://siem.test:8443", "siem.test:8443", "HTTPS"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", "HTTP"),
    ],
)
def test_an_endpoint_of_the_profile(tmp_path, endpoint, host, scheme):
    place = place_of(profile(tmp_path, endpoint, more='region_id = "cn-hangzhou"'))
    assert (place.host, place.scheme, place.region_id) == (host, scheme, "cn-hangzhou")


def test_language_region_and_signature_go_with_every_request(tmp_path):
    with canned_api(MADE) as api:
        run(plain(api, tmp_path), vendor, language="zh")
    (asked,) = api.asked
    assert asked.form == {"VendorName": "Contoso", "Lang": "zh", "RegionId": "ap-southeast-1"}
    assert asked.headers["authorization"].startswith("ACS3-HMAC-SHA256 Credential=LTAI-id,")
    assert asked.headers["x-acs-version"] == "2024-12-12"
    assert "x-acs-security-token" not in asked.headers


def test_each_request_asks_for_the_keys_of_the_moment(tmp_path):
    class Changing(KeySource):
        number = 0

        def keys(self) -> Keys:
            self.number += 1
            return Keys(f"STS.{self.number}", "secret", f"token-{self.number}")

    async def twice(center: SecurityCenter) -> None:
        await center.regions()
        await center.regions()

    with canned_api(REGIONS) as api:
        run(plain(api, tmp_path), twice, Changing(KEYS))
    tokens = [asked.headers["x-acs-security-token"] for asked in api.asked]
    assert len(set(tokens)) == 2
    for asked, token in zip(api.asked, tokens, strict=True):
        assert f"Credential=STS.{token.removeprefix('token-')}," in asked.headers["authorization"]


@pytest.mark.parametrize("trouble", [THROTTLED, AWAY, CUT])
def test_a_reading_call_is_tried_three_times(tmp_path, no_pauses, trouble):
    with canned_api(trouble, trouble, REGIONS) as api:
        assert run(plain(api, tmp_path), regions) == ("ap-southeast-1",)
    assert len(api.asked) == 3


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (THROTTLED, Code.SECURITY_CENTER_THROTTLED),
        (AWAY, Code.SECURITY_CENTER_DOWN),
        (CUT, Code.ALIBABA_UNREACHABLE),
    ],
)
def test_and_not_a_fourth_time(tmp_path, no_pauses, trouble, code):
    with canned_api(trouble) as api:
        found = refusal(plain(api, tmp_path), regions)
    assert found.code is code
    assert len(api.asked) == 3


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(AWAY, Code.SECURITY_CENTER_DOWN), (CUT, Code.ALIBABA_UNREACHABLE)],
)
def test_what_was_perhaps_done_is_not_done_again(tmp_path, trouble, code):
    with canned_api(trouble) as api:
        found = refusal(plain(api, tmp_path), vendor)
    assert found.code is code
    assert len(api.asked) == 1


def test_a_call_that_makes_is_repeated_when_it_was_throttled(tmp_path, no_pauses):
    with canned_api(THROTTLED, MADE) as api:
        assert run(plain(api, tmp_path), vendor).id == "v-1"
    assert len(api.asked) == 2


def test_a_refusal_is_not_repeated(tmp_path):
    with canned_api(Canned(400, {"Code": "Odd", "Message": "No.", "RequestId": "R-7"})) as api:
        found = refusal(plain(api, tmp_path), regions)
    assert found.code is Code.SECURITY_CENTER_REFUSED
    assert "R-7" in found.remedy
    assert len(api.asked) == 1


@pytest.mark.parametrize("operation", ["delete_data_source", "create_policy"])
def test_two_operations_take_cn_shanghai_where_cn_hangzhou_is_refused(tmp_path, operation):
    from core.alibaba.security_center.vendors import Product

    product = Product("p-1", "Portal", "v-1", "Contoso", preset=False)
    work: dict[str, Callable[[SecurityCenter], Awaitable[Any]]] = {
        "delete_data_source": lambda center: center.delete_data_source("ds-1"),
        "create_policy": lambda center: center.create_policy("ds-1", product, "nr-1", "realtime"),
    }
    wrong = Canned(
        400, {"Code": "InvalidRegionId", "Message": "The specified RegionId is invalid."}
    )
    with canned_api(wrong, Canned(body={"DataIngestionId": "di-1"})) as api:
        run(plain(api, tmp_path, more='region_id = "cn-hangzhou"'), work[operation])
    assert [asked.form["RegionId"] for asked in api.asked] == ["cn-hangzhou", "cn-shanghai"]


def test_other_operations_do_not(tmp_path):
    wrong = Canned(
        400, {"Code": "InvalidRegionId", "Message": "The specified RegionId is invalid."}
    )
    with canned_api(wrong) as api:
        found = refusal(plain(api, tmp_path, more='region_id = "cn-hangzhou"'), vendor)
    assert found.code is Code.SECURITY_CENTER_REGION_WRONG
    assert len(api.asked) == 1


def test_an_account_of_the_old_version(tmp_path):
    with canned_api(Canned(body={"User": {"CtdrVersion": "1.0"}})) as api:
        found = refusal(plain(api, tmp_path), lambda center: center.activation())
    assert found.code is Code.SECURITY_CENTER_OLD_VERSION
    assert "1.0" in found.cause


def test_an_account_without_a_version(tmp_path):
    with canned_api(Canned(body={"User": {}})) as api:
        found = refusal(plain(api, tmp_path), lambda center: center.activation())
    assert found.code is Code.SECURITY_CENTER_NOT_ACTIVATED


@pytest.mark.parametrize("version", ["2", "2.0", "v2.1", "CTDR2.0", "3"])
def test_the_version_may_be_written_in_many_ways(tmp_path, version):
    gone = Canned(404, {"Code": "InvalidAction.NotFound", "Message": "Specified api is not found."})
    with canned_api(Canned(body={"User": {"CtdrVersion": version}}), gone) as api:
        found = run(plain(api, tmp_path), lambda center: center.activation())
    assert found.version == version
    assert found.role_granted is None  # the older API is gone there; that is no reason to stop


def test_no_place_for_logs_means_no_dedicated_channel(tmp_path):
    with canned_api(Canned(body={"Data": {}, "LogProjects": []})) as api:
        found = refusal(plain(api, tmp_path), lambda center: center.dedicated_project("eu-west-1"))
    assert found.code is Code.SECURITY_CENTER_NO_STORAGE
    assert [asked.action for asked in api.asked] == ["GetDataStorage", "ListLogProjects"]


@pytest.mark.parametrize("body", ["<html>Please sign in</html>", " ", "null", "5", '"text"'])
@pytest.mark.parametrize("work", [regions, vendor, lambda center: center.activation()])
def test_an_answer_of_somebody_else(tmp_path, work, body):
    with canned_api(Canned(200, body)) as api:
        found = refusal(plain(api, tmp_path), work)
    assert found.code is Code.ALIBABA_NO_ANSWER


def test_a_refusal_is_shown_short_and_on_one_line(tmp_path):
    said = {
        "Code": "X" * 100_000,
        "Message": "\x1b[31m a\n" + "y" * 1_000_000,
        "RequestId": "r" * 999,
    }
    with canned_api(Canned(400, said)) as api:
        found = refusal(plain(api, tmp_path), regions)
    assert found.code is Code.SECURITY_CENTER_REFUSED
    assert len(str(found)) < 2000
    assert f"{found.cause}{found.detail}{found.remedy}".isprintable()


def test_a_redirect_is_not_followed(tmp_path):
    with canned_api(REGIONS) as elsewhere:
        to_there = (("location", f"http://{elsewhere.address}/"),)
        with canned_api(Canned(307, "moved", to_there)) as api:
            found = refusal(plain(api, tmp_path), vendor)
    assert found.code is Code.ALIBABA_NO_ANSWER
    assert elsewhere.asked == []


def test_nobody_listens(tmp_path):
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        found = refusal(profile(tmp_path, f"https://{address}"), regions)
    assert found.code is Code.ALIBABA_UNREACHABLE
    assert address in found.cause


def test_a_proxy_of_the_environment_is_not_used(tmp_path, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with canned_api(REGIONS) as api:
        assert run(plain(api, tmp_path), regions) == ("ap-southeast-1",)


def test_the_profiles_proxy_is_used(tmp_path):
    proxied = profile(tmp_path, "https://siem.test", net='proxy = "http://127.0.0.1:1"')
    found = refusal(proxied, regions)
    assert found.code is Code.ALIBABA_UNREACHABLE
    assert "proxy" in found.cause


def test_an_authority_that_cannot_be_used(tmp_path):
    with pytest.raises(ProblemError) as caught:
        run(profile(tmp_path, "https://siem.test", net='ca_file = "none.pem"'), regions)
    assert caught.value.problem.code is Code.CA_FILE_UNUSABLE


@pytest.mark.slow
@pytest.mark.parametrize("authority", ["another", "the system's"])
def test_a_certificate_of_somebody_else_is_refused(soc, tmp_path, authority):
    other = f'ca_file = "{Authority(tmp_path / "other").ca_file}"'
    net = other if authority == "another" else 'proxy = ""'
    found = soc.refusal(regions, soc.profile(network=net))
    assert found.code is Code.ALIBABA_CERTIFICATE_UNTRUSTED


@pytest.mark.slow
def test_clients_of_two_ways_to_one_host_do_not_mix(soc, tmp_path):
    """The SDK keeps one session for a host; a profile's authority must not stay for another's."""
    other = f'ca_file = "{Authority(tmp_path / "other").ca_file}"'
    for _ in range(2):
        assert soc.run(regions)
        refused = soc.refusal(regions, soc.profile(network=other))
        assert refused.code is Code.ALIBABA_CERTIFICATE_UNTRUSTED


def test_the_sdk_writes_no_headers_anywhere(tmp_path, monkeypatch, capfd, caplog):
    monkeypatch.setenv("DEBUG", "sdk")
    keys = KeySource(Keys("STS.id", "the-secret", "the-token"))
    with canned_api(REGIONS) as api, caplog.at_level("DEBUG"):
        run(plain(api, tmp_path), regions, keys)
    out, err = capfd.readouterr()
    assert "the-token" not in out + err + caplog.text
