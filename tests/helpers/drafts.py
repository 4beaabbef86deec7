"""Drafts for tests: one that is right in every answer, and strategies for any."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from core.onboarding.draft import (
    AccessPolicyDraft,
    AlibabaAccount,
    AlibabaSignInDraft,
    AppliedCounts,
    Arrived,
    DataSourceDraft,
    DetectionRulesDraft,
    Discovered,
    DiscoveryDraft,
    Draft,
    EventHubDraft,
    FirstEventDraft,
    GrantDraft,
    GrantProof,
    Imported,
    ImportRouteDraft,
    ImportTaskDraft,
    IntegrationPolicyDraft,
    KafkaTestDraft,
    KeyKept,
    Looked,
    NamespaceDraft,
    PlanSeen,
    Probed,
    ResourceGroupDraft,
    RulesSeen,
    RuleTried,
    SettingDraft,
    SettingsDraft,
    SettingsSeen,
    SignedIn,
    SignInDraft,
    Verified,
)
from core.onboarding.steps import BUILT
from core.secrets import SecretRef

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TENANT = "4f1c2a34-0000-4000-8000-000000000001"
VAULT = (
    "/subscriptions/4f1c2a34-0000-4000-8000-000000000002/resourceGroups/rg-soc"
    "/providers/Microsoft.KeyVault/vaults/contoso-keys"
)

GOOD = Draft(
    name="contoso to soc",
    azure_sign_in=SignInDraft(tenant="contoso.onmicrosoft.com"),
    discovery=DiscoveryDraft("4f1c2a34-0000-4000-8000-000000000002"),
    resource_group=ResourceGroupDraft("rg-isthmus", "eastasia"),
    namespace=NamespaceDraft(name="contoso-security"),
    event_hub=EventHubDraft(name="azure-logs"),
    shared_access_policy=AccessPolicyDraft(connection_string=SecretRef("file", "kafka.secret")),
    diagnostic_settings=SettingsDraft(
        settings=(
            SettingDraft("activity", categories=("Administrative", "Security")),
            SettingDraft("entra", categories=("SignInLogs", "AuditLogs")),
            SettingDraft("resource", categories=("group:audit",), resource_id=VAULT),
        )
    ),
)
"""Every check passes; it has no Logstore."""

LOGSTORE = ImportTaskDraft(
    region="ap-southeast-1",
    project="contoso-soc",
    logstore="azure_raw",
    access_key_id="LTAI0",
    access_key_secret=SecretRef("file", "key.secret"),
)
"""A Logstore to import into."""

WHOLE = replace(
    GOOD,
    import_task=LOGSTORE,
    import_route=ImportRouteDraft(route="managed", console_task=True),
    multi_cloud_grant=GrantDraft(ticked=True),
    data_source=DataSourceDraft(analysed=True, record_logstore="azure_records", ttl_days=90),
    integration_policy=IntegrationPolicyDraft(product="Entra ID sign-ins", mode="scan"),
    detection_rules=DetectionRulesDraft(rules=("password_spray",), builtin=("Risky sign-in",)),
)
"""Every check passes, and every step of the whole road is needed."""

ALIBABA_PARTS = (
    "alibaba_sign_in",
    "import_route",
    "multi_cloud_grant",
    "data_source",
    "integration_policy",
    "detection_rules",
    "first_event",
)
"""Parts of the steps that the window has no page for yet."""

RESULTS: dict[str, Any] = {
    "azure_sign_in": SignedIn("mia@contoso.com", TENANT),
    "discovery": Discovered(3, 2),
    "resource_group": Looked("same", "/subscriptions/s/resourceGroups/rg-isthmus"),
    "namespace": Looked("differs", "/subscriptions/s/x", ("units: 2, not 1",)),
    "event_hub": Looked("absent"),
    "shared_access_policy": KeyKept(
        "isthmus-listen", "contoso-security.servicebus.windows.net:9093", "azure-logs", "a1b2c3d4"
    ),
    "diagnostic_settings": SettingsSeen(1, 2),
    "kafka_test": Probed("ok", records=12, newest=AT),
    "alibaba_sign_in": AlibabaAccount("1234567890123456", "mia", "2.0"),
    "import_route": Looked("same"),
    "multi_cloud_grant": GrantProof("connector", "dc-1: running"),
    "data_source": Looked("absent"),
    "import_task": Imported(12, 12),
    "integration_policy": RuleTried(17),
    "detection_rules": RulesSeen(0, 2),
    "review": PlanSeen(7, 0, 0, 0),
    "apply": AppliedCounts(7, 6),
    "first_event": Arrived("signinlogs", "2026-11-24T08:00:00Z", "stored"),
}
"""What each step's job may have found."""


def verified(draft: Draft, at: datetime = AT) -> Draft:
    """``draft`` with a fresh result in every step."""
    parts: dict[str, Any] = {
        step: replace(getattr(draft, step), result=Verified(RESULTS[step], at)) for step in BUILT
    }
    return replace(draft, **parts)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "",
        "rg-isthmus",
        "azure-logs",
        "East Asia",
        TENANT,
        VAULT,
        "密钥",
        "RootManageSharedAccessKey",
    ]
)
NUMBERS = st.integers(-3, 3000)
REFS = st.none() | st.builds(
    SecretRef, st.sampled_from(["store", "file", "env", "memory"]), st.text("abcz-./", max_size=6)
)
SETTINGS = st.builds(
    SettingDraft,
    kind=st.sampled_from(["activity", "entra", "resource", "defender"]),
    name=WORDS,
    categories=st.lists(
        st.sampled_from(["Administrative", "group:audit", "group:allLogs", "x", ""]), max_size=3
    ).map(tuple),
    resource_id=WORDS,
    location=WORDS,
)


