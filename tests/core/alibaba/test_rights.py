"""Rights in RAM: what a plan needs, what the policy grants, what a refusal names."""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import json

import pytest
from helpers.log_region import REGION

from core.alibaba.credentials import key_source
from core.alibaba.log_service.access import log_service_access
from core.alibaba.log_service.check import check_logstore
from core.alibaba.log_service.control import KafkaImport, LogService, Logstore, Transformation
from core.alibaba.log_service.index import index_for_records
from core.alibaba.preflight import check_rights, denied_action, unproved
from core.alibaba.ram import needed_actions, policy_document
from core.alibaba.security_center.client import SecurityCenter
from core.errors import Code, ProblemError

ACCOUNT = "1234567890123456"
CENTER = {"endpoint": "", "region_id": "ap-southeast-1"}


def grants(document: str) -> set[tuple[str, str]]:
    policy = json.loads(document)
    assert policy["Version"] == "1"
    return {
        (action, resource)
        for statement in policy["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if statement["Effect"] == "Allow"
    }


def allowed(document: str, action: str, resource: str) -> bool:
    return any(a == action and fnmatch.fnmatchcase(resource, r) for a, r in grants(document))


def wanted(region, route="engine", **more):
    tables = {
        "log_service": {"project": "contoso", "logstore": "raw", "record_logstore": "records"},
        "import": {"route": route},
    }
    for name, values in more.items():
        tables[name] = {**tables.get(name, {}), **values}
    return region.profile(**tables)


PROJECT = f"acs:log:{REGION}:{ACCOUNT}:project/contoso"


def test_the_engine_writes_to_its_own_logstore_and_to_nothing_else(region):
    document = policy_document(wanted(region), ACCOUNT)
    assert allowed(document, "log:PostLogStoreLogs", f"{PROJECT}/logstore/records")
    assert not allowed(document, "log:PostLogStoreLogs", f"{PROJECT}/logstore/raw")
    assert not allowed(document, "log:PostLogStoreLogs", PROJECT.replace("contoso", "other"))
    assert not any("Kafka" in action or "Job" in action for action, _ in grants(document))
    assert not any(action.startswith("yundun-sas") for action, _ in grants(document))


def test_a_machine_that_only_imports_needs_two_rights(region):
    found = grants(policy_document(wanted(region), ACCOUNT, ["import"]))
    store = f"{PROJECT}/logstore/records"
    assert found == {("log:GetLogStore", store), ("log:PostLogStoreLogs", store)}


def test_the_managed_route_makes_jobs_and_writes_no_logs(region):
    document = policy_document(wanted(region, "managed"), ACCOUNT)
    assert not any(action == "log:PostLogStoreLogs" for action, _ in grants(document))
    for kind, actions in {
        "kafkaingestion": ["Create", "Get", "Update", "Start", "Stop", "Delete"],
    }.items():
        for action in actions:
            resource = f"{PROJECT}/{kind}/isthmus-kafka-1"
            assert allowed(document, f"log:{action}KafkaIngestion", resource)
            assert not allowed(document, f"log:{action}KafkaIngestion", f"{PROJECT}/{kind}/other")
    assert allowed(document, "log:CreateJob", f"{PROJECT}/job/isthmus-split-1")
    assert allowed(document, "ram:PassRole", f"acs:ram::{ACCOUNT}:role/aliyunlogetlrole")


def test_a_rule_that_splits_needs_no_role(region):
    profile = wanted(
        region,
        "managed",
        log_service={"record_logstore": None},
        **{"import": {"managed_split": "realtime_rule"}},
    )
    assert not any(a == "ram:PassRole" for a, _ in grants(policy_document(profile, ACCOUNT)))


def test_security_center_is_granted_where_it_is_wanted_and_no_more_than_is_wanted(region):
    own = policy_document(wanted(region, security_center=CENTER), ACCOUNT)
    actions = {action for action, _ in grants(own)}
    assert {"yundun-sas:CreateDataSource", "yundun-sas:CreateDetectionRule"} <= actions
    assert "yundun-sas:CreateLogStore" not in actions
    dedicated = wanted(region, security_center={**CENTER, "data_source_type": "dedicated"})
    assert allowed(policy_document(dedicated, ACCOUNT), "yundun-sas:CreateLogStore", "*")


def test_nothing_is_granted_by_a_star_in_an_action_and_no_log_right_on_everything(region):
    profile = wanted(region, "both", security_center=CENTER)
    for action, resource in grants(policy_document(profile, ACCOUNT)):
        assert "*" not in action
        assert resource != "*" or action.startswith("yundun-sas:")
        assert "project/*" not in resource


@pytest.mark.parametrize("route", ["engine", "managed", "both"])
def test_the_policy_has_each_need_once(region, route):
    profile = wanted(region, route, security_center=CENTER)
    needs = needed_actions(profile, ACCOUNT)
    assert len({(need.action, need.resource) for need in needs}) == len(needs)
    assert grants(policy_document(profile, ACCOUNT)) == {(n.action, n.resource) for n in needs}


def import_wish():
    return KafkaImport(
        name="isthmus-kafka-1",
        display_name="import",
        description="",
        logstore="raw",
        bootstrap="127.0.0.1:9",
        topic="logs",
        group="isthmus-managed",
        start="earliest",
        connection_string="Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=a2V5LWtleS1rZXk=",
    )


def split_wish(project):
    return Transformation("isthmus-split-1", "split", "", "raw", "*", project, "records")


CALLS = {
    "log:ListProject": lambda logs, p: logs.projects(),
    "log:GetProject": lambda logs, p: logs.project(p),
    "log:CreateProject": lambda logs, p: logs.create_project(f"{p}-new"),
    "log:DeleteProject": lambda logs, p: logs.delete_project(p),
    "log:ListLogStores": lambda logs, p: logs.logstores(p),
    "log:GetLogStore": lambda logs, p: logs.logstore(p, "raw"),
    "log:CreateLogStore": lambda logs, p: logs.create_logstore(p, Logstore("more")),
    "log:DeleteLogStore": lambda logs, p: logs.delete_logstore(p, "raw"),
    "log:GetIndex": lambda logs, p: logs.index(p, "raw"),
    "log:CreateIndex": lambda logs, p: logs.create_index(p, "raw", index_for_records()),
    "log:UpdateIndex": lambda logs, p: logs.update_index(p, "raw", index_for_records()),
    "log:DeleteIndex": lambda logs, p: logs.delete_index(p, "raw"),
    "log:GetLogStoreHistogram": lambda logs, p: logs.count(p, "raw", 0, 1),
    "log:ListShards": lambda logs, p: logs.newest(p, "raw"),
    "log:GetCursorOrData": lambda logs, p: logs.newest(p, "raw"),
    "log:ListKafkaIngestions": lambda logs, p: logs.kafka_imports(p),
    "log:GetKafkaIngestion": lambda logs, p: logs.kafka_import(p, "isthmus-kafka-0"),
    "log:CreateKafkaIngestion": lambda logs, p: logs.create_kafka_import(p, import_wish()),
    "log:StopKafkaIngestion": lambda logs, p: logs.stop_kafka_import(p, "isthmus-kafka-0"),
    "log:DeleteKafkaIngestion": lambda logs, p: logs.delete_kafka_import(p, "isthmus-kafka-0"),
    "log:ListJobs": lambda logs, p: logs.transformations(p),
    "log:GetJob": lambda logs, p: logs.transformation(p, "isthmus-split-0"),
    "log:CreateJob": lambda logs, p: logs.create_transformation(p, split_wish(p)),
    "log:UpdateJob": lambda logs, p: logs.start_transformation(p, "isthmus-split-0"),
    "log:DeleteJob": lambda logs, p: logs.delete_transformation(p, "isthmus-split-0"),
}


@pytest.fixture
def filled(region, project):
    """A project with a Logstore and one job of each kind."""

    async def fill(logs):
        await logs.create_logstore(project, Logstore("raw", shards=1))
        await logs.create_logstore(project, Logstore("records", shards=1))
        await logs.create_kafka_import(
            project, KafkaImport(**{**vars(import_wish()), "name": "isthmus-kafka-0"})
        )
        await logs.create_transformation(
            project, Transformation("isthmus-split-0", "s", "", "raw", "*", project, "records")
        )

    region.run(fill)
    return project


@pytest.mark.parametrize("action", list(CALLS))
def test_the_missing_right_is_named_by_its_action(region, filled, action):
    with region.denied(action):
        found = region.refusal(lambda logs: CALLS[action](logs, filled))
    assert found.code is Code.ALIBABA_PERMISSION_MISSING
    assert denied_action(found)[0] == action
    assert action in found.cause
    assert action in found.remedy
    if action != "log:ListProject":
        assert filled in denied_action(found)[1]


def missing(region, profile, center=None):
    """What the preflight finds; the client of Security Center too if ``center`` is there."""

    async def check():
        keys = key_source(profile)
        logs = LogService.of(profile, keys)
        security = SecurityCenter.of(profile, keys) if center else None
        try:
            return await check_rights(profile, logs, security)
        finally:
            await logs.close()

    return asyncio.run(check())


def managed(region, project, **more):
    return wanted(region, "managed", log_service={"project": project}, **more)


def test_who_may_everything_lacks_nothing_and_nothing_is_changed(region, filled):
    before = region.child.request("snapshot")
    assert missing(region, managed(region, filled)) == ()
    assert region.child.request("snapshot") == before


def test_the_preflight_names_every_reading_right_at_once(region, filled):
    actions = [
        "log:GetIndex",
        "log:GetLogStore",
        "log:GetLogStoreHistogram",
        "log:ListJobs",
        "log:ListLogStores",
        "log:ListShards",
    ]
    with region.denied(*actions):
        found = missing(region, managed(region, filled))
    assert [each.action for each in found] == actions
    assert all(f"project/{filled}" in each.resource for each in found)


def test_what_is_not_there_yet_is_no_missing_right(region):
    assert missing(region, managed(region, "not-made-yet")) == ()


def test_a_wrong_key_is_not_taken_for_a_missing_right(region, filled):
    (region.folder / "bad.secret").touch(0o600)
    (region.folder / "bad.secret").write_text("not-the-secret-at-all")
    profile = managed(region, filled, alibaba={"access_key_secret": "file:bad.secret"})
    with pytest.raises(ProblemError) as caught:
        missing(region, profile)
    assert caught.value.problem.code is Code.ALIBABA_KEY_REFUSED


def test_rights_to_change_things_are_said_to_be_unproved(region):
    listed = {need.action for need in unproved(wanted(region, "managed"), ACCOUNT)}
    assert {"log:CreateProject", "log:CreateKafkaIngestion", "ram:PassRole"} <= listed
    assert not any(":Get" in action or ":List" in action for action in listed)


@contextlib.contextmanager
def denied_there(center, *actions):
    center.request("denied", actions=list(actions))
    try:
        yield
    finally:
        center.request("denied", actions=[])


def with_center(region, center, project):
    table = {"endpoint": f"https://{center.ready['endpoint']}", "region_id": "ap-southeast-1"}
    return managed(region, project, security_center=table)


def test_the_preflight_asks_security_center_too(region, center, filled):
    profile = with_center(region, center, filled)
    assert missing(region, profile, center) == ()
    actions = [
        "yundun-sas:GetDataStorage",
        "yundun-sas:GetUserConfig",
        "yundun-sas:ListAlerts",
        "yundun-sas:ListDataConnectors",
        "yundun-sas:ListDataIngestions",
        "yundun-sas:ListDataSources",
        "yundun-sas:ListDetectionRules",
        "yundun-sas:ListIncidents",
        "yundun-sas:ListLogRegions",
        "yundun-sas:ListNormalizationRules",
        "yundun-sas:ListNormalizationSchemas",
        "yundun-sas:ListTrafficStatistics",
        "yundun-sas:ListVendors",
    ]
    with denied_there(center, *actions):
        found = missing(region, profile, center)
    assert [each.action for each in found] == actions


def test_each_reading_right_of_the_preflight_is_in_the_policy(region, center, filled):
    profile = with_center(region, center, filled)
    center.request("clear_requests")
    missing(region, profile, center)
    document = policy_document(profile, center.ready["account_id"])
    asked = {request["action"] for request in center.request("requests")}
    assert asked
    assert {f"yundun-sas:{name}" for name in asked} <= {a for a, _ in grants(document)}


def test_an_import_that_is_refused_at_its_start_names_the_right(region, filled):
    profile = wanted(region, log_service={"project": filled})
    with region.denied("log:GetLogStore"):
        found = check_logstore(log_service_access(profile))
    assert found.code is Code.ALIBABA_PERMISSION_MISSING
    assert denied_action(found)[0] == "log:GetLogStore"
    assert check_logstore(log_service_access(profile)) is None
