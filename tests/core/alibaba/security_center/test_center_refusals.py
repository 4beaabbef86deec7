"""What the service refuses, by the real SDK: each ends in one problem that says what to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from helpers.alibaba_center import PROJECT, Soc

from core.alibaba.security_center import SecurityCenter
from core.alibaba.security_center.data_sources import check_data_source
from core.alibaba.security_center.detection_texts import detection_text
from core.alibaba.security_center.policies import IntegrationPolicy
from core.alibaba.security_center.schemas import SIGN_IN_SCHEMA, Schema
from core.alibaba.security_center.sign_in_rule import sign_in_rule
from core.alibaba.security_center.vendors import Product, Vendor
from core.errors import Code, ProblemError

pytestmark = pytest.mark.slow

Work = Callable[[SecurityCenter], Awaitable[object]]
NOW = datetime.now(UTC)
VENDOR = Vendor("vendor-1", "Contoso", preset=False)
PRODUCT = Product("product-1", "Portal", "vendor-1", "Contoso", preset=False)
SCHEMA = Schema("AZURE_AD_LOGON_ACTIVITY", SIGN_IN_SCHEMA, "AUDIT_CATEGORY", "audit_activity")
POLICY = IntegrationPolicy("di-1", "ds-1", "product-1", "nr-1", "realtime", True, "ingested")
REGION = "ap-southeast-1"
RULE = detection_text("password_spray")

CALLS: dict[str, Work] = {
    "GetUserConfig": lambda center: center.activation(),
    "DescribeAuth": lambda center: center.activation(),
    "GetDataStorage": lambda center: center.storage(),
    "ListLogRegions": lambda center: center.regions(),
    "ListLogProjects": lambda center: center.log_projects(REGION),
    "ListLogStores": lambda center: center.log_stores(REGION, PROJECT),
    "ValidateLogStore": lambda center: center.check_logstore(REGION, PROJECT, "logs"),
    "CreateLogStore": lambda center: center.create_dedicated_logstore(REGION, "logs"),
    "DeleteLogStore": lambda center: center.delete_dedicated_logstore(REGION, "logs"),
    "ListDataSources": lambda center: center.data_source("azure"),
    "CreateDataSource": lambda center: center.create_data_source("a", "user", REGION, "p", "l"),
    "RefreshDataSource": lambda center: center.refresh_data_source("ds-1"),
    "DeleteDataSource": lambda center: center.delete_data_source("ds-1"),
    "ListVendors": lambda center: center.vendor("Microsoft"),
    "CreateVendor": lambda center: center.create_vendor("Contoso"),
    "DeleteVendor": lambda center: center.delete_vendor("vendor-1"),
    "ListProducts": lambda center: center.product(VENDOR, "Portal"),
    "CreateProduct": lambda center: center.create_product(VENDOR, "Portal"),
    "DeleteProduct": lambda center: center.delete_product("product-1"),
    "ListNormalizationSchemas": lambda center: center.schema_by_name(SIGN_IN_SCHEMA),
    "GetNormalizationSchema": lambda center: center.schema_by_name(SIGN_IN_SCHEMA),
    "ListNormalizationFields": lambda center: center.fields(SCHEMA.id),
    "ListNormalizationRules": lambda center: center.rule("sign-ins"),
    "GetNormalizationRule": lambda center: center.rule_by_id("nr-1"),
    "CreateNormalizationRule": lambda center: center.create_rule("r", PRODUCT, SCHEMA, "*"),
    "DeleteNormalizationRule": lambda center: center.delete_rule("nr-1"),
    "ValidateNormalizationRule": lambda center: center.validate_rule("{}", "*", SCHEMA),
    "ListDataIngestions": lambda center: center.policies(),
    "CreateDataIngestion": lambda center: center.create_policy("d", PRODUCT, "r", "realtime"),
    "EnableDataIngestion": lambda center: center.enable_policy(POLICY),
    "DisableDataIngestion": lambda center: center.disable_policy(POLICY),
    "DeleteDataIngestion": lambda center: center.delete_policy("di-1"),
    "ListDetectionRules": lambda center: center.detection_rules(),
    "CreateDetectionRule": lambda center: center.create_detection_rule(RULE.rule(SCHEMA)),
    "UpdateDetectionRule": lambda center: center.set_detection_rule("dr-1", "custom", True),
    "DeleteDetectionRule": lambda center: center.delete_detection_rule("dr-1"),
    "ListAlerts": lambda center: center.alerts(NOW, NOW),
    "ListIncidents": lambda center: center.incidents(NOW, NOW),
    "ListTrafficStatistics": lambda center: center.traffic(),
    "ExecuteLogQuery": lambda center: center.query("p", "l", "*", NOW, NOW),
    "ListDataConnectors": lambda center: center.connectors(),
    "UpdateDataConnector": lambda center: center.set_connector("dc-1", False),
}


@pytest.mark.parametrize("operation", CALLS)
def test_a_missing_right_is_named_by_its_action(soc: Soc, operation: str):
    action = f"yundun-sas:{operation}"
    with soc.denied(action):
        found = soc.refusal(CALLS[operation])
    assert found.code is Code.ALIBABA_PERMISSION_MISSING
    assert f"may not do {action} on acs:yundun-sas::" in found.cause
    assert action in found.remedy


def test_every_operation_of_the_client_is_in_the_table():
    names = {
        name
        for kind in SecurityCenter.__mro__
        for name, method in vars(kind).items()
        if not name.startswith("_") and callable(method)
    }
    called = {name for work in CALLS.values() for name in work.__code__.co_names}
    through = {"data_sources", "vendors", "products", "schemas", "rules", "detection_rule"}
    others = {"of", "close", "schema_by_id", "entities", "dedicated_project"}
    assert names - through - others <= called


def test_not_activated(soc: Soc):
    with soc.scenario("not_activated"):
        found = soc.refusal(lambda center: center.activation())
    assert found.code is Code.SECURITY_CENTER_NOT_ACTIVATED
    assert "one-click ingestion" in found.remedy


def test_no_role(soc: Soc):
    with soc.scenario("no_role"):
        asked = soc.refusal(lambda center: center.activation())
        logstore = soc.refusal(lambda center: center.check_logstore(soc.region, PROJECT, "x"))
    assert asked.code is logstore.code is Code.SECURITY_CENTER_ROLE_MISSING
    assert "AliyunServiceRoleForSasCloudSiem" in asked.cause


def test_wrong_region(soc: Soc):
    with soc.scenario("wrong_region"):
        found = soc.refusal(lambda center: center.activation())
    assert found.code is Code.SECURITY_CENTER_REGION_WRONG
    assert found.where == "security_center.region_id"
    assert "cn-hangzhou" in found.cause


def test_quota(soc: Soc):
    logstore = soc.logstore()
    with soc.scenario("quota"):
        found = soc.refusal(
            lambda center: center.create_data_source("q", "user", soc.region, PROJECT, logstore)
        )
    assert found.code is Code.SECURITY_CENTER_QUOTA
    assert "data sources" in found.cause


def test_an_abnormal_data_source(soc: Soc):
    logstore = soc.logstore()

    async def work(center: SecurityCenter) -> None:
        made = await center.create_data_source(
            soc.name("abnormal"), "user", soc.region, PROJECT, logstore
        )
        try:
            with soc.scenario("abnormal_source"):
                found = await center.data_source(made.name)
            assert found is not None
            check_data_source(found)
        finally:
            await center.delete_data_source(made.id)

    found = soc.refusal(work)
    assert found.code is Code.SECURITY_CENTER_SOURCE_ABNORMAL
    assert "NoPermission" in found.cause


async def _product(center: SecurityCenter) -> Product:
    vendor = await center.vendor("Microsoft")
    assert vendor is not None
    product = await center.product(vendor, "Azure Active Directory")
    assert product is not None
    return product


def test_a_rejected_rule(soc: Soc):
    async def work(center: SecurityCenter) -> None:
        product = await _product(center)
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        await center.create_rule("rejected", product, schema, sign_in_rule(batches=False))

    with soc.scenario("rule_rejected"):
        found = soc.refusal(work)
    assert found.code is Code.SECURITY_CENTER_RULE_REJECTED
    assert "line 1, column 1" in found.cause


def test_a_rule_with_a_fault_names_its_place(soc: Soc):
    async def work(center: SecurityCenter) -> None:
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        await center.validate_rule({"a": "b"}, "* | wear a = 'b'", schema)

    found = soc.refusal(work)
    assert found.code is Code.SECURITY_CENTER_RULE_REJECTED
    assert "line 1, column 5" in found.cause


def test_a_rule_for_batches_is_not_for_scan(soc: Soc):
    async def work(center: SecurityCenter) -> None:
        product = await _product(center)
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        await center.create_rule("s", product, schema, sign_in_rule(batches=True), mode="scan")

    found = soc.refusal(work)
    assert found.code is Code.SECURITY_CENTER_RULE_REJECTED
    assert "expand-values" in found.cause


def test_a_logstore_that_there_is_not(soc: Soc):
    found = soc.refusal(lambda center: center.check_logstore(soc.region, PROJECT, "no-such-logs"))
    assert found.code is Code.SECURITY_CENTER_LOGSTORE_UNUSABLE


def test_a_data_source_that_there_is_not(soc: Soc):
    async def work(center: SecurityCenter) -> None:
        product = await _product(center)
        rules = await center.rules(product)
        await center.create_policy("ds-none", product, rules[0].id, "realtime")

    found = soc.refusal(work)
    assert found.code is Code.SECURITY_CENTER_ID_INVALID
    assert "DataSourceId" in found.cause


def test_a_structure_that_there_is_not(soc: Soc):
    found = soc.refusal(lambda center: center.schema_by_name("Azure Sentinel Log"))
    assert found.code is Code.SECURITY_CENTER_SCHEMA_MISSING
    assert "Azure Sentinel Log" in found.cause


def test_a_name_that_is_taken(soc: Soc):
    async def work(center: SecurityCenter) -> None:
        made = await center.create_vendor("Twice")
        try:
            await center.create_vendor("Twice")
        finally:
            await center.delete_vendor(made.id)

    assert soc.refusal(work).code is Code.SECURITY_CENTER_EXISTS


def test_what_is_used_cannot_be_deleted(soc: Soc):
    async def work(center: SecurityCenter) -> None:
        vendor = await center.create_vendor("Used")
        product = await center.create_product(vendor, "Used")
        try:
            await center.delete_vendor(vendor.id)
        finally:
            await center.delete_product(product.id)
            await center.delete_vendor(vendor.id)

    assert soc.refusal(work).code is Code.SECURITY_CENTER_IN_USE


def test_what_is_preset_cannot_be_deleted(soc: Soc):
    async def work(center: SecurityCenter) -> None:
        vendor = await center.vendor("Microsoft")
        assert vendor is not None
        await center.delete_vendor(vendor.id)

    assert soc.refusal(work).code is Code.SECURITY_CENTER_PRESET


def test_a_detection_rule_for_a_structure_that_there_is_not(soc: Soc):
    schema = replace(SCHEMA, id="NO_SUCH_ACTIVITY")
    found = soc.refusal(lambda center: center.create_detection_rule(RULE.rule(schema)))
    assert found.code is Code.SECURITY_CENTER_ID_INVALID
    assert "LogSchemaId" in found.cause


def test_a_wrong_key(soc: Soc):
    wrong_secret = replace(soc.keys, access_key_secret="not-the-secret")
    wrong_id = replace(soc.keys, access_key_id="LTAI-nobody")
    for keys in (wrong_secret, wrong_id):
        found = soc.refusal(lambda center: center.regions(), keys=keys)
        assert found.code is Code.ALIBABA_KEY_REFUSED
        assert "not-the-secret" not in str(found.as_json())


def test_a_query_that_cannot_run(soc: Soc):
    logstore = soc.logstore()
    found = soc.refusal(
        lambda center: center.query(
            PROJECT, logstore, "* | SELECT nothing FROM log", NOW, NOW, region=soc.region
        )
    )
    assert found.code is Code.SECURITY_CENTER_QUERY_REJECTED


def test_a_closed_client_calls_nobody(soc: Soc):
    async def work(center: SecurityCenter) -> None:
        await center.close()
        await center.regions()

    with pytest.raises(RuntimeError, match="closed"):
        soc.run(work)


def test_a_product_that_takes_no_policies():
    from core.alibaba.security_center.vendors import check_takes_policies

    check_takes_policies(PRODUCT)
    with pytest.raises(ProblemError) as caught:
        check_takes_policies(replace(PRODUCT, takes_policies=False))
    assert caught.value.problem.code is Code.SECURITY_CENTER_PRODUCT_CLOSED


def test_an_abnormal_policy():
    from core.alibaba.security_center.policies import check_policy

    check_policy(POLICY)
    with pytest.raises(ProblemError) as caught:
        check_policy(replace(POLICY, state="abnormal", state_code="RuleFailed"))
    assert caught.value.problem.code is Code.SECURITY_CENTER_POLICY_ABNORMAL
    assert "RuleFailed" in caught.value.problem.cause
