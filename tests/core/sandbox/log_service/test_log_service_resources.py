"""Projects, Logstores, shards and indexes, as the unchanged SDK creates and reads them."""

from __future__ import annotations

import pytest
from aliyun.log import LogException
from aliyun.log.index_config import IndexConfig, IndexKeyConfig, IndexLineConfig

pytestmark = pytest.mark.slow

PROJECT = "proof"


def refused(run, *arguments, **more):
    with pytest.raises(LogException) as caught:
        run(*arguments, **more)
    assert caught.value.get_request_id()
    return caught.value.get_resp_status(), caught.value.get_error_code()


def test_a_project_lives_and_dies(region):
    client = region.sdk()
    client.create_project("life-1", "first")
    found = client.get_project("life-1")
    assert (found.get_projectname(), found.get_description()) == ("life-1", "first")
    assert found.get_status() == "Normal"
    assert found.get_region() == "cn-sandbox"
    listed = client.list_project(project_name_pattern="life-")
    assert (listed.get_count(), listed.get_total()) == (1, 1)
    assert listed.get_projects()[0]["projectName"] == "life-1"
    assert refused(client.create_project, "life-1", "again") == (400, "ProjectAlreadyExist")
    client.create_logstore("life-1", "inside")
    client.delete_project("life-1")
    assert refused(client.get_project, "life-1") == (404, "ProjectNotExist")
    assert refused(client.get_logstore, "life-1", "inside") == (404, "ProjectNotExist")


def test_projects_are_listed_by_pages(region):
    client = region.sdk()
    names = [f"paged-{number}" for number in range(5)]
    for name in names:
        client.create_project(name, "")
    pages = [
        client.list_project(offset, 2, project_name_pattern="paged-") for offset in range(0, 6, 2)
    ]
    assert [page.get_count() for page in pages] == [2, 2, 1]
    assert [each["projectName"] for page in pages for each in page.get_projects()] == names


@pytest.mark.parametrize("name", ["ab", "Upper", "-first", "last-", "a_b", "x" * 64])
def test_a_project_needs_a_proper_name(region, name):
    assert refused(region.sdk().create_project, name, "")[0] in (400, 404)
    assert name.lower() not in region.request("describe")["projects"]


def test_a_logstore_lives_and_dies(region):
    client = region.sdk()
    client.create_logstore(PROJECT, "life", ttl=7, shard_count=3, auto_split=True)
    found = client.get_logstore(PROJECT, "life")
    assert (found.logstore_name, found.get_ttl(), found.get_shard_count()) == ("life", 7, 3)
    assert found.auto_split is True
    assert "life" in client.list_logstore(PROJECT).logstores
    assert client.list_logstore(PROJECT, "no-such").get_total() == 0
    assert refused(client.create_logstore, PROJECT, "life") == (400, "LogStoreAlreadyExist")
    client.delete_logstore(PROJECT, "life")
    assert refused(client.get_logstore, PROJECT, "life") == (404, "LogStoreNotExist")
    assert refused(client.delete_logstore, PROJECT, "life") == (404, "LogStoreNotExist")


def test_a_logstore_made_again_is_empty(region, kit):
    client, raw = region.sdk(), region.raw()
    client.create_logstore(PROJECT, "phoenix", shard_count=1)
    assert raw.put("phoenix", kit.group({"a": "old"})).status == 200
    assert len(raw.stored("phoenix", 1)) == 1
    client.delete_logstore(PROJECT, "phoenix")
    client.create_logstore(PROJECT, "phoenix", shard_count=1)
    assert raw.stored("phoenix", 1) == []


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("ab", {}),
        ("Upper", {}),
        ("_first", {}),
        ("fine", {"ttl": 0}),
        ("fine", {"ttl": 3651}),
        ("fine", {"shard_count": 0}),
    ],
)
def test_a_logstore_needs_proper_settings(region, name, settings):
    run = region.sdk().create_logstore
    assert refused(run, PROJECT, name, **settings) == (400, "LogStoreInfoInvalid")


def test_shards_divide_the_keys_evenly(region):
    name = region.logstore(shards=4)
    shards = region.sdk().list_shards(PROJECT, name).get_shards_info()
    assert [each["shardID"] for each in shards] == [0, 1, 2, 3]
    assert {each["status"] for each in shards} == {"readwrite"}
    assert [each["inclusiveBeginKey"] for each in shards] == [digit + "0" * 31 for digit in "048c"]
    assert [each["exclusiveEndKey"] for each in shards] == [
        *(digit + "0" * 31 for digit in "48c"),
        "f" * 32,
    ]


def test_an_index_lives_and_dies(region):
    client = region.sdk()
    name = region.logstore(index=False)
    assert refused(client.get_index_config, PROJECT, name) == (400, "IndexConfigNotExist")
    assert refused(client.delete_index, PROJECT, name) == (400, "IndexConfigNotExist")
    keys = {"status": IndexKeyConfig([",", " "], False, "long", doc_value=True)}
    index = IndexConfig(30, IndexLineConfig([",", " "], True), keys)
    assert refused(client.update_index, PROJECT, name, index) == (400, "IndexConfigNotExist")
    client.create_index(PROJECT, name, index)
    assert refused(client.create_index, PROJECT, name, index) == (400, "IndexAlreadyExist")
    found = client.get_index_config(PROJECT, name).get_index_config()
    assert found.to_json() == index.to_json()
    index.key_config_list["user"] = IndexKeyConfig([","], False, "text")
    client.update_index(PROJECT, name, index)
    assert set(client.get_index_config(PROJECT, name).get_index_config().key_config_list) == {
        "status",
        "user",
    }
    client.delete_index(PROJECT, name)
    assert refused(client.get_log, PROJECT, name, 1, 2) == (400, "IndexConfigNotExist")


def test_an_index_needs_something_to_index(region, kit):
    name = region.logstore(index=False)
    for body in (b"{}", b"[]", b'{"line": 1}', b"no JSON"):
        reply = region.raw().send("POST", f"/logstores/{name}/index", body=body)
        assert (reply.status, reply.code) == (400, "IndexInfoInvalid")


def test_commands_are_idempotent_and_refuse_nonsense(region, kit):
    region.request("create_project", name=PROJECT)
    region.request("create_logstore", project=PROJECT, name="twice", shards=1)
    region.raw().put("twice", kit.group({"a": "b"}))
    region.request("create_logstore", project=PROJECT, name="twice", shards=5)
    shards = region.request("describe")["projects"][PROJECT]["twice"]["shards"]
    assert [each["logs"] for each in shards] == [1]
    for do, arguments in [
        ("create_project", {"name": "No"}),
        ("create_logstore", {"project": "no-such", "name": "fine"}),
        ("no_such_command", {}),
        ("stats", {"surplus": 1}),
    ]:
        with pytest.raises(Exception, match="ValueError"):
            region.request(do, **arguments)
