"""Every record belongs to one service, by its category and where that is shared by its fields."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records.service import SERVICES, event_service

ENTRA = "/tenants/0a1b/providers/Microsoft.aadiam"
SUBSCRIPTION = "/SUBSCRIPTIONS/0A1B/RESOURCEGROUPS/RG/PROVIDERS/"


@pytest.mark.parametrize(
    ("category", "service"),
    [
        ("SignInLogs", "signinlogs"),
        ("NonInteractiveUserSignInLogs", "signinlogs"),
        ("ServicePrincipalSignInLogs", "signinlogs"),
        ("ManagedIdentitySignInLogs", "signinlogs"),
        ("ADFSSignInLogs", "signinlogs"),
        ("AuditLogs", "auditlogs"),
        ("Administrative", "activitylogs"),
        ("Security", "activitylogs"),
        ("ServiceHealth", "activitylogs"),
        ("Alert", "activitylogs"),
        ("Recommendation", "activitylogs"),
        ("Policy", "activitylogs"),
        ("Autoscale", "activitylogs"),
        ("ResourceHealth", "activitylogs"),
        ("UserRiskEvents", "riskdetection"),
        ("RiskyUsers", "riskdetection"),
        ("ServicePrincipalRiskEvents", "riskdetection"),
        ("RiskyServicePrincipals", "riskdetection"),
        ("DeviceComplianceOrg", "intune"),
        ("MicrosoftGraphActivityLogs", "graphactivity"),
        ("AZFWNetworkRule", "firewall"),
        ("AZFWThreatIntel", "firewall"),
        ("AzureFirewallNetworkRule", "firewall"),
        ("AzureFirewallDnsProxy", "firewall"),
        ("AdvancedHunting-DeviceProcessEvents", "defender"),
        ("kube-audit", "kubernetes"),
        ("kube-audit-admin", "kubernetes"),
        ("guard", "kubernetes"),
        ("cluster-autoscaler", "kubernetes"),
        ("AuditEvent", "other"),
        ("FunctionAppLogs", "other"),
        ("ProvisioningLogs", "other"),
        ("StorageDelete", "other"),
        ("", "other"),
    ],
)
def test_category_alone(category: str, service: str) -> None:
    for spelling in (category, category.upper(), category.lower(), category):
        assert event_service({"category": spelling}) == service
        assert event_service({"Category": spelling}) == service
        assert event_service({"category": {"value": spelling, "localizedValue": "x"}}) == service


@pytest.mark.parametrize(
    ("record", "service"),
    [
        ({"resourceId": ENTRA, "properties": {"result": "success"}}, "auditlogs"),
        ({"resourceId": ENTRA.upper()}, "auditlogs"),
        ({"resourceId": ENTRA, "properties": {"ActivityResultStatus": 1}}, "auditlogs"),
        ({"properties": {"ActivityResultStatus": 1, "ActivityType": 0}}, "intune"),
        ({"properties": {"activityDisplayName": "Delete group"}}, "auditlogs"),
        ({"properties": "ActivityResultStatus"}, "auditlogs"),
        ({"resourceId": SUBSCRIPTION + "MICROSOFT.HEALTHCAREAPIS/WORKSPACES/W"}, "other"),
    ],
)
def test_audit_logs_of_entra_and_of_intune(record: dict[str, Any], service: str) -> None:
    assert event_service({"category": "AuditLogs", **record}) == service


@pytest.mark.parametrize(
    ("record", "service"),
    [
        ({"tenantId": "0a1b", "properties": {"IntuneAccountId": "2c3d"}}, "intune"),
        ({"resourceId": SUBSCRIPTION + "MICROSOFT.EVENTHUB/NAMESPACES/N"}, "other"),
        ({"resourceId": SUBSCRIPTION + "MICROSOFT.SERVICEBUS/NAMESPACES/N"}, "other"),
        ({"EventName": "Create Queue", "EventTimeString": "9/28/2016 8:40:06 PM"}, "other"),
    ],
)
def test_operational_logs_of_intune_and_of_event_hubs(record: dict[str, Any], service: str) -> None:
    assert event_service({"category": "OperationalLogs", **record}) == service


@pytest.mark.parametrize(
    ("resource", "service"),
    [
        (SUBSCRIPTION + "MICROSOFT.KEYVAULT/VAULTS/V", "keyvault"),
        (SUBSCRIPTION.lower() + "Microsoft.KeyVault/managedHSMs/H", "keyvault"),
        (SUBSCRIPTION + "MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/A", "other"),
        (SUBSCRIPTION + "MICROSOFT.KEYVAULTISH/VAULTS/V", "other"),
        (None, "other"),
        (["/providers/microsoft.keyvault/"], "other"),
    ],
)
def test_audit_events_belong_to_their_resource_provider(resource: object, service: str) -> None:
    assert event_service({"category": "AuditEvent", "resourceId": resource}) == service


def test_administrative_record_about_a_key_vault_is_activity() -> None:
    record = {"category": "Administrative", "resourceId": SUBSCRIPTION + "MICROSOFT.KEYVAULT/V/V"}
    assert event_service(record) == "activitylogs"


@pytest.mark.parametrize("category", ["Write", "Delete", "Action"])
def test_activity_before_2019(category: str) -> None:
    record = {
        "category": category,
        "operationName": "MICROSOFT.WEB/SITES/CONFIG/WRITE",
        "resourceId": SUBSCRIPTION + "MICROSOFT.WEB/SITES/S",
    }
    assert event_service(record) == "activitylogs"
    assert event_service({"category": category}) == "other"


def test_rest_form_without_category_is_activity() -> None:
    record = {
        "eventDataId": "0a1b",
        "eventName": {"value": "EndRequest"},
        "eventTimestamp": "2026-01-01T00:00:00Z",
    }
    assert event_service(record) == "activitylogs"


@pytest.mark.parametrize(
    "record",
    [
        {"SystemAlertId": "2517_0a1b", "Severity": "High"},
        {"VendorName": "Microsoft", "AlertType": "VM_Something"},
        {"ProductName": "Microsoft Defender for Cloud", "AlertType": "VM_Something"},
        {"type": "Microsoft.Security/assessments", "properties": {}},
        {"Type": "SecurityAlert", "TimeGenerated": "2026-01-01T00:00:00Z"},
    ],
)
def test_defender_exports_have_no_category(record: dict[str, Any]) -> None:
    assert event_service(record) == "defender"


@pytest.mark.parametrize(
    ("record", "service"),
    [
        ({"Type": "AzureActivity", "CategoryValue": "Administrative"}, "activitylogs"),
        ({"Type": "AADNonInteractiveUserSignInLogs"}, "signinlogs"),
        ({"Type": "AuditLogs", "Category": "UserManagement"}, "auditlogs"),
        ({"Type": "IntuneOperationalLogs"}, "intune"),
        ({"Type": "AKSAuditAdmin"}, "kubernetes"),
        ({"Type": "AZFWDnsQuery"}, "firewall"),
        ({"Type": "AppRequests", "Category": "Processor"}, "other"),
        ({"type": "Alert"}, "other"),
        ({"Type": 7}, "other"),
    ],
)
def test_log_analytics_form_is_known_by_its_table(record: dict[str, Any], service: str) -> None:
    assert event_service(record) == service


@pytest.mark.parametrize("category", [None, 5, True, ["AuditLogs"], {"value": 5}, {}])
def test_category_need_not_be_text(category: object) -> None:
    assert event_service({"category": category}) == "other"


def test_many_spellings_do_not_change_the_answer() -> None:
    for number in range(5000):
        assert event_service({"category": f"Unknown{number}"}) == "other"
    assert event_service({"category": "sIgNiNlOgS"}) == "signinlogs"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["category", "Category", "resourceId", "Type", "type", "properties"])
VALUES = st.sampled_from(["AuditLogs", "AuditEvent", "Devices", "Policy", ENTRA, SUBSCRIPTION])


@settings(deadline=None)
@given(st.dictionaries(NAMES | st.text(), JSON | VALUES, max_size=6))
def test_any_record_has_a_service(record: dict[str, Any]) -> None:
    assert event_service(record) in SERVICES
