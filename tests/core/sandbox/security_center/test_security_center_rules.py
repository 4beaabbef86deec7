"""Vendors, products, standard structures, standardised rules and their validation."""

from __future__ import annotations

import json

import pytest
from alibabacloud_cloud_siem20241212 import models as m

from .conftest import SPL, new_name

SAMPLE = {
    "at": "1793491201",
    "what": "Sign-in activity",
    "who": "jo@contoso",
    "origin": "192.0.2.7",
}


def named(center, vendor):
    (found,) = center.ask("ListVendors", vendor_name=vendor)["Vendors"]
    return found


def preset_product(center, vendor="Microsoft", name="Azure Active Directory"):
    vendor_id = named(center, vendor)["VendorId"]
    listed = center.ask("ListProducts", vendor_id=vendor_id, product_name=name)
    (found,) = listed["Products"]
    return found


@pytest.mark.slow
def test_preset_vendors_and_products_are_looked_up(center):
    types = {
        each["VendorType"] for each in center.ask("ListVendors", vendor_type="preset")["Vendors"]
    }
    assert types == {"preset"}
    assert preset_product(center)["ProductType"] == "preset"
    assert preset_product(center, "Microsoft Cloud", "Azure Activity Log")["AllowAddDataIngestion"]


@pytest.mark.slow
def test_preset_things_cannot_be_changed(center):
    vendor, product = named(center, "Microsoft"), preset_product(center)
    rule = center.ask("ListNormalizationRules", normalization_rule_type="predefined")
    rule_id = rule["NormalizationRules"][0]["NormalizationRuleId"]
    for operation, parameters in (
        ("UpdateVendor", {"vendor_id": vendor["VendorId"], "vendor_name": "X"}),
        ("DeleteVendor", {"vendor_id": vendor["VendorId"]}),
        ("UpdateProduct", {"product_id": product["ProductId"], "product_name": "X"}),
        ("DeleteProduct", {"product_id": product["ProductId"]}),
        ("UpdateNormalizationRule", {"normalization_rule_id": rule_id}),
        ("DeleteNormalizationRule", {"normalization_rule_id": rule_id}),
        ("DeleteNormalizationSchema", {"normalization_schema_id": "HTTP_ACTIVITY"}),
    ):
        assert center.refused(operation, **parameters).status_code == 403, operation


@pytest.mark.slow
def test_own_vendors_and_products_live_and_go(center):
    name = new_name("Fabrikam")
    vendor = center.ask("CreateVendor", vendor_name=name)["VendorId"]
    assert center.refused("CreateVendor", vendor_name=name).code == "VendorNameExists"
    assert center.refused("CreateVendor", vendor_name="Microsoft").code == "VendorNameExists"
    product = center.ask("CreateProduct", product_name="Portal", vendor_name=name)["ProductId"]
    again = center.refused("CreateProduct", product_name="Portal", vendor_name=name)
    assert again.code == "ProductNameExists"
    unknown = center.refused("CreateProduct", product_name="Portal", vendor_name="Nobody")
    assert unknown.code == "InvalidVendorName"
    center.ask("UpdateProduct", product_id=product, product_name="Gate")
    center.ask("UpdateVendor", vendor_id=vendor, vendor_name=f"{name} 2")
    (found,) = center.ask("ListProducts", product_ids=[product])["Products"]
    assert (found["ProductName"], found["VendorName"]) == ("Gate", f"{name} 2")
    assert center.refused("DeleteVendor", vendor_id=vendor).code == "VendorReferenced"
    rule = center.rule(product)
    assert center.refused("DeleteProduct", product_id=product).code == "ProductReferenced"
    center.ask("DeleteNormalizationRule", normalization_rule_id=rule)
    center.ask("DeleteProduct", product_id=product)
    center.ask("DeleteVendor", vendor_name=f"{name} 2")
    assert center.ask("ListVendors", vendor_ids=[vendor])["Vendors"] == []


@pytest.mark.slow
def test_standard_structures(center):
    categories = center.ask("ListNormalizationCategories", normalization_category_type="log")
    ids = {each["NormalizationCategoryId"] for each in categories["NormalizationCategories"]}
    assert "AUDIT_CATEGORY" in ids
    logon = center.schema()
    assert (logon["NormalizationCategoryId"], logon["TargetStoreView"]) == (
        "AUDIT_CATEGORY",
        "audit_activity",
    )
    whole = center.ask(
        "GetNormalizationSchema", normalization_schema_id=logon["NormalizationSchemaId"]
    )["NormalizationSchema"]
    fields = {each["NormalizationFieldName"]: each for each in whole["NormalizationFields"]}
    assert fields["start_time"]["NormalizationFieldRequired"] is True
    assert fields["log_uuid"]["NormalizationFieldReserved"] is True
    entities = center.ask("ListNormalizationSchemas", normalization_schema_type="entity")
    assert "host" in {each["NormalizationSchemaId"] for each in entities["NormalizationSchemas"]}
    found = center.ask("ListNormalizationFields", name="account_name", max_results=100)
    assert logon["NormalizationSchemaId"] in {
        each["NormalizationSchemaId"] for each in found["NormalizationFields"]
    }


