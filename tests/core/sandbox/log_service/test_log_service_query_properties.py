"""Properties of queries: no text breaks the service, and and/or/not mean what they mean."""

from __future__ import annotations

import contextlib
import json
import random
import re
import time

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.sandbox.log_service.index_config import read_index
from core.sandbox.log_service.log_query import read_query
from core.sandbox.log_service.search_condition import condition_of
from core.sandbox.log_service.sql_macros import define_macros
from core.sandbox.log_service.sql_translation import translate
from core.sandbox.log_service.wire import ServiceError

pytestmark = pytest.mark.slow

PROJECT = "proof"
NOW = int(time.time()) - 3600
WORDS = ["red", "green", "blue", "Red", "x1", "and-so", "or"]
PIECES = [
    *('"', "\\", "(", ")", "[", "]", ":", "*", "?", ">", "<=", "=", " ", "|", "#", "'", "\t"),
    *(" and ", " or ", " not ", " in ", "a", "n", "j.b", "-1.5", "1e3", "200", "é", "东", "\x00"),
    *("__tag__:", "select ", "set session mode=scan;", "\ud800", "😀", ",", "$", "{", "^"),
]
SQL_PIECES = [
    *("select ", " from ", " where ", " group by ", " order by ", " limit ", "log", "a", "n", "*"),
    *("(", ")", ",", "'", '"', "x", "1", "2.5", "/", "=", " and ", " not ", " as ", " in ", "."),
    *("count(", "sum(", "cast(", " as bigint)", "json_extract(", "'$.a'", "date_diff(", "filter("),
    *("regexp_replace(", "'$1'", "any_match(", "->", ";", "--", "/*", "with ", " union ", "\n"),
    *("read_csv(", "values ", "[", "]", "::", " interval ", " over ", "split_part(", " join "),
]
INDEX = read_index(
    {
        "line": {"token": [" ", ","], "chn": True},
        "keys": {
            "a": {"type": "text", "token": list(" ,()[]'\"\\^-$"), "caseSensitive": True},
            "n": {"type": "long"},
            "d": {"type": "double"},
            "j": {"type": "json", "index_all": True, "json_keys": {"b": {"type": "long"}}},
        },
    }
)
SOME_TEXT = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES)).map("".join))
SOME_SQL = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(SQL_PIECES)).map("".join))
many = settings(max_examples=120, deadline=None)


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        define_macros(connection)
        connection.execute("CREATE TABLE logs (fields MAP(VARCHAR, VARCHAR))")
        for fields in (
            {"a": "red (x)", "n": "5", "d": "-1.5", "j": '{"b": 7}'},
            {"a": "\0'\\\"", "n": "five", "j": "[broken"},
        ):
            connection.execute(
                "INSERT INTO logs SELECT from_json(?, '\"MAP(VARCHAR,VARCHAR)\"')",
                [json.dumps(fields)],
            )
        yield connection


@contextlib.contextmanager
def only_refusals():
    """Whatever is raised inside must be a refusal of the query."""
    try:
        yield
    except ServiceError as refusal:
        if refusal.code != "ParameterInvalid":
            raise


@many
@given(SOME_TEXT)
def test_any_search_is_answered_or_refused(database, text):
    condition = ""
    with only_refusals():
        condition = condition_of(read_query(text).node, INDEX)
    database.execute(f"SELECT count(*) FROM logs WHERE {condition or 'true'}").fetchall()


@many
@given(SOME_SQL)
def test_any_sql_is_translated_or_refused(text):
    with only_refusals():
        translate(text, "store", frozenset({"a"}), 0.0)


@many
@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_text_between_quotation_marks_finds_itself(database, text):
    """The whole text of a field, quoted, is found in that field whatever is in it."""
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    index = read_index({"keys": {"k'\"ey": {"type": "text", "token": [" "]}}})
    try:
        condition = condition_of(read_query(f'"k\'\\"ey": {quoted}').node, index)
    except ServiceError:
        assert "\0" in text or not text.replace(" ", "")
        return
    row = json.dumps({"k'\"ey": text})
    (found,) = database.execute(
        "SELECT count(*) FROM (SELECT from_json(?, '\"MAP(VARCHAR,VARCHAR)\"') AS fields) "
        f"WHERE {condition}",
        [row],
    ).fetchone()
    assert found == 1


def random_logs():
    chosen = random.Random(5)
    return [
        {
            "id": str(number),
            "text": " ".join(chosen.choices(WORDS, k=chosen.randint(0, 4))),
            "size": str(chosen.choice([-3, 0, 7, 7.5, "none", ""])),
        }
        for number in range(60)
    ]


LOGS = random_logs()


def words(text):
    return {word.lower() for word in re.split(r"[ ,]", text) if word}


def is_number(text):
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


CONDITIONS = {
    **{word: lambda log, w=word: w.lower() in words(log["text"]) for word in ("red", "BLUE", "x1")},
    '"or"': lambda log: "or" in words(log["text"]),
    "text:gre*": lambda log: any(word.startswith("gre") for word in words(log["text"])),
    'text:"red blue"': lambda log: {"red", "blue"} <= words(log["text"]),
    'text:""': lambda log: log["text"] == "",
    "size > 0": lambda log: is_number(log["size"]) and float(log["size"]) > 0,
    "size in [-3 7)": lambda log: is_number(log["size"]) and -3 <= float(log["size"]) < 7,
    "size:*": lambda log: True,
    "nothing:*": lambda log: False,
}
TREES = st.recursive(
    st.sampled_from(sorted(CONDITIONS)),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or", ""]), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=7,
)


def written(tree, inside=""):
    """The tree as a query, with brackets only where they are needed."""
    if isinstance(tree, str):
        return tree
    operator, parts = tree
    if operator == "not":
        return f"not {written(parts, 'not')}"
    text = f" {operator} ".join(written(part, operator or "and") for part in parts)
    needs = inside == "not" or (inside == "and" and operator == "or")
    return f"({text})" if needs else text


def holds(tree, log):
    if isinstance(tree, str):
        return CONDITIONS[tree](log)
    operator, parts = tree
    if operator == "not":
        return not holds(parts, log)
    return (any if operator == "or" else all)(holds(part, log) for part in parts)


@pytest.fixture(scope="module")
def filled(shared_region, kit):
    name = shared_region.logstore(index=False)
    raw = shared_region.raw()
    index = {
        "line": {"token": [" ", ","]},
        "keys": {
            "text": {"type": "text", "token": [" ", ","]},
            "size": {"type": "double"},
            "nothing": {"type": "text", "token": []},
        },
    }
    body = json.dumps(index).encode()
    assert raw.send("POST", f"/logstores/{name}/index", body=body).status == 200
    assert raw.put(name, kit.group(*LOGS, times=[NOW] * len(LOGS))).status == 200
    return name


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TREES)
def test_and_or_not_agree_with_a_plain_evaluator(shared_region, filled, kit, tree):
    query = written(tree)
    asked = {"from": NOW, "to": NOW + 1, "query": query}
    reply = _connection(shared_region).send(
        "POST",
        f"/logstores/{filled}/logs",
        body=json.dumps(asked).encode(),
        headers={"Content-Type": "application/json", "Accept-Encoding": ""},
    )
    assert reply.status == 200, (query, reply.body)
    found = {row["id"] for row in json.loads(reply.body)["data"]}
    assert found == {log["id"] for log in LOGS if holds(tree, log)}, query


_connections = {}


def _connection(region):
    """One connection for all examples; it ends with the region's clients."""
    if region not in _connections:
        _connections[region] = region.raw()
    return _connections[region]
