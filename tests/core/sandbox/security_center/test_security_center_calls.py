"""What every request has in common: the listeners, Lang, RegionId, rights, pages, accounts."""

from __future__ import annotations

import pytest
from alibabacloud_cloud_siem20241212 import models as m
from alibabacloud_tea_openapi.client import Client as AnyClient
from alibabacloud_tea_openapi.utils_models import Config

from core.sandbox.certificates import Authority
from core.sandbox.security_center.names import SERVICE_ROLE

HOME = "ap-southeast-1"


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "loopback"])
def test_the_sdk_is_answered_over_both_listeners(center, tls):
    request = m.GetUserConfigRequest(lang="en", region_id=HOME)
    user = center.box.sdk(tls=tls).get_user_config(request).body.user
    assert user.ctdr_version.startswith("2")


def test_the_certificate_is_of_the_sandboxs_authority(center, tmp_path):
    port = center.box.center.ready["endpoint"].partition(":")[2]
    request = m.GetUserConfigRequest(lang="en", region_id=HOME)

    def ask(ca_file):
        # The SDK keeps what it trusts by host and port: a name that no other test uses.
        client = center.box.sdk(ca=str(ca_file), endpoint=f"localhost:{port}")
        return client.get_user_config(request).body.user

    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        ask(Authority(tmp_path).ca_file)
    assert ask(center.box.ca_file)


def test_lang_is_mandatory(center):
    refusal = center.refused("GetUserConfig", lang=None)
    assert refusal.status_code == 400
    assert "The specified Lang can not be empty." in refusal.message
    assert center.refused("ListVendors", lang="fr").code == "InvalidLang"


def test_region_id_is_the_management_centre_not_the_endpoints_region(center):
    assert center.ask("GetUserConfig", region_id=None)["User"]
    for region in ("cn-hangzhou", "cn-shanghai", "eu-central-1"):
        assert center.refused("GetUserConfig", region_id=region).code == "InvalidRegionId"
    with center.playing("wrong_region"):
        assert center.refused("GetUserConfig", region_id=HOME).code == "InvalidRegionId"
        for region in ("cn-hangzhou", "cn-shanghai"):
            assert center.ask("GetUserConfig", region_id=region)["User"]


@pytest.mark.parametrize(
    ("version", "action"), [("2024-12-12", "NoSuch"), ("2023-01-01", "GetUserConfig")]
)
def test_an_operation_that_there_is_not(center, version, action):
    with pytest.raises(Exception, match=r"InvalidAction\.NotFound"):
        center.generic(version, action, Lang="en")


def test_a_denied_action_is_named(center):
    center.command("denied", actions=["yundun-sas:CreateVendor", "sts:GetCallerIdentity"])
    try:
        refusal = center.refused("CreateVendor", vendor_name="Denied")
        with pytest.raises(Exception, match="sts:GetCallerIdentity"):
            center.generic("2015-04-01", "GetCallerIdentity")
    finally:
        center.command("denied", actions=[])
    assert (refusal.status_code, refusal.code) == (403, "NoPermission")
    assert refusal.access_denied_detail["AuthAction"] == "yundun-sas:CreateVendor"
    account = center.box.center.ready["account_id"]
    assert f"Resource: acs:yundun-sas::{account}:vendor/*." in refusal.message
    assert center.ask("ListVendors", vendor_name="Denied")["Vendors"] == []


@pytest.mark.slow
def test_pages_by_token(center):
    seen, token = [], None
    while True:
        told = center.ask("ListNormalizationSchemas", max_results=7, next_token=token)
        seen += [each["NormalizationSchemaId"] for each in told["NormalizationSchemas"]]
        token = told.get("NextToken")
        if token is None:
            break
        assert len(told["NormalizationSchemas"]) == told["MaxResults"] == 7
    assert len(seen) == len(set(seen)) == told["TotalCount"] > 14
    assert center.refused("ListVendors", max_results=101).code == "InvalidMaxResults"
    assert center.refused("ListVendors", next_token="x").code == "InvalidNextToken"


@pytest.mark.slow
def test_pages_by_number(center):
    first = center.ask("ListNormalizationRules", page_number=1, page_size=1)
    second = center.ask("ListNormalizationRules", page_number=2, page_size=1)
    assert first["TotalCount"] == first["TotalPage"] == second["TotalCount"] >= 2
    assert first["NormalizationRules"] != second["NormalizationRules"]
    assert center.ask("ListNormalizationRules", page_number=999)["NormalizationRules"] == []


def test_who_the_caller_is(center):
    account = center.box.center.ready["account_id"]
    told = center.generic("2015-04-01", "GetCallerIdentity")
    assert told["AccountId"] == account
    assert (told["IdentityType"], told["Arn"]) == (
        "RAMUser",
        f"acs:ram::{account}:user/isthmus-sandbox",
    )


@pytest.mark.slow
def test_temporary_credentials_are_a_roles(center):
    key_id, secret = center.box.key
    client = AnyClient(
        Config(
            access_key_id=key_id,
            access_key_secret=secret,
            security_token="a token",
            endpoint=center.box.center.ready["endpoint"],
            ca=str(center.box.ca_file),
        )
    )
    told = center.generic("2015-04-01", "GetCallerIdentity", client)
    assert told["IdentityType"] == "AssumedRoleUser"
    assert ":assumed-role/" in told["Arn"]


@pytest.mark.slow
def test_checks_of_the_older_version(center):
    assert center.generic("2022-06-16", "DescribeServiceStatus")["Data"] is True
    assert center.generic("2022-06-16", "DescribeAuth")["Data"] is True
    bought = center.generic("2022-06-16", "DescribeUserBuyStatus")["Data"]
    assert bought["Capacity"] > 0
    assert bought["CanBuy"] is False
    with center.playing("not_activated"):
        bought = center.generic("2022-06-16", "DescribeUserBuyStatus")["Data"]
        assert (bought["Capacity"], bought["CanBuy"]) == (0, True)
        assert center.refused("GetUserConfig").status_code == 403
    with center.playing("no_role"):
        assert center.generic("2022-06-16", "DescribeServiceStatus")["Data"] is False
        assert center.ask("GetUserConfig")["User"]
        refusal = center.refused("ListLogProjects")
    assert refusal.status_code == 403
    assert SERVICE_ROLE in refusal.message


@pytest.mark.slow
def test_requests_are_told_to_the_parent(center):
    center.command("clear_requests")
    center.ask("ListVendors")
    center.refused("CreateVendor", vendor_name="")
    assert center.command("requests") == [
        {"action": "ListVendors", "version": "2024-12-12", "status": 200, "code": ""},
        {
            "action": "CreateVendor",
            "version": "2024-12-12",
            "status": 400,
            "code": "MissingVendorName",
        },
    ]
