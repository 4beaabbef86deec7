"""Moving through the wizard: Back restores, jumps keep to the road, errors hold Next back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.drafts import AT, DRAFTS, GOOD, GOOD_DRAFTS, RESULTS, verified
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Code, ProblemError
from core.onboarding.draft import Draft, NamespaceDraft, Probed, Verified
from core.onboarding.flow import Flow
from core.onboarding.steps import BUILT, STEPS, StepId

MOVES = st.lists(
    st.tuples(st.sampled_from(["next", "back", "jump"]), st.sampled_from(list(StepId))),
    max_size=25,
)


def moved(flow: Flow, moves: list[tuple[str, StepId]]) -> Flow:
    for move, step in moves:
        if move == "next":
            flow = flow.go_next()
        elif move == "back":
            flow = flow.go_back()
        else:
            flow = flow.jump(step)
    return flow


def at_end(draft: Draft = GOOD) -> Flow:
    return moved(Flow.start(draft), [("next", StepId.APPLY)] * (len(BUILT) - 1))


def test_next_walks_all_built_steps_and_stays_at_the_last():
    flow, seen = Flow.start(GOOD), [BUILT[0]]
    while (further := flow.go_next()) is not flow:
        flow = further
        seen.append(flow.current)
    assert seen == list(BUILT)
    assert flow.history == BUILT[:-1]
    assert flow.visited == BUILT


@settings(max_examples=60)
@given(DRAFTS | GOOD_DRAFTS, MOVES)
def test_back_then_next_without_an_edit_restores_an_equal_state(draft, moves):
    flow = moved(Flow(draft=draft), moves)
    if flow.history:
        assert flow.go_back().go_next() == flow
    if (further := flow.go_next()) != flow:
        back = further.go_back()
        assert (back.current, back.history, back.draft) == (flow.current, flow.history, draft)
        assert back.go_next() == further


@settings(max_examples=60)
@given(DRAFTS | GOOD_DRAFTS, MOVES)
def test_every_state_is_on_the_road(draft, moves):
    flow = moved(Flow(draft=draft), moves)
    assert flow.current in BUILT
    assert flow.draft is draft
    road = [*flow.history, flow.current]
    assert road == list(BUILT[: len(road)])
    assert set(road) <= set(flow.visited)
    assert list(flow.visited) == sorted(flow.visited, key=list(StepId).index)
    for step in flow.history:
        assert not [each for each in STEPS[step].check(draft) if each.severity == "error"]


def test_an_error_holds_next_back_and_a_warning_does_not():
    basic = replace(GOOD, namespace=replace(GOOD.namespace, sku="Basic"))
    flow = moved(Flow.start(basic), [("next", StepId.APPLY)] * 20)
    assert flow.current is StepId.NAMESPACE
    assert [each.code for each in flow.problems] == [Code.AZURE_NAMESPACE_BASIC]
    assert flow.last_good is StepId.RESOURCE_GROUP

    silent = replace(GOOD, diagnostic_settings=replace(GOOD.diagnostic_settings, settings=()))
    flow = at_end(silent).jump(StepId.DIAGNOSTIC_SETTINGS)
    assert [each.severity for each in flow.problems] == ["warning"]
    assert flow.go_next().current is StepId.KAFKA_TEST


def test_jump_goes_to_visited_steps_only():
    flow = Flow.start(GOOD).go_next().go_next()
    assert flow.jump(StepId.NAMESPACE) is flow
    assert not flow.can_jump(StepId.NAMESPACE)
    assert not flow.can_jump(StepId.FIRST_EVENT)
    back = flow.jump(StepId.AZURE_SIGN_IN)
    assert (back.current, back.history) == (StepId.AZURE_SIGN_IN, ())
    assert back.jump(StepId.RESOURCE_GROUP) == flow


def test_a_jump_forward_stops_for_nothing_but_an_error():
    flow = at_end().jump(StepId.RESOURCE_GROUP)
    assert flow.can_jump(StepId.KAFKA_TEST)
    broken = flow.edit(replace(GOOD, namespace=NamespaceDraft(name="")))
    assert broken.can_jump(StepId.NAMESPACE)
    assert not broken.can_jump(StepId.EVENT_HUB)
    assert broken.jump(StepId.KAFKA_TEST) is broken


def test_restart_begins_with_nothing():
    assert at_end(verified(GOOD)).restart() == Flow()


def test_an_edit_keeps_the_place():
    flow = at_end().go_back()
    edited = flow.edit(replace(GOOD, name="other"))
    assert (edited.current, edited.history, edited.visited) == (
        flow.current,
        flow.history,
        flow.visited,
    )
    assert edited.draft.name == "other"


def test_a_pasted_secret_stays_out():
    flow = at_end()
    pasted = "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=b"
    with pytest.raises(ProblemError) as caught:
        flow.edit(replace(GOOD, event_hub=replace(GOOD.event_hub, name=pasted)))
    assert caught.value.problem.code is Code.SECRET_IN_TEXT
    assert caught.value.problem.where == "event_hub.name"
    assert "SharedAccessKey" not in str(caught.value.problem)
    with pytest.raises(ProblemError):
        Flow.start(replace(GOOD, name=pasted))


def test_what_is_unverified_is_named():
    flow = at_end()
    assert flow.unverified == BUILT
    for step in BUILT:
        flow = flow.record(step, RESULTS[step], AT, flow.draft)
    assert flow.unverified == ()
    hub = replace(flow.draft.event_hub, name="other-logs")
    flow = flow.edit(replace(flow.draft, event_hub=hub))
    assert flow.unverified == BUILT[BUILT.index(StepId.EVENT_HUB) :]


def test_a_result_for_answers_that_changed_meanwhile_is_stale_at_once():
    flow = at_end()
    asked = flow.draft
    namespace = replace(asked.namespace, name="another-namespace")
    flow = flow.edit(replace(asked, namespace=namespace))
    late = flow.record(StepId.KAFKA_TEST, Probed("ok"), AT, asked)
    assert late.draft.kafka_test.result == Verified(Probed("ok"), AT, stale=True)
    fresh = flow.record(StepId.KAFKA_TEST, Probed("ok"), AT, flow.draft)
    assert fresh.draft.kafka_test.result == Verified(Probed("ok"), AT, stale=False)
    earlier = flow.record(StepId.RESOURCE_GROUP, RESULTS["resource_group"], AT, asked)
    assert earlier.draft.resource_group.result == Verified(RESULTS["resource_group"], AT)


def test_a_step_takes_no_result_of_another():
    with pytest.raises(TypeError, match="namespace has no result of type Probed"):
        Flow.start(GOOD).record(StepId.NAMESPACE, Probed("ok"), AT, GOOD)