def _result(step: str) -> st.SearchStrategy[Any]:
    return st.none() | st.builds(
        Verified,
        value=st.just(RESULTS[step]),
        at=st.datetimes(timezones=st.just(UTC)),
        stale=st.booleans(),
    )


DRAFTS = st.builds(
    Draft,
    name=WORDS,
    profile_file=WORDS,
    azure_sign_in=st.builds(
        SignInDraft,
        cloud=st.sampled_from(["public", "china"]),
        method=st.sampled_from(["browser", "device_code", "cli", "service_principal"]),
        tenant=WORDS,
        client_id=WORDS,
        client_secret=REFS,
        certificate=REFS,
        result=_result("azure_sign_in"),
    ),
    discovery=st.builds(DiscoveryDraft, subscription=WORDS, result=_result("discovery")),
    resource_group=st.builds(
        ResourceGroupDraft, name=WORDS, location=WORDS, result=_result("resource_group")
    ),
    namespace=st.builds(
        NamespaceDraft,
        name=WORDS,
        sku=st.sampled_from(["Basic", "Standard", "Premium"]),
        throughput_units=NUMBERS,
        processing_units=NUMBERS,
        auto_inflate=st.booleans(),
        max_throughput_units=NUMBERS,
        result=_result("namespace"),
    ),
    event_hub=st.builds(
        EventHubDraft,
        name=WORDS,
        partitions=NUMBERS,
        retention_hours=NUMBERS,
        result=_result("event_hub"),
    ),
    shared_access_policy=st.builds(
        AccessPolicyDraft,
        name=WORDS,
        scope=st.sampled_from(["hub", "namespace"]),
        connection_string=REFS,
        result=_result("shared_access_policy"),
    ),
    diagnostic_settings=st.builds(
        SettingsDraft,
        policy=WORDS,
        settings=st.lists(SETTINGS, max_size=4).map(tuple),
        result=_result("diagnostic_settings"),
    ),
    kafka_test=st.builds(KafkaTestDraft, result=_result("kafka_test")),
    import_task=st.builds(
        ImportTaskDraft,
        region=WORDS,
        endpoint=WORDS,
        project=WORDS,
        logstore=WORDS,
        access_key_id=WORDS,
        access_key_secret=REFS,
        result=_result("import_task"),
    ),
    alibaba_sign_in=st.builds(
        AlibabaSignInDraft,
        method=st.sampled_from(["access_key", "chain"]),
        security_token=REFS,
        result=_result("alibaba_sign_in"),
    ),
    import_route=st.builds(
        ImportRouteDraft,
        route=st.sampled_from(["managed", "engine", "both"]),
        managed_split=st.sampled_from(["transformation", "realtime_rule"]),
        managed_group=WORDS,
        console_task=st.booleans(),
        result=_result("import_route"),
    ),
    multi_cloud_grant=st.builds(
        GrantDraft, ticked=st.booleans(), result=_result("multi_cloud_grant")
    ),
    data_source=st.builds(
        DataSourceDraft,
        analysed=st.booleans(),
        name=WORDS,
        kind=st.sampled_from(["user", "dedicated"]),
        record_logstore=WORDS,
        ttl_days=NUMBERS,
        shards=NUMBERS,
        result=_result("data_source"),
    ),
    integration_policy=st.builds(
        IntegrationPolicyDraft,
        vendor=WORDS,
        product=WORDS,
        rule=WORDS,
        mode=st.sampled_from(["realtime", "scan"]),
        result=_result("integration_policy"),
    ),
    detection_rules=st.builds(
        DetectionRulesDraft,
        rules=st.lists(st.sampled_from(["password_spray", "impossible_travel", "x"])).map(tuple),
        builtin=st.lists(WORDS, max_size=3).map(tuple),
        result=_result("detection_rules"),
    ),
    first_event=st.builds(FirstEventDraft, result=_result("first_event")),
)
"""Any draft, most of them wrong somewhere."""

GOOD_DRAFTS = st.builds(
    lambda group, namespace, sku, units, hub, partitions, scope, results: replace(
        verified(GOOD) if results else GOOD,
        resource_group=ResourceGroupDraft(group, "eastasia"),
        namespace=NamespaceDraft(
            name=namespace, sku=sku, throughput_units=units, processing_units=units
        ),
        event_hub=EventHubDraft(name=hub, partitions=partitions),
        shared_access_policy=AccessPolicyDraft(scope=scope),
    ),
    group=st.from_regex(r"[a-z0-9_()-]{1,20}", fullmatch=True),
    namespace=st.from_regex(r"[a-z][a-z-]{4,20}[a-z]", fullmatch=True),
    sku=st.sampled_from(["Standard", "Premium"]),
    units=st.integers(1, 16),
    hub=st.from_regex(r"[a-z0-9]([a-z._-]{0,20}[a-z0-9])?", fullmatch=True),
    partitions=st.integers(1, 32),
    scope=st.sampled_from(["hub", "namespace"]),
    results=st.booleans(),
)
"""Drafts in which every check passes."""
