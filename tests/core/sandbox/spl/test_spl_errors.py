"""Every refusal names its line, its column, the cause and, where there is one, what would fit."""

from __future__ import annotations

import pytest

from core.sandbox.spl import Scene, SplError, parse

SYNTAX = [
    ("", 1, 1, "the script is empty", "write *"),
    ("   \n ", 1, 1, "the script is empty", "write *"),
    ("error and msg:wrong | project a", 1, 1, "'error' is not a source", "write * for all logs"),
    ("* where a = 'x'", 1, 3, "'where' is not expected here", "what fits: |, ; at the end"),
    ("* |", 1, 4, "the end of the script is not expected here", "what fits: an instruction"),
    ("* | | where a = 'x'", 1, 5, "'|' is not expected here", "what fits: an instruction"),
    ("*\n| where a = 'x\n", 2, 13, "a string is not closed", "written twice"),
    ('* | project "a', 1, 13, "a field name in double quotes is not closed", "written twice"),
    ("* | where a = /* x", 1, 15, "a comment is not closed", "end it with */"),
    ("* | sorted a desc", 1, 5, "sorted is not an SPL instruction", "the instructions are"),
    ("* | project a | WHERE a = 'x'", 1, 17, "WHERE is not an SPL", "small letters: where"),
    ("* | where", 1, 5, "where has no expression", "write a condition"),
    ("* | extend ;", 1, 5, "extend has no expression", "write field=expression"),
    ("* | project a,", 1, 15, "the end of the script is not expected here", "what fits: a field"),
    ("* | project a b", 1, 15, "'b' is not expected here", "a comma"),
    ("* | project a*", 1, 14, "'*' is not expected here", "in double quotes"),
    ("* | project a; * | project b", 1, 16, "stands after the end", "one statement is run"),
    ("* | project -wildcard", 1, 5, "project needs at least one field", ""),
    ('* | project ""', 1, 13, "a field has an empty name", ""),
    ("* | project 'a'", 1, 13, "a string stands where a field is expected", "double quotes"),
    ("* | project-rename a", 1, 20, "gives each field a new name", "write new=old"),
    ("* | project-rename -wildcard a=b", 1, 20, "no option -wildcard", "it takes no options"),
    ("* | project-away a=b", 1, 18, "project-away does not rename", "use project-rename"),
    ("* | project a=x, a=y", 1, 18, "two fields are renamed to a", ""),
    ("* | project a=x, b=x", 1, 20, "x is renamed twice", ""),
    ("* | project-rename t=__time__", 1, 22, "__time__ cannot be renamed", "use extend"),
    ("* | project __time_ns_part__=a", 1, 13, "cannot be renamed or covered", "use extend"),
    ("* | project -wildcard -wildcard a", 1, 23, "-wildcard stands twice", ""),
    ("* | project -wildcard='x' a", 1, 13, "-wildcard takes no value", "write -wildcard"),
    ("* | parse-json -path a", 1, 16, "-path takes a string in single quotes", "-path='...'"),
    ("* | parse-json -path= '$.a' a", 1, 23, "a space stands between -path=", "-path='$.a'"),
    ("* | parse-json -path='a.b' a", 1, 16, "'a.b' is not a JSON path", "'$.body.values[0]'"),
    ("* | parse-json -path='$.a[*]' a", 1, 16, "is not a JSON path", "* is not supported"),
    ("* | parse-json -mode='new' a", 1, 16, "'new' is not a mode", "'overwrite' and 'preserve'"),
    ("* | parse-json a, b", 1, 19, "parse-json reads one field", ""),
    ("* | parse-json", 1, 5, "parse-json reads one field", ""),
    ("* | parse-json a as b", 1, 21, "parse-json takes no names after as", ""),
    ("* | parse-kv a", 1, 5, "needs to know what stands between the pairs", "-delims='&'"),
    ("* | parse-kv a, ''", 1, 17, "needs to know what stands between", "-delims='&'"),
    ("* | parse-kv -delims='&' a, ';'", 1, 14, "-delims and the same thing", ""),
    ("* | parse-kv a, ';', '=', 'x'", 1, 27, "no more than 3 arguments", ""),
    ("* | parse-kv 'a'", 1, 14, "parse-kv needs a field first", ""),
    ("* | parse-kv a, b", 1, 17, "parse-kv reads one field", ""),
    ("* | parse-csv a", 1, 5, "needs names for what it makes", "as a, b"),
    ("* | parse-csv -delim='||||' a as b", 1, 15, "one to three characters", ""),
    ("* | parse-csv -quote='ab' a as b", 1, 15, "-quote takes one character", ""),
    ("* | parse-csv -delim='--' -quote='q' a as b", 1, 27, "-quote goes only with", ""),
    ("* | parse-csv -quote=',' a as b", 1, 15, "-quote goes only with", ""),
    ("* | parse-csv a as b, b", 1, 23, "b stands twice after as", ""),
    ("* | parse-csv a as b, __time__", 1, 23, "__time__ is set with extend only", "use extend"),
    ("* | parse-regexp a", 1, 5, "parse-regexp takes one expression", "'(...)' as name"),
    ("* | parse-regexp a, '(x' as b", 1, 21, "RE2 does not take", "no look-around"),
    ("* | parse-regexp a, '(?=x)(y)' as b", 1, 21, "RE2 does not take", "no look-around"),
    ("* | parse-regexp a, '(x)' as b, c", 1, 33, "1 groups for 2 names", "put brackets"),
    ("* | parse-regexp a, '(x)'", 1, 5, "needs names for what it makes", "(?P<ip>...)"),
    ("* | expand-values -limit=0 a", 1, 19, "a whole number from 1", "write -limit=10"),
    ("* | expand-values -limit='5' a", 1, 19, "a whole number from 1", "write -limit=10"),
    ("* | expand-values a as b, c", 1, 27, "expand-values makes one field", ""),
    ("* | expand-values __time__ as a", 1, 19, "__time__ is set with extend only", ""),
    ("* | pack-fields", 1, 5, "pack-fields needs a name", "write as field"),
    ("* | pack-fields a as b", 1, 17, "no more than 0 arguments", ""),
    ("* | pack-fields -include='[' as b", 1, 17, "RE2 does not take the expression", ""),
]

