"""What every request of ARM has in common: tokens, api-version, errors, paging, the request log."""

from __future__ import annotations

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential

from .conftest import plain, refused, token_of


def ask(cloud, path, token="", method="GET", body=None):
    return plain(cloud, method, path, body, token=token)


SUBSCRIPTIONS = "/subscriptions?api-version=2022-12-01"


def test_without_a_token_nothing_is_answered(cloud):
    answer = ask(cloud, SUBSCRIPTIONS)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "AuthenticationFailed"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda token: token[:-8] + "AAAAAAAA", "InvalidAuthenticationToken"),
        (lambda token: "nonsense", "InvalidAuthenticationToken"),
    ],
)
def test_a_token_that_is_not_ours_is_refused(cloud, spoil, code):
    answer = ask(cloud, SUBSCRIPTIONS, spoil(token_of(cloud)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)


def test_a_token_for_another_audience_is_refused(cloud):
    token = token_of(cloud, "https://graph.microsoft.com/.default")
    answer = ask(cloud, SUBSCRIPTIONS, token)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationTokenAudience"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_expires(cloud):
    cloud.command("token_lifetime", seconds=-1)
    try:
        box = cloud.box
        with ClientSecretCredential(
            box.tenant, box.client_id, box.client_secret, **cloud.identity()
        ) as credential:
            token = credential.get_token(cloud.scope).token
    finally:
        cloud.command("token_lifetime", seconds=3600)
    answer = ask(cloud, SUBSCRIPTIONS, token)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "ExpiredAuthenticationToken"


def test_a_request_names_an_api_version_and_any_will_do(cloud):
    token = token_of(cloud)
    assert ask(cloud, "/subscriptions?api-version=1999-01-01", token).status_code == 200
    answer = ask(cloud, "/subscriptions", token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        400,
        "MissingApiVersionParameter",
    )


def test_every_answer_has_an_id(cloud):
    first, second = (ask(cloud, SUBSCRIPTIONS, token_of(cloud)) for _ in range(2))
    assert first.headers["x-ms-request-id"] != second.headers["x-ms-request-id"]


def test_a_path_is_found_in_any_case(cloud):
    group = cloud.group()
    path = f"/SUBSCRIPTIONS/{cloud.box.subscription.upper()}/RESOURCEGROUPS/{group.upper()}"
    answer = ask(cloud, path + "?API-VERSION=2022-09-01", token_of(cloud))
    assert answer.json()["name"] == group


def test_what_is_not_json_is_refused(cloud):
    path = f"/subscriptions/{cloud.box.subscription}/resourcegroups/x?api-version=2022-09-01"
    for body in (b"{", b"[]", b'"text"'):
        answer = ask(cloud, path, token_of(cloud), "PUT", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (
            400,
            "InvalidRequestContent",
        )


def test_a_subscription_that_is_not_there(cloud):
    with refused("SubscriptionNotFound", 404):
        cloud.send("GET", "/subscriptions/11111111-2222-3333-4444-555555555555")
    with refused("InvalidSubscriptionId", 400):
        cloud.send("GET", "/subscriptions/mine")


def test_an_operation_that_the_emulator_does_not_know(cloud):
    with refused("InvalidResourceType", 404):
        cloud.send("POST", f"/subscriptions/{cloud.box.subscription}/nothing")
    with pytest.raises(HttpResponseError) as caught:
        cloud.send("GET", f"/subscriptions/{cloud.box.subscription}/providers/X.Y/z/1")
    assert caught.value.status_code == 404


def test_tenants_subscriptions_and_locations(cloud):
    [tenant] = cloud.subscriptions.tenants.list()
    assert (tenant.tenant_id, tenant.display_name) == (cloud.box.tenant, "Contoso")
    [found] = cloud.subscriptions.subscriptions.list()
    assert (found.subscription_id, found.state) == (cloud.box.subscription, "Enabled")
    assert found.tenant_id == cloud.box.tenant
    assert cloud.subscriptions.subscriptions.get(cloud.box.subscription).id == found.id
    places = list(cloud.subscriptions.subscriptions.list_locations(cloud.box.subscription))
    assert {"eastasia": "East Asia", "westeurope": "West Europe"}.items() <= {
        item.name: item.display_name for item in places
    }.items()


def test_resource_groups_are_made_changed_and_deleted(cloud):
    groups = cloud.resources.resource_groups
    assert not groups.check_existence("soc")
    made = groups.create_or_update("soc", {"location": "East Asia", "tags": {"owner": "soc"}})
    assert (made.location, made.tags) == ("eastasia", {"owner": "soc"})
    assert groups.check_existence("SOC")
    assert groups.create_or_update("SOC", {"location": "eastasia"}).name == "soc"
    assert groups.update("soc", {"tags": {"a": "b"}}).tags == {"a": "b"}
    with refused("InvalidResourceGroupLocation", 409):
        groups.create_or_update("soc", {"location": "westeurope"})
    with refused("LocationNotAvailableForResourceGroup", 400):
        groups.create_or_update("other", {"location": "atlantis"})
    with refused("LocationRequired", 400):
        groups.create_or_update("other", {"location": ""})
    with refused("InvalidResourceGroup", 400):
        groups.create_or_update("with space", {"location": "eastasia"})
    groups.begin_delete("soc").result()
    with refused("ResourceGroupNotFound", 404):
        groups.get("soc")


def test_deleting_a_group_deletes_what_is_in_it(cloud):
    before = cloud.command("snapshot")
    place = cloud.namespace()
    place.hub()
    cloud.command("add_resources", count=3, resource_group=place.group)
    assert place.name in cloud.command("snapshot")["event_hubs_namespaces"]
    cloud.resources.resource_groups.begin_delete(place.group).result()
    assert cloud.command("snapshot") == before


@pytest.mark.parametrize("count", [240, pytest.param(1990, marks=pytest.mark.slow)])
def test_many_resources_come_in_pages(cloud, count):
    cloud.command("add_resources", count=count, type="Microsoft.KeyVault/vaults")
    cloud.command("add_resources", count=10, type="Microsoft.Web/sites", location="eastasia")
    place = cloud.namespace()
    cloud.command("clear_requests")
    found = list(cloud.resources.resources.list())
    assert len({item.id for item in found}) == len(found) > count + 10
    pages = [item for item in cloud.command("requests") if item["path"].endswith("/resources")]
    assert len(pages) == -(-len(found) // 100)
    assert place.id.lower() in {item.id.lower() for item in found}
    listed = cloud.resources.resources.list
    sites = list(listed(filter="resourceType eq 'microsoft.web/SITES'"))
    assert len(sites) == 10
    assert not list(
        listed(filter="resourceType eq 'Microsoft.Web/sites' and location eq 'uksouth'")
    )
    with refused("InvalidFilterInQueryString", 400):
        list(listed(filter="nonsense"))
    one = cloud.resources.resources.get_by_id(sites[0].id, api_version="2022-09-01")
    assert one.type == "Microsoft.Web/sites"
    cloud.resources.resource_groups.begin_delete("estate").result()


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_page_has_the_size_that_was_set(cloud, size):
    group = cloud.group()
    cloud.command("add_resources", count=7, resource_group=group)
    cloud.command("page_size", size=size)
    try:
        found = [item.name for item in cloud.resources.resources.list_by_resource_group(group)]
    finally:
        cloud.command("page_size", size=100)
    assert len(set(found)) == len(found) == 7


def test_the_request_log_tells_writes_from_reads(cloud):
    place = cloud.namespace()
    cloud.command("clear_requests")
    place.get()
    place.keys()
    list(cloud.eh.namespaces.list())
    cloud.eh.namespaces.check_name_availability({"name": "contoso-free"})
    assert not any(item["write"] for item in cloud.command("requests"))
    place.policy("more", ["Send"])
    cloud.eh.namespaces.regenerate_keys(place.group, place.name, "more", {"keyType": "PrimaryKey"})
    cloud.eh.namespaces.delete_authorization_rule(place.group, place.name, "more")
    writes = [item["method"] for item in cloud.command("requests") if item["write"]]
    assert writes == ["PUT", "POST", "DELETE"]
