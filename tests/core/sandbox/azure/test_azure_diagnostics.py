"""Diagnostic settings and automations: Azure's rules for them, and what flows because of them."""

from __future__ import annotations

import pytest

from .conftest import refused

EVERYTHING = ["Manage", "Send", "Listen"]
ENTRA = "/providers/microsoft.aadiam/diagnosticSettings"


@pytest.fixture(scope="module")
def place(cloud):
    made = cloud.namespace()
    made.hub("logs", 2)
    made.policy("diagnostics", EVERYTHING)
    return made


@pytest.fixture(scope="module")
def vault(cloud, place):
    cloud.command(
        "add_resources",
        count=1,
        type="Microsoft.KeyVault/vaults",
        location="eastasia",
        resource_group=place.group,
    )
    [found] = cloud.resources.resources.list_by_resource_group(
        place.group, filter="resourceType eq 'Microsoft.KeyVault/vaults'"
    )
    return found.id


@pytest.fixture(autouse=True)
def _no_setting_left(cloud, request):
    yield
    for key in cloud.command("snapshot"):
        if key.startswith("/tenants/"):
            cloud.send("DELETE", ENTRA + "/" + key.rpartition("/")[2])
        elif "/diagnosticsettings/" in key or "/automations/" in key:
            cloud.send("DELETE", key)


def settings_of(scope):
    return f"{scope}/providers/Microsoft.Insights/diagnosticSettings"


def activity(cloud):
    return settings_of(f"/subscriptions/{cloud.box.subscription}")


def wanted(place, *categories, rule="diagnostics", hub="logs", groups=()):
    logs = [{"category": name, "enabled": True} for name in categories]
    logs += [{"categoryGroup": name, "enabled": True} for name in groups]
    properties = {"eventHubAuthorizationRuleId": f"{place.id}/authorizationRules/{rule}"}
    return {"properties": {**properties, "eventHubName": hub, "logs": logs}}


def test_the_activity_log_of_a_subscription(cloud, place):
    path = activity(cloud) + "/isthmus"
    made = cloud.send("PUT", path, wanted(place, "administrative", "Security"))
    assert made["id"] == path
    assert [item["category"] for item in made["properties"]["logs"]] == [
        "Administrative",
        "Security",
    ]
    assert cloud.send("GET", path) == made
    assert cloud.send("GET", activity(cloud)) == {"value": [made]}
    [flow] = cloud.command("flows")
    assert flow["kinds"] == ["Administrative", "Security"]
    assert (flow["namespace"], flow["hub"]) == (place.name, "logs")
    assert flow["location"] == "eastasia"
    assert flow["connection_string"] == place.keys("diagnostics").primary_connection_string
    port = place.get().properties.service_bus_endpoint.rstrip("/").rpartition(":")[2]
    assert flow["bootstrap"] == f"127.0.0.1:{port}"
    cloud.send("DELETE", path)
    assert cloud.command("flows") == []
    with refused("ResourceNotFound", 404):
        cloud.send("GET", path)


def test_microsoft_entra_id(cloud, place):
    made = cloud.send("PUT", ENTRA + "/isthmus", wanted(place, "SignInLogs", "AuditLogs"))
    assert made["id"] == ENTRA + "/isthmus"
    assert cloud.send("GET", ENTRA)["value"] == [made]
    assert [flow["kinds"] for flow in cloud.command("flows")] == [["AuditLogs", "SignInLogs"]]
    with refused("BadRequest", 400, "Category 'Administrative' is not supported"):
        cloud.send("PUT", ENTRA + "/more", wanted(place, "Administrative"))


