"""A session with Azure Resource Manager: one credential, one pool of connections.

At most eight requests are on their way at once. Retries follow the service's ``Retry-After``, and
``wait`` is told of each wait.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.azure.clouds import Cloud
from core.azure.credential import AzureCredential, TenantCredential
from core.azure.names import SUBSCRIPTION, check_name
from core.azure.problems import azure_problem, azure_problems
from core.errors import Code, problem_error

if TYPE_CHECKING:
    from azure.mgmt.eventhub.aio import EventHubManagementClient
    from azure.mgmt.resource.resources.aio import ResourceManagementClient
    from azure.mgmt.resource.subscriptions.aio import SubscriptionClient

    from core.azure.pipeline import Transport

__all__ = ["AzureSession", "azure_problem", "azure_problems"]

POLL_SECONDS = 5.0
"""Between two looks at a long-running operation, unless the service names a time itself."""

_EVENT_HUBS_VERSION = {"china": "2024-01-01"}
"""The SDK's own api-version may not be in that cloud yet; this one is older there."""


class AzureSession:
    """Use it as an asynchronous context manager; it closes the credential at its end.

    Attributes:
        cloud: where it talks to.
        credential: whose rights it has.
        poll_seconds: between two looks at a long-running operation.
    """

    def __init__(
        self,
        cloud: Cloud,
        credential: AzureCredential,
        *,
        ca_file: Path | None = None,
        proxy: str = "",
        poll_seconds: float | None = None,
        wait: Callable[[str], None] | None = None,
    ) -> None:
        self.cloud = cloud
        self.credential = credential
        self.poll_seconds = POLL_SECONDS if poll_seconds is None else poll_seconds
        self._ca_file = ca_file
        self._proxy = proxy
        self._wait = wait
        self._token_source: AzureCredential | TenantCredential = credential
        self._transport: Transport | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._parent: AzureSession | None = None

    async def __aenter__(self) -> AzureSession:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections and the credential; of a tenant's session: nothing."""
        if self._parent is not None:
            return
        self._clients.clear()
        if self._transport is not None:
            await self._transport.close()
            self._transport = None
        await self.credential.close()

    def for_tenant(self, tenant: str) -> AzureSession:
        """A session with the same account in another tenant; it shares the connections."""
        whole = self._parent or self
        session = AzureSession(
            self.cloud,
            self.credential,
            ca_file=self._ca_file,
            proxy=self._proxy,
            poll_seconds=self.poll_seconds,
            wait=self._wait,
        )
        session._token_source = TenantCredential(self.credential, tenant)
        session._parent = whole
        return session

    def event_hubs(self, subscription: str) -> EventHubManagementClient:
        """The SDK's client for Event Hubs. Raises ProblemError for what is no subscription id."""
        from azure.mgmt.eventhub.aio import EventHubManagementClient

        client: EventHubManagementClient
        client = self._client("event_hubs", EventHubManagementClient, subscription)
        return client

    def resources(self, subscription: str) -> ResourceManagementClient:
        """The SDK's client for resource groups, providers and resources. Raises ProblemError."""
        from azure.mgmt.resource.resources.aio import ResourceManagementClient

        client: ResourceManagementClient
        client = self._client("resources", ResourceManagementClient, subscription)
        return client

    def subscriptions(self) -> SubscriptionClient:
        """The SDK's client for tenants, subscriptions and locations."""
        from azure.mgmt.resource.subscriptions.aio import SubscriptionClient

        kept: SubscriptionClient | None = self._clients.get(("subscriptions", ""))
        if kept is None:
            kept = SubscriptionClient(self._token_source, **self._options())
            self._clients["subscriptions", ""] = kept
        return kept

    async def request(
        self,
        method: str,
        path: str,
        api_version: str,
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
    ) -> dict[str, Any] | None:
        """Ask Resource Manager for ``path`` itself; None if the answer has no body.

        Raises the SDK's errors: use it inside :func:`core.azure.problems.azure_problems`.
        """
        return await self._send(method, path, {"api-version": api_version, **(query or {})}, body)

    async def listed(
        self, path: str, api_version: str, query: dict[str, str] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """The values of the list at ``path``, page by page. Raises the SDK's errors."""
        page = await self.request("GET", path, api_version, query=query)
        while True:
            for value in (page or {}).get("value", ()):
                yield value
            following = (page or {}).get("nextLink")
            if not following:
                return
            self._check_link(following)
            page = await self._send("GET", following, {}, None)

    async def _send(
        self, method: str, url: str, query: dict[str, str], body: dict[str, Any] | None
    ) -> dict[str, Any] | None:
        from azure.core.rest import HttpRequest

        request = HttpRequest(method, url, params=query or None, json=body)
        answer = await self.subscriptions().send_request(request)
        answer.raise_for_status()
        if answer.status_code == 204 or not answer.content:
            return None
        value = answer.json()
        return value if isinstance(value, dict) else None

    def _check_link(self, url: str) -> None:
        """A page's link may lead nowhere but to Resource Manager, whose token goes with it."""
        if not url.startswith(f"{self.cloud.arm}/"):
            raise problem_error(Code.AZURE_REFUSED, "azure", error_code="link to another host")

    def _client(self, kind: str, factory: Any, subscription: str) -> Any:
        check_name(SUBSCRIPTION, subscription, "azure.subscription")
        key = (kind, subscription.lower())
        if key not in self._clients:
            options = self._options()
            version = _EVENT_HUBS_VERSION.get(self.cloud.name) if kind == "event_hubs" else None
            if version:
                options["api_version"] = version
            self._clients[key] = factory(self._token_source, subscription, **options)
        return self._clients[key]

    def _options(self) -> dict[str, Any]:
        from core.azure import pipeline

        return {
            "base_url": self.cloud.arm,
            "credential_scopes": [self.cloud.scope],
            "transport": self._connections(),
            "retry_policy": pipeline.retry_policy(self._wait),
            "polling_interval": self.poll_seconds,
            "user_agent": pipeline.USER_AGENT,
            **pipeline.proxies(self._proxy),
        }

    def _connections(self) -> Transport:
        from core.azure import pipeline

        if self._parent is not None:
            return self._parent._connections()
        if self._transport is None:
            self._transport = pipeline.open_transport(self._ca_file)
        return self._transport