NAMED_DATA_SETS = [
    (".let a = * | where b = 'x'; $a;", 1, 1),
    ("\n  .let a = *;", 2, 3),
    ("$a | project b", 1, 1),
]

EXPRESSIONS = [
    ("* | where nope(a) = 'x'", 1, 11, "outside the documented subset: nope", ""),
    ("* |\n where a = 'x'\n   and lower(up(a)) = 'y'", 3, 14, "documented subset: up", ""),
    ("* | where read_text('/etc/passwd') = 'x'", 1, 11, "documented subset: read_text", ""),
    ("* | extend a = ip_to_country(b)", 1, 16, "documented subset: ip_to_country", ""),
    ("* | extend a = 'x', b = try(c)", 1, 25, "documented subset: try", "try_cast"),
    ("* | extend a = (select b)", 1, 17, "a query inside an expression", ""),
    ("* | where exists (select 1)", 1, 11, "a query inside an expression", ""),
    ("* | extend a = count(*)", 1, 16, "documented subset: count", ""),
    ("* | extend a = *", 1, 16, "documented subset: *", ""),
    ("* | extend a = b || c", 1, 18, "documented subset: ||", "write concat(a, b)"),
    ("* | extend a = b::bigint", 1, 17, "documented subset: ::", "cast(value as type)"),
    ("* | where a == 'x'", 1, 13, "documented subset: ==", "write ="),
    ("* | where a rlike 'x'", 1, 13, "documented subset: rlike", "regexp_like"),
    ("* | where a ilike 'x'", 1, 13, "documented subset: ilike", "lower(value)"),
    ("* | where a.b = 'x'", 1, 11, "a.b is not the name of a field", 'write "a.b"'),
    ("* | where a = ?", 1, 15, "documented subset: ?", ""),
    ("* | extend a = cast(b as map(varchar, json))", 1, 26, "documented subset: map", ""),
    ("* | extend a = cast(b as decimal)", 1, 21, "documented subset: type DECIMAL", ""),
    ("* | extend a = split(b, ',', 2)", 1, 16, "split with a limit", ""),
    ("* | extend a = strpos(b, ',', 2)", 1, 16, "strpos with an instance", ""),
    ("* | extend a = any_match(b, 'x')", 1, 16, "an array and a function of one", "x -> ..."),
    ("* | extend a = filter(b, (x, y) -> x)", 1, 16, "a function of one value", "x -> ..."),
    ("* | extend a = split_part(b, ',')", 1, 16, "an argument is missing", ""),
    ("* | extend a = lower()", 1, 22, "the expression cannot be read at ')'", ""),
    ("* | where a is 5", 1, 11, "is with anything but null", "write ="),
    ("* | extend a = 'x' 'y'", 1, 16, "two strings side by side", "concat"),
    ("* | extend a = date_trunc('eon', b)", 1, 16, "EON is not a unit of time", "'day'"),
    ("* | extend a = json_extract(b, 'x')", 1, 16, "not a plain one", ""),
    ("* | extend a = json_extract(b, '$.x y')", 1, 16, "not a plain one", ""),
    ("* | extend a = array_sort(b, x -> x)", 1, 16, "a form of a function", ""),
    ("* | extend a = rpad(b, 100001, 'x')", 1, 16, "a number up to 100000", ""),
    ("* | extend a = lpad(b, length(b), 'x')", 1, 16, "a number up to 100000", ""),
    ("* | extend a = from_unixtime(5, '+01:00')", 1, 16, "from_unixtime with a time zone", ""),
    ("* | extend a = json_extract(b, c)", 1, 16, "a JSON path that is not a plain one", ""),
    ("* | extend a = json_extract(b, '$.x[*]')", 1, 16, "not a plain one", ""),
    ("* | extend a = date_format(b, c)", 1, 16, "a time format that is not a string", ""),
    ("* | extend a = regexp_replace(b, 'x', c)", 1, 16, "a replacement that is not", ""),
    ("* | where regexp_like(a, '(?!x)')", 1, 26, "RE2 does not take", "no look-around"),
    ("* | where", 1, 5, "where has no expression", ""),
    ("* | where (a = 'x'", 1, 16, "the expression cannot be read at", ""),
    ("* | where a = ", 1, 13, "the expression cannot be read", "in double quotes"),
    ("* | where a = 'x' limit 5", 1, 11, "this is not an expression", ""),
    ("* | where a = 'x' from b", 1, 11, "this is not an expression", ""),
    ("* | where a = 'x', b = 'y'", 1, 11, "this is more than one expression", ""),
    ("* | extend a", 1, 12, "extend sets fields", "write field=expression"),
    ("* | extend a = 'x',", 1, 20, "extend sets fields", "write field=expression"),
    ("* | extend a-b = 'x'", 1, 12, "extend sets fields", "in double quotes"),
    ("* | extend a =", 1, 15, "an expression is missing", ""),
    ("* | extend a = 'x', a = 'y'", 1, 21, "a is set twice in one extend", ""),
    ("* | extend a = b as c", 1, 16, "this is more than one expression", ""),
]

