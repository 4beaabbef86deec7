"""Data transformations that really run: batches of the raw Logstore become single logs."""

from __future__ import annotations

import json
import time

import pytest
from aliyun.log import LogException

PROJECT = "proof"
ROLE = "acs:ram::1000000000000001:role/aliyunlogetlrole"
SPLIT = (
    "* | where records is not null | expand-values -path='$' records as rec"
    " | extend category = json_extract_scalar(rec, '$.category') | project category, rec"
)
RESIDENT = {"type": "Resident"}


def sink(logstore, name="out", **more):
    usual = {"endpoint": "", "roleArn": ROLE, "datasets": ["__UNNAMED__"]}
    return {"name": name, "project": PROJECT, "logstore": logstore, **usual, **more}


def configuration(source, *sinks, script=SPLIT, **more):
    usual = {"lang": "SPL", "roleArn": ROLE, "fromTime": 0, "toTime": 0}
    return {"logstore": source, "script": script, "sinks": list(sinks), **usual, **more}


def transform(region, name, source, target, **more):
    config = configuration(source, sink(target), **more)
    region.sdk().create_etl(PROJECT, name, config, RESIDENT, "a transformation")


@pytest.fixture
def stores(region):
    """A source and a sink of one shard each; no job outlives the test."""
    yield region.logstore(index=False, shards=1), region.logstore(index=False, shards=1)
    client = region.sdk()
    for job in region.request("jobs"):
        client.delete_etl(job["project"], job["name"])


def put(region, kit, logstore, *logs, **more):
    assert region.raw().put(logstore, kit.group(*logs, **more)).status == 200


def batch(*names):
    return {"records": json.dumps([{"category": name} for name in names])}


def categories(region, logstore):
    return [row["category"] for row in region.rows(logstore, 1)]


def test_batches_become_single_logs(region, kit, stores):
    source, target = stores
    now = int(time.time()) - 600
    put(
        region,
        kit,
        source,
        batch(*"abc"),
        {"other": "1"},
        times=[now, now],
        topic="hub",
        source="10.9.8.7",
        tags={"k": "v"},
    )
    transform(region, "split-one", source, target)
    job = region.job_is("split-one", "RUNNING", 3)
    put(region, kit, source, batch("d"))
    assert region.job_is("split-one", "RUNNING", 4)["read"] == 3
    assert categories(region, target) == ["a", "b", "c", "d"]
    first = region.rows(target, 1)[0]
    # The time stays whatever the script projects; the rest goes with what it drops.
    assert first["__time__"] == str(now)
    assert (first["__topic__"], first["__source__"], "__tag__:k" in first) == ("", "", False)
    assert any("real default limit is not confirmed" in each for each in job["notices"])


@pytest.mark.slow
def test_time_topic_and_tags_go_along_and_a_script_may_set_the_time(region, kit, stores):
    source, target = stores
    now = int(time.time()) - 600
    marks = {"times": [now], "topic": "hub", "source": "10.9.8.7", "tags": {"k": "v"}}
    put(region, kit, source, {"a": "1", "t": str(now - 60)}, **marks)
    transform(region, "split-keep", source, target, script="* | extend b = '2'")
    region.job_is("split-keep", "RUNNING", 1)
    (row,) = region.rows(target, 1)
    assert {name: row[name] for name in ("a", "b", "__topic__", "__source__", "__tag__:k")} == {
        "a": "1",
        "b": "2",
        "__topic__": "hub",
        "__source__": "10.9.8.7",
        "__tag__:k": "v",
    }
    assert row["__time__"] == str(now)
    timed = region.logstore(index=False, shards=1)
    transform(region, "split-time", source, timed, script="* | extend __time__ = cast(t as bigint)")
    region.job_is("split-time", "RUNNING", 1)
    assert region.rows(timed, 1)[0]["__time__"] == str(now - 60)


@pytest.mark.slow
def test_all_shards_and_several_sinks(region, kit, stores):
    source = region.logstore(index=False, shards=4)
    for number in range(40):
        put(region, kit, source, *(batch(f"{number}.{n}") for n in range(100)))
    targets = stores
    sinks = [sink(each, name=each) for each in targets]
    client = region.sdk()
    config = configuration(source, *sinks)
    client.create_etl(PROJECT, "split-many", config, RESIDENT, "a transformation")
    region.job_is("split-many", "RUNNING", 4000)
    wanted = {f"{number}.{n}" for number in range(40) for n in range(100)}
    for target in targets:
        found = categories(region, target)
        assert (len(found), set(found)) == (4000, wanted)


@pytest.mark.slow
def test_it_begins_where_it_is_told_and_ends_there(region, kit, stores):
    source, target = stores
    put(region, kit, source, batch("old"))
    raw = region.raw()
    kit.eventually(lambda: raw.cursor(source, str(int(time.time()))) == raw.cursor(source, "end"))
    begin = int(time.time())
    put(region, kit, source, batch("new"))
    transform(region, "split-from", source, target, fromTime=begin)
    region.job_is("split-from", "RUNNING", 1)
    assert categories(region, target) == ["new"]
    past = region.logstore(index=False, shards=1)
    transform(region, "split-past", source, past, toTime=begin)
    region.job_is("split-past", "SUCCEEDED", 1)
    assert categories(region, past) == ["old"]