def test_a_resource_offers_its_own_categories(cloud, place, vault):
    path = vault + "/providers/Microsoft.Insights/diagnosticSettingsCategories"
    offered = {item["name"]: item["properties"] for item in cloud.send("GET", path)["value"]}
    assert offered["AuditEvent"] == {"categoryType": "Logs", "categoryGroups": ["audit", "allLogs"]}
    assert offered["AllMetrics"]["categoryType"] == "Metrics"
    cloud.send("PUT", settings_of(vault) + "/isthmus", wanted(place, groups=["audit"]))
    assert [flow["kinds"] for flow in cloud.command("flows")] == [["AuditEvent"]]
    cloud.send("PUT", settings_of(vault) + "/isthmus", wanted(place, groups=["allLogs"]))
    [flow] = cloud.command("flows")
    assert flow["kinds"] == ["AuditEvent", "AzurePolicyEvaluationDetails"]
    with refused("ResourceNotFound", 404):
        cloud.send("GET", settings_of(vault + "x"))


def test_category_and_group_are_not_mixed(cloud, place, vault):
    body = wanted(place, "AuditEvent", groups=["allLogs"])
    with refused("BadRequest", 400, "category group"):
        cloud.send("PUT", settings_of(vault) + "/isthmus", body)


def test_the_hub_is_in_the_region_of_the_resource(cloud, place):
    cloud.command("add_resources", count=1, location="uksouth", resource_group=place.group)
    [found] = cloud.resources.resources.list_by_resource_group(
        place.group, filter="location eq 'uksouth'"
    )
    with refused("BadRequest", 400, "Resources should be in the same region"):
        cloud.send("PUT", settings_of(found.id) + "/isthmus", wanted(place, "AuditEvent"))


@pytest.mark.parametrize("rights", [["Send"], ["Listen", "Send"]])
def test_the_policy_has_all_three_rights(cloud, place, rights):
    place.policy("weak", rights)
    with refused("BadRequest", 400, "Manage, Send and Listen"):
        cloud.send("PUT", activity(cloud) + "/isthmus", wanted(place, "Alert", rule="weak"))


def test_the_policy_is_one_of_the_namespace_and_is_there(cloud, place):
    place.policy("of-hub", EVERYTHING, hub="logs")
    body = wanted(place, "Alert")
    rule = f"{place.id}/eventhubs/logs/authorizationRules/of-hub"
    body["properties"]["eventHubAuthorizationRuleId"] = rule
    with refused("BadRequest", 400, "authorization rule of an Event Hubs namespace"):
        cloud.send("PUT", activity(cloud) + "/isthmus", body)
    with refused("ResourceNotFound", 404):
        cloud.send("PUT", activity(cloud) + "/isthmus", wanted(place, "Alert", rule="gone"))


def test_a_scope_has_five_settings_at_most(cloud, place):
    names = ["Administrative", "Security", "Alert", "Policy", "Autoscale"]
    for name in names:
        cloud.send("PUT", f"{activity(cloud)}/{name.lower()}", wanted(place, name))
    with refused("BadRequest", 400, "5 diagnostic settings"):
        cloud.send("PUT", activity(cloud) + "/sixth", wanted(place, "ServiceHealth"))
    cloud.send("PUT", activity(cloud) + "/alert", wanted(place, "ServiceHealth"))


def test_a_category_goes_to_a_hub_once(cloud, place):
    cloud.send("PUT", activity(cloud) + "/first", wanted(place, "Alert"))
    with refused("Conflict", 409, "Data sink"):
        cloud.send("PUT", activity(cloud) + "/second", wanted(place, "Alert", "Policy"))
    place.hub("elsewhere", 1)
    cloud.send("PUT", activity(cloud) + "/second", wanted(place, "Alert", hub="elsewhere"))


def test_nothing_flows_once_the_target_is_gone(cloud):
    place = cloud.namespace()
    place.hub("logs")
    place.policy("diagnostics", EVERYTHING)
    cloud.send("PUT", activity(cloud) + "/isthmus", wanted(place, "Alert"))

    def flowing():
        return len(cloud.command("flows"))

    assert flowing() == 1
    cloud.eh.event_hubs.delete(place.group, place.name, "logs")
    assert flowing() == 0
    place.hub("logs")
    assert flowing() == 1
    cloud.eh.namespaces.delete_authorization_rule(place.group, place.name, "diagnostics")
    assert flowing() == 0
    place.policy("diagnostics", EVERYTHING)
    assert flowing() == 1
    cloud.eh.namespaces.begin_delete(place.group, place.name).result()
    assert flowing() == 0


