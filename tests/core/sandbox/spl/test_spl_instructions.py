"""Every instruction with every option, on rows that fit and rows that do not."""

from __future__ import annotations

import json

import pytest

from core.sandbox.spl import Scene, parse

TIME = {"__time__": 100, "__time_ns_part__": 5}


def test_project_keeps_first_and_renames_then(spl):
    row = {"a": "1", "b": "2", "c": "3", **TIME}
    assert spl("* | project a", row) == [{"a": "1", **TIME}]
    assert spl("* | project a, x=b", row) == [{"a": "1", "x": "2", **TIME}]
    assert spl("* | project a, b=a", row) == [{"b": "1", **TIME}]
    assert spl("* | project b, b=a", row) == [{"b": "1", **TIME}]
    assert spl("* | project a=b, b=a", row) == [{"a": "2", "b": "1", **TIME}]
    assert spl("* | project nowhere, x=nothing", row) == [TIME]
    assert spl("* | project __time__, a", row) == [{"a": "1", **TIME}]


def test_a_pattern_is_a_name_without_wildcard(spl):
    row = {"a*": "1", "ab": "2", "b": "3"}
    assert spl('* | project "a*"', row) == [{"a*": "1"}]
    assert spl('* | project -wildcard "a*"', row) == [{"a*": "1", "ab": "2"}]
    assert spl('* | project -wildcard "*b", x="a*"', row) == [{"ab": "2", "b": "3", "x": "1"}]
    assert spl('* | project-away "a*"', row) == [{"ab": "2", "b": "3"}]
    assert spl('* | project-away -wildcard "a*"', row) == [{"b": "3"}]
    assert spl('* | project -wildcard "*"', {"a\nb.c": "1", **TIME}) == [{"a\nb.c": "1", **TIME}]


def test_time_fields_are_never_dropped(spl):
    row = {"a": "1", **TIME}
    assert spl('* | project-away -wildcard "*"', row) == [TIME]
    assert spl("* | project-away __time__, a", row) == [TIME]


def test_project_rename(spl):
    assert spl("* | project-rename b=a", {"a": "1", "c": "2"}) == [{"c": "2", "b": "1"}]
    assert spl("* | project-rename b=a", {"a": "1", "b": "2"}) == [{"b": "1"}]
    assert spl("* | project-rename b=a, a=b", {"a": "1", "b": "2"}) == [{"b": "1", "a": "2"}]
    assert spl("* | project-rename b=a", {"b": "2"}) == [{"b": "2"}]
    mixed = ({"a": "1"}, {"b": "2"}, {"a": "3", "b": "4"})
    assert spl("* | project-rename b=a", *mixed) == [{"b": "1"}, {"b": "2"}, {"b": "3"}]
    assert spl('* | project-rename "x|y;z"="a""b"', {'a"b': "1"}) == [{"x|y;z": "1"}]


def test_a_renamed_number_over_a_text_is_text(spl):
    script = "* | extend n = cast(a as bigint) | project-rename b=n"
    assert spl(script, {"a": "5", "b": "x"}, {"b": "x"}) == [{"a": "5", "b": "5"}, {"b": "x"}]


def test_where_keeps_what_is_true_and_nothing_else(spl):
    rows = ({"a": "x"}, {"a": "y"}, {"b": "x"})
    assert spl("* | where a = 'x'", *rows) == [rows[0]]
    assert spl("* | where not a = 'x'", *rows) == [rows[1]]
    assert spl("* | where not coalesce((a = 'x'), false)", *rows) == [rows[1], rows[2]]
    assert spl("* | where a is null", *rows) == [rows[2]]
    assert spl("* | where null", *rows) == []
    assert spl("* | where true", *rows) == list(rows)


def test_extend_sets_overwrites_and_deletes(spl):
    row = {"a": "1", "b": "2", **TIME}
    assert spl("* | extend c = a", row) == [{**row, "c": "1"}]
    assert spl("* | extend a = b, b = a", row) == [{**row, "a": "2", "b": "1"}]
    assert spl("* | extend a = null", row) == [{"b": "2", **TIME}]
    assert spl("* | extend a = null | where a is null and b = '2'", row) == [{"b": "2", **TIME}]
    assert spl("* | extend a = nullif(a, '1')", row, {"a": "9"}) == [
        {"b": "2", **TIME},
        {"a": "9"},
    ]
    assert spl("* | extend \"x y|z\" = 'v'", {}) == [{"x y|z": "v"}]
    assert spl('* | extend "a""b" = "c""d"', {'c"d': "1"}) == [{'c"d': "1", 'a"b': "1"}]


