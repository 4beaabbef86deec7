"""Functions and operators answer as the documents of SLS and Presto say they do."""

from __future__ import annotations

import pytest

from core.sandbox.spl import Scene, SplRunError, parse

ROW = {
    "t": "Hello, World",
    "n": "42",
    "csv": "a,b,c",
    "j": '{"s":"v","n":1.5,"o":{"k":"1"},"l":[1,"x",null],"b":true,"z":null,"a.b":"dot"}',
    "url": "https://user@example.com:8443/path/x.html?q=a%20b+c&flag&e=#top",
    "__time__": 1731392376,
}

NOW = 1767323045.678
VALUES = [
    ("lower(t)", "hello, world"),
    ("upper(t)", "HELLO, WORLD"),
    ("length(t)", "12"),
    ("trim('  x ')", "x"),
    ("ltrim('  x ')", "x "),
    ("rtrim('  x ')", "  x"),
    ("reverse(csv)", "c,b,a"),
    ("substr(t, 1, 4)", "Hell"),
    ("substr(t, -5)", "World"),
    ("substring(t, 8)", "World"),
    ("concat(t, '!', n)", "Hello, World!42"),
    ("concat(t, nowhere)", None),
    ("replace(t, 'l', 'L')", "HeLLo, WorLd"),
    ("replace(t, 'l')", "Heo, Word"),
    ("lpad(n, 4, '0')", "0042"),
    ("rpad(n, 4, '-')", "42--"),
    ("split(csv, ',')", '["a","b","c"]'),
    ("split_part(csv, ',', 2)", "b"),
    ("split_part(csv, ',', 4)", None),
    ("strpos(csv, 'c')", "5"),
    ("strpos(csv, 'z')", "0"),
    ("strrpos('x-y-z', '-')", "4"),
    ("strrpos('xyz', '-')", "0"),
    ("chr(65)", "A"),
    ("codepoint('A')", "65"),
    ("regexp_like(t, 'wor')", "false"),
    ("regexp_like(t, '(?i)wor')", "true"),
    (r"regexp_extract(t, '(\w+), (\w+)')", "Hello, World"),
    (r"regexp_extract(t, '(\w+), (\w+)', 2)", "World"),
    (r"regexp_extract(t, '\d')", None),
    (r"regexp_extract_all(t, '[A-Z]')", '["H","W"]'),
    (r"regexp_replace(t, '(\w+), (\w+)', '$2 \1')", "World Hello"),
    (r"regexp_replace(n, '(\d)', '<$1\$>')", "<4$><2$>"),
    (r"regexp_replace(t, '[a-z]')", "H, W"),
    ("json_extract_scalar(j, '$.s')", "v"),
    ("json_extract_scalar(j, '$.n')", "1.5"),
    ("json_extract_scalar(j, '$.b')", "true"),
    ("json_extract_scalar(j, '$.z')", None),
    ("json_extract_scalar(j, '$.o')", None),
    ("json_extract_scalar(j, '$.l')", None),
    ("json_extract_scalar(j, '$.o.k')", "1"),
    ("json_extract_scalar(j, '$.l[1]')", "x"),
    ("json_extract_scalar(j, '$[\"a.b\"]')", "dot"),
    ("json_extract_scalar(j, '$.none')", None),
    ("json_extract_scalar(j, '$[\"l\"][0]')", "1"),
    ("json_extract_scalar(j, '$.l.1')", "x"),
    ('json_extract_scalar(\'{"a-b:c": {"é": "1"}}\', \'$.a-b:c.é\')', "1"),
    ("json_extract_scalar('{\"a\\\"''b\": \"1\"}', '$[\"a\\\"''b\"]')", "1"),
    ("json_extract_scalar('\"q\"', '$')", "q"),
    ("json_extract_scalar(json_extract(j, '$.o'), '$.k')", "1"),
    ("json_extract_scalar(t, '$.s')", None),
    ("json_extract_scalar('', '$.s')", None),
    ("json_extract_scalar(nowhere, '$.s')", None),
    ("json_extract(j, '$.o')", '{"k":"1"}'),
    ("json_extract(j, '$.s')", '"v"'),
    ("json_extract(t, '$.s')", None),
    ("json_format(json_extract(j, '$.l'))", '[1,"x",null]'),
    ("json_format(json_parse('{\"a\" : 1}'))", '{"a":1}'),
    ("json_size(j, '$.o')", "1"),
    ("json_size(j, '$.l')", "3"),
    ("json_size(j, '$.s')", "0"),
    ("json_size(t, '$.s')", None),
    ("json_array_length(json_extract(j, '$.l'))", "3"),
    ("json_array_length(j)", None),
    ("json_array_contains('[1, 2]', 2)", "true"),
    ("json_array_contains('[\"x\"]', 'y')", "false"),
    ("is_json_scalar('5')", "true"),
    ("is_json_scalar('[5]')", "false"),
    ("cast(json_extract(j, '$.s') as varchar)", "v"),
    ("cast(json_parse('\"a\\u00e9\"') as varchar)", "aé"),
    ("if(n = '42', 'yes')", "yes"),
    ("if(n = '41', 'yes')", None),
    ("if(n = '41', 'yes', 'no')", "no"),
    ("coalesce(nowhere, n)", "42"),
    ("nullif(n, '42')", None),
    ("greatest('a', 'c', 'b')", "c"),
    ("least(3, 1, 2)", "1"),
    ("greatest('a', nowhere)", None),
    ("case n when '42' then 'x' else 'y' end", "x"),
    ("case when n = '1' then 'x' end", None),
    ("try_cast(n as bigint)", "42"),
    ("try_cast(t as bigint)", None),
    ("try_cast('1.5' as bigint)", None),
    ("try_cast(' 5' as bigint)", None),
    ("cast('1.5' as double)", "1.5"),
    ("cast(cast('1.6' as double) as bigint)", "2"),
    ("cast(true as varchar)", "true"),
    ("cast(5 as varchar)", "5"),
    ("cast('true' as boolean)", "true"),
    ("cast(n as bigint) / 5", "8"),
    ("-7 / 2", "-3"),
    ("7 / 2.0", "3.5"),
    ("cast(n as bigint) % 5", "2"),
    ("mod(-7, 3)", "-1"),
    ("cast(n as bigint) * 2 - 1 + 3", "86"),
    ("abs(-5)", "5"),
    ("ceil(1.2)", "2"),
    ("floor(1.8)", "1"),
    ("round(2.567, 1)", "2.6"),
    ("power(2, 10)", "1024.0"),
    ("sqrt(9)", "3.0"),
    ("sign(-3)", "-1"),
    ("from_unixtime(__time__)", "2024-11-12 06:19:36.000"),
    ("to_unixtime(from_unixtime(1.5))", "1.5"),
    ("date_format(from_unixtime(__time__), '%Y-%m-%d %H:%i:%s')", "2024-11-12 06:19:36"),
    ("date_parse('2024-11-12 06', '%Y-%m-%d %H')", "2024-11-12 06:00:00.000"),
    ("date_trunc('day', from_unixtime(__time__))", "2024-11-12 00:00:00.000"),
    ("date_add('hour', -6, from_unixtime(__time__))", "2024-11-12 00:19:36.000"),
    ("date_diff('minute', from_unixtime(0), from_unixtime(119))", "1"),
    ("date_diff('day', date('2024-01-01'), date('2024-03-01'))", "60"),
    ("year(from_unixtime(__time__))", "2024"),
    ("month(from_unixtime(__time__))", "11"),
    ("day(from_unixtime(__time__))", "12"),
    ("hour(from_unixtime(__time__))", "6"),
    ("minute(from_unixtime(__time__))", "19"),
    ("second(from_unixtime(__time__))", "36"),
    ("dow(date('2024-11-17'))", "7"),
    ("doy(date('2024-02-01'))", "32"),
    ("week(date('2024-01-08'))", "2"),
    ("quarter(date('2024-11-12'))", "4"),
    ("current_timestamp", "2026-01-02 03:04:05.678"),
    ("now()", "2026-01-02 03:04:05.678"),
    ("current_date", "2026-01-02"),
    ("url_extract_protocol(url)", "https"),
    ("url_extract_host(url)", "example.com"),
    ("url_extract_port(url)", "8443"),
    ("url_extract_path(url)", "/path/x.html"),
    ("url_extract_query(url)", "q=a%20b+c&flag&e="),
    ("url_extract_fragment(url)", "top"),
    ("url_extract_parameter(url, 'q')", "a b c"),
    ("url_extract_parameter(url, 'flag')", ""),
    ("url_extract_parameter(url, 'lag')", None),
    ("url_encode('a b&é')", "a+b%26%C3%A9"),
    ("url_decode('a+b%26%C3%A9')", "a b&é"),
    ("to_hex(md5(to_utf8('abc')))", "900150983CD24FB0D6963F7D28E17F72"),
    ("to_hex(sha1(to_utf8('abc')))", "A9993E364706816ABA3E25717850C26C9CD0D89D"),
    (
        "to_hex(sha256(to_utf8('abc')))",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
    ),
    ("to_base64(to_utf8('abc'))", "YWJj"),
    ("to_hex(from_base64('YWJj'))", "616263"),
    ("cardinality(split(csv, ','))", "3"),
    ("element_at(split(csv, ','), 1)", "a"),
    ("element_at(split(csv, ','), 9)", None),
    ("split(csv, ',')[3]", "c"),
    ("contains(split(csv, ','), 'b')", "true"),
    ("array_join(split(csv, ','), '-')", "a-b-c"),
    ("array_join(array['a', null], '-', '?')", "a-?"),
    ("array_join(array_sort(array_distinct(array[2, 1, 2])), ',')", "1,2"),
    ("array_except(array[1, 2], array[2])", "[1]"),
    ("array_intersect(array[1, 2], array[2, 3])", "[2]"),
    ("array_max(array[1, 3, 2])", "3"),
    ("array_min(array[2, 1])", "1"),
    ("array_sum(array[2, 1])", "3"),
    ("array_position(array['a', 'b'], 'b')", "2"),
    ("array_position(array['a', 'b'], 'z')", "0"),
    ("arrays_overlap(array[1, 2], array[2])", "true"),
    ("slice(array[1, 2, 3, 4], 2, 2)", "[2,3]"),
    ("slice(array[1, 2, 3, 4], -2, 2)", "[3,4]"),
    ("transform(split(csv, ','), x -> upper(x))", '["A","B","C"]'),
    ("transform(array[1, 2], x -> x + cast(n as bigint))", "[43,44]"),
    ("filter(split(csv, ','), x -> x <> 'b')", '["a","c"]'),
    ("any_match(array[1, 2], x -> x > 1)", "true"),
    ("any_match(array[1, 2], x -> x > 2)", "false"),
    ("all_match(array[1, 2], x -> x > 0)", "true"),
    ("all_match(array[1, 2], x -> x > 1)", "false"),
    (
        "any_match(cast(json_extract(j, '$.l') as array(json)), e -> cast(e as varchar) = 'x')",
        "true",
    ),
    ("t like 'Hello%'", "true"),
    ("t like 'hello%'", "false"),
    ("'50%' like '50!%' escape '!'", "true"),
    ("n in ('41', '42')", "true"),
    ("n not in ('41', '42')", "false"),
    ("n between '40' and '43'", "true"),
    ("nowhere = 'x'", None),
    ("nowhere is distinct from n", "true"),
    ("t is not null and (n = '1' or n = '42')", "true"),
]