@pytest.mark.parametrize("trusted", [True, False])
def test_behind_a_firewall_only_trusted_services_send(cloud, trusted):
    place = cloud.namespace()
    place.hub("logs")
    cloud.send(
        "PUT",
        activity(cloud) + "/isthmus",
        wanted(place, "Alert", rule="RootManageSharedAccessKey"),
    )
    cloud.send(
        "PUT",
        place.id + "/networkRuleSets/default",
        {
            "properties": {
                "defaultAction": "Deny",
                "trustedServiceAccessEnabled": trusted,
                "ipRules": [{"ipMask": "198.51.100.1"}],
            }
        },
    )
    assert len(cloud.command("flows")) == int(trusted)


def test_defender_exports_continuously_with_a_connection_string_of_its_own(cloud, place):
    place.policy("defender", ["Send"], hub="logs")
    string = place.keys("defender", hub="logs").primary_connection_string
    path = (
        f"/subscriptions/{cloud.box.subscription}/resourceGroups/{place.group}"
        "/providers/Microsoft.Security/automations"
    )
    body = {
        "location": "eastasia",
        "properties": {
            "isEnabled": True,
            "scopes": [{"scopePath": f"/subscriptions/{cloud.box.subscription}"}],
            "sources": [{"eventSource": "Alerts"}],
            "actions": [
                {
                    "actionType": "EventHub",
                    "eventHubResourceId": f"{place.id}/eventhubs/logs",
                    "connectionString": string,
                }
            ],
        },
    }
    made = cloud.send("PUT", path + "/isthmus", body)
    assert string not in str(made)
    assert made["properties"]["actions"][0]["sasPolicyName"] == "defender"
    above = f"/subscriptions/{cloud.box.subscription}/providers/Microsoft.Security/automations"
    assert cloud.send("GET", path)["value"] == cloud.send("GET", above)["value"] == [made]
    assert [(f["kinds"], f["source"]) for f in cloud.command("flows")] == [(["Alerts"], "defender")]
    assert string not in str(cloud.command("snapshot"))
    cloud.eh.event_hubs.regenerate_keys(
        place.group, place.name, "logs", "defender", {"keyType": "PrimaryKey"}
    )
    assert cloud.command("flows") == []
    body["properties"]["sources"] = [{"eventSource": "Weather"}]
    with refused("BadRequest", 400, "Weather"):
        cloud.send("PUT", path + "/isthmus", body)
    cloud.send("DELETE", path + "/isthmus")
    with refused("ResourceNotFound", 404):
        cloud.send("GET", path + "/isthmus")


def test_a_snapshot_is_the_same_after_what_was_made_is_removed(cloud, place):
    before = cloud.command("snapshot")
    cloud.send("PUT", activity(cloud) + "/isthmus", wanted(place, "Alert"))
    place.policy("short-lived", ["Send"])
    place.hub("short-lived", 1)
    during = cloud.command("snapshot")
    assert set(during) - set(before) == {
        (activity(cloud) + "/isthmus").lower(),
        f"{place.id}/authorizationrules/short-lived".lower(),
        f"{place.id}/eventhubs/short-lived".lower(),
    }
    keys = place.keys("short-lived")
    assert keys.primary_key not in str(during)
    cloud.send("DELETE", activity(cloud) + "/isthmus")
    cloud.eh.namespaces.delete_authorization_rule(place.group, place.name, "short-lived")
    cloud.eh.event_hubs.delete(place.group, place.name, "short-lived")
    assert cloud.command("snapshot") == before
