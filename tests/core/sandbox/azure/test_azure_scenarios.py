"""Every scenario of the ARM emulator: what a client sees while it is on, and that it ends."""

from __future__ import annotations

import itertools
import time

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient

from .conftest import Place, plain, refused

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def place(cloud):
    made = cloud.namespace()
    made.hub("logs")
    return made


def new(cloud):
    return Place(cloud, cloud.group(), f"scenario-{next(_numbers)}")


def permissions(cloud, scope):
    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    [told] = cloud.send("GET", path)["value"]
    return told["actions"], told["notActions"]


def test_no_permission_leaves_a_reader(cloud, place):
    subscription = f"/subscriptions/{cloud.box.subscription}"
    assert permissions(cloud, subscription) == (["*"], [])
    with cloud.playing("no_permission"):
        assert permissions(cloud, subscription) == (["*/read"], [])
        assert permissions(cloud, place.id) == (["*/read"], [])
        place.get()
        with refused("AuthorizationFailed", 403, "Microsoft.EventHub/namespaces/eventhubs/write"):
            place.hub("more")
        with refused("AuthorizationFailed", 403, "authorizationRules/listKeys/action"):
            place.keys()
        with refused("AuthorizationFailed", 403, "resourceGroups/write"):
            cloud.group()
        with refused("AuthorizationFailed", 403, "Microsoft.EventHub/register/action"):
            cloud.resources.providers.register("Microsoft.EventHub")
        with refused("AuthorizationFailed", 403, "diagnosticSettings/write"):
            cloud.send("PUT", "/providers/microsoft.aadiam/diagnosticSettings/x", {})
        with refused("AuthorizationFailed", 403, "checkNameAvailability/action"):
            cloud.eh.namespaces.check_name_availability({"name": "contoso-free"})
    place.hub("more")


def test_no_permission_at_a_scope_with_actions_of_ones_own(cloud, place):
    other = cloud.namespace()
    options = {"actions": ["*"], "not_actions": ["*/listkeys/action"], "scope": place.id}
    with cloud.playing("no_permission", **options):
        assert permissions(cloud, place.id) == (["*"], ["*/listkeys/action"])
        other.keys()
        place.hub("logs")
        with refused("AuthorizationFailed", 403):
            place.keys()
        setting = f"/subscriptions/{cloud.box.subscription}/providers/Microsoft.Insights"
        body = {
            "properties": {
                "eventHubAuthorizationRuleId": (
                    f"{place.id}/authorizationRules/RootManageSharedAccessKey"
                ),
                "eventHubName": "logs",
                "logs": [{"category": "Alert", "enabled": True}],
            }
        }
        with refused("LinkedAuthorizationFailed", 403):
            cloud.send("PUT", setting + "/diagnosticSettings/linked", body)


def test_what_nobody_may_read_is_left_out_of_lists(cloud, place):
    group_scope = place.id.partition("/providers/")[0]
    with cloud.playing("no_permission", actions=[], scope=group_scope):
        assert place.group not in {g.name for g in cloud.resources.resource_groups.list()}
        assert place.id not in {item.id for item in cloud.resources.resources.list()}
    with cloud.playing("no_permission", actions=[]):
        assert list(cloud.subscriptions.subscriptions.list()) == []


def test_a_provider_that_is_not_registered(cloud):
    group = cloud.group()
    with cloud.playing("provider_not_registered"):
        state = cloud.resources.providers.get("Microsoft.EventHub").registration_state
        assert state == "NotRegistered"
        assert cloud.resources.providers.get("Microsoft.Web").registration_state == "Registered"
        with refused("MissingSubscriptionRegistration", 409):
            Place(cloud, group, "contoso-unregistered").create()
        path = f"/subscriptions/{cloud.box.subscription}/providers/Microsoft.Insights"
        answer = plain(cloud, "PUT", path + "/diagnosticSettings/x", {"properties": {}})
        assert answer.json()["error"]["code"] == "MissingSubscriptionRegistration"
        told = cloud.resources.providers.register("Microsoft.EventHub").registration_state
        assert told == "Registering"
        deadline = time.monotonic() + 20
        while told != "Registered":
            assert time.monotonic() < deadline
            told = cloud.resources.providers.get("microsoft.eventhub").registration_state
        Place(cloud, group, "contoso-registered").create()
    state = cloud.resources.providers.get("Microsoft.Insights").registration_state
    assert state == "Registered"


def test_the_provider_lists_the_regions_of_namespaces_by_display_name(cloud):
    provider = cloud.resources.providers.get("Microsoft.EventHub")
    [kind] = [item for item in provider.resource_types if item.resource_type == "namespaces"]
    assert "East Asia" in kind.locations
    with refused("InvalidResourceNamespace", 404):
        cloud.resources.providers.get("Contoso.Nothing")


def test_a_name_that_is_taken(cloud):
    with cloud.playing("name_taken"):
        told = cloud.eh.namespaces.check_name_availability({"name": "contoso-wanted"})
        assert (told.name_available, told.reason) == (False, "NameInUse")
        with refused("BadRequest", 400, "The specified name is not available."):
            new(cloud).create()