def test_extend_alone_sets_the_time(spl):
    row = {"a": "1700000000", **TIME}
    assert spl("* | extend __time__ = cast(a as bigint)", row) == [{**row, "__time__": 1700000000}]
    assert spl("* | extend __time_ns_part__ = cast('7' as INTEGER) * 1000000", row) == [
        {**row, "__time_ns_part__": 7000000}
    ]
    script = "* | extend __time__ = try_cast(a as bigint)"
    assert spl(script, {"a": "later", "__time__": 5}) == [{"a": "later"}]
    for other in ("parse-json a", "parse-kv -delims='&' a", "parse-regexp a, '(?P<__time__>.)'"):
        row = {"a": '{"__time__": 7}&__time__=8', **TIME}
        assert spl(f"* | {other}", row) == [row]
    assert spl("* | parse-json a", {"a": '{"__time__": 7, "b": 1}'}) == [
        {"a": '{"__time__": 7, "b": 1}', "b": "1"}
    ]


def test_types_go_from_one_instruction_to_the_next(spl):
    script = """* | extend n = cast(a as bigint), d = from_unixtime(__time__), l = split(a, '0'),
            j = json_parse('{"k": [1]}'), t = a = '10'
        | extend m = n + 1, year = year(d), last = element_at(l, 1), k = json_extract(j, '$.k')
        | where t and n > 9 and cardinality(l) = 2 | project-away d, j, l, t"""
    assert spl(script, {"a": "10", "__time__": 0}) == [
        {"a": "10", "__time__": 0, "n": "10", "m": "11", "year": "1970", "last": "1", "k": "[1]"}
    ]


def test_values_become_text_at_the_end(spl):
    script = """* | extend b = true, i = cast('7' as integer), d = cast('2.50' as double),
        t = from_unixtime(0), day = date('2026-01-02'), l = array['x', null, '"'],
        n = array[1, 2], j = json_parse('{"a" : [1.50, "é"]}'), h = from_hex('C3A9'),
        js = cast(json_parse('["a", {"b": 1}]') as array(json))"""
    assert spl(script, {}) == [
        {
            "b": "true",
            "i": "7",
            "d": "2.5",
            "t": "1970-01-01 00:00:00.000",
            "day": "2026-01-02",
            "l": '["x",null,"\\""]',
            "n": "[1,2]",
            "j": '{"a":[1.5,"é"]}',
            "h": "C3A9",
            "js": '["a",{"b":1}]',
        }
    ]


def test_parse_json_options(spl):
    row = {"a": "old", "c": '{"x": {"a": 1.50, "b": null, "s": "é\\n", "l": [1 , 2]}}'}
    deep = "* | parse-json -path='$.x' c | project-away c"
    assert spl(deep, row) == [{"a": "1.50", "s": "é\n", "l": "[1,2]"}]
    assert spl("* | parse-json -mode='preserve' -path='$.x' c | project a", row) == [{"a": "old"}]
    assert spl("* | parse-json -mode='overwrite' -path='$.x' c | project a", row) == [{"a": "1.50"}]
    prefixed = "* | parse-json -prefix='p_' -path='$.x' c | project -wildcard \"p_*\""
    assert spl(prefixed, row) == [{"p_a": "1.50", "p_s": "é\n", "p_l": "[1,2]"}]


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "5", "null", '{"a": 1} x', '{"a": NaN}', '"\\ud800"', "{'a': 1}"]
)
def test_what_is_no_json_object_is_left_alone(spl, text):
    assert spl("* | parse-json c", {"c": text}, {"d": "1"}) == [{"c": text}, {"d": "1"}]
    assert spl("* | parse-json -path='$.x' c", {"c": text}) == [{"c": text}]


def test_json_paths(spl):
    row = {"c": '{"a.b": {"x": "1"}, "l": [{"x": "2"}], "k-1": {"x": "3"}}'}
    for path, found in (('$["a.b"]', "1"), ("$.l[0]", "2"), ("$.k-1", "3"), ("$.l[1]", None)):
        script = f"* | parse-json -path='{path}' c | project x"
        assert spl(script, row) == [{"x": found} if found else {}]


