"""Laws of scripts, for many made-up rows and for any text as a script."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.sandbox.spl import Scene, SplError, SplRunError, parse

FEW = settings(max_examples=25, deadline=None)
MANY = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.sampled_from(["a", "b", "B", "c_1", "x:y", "d e", "f|g;h", 'i"j', "k'l", "名", "*"])
ROWS = st.lists(st.dictionaries(NAMES, TEXT, max_size=5), max_size=6)
PIECES = [
    *("*", "|", ";", "'", '"', "--", "/*", "*/", "(", ")", ",", "=", " ", "\n", "-", "\\", "\x00"),
    *("where ", "extend ", "project ", "project-away ", "project-rename ", "parse-json "),
    *("parse-kv ", "parse-csv ", "parse-regexp ", "expand-values ", "pack-fields ", ".let ", "$a"),
    *("-wildcard ", "-path=", "-limit=", "-keep ", "-delims=", "'$.a'", "'x'", '"a b"', " as "),
    *("a", "b", "1", "2.5", "null", "and ", "not ", "in ", "like ", "between ", "case ", "when "),
    *("then ", "end ", "cast(", "lower(", "json_extract(", "transform(", "x -> ", "array[", "]"),
    *("interval ", "select ", "::", "||", "{", "}", ":", "?", "@", "%", "é", "东", "__time__"),
]
SCRIPTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=25).map(lambda pieces: "* | " + "".join(pieces)),
    st.lists(st.sampled_from(PIECES), max_size=15).map("".join),
    st.text(max_size=40),
)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def run(script: str, rows: list[dict[str, Any]], scene: Scene = Scene.TRANSFORM) -> Any:
    return parse(script, scene).run(rows)


def any_text_is_run_or_refused(script: str, scene: Scene) -> None:
    refused: SplError | None = None
    try:
        made = parse(script, scene)
    except SplError as error:
        refused = error
    if refused is None:
        with contextlib.suppress(SplRunError):
            made.run([{"a": '{"a": [1]}', "b": "x=1", "__time__": 5}, {"c": ""}])
        return
    lines = script.split("\n")
    assert refused.message
    assert 1 <= refused.line <= len(lines)
    assert 1 <= refused.column <= len(lines[refused.line - 1]) + 1


@FEW
@given(SCRIPTS, st.sampled_from(list(Scene)))
def test_any_text_is_run_or_refused(script, scene):
    any_text_is_run_or_refused(script, scene)


@pytest.mark.slow
@MANY
@given(SCRIPTS, st.sampled_from(list(Scene)))
def test_any_text_is_run_or_refused_many(script, scene):
    any_text_is_run_or_refused(script, scene)


@FEW
@given(ROWS, st.lists(NAMES, min_size=1, max_size=3, unique=True))
def test_project_keeps_and_project_away_drops_the_rest(rows, names):
    listed = ", ".join(map(quoted, names))
    kept = run(f"* | project {listed}", rows).rows
    dropped = run(f"* | project-away {listed}", rows).rows
    for row, have, rest in zip(rows, kept, dropped, strict=True):
        assert have == {name: row[name] for name in row if name in names}
        assert {**have, **rest} == row
        assert not have.keys() & rest.keys()
    assert run(f"* | project {listed} | project {listed}", rows).rows == kept


@FEW
@given(ROWS, NAMES)
def test_a_rename_and_its_opposite_change_nothing(rows, name):
    there, back = "fresh name", quoted(name)
    renamed = run(f'* | project-rename "{there}"={back}', rows).rows
    assert [{there if key == name else key: row[key] for key in row} for row in rows] == renamed
    again = run(f'* | project-rename "{there}"={back} | project-rename {back}="{there}"', rows).rows
    assert again == rows


@FEW
@given(ROWS, TEXT, NAMES)
def test_a_string_means_itself(rows, text, name):
    literal = "'" + text.replace("'", "''") + "'"
    field = quoted(name)
    extended = run(f"* | extend {field} = {literal}", rows).rows
    assert extended == [{**row, name: text} for row in rows]
    same = run(f"* | where {field} = {literal} -- {name!r}", [*rows, {name: text}]).rows
    assert same == [row for row in [*rows, {name: text}] if row.get(name) == text]


@FEW
@given(ROWS)
def test_where_and_its_opposite_divide_the_rows(rows):
    condition = "a like '%e%' or length(b) > 2"
    yes = run(f"* | where {condition}", rows)
    no = run(f"* | where not coalesce(({condition}), false)", rows)
    assert sorted([*yes.origins, *no.origins]) == list(range(len(rows)))
    for result in (yes, no):
        assert result.rows == [rows[origin] for origin in result.origins]


@FEW
@given(ROWS)
def test_rows_do_not_depend_on_their_batch(rows):
    script = parse(
        """* | parse-kv -delims='&|' a | extend n = length(b), x = coalesce(a, b, 'none')
        | project-rename c_1=a | where n > 1 or x <> 'none' | project-away -wildcard "*|*" """,
        Scene.TRANSFORM,
    )
    apart = [each for row in rows for each in script.run([row]).rows]
    assert script.run(rows).rows == apart


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@FEW
@given(st.lists(JSON, max_size=5), st.booleans())
def test_expanded_values_are_the_elements(values, ascii_only):
    row = {"c": json.dumps(values, ensure_ascii=ascii_only), "k": "v"}
    found = run("* | expand-values c as o", [row])
    assert found.origins == [0] * len(values)
    for made, value in zip(found.rows, values, strict=True):
        assert made.pop("k") == "v"
        if value is None:
            assert made == {}
        elif isinstance(value, str):
            assert made == {"o": value}
        else:
            assert json.loads(made["o"]) == value


@FEW
@given(st.dictionaries(TEXT.filter(bool), TEXT, max_size=5), st.booleans())
def test_packed_fields_can_be_parsed_again(fields, keep):
    fields.pop("all", None)
    row = {**fields, "__time__": 3}
    option = "-keep " if keep else ""
    (packed,) = run(rf"* | pack-fields {option}-include='[\s\S]*' as all", [row]).rows
    assert json.loads(packed["all"]) == fields
    assert packed == {**(fields if keep else {}), "all": packed["all"], "__time__": 3}
    (parsed,) = run(
        r"* | pack-fields -include='[\s\S]*' as all | parse-json all | project-away all", [row]
    ).rows
    assert parsed == row
