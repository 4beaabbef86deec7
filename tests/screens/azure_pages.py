# ruff: noqa: E501 - sample data reads better with a row on a line
"""The pages of the Azure half with invented data, in each of their states."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PySide6.QtWidgets import QApplication
from screens.samples import NOW, flow_at

from core.azure.diagnostic_settings import DiagnosticSetting, DiagnosticTarget
from core.azure.discovery import Discovery, FoundHub, FoundNamespace, Unread
from core.azure.event_hubs import EventHub
from core.azure.namespaces import NameCheck, Namespace
from core.azure.networks import NetworkRules
from core.azure.resource_groups import ResourceGroup
from core.azure.subscriptions import Location, Subscription, Tenant
from core.azure.user_credential import DeviceCode
from core.errors import Code, problem
from core.onboarding.draft import KeyKept, SignedIn, Verified
from core.onboarding.steps import StepId
from core.secrets import SecretRef
from gui.wizard.pages import FACTORIES
from gui.wizard.pages.page_namespace import NameLook

TENANT = "4f1c2a34-0000-4000-8000-000000000001"
SUBSCRIPTIONS = {
    "a": "Contoso Security", "b": "Contoso Landing Zone Production", "c": "Contoso Payments",
    "d": "Contoso Factory", "e": "Contoso Sandbox",
}  # fmt: skip


def _hub(name: str, partitions: int, days: int) -> FoundHub:
    return FoundHub(EventHub(name, partitions, days * 24, "Active"))


def _found(name, subscription, region, sku, units=1, hubs=(), fed=(), **changes) -> FoundNamespace:
    home = f"/subscriptions/{subscription}/resourceGroups/rg-contoso-soc/providers/Microsoft.EventHub/namespaces/{name}"
    basic = sku == "Basic"
    namespace = Namespace(
        id=home, name=name, resource_group="rg-contoso-soc", subscription=subscription,
        location=region, sku=sku, units=units, auto_inflate=units == 2, max_units=4 if units == 2 else 0,
        kafka_host=f"{name}.servicebus.windows.net", kafka_port=9093, kafka=not basic,
        why_not_kafka="the tier Basic has no Kafka endpoint" if basic else "",
        local_auth=changes.pop("local_auth", True), public_access="Enabled", minimum_tls="1.2",
        state=changes.pop("state", "Succeeded"), created_at=datetime(2026, 3, 14, tzinfo=UTC),
    )  # fmt: skip
    rules = changes.pop("rules", ())
    target = DiagnosticTarget(f"{home}/authorizationRules/RootManageSharedAccessKey", "azure-logs")
    settings = tuple(DiagnosticSetting(kind, "isthmus", "/", ("All",), target) for kind in fed)
    return FoundNamespace(
        namespace, changes.pop("tenant", TENANT), tuple(hubs), (),
        NetworkRules("Deny" if rules else "Allow", "Enabled", rules), settings,
    )  # fmt: skip


def discovery(unread: bool = False) -> Discovery:
    """Eleven namespaces in five subscriptions."""
    own = (_hub("azure-logs", 4, 7), _hub("defender-alerts", 2, 3), _hub("test", 1, 1))
    namespaces = (
        _found("ehns-contoso-soc", "a", "southeastasia", "Standard", 2, own, ("activity", "entra")),
        _found("ehns-contoso-soc-dev", "a", "southeastasia", "Basic", 1, own[2:]),
        _found("ehns-hub-sea-prod", "b", "southeastasia", "Premium", 1, own, ("activity",), rules=("203.0.113.0/24",)),
        _found("ehns-payments-telemetry", "c", "eastasia", "Standard", 4, own),
        _found("ehns-iot-field-01", "d", "westeurope", "Standard", 1, own[:2], local_auth=False),
        _found("ehns-audit-archive", "a", "eastus2", "Standard", 1, own[:1]),
        _found("ehns-partner-exchange", "d", "westeurope", "Standard", 1, own[:1], tenant="4f1c2a34-0000-4000-8000-00000000000f"),
        _found("ehns-soc-migration-tmp", "e", "southeastasia", "Standard", 1, (), state="Creating"),
    )  # fmt: skip
    refused = (
        problem(
            Code.AZURE_FORBIDDEN,
            "azure",
            action="Microsoft.EventHub/namespaces/read",
            scope="the subscription",
        )
        if unread
        else None
    )
    return Discovery(
        tenants=(Tenant(TENANT, "Contoso", "contoso.onmicrosoft.com"),),
        subscriptions=tuple(Subscription(key, name, "Enabled", TENANT) for key, name in SUBSCRIPTIONS.items()),
        namespaces=namespaces,
        unread=(Unread("subscription Contoso Payments HK", refused),) if refused else (),
    )  # fmt: skip


def states() -> dict:
    """Name -> (step, how the page is brought into the state)."""
    return {
        "sign-in": (StepId.AZURE_SIGN_IN, _not_signed_in),
        "sign-in-code": (StepId.AZURE_SIGN_IN, _code),
        "sign-in-done": (StepId.AZURE_SIGN_IN, lambda page: None),
        "sign-in-service": (StepId.AZURE_SIGN_IN, _service),
        "sign-in-refused": (StepId.AZURE_SIGN_IN, _refused),
        "discovery-searching": (StepId.DISCOVERY, _searching),
        "discovery": (StepId.DISCOVERY, lambda page: page.show_found(discovery())),
        "discovery-unusable": (StepId.DISCOVERY, _unusable),
        "discovery-none": (StepId.DISCOVERY, _none),
        "discovery-failed": (StepId.DISCOVERY, lambda page: page._on_failed(_needed())),
        "resource-group": (StepId.RESOURCE_GROUP, lambda page: page.show_places(_places())),
        "resource-group-existing": (StepId.RESOURCE_GROUP, _existing),
        "resource-group-empty": (StepId.RESOURCE_GROUP, lambda page: page._on_failed(_needed())),
        "namespace": (StepId.NAMESPACE, _free),
        "namespace-taken": (StepId.NAMESPACE, _taken),
        "namespace-basic": (StepId.NAMESPACE, lambda page: page.change(sku="Basic")),
        "namespace-premium": (StepId.NAMESPACE, lambda page: page.change(sku="Premium")),
        "namespace-own": (StepId.NAMESPACE, _own),
        "event-hub": (StepId.EVENT_HUB, lambda page: page.show_hubs(())),
        "event-hub-bounds": (StepId.EVENT_HUB, _bounds),
        "event-hub-own": (StepId.EVENT_HUB, _own_hub),
        "policy": (StepId.SHARED_ACCESS_POLICY, lambda page: None),
        "policy-root": (StepId.SHARED_ACCESS_POLICY, lambda page: page._on_picked("root")),
        "policy-paste": (StepId.SHARED_ACCESS_POLICY, lambda page: page._on_picked("pasted")),
        "policy-kept": (StepId.SHARED_ACCESS_POLICY, _kept),
    }


def show(window, name: str) -> None:
    """Bring ``window`` to the state ``name``; what its pages would ask Azure is not asked."""
    step, bring = states()[name]
    window.show_flow(flow_at(step))
    page = window.wizard.page
    for key in ("who", "search", "places", "name", "hubs"):
        page.jobs.cancel(f"{step}.{key}")
    QApplication.processEvents()
    page.problem_panel.clear()
    if step is StepId.DISCOVERY:
        part = page.draft.azure_sign_in
        part = replace(part, result=Verified(SignedIn("lena.ortiz@contoso.com", TENANT), NOW))
        page.edited.emit(replace(page.draft, azure_sign_in=part))
    bring(page)
    window.wizard.show_saved(NOW)


def factories() -> dict:
    return dict(FACTORIES)


def _needed():
    return problem(Code.AZURE_SIGN_IN_NEEDED, "azure.sign_in")


def _not_signed_in(page) -> None:
    page.change(result=None, tenant="")


def _code(page) -> None:
    page.change(result=None, tenant="", method="device_code")
    page.code.show_code(
        DeviceCode(
            "https://microsoft.com/devicelogin",
            "HGT4QK7WN",
            datetime.now(UTC) + timedelta(minutes=14, seconds=32),
        )
    )


def _service(page) -> None:
    page._kept_at = datetime.now().astimezone() - timedelta(minutes=3)
    page.change(
        result=None, method="service_principal", client_id="7d1f0d6e-3c1b-4a52-9e0a-1f2a6c5b0007",
        client_secret=SecretRef("store", "contoso-azure"),
    )  # fmt: skip


def _refused(page) -> None:
    page.change(result=None, tenant="")
    page._on_refused(
        problem(Code.AZURE_BROWSER_UNAVAILABLE, "azure.sign_in", reason="there is none")
    )


def _searching(page) -> None:
    page.search()
    job = page.jobs.running("discovery.search")
    job._on_progress("Searching subscriptions: 4 of 11, 62 found", 4 / 11)
    job.lasts.emit()


def _unusable(page) -> None:
    page.show_found(discovery(True))
    table = page.table.table
    table.select(table.model.shown[1])


def _none(page) -> None:
    page.show_found(replace(discovery(), namespaces=()))


def _places():
    groups = tuple(
        ResourceGroup(each, "southeastasia") for each in ("rg-contoso-soc", "rg-isthmus-old")
    )
    regions = {
        "eastasia": "East Asia",
        "southeastasia": "Southeast Asia",
        "westeurope": "West Europe",
    }
    return groups, tuple(Location(*each) for each in regions.items())


def _existing(page) -> None:
    page.show_places(_places())
    page._on_picked("existing")


def _free(page) -> None:
    page.change(throughput_units=2, auto_inflate=True, max_throughput_units=4)
    page._on_known(NameLook(page.draft.namespace.name, None, NameCheck(True)), page.draft)
    page._say()


def _taken(page) -> None:
    page._on_known(
        NameLook(page.draft.namespace.name, None, NameCheck(False, "NameInUse")), page.draft
    )


def _own(page) -> None:
    own = replace(discovery().namespaces[0].namespace, name=page.draft.namespace.name)
    page._on_known(NameLook(own.name, own, None), page.draft)
    page._say()


def _bounds(page) -> None:
    page.show_hubs(())
    page.change(partitions=64)
    page.partitions.reveal()


def _own_hub(page) -> None:
    page.show_hubs((EventHub(page.draft.event_hub.name, 8, 72, "Active"),))


def _kept(page) -> None:
    kept = KeyKept(
        "isthmus-listen",
        "ehns-contoso-soc.servicebus.windows.net:9093",
        "azure-logs",
        "7f3a91c2aa00bb11",
        ("Listen",),
    )
    at = datetime.now().astimezone() - timedelta(minutes=12)
    page.change(result=Verified(kept, at), connection_string=None)
