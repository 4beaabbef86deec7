"""What the ARM emulator has acknowledged outlives a kill -9, and what it began goes on."""

from __future__ import annotations

import gc
import threading

import pytest
from azure.core.exceptions import AzureError, HttpResponseError
from azure.mgmt.eventhub import models as m

from .conftest import LOCATION, QUICK, Place, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """A sandbox of its own: its emulators are killed."""
    with running(tmp_path_factory.mktemp("azure")) as opened:
        yield opened


def _create_for_ever(place):
    while True:
        place.create()
        place.hub("logs")


def wait_for_success(place):
    wanted = m.EHNamespace(location=LOCATION, sku=m.Sku(name="Standard", capacity=1))
    poller = place.cloud.eh.namespaces.begin_create_or_update
    with pytest.raises(HttpResponseError):  # it is still under way
        poller(place.group, place.name, wanted)
    done = threading.Event()
    for _ in range(200):
        if place.get().properties.provisioning_state == "Succeeded":
            return
        done.wait(0.05)
    raise AssertionError("the operation did not go on")


def test_everything_is_there_again(cloud):
    place = cloud.namespace()
    place.hub("logs")
    place.policy("listen", ["Listen"], hub="logs")
    keys = place.keys("listen", hub="logs")
    cloud.command("add_resources", count=5, resource_group=place.group)
    path = f"/subscriptions/{cloud.box.subscription}/providers/Microsoft.Insights"
    body = {
        "properties": {
            "eventHubAuthorizationRuleId": f"{place.id}/authorizationRules/"
            "RootManageSharedAccessKey",
            "eventHubName": "logs",
            "logs": [{"category": "Alert", "enabled": True}],
        }
    }
    cloud.send("PUT", path + "/diagnosticSettings/isthmus", body)
    before, ready = cloud.command("snapshot"), cloud.box.arm.ready
    flows = cloud.command("flows")
    cloud.box.kill_arm()
    cloud.box.kill_event_hubs()
    assert cloud.box.arm.ready == ready
    assert cloud.command("snapshot") == before
    assert cloud.command("flows") == flows
    assert len(flows) == 1
    assert place.keys("listen", hub="logs").primary_key == keys.primary_key


def test_an_old_token_still_works(cloud):
    place = cloud.namespace()
    token = cloud.credential.get_token(cloud.scope).token
    cloud.box.kill_arm()
    assert cloud.credential.get_token(cloud.scope).token == token
    place.get()


def test_a_creation_goes_on(cloud):
    place = Place(cloud, cloud.group(), "contoso-survives")
    wanted = m.EHNamespace(location=LOCATION, sku=m.Sku(name="Standard", capacity=1))
    with cloud.playing("slow_create", seconds=3):
        poller = cloud.eh.namespaces.begin_create_or_update(
            place.group, place.name, wanted, polling=False
        )
        assert poller.result().properties.provisioning_state == "Created"
    cloud.box.kill_arm()
    wait_for_success(place)
    place.hub("logs")


def test_a_sibling_that_is_away_is_waited_for(cloud):
    place = Place(cloud, cloud.group(), "contoso-patient")
    wanted = m.EHNamespace(location=LOCATION, sku=m.Sku(name="Standard", capacity=1))
    with cloud.playing("slow_create", seconds=1):
        cloud.eh.namespaces.begin_create_or_update(place.group, place.name, wanted, polling=False)
    cloud.box.event_hubs.kill()
    with pytest.raises(HttpResponseError) as caught:
        place.get()
    assert caught.value.status_code == 503
    cloud.box.kill_event_hubs()
    wait_for_success(place)


def test_a_deletion_goes_on(cloud):
    place = cloud.namespace()
    cloud.command("long_running", seconds=2)
    cloud.eh.namespaces.begin_delete(place.group, place.name, polling=False)
    cloud.command("long_running", **QUICK)
    cloud.box.kill_arm()
    for _ in range(200):
        if place.name not in cloud.command("snapshot")["event_hubs_namespaces"]:
            break
        threading.Event().wait(0.05)
    else:
        raise AssertionError("the deletion did not go on")


# The client leaves a socket whose TLS handshake was cut to the garbage collector (urllib3).
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2, 0.3])
def test_a_kill_at_any_moment_leaves_nothing_half_made(cloud, delay):
    """Whatever was answered is there; what was not may be, and can be asked for again."""
    place = Place(cloud, cloud.group(), f"contoso-killed-{int(delay * 100)}")
    killer = threading.Timer(delay, cloud.box.arm.kill)
    killer.start()
    with pytest.raises(AzureError):
        _create_for_ever(place)
    killer.join()
    cloud.box.kill_arm()
    if place.name not in {item.name for item in cloud.eh.namespaces.list()}:
        place.create()
    for _ in range(200):
        if place.get().properties.provisioning_state == "Succeeded":
            break
        threading.Event().wait(0.05)
    else:
        raise AssertionError("the operation did not go on")
    assert len(place.hub("logs").properties.partition_ids) == 2
    gc.collect()
