"""The journal outlives a kill at any byte, and tells what is there by Isthmus's doing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Code, ProblemError
from core.onboarding.journal import FILE_NAME, Journal, Thing

HUB = Thing("event_hub", "azure-logs", "s", "rg", "ns")
GROUP = Thing("resource_group", "rg", "s", "rg", mark="m")


def test_what_was_begun_may_be_there_and_what_was_removed_is_not(tmp_path):
    journal = Journal(tmp_path)
    journal.write("begin", "group", "create", GROUP)
    journal.write("done", "group", "create", GROUP)
    journal.write("begin", "hub", "create", HUB)
    again = Journal(tmp_path)
    assert [(made.action, made.certain, made.thing) for made in again.made()] == [
        ("group", True, GROUP),
        ("hub", False, HUB),
    ]
    again.write("failed", "hub", "create", HUB)
    assert again.made_by("hub") is not None, "a failed creation may have left something"
    again.write("removed", "hub", "delete", HUB)
    assert [made.action for made in Journal(tmp_path).made()] == ["group"]


def test_a_change_makes_nothing_to_be_removed(tmp_path):
    journal = Journal(tmp_path)
    provider = Thing("provider", "Microsoft.EventHub", "s")
    journal.write("begin", "provider", "change", provider)
    journal.write("done", "provider", "change", provider)
    assert journal.made() == ()


def test_a_line_that_cannot_be_read_is_named_and_nothing_is_lost(tmp_path):
    Journal(tmp_path).write("begin", "hub", "create", HUB)
    path = tmp_path / FILE_NAME
    content = path.read_bytes() + b'{"at": 1}\n'
    path.write_bytes(content)
    with pytest.raises(ProblemError) as caught:
        Journal(tmp_path)
    assert caught.value.problem.code == Code.JOURNAL_DAMAGED
    assert "Line 2" in caught.value.problem.cause
    assert path.read_bytes() == content


@given(cut=st.integers(min_value=0), name=st.text(min_size=1, max_size=30))
def test_a_kill_in_the_middle_of_a_line_loses_that_line_only(cut, name, tmp_path_factory):
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder)
    journal.write("begin", "first", "create", GROUP)
    whole = (folder / FILE_NAME).stat().st_size
    journal.write("begin", "second", "create", Thing("event_hub", name))
    path = folder / FILE_NAME
    line = path.stat().st_size - whole
    with path.open("r+b") as file:
        file.truncate(whole + cut % line)
    again = Journal(folder)
    assert [made.action for made in again.made()] == ["first"]
    again.write("begin", "third", "create", Thing("event_hub", name))
    assert [made.action for made in Journal(folder).made()] == ["first", "third"]
    assert Journal(folder).made()[1].thing.name == name
