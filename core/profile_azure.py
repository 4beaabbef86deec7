"""The Azure tables of a profile: what the Azure half is to be, by name.

Bounds that depend on the tier are checked by the plan, which can say why; here stands what no tier
allows. Sources: "Azure: naming rules for resources" (Microsoft.Resources, Microsoft.EventHub);
"Azure: Event Hubs quotas and limits".
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from core.profile_parts import Guid, Part, Secret

_NO_PERIOD_AT_END = r"^[\w\-.()]{0,89}[\w\-()]$"
_RESOURCE_ID = re.compile(
    r"/subscriptions/[^/]+(/resourceGroups/[^/]+)?/providers/[^/]+(/[^/]+/[^/]+)+",
    re.IGNORECASE,  # Azure itself is not of one mind about upper and lower case
)

ResourceGroupName = Annotated[str, Field(pattern=_NO_PERIOD_AT_END)]
NamespaceName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]$")]
HubName = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?$")]
PolicyName = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,48}[A-Za-z0-9])?$")]
LocationName = Annotated[str, Field(pattern=r"^[a-z0-9]{2,40}$")]


def _resource_id(value: str) -> str:
    if value and not _RESOURCE_ID.fullmatch(value):
        raise ValueError("not a resource id")
    return value


class AzureSignIn(Part):
    """How to sign in to Azure.

    Attributes:
        method: browser, device_code, cli (what ``az login`` left) or service_principal.
        client_id: the application's id; needed for a service principal, else Isthmus's default.
        client_secret: where a service principal's secret is kept.
        certificate: or where its certificate is kept (PEM with its private key).
    """

    method: Literal["browser", "device_code", "cli", "service_principal"] = "browser"
    client_id: Guid = ""
    client_secret: Secret | None = None
    certificate: Secret | None = None

    @model_validator(mode="after")
    def _whole(self) -> AzureSignIn:
        if self.method == "service_principal":
            if not self.client_id:
                raise ValueError("a service principal needs client_id")
            if (self.client_secret is None) == (self.certificate is None):
                raise ValueError("a service principal needs client_secret or certificate, one")
        return self


class AzureNamespace(Part):
    """The Event Hubs namespace.

    Attributes:
        name: unique in all of Azure.
        sku: the tier. Basic is known so that the plan can refuse it with its reason.
        throughput_units: of a Standard namespace.
        processing_units: of a Premium one.
        auto_inflate: let Azure raise the throughput units by itself (it never lowers them).
        max_throughput_units: up to here; 0: the tier's bound.
    """

    name: NamespaceName
    sku: Literal["Basic", "Standard", "Premium"] = "Standard"
    throughput_units: Annotated[int, Field(ge=1, le=40)] = 1
    processing_units: Annotated[int, Field(ge=1, le=16)] = 1
    auto_inflate: bool = False
    max_throughput_units: Annotated[int, Field(ge=0, le=40)] = 0


class AzureEventHub(Part):
    """The event hub.

    Attributes:
        name: the topic of a Kafka client.
        partitions: how many; a Standard hub keeps them for life.
        retention_hours: how long messages stay.
    """

    name: HubName
    partitions: Annotated[int, Field(ge=1, le=1024)] = 4
    retention_hours: Annotated[int, Field(ge=1, le=2160)] = 24


class AzureAccessPolicy(Part):
    """The shared access policy that reads the hub.

    Attributes:
        name: of the policy.
        scope: ``hub``: the least that will do; ``namespace``: all hubs of the namespace.
    """

    name: PolicyName = "isthmus-listen"
    scope: Literal["hub", "namespace"] = "hub"


class AzureDiagnosticPolicy(Part):
    """The namespace's policy (Manage, Send, Listen) that diagnostic settings send with.

    Attributes:
        name: of the policy.
    """

    name: PolicyName = "isthmus-diagnostics"


class AzureDiagnosticSetting(Part):
    """One diagnostic setting, or one continuous export of Defender for Cloud.

    Attributes:
        kind: activity (the subscription's log), entra, resource or defender.
        name: of the setting.
        categories: what is sent; ``group:audit`` or ``group:allLogs`` names a category group of
            a resource.
        resource_id: of the resource; only for the kind resource.
    """

    kind: Literal["activity", "entra", "resource", "defender"]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,259}$")] = "isthmus"
    categories: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=120)]], Field(min_length=1)
    ]
    resource_id: Annotated[str, AfterValidator(_resource_id)] = ""

    @model_validator(mode="after")
    def _whole(self) -> AzureDiagnosticSetting:
        if (self.kind == "resource") != bool(self.resource_id):
            raise ValueError("resource_id belongs to the kind resource, and only to it")
        if len(set(self.categories)) != len(self.categories):
            raise ValueError("a category stands in categories twice")
        groups = [each for each in self.categories if each.startswith("group:")]
        if groups and (self.kind != "resource" or len(groups) != len(self.categories)):
            raise ValueError(
                "category groups do not mix with categories, and only resources have them"
            )
        return self


class Azure(Part):
    """The Azure half.

    Attributes:
        cloud: public, or china (operated by 21Vianet).
        tenant: of the directory; empty: the one that the sign-in belongs to.
        subscription: its id; empty: the only one that can be seen.
        resource_group: name of the resource group.
        location: short name of the region, such as ``eastasia``.
        sign_in: how to sign in.
        namespace: the Event Hubs namespace.
        event_hub: the event hub.
        shared_access_policy: which policy reads.
        diagnostic_policy: which policy diagnostic settings send with.
        diagnostic_settings: what is sent to the hub.
    """

    cloud: Literal["public", "china"] = "public"
    tenant: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{0,100}$")] = ""
    subscription: Guid = ""
    resource_group: ResourceGroupName
    location: LocationName
    sign_in: AzureSignIn = AzureSignIn()
    namespace: AzureNamespace
    event_hub: AzureEventHub
    shared_access_policy: AzureAccessPolicy = AzureAccessPolicy()
    diagnostic_policy: AzureDiagnosticPolicy = AzureDiagnosticPolicy()
    diagnostic_settings: Annotated[list[AzureDiagnosticSetting], Field(default_factory=list)]
