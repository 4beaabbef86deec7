"""The attack in the traffic can be found by what its records say."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from core.sandbox.traffic import Episode, Generator, Span, story

SEED = 11
NAMES = [
    "password_spray",
    "impossible_travel",
    "mfa_disabled",
    "application_owner_added",
    "diagnostic_setting_deleted",
    "secrets_read_in_bulk",
]
TOLD = {episode.name: episode for episode in story(SEED, 5_000)}


def records(episode: Episode) -> list[dict[str, Any]]:
    generator = Generator(SEED, [Span(0, 1_790_000_000)])
    return [json.loads(generator.record(ordinal)) for ordinal in episode.ordinals]


def moment(text: str) -> datetime:
    head, _, fraction = text.removesuffix("Z").removesuffix("+00:00").partition(".")
    return datetime.fromisoformat(f"{head}.{(fraction or '0')[:6]:0<6}")


def test_the_whole_story_is_in_the_first_5000_records_and_comes_again():
    assert list(TOLD) == NAMES
    again = story(SEED, 60_000)
    assert [episode.name for episode in again] == [*NAMES, *NAMES, *NAMES]
    assert len({episode.user for episode in again}) == 3
    assert len({episode.address for episode in again}) == 3
    ordinals = [n for episode in again for n in episode.ordinals]
    assert len(set(ordinals)) == len(ordinals)
    assert max(ordinals) < 60_000


def test_an_episode_that_is_not_whole_is_not_told():
    assert [episode.name for episode in story(SEED, 1_300)] == ["password_spray"]
    assert story(SEED, 0) == []


@pytest.mark.parametrize("turn", [0, 1])
def test_password_spray(turn):
    spray = [each for each in story(SEED, 30_000) if each.name == "password_spray"][turn]
    *failures, last = records(spray)
    assert [each["resultType"] for each in failures] == ["50126"] * 40
    users = [each["properties"]["userPrincipalName"] for each in failures]
    assert len(set(users)) == 40
    assert spray.user not in users
    assert {each["callerIpAddress"] for each in [*failures, last]} == {spray.address}
    assert last["resultType"] == "0"
    assert last["properties"]["userPrincipalName"] == spray.user
    times = [moment(each["properties"]["createdDateTime"]) for each in [*failures, last]]
    assert times == sorted(times)
    assert (times[-1] - times[0]).total_seconds() < 60


def test_impossible_travel():
    home, away = records(TOLD["impossible_travel"])
    for sign_in in (home, away):
        assert sign_in["category"] == "SignInLogs"
        assert sign_in["resultType"] == "0"
        assert sign_in["properties"]["userPrincipalName"] == TOLD["impossible_travel"].user
    assert (home["location"], away["location"]) == ("NO", "SG")
    assert away["callerIpAddress"] == TOLD["impossible_travel"].address
    times = [moment(each["properties"]["createdDateTime"]) for each in (home, away)]
    assert 60 < (times[1] - times[0]).total_seconds() < 300


def test_the_second_factor_is_disabled():
    (record,) = records(TOLD["mfa_disabled"])
    assert record["category"] == "AuditLogs"
    assert record["operationName"] == "Disable Strong Authentication"
    assert record["properties"]["result"] == "success"
    target = record["properties"]["targetResources"][0]
    assert target["userPrincipalName"] == TOLD["password_spray"].user


def test_an_application_gets_a_new_owner():
    (record,) = records(TOLD["application_owner_added"])
    assert record["properties"]["activityDisplayName"] == "Add owner to application"
    by = record["properties"]["initiatedBy"]["user"]
    assert by["userPrincipalName"] == TOLD["application_owner_added"].user


def test_the_diagnostic_setting_is_deleted():
    started, succeeded = records(TOLD["diagnostic_setting_deleted"])
    for record in (started, succeeded):
        assert record["operationName"] == "MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE"
        assert record["callerIpAddress"] == TOLD["diagnostic_setting_deleted"].address
        assert "DIAGNOSTICSETTINGS" in record["resourceId"]
    assert (started["resultType"], succeeded["resultType"]) == ("Start", "Success")


def test_secrets_are_read_in_bulk():
    reads = records(TOLD["secrets_read_in_bulk"])
    assert len(reads) == 60
    assert {each["operationName"] for each in reads} == {"SecretGet"}
    assert len({each["identity"]["claim"]["oid"] for each in reads}) == 1
    assert {each["callerIpAddress"] for each in reads} == {TOLD["secrets_read_in_bulk"].address}
    times = sorted(moment(each["time"]) for each in reads)
    assert (times[-1] - times[0]).total_seconds() < 60
