"""Each operation against the emulator, by the real SDK."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from helpers.alibaba_center import PROJECT, Soc
from helpers.sign_in_logs import ADDED, RECORD, stored

from core.alibaba.security_center import SecurityCenter
from core.alibaba.security_center.detection_rules import DetectionRule, EntityField, EntityMapping
from core.alibaba.security_center.detection_texts import detection_names, detection_text
from core.alibaba.security_center.schemas import SIGN_IN_SCHEMA
from core.alibaba.security_center.sign_in_rule import rule_mode, sign_in_rule
from core.errors import Code

pytestmark = pytest.mark.slow


async def product_of(center: SecurityCenter, name: str = "Azure Active Directory"):
    vendor = await center.vendor("Microsoft")
    assert vendor is not None
    product = await center.product(vendor, name)
    assert product is not None
    return product


def test_storage(soc: Soc):
    async def work(center: SecurityCenter):
        return await center.storage(), await center.dedicated_project(soc.region)

    storage, project = soc.run(work)
    account = soc.sandbox.center.ready["account_id"]
    assert storage.account_id == account
    assert storage.project == f"aliyun-cloudsiem-data-{account}-{soc.region}"
    assert storage.region == soc.region
    assert storage.log_management
    assert storage.datasets[SIGN_IN_SCHEMA][0] == "audit_activity"
    assert project == f"aliyun-cloudsiem-channel-{account}-{soc.region}"


def test_regions_projects_and_logstores(soc: Soc):
    logstore = soc.logstore()

    async def work(center: SecurityCenter):
        return (
            await center.regions(),
            await center.log_projects(soc.region),
            await center.log_stores(soc.region, PROJECT),
        )

    regions, projects, logstores = soc.run(work)
    assert soc.region in regions
    assert PROJECT in projects
    assert logstore in logstores


def test_a_dedicated_logstore(soc: Soc):
    async def work(center: SecurityCenter):
        project = await center.create_dedicated_logstore(soc.region, "azure-raw")
        await center.check_logstore(soc.region, project, "azure-raw")
        source = await center.create_data_source(
            "dedicated azure", "dedicated", soc.region, project, "azure-raw"
        )
        found = await center.data_source("dedicated azure")
        await center.delete_data_source(source.id)
        await center.delete_dedicated_logstore(soc.region, "azure-raw")
        return source, found, await center.log_stores(soc.region, project)

    source, found, left = soc.run(work)
    assert source.kind == found.kind == "dedicated"
    assert source.id == found.id
    assert "azure-raw" not in left


def test_data_sources_are_found_by_their_whole_name(soc: Soc):
    logstore = soc.logstore()

    async def work(center: SecurityCenter):
        made = [
            await center.create_data_source(name, "user", soc.region, PROJECT, logstore)
            for name in ("by name", "by name, another")
        ]
        found = await center.data_sources("by name")
        await center.refresh_data_source(made[0].id)
        listed = {each.id for each in await center.data_sources()}
        for each in made:
            await center.delete_data_source(each.id)
        return made, found, listed

    made, found, listed = soc.run(work)
    assert [each.id for each in found] == [made[0].id]
    assert {each.id for each in made} <= listed


def test_lists_come_page_by_page(soc: Soc):
    async def work(center: SecurityCenter):
        made = [await center.create_vendor(f"vendor {number:03}") for number in range(103)]
        found = [each.name for each in await center.vendors() if not each.preset]
        for each in made:
            await center.delete_vendor(each.id)
        return found, await center.vendors("vendor 101")

    found, left = soc.run(work)
    assert found == [f"vendor {number:03}" for number in range(103)]
    assert left == ()


def test_own_vendors_and_products(soc: Soc):
    async def work(center: SecurityCenter):
        vendor = await center.create_vendor("Contoso")
        product = await center.create_product(vendor, "Portal")
        found = await center.vendor("contoso"), await center.product(vendor, "portal")
        products = await center.products(vendor)
        await center.delete_product(product.id)
        await center.delete_vendor(vendor.id)
        return vendor, product, found, products, await center.vendor("Contoso")

    vendor, product, found, products, left = soc.run(work)
    assert found == (vendor, product)
    assert products == (product,)
    assert not vendor.preset
    assert left is None


def test_structures_are_looked_up_by_name(soc: Soc):
    async def work(center: SecurityCenter):
        schema = await center.schema_by_name(SIGN_IN_SCHEMA.upper())
        return schema, await center.fields(schema.id), await center.entities()

    schema, fields, entities = soc.run(work)
    assert (schema.category_id, schema.dataset) == ("AUDIT_CATEGORY", "audit_activity")
    assert {"start_time", "account_name", "src_ip"} <= {each.name for each in schema.fields}
    assert next(each for each in schema.fields if each.name == "start_time").required
    assert next(each for each in schema.fields if each.name == "log_uuid").reserved
    assert {each.name for each in fields} == {each.name for each in schema.fields}
    assert "host" in {each.id for each in entities}
    assert all(each.fields for each in entities)


def test_the_predefined_rules_of_a_product(soc: Soc):
    async def work(center: SecurityCenter):
        product = await product_of(center)
        rules = [each for each in await center.rules(product) if each.predefined]
        return [await center.rule_by_id(each.id) for each in rules]

    rules = soc.run(work)
    assert len(rules) == 2
    assert all(each.expression.startswith("*") for each in rules)


@pytest.mark.parametrize("batches", [False, True])
def test_the_service_takes_the_sign_in_rule(soc: Soc, batches: bool):
    sample = {"records": json.dumps([RECORD, RECORD])} if batches else stored(RECORD, **ADDED)

    async def work(center: SecurityCenter):
        product = await product_of(center)
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        mode = rule_mode(batches)
        validation = await center.validate_rule(sample, sign_in_rule(batches), schema, mode)
        rule = await center.create_rule(
            f"sign-ins {batches}", product, schema, sign_in_rule(batches), mode=mode
        )
        found = await center.rule(rule.name)
        await center.delete_rule(rule.id)
        return validation, rule, found

    validation, rule, found = soc.run(work)
    assert validation.problem() is None
    assert found == rule


def test_a_sample_of_another_kind_fails_by_its_fields(soc: Soc):
    async def work(center: SecurityCenter):
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        other = stored({**RECORD, "category": "AuditLogs"})
        return await center.validate_rule(other, sign_in_rule(batches=False), schema)

    validation = soc.run(work)
    assert not validation.ok
    assert "account_name" in {each.name for each in validation.failed}


def test_an_unknown_cloud_is_not_among_the_values(soc: Soc):
    """Why the rule sets no cloud_code: the documented values do not have Azure."""
    spl = f"{sign_in_rule(batches=False)}\n| extend cloud_code = 'azure'"

    async def work(center: SecurityCenter):
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        return await center.validate_rule(stored(RECORD), spl, schema)

    (failed,) = soc.run(work).failed
    assert (failed.name, failed.message) == ("cloud_code", "OperationDenied.TheEnumValueNotSupport")


def test_the_sixth_scan_policy(soc: Soc):
    logstore = soc.logstore()

    async def work(center: SecurityCenter):
        product = await product_of(center)
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        rule = await center.create_rule("scanned", product, schema, sign_in_rule(batches=False))
        made = []
        try:
            for number in range(6):
                name = f"scanned {number}"
                source = await center.create_data_source(
                    name, "user", soc.region, PROJECT, logstore
                )
                policy = await center.create_policy(source.id, product, rule.id, "scan")
                made.append((source, policy))
                await center.enable_policy(policy)
        finally:
            for source, policy in made:
                await center.disable_policy(policy)
                await center.delete_policy(policy.id)
                await center.delete_data_source(source.id)
            await center.delete_rule(rule.id)

    found = soc.refusal(work)
    assert found.code is Code.SECURITY_CENTER_SCAN_POLICIES
    assert "audit_activity" in found.cause


def test_preset_detection_rules_are_listed_and_enabled(soc: Soc):
    async def work(center: SecurityCenter):
        before = await center.detection_rules("preset")
        await center.set_detection_rule(before[0].id, "preset", True)
        after = await center.detection_rule(before[0].name)
        await center.set_detection_rule(before[0].id, "preset", False)
        return before, after, await center.detection_rule(before[0].name)

    before, after, again = soc.run(work)
    assert before
    assert not any(each.enabled for each in before)
    assert after.enabled
    assert again == before[0]


@pytest.mark.parametrize("name", detection_names())
def test_a_detection_rule_comes_back_as_it_was_made(soc: Soc, name: str):
    async def work(center: SecurityCenter):
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        wanted = detection_text(name).rule(schema, await center.entities())
        identity = await center.create_detection_rule(wanted)
        found = await center.detection_rule(wanted.name)
        await center.delete_detection_rule(identity)
        return identity, wanted, found

    identity, wanted, found = soc.run(work)
    assert found == replace(wanted, id=identity, status="disabled")
    assert found.entities


def test_a_threshold_and_entities_are_kept(soc: Soc):
    async def work(center: SecurityCenter):
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        wanted = DetectionRule(
            name="with a threshold",
            sql="*|set session mode=scan;SELECT src_ip, log_uuid FROM log",
            schema_id=schema.id,
            category_id=schema.category_id,
            alert_type="Test",
            threshold_count=3,
            threshold_period="10m",
            threshold_group="src_ip",
            aggregation="none",
            entities=(EntityMapping("ip", (EntityField("ip", "src_ip"),)),),
        )
        identity = await center.create_detection_rule(wanted)
        found = await center.detection_rule(wanted.name)
        await center.delete_detection_rule(identity)
        return found, replace(wanted, id=identity, status="disabled")

    found, wanted = soc.run(work)
    assert found == wanted


def test_an_own_rule_goes_before_a_preset_one_of_its_name(soc: Soc):
    async def work(center: SecurityCenter):
        preset = (await center.detection_rules("preset"))[0]
        return preset, await center.detection_rule(preset.name), await center.detection_rule("none")

    preset, found, none = soc.run(work)
    assert found == preset
    assert none is None


def test_nothing_was_found_yet(soc: Soc):
    now = datetime.now(UTC)

    async def work(center: SecurityCenter):
        return (
            await center.alerts(now - timedelta(days=9), now - timedelta(days=8)),
            await center.incidents(now - timedelta(days=9), now - timedelta(days=8)),
            await center.connectors("s3"),
        )

    assert soc.run(work) == ((), (), ())


def test_a_query(soc: Soc):
    logstore = soc.logstore()
    put(soc, logstore, {"colour": "blue"}, {"colour": "red"})
    now = datetime.now(UTC)

    async def work(center: SecurityCenter):
        return await center.query(
            PROJECT,
            logstore,
            "*|set session mode=scan; SELECT colour, count(*) AS n FROM log GROUP BY 1 ORDER BY 1",
            now - timedelta(minutes=5),
            now + timedelta(minutes=1),
        )

    rows = soc.run(work)
    assert [(row["colour"], str(row["n"])) for row in rows] == [("blue", "1"), ("red", "1")]


def put(soc: Soc, logstore: str, *logs: dict[str, str]) -> None:
    from aliyun.log import LogItem, PutLogsRequest

    items = [LogItem(contents=list(each.items())) for each in logs]
    with soc.sandbox.log_client() as client:
        client.put_logs(PutLogsRequest(PROJECT, logstore, "", "10.0.0.1", items))


def test_a_task_that_was_made_in_the_console_is_found_paused_and_let_go_on(soc: Soc):
    logstore = soc.logstore()
    made = soc.sandbox.center.request(
        "console_connector",
        name="azure import",
        project=PROJECT,
        logstore=logstore,
        bootstrap="127.0.0.1:1",
        topic="insights-logs",
        connection_string="Endpoint=sb://hub.test/;SharedAccessKeyName=l;SharedAccessKey=c2VjcmV0",
    )

    async def work(center: SecurityCenter):
        found = [each for each in await center.connectors("kafka") if each.id == made["id"]]
        await center.set_connector(made["id"], enabled=False)
        paused = [each for each in await center.connectors() if each.id == made["id"]]
        await center.set_connector(made["id"], enabled=True)
        again = [each for each in await center.connectors() if each.id == made["id"]]
        return found, paused, again

    (found,), (paused,), (again,) = soc.run(work)
    assert (found.name, found.type, found.enabled) == ("azure import", "kafka", True)
    assert (found.project, found.logstore, found.job) == (PROJECT, logstore, made["job"])
    assert found.job_state
    assert (paused.enabled, paused.running) == (False, False)
    assert again.enabled
    assert "SharedAccessKey" not in str(found)