@pytest.mark.slow
def test_stop_and_start_go_on_where_it_was(region, kit, stores):
    source, target = stores
    client = region.sdk()
    put(region, kit, source, batch("a"))
    transform(region, "split-stop", source, target)
    region.job_is("split-stop", "RUNNING", 1)
    client.stop_etl(PROJECT, "split-stop")
    region.job_is("split-stop", "STOPPED")
    put(region, kit, source, batch("b"))
    assert client.get_etl(PROJECT, "split-stop").get_etl()["status"] == "STOPPED"
    client.start_etl(PROJECT, "split-stop")
    region.job_is("split-stop", "RUNNING", 2)
    assert categories(region, target) == ["a", "b"]


@pytest.mark.slow
def test_an_update_takes_the_new_script(region, kit, stores):
    source, target = stores
    put(region, kit, source, batch("a"))
    transform(region, "split-new", source, target)
    region.job_is("split-new", "RUNNING", 1)
    script = SPLIT.replace("'$.category'", "'$.nothing'") + " | extend category = 'fixed'"
    config = configuration(source, sink(target), script=script)
    region.sdk().update_etl(PROJECT, "split-new", config, RESIDENT, "new name")
    put(region, kit, source, batch("b"))
    region.job_is("split-new", "RUNNING", 2)
    assert categories(region, target) == ["a", "fixed"]
    shown = region.sdk().get_etl(PROJECT, "split-new").get_etl()
    assert (shown["displayName"], shown["configuration"]["script"]) == ("new name", script)


@pytest.mark.slow
def test_a_script_that_fails_on_a_row_fails_the_job_and_loses_nothing(region, kit, stores):
    source, target = stores
    put(region, kit, source, {"n": "seven"})
    transform(region, "split-bad", source, target, script="* | extend m = cast(n as bigint) + 1")
    job = region.job_is("split-bad", "FAILED")
    assert "the script failed" in job["failure"]
    config = configuration(source, sink(target), script="* | extend m = n")
    region.sdk().update_etl(PROJECT, "split-bad", config, RESIDENT, "mended")
    region.job_is("split-bad", "RUNNING", 1)
    assert [row["m"] for row in region.rows(target, 1)] == ["seven"]


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True])
def test_it_goes_on_after_a_restart_of_the_emulator(own_region, kit, killed):
    source = own_region.logstore(index=False, shards=1)
    target = own_region.logstore(index=False, shards=1)
    put(own_region, kit, source, *(batch(f"a{n}") for n in range(50)))
    transform(own_region, "split-lasting", source, target)
    own_region.job_is("split-lasting", "RUNNING", 50)
    if killed:
        own_region.child.kill()
    else:
        own_region.child.stop()
    own_region.start()
    own_region.close_clients()
    put(own_region, kit, source, *(batch(f"b{n}") for n in range(50)))
    kit.eventually(lambda: len(set(categories(own_region, target))) == 100)
    if not killed:  # a killed one may repeat what it had not noted yet
        assert len(categories(own_region, target)) == 100


REFUSED = {
    "an older script": ({"lang": "", "script": 'e_set("a", "b")'}, "the older language"),
    "python": ({"lang": "Python"}, "Python"),
    "no role": ({"roleArn": ""}, "configuration.roleArn is required"),
    "a role's name": ({"roleArn": "etl"}, "is not the ARN"),
    "no script": ({"script": ""}, "configuration.script is required"),
    "syntax": ({"script": "* | wher a = 1"}, "line 1, column"),
    "a query's instruction": ({"script": "* | limit 10"}, "limit"),
    "no sink": ({"sinks": []}, "configuration.sinks must be"),
    "times": ({"fromTime": 200, "toTime": 100}, "toTime must be after"),
    "no seconds": ({"fromTime": "now"}, "fromTime must be epoch seconds"),
}


@pytest.mark.slow
def test_what_is_refused_and_why(region, stores):
    source, target = stores
    client = region.sdk()
    for case, (changes, message) in REFUSED.items():
        config = {**configuration(source, sink(target)), **changes}
        with pytest.raises(LogException) as caught:
            client.create_etl(PROJECT, "split-no", config, RESIDENT, "refused")
        told = (caught.value.get_resp_status(), caught.value.get_error_code())
        assert told == (400, "ParameterInvalid"), case
        assert message in caught.value.get_error_message(), case
    for case, change, code in (
        ("source", {"logstore": "not-there"}, "LogStoreNotExist"),
        ("sink", {"sinks": [sink("not-there")]}, "LogStoreNotExist"),
        ("project", {"sinks": [sink(target, project="not-there")]}, "ProjectNotExist"),
        ("itself", {"sinks": [sink(source)]}, "ParameterInvalid"),
        ("data sets", {"sinks": [sink(target, datasets=["a"])]}, "ParameterInvalid"),
        ("twice", {"sinks": [sink(target), sink(target)]}, "ParameterInvalid"),
        ("no role", {"sinks": [sink(target, roleArn="")]}, "ParameterInvalid"),
    ):
        config = {**configuration(source, sink(target)), **change}
        with pytest.raises(LogException) as caught:
            client.create_etl(PROJECT, "split-no", config, RESIDENT, "refused")
        assert caught.value.get_error_code() == code, case
    assert client.list_etls(PROJECT).get_total() == 0
