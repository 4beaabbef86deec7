"""Changing a few keys of a profile's file leaves the rest of its text as it is."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from core.onboarding.profile_edit import edited_text

TEXT = """\
# the whole of it
schema_version = 1
name = "alpha"   # its name

[kafka]  # the hub
topic = "azure-logs"

[log_service]
project = "p"
"""


def test_one_line_is_changed_and_comments_stay():
    text = edited_text(TEXT, {("name",): "beta", ("kafka", "group"): "g"})
    assert tomllib.loads(text) == {
        "schema_version": 1,
        "name": "beta",
        "kafka": {"group": "g", "topic": "azure-logs"},
        "log_service": {"project": "p"},
    }
    assert "# the whole of it" in text
    assert "[kafka]  # the hub" in text


def test_a_table_that_is_not_there_is_added_and_an_empty_one_goes():
    text = edited_text(TEXT, {("network", "proxy"): "http://p:1"})
    assert tomllib.loads(text)["network"] == {"proxy": "http://p:1"}
    assert tomllib.loads(edited_text(text, {("network", "proxy"): None})) == tomllib.loads(TEXT)


def test_a_text_that_lines_would_get_wrong_is_written_anew():
    odd = 'name = "a"\nkafka = { topic = "t", group = "g" }\n'
    text = edited_text(odd, {("kafka", "group"): "other"})
    assert tomllib.loads(text) == {"name": "a", "kafka": {"topic": "t", "group": "other"}}
    several = 'name = """\n[kafka]\ntopic = "x"\n"""\n[kafka]\ntopic = "t"\n'
    changed = tomllib.loads(edited_text(several, {("kafka", "topic"): "u"}))
    assert changed == {"name": '[kafka]\ntopic = "x"\n', "kafka": {"topic": "u"}}


@given(st.text(max_size=40), st.sampled_from([("name",), ("kafka", "topic"), ("new", "key")]))
def test_any_text_can_be_a_value(value, place):
    data = tomllib.loads(edited_text(TEXT, {place: value}))
    for key in place:
        data = data[key]
    assert data == value