@pytest.mark.slow
def test_own_structures(center):
    made = m.CreateNormalizationSchemaRequestNormalizationFields(
        normalization_field_name="ticket", normalization_field_type="long"
    )
    wish = {
        "normalization_schema_id": "custom-tickets",
        "normalization_schema_name": new_name("Tickets"),
        "normalization_schema_type": "log",
        "target_log_store": "audit_activity",
        "normalization_fields": [made],
    }
    for changes, code in (
        ({"normalization_schema_id": "tickets"}, "InvalidNormalizationSchemaId"),
        ({"normalization_schema_id": "custom-Tickets"}, "InvalidNormalizationSchemaId"),
        ({"normalization_schema_type": None}, "MissingNormalizationSchemaType"),
        ({"target_log_store": "elsewhere"}, "InvalidTargetLogStore"),
        ({"normalization_fields": None}, "MissingNormalizationFields"),
    ):
        assert center.refused("CreateNormalizationSchema", **{**wish, **changes}).code == code
    center.ask("CreateNormalizationSchema", **wish)
    rule = center.rule(center.product(), spl="* | extend ticket = id", schema="custom-tickets")
    told = center.ask(
        "ValidateNormalizationRule",
        normalization_schema_id="custom-tickets",
        normalization_rule_expression="* | extend ticket = id",
        log_sample='{"id": "seven"}',
    )["ValidateResult"]
    assert told[0]["NormalizationFieldValidationStatus"] == "fail"
    delete = {"normalization_schema_id": "custom-tickets"}
    used = center.refused("DeleteNormalizationSchema", **delete)
    assert used.code == "NormalizationSchemaReferenced"
    center.ask("DeleteNormalizationRule", normalization_rule_id=rule)
    center.ask("DeleteNormalizationSchema", **delete)
    gone = center.refused("GetNormalizationSchema", **delete)
    assert gone.code == "InvalidNormalizationSchemaId"


@pytest.mark.slow
def test_a_rule_lives_and_goes(center):
    product = center.product()
    rule = center.rule(product, "realtime", "* | parse-json properties")
    (found,) = center.ask("ListNormalizationRules", product_id=product)["NormalizationRules"]
    assert found["NormalizationRuleId"] == rule
    assert rule.startswith("nr-")
    assert (found["NormalizationRuleType"], found["NormalizationRuleFormat"]) == ("custom", "SPL")
    barred = center.refused(
        "UpdateNormalizationRule", normalization_rule_id=rule, normalization_rule_mode="scan"
    )
    assert barred.code == "InvalidNormalizationRuleExpression"
    center.ask(
        "UpdateNormalizationRule",
        normalization_rule_id=rule,
        normalization_rule_mode="scan",
        normalization_rule_expression=SPL,
    )
    told = center.ask("GetNormalizationRule", normalization_rule_id=rule)["NormalizationRule"]
    assert (told["NormalizationRuleMode"], told["NormalizationRuleExpression"]) == ("scan", SPL)
    policy = center.policy("scan", product_id=product, normalization_rule_id=rule)
    delete = {"normalization_rule_id": rule}
    used = center.refused("DeleteNormalizationRule", **delete)
    assert used.code == "NormalizationRuleReferenced"
    center.ask("DeleteDataIngestion", data_ingestion_id=policy)
    center.ask("DeleteNormalizationRule", **delete)
    assert center.refused("GetNormalizationRule", **delete).code == "InvalidNormalizationRuleId"


@pytest.mark.slow
@pytest.mark.parametrize(
    "instruction",
    [
        "parse-json properties",
        "parse-kv -delims='&' properties",
        "parse-regexp properties, '(.*)' as a",
        "parse-csv properties as a",
        "expand-values properties as a",
    ],
)
def test_scan_mode_bars_instructions(center, instruction):
    product, spl = center.product(), f"* | {instruction}"
    center.rule(product, "realtime", spl)
    for mode in ("scan", "both"):
        refusal = center.refused(
            "CreateNormalizationRule",
            normalization_rule_name=new_name("barred"),
            product_id=product,
            normalization_schema_id=center.schema()["NormalizationSchemaId"],
            normalization_rule_mode=mode,
            normalization_rule_expression=spl,
        )
        assert refusal.code == "InvalidNormalizationRuleExpression"
        assert instruction.split()[0] in refusal.message