def test_functions_answer_as_documented_many_at_once():
    for first in range(0, len(VALUES), 24):
        some = VALUES[first : first + 24]
        items = ", ".join(f"v{at} = {expression}" for at, (expression, _) in enumerate(some))
        script = parse(f'* | extend {items} | project -wildcard "v*"', Scene.TRANSFORM)
        (row,) = script.run([ROW], now=NOW).rows
        for at, (expression, value) in enumerate(some):
            assert row.get(f"v{at}") == value, expression


@pytest.mark.slow
@pytest.mark.parametrize(("expression", "value"), VALUES)
def test_a_function_answers_as_documented(expression, value):
    script = parse(f"* | extend found = {expression} | project found", Scene.TRANSFORM)
    (row,) = script.run([ROW], now=NOW).rows
    assert row.get("found") == value


def test_functions_may_be_written_in_capitals(spl):
    assert spl("* | where LOWER(a) = 'x' AND Length(a) = 1", {"a": "X"}) == [{"a": "X"}]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("cast(a as bigint)", "Cannot cast 'x' to a whole number"),
        ("cast(a as double)", "x"),
        ("cast(a as timestamp)", "x"),
        ("date_parse(a, '%Y')", "x"),
        ("json_parse(a)", "x"),
        ("5 / length(b)", "Division by zero"),
        ("5 % length(b)", "Division by zero"),
    ],
)
def test_a_row_that_fails_is_named(expression, message):
    good = {"a": "2020", "b": "bb"}
    if "timestamp" in expression:
        good["a"] = "2020-01-01 00:00:00"
    rows = [good] * 5 + [{"a": "x", "b": ""}] + [good] * 3
    script = parse(
        f"* | where a is not null\n| extend c = 'x',\n found = {expression}", Scene.TRANSFORM
    )
    assert len(script.run([good] * 9).rows) == 9
    with pytest.raises(SplRunError) as caught:
        script.run([{}, *rows])
    assert caught.value.row == 6
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == (3, 10)
    assert str(caught.value).startswith("line 3, column 10, row 6: ")
