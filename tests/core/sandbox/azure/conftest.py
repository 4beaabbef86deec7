"""Both emulators in processes of their own, and the real SDKs as their clients."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest
from azure.identity import ClientSecretCredential
from azure.mgmt.eventhub import EventHubManagementClient
from azure.mgmt.eventhub import models as m
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient
from helpers.azure_sandbox import AzureSandbox, open_azure

LOCATION = "eastasia"
_ANY_VERSION = {"api-version": "2022-09-01"}
QUICK = {"seconds": 0.02, "retry_after": 0.02}
_numbers = itertools.count(1)


@dataclass
class Cloud:
    """The sandbox and SDK clients that a service principal has signed in with.

    ``eh``, ``resources`` and ``subscriptions`` do not repeat a request that was refused.
    """

    box: AzureSandbox
    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __post_init__(self) -> None:
        self.credential = self._open.enter_context(self.app())
        self.eh = self._open.enter_context(
            EventHubManagementClient(self.credential, self.box.subscription, **self.options())
        )
        self.resources = self._open.enter_context(
            ResourceManagementClient(self.credential, self.box.subscription, **self.options())
        )
        self.subscriptions = self._open.enter_context(
            SubscriptionClient(self.credential, **self.options())
        )

    def close(self) -> None:
        self._open.close()
        self.box.close()

    @property
    def scope(self) -> str:
        return self.box.endpoint + "/.default"

    def identity(self) -> dict[str, Any]:
        """How azure-identity finds the emulator."""
        return {
            "authority": self.box.endpoint,
            "disable_instance_discovery": True,
            "connection_verify": str(self.box.ca_file),
            "retry_total": 0,
        }

    def options(self, **more: Any) -> dict[str, Any]:
        """How a management client finds the emulator."""
        return {
            "base_url": self.box.endpoint,
            "credential_scopes": [self.scope],
            "connection_verify": str(self.box.ca_file),
            "retry_total": 0,
            **more,
        }

    def app(self, secret: str | None = None) -> ClientSecretCredential:
        box = self.box
        return ClientSecretCredential(
            box.tenant, box.client_id, secret or box.client_secret, **self.identity()
        )

    def command(self, do: str, **arguments: Any) -> Any:
        return self.box.arm.request(do, **arguments)

    @contextlib.contextmanager
    def playing(self, name: str, **options: Any) -> Iterator[None]:
        self.command("scenario", name=name, on=True, **options)
        try:
            yield
        finally:
            self.command("scenario", name=name, on=False)

    def group(self, location: str = LOCATION) -> str:
        name = f"group-{next(_numbers)}"
        self.resources.resource_groups.create_or_update(name, {"location": location})
        return name

    def namespace(self, group: str | None = None, sku: str = "Standard", **more: Any) -> Place:
        """Make a namespace, in a new group if none is named."""
        place = Place(self, group or self.group(), f"contoso-{next(_numbers)}")
        place.create(sku, **more)
        return place

    def send(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """A raw request; its JSON, or the SDK's error."""
        params = {"api-version": "2021-05-01-preview", **query}
        request = HttpRequest(method, path, params=params, json=body)
        response = self.eh.send_request(request)
        response.raise_for_status()
        return response.json() if response.content else None


@dataclass
class Place:
    """A namespace, and short ways to what is in it."""

    cloud: Cloud
    group: str
    name: str

    @property
    def id(self) -> str:
        return (
            f"/subscriptions/{self.cloud.box.subscription}/resourceGroups/{self.group}"
            f"/providers/Microsoft.EventHub/namespaces/{self.name}"
        )

    def create(self, sku: str = "Standard", capacity: int = 1, **properties: Any) -> m.EHNamespace:
        wanted = m.EHNamespace(
            location=LOCATION,
            sku=m.Sku(name=sku, tier=sku, capacity=capacity),
            properties=m.EHNamespaceProperties(**properties),
        )
        poller = self.cloud.eh.namespaces.begin_create_or_update(self.group, self.name, wanted)
        return poller.result()

    def get(self) -> m.EHNamespace:
        return self.cloud.eh.namespaces.get(self.group, self.name)

    def hub(self, name: str = "logs", partitions: int = 2, hours: int = 24) -> m.Eventhub:
        retention = m.RetentionDescription(cleanup_policy="Delete", retention_time_in_hours=hours)
        wanted = m.EventhubProperties(partition_count=partitions, retention_description=retention)
        return self.cloud.eh.event_hubs.create_or_update(
            self.group, self.name, name, m.Eventhub(properties=wanted)
        )

    def policy(self, name: str, rights: list[str], hub: str | None = None) -> m.AuthorizationRule:
        rule = m.AuthorizationRule(properties=m.AuthorizationRuleProperties(rights=rights))
        if hub is None:
            return self.cloud.eh.namespaces.create_or_update_authorization_rule(
                self.group, self.name, name, rule
            )
        return self.cloud.eh.event_hubs.create_or_update_authorization_rule(
            self.group, self.name, hub, name, rule
        )

    def keys(self, name: str = "RootManageSharedAccessKey", hub: str | None = None) -> m.AccessKeys:
        if hub is None:
            return self.cloud.eh.namespaces.list_keys(self.group, self.name, name)
        return self.cloud.eh.event_hubs.list_keys(self.group, self.name, hub, name)


def token_of(cloud: Cloud, scope: str | None = None) -> str:
    return cloud.credential.get_token(scope or cloud.scope).token


def plain(
    cloud: Cloud, method: str, path: str, body: Any = None, *, token: str | None = None
) -> requests.Response:
    """A request without any SDK; ``body``: a JSON value or bytes; ``token`` empty: none."""
    token = token_of(cloud) if token is None else token
    raw = isinstance(body, bytes)
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(cloud.box.ca_file)
        return session.request(
            method,
            cloud.box.endpoint + path,
            params={} if "?" in path or path == "/subscriptions" else _ANY_VERSION,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            data=body if raw else None,
            json=None if raw else body,
            timeout=60,
        )


@contextlib.contextmanager
def refused(code: str, status: int | None = None, text: str = "") -> Iterator[None]:
    """The SDK must raise an error with this code in Azure's shape."""
    with pytest.raises(HttpResponseError) as caught:
        yield
    error = caught.value.error
    assert error is not None, caught.value
    assert error.code == code, error.message
    assert text in error.message
    if status is not None:
        assert caught.value.status_code == status


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Cloud]:
    opened = Cloud(open_azure(folder))
    try:
        opened.command("long_running", **QUICK)
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory) -> Iterator[Cloud]:
    """One sandbox for all tests that leave its emulators alive."""
    with running(tmp_path_factory.mktemp("azure")) as opened:
        yield opened
