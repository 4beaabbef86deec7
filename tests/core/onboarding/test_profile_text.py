"""A draft becomes a profile that can be loaded, and a profile a draft; neither loses anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.drafts import (
    ALIBABA_PARTS,
    DRAFTS,
    GOOD,
    GOOD_DRAFTS,
    LOGSTORE,
    VAULT,
    WHOLE,
    verified,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Code, ProblemError
from core.onboarding.draft import AlibabaSignInDraft, Draft, SettingDraft
from core.onboarding.profile_text import draft_of, profile_text
from core.onboarding.steps import BUILT, STEPS, WHOLE_ROAD
from core.onboarding.toml_text import toml_text
from core.profile import load_profile, parse_profile
from core.secrets import SecretRef

EXISTING = """\
schema_version = 1
name = "contoso to soc"

[azure]
tenant = "contoso.onmicrosoft.com"
resource_group = "rg-isthmus"
location = "eastasia"

[azure.namespace]
name = "contoso-security"

[azure.event_hub]
name = "azure-logs"

[[azure.diagnostic_settings]]
kind = "activity"
categories = ["Administrative"]

[kafka]
bootstrap = "10.0.0.4:9093"
topic = "azure-logs"
group = "soc"
session_timeout_s = 45

[alibaba]
region = "ap-southeast-1"
access_key_id = "LTAI0"
access_key_secret = "file:key.secret"

[log_service]
project = "contoso-soc"
logstore = "azure_raw"

[import]
memory_mib = 512

[endpoints]
arm = "https://127.0.0.1:8443"
"""


def parsed(text: str, name: str = "contoso.toml"):
    return parse_profile(text, Path(name))


def answers_of(draft: Draft) -> Draft:
    """``draft`` as a profile can give it back: without results, and with its own file's path."""
    parts: dict[str, Any] = {step: replace(getattr(draft, step), result=None) for step in BUILT}
    namespace = parts["namespace"]
    other = "processing_units" if namespace.sku != "Premium" else "throughput_units"
    parts["namespace"] = replace(namespace, **{other: 1})
    return replace(draft, profile_file="", **parts)


def test_a_draft_becomes_a_profile_with_exactly_its_answers(tmp_path):
    file = tmp_path / "contoso.toml"
    file.write_text(profile_text(GOOD), "utf-8")
    profile = load_profile(str(file))
    azure = profile.azure_half
    assert profile.name == "contoso to soc"
    assert (azure.resource_group, azure.location) == ("rg-isthmus", "eastasia")
    assert (azure.namespace.name, azure.namespace.sku) == ("contoso-security", "Standard")
    assert (azure.event_hub.name, azure.event_hub.partitions) == ("azure-logs", 4)
    assert azure.shared_access_policy.scope == "hub"
    assert [each.kind for each in azure.diagnostic_settings] == ["activity", "entra", "resource"]
    assert azure.diagnostic_settings[2].resource_id == VAULT
    assert profile.kafka_secret == SecretRef("file", "kafka.secret")
    assert (profile.kafka.bootstrap, profile.kafka.topic) == ("", "")


def test_its_text_is_toml_that_a_person_can_read():
    assert profile_text(replace(GOOD, name='a "quoted" \\ name')) == EXPECTED


EXPECTED = f"""\
schema_version = 1
name = "a \\u0022quoted\\u0022 \\u005c name"

[azure]
cloud = "public"
tenant = "contoso.onmicrosoft.com"
subscription = "4f1c2a34-0000-4000-8000-000000000002"
resource_group = "rg-isthmus"
location = "eastasia"

[azure.sign_in]
method = "browser"

[azure.namespace]
name = "contoso-security"
sku = "Standard"
throughput_units = 1
auto_inflate = false

[azure.event_hub]
name = "azure-logs"
partitions = 4
retention_hours = 24

[azure.shared_access_policy]
name = "isthmus-listen"
scope = "hub"

[azure.diagnostic_policy]
name = "isthmus-diagnostics"

[[azure.diagnostic_settings]]
kind = "activity"
name = "isthmus"
categories = ["Administrative", "Security"]

[[azure.diagnostic_settings]]
kind = "entra"
name = "isthmus"
categories = ["SignInLogs", "AuditLogs"]

[[azure.diagnostic_settings]]
kind = "resource"
name = "isthmus"
categories = ["group:audit"]
resource_id = "{VAULT}"

[kafka]
connection_string = "file:kafka.secret"
"""