@pytest.mark.slow
def test_a_rule_that_is_no_spl_is_refused_with_its_place(center):
    refusal = center.refused(
        "CreateNormalizationRule",
        normalization_rule_name=new_name("wrong"),
        product_id=center.product(),
        normalization_schema_id=center.schema()["NormalizationSchemaId"],
        normalization_rule_expression="* | extend\n  a = = b",
    )
    assert refusal.code == "InvalidNormalizationRuleExpression"
    assert "line 2, column" in refusal.message


def verdicts(center, sample, spl=SPL, **more):
    told = center.ask(
        "ValidateNormalizationRule",
        normalization_schema_id=center.schema()["NormalizationSchemaId"],
        normalization_rule_expression=spl,
        log_sample=json.dumps(sample),
        **more,
    )["ValidateResult"]
    return {each["NormalizationFieldName"]: each for each in told}


def test_a_sample_is_validated(center):
    told = verdicts(center, SAMPLE)
    assert told["account_name"]["FieldValue"] == "jo@contoso"
    assert told["account_name"]["Result"] == 1
    assert told["event_id"]["Message"] == "OperationDenied.TheValueIsNull"
    assert told["event_id"]["Result"] == 0
    assert "log_uuid" not in told
    assert not any(each["Result"] == -1 for each in told.values())


@pytest.mark.slow
def test_what_is_wrong_with_a_sample(center):
    told = verdicts(center, [SAMPLE, {**SAMPLE, "who": None, "origin": ""}])
    assert told["account_name"]["Message"] == "OperationDenied.TheValueIsRequired"
    assert told["account_name"]["NormalizationFieldValidationStatus"] == "fail"
    assert told["src_ip"]["Result"] == 0
    told = verdicts(center, {**SAMPLE, "cloud": "azure"}, SPL + ", cloud_code = cloud")
    assert told["cloud_code"]["Message"] == "OperationDenied.TheEnumValueNotSupport"
    nothing = verdicts(center, SAMPLE, "* | where what = 'else'")
    assert nothing["start_time"]["Message"] == "OperationDenied.TheValueIsRequired"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"log_sample": "no JSON"}, "InvalidLogSample"),
        ({"log_sample": "[1]"}, "InvalidLogSample"),
        ({"log_sample": "[]"}, "MissingLogSample"),
        ({"log_sample": None}, "MissingLogSample"),
        ({"normalization_rule_expression": "extend"}, "InvalidNormalizationRuleExpression"),
        ({"normalization_rule_expression": None}, "MissingNormalizationRuleExpression"),
        ({"normalization_schema_id": "NO_ACTIVITY"}, "InvalidNormalizationSchemaId"),
        ({"normalization_schema_id": "host"}, "InvalidNormalizationSchemaId"),
        (
            {"normalization_rule_expression": "* | extend start_time = cast(what as bigint)"},
            "NormalizationRuleFailed",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_validated(center, changes, code):
    wish = {
        "normalization_schema_id": center.schema()["NormalizationSchemaId"],
        "normalization_rule_expression": SPL,
        "log_sample": json.dumps(SAMPLE),
    }
    assert center.refused("ValidateNormalizationRule", **{**wish, **changes}).code == code


@pytest.mark.slow
def test_predefined_rules_work_on_a_record(center):
    record = {
        "time": "2026-11-01T00:00:01.5Z",
        "category": "SignInLogs",
        "operationName": "Sign-in activity",
        "callerIpAddress": "192.0.2.7",
        "properties": '{"userPrincipalName": "jo@contoso"}',
    }
    rules = center.ask("ListNormalizationRules", normalization_rule_type="predefined")
    schema = center.schema()["NormalizationSchemaId"]
    (rule,) = [
        each for each in rules["NormalizationRules"] if each["NormalizationSchemaId"] == schema
    ]
    told = verdicts(center, record, rule["NormalizationRuleExpression"])
    assert told["start_time"]["FieldValue"] == "1793491201"
    assert not any(each["Result"] == -1 for each in told.values())


@pytest.mark.slow
def test_rule_rejected(center):
    with center.playing("rule_rejected"), pytest.raises(Exception, match="rule_rejected"):
        verdicts(center, SAMPLE)
    assert verdicts(center, SAMPLE)