def test_throttled_requests_say_when_to_come_again(cloud):
    with cloud.playing("throttled", retry_after=7):
        with pytest.raises(HttpResponseError) as caught:
            list(cloud.eh.namespaces.list())
        assert caught.value.status_code == 429
        assert caught.value.error.code == "SubscriptionRequestsThrottled"
        assert caught.value.response.headers["Retry-After"] == "7"
    list(cloud.eh.namespaces.list())


def test_a_client_that_waits_gets_through(cloud):
    options = cloud.options(retry_total=5, retry_backoff_factor=0.01)
    with (
        cloud.playing("throttled", retry_after=0, requests=3),
        ResourceManagementClient(cloud.credential, cloud.box.subscription, **options) as client,
    ):
        cloud.command("clear_requests")
        list(client.resource_groups.list())
        assert [item["status"] for item in cloud.command("requests")] == [429, 429, 429, 200]


def test_a_slow_creation_is_under_way_for_a_while(cloud):
    place = new(cloud)
    with cloud.playing("slow_create", seconds=1):
        started = time.monotonic()
        cloud.command("clear_requests")
        assert place.create().properties.provisioning_state == "Succeeded"
        assert time.monotonic() - started >= 1
    looks = [item for item in cloud.command("requests") if "operationStatus" in item["path"]]
    assert looks


def test_a_creation_that_fails_leaves_a_namespace_in_the_state_failed(cloud):
    place = new(cloud)
    with cloud.playing("failed_create"):
        with refused("InternalServerError"):
            place.create()
        assert place.get().properties.provisioning_state == "Failed"
    cloud.eh.namespaces.begin_delete(place.group, place.name).result()
    with refused("ResourceNotFound", 404):
        place.get()


def test_a_policy_of_the_company_denies(cloud):
    with cloud.playing("policy_denied"), pytest.raises(HttpResponseError) as caught:
        new(cloud).create()
    assert caught.value.status_code == 403
    assert caught.value.error.code == "RequestDisallowedByPolicy"
    [detail] = caught.value.error.additional_info
    assert detail.type == "PolicyViolation"
    assert detail.info["policyAssignmentDisplayName"] == "Not allowed resource types"


def test_only_the_basic_tier(cloud, place):
    with cloud.playing("basic_only"):
        assert place.get().sku.name == "Basic"
        settled = [
            item
            for item in cloud.eh.namespaces.list()
            if item.properties.provisioning_state == "Succeeded"
        ]
        assert {item.sku.name for item in settled} == {"Basic"}
        with refused("SkuNotAvailable", 409):
            new(cloud).create("Standard")
        assert new(cloud).create("Basic").sku.name == "Basic"
        told = cloud.box.event_hubs.request("describe", namespace=place.name)
        assert told["scenarios"] == ["basic_tier"]
    assert place.get().sku.name == "Standard"


def test_two_tenants(cloud, place):
    with cloud.playing("two_tenants"):
        names = {item.display_name: item.tenant_id for item in cloud.subscriptions.tenants.list()}
        assert set(names) == {"Contoso", "Fabrikam"}
        second = cloud.command("describe")["tenants"][1]
        assert names["Fabrikam"] == second["id"]
        [mine] = cloud.subscriptions.subscriptions.list()
        assert mine.display_name == "Contoso Production"
        other = second["subscription"]["id"]
        with pytest.raises(HttpResponseError) as caught:
            cloud.send("GET", f"/subscriptions/{other}")
        assert caught.value.status_code == 401
        assert caught.value.error.code == "InvalidAuthenticationTokenTenant"
        assert second["id"] in caught.value.response.headers["WWW-Authenticate"]
        box = cloud.box
        with (
            ClientSecretCredential(
                second["id"], box.client_id, box.client_secret, **cloud.identity()
            ) as credential,
            SubscriptionClient(credential, **cloud.options()) as client,
        ):
            [theirs] = client.subscriptions.list()
            assert theirs.subscription_id == other
            token = credential.get_token(cloud.scope).token
        answer = plain(
            cloud,
            "PUT",
            "/providers/microsoft.aadiam/diagnosticSettings/across",
            {
                "properties": {
                    "eventHubAuthorizationRuleId": (
                        f"{place.id}/authorizationRules/RootManageSharedAccessKey"
                    ),
                    "eventHubName": "logs",
                    "logs": [{"category": "SignInLogs", "enabled": True}],
                }
            },
            token=token,
        )
        assert answer.json()["error"]["code"] == "LinkedAuthorizationFailed"
    with refused("SubscriptionNotFound", 404):
        cloud.send("GET", f"/subscriptions/{other}")


def test_a_second_tenant_that_does_not_know_the_application(cloud):
    with cloud.playing("two_tenants", reachable=False):
        second = cloud.command("describe")["tenants"][1]
        box = cloud.box
        with (
            ClientSecretCredential(
                second["id"], box.client_id, box.client_secret, **cloud.identity()
            ) as credential,
            pytest.raises(ClientAuthenticationError, match="AADSTS700016"),
        ):
            credential.get_token(cloud.scope)
        cloud.credential.get_token("https://management.azure.com/.default")


@pytest.mark.parametrize(
    ("name", "options"),
    [("weather", {}), ("throttled", {"colour": 1}), ("slow_create", {"seconds": "long"})],
)
def test_what_is_no_scenario_or_option_is_refused(cloud, name, options):
    with pytest.raises(Exception, match=r"no scenario|no option|is not a"):
        cloud.command("scenario", name=name, on=True, **options)
