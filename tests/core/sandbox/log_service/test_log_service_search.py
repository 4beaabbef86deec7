"""Searches with the unchanged SDK over a hand-written set of logs; expectations are by hand too.

Queries follow the examples of Alibaba Cloud, SLS "Search syntax and functions".
"""

from __future__ import annotations

import time

import pytest
from aliyun.log import GetHistogramsRequest, LogException
from aliyun.log.index_config import IndexConfig, IndexJsonKeyConfig, IndexKeyConfig, IndexLineConfig

pytestmark = pytest.mark.slow

PROJECT = "proof"
NOW = int(time.time()) - 3600
TOKENS = list(", '\";=()[]{}?@&<>/:\n\t\r")
LOGS = {
    "a": {"method": "GET", "status": "200", "time": "12.5", "uri": "/request/path-1/file-0"},
    "b": {"method": "POST", "status": "404", "time": "60", "uri": "/request/path-2/file-2"},
    "c": {"method": "GET", "status": "500", "time": "200", "uri": "/request/path-2/file-1"},
    "d": {"method": "DELETE", "status": "299", "time": "-1.5", "region": "cn-hangzhou"},
    "e": {"method": "get", "status": "none", "time": "", "region": "cn*,en"},
    "f": {"agent": "Mozilla Linux Chrome", "status": "300", "region": "CN-shanghai"},
    "g": {"agent": "Linux Firefox", "remote user": "root", "note": 'this and "that"'},
    "h": {"doc": '{"user":{"name":"Ada Lovelace","age":36},"ok":true}', "empty": ""},
    "i": {"doc": '{"user":{"name":"Alan","age":"41"}}', "note": "你好 world"},
    "j": {"doc": "no JSON", "note": "tab\tnul\0end", "Status": "200"},
}
QUERIES = {
    # keywords
    "": "abcdefghij",
    "*": "abcdefghij",
    "GET": "ace",
    "get": "ace",
    "GET or POST": "abce",
    "GET and 500": "",  # status is a number: found by its field only
    "Linux Chrome": "f",
    "Linux and Chrome": "f",
    '"Linux Chrome"': "f",
    "Chrome Linux": "f",
    "Linux not Chrome": "g",
    "not GET": "bdfghij",
    "not not GET": "ace",
    "not (GET or POST or Linux)": "dhij",
    "GET or POST and nothing": "ace",
    "(GET or POST) and nothing": "",
    "GET OR POST": "abce",
    '"and"': "g",
    "agent": "fg",  # a field's name counts, too, where the full-text index covers the field
    "Linu": "",
    "Linu*": "fg",
    "Li?ux": "fg",
    "F*x": "g",
    "nul": "j",
    "world": "i",
    # fields
    "method:GET": "ace",
    "method: GET": "ace",
    "method : GET": "ace",
    "not method:GET": "bdfghij",
    "method:GET not region:cn": "ac" + "e",
    "uri:/request/path-2": "bc",
    "uri:/request* not uri:file-0": "bc",
    "uri:file-?": "abc",
    "uri:path-2 and uri:file-1": "c",
    "region:cn-hangzhou": "d",
    "region:cn*": "def",
    'region:"cn*"': "e",
    "region:*": "def",
    "not region:*": "abcghij",
    '"remote user":root': "g",
    'empty:""': "h",
    'not empty:""': "abcdefgij",
    'note:\\"that\\"': "g",
    "note:that": "",
    "exact:x": "",
    # numbers
    "status:200": "a",
    "status=200": "a",
    "status = 200": "a",
    "status>=300": "bcf",
    "status > 300": "bc",
    "status<300": "ad",
    "status <= 299": "ad",
    "status in [200 300)": "ad",
    "status in [200 300]": "adf",
    "status in (200 300]": "df",
    "status in (200 299)": "",
    "not status in [200 299]": "bcefghij",
    "status > 199.5 and status < 200.5": "a",
    "status:*": "abcdef",
    "(status:\"\") or (not status > -1000)": "eghij",
    "time>=60 and time<200": "b",
    "time in [60 200)": "b",
    "time:12.5": "a",
    "time < 0": "d",
    "time > -1.6e0": "abcd",
    'time:""': "e",
    # places inside JSON
    "doc.user.name:Ada": "h",
    "doc.user.name:\"lovelace ada\"": "h",
    "doc.user.name:*": "hi",
    "doc.user.age > 36": "i",
    "doc.user.age in [36 41]": "hi",
    "doc.ok:true": "h",
    # reserved fields
    "__topic__:web": "abcdefghij",
    "__topic__:other": "",
    "__source__:10.0.0.*": "abcdefghij",
    "source:10.0.0.9": "abcdefghij",
    "__tag__:hub:insights": "abcdefghij",
    '"__tag__:hub":insights and GET': "ace",
    "__tag__:none:x": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(shared_region, kit):
    """A Logstore with the logs and an index of every kind of key."""
    name = shared_region.logstore(index=False)
    client = shared_region.sdk(tls=True)
    line = IndexLineConfig(TOKENS, case_sensitive=False, chinese=True)
    doc = IndexJsonKeyConfig(index_all=True)
    doc.add_key("user.age", "long", doc_value=True)
    keys = {
        "method": IndexKeyConfig(TOKENS, False, "text", doc_value=True),
        "uri": IndexKeyConfig(TOKENS, False, "text", doc_value=True),
        "exact": IndexKeyConfig([], True, "text"),
        "region": IndexKeyConfig(TOKENS, False, "text"),
        "remote user": IndexKeyConfig(TOKENS, False, "text"),
        "empty": IndexKeyConfig(TOKENS, False, "text"),
        "note": IndexKeyConfig([" ", "\t", "\0"], False, "text", chinese=True),
        "status": IndexKeyConfig([], False, "long", doc_value=True),
        "time": IndexKeyConfig([], False, "double", doc_value=True),
        "doc": IndexKeyConfig(TOKENS, False, "json"),
    }
    keys["doc"].set_json_key_config(doc)
    client.create_index(PROJECT, name, IndexConfig(30, line, keys))
    raw = shared_region.raw()
    for n, (key, fields) in enumerate(LOGS.items()):
        more = {"topic": "web", "tags": {"hub": "insights"}}
        body = kit.group({**fields, "__id": key}, times=[NOW + n], **more)
        assert raw.put(name, body).status == 200
    return name


def found(client, name, query, **more):
    answer = client.get_log(PROJECT, name, NOW, NOW + 60, query=query, **more)
    return "".join(each.get_contents()["__id"] for each in answer.get_logs())


def test_a_search_finds_what_it_says(region, filled):
    client = region.sdk()
    expected = {query: "".join(sorted(ids)) for query, ids in QUERIES.items()}
    assert {query: found(client, filled, query) for query in QUERIES} == expected


def test_both_forms_histograms_and_pages_agree(region, filled):
    client = region.sdk(tls=True)
    query = "GET or POST"
    assert found(client, filled, query) == "abce"
    assert found(client, filled, query, reverse=True) == "ecba"
    assert found(client, filled, query, offset=1, size=2) == "bc"
    assert found(client, filled, query, size=-1) == "abce"
    older = region.sdk()
    older._get_logs_v2_enabled = False
    assert found(older, filled, query) == "abce"
    asked = GetHistogramsRequest(PROJECT, filled, NOW, NOW + 60, None, query)
    histograms = client.get_histograms(asked)
    assert histograms.get_total_count() == 4
    bars = [bar.get_count() for bar in histograms.get_histograms()]
    assert bars == [1, 1, 1, 0, 1] + [0] * 55


def test_meta_says_what_was_searched_for(region, filled):
    answer = region.sdk().get_log(PROJECT, filled, NOW, NOW + 60, query="method:GET status > 300")
    meta = answer.get_meta()
    assert (answer.get_count(), meta.get_has_sql(), meta.get_mode()) == (1, False, 0)
    assert meta.get_where_query() == "method:GET status > 300"
    assert [term._to_dict() for term in meta.get_terms()] == [
        {"key": "method", "term": "GET"},
        {"key": "status", "term": "300"},
    ]
    assert meta.get_elapsed_millisecond() >= 0
    assert meta.get_is_accurate()


REFUSED = {
    "method:": "QueryParseError",
    "(GET": "QueryParseError",
    "GET)": "QueryParseError",
    "GET and": "QueryParseError",
    "or GET": "operator",
    "*GET": "wildcard",
    "uri:/request/*": "wildcard",
    '"GET': "unclosed string quote",
    "method > 5": "not config as numberic column",
    "status:2*": "is no number",
    "status in [1 2": "QueryParseError",
    "status in [a b]": "a number is expected",
    "status IN [1 2]": "QueryParseError",
    "unknown:x": "key (unknown) is not config as key value config",
    "doc.nothing.deep > 3": "not config as numberic column",
    "a:b:c": "QueryParseError",
    'method:#"GET"': "outside the documented subset: phrase search",
    '#"a b"': "outside the documented subset: phrase search",
    "* | where status = '1'": "outside the documented subset: | where",
    "* | ": "outside the documented subset",
    "a|b": "invalid pipe line operator",
    "select count(*)": "sql query must follow search query",
    "sort": "operator",
    '""': "empty",
    '"/"': "delimiters",
    "x\0y": "NUL",
    " ".join(["a"] * 129): "more than 128 conditions",
    "(" * 60 + "a" + ")" * 60: "brackets",
    "status > 1e999": "out of range",
    "k" * 10_001: "bytes",
}


def test_what_is_not_understood_is_refused_clearly(region, filled):
    client = region.sdk()
    for query, message in REFUSED.items():
        with pytest.raises(LogException) as caught:
            client.get_log(PROJECT, filled, NOW, NOW + 60, query=query)
        error = caught.value
        told = (error.get_resp_status(), error.get_error_code())
        assert told == (400, "ParameterInvalid"), query
        assert message in error.get_error_message(), query


def indexed(region, kit, index):
    """A Logstore with that index and one log."""
    name = region.logstore(index=False)
    raw = region.raw()
    reply = raw.send("POST", f"/logstores/{name}/index", body=kit.json.dumps(index).encode())
    assert reply.status == 200, reply.body
    body = kit.group({"__id": "x", "One": "Alpha-Beta", "two": "alpha,beta 东京"}, times=[NOW])
    assert raw.put(name, body).status == 200
    return name


@pytest.mark.parametrize(
    ("index", "hits", "misses"),
    [
        ({"line": {"token": [","]}}, ["alpha-beta", "ALPHA", "one"], ["beta", "tw"]),
        ({"line": {"token": ["-"], "caseSensitive": True}}, ["Alpha", "One"], ["alpha", "one"]),
        ({"line": {"token": []}}, ["alpha-beta", '"alpha,beta 东京"'], ["alpha"]),
        ({"line": {"token": [","], "chn": True}}, ["东京", "京", "two"], ["北京", "bet"]),
        ({"line": {"token": [","], "include_keys": ["two"]}}, ["alpha"], ["alpha-beta"]),
        ({"line": {"token": [","], "exclude_keys": ["two"]}}, ["alpha-beta"], ["alpha"]),
        ({"keys": {"One": {"type": "text", "token": ["-"]}}}, ["beta"], ["One", "东京"]),
        (  # a field's own index counts for it, also with a full-text index
            {"line": {"token": ["-", ",", " "]}, "keys": {"One": {"type": "text", "token": []}}},
            ["alpha", "alpha-beta"],
            ["one"],
        ),
    ],
)
def test_words_are_cut_as_the_index_says(region, kit, index, hits, misses):
    name = indexed(region, kit, index)
    client = region.sdk()
    assert {query: found(client, name, query) for query in hits} == dict.fromkeys(hits, "x")
    assert {query: found(client, name, query) for query in misses} == dict.fromkeys(misses, "")


def test_without_any_text_index_a_keyword_is_refused(region, kit):
    name = indexed(region, kit, {"keys": {"One": {"type": "long"}}})
    with pytest.raises(LogException, match="no field is indexed as text"):
        found(region.sdk(), name, "alpha")
    assert found(region.sdk(), name, "*") == "x"


NO_INDEX = [
    {},
    {"line": []},
    {"keys": []},
    {"keys": {"a": {"type": "date"}}},
    {"keys": {"a": {"type": "text", "token": "x"}}},
    {"keys": {"a": {"type": "text", "token": ["xy"]}}},
    {"keys": {"a": {"type": "long", "json_keys": {"b": {"type": "text"}}}}},
    {"keys": {"a": {"type": "json", "json_keys": {"b": {"type": "json"}}}}},
    {"line": {"token": []}, "max_text_len": 0},
    {"line": {"token": [], "include_keys": "a"}},
]


def test_an_index_that_means_nothing_is_refused(region, kit):
    name, raw = region.logstore(index=False), region.raw()
    for index in NO_INDEX:
        reply = raw.send("POST", f"/logstores/{name}/index", body=kit.json.dumps(index).encode())
        assert (reply.status, reply.code) == (400, "IndexInfoInvalid"), index


def test_the_sandbox_own_logstore_knows_the_fields_that_are_written(region, kit):
    name = region.logstore()
    fields = {"event_uid": "aa.0.1.0.0/1", "event_service": "signinlogs", "category": "SignInLogs"}
    assert region.raw().put(name, kit.group({**fields, "__id": "x"}, times=[NOW])).status == 200
    client = region.sdk()
    assert found(client, name, "event_service: signinlogs and category: signinlogs") == "x"
    (row,) = client.get_log(
        PROJECT, name, NOW, NOW + 60, query="* | select event_service, count(*) as n group by 1"
    ).get_logs()
    assert row.get_contents() == {"event_service": "signinlogs", "n": "1"}