def test_parse_regexp(spl):
    script = r"* | parse-regexp c, '(?P<ip>[\d.]+) (?P<rest>\w+)?'"
    rows = ({"c": "1.2.3.4 x"}, {"c": "1.2.3.4 "}, {"c": "none"}, {"d": "1.2.3.4 x"})
    assert spl(script, *rows) == [
        {"c": "1.2.3.4 x", "ip": "1.2.3.4", "rest": "x"},
        {"c": "1.2.3.4 ", "ip": "1.2.3.4"},
        {"c": "none"},
        {"d": "1.2.3.4 x"},
    ]
    assert spl("* | parse-regexp c, '(a)(b)' as x", {"c": "ab"}) == [{"c": "ab", "x": "a"}]
    assert spl("* | parse-regexp c, '(''|;)' as x", {"c": "a|b'"}) == [{"c": "a|b'", "x": "'"}]
    assert spl("* | parse-regexp c, '(''[|;])' as x", {"c": "'|"}) == [{"c": "'|", "x": "'|"}]
    assert spl("* | extend c = 5 | parse-regexp c, '(.)' as x", {}) == [{"c": "5"}]


def test_parse_csv(spl):
    def parsed(options, text):
        (row,) = spl(f"* | parse-csv {options} c as x, y", {"c": text})
        return row.get("x"), row.get("y")

    assert parsed("", "1,2") == ("1", "2")
    assert parsed("", "1,2,3") == ("1", "2")
    assert parsed("", "1") == ("1", None)
    assert parsed("", ",") == ("", "")
    assert parsed("", '"1,2",3') == ('"1', '2"')
    assert parsed("-strict", "1,2") == ("1", "2")
    assert parsed("-strict", "1,2,3") == (None, None)
    assert parsed("-strict", "1") == (None, None)
    assert parsed("-quote='\"'", '"1,2",3') == ("1,2", "3")
    assert parsed("-quote='\"'", '"a""b",c"d') == ('a"b', 'c"d')
    assert parsed("-quote='\"'", '"open,x') == ("open,x", None)
    assert parsed("-delim='||'", "a|b||c") == ("a|b", "c")
    for tab in (r"'\t'", r"'\11'", r"'\x09'"):
        assert parsed(f"-delim={tab}", "a b\tc") == ("a b", "c")


def test_parse_kv(spl):
    def parsed(options, text):
        (row,) = spl(f"* | parse-kv {options}", {"c": text, "old": "o"})
        return {name: value for name, value in row.items() if name != "c"}

    assert parsed("-delims='&?' c", "a=1&b=2?d=3=4&e&=5& f =6") == {
        "old": "o",
        "a": "1",
        "b": "2",
        "d": "3=4",
        "f": "6",
    }
    assert parsed("-delims='&' -kv-sep='->' c", "a->1&b=2") == {"old": "o", "a": "1"}
    assert parsed("-delims='&' c", "old=n") == {"old": "n"}
    assert parsed("-mode='preserve' -delims='&' c", "old=n&a=1") == {"old": "o", "a": "1"}
    assert parsed("-prefix='p_' -delims='&' c", "old=n") == {"old": "o", "p_old": "n"}
    assert parsed("c, '&&', '::'", "a::1&&b&c::2") == {"old": "o", "a": "1", "b&c": "2"}
    assert parsed("c, ';'", "a=1;a=2") == {"old": "o", "a": "2"}


def test_expand_values(spl):
    row = {"c": '[{"n" : 1.0}, "s", 2, null, [1 ,2], true]', "k": "v", **TIME}
    rest = {"k": "v", **TIME}
    expanded = ['{"n":1.0}', "s", "2", None, "[1,2]", "true"]
    expected = [{**rest, **({} if each is None else {"o": each})} for each in expanded]
    assert spl("* | expand-values c as o", row) == expected
    assert spl("* | expand-values -keep c as o", row) == [
        {**each, "c": row["c"]} for each in expected
    ]
    assert spl("* | expand-values -limit=2 c as o", row) == expected[:2]
    assert spl("* | expand-values c", row)[:2] == [{**rest, "c": '{"n":1.0}'}, {**rest, "c": "s"}]


