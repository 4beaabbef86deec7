"""Integration policies: modes and their limits, enabling, what is in use."""

from __future__ import annotations

import pytest

from .conftest import SPL, new_name

pytestmark = pytest.mark.slow


def listed(center, identity):
    (found,) = center.ask("ListDataIngestions", data_ingestion_ids=[identity])["DataIngestions"]
    return found


def test_a_policy_lives_and_goes(center):
    product = center.product()
    policy = center.policy(product_id=product)
    told = listed(center, policy)
    assert (told["DataIngestionStatus"], told["DataIngestionState"]) == ("disabled", "uningested")
    assert told["DataIngestionModeEditable"] is True
    center.ask("EnableDataIngestion", data_ingestion_id=policy, product_id=product)
    told = listed(center, policy)
    assert told["DataIngestionStatus"] == "enabled"
    assert told["StreamJobId"]
    assert told["RealtimeDataSourceId"] == told["DataSourceId"]
    (of_product,) = center.ask("ListProducts", product_ids=[product])["Products"]
    assert of_product["EnabledDataIngestionCount"] == 1
    for operation in ("UpdateDataIngestion", "DeleteDataIngestion"):
        refusal = center.refused(operation, data_ingestion_id=policy)
        assert refusal.code == "DataIngestionEnabled"
    center.ask("DisableDataIngestion", data_ingestion_id=policy)
    center.ask("UpdateDataIngestion", data_ingestion_id=policy, data_ingestion_mode="scan")
    told = listed(center, policy)
    assert (told["DataIngestionMode"], told["StreamJobId"]) == ("scan", "")
    center.ask("DeleteDataIngestion", data_ingestion_id=policy)
    assert center.refused("EnableDataIngestion", data_ingestion_id=policy).code == (
        "InvalidDataIngestionId"
    )


def test_the_data_source_is_asked_for(center):
    refusal = center.refused("CreateDataIngestion", product_id=center.product())
    assert refusal.status_code == 400
    assert "The specified DataSourceId is invalid." in refusal.message


def test_wrong_ids_are_refused(center):
    product, source = center.product(), center.source()
    rule = center.rule(product)
    wish = {"data_source_id": source, "product_id": product, "normalization_rule_id": rule}
    for parameter, value, code in (
        ("data_source_id", "ds-0", "InvalidDataSourceId"),
        ("product_id", "product-0", "InvalidProductId"),
        ("normalization_rule_id", "nr-0", "InvalidNormalizationRuleId"),
        ("normalization_rule_id", center.rule(center.product()), "InvalidNormalizationRuleId"),
        ("normalization_rule_id", None, "MissingNormalizationRuleId"),
        ("data_ingestion_mode", "both", "InvalidDataIngestionMode"),
        ("data_ingestion_type", "preset", "InvalidDataIngestionType"),
    ):
        assert center.refused("CreateDataIngestion", **{**wish, parameter: value}).code == code
    policy = center.policy(**wish)
    other = center.refused(
        "EnableDataIngestion", data_ingestion_id=policy, product_id=center.product()
    )
    assert other.code == "InvalidProductId"


def test_a_rule_says_which_modes_it_is_for(center):
    product = center.product()
    rule = center.rule(product, "realtime")
    with pytest.raises(Exception, match="does not support this mode"):
        center.policy("scan", product_id=product, normalization_rule_id=rule)


def test_alert_logs_are_read_in_real_time_only(center):
    product = center.product()
    rule = center.rule(product, schema="EDR_ALERT_ACTIVITY")
    with pytest.raises(Exception, match="real-time consumption only"):
        center.policy("scan", product_id=product, normalization_rule_id=rule)
    center.policy("realtime", product_id=product, normalization_rule_id=rule)


def test_the_dedicated_channel_is_read_in_real_time_only(center):
    account, region = center.box.center.ready["account_id"], center.box.region
    center.ask("CreateLogStore", log_store_name="only-realtime")
    source = center.source("only-realtime", f"aliyun-cloudsiem-channel-{account}-{region}")
    with pytest.raises(Exception, match="real-time consumption only"):
        center.policy("scan", data_source_id=source)
    center.policy("realtime", data_source_id=source)


def test_five_policies_of_a_dataset_scan(center):
    product, source = center.product(), center.source()
    schema = center.schema("Host Logon Log")["NormalizationSchemaId"]
    rule = center.rule(product, "scan", SPL, schema)
    wish = {"product_id": product, "data_source_id": source, "normalization_rule_id": rule}
    policies = [center.policy("scan", **wish) for _ in range(6)]
    for policy in policies[:5]:
        center.ask("EnableDataIngestion", data_ingestion_id=policy)
    sixth = {"data_ingestion_id": policies[5]}
    refusal = center.refused("EnableDataIngestion", **sixth)
    assert "At most 5" in refusal.message
    assert "login_activity" in refusal.message
    center.ask("EnableDataIngestion", data_ingestion_id=policies[0])
    elsewhere = center.policy("scan", product_id=product, data_source_id=source)
    center.ask("EnableDataIngestion", data_ingestion_id=elsewhere)
    center.ask("DisableDataIngestion", data_ingestion_id=policies[0])
    center.ask("EnableDataIngestion", **sixth)
    for policy in (*policies, elsewhere):
        center.ask("DisableDataIngestion", data_ingestion_id=policy)


def test_lists_are_filtered(center):
    product = center.product()
    policy = center.policy(product_id=product)
    schema = center.schema()["NormalizationSchemaId"]
    for filters in (
        {"product_id": product},
        {"product_id": product, "data_ingestion_status": "disabled"},
        {"product_id": product, "normalization_schema_ids": [schema, "HTTP_ACTIVITY"]},
    ):
        found = center.ask("ListDataIngestions", **filters)["DataIngestions"]
        assert [each["DataIngestionId"] for each in found] == [policy]
    nothing = center.ask("ListDataIngestions", product_id=product, data_ingestion_status="enabled")
    assert nothing["DataIngestions"] == []


def test_no_policy_with_a_used_up_quota(center):
    product, source = center.product(), center.source()
    rule = center.rule(product)
    with center.playing("quota"):
        refusal = center.refused(
            "CreateDataIngestion",
            product_id=product,
            data_source_id=source,
            normalization_rule_id=rule,
        )
        vendor = center.refused("CreateVendor", vendor_name=new_name("too many"))
    assert refusal.code == vendor.code == "QuotaExceeded"
