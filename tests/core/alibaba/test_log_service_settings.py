"""Projects, Logstores and indexes, made and found with the SDK over the wire."""

from __future__ import annotations

import time

import pytest
from helpers.log_region import put_logs
from helpers.waiting import eventually

from core.alibaba.log_service.control import (
    Index,
    Logstore,
    index_for_messages,
    index_for_records,
)
from core.errors import Code


def test_a_project_is_made_once_and_taken_away_once(region):
    name = region.name()

    async def work(logs):
        first = await logs.create_project(name, "of the test")
        again = await logs.create_project(name, "another")
        seen = [each.name for each in await logs.projects()]
        await logs.delete_project(name)
        await logs.delete_project(name)
        return first, again, seen, await logs.project(name)

    first, again, seen, gone = region.run(work)
    assert (first.name, first.description) == (name, "of the test")
    assert again == first
    assert name in seen
    assert gone is None


@pytest.mark.slow
def test_a_listing_goes_through_all_its_pages(region, project):
    names = [f"logs-{number:03d}" for number in range(105)]
    for name in names:
        region.child.request("create_logstore", project=project, name=name, shards=1)
    assert region.run(lambda logs: logs.logstores(project)) == tuple(names)


def test_a_logstore_is_made_as_wished_and_an_existing_one_left_alone(region, project):
    wish = Logstore("logs", ttl_days=90, shards=3, auto_split=True, max_split_shards=16)

    async def work(logs):
        made = await logs.create_logstore(project, wish)
        other = await logs.create_logstore(project, Logstore("logs", ttl_days=1, shards=1))
        return made, other, await logs.logstore(project, "logs")

    assert region.run(work) == (wish, wish, wish)


def test_a_query_logstore_is_told_from_a_standard_one(region, project):
    async def work(logs):
        await logs.create_logstore(project, Logstore("cheap", mode="query"))
        return await logs.logstore(project, "cheap")

    assert region.run(work).mode == "query"


def test_a_logstore_that_is_not_there_is_none_and_its_deletion_no_error(region, project):
    async def work(logs):
        await logs.delete_logstore(project, "nothing")
        return await logs.logstore(project, "nothing"), await logs.logstore("nowhere", "nothing")

    assert region.run(work) == (None, None)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Upper", "a-z"),
        ("ab", "3 to 63"),
        ("a" * 64, "3 to 63"),
        ("-abc", "both ends"),
        ("a_b_c", "a-z, 0-9 and -"),
        ("aliyun-cloudsiem-mine", "Security Center's own"),
    ],
)
def test_a_projects_name_is_refused_before_the_call(region, name, problem):
    found = region.refusal(lambda logs: logs.create_project(name))
    assert found.code is Code.LOG_SERVICE_NAME_INVALID
    assert problem in found.cause


def test_a_logstores_name_is_refused_before_the_call(region, project):
    found = region.refusal(lambda logs: logs.create_logstore(project, Logstore("a.b.c")))
    assert found.code is Code.LOG_SERVICE_NAME_INVALID
    assert region.run(lambda logs: logs.logstores(project)) == ()


def test_the_index_of_records_finds_their_fields_and_their_words(region, project):
    record = {
        "category": "SignInLogs",
        "operationName": "Sign-in activity",
        "callerIpAddress": "203.0.113.7",
        "properties": '{"userPrincipalName":"alice@contoso.com"}',
        "event_service": "signinlogs",
    }

    async def make(logs):
        await logs.create_logstore(project, Logstore("logs", shards=1))
        assert await logs.index(project, "logs") is None
        made = await logs.create_index(project, "logs", index_for_records())
        assert await logs.create_index(project, "logs", index_for_messages()) == made
        return made

    made = region.run(make)
    assert made == index_for_records()
    assert {"event_uid", "event_service", "category", "properties"} <= set(made.fields)
    put_logs(region, project, "logs", record, {"category": "AuditLogs"})
    now = int(time.time())

    def count(query):
        return region.run(lambda logs: logs.count(project, "logs", now - 60, now + 60, query))

    eventually(lambda: count("*") == 2)
    assert count("category: signinlogs") == 1
    assert count("alice") == 1
    assert count("operationName: activity and event_service: signinlogs") == 1
    assert count("category: nothing") == 0


def test_an_index_of_somebody_else_is_extended_and_keeps_what_it_has(region, project):
    theirs = Index.told(
        {
            "keys": {
                "CATEGORY": {"type": "text", "token": [" "], "caseSensitive": True},
                "size": {"type": "long", "doc_value": True, "alias": "bytes"},
            }
        }
    )

    async def work(logs):
        await logs.create_logstore(project, Logstore("logs"))
        await logs.create_index(project, "logs", theirs)
        found = await logs.index(project, "logs")
        lacking = found.lacks(index_for_records())
        await logs.update_index(project, "logs", found.extended(index_for_records()))
        whole = await logs.index(project, "logs")
        await logs.delete_index(project, "logs")
        await logs.delete_index(project, "logs")
        return lacking, whole, await logs.index(project, "logs")

    lacking, whole, gone = region.run(work)
    assert "category" not in lacking
    assert "event_uid" in lacking
    assert whole.lacks(index_for_records()) == ()
    assert whole.full_text
    assert whole.document["keys"]["size"]["alias"] == "bytes"
    assert whole.document["keys"]["CATEGORY"]["caseSensitive"] is True
    assert gone is None


def test_counting_without_an_index_says_what_is_lacking(region, project):
    region.run(lambda logs: logs.create_logstore(project, Logstore("logs")))
    found = region.refusal(lambda logs: logs.count(project, "logs", 0, 10))
    assert found.code is Code.LOG_SERVICE_INDEX_MISSING
    assert "logs" in found.cause


def test_the_newest_logs_need_no_index(region, project):
    region.run(lambda logs: logs.create_logstore(project, Logstore("logs", shards=2)))
    assert region.run(lambda logs: logs.newest(project, "logs")) == []
    now = int(time.time())
    for number in range(6):
        put_logs(region, project, "logs", {"number": str(number)}, at=now - 60 + number)
    found = region.run(lambda logs: logs.newest(project, "logs", 3))
    assert [log["number"] for log in found] == ["5", "4", "3"]
    assert found[0]["__tag__:hub"] == "h"
    assert found[0]["__time__"] == str(now - 55)