@settings(max_examples=40)
@given(GOOD_DRAFTS, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_draft_to_profile_and_back_is_the_same_draft(draft, name):
    draft = replace(draft, name=name if name.strip() else "x")
    profile = parsed(profile_text(draft))
    assert replace(draft_of(profile), profile_file="") == answers_of(draft)


@settings(max_examples=40)
@given(DRAFTS | GOOD_DRAFTS)
def test_any_draft_is_a_profile_that_loads_or_a_problem(draft):
    errors = [
        each for step in BUILT for each in STEPS[step].check(draft) if each.severity == "error"
    ]
    if not errors:
        assert parsed(profile_text(draft)).name == draft.name
        return
    with pytest.raises(ProblemError) as caught:
        profile_text(draft)
    assert caught.value.problem == errors[0]


def test_what_belongs_to_another_tier_or_method_is_left_out():
    namespace = replace(GOOD.namespace, sku="Premium", processing_units=2, throughput_units=99)
    sign_in = replace(GOOD.azure_sign_in, client_secret=SecretRef("store", "old"))
    text = profile_text(replace(GOOD, namespace=namespace, azure_sign_in=sign_in))
    assert parsed(text).azure_half.namespace.processing_units == 2
    assert "throughput" not in text
    assert "store:old" not in text


def test_an_edited_profile_keeps_what_the_draft_knows_nothing_of(tmp_path):
    before = parsed(EXISTING, str(tmp_path / "contoso.toml"))
    draft = draft_of(before)
    assert draft.profile_file == str(tmp_path / "contoso.toml")
    same = parsed(profile_text(draft, before), str(before.file))
    assert same == before
    hub = replace(draft.event_hub, name="more-logs")
    after = parsed(profile_text(replace(draft, event_hub=hub), before))
    assert after.azure_half.event_hub.name == "more-logs"
    assert (after.kafka.bootstrap, after.kafka.topic) == ("10.0.0.4:9093", "")
    assert (after.kafka.group, after.kafka.session_timeout_s) == ("soc", 45)
    for table in ("alibaba", "log_service", "import_", "endpoints"):
        assert getattr(after, table) == getattr(before, table)


def test_the_logstore_that_was_named_becomes_the_profiles():
    named = replace(GOOD, import_task=LOGSTORE)
    profile = parsed(profile_text(named))
    assert profile.log_service_endpoint == "ap-southeast-1.log.aliyuncs.com"
    assert (profile.logstore.project, profile.logstore.logstore) == ("contoso-soc", "azure_raw")
    assert profile.account.access_key_secret == SecretRef("file", "key.secret")
    assert draft_of(profile).import_task == LOGSTORE
    kept_by_name = replace(LOGSTORE, access_key_secret=None)
    profile = parsed(profile_text(replace(GOOD, import_task=kept_by_name)))
    assert profile.account.access_key_secret == SecretRef("store", "contoso to soc-alibaba")


def test_half_a_logstore_is_no_profile():
    with pytest.raises(ProblemError) as caught:
        profile_text(replace(GOOD, import_task=replace(LOGSTORE, project="")))
    assert caught.value.problem.where == "import_task.project"
    assert caught.value.problem.code is Code.STEP_FIELD_EMPTY


def test_an_address_is_not_kept_for_another_namespace():
    before = parsed(EXISTING)
    draft = draft_of(before)
    namespace = replace(draft.namespace, name="another-namespace")
    after = parsed(profile_text(replace(draft, namespace=namespace), before))
    assert (after.kafka.bootstrap, after.kafka.topic) == ("", "azure-logs")


def test_a_profile_without_an_azure_half_stays_so_until_it_is_filled_in():
    text = """\
schema_version = 1
name = "by hand"
[kafka]
bootstrap = "contoso.servicebus.windows.net:9093"
topic = "azure-logs"
connection_string = "env:CONTOSO_KAFKA"
"""
    before = parsed(text)
    draft = draft_of(before)
    assert draft.event_hub.name == "azure-logs"
    assert parsed(profile_text(draft, before)) == before
    filled = replace(
        draft,
        resource_group=GOOD.resource_group,
        namespace=GOOD.namespace,
        shared_access_policy=GOOD.shared_access_policy,
    )
    after = parsed(profile_text(filled, before))
    assert after.azure_half.event_hub.name == "azure-logs"
    assert (after.kafka.bootstrap, after.kafka.topic) == ("", "")


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft(), Code.STEP_FIELD_EMPTY),
        (replace(GOOD, name=""), Code.STEP_FIELD_EMPTY),
        (replace(GOOD, namespace=replace(GOOD.namespace, sku="Basic")), Code.AZURE_NAMESPACE_BASIC),
    ],
)
def test_a_draft_with_an_error_is_no_profile(draft, code):
    with pytest.raises(ProblemError) as caught:
        profile_text(draft)
    assert caught.value.problem.code is code