TYPES = [
    ("* | where status >= 500", 1, 11, "varchar and integer do not go", "cast(status as bigint)"),
    ("* | where a in ('x', 5)", 1, 11, "varchar and integer", "cast"),
    ("* | where a between 1 and 2", 1, 11, "varchar and integer", "cast"),
    ("* | where __time__ > '5'", 1, 11, "bigint and varchar", "cast"),
    ("* | extend a = coalesce(b, 0)", 1, 16, "varchar and integer", "cast"),
    ("* | extend a = if(b = 'x', 1, 'y')", 1, 19, "integer and varchar", "cast"),
    ("* | extend a = concat(b, 5)", 1, 16, "varchar and integer", "cast"),
    ("* | extend a = json_extract(b, '$.x') = 'y'", 1, 16, "json and varchar", "cast"),
    ("* | where b = 'x'\n| extend a = upper(5)", 2, 14, "takes text values, not integer", "cast"),
    ("* | extend n = cast(b as bigint) | where n = 'x'", 1, 42, "bigint and varchar", "cast"),
    ("* | extend a = md5(b)", 1, 16, "takes binary values, not varchar", "to_utf8"),
    ("* | extend a = json_format(b)", 1, 16, "takes json values, not varchar", "json_parse"),
    ("* | where b = 'x' and a", 1, 11, "takes boolean values, not varchar", "a comparison"),
    ("* | where not a", 1, 15, "takes boolean values, not varchar", "a comparison"),
    ("* | extend a = if(b, 'x')", 1, 19, "takes boolean values, not varchar", "a comparison"),
    ("* | extend a = case when b then 1 end", 1, 26, "takes boolean values", "a comparison"),
    ("* | where lower(a)", 1, 11, "where needs a boolean, this is varchar", ""),
    ("* | extend __time__ = a", 1, 23, "__time__ must be INTEGER or BIGINT", "as bigint"),
    ("* | extend __time_ns_part__ = 1.5", 1, 31, "must be INTEGER or BIGINT", "as bigint"),
    ("* | extend a = b + 5", 1, 16, "does not take values of these types", "cast the values"),
    ("* | extend a = b / 5", 1, 16, "/ does not take values of these types", "cast the values"),
    ("* | extend a = year(b)", 1, 16, "of time does not take values of these types", "cast"),
    ("* | extend a = json_size(5, b, b)", 1, 16, "json_size does not take values of", "cast"),
    ("* | extend a = interval '1' day", 1, 16, "cannot hold a value of type interval", "text"),
]


