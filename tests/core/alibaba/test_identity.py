"""Whose AccessKey it is: STS over the wire, by the SDK's generic client."""

from __future__ import annotations

import asyncio

import pytest
from helpers.canned_api import Canned, canned_api

from core.alibaba.credentials import Keys, KeySource, key_source
from core.alibaba.identity import who_is
from core.errors import Code, ProblemError


def sts_profile(region, center, **more):
    return region.profile(endpoints={"sts": f"https://{center.ready['endpoint']}"}, **more)


def refusal(profile, keys):
    with pytest.raises(ProblemError) as caught:
        asyncio.run(who_is(profile, keys))
    return caught.value.problem


def right_keys(region):
    return key_source(region.profile()).keys()


def test_a_ram_user_is_told_with_its_account(region, center):
    profile = sts_profile(region, center)
    found = asyncio.run(who_is(profile, key_source(profile)))
    assert found.account_id == center.ready["account_id"]
    assert (found.kind, found.name) == ("user", "isthmus-sandbox")
    assert found.arn == f"acs:ram::{found.account_id}:user/isthmus-sandbox"


def test_keys_with_a_token_are_those_of_a_role(region, center):
    profile, keys = sts_profile(region, center), right_keys(region)
    source = KeySource(Keys(keys.access_key_id, keys.access_key_secret, "a-token"))
    found = asyncio.run(who_is(profile, source))
    assert (found.kind, found.name) == ("role", "isthmus-sandbox-role")


@pytest.mark.parametrize("wrong", ["id", "secret"])
def test_a_wrong_key_is_told_and_not_shown(region, center, wrong):
    keys = right_keys(region)
    given = (
        Keys("LTAI-nobody", keys.access_key_secret)
        if wrong == "id"
        else Keys(keys.access_key_id, "not-the-secret-at-all")
    )
    found = refusal(sts_profile(region, center), KeySource(given))
    assert found.code is Code.ALIBABA_KEY_REFUSED
    assert "not-the-secret-at-all" not in str(found)
    assert keys.access_key_secret not in str(found)


def test_a_certificate_of_another_authority_is_refused(region, center):
    profile = sts_profile(region, center, network={"ca_file": None})
    assert refusal(profile, key_source(profile)).code is Code.ALIBABA_CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize("body", ["null", "5", "[]", '"text"', "<html>"])
def test_an_answer_of_another_form_is_told(region, body):
    with canned_api(Canned(200, body)) as api:
        profile = region.profile(endpoints={"sts": f"http://{api.address}"})
        found = refusal(profile, key_source(profile))
    assert found.code is Code.ALIBABA_NO_ANSWER


def test_nobody_at_the_address(region):
    profile = region.profile(endpoints={"sts": "https://127.0.0.1:1"})
    found = refusal(profile, key_source(profile))
    assert found.code is Code.ALIBABA_UNREACHABLE
    assert "127.0.0.1:1" in found.cause


def test_plain_http_is_for_loopback_alone(region, center):
    profile = region.profile(endpoints={"sts": f"http://{center.ready['http_endpoint']}"})
    assert asyncio.run(who_is(profile, key_source(profile))).account_id
    with pytest.raises(ProblemError) as caught:
        region.profile(endpoints={"sts": "http://sts.example.com"})
    assert caught.value.problem.code is Code.PROFILE_WRONG_VALUE