def test_a_profile_holds_no_result_and_no_region_of_a_resource():
    setting = SettingDraft("resource", "x", ("AuditEvent",), VAULT, location="eastasia")
    draft = replace(
        verified(GOOD),
        diagnostic_settings=replace(GOOD.diagnostic_settings, settings=(setting,)),
    )
    text = profile_text(draft)
    assert text.count("eastasia") == 1
    assert "mia@contoso.com" not in text


def test_toml_text_of_nested_and_empty_tables():
    table = {"a": {"b": {"c": 1}, "list": [{"d": True}, {"e": []}]}, "z": -1, "t": "\x7f\n"}
    assert toml_text(table) == (
        'z = -1\nt = "\\u007f\\u000a"\n\n[a]\n\n[a.b]\nc = 1\n\n[[a.list]]\nd = true\n'
        "\n[[a.list]]\ne = []\n"
    )


def test_the_alibaba_tables_come_back_as_they_were_answered():
    text = profile_text(WHOLE)
    profile = parsed(text)
    assert profile.import_.route == "managed"
    assert (profile.logstore.record_logstore, profile.logstore.ttl_days) == ("azure_records", 90)
    assert profile.analysis.product == "Entra ID sign-ins"
    assert profile.normalization.mode == "scan"
    assert profile.detection.rules == ("password_spray",)
    back = draft_of(profile)
    # That a task is made by hand in the console, and that it was, stands in no profile.
    by_hand = ("import_route", "multi_cloud_grant")
    for part in (each for each in ALIBABA_PARTS if each not in by_hand):
        assert getattr(back, part) == getattr(WHOLE, part), part
    assert replace(back.import_route, console_task=True) == WHOLE.import_route


def test_an_edit_keeps_alibaba_keys_that_the_draft_has_no_field_for():
    text = profile_text(WHOLE).replace(
        "[security_center]", '[security_center]\nregion_id = "ap-southeast-1"'
    )
    edited = parsed(text)
    again = parsed(profile_text(draft_of(edited), edited))
    assert again == edited


def test_without_analysis_there_is_no_security_center():
    stored = replace(WHOLE, data_source=replace(WHOLE.data_source, analysed=False))
    assert parsed(profile_text(stored)).security_center is None


def test_keys_of_the_credentials_chain_are_not_written():
    chain = replace(WHOLE, alibaba_sign_in=AlibabaSignInDraft(method="chain"))
    profile = parsed(profile_text(chain))
    assert profile.account.access_key_id == ""
    assert draft_of(profile).alibaba_sign_in.method == "chain"


@pytest.mark.parametrize(
    ("part", "changes", "where"),
    [
        ("data_source", {"record_logstore": ""}, "data_source.record_logstore"),
        ("data_source", {"record_logstore": "azure_raw"}, "data_source.record_logstore"),
        ("data_source", {"ttl_days": 0}, "data_source.ttl_days"),
        ("data_source", {"shards": 11}, "data_source.shards"),
        ("data_source", {"kind": "dedicated"}, "integration_policy.mode"),
        ("import_route", {"managed_split": "realtime_rule"}, "integration_policy.mode"),
        ("import_route", {"managed_group": "x" * 257}, "import_route.managed_group"),
        ("detection_rules", {"rules": ("no_such_rule",)}, "detection_rules.rules"),
    ],
)
def test_what_cannot_be_is_told_where_it_was_answered(part, changes, where):
    draft = replace(WHOLE, **{part: replace(getattr(WHOLE, part), **changes)})
    found = [each.where for step in WHOLE_ROAD for each in STEPS[step].check(draft)]
    assert found == [where]
