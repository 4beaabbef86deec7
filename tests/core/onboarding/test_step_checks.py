"""What each step refuses, where it says so, and which refusals one step puts right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from helpers.drafts import AT, DRAFTS, GOOD, VAULT, verified
from hypothesis import given, settings

from core.errors import Code, Problem
from core.onboarding.draft import Draft, KeyKept, SettingDraft, Verified
from core.onboarding.fixes import one_step
from core.onboarding.steps import STEPS, StepId
from core.secrets import SecretRef


def with_answers(step: str, draft: Draft = GOOD, **answers: Any) -> Draft:
    return replace(draft, **{step: replace(getattr(draft, step), **answers)})


def found(step: str, draft: Draft) -> list[tuple[Code, str]]:
    return [(each.code, each.where) for each in STEPS[StepId(step)].check(draft)]


def only(step: str, draft: Draft) -> Problem:
    (problem,) = STEPS[StepId(step)].check(draft)
    return problem


def settings_of(*chosen: SettingDraft, draft: Draft = GOOD) -> Draft:
    return with_answers("diagnostic_settings", draft, settings=chosen)


def test_a_right_draft_has_no_problem():
    for step in STEPS.values():
        assert step.check(GOOD) == ()
        assert step.check(verified(GOOD)) == ()


def test_an_empty_draft_asks_for_what_has_no_default():
    empty = [each.where for step in STEPS.values() for each in step.check(Draft())]
    assert empty == [
        "resource_group.name",
        "resource_group.location",
        "namespace.name",
        "event_hub.name",
        "diagnostic_settings.settings",
    ]


FIELDS = [
    ("azure_sign_in", "tenant", "contoso onmicrosoft", Code.STEP_FIELD_INVALID),
    ("azure_sign_in", "client_id", "my-app", Code.STEP_FIELD_INVALID),
    ("discovery", "subscription", "Production", Code.STEP_FIELD_INVALID),
    ("resource_group", "name", "", Code.STEP_FIELD_EMPTY),
    ("resource_group", "name", "ends.with.", Code.STEP_FIELD_INVALID),
    ("resource_group", "name", "a" * 91, Code.STEP_FIELD_INVALID),
    ("resource_group", "location", "East Asia", Code.STEP_FIELD_INVALID),
    ("namespace", "name", "   ", Code.STEP_FIELD_EMPTY),
    ("namespace", "name", "short", Code.STEP_FIELD_INVALID),
    ("namespace", "name", "1contoso", Code.STEP_FIELD_INVALID),
    ("namespace", "name", "contoso-", Code.STEP_FIELD_INVALID),
    ("namespace", "name", "contoso_logs", Code.STEP_FIELD_INVALID),
    ("namespace", "name", "c" * 51, Code.STEP_FIELD_INVALID),
    ("event_hub", "name", "-logs", Code.STEP_FIELD_INVALID),
    ("event_hub", "name", "logs hub", Code.STEP_FIELD_INVALID),
    ("event_hub", "name", "l" * 257, Code.STEP_FIELD_INVALID),
    ("shared_access_policy", "name", "p" * 51, Code.STEP_FIELD_INVALID),
    ("diagnostic_settings", "policy", "", Code.STEP_FIELD_EMPTY),
]


@pytest.mark.parametrize(("step", "field", "text", "code"), FIELDS)
def test_names_follow_azures_rules(step, field, text, code):
    assert found(step, with_answers(step, **{field: text})) == [(code, f"{step}.{field}")]


@pytest.mark.parametrize(
    ("step", "field", "text"),
    [
        ("resource_group", "name", "rg_(soc)-1.x"),
        ("resource_group", "name", "安全"),
        ("namespace", "name", "Cont0s"),
        ("namespace", "name", "c" * 50),
        ("event_hub", "name", "L"),
        ("event_hub", "name", "azure.logs_1-x"),
        ("event_hub", "name", "l" * 256),
        ("discovery", "subscription", ""),
    ],
)
def test_names_that_azure_takes_are_taken(step, field, text):
    assert found(step, with_answers(step, **{field: text})) == []


def test_a_service_principal_needs_an_application_and_one_credential():
    def signed(**answers: Any) -> list[tuple[Code, str]]:
        chosen = {"method": "service_principal", **answers}
        return found("azure_sign_in", with_answers("azure_sign_in", **chosen))

    app = "4f1c2a34-0000-4000-8000-000000000007"
    ref = SecretRef("store", "contoso-azure")
    assert signed() == [
        (Code.STEP_FIELD_EMPTY, "azure_sign_in.client_id"),
        (Code.STEP_FIELD_EMPTY, "azure_sign_in.client_secret"),
    ]
    assert signed(client_id=app, client_secret=ref, certificate=ref) == [
        (Code.STEP_FIELD_INVALID, "azure_sign_in.certificate")
    ]
    assert signed(client_id=app, client_secret=ref) == []
    assert signed(client_id=app, certificate=SecretRef("file", "isthmus.pem")) == []


def test_basic_is_refused_with_its_reason_and_one_step_makes_it_standard():
    draft = with_answers("namespace", sku="Basic")
    problem = only("namespace", draft)
    assert problem.code is Code.AZURE_NAMESPACE_BASIC
    assert problem.severity == "error"
    assert "no Kafka endpoint" in problem.cause
    assert "Standard" in problem.remedy
    assert one_step(problem, draft) == GOOD


BOUNDS = [
    ("Standard", "namespace", "throughput_units", 1, 40),
    ("Premium", "namespace", "processing_units", 1, 16),
    ("Standard", "event_hub", "partitions", 1, 32),
    ("Standard", "event_hub", "retention_hours", 1, 168),
    ("Premium", "event_hub", "partitions", 1, 100),
    ("Premium", "event_hub", "retention_hours", 1, 2160),
]


@pytest.mark.parametrize(("tier", "step", "field", "lowest", "highest"), BOUNDS)
def test_numbers_keep_to_the_bounds_of_the_tier(tier, step, field, lowest, highest):
    base = with_answers("namespace", sku=tier)
    for value in (lowest, highest):
        assert found(step, with_answers(step, base, **{field: value})) == []
    for value, nearest in ((lowest - 1, lowest), (highest + 1, highest)):
        draft = with_answers(step, base, **{field: value})
        problem = only(step, draft)
        assert (problem.code, problem.where) == (Code.AZURE_OUT_OF_BOUNDS, f"{step}.{field}")
        assert f"{lowest} to {highest}" in problem.cause
        assert one_step(problem, draft) == with_answers(step, base, **{field: nearest})


def test_units_of_the_other_tier_do_not_matter():
    assert found("namespace", with_answers("namespace", processing_units=99)) == []
    premium = with_answers("namespace", sku="Premium", throughput_units=99)
    assert found("namespace", premium) == []


def test_auto_inflate_goes_up_only_and_standard_alone_has_it():
    grows = {"auto_inflate": True, "throughput_units": 4}
    assert found("namespace", with_answers("namespace", **grows)) == []
    assert found("namespace", with_answers("namespace", **grows, max_throughput_units=4)) == []
    for most in (3, 41):
        draft = with_answers("namespace", **grows, max_throughput_units=most)
        problem = only("namespace", draft)
        assert problem.where == "namespace.max_throughput_units"
        assert "4 to 40" in problem.cause
        better = one_step(problem, draft)
        assert better is not None
        assert found("namespace", better) == []
    premium = with_answers("namespace", sku="Premium", auto_inflate=True)
    problem = only("namespace", premium)
    assert problem.code is Code.AZURE_NO_AUTO_INFLATE
    assert one_step(problem, premium) == with_answers("namespace", sku="Premium")


def test_the_root_policy_is_accepted_with_a_warning_and_is_the_namespaces():
    root = {"name": "RootManageSharedAccessKey"}
    draft = with_answers("shared_access_policy", **root)
    warning, error = STEPS[StepId.SHARED_ACCESS_POLICY].check(draft)
    assert (warning.code, warning.severity) == (Code.AZURE_ROOT_POLICY, "warning")
    assert (error.where, error.severity) == ("shared_access_policy.scope", "error")
    better = one_step(error, draft)
    assert better == with_answers("shared_access_policy", **root, scope="namespace")
    assert found("shared_access_policy", better) == [
        (Code.AZURE_ROOT_POLICY, "shared_access_policy.name")
    ]


def test_the_key_must_have_a_place_that_can_be_written():
    for ref, code in (
        (SecretRef("env", "KAFKA"), Code.SECRET_NOT_WRITABLE),
        (SecretRef("store", ""), Code.SECRET_REF_INVALID),
    ):
        draft = with_answers("shared_access_policy", connection_string=ref)
        where = "shared_access_policy.connection_string"
        assert found("shared_access_policy", draft) == [(code, where)]


@pytest.mark.parametrize(
    ("entity_path", "stale", "codes"),
    [
        ("azure-logs", False, []),
        ("", False, []),
        ("other-hub", False, [Code.CONNECTION_STRING_OTHER_HUB]),
        ("Azure-Logs", False, [Code.CONNECTION_STRING_OTHER_HUB]),
        ("other-hub", True, []),  # it is to be fetched again anyway
    ],
)
def test_a_key_for_another_hub_is_refused(entity_path, stale, codes):
    kept = Verified(KeyKept("isthmus-listen", "x:9093", entity_path), AT, stale)
    draft = with_answers("shared_access_policy", result=kept)
    assert [code for code, _ in found("shared_access_policy", draft)] == codes


def test_one_policy_cannot_read_and_send_unless_it_is_the_root_policy():
    both = with_answers("shared_access_policy", name="isthmus-diagnostics", scope="namespace")
    assert found("diagnostic_settings", both) == [
        (Code.AZURE_POLICY_FOR_BOTH, "diagnostic_settings.policy")
    ]
    hub = with_answers("shared_access_policy", name="isthmus-diagnostics", scope="hub")
    assert found("diagnostic_settings", hub) == []
    root = "RootManageSharedAccessKey"
    draft = with_answers("shared_access_policy", name=root, scope="namespace")
    assert (
        found("diagnostic_settings", with_answers("diagnostic_settings", draft, policy=root)) == []
    )


def vault(**answers: Any) -> SettingDraft:
    chosen = {"categories": ("AuditEvent",), "resource_id": VAULT, **answers}
    return SettingDraft("resource", **chosen)


ACTIVITY = SettingDraft("activity", categories=("Administrative",))
OWN = (
    "/subscriptions/4f1c2a34-0000-4000-8000-000000000002/resourceGroups/RG-Isthmus"
    "/providers/Microsoft.EventHub/namespaces/Contoso-Security"
)
SETTINGS = {
    "no categories": ([vault(categories=())], Code.STEP_FIELD_EMPTY, "0.categories"),
    "a category twice": (
        [vault(categories=("AuditEvent", "AuditEvent"))],
        Code.STEP_FIELD_INVALID,
        "0.categories",
    ),
    "an empty category": ([vault(categories=("",))], Code.STEP_FIELD_INVALID, "0.categories"),
    "groups beside categories": (
        [vault(categories=("group:audit", "AuditEvent"))],
        Code.AZURE_CATEGORY_GROUPS_MIXED,
        "0.categories",
    ),
    "a group of no resource": (
        [replace(ACTIVITY, categories=("group:allLogs",))],
        Code.AZURE_CATEGORY_GROUPS_MIXED,
        "0.categories",
    ),
    "no resource": ([vault(resource_id="")], Code.STEP_FIELD_EMPTY, "0.resource_id"),
    "no id": ([vault(resource_id="contoso-keys")], Code.STEP_FIELD_INVALID, "0.resource_id"),
    "an id where none belongs": (
        [replace(ACTIVITY, resource_id=VAULT)],
        Code.STEP_FIELD_INVALID,
        "0.resource_id",
    ),
    "an id beyond ASCII": (
        [vault(resource_id=VAULT.replace("rg-soc", "安全"))],
        Code.AZURE_RESOURCE_ID_NOT_ASCII,
        "0.resource_id",
    ),
    "the namespace itself": (
        [ACTIVITY, vault(resource_id=OWN)],
        Code.AZURE_SETTING_OF_OWN_NAMESPACE,
        "1.resource_id",
    ),
    "another region": (
        [vault(location="westeurope")],
        Code.AZURE_SETTING_OTHER_REGION,
        "0.resource_id",
    ),
    "an odd name": ([vault(name="-x")], Code.STEP_FIELD_INVALID, "0.name"),
    "the same category in two": (
        [ACTIVITY, replace(ACTIVITY, name="second")],
        Code.AZURE_CATEGORY_TWICE,
        "1.categories",
    ),
    "all logs and one of them": (
        [
            vault(categories=("group:allLogs",)),
            vault(name="second", resource_id=VAULT.upper().replace("SUBSCRIPTIONS", "subscriptions")
                  .replace("RESOURCEGROUPS", "resourceGroups").replace("PROVIDERS", "providers")),
        ],
        Code.AZURE_CATEGORY_TWICE,
        "1.categories",
    ),
    "six of one source": (
        [vault(name=f"s{each}", categories=(f"Category{each}",)) for each in range(6)],
        Code.AZURE_TOO_MANY_SETTINGS,
        "5",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SETTINGS)
def test_diagnostic_settings_follow_azure_monitors_rules(case):
    chosen, code, place = SETTINGS[case]
    expected = [(code, f"diagnostic_settings.settings.{place}")]
    assert found("diagnostic_settings", settings_of(*chosen)) == expected


def test_two_settings_of_one_name_and_source_would_replace_each_other():
    other = replace(ACTIVITY, name="ISTHMUS", categories=("Security",))
    assert found("diagnostic_settings", settings_of(ACTIVITY, other)) == [
        (Code.AZURE_SETTING_NAME_TWICE, "diagnostic_settings.settings.0.name"),
        (Code.AZURE_SETTING_NAME_TWICE, "diagnostic_settings.settings.1.name"),
    ]
    assert found("diagnostic_settings", settings_of(ACTIVITY, vault())) == []


def test_five_settings_of_a_source_and_any_number_of_exports_are_fine():
    five = [vault(name=f"s{each}", categories=(f"Category{each}",)) for each in range(5)]
    exports = [
        SettingDraft("defender", f"d{each}", (f"Source{each}",)) for each in range(6)
    ]  # continuous exports are no diagnostic settings
    assert found("diagnostic_settings", settings_of(*five, *exports)) == []
    assert found("diagnostic_settings", settings_of(vault(location="eastasia"))) == []


def test_entra_id_warns_a_service_principal_and_no_logs_warn_everybody():
    app = {"method": "service_principal", "client_id": "4f1c2a34-0000-4000-8000-000000000007"}
    entra = SettingDraft("entra", categories=("SignInLogs",))
    draft = settings_of(entra, draft=with_answers("azure_sign_in", **app))
    problem = only("diagnostic_settings", draft)
    assert (problem.code, problem.severity) == (Code.AZURE_ENTRA_NEEDS_USER, "warning")
    problem = only("diagnostic_settings", settings_of())
    assert (problem.code, problem.severity) == (Code.AZURE_NO_LOGS_CHOSEN, "warning")


def test_the_display_name_of_a_region_becomes_its_short_name_in_one_step():
    draft = with_answers("resource_group", location="East Asia")
    assert one_step(only("resource_group", draft), draft) == GOOD
    draft = with_answers("resource_group", location="Asia (East)")
    assert one_step(only("resource_group", draft), draft) is None


@settings(max_examples=50)
@given(DRAFTS)
def test_a_one_step_remedy_removes_its_problem(draft):
    for spec in STEPS.values():
        for problem in spec.check(draft):
            better = one_step(problem, draft)
            if better is not None:
                assert problem not in spec.check(better)
