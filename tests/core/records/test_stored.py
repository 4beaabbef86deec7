"""Stored names are unique and allowed in Log Service; what was renamed can be told."""

from __future__ import annotations

import urllib.parse

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.records.stored import OWN_FIELDS, RESERVED, field_names


def test_ordinary_names_stay() -> None:
    names = ("time", "resourceId", "Category", "été", "a.b/c", "__UDI_RequiredFields_EventTime")
    assert field_names(names) == (names, ())
    assert field_names(()) == ((), ())


def test_names_that_differ_by_case_are_numbered() -> None:
    assert field_names(["level", "time", "Level", "LEVEL", "leveL"]) == (
        ("level", "time", "Level__2", "LEVEL__3", "leveL__4"),
        (),
    )


@pytest.mark.parametrize(
    "name",
    [*OWN_FIELDS, "Event_UID", *sorted(RESERVED), "__TIME__", "__tag__:hub", "__tag__:", "__x__"],
)
def test_own_and_reserved_names_are_replaced(name: str) -> None:
    stored, flags = field_names(["a", name])
    assert stored == ("a", "field_2")
    assert flags == (f"renamed:field_2={name}",)


def test_empty_and_long_names_are_replaced() -> None:
    fits, too_long = "é" * 64, "é" * 64 + "x"
    stored, flags = field_names(["", fits, too_long, "x" * 1000])
    assert stored == ("field_1", fits, "field_3", "field_4")
    assert flags == (
        "renamed:field_1=",
        f"renamed:field_3={too_long}",
        f"renamed:field_4={'x' * 200}",
    )


def test_a_number_that_makes_a_name_too_long_replaces_it() -> None:
    stored, flags = field_names(["x" * 128, "X" * 128])
    assert stored == ("x" * 128, "field_2")
    assert flags == (f"renamed:field_2={'X' * 128}",)


def test_flags_can_be_taken_apart_again() -> None:
    name = "__a,b%c\x00\n\u2028__"
    _, (flag,) = field_names([name])
    assert flag == "renamed:field_1=__a%2Cb%25c%00%0A%E2%80%A8__"
    assert urllib.parse.unquote(flag.partition("=")[2]) == name


def test_a_cut_name_ends_with_a_whole_character() -> None:
    _, (flag,) = field_names(["," * 500])
    assert flag == "renamed:field_1=" + "%2C" * 66


@pytest.mark.parametrize(
    ("names", "stored"),
    [
        (["a", "A", "a__2"], ("a", "A__2", "a__2__2")),
        (["a__2", "a", "A"], ("a__2", "a", "A__3")),
        (["field_2", ""], ("field_2", "field_2__2")),
        (["", "Field_1", "field_1"], ("field_1", "Field_1__2", "field_1__3")),
        (["", "FIELD_1__2", "field_1"], ("field_1", "FIELD_1__2", "field_1__3")),
        (["a", "a"], ("a", "a__2")),
    ],
)
def test_names_made_to_collide_do_not(names: list[str], stored: tuple[str, ...]) -> None:
    assert field_names(names)[0] == stored


def test_fifty_thousand_colliding_names_end() -> None:
    names = ["".join(c.upper() if n >> i & 1 else c for i, c in enumerate("abcdefghijklmnop"))
             for n in range(50_000)]  # fmt: skip
    stored, flags = field_names(names)
    assert len({name.lower() for name in stored}) == len(names)
    assert flags == ()


TRICKY = st.sampled_from(
    ["a", "A", "a__2", "A__2", "a__3", "", "field_1", "field_2", "FIELD_2__2", "event_uid"]
)


@settings(deadline=None)
@given(st.lists(TRICKY | st.text(max_size=5) | st.text(min_size=100, max_size=200)))
@example(["\ud800", "\udfff"])
def test_stored_names_are_unique_and_allowed(names: list[str]) -> None:
    stored, flags = field_names(names)
    assert len(stored) == len(names)
    assert len({name.lower() for name in stored}) == len(stored)
    for name in stored:
        assert 1 <= len(name.encode()) <= 128
        assert name.lower() not in {*OWN_FIELDS, *RESERVED}
        assert not name.lower().startswith("__tag__:")
    for flag in flags:
        assert "," not in flag
        assert flag.isprintable()
        assert len(flag.partition("=")[2]) <= 200
