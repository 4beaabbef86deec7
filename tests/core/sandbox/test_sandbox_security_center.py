"""Security Center in a whole sandbox: where it is said to be, its scenarios, its restart."""

from __future__ import annotations

import json

import pytest
from alibabacloud_cloud_siem20241212 import models as m
from alibabacloud_cloud_siem20241212.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from helpers.waiting import eventually

from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), Options(empty=True)) as running:
        yield running


def sdk(sandbox):
    """The SDK as sandbox.json says."""
    info = json.loads((sandbox.folder / "sandbox.json").read_text("utf-8"))
    return Client(
        Config(
            access_key_id=info["log_service"]["access_key_id"],
            access_key_secret=info["log_service"]["access_key_secret"],
            endpoint=info["security_center"]["endpoint"],
            region_id=info["security_center"]["region_id"],
            ca=info["ca_file"],
        )
    )


def test_sandbox_json_says_where_it_is(sandbox):
    request = m.ListLogProjectsRequest(lang="en", region_id="ap-southeast-1")
    account = sandbox.info["security_center"]["account_id"]
    region = sandbox.info["log_service"]["endpoint"].partition(".")[0]
    wanted = f"aliyun-cloudsiem-data-{account}-{region}"
    client = sdk(sandbox)
    eventually(lambda: wanted in client.list_log_projects(request).body.log_projects)


def test_the_profile_names_it(sandbox):
    profile = load_profile(sandbox.folder / "profile.toml")
    endpoint = f"https://{sandbox.info['security_center']['endpoint']}"
    assert (profile.analysis.endpoint, profile.endpoints.sts) == (endpoint, endpoint)
    assert profile.analysis.region_id == sandbox.info["security_center"]["region_id"]


def test_a_scenario_is_switched_by_its_whole_name(sandbox):
    client, request = sdk(sandbox), m.GetUserConfigRequest(lang="en")
    sandbox.scenario("security_center.not_activated", True)
    with pytest.raises(AlibabaCloudException, match="ServiceNotActivated"):
        client.get_user_config(request)
    sandbox.scenario("security_center.not_activated", False)
    assert client.get_user_config(request).body.user.ctdr_version


def test_it_comes_back_where_it_was(sandbox):
    client = sdk(sandbox)
    vendor = client.create_vendor(m.CreateVendorRequest(lang="en", vendor_name="Contoso")).body
    sandbox.restart("security_center")
    sandbox.restart("log_service")
    found = client.list_vendors(m.ListVendorsRequest(lang="en", vendor_type="custom")).body.vendors
    assert [each.vendor_id for each in found] == [vendor.vendor_id]
    projects = m.ListLogProjectsRequest(lang="en")
    assert client.list_log_projects(projects).body.log_projects
