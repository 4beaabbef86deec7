"""A script is read once and run many times, by any thread, and reaches nothing but its rows."""

from __future__ import annotations

import json
import threading

import duckdb
import pytest

from core.sandbox.spl import Scene, SplRunError, database, parse
from core.sandbox.spl.database import Database, QueryError

SCRIPT = """* | where category = 'x' | extend b = json_extract_scalar(rec, '$.n')
    | expand-values -path='$.l' rec as e | extend m = cast(b as bigint) + 1"""


def test_one_script_runs_over_many_batches():
    script = parse(SCRIPT, Scene.TRANSFORM)
    for size in (0, 1, 2, 50, 1000, 3):
        rows = [
            {"category": "x" if n % 2 else "y", "rec": f'{{"n": {n}, "l": ["p", "q"]}}'}
            for n in range(size)
        ]
        before = [dict(row) for row in rows]
        found = script.run(rows)
        odd = [n for n in range(size) if n % 2]
        assert found.origins == [n for n in odd for _ in "pq"]
        assert found.rows == [
            {"category": "x", "b": str(n), "e": e, "m": str(n + 1)} for n in odd for e in "pq"
        ]
        assert rows == before


def test_a_batch_without_the_field_it_reads():
    script = parse(
        """* | parse-json c | parse-regexp c, '(.)' as r | parse-csv c as x | expand-values c as e
        | extend m = lower(c), n = cast(d as bigint) | project-away c, q | project-rename z=y
        | where c is null and n is null""",
        Scene.TRANSFORM,
    )
    assert script.run([{"a": "1"}, {}]).rows == [{"a": "1"}, {}]


def test_none_in_a_row_is_no_field():
    script = parse("* | extend b = coalesce(a, 'none')", Scene.TRANSFORM)
    assert script.run([{"a": None}, {"a": "x"}]).rows == [{"b": "none"}, {"a": "x", "b": "x"}]


def test_time_fields_may_come_as_digits():
    script = parse("* | where __time__ > 5 | extend t = __time__ + 1", Scene.TRANSFORM)
    rows = [{"__time__": "7"}, {"__time__": 8}, {"__time__": "soon"}, {"a": "9"}]
    assert script.run(rows).rows == [{"__time__": 7, "t": "8"}, {"__time__": 8, "t": "9"}]
    assert parse("*", Scene.TRANSFORM).run(rows[2:]).rows == [{}, {"a": "9"}]


def test_a_failed_run_leaves_the_script_usable():
    script = parse("* | extend n = cast(a as bigint)", Scene.TRANSFORM)
    with pytest.raises(SplRunError):
        script.run([{"a": "x"}])
    assert script.run([{"a": "1"}]).rows == [{"a": "1", "n": "1"}]


def test_text_that_cannot_be_encoded_is_an_error_of_its_row():
    script = parse("* | extend b = lower(a)", Scene.TRANSFORM)
    with pytest.raises(SplRunError) as caught:
        script.run([{"a": "x"}, {"a": "\ud800"}])
    assert caught.value.row == 1


def test_a_parsed_text_over_a_number_makes_the_next_use_of_it_fail():
    script = parse(
        "* | extend n = cast(a as bigint) | parse-json c | extend m = n + 1", Scene.TRANSFORM
    )
    assert script.run([{"a": "1", "c": "{}"}]).rows == [{"a": "1", "c": "{}", "n": "1", "m": "2"}]
    with pytest.raises(SplRunError):
        script.run([{"a": "1", "c": '{"n": "x"}'}])


def test_threads_may_share_a_script_and_run_scripts_side_by_side():
    shared = parse(SCRIPT, Scene.TRANSFORM)
    wrong: list[object] = []

    def work(number: int) -> None:
        own = parse(f"* | extend a = '{number}'", Scene.TRANSFORM)
        rows = [{"category": "x", "rec": f'{{"n": {number}, "l": [1]}}'}] * 20
        for _ in range(10):
            if {row["b"] for row in shared.run(rows).rows} != {str(number)}:
                wrong.append(number)
            if own.run([{}]).rows != [{"a": str(number)}]:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_double_quoted_string_is_noticed():
    script = parse('* | where category = "SignInLogs"', Scene.SIEM_REALTIME)
    found = script.run([{"category": "SignInLogs"}])
    assert found.rows == []
    assert ["'SignInLogs'" in each and "single quotes" in each for each in found.notices] == [True]
    assert parse('* | where a = "b c"', Scene.TRANSFORM).run([{"b c": "1"}]).notices == []


@pytest.mark.parametrize(
    "sql",
    [
        "(SELECT content FROM read_text('/etc/hostname'))",
        "(SELECT count(*) FROM glob('/*'))",
    ],
)
def test_the_database_itself_is_shut_off(sql):
    with pytest.raises(QueryError, match=r"(?i)disabled|permission"):
        Database().evaluate([sql], [], 1, None)


def test_settings_of_the_database_are_locked():
    with pytest.raises(duckdb.Error, match="locked"):
        database._database().execute("SET enable_external_access=true")


def test_memory_is_bounded():
    large = "(SELECT count(*) FROM range(1000000000) a, range(1000000000) b)"
    with pytest.raises(QueryError, match="memory"):
        Database().evaluate([large], [], 1, None)


def test_a_long_query_is_ended(monkeypatch):
    monkeypatch.setattr(database, "RUN_SECONDS", 1.0)
    endless = "(SELECT max(hash(range)) FROM range(1000000000000))"
    with pytest.raises(QueryError, match=r"longer than 1 s"):
        Database().evaluate([endless], [], 1, None)


@pytest.mark.slow
def test_rows_that_would_fill_the_memory_are_refused():
    spl = "* | extend b = a | expand-values a as c | expand-values b as d"
    script = parse(spl, Scene.TRANSFORM)
    with pytest.raises(SplRunError, match="over 1000000 rows") as caught:
        script.run([{"a": json.dumps(list(range(1001)))}])
    assert caught.value.column == spl.rindex("expand-values") + 1
    assert len(script.run([{"a": "[1,2]"}]).rows) == 4
