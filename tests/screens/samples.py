# ruff: noqa: E501 - sample data reads better with a row on a line
"""Invented data for pictures: contoso, and addresses that documents may use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.onboarding.draft import (
    AccessPolicyDraft,
    DiscoveryDraft,
    Draft,
    EventHubDraft,
    KeyKept,
    NamespaceDraft,
    Probed,
    ResourceGroupDraft,
    SettingDraft,
    SettingsDraft,
    SignedIn,
    SignInDraft,
    Verified,
)
from core.onboarding.flow import Flow
from core.onboarding.steps import StepId
from core.secrets import SecretRef

NOW = datetime(2026, 11, 22, 14, 2, 48, tzinfo=UTC)
GOOD = Draft(
    name="contoso-to-soc",
    azure_sign_in=SignInDraft(tenant="contoso.onmicrosoft.com"),
    discovery=DiscoveryDraft("4f1c2a34-0000-4000-8000-000000000002"),
    resource_group=ResourceGroupDraft("rg-isthmus", "southeastasia"),
    namespace=NamespaceDraft(name="ehns-contoso-soc"),
    event_hub=EventHubDraft(name="azure-logs"),
    shared_access_policy=AccessPolicyDraft(connection_string=SecretRef("file", "kafka.secret")),
    diagnostic_settings=SettingsDraft(
        settings=(SettingDraft("activity", categories=("Administrative", "Security")),)
    ),
)
"""Every check passes."""
RECORD = {
    "time": "2026-11-22T06:02:13.5281774Z",
    "category": "SignInLogs",
    "resultType": "50126",
    "callerIpAddress": "203.0.113.77",
    "correlationId": "0b3d6a52-41f7-4c0e-8d11-9a5b7f1c0001",
    "Level": 4,
    "properties": {
        "userPrincipalName": "m.tan@contoso.com",
        "appDisplayName": "Azure Portal",
        "status": {"errorCode": 50126, "failureReason": "Invalid username or password"},
        "isInteractive": True,
        "networkLocationDetails": [],
        "conditionalAccessStatus": None,
    },
}


@dataclass(frozen=True)
class Found:
    """A namespace that was found."""

    name: str
    subscription: str
    region: str
    tier: str
    kafka: str
    hubs: int
    logs: str


FOUND = (
    Found("ehns-contoso-soc", "Contoso Security", "Southeast Asia", "Standard, 2 TU", "Ready", 3, "Yes, 38 s ago"),
    Found("ehns-contoso-soc-dev", "Contoso Security", "Southeast Asia", "Basic", "No Kafka in Basic", 1, "Yes, 4 min ago"),
    Found("ehns-hub-sea-prod", "Contoso Landing Zone Production", "Southeast Asia", "Premium, 1 PU", "Firewall: 2 networks", 14, "Yes, 2 s ago"),
    Found("ehns-payments-telemetry", "Contoso Payments", "East Asia", "Standard, 4 TU", "Ready", 6, "Yes, 1 s ago"),
    Found("ehns-iot-field-01", "Contoso Factory", "West Europe", "Standard, 1 TU", "Key sign-in is off", 2, "No, 12 days"),
    Found("ehns-audit-archive", "Contoso Security", "East US 2", "Standard, 1 TU", "Ready", 1, "No record yet"),
    Found("ehns-soc-migration-tmp", "Contoso Sandbox", "Southeast Asia", "Standard, 1 TU", "Ready", 0, "Not known yet"),
)  # fmt: skip


def flow_at(step: StepId, failed: bool = False) -> Flow:
    """A flow that came to ``step`` by Continue with good answers."""
    flow = Flow(draft=GOOD)
    while flow.current is not step:
        following = flow.go_next()
        if following is flow:
            raise ValueError(step)
        flow = following
    draft = flow.draft
    draft = replace(
        draft,
        azure_sign_in=replace(
            draft.azure_sign_in, result=Verified(SignedIn("lena.ortiz@contoso.com", "t"), NOW)
        ),
    )
    if failed:
        draft = replace(
            draft,
            shared_access_policy=replace(
                draft.shared_access_policy,
                result=Verified(KeyKept("isthmus-listen", "x.servicebus.windows.net:9093"), NOW),
            ),
            kafka_test=replace(draft.kafka_test, result=Verified(Probed("failed", "x"), NOW)),
        )
    return replace(flow, draft=draft)