@pytest.mark.parametrize(
    ("script", "line", "column", "message", "hint"), [*SYNTAX, *EXPRESSIONS, *TYPES]
)
def test_a_script_is_refused_at_its_place(script, line, column, message, hint):
    with pytest.raises(SplError) as caught:
        parse(script, Scene.TRANSFORM)
    error = caught.value
    assert message in error.message
    assert hint in error.hint
    assert (error.line, error.column) == (line, column)
    assert str(error).startswith(f"line {line}, column {column}: ")


@pytest.mark.parametrize("scene", list(Scene))
@pytest.mark.parametrize(("script", "line", "column"), NAMED_DATA_SETS)
def test_named_data_sets_are_refused_everywhere(script, line, column, scene):
    with pytest.raises(SplError) as caught:
        parse(script, scene)
    if scene in (Scene.TRANSFORM, Scene.SCAN):
        assert caught.value.message.startswith("outside the documented subset: named data sets")
    else:
        assert f".let is not allowed in a {scene.value}: " in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)
    assert "runs no named data sets" in caught.value.hint


def test_an_unknown_instruction_comes_before_a_later_error():
    with pytest.raises(SplError, match="sort") as caught:
        parse("* | sort a desc, b | project 'x", Scene.SCAN)
    assert (caught.value.line, caught.value.column) == (1, 5)


def test_bare_names_are_of_ascii_letters():
    with pytest.raises(SplError) as caught:
        parse("* | where 名 = '東京'", Scene.TRANSFORM)
    assert (caught.value.column, caught.value.hint) == (11, 'write "名"')


def test_places_count_characters_not_bytes():
    with pytest.raises(SplError) as caught:
        parse("* | where \"名\" = '東京' | extend \"é\" = nope('x')", Scene.TRANSFORM)
    assert (caught.value.line, caught.value.column) == (1, 37)


def test_deep_nesting_is_refused_not_a_crash():
    with pytest.raises(SplError):
        parse("* | where " + "(" * 3000 + "a" + ")" * 3000 + " = 'x'", Scene.TRANSFORM)