def test_expand_values_of_an_object_and_by_path(spl):
    row = {"c": '{"x": {"a" : 1, "b": [1, "é"]}}'}
    assert spl("* | expand-values -path='$.x' c as o", row) == [
        {"o": '{"a":1}'},
        {"o": '{"b":[1,"é"]}'},
    ]
    assert spl("* | expand-values -path='$.x[\"b\"]' c as o", row) == [{"o": "1"}, {"o": "é"}]


@pytest.mark.parametrize("text", ["", "x", "5", '"s"', "null", "[1", '{"y": 1}'])
def test_what_cannot_be_expanded_goes_on(spl, text):
    row = {"c": text, "o": "old"}
    assert spl("* | expand-values -path='$.x' c as o", row) == [row]


def test_a_number_under_expanded_values_becomes_text(spl):
    script = "* | extend o = cast(a as bigint) | expand-values c as o | project o"
    assert spl(script, {"a": "5", "c": "[1]"}, {"a": "6", "c": "x"}) == [{"o": "1"}, {"o": "6"}]


def test_an_empty_array_gives_no_row(spl):
    assert spl("* | expand-values c as o", {"c": "[]"}, {"c": "{}"}, {"c": "[1]"}) == [{"o": "1"}]


def test_origins_and_notices_of_expanded_rows():
    rows = [{"c": json.dumps(list(range(n)))} for n in (3, 0, 12)]
    unlimited = parse("* | expand-values c as o", Scene.TRANSFORM).run(rows)
    assert unlimited.origins == [0] * 3 + [2] * 12
    assert ["real default limit is not confirmed" in each for each in unlimited.notices] == [True]
    limited = parse("* | expand-values -limit=2 c as o", Scene.TRANSFORM).run(rows)
    assert limited.origins == [0, 0, 2, 2]
    assert limited.notices == ["expand-values -limit=2 cut rows of up to 12 values"]
    enough = parse("* | expand-values -limit=10 c as o", Scene.TRANSFORM).run(rows[:2])
    assert enough.notices == []
    large = parse("* | expand-values -limit=11 c as o", Scene.TRANSFORM).run(rows[:1])
    assert ["above 10 is not confirmed" in each for each in large.notices] == [True]


def test_pack_fields_options(spl):
    row = {"t_a": "1", "t_b": "2", "c": "3", **TIME}

    def packed(options):
        (found,) = spl(f"* | pack-fields {options} as all", row)
        return json.loads(found.pop("all")), found

    assert packed("") == ({"t_a": "1", "t_b": "2", "c": "3"}, TIME)
    assert packed("-keep") == ({"t_a": "1", "t_b": "2", "c": "3"}, row)
    assert packed("-include='t_.*' -ltrim='t_'") == ({"a": "1", "b": "2"}, {"c": "3", **TIME})
    assert packed("-include='t_.*' -exclude='.*b'") == (
        {"t_a": "1"},
        {"t_b": "2", "c": "3", **TIME},
    )
    assert packed("-include='t'") == ({}, row)


def test_pack_fields_takes_text_only(spl):
    script = "* | extend n = cast(a as bigint) | pack-fields as all"
    assert spl(script, {"a": "5"}, {"b": "x"}) == [
        {"n": "5", "all": '{"a":"5"}'},
        {"all": '{"b":"x"}'},
    ]


def test_strings_with_marks_of_the_language(spl):
    script = """* -- a comment with | and ' and ;
        | extend a = 'x | y; ''q'' -- no /* comment */' /* | extend b = 'x'
        ; */ , c = 'd' -- the end ' | where false
        | where a <> '|' ;"""
    assert spl(script, {}) == [{"a": "x | y; 'q' -- no /* comment */", "c": "d"}]


def test_backslashes_are_nothing_special(spl):
    assert spl(r"* | extend a = 'a\nb\', c = length('\n')", {}) == [{"a": "a\\nb\\", "c": "2"}]
    assert spl(r"* | where regexp_like(a, '^\d+$')", {"a": "12"}, {"a": "d"}) == [{"a": "12"}]


def test_the_last_semicolon_is_optional(spl):
    assert spl("*", {"a": "1"}) == [{"a": "1"}]
    assert spl("*;", {"a": "1"}) == [{"a": "1"}]
    assert spl("*|project a|project a;", {"a": "1"}) == [{"a": "1"}]
