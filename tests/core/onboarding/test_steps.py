"""The table of steps is the documented road; `next` leads along what is built of it."""

from __future__ import annotations

import dataclasses

from helpers.drafts import DRAFTS, GOOD, WHOLE
from hypothesis import given, settings
from hypothesis import strategies as st

from core.onboarding.draft import Draft
from core.onboarding.steps import BUILT, STEPS, WHOLE_ROAD, StepId, is_needed

ROAD = [
    ("azure_sign_in", "azure", "A0"),
    ("discovery", "azure", "A0"),
    ("resource_group", "azure", "A1"),
    ("namespace", "azure", "A2"),
    ("event_hub", "azure", "A3"),
    ("shared_access_policy", "azure", "A4"),
    ("diagnostic_settings", "azure", "A5"),
    ("kafka_test", "azure", ""),
    ("alibaba_sign_in", "alibaba", "B0"),
    ("import_route", "alibaba", ""),
    ("multi_cloud_grant", "alibaba", "B1"),
    ("data_source", "alibaba", "B2.1"),
    ("import_task", "alibaba", "B2.2-4"),
    ("integration_policy", "alibaba", "C1"),
    ("detection_rules", "alibaba", "C2"),
    ("review", "finish", "D"),
    ("apply", "finish", "D"),
    ("first_event", "finish", "D"),
]


def test_the_steps_are_those_of_the_documented_procedure_in_order():
    assert [(str(spec.id), spec.group, spec.number) for spec in STEPS.values()] == ROAD
    assert list(STEPS) == list(StepId)
    assert len({spec.title_key for spec in STEPS.values()}) == len(STEPS)


def test_built_are_the_azure_steps_the_import_and_the_end_and_those_have_parts():
    azure = [name for name, group, _ in ROAD if group == "azure"]
    assert [str(step) for step in BUILT] == [*azure, "import_task", "review", "apply"]
    assert [spec.id for spec in STEPS.values() if spec.built] == list(BUILT)
    for step in BUILT:
        assert hasattr(getattr(Draft(), step), "result")


def test_each_answer_belongs_to_exactly_one_step():
    places = []
    for each in dataclasses.fields(Draft):
        value = getattr(GOOD, each.name)
        if dataclasses.is_dataclass(value):
            names = [inner.name for inner in dataclasses.fields(value) if inner.name != "result"]
            places += [f"{each.name}.{name}" for name in names]
        else:
            places.append(each.name)
    fields = [field for spec in STEPS.values() for field in spec.fields]
    assert sorted(fields) == sorted(places)


def test_the_whole_road_is_every_step():
    assert list(WHOLE_ROAD) == list(StepId)
    for step in WHOLE_ROAD:
        assert hasattr(getattr(Draft(), step), "result")


@settings(max_examples=50)
@given(DRAFTS, st.sampled_from([BUILT, WHOLE_ROAD]))
def test_next_is_total_and_leads_forward_over_what_is_needed(draft, road):
    needed = [each for each in road if is_needed(each, draft)]
    for step, spec in STEPS.items():
        following = spec.next(draft, road)
        ahead = [each for each in needed if each.place > step.place]
        assert following is (ahead[0] if ahead else None)


def test_what_the_answers_leave_out_is_passed_by():
    assert not is_needed(StepId.MULTI_CLOUD_GRANT, GOOD)
    assert not is_needed(StepId.INTEGRATION_POLICY, GOOD)
    assert not is_needed(StepId.DETECTION_RULES, GOOD)
    assert all(is_needed(step, WHOLE) for step in WHOLE_ROAD)


@settings(max_examples=50)
@given(DRAFTS)
def test_a_check_is_total_and_names_a_field_of_its_step(draft):
    for spec in STEPS.values():
        for found in spec.check(draft):
            assert any(
                found.where == field or found.where.startswith(f"{field}.") for field in spec.fields
            )
