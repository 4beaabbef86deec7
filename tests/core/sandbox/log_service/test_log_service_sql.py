"""SQL after a search, with the unchanged SDK: golden rows, by hand from Presto's rules."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from aliyun.log import LogException
from aliyun.log.index_config import IndexConfig, IndexJsonKeyConfig, IndexKeyConfig, IndexLineConfig

pytestmark = pytest.mark.slow

PROJECT = "proof"
DAY = int(time.time()) // 86400 * 86400 - 86400  # yesterday, midnight UTC
NOW = DAY + 3600
WHEN = dt.datetime.fromtimestamp(NOW, dt.UTC)
LOGS = [
    {"user": "ada", "status": "200", "cost": "1.5", "ip": "10.0.0.1", "tags": "x,y,z"},
    {"user": "ada", "status": "500", "cost": "2.5", "ip": "10.0.0.2", "tags": "x"},
    {"user": "bob", "status": "200", "cost": "oops", "ip": "10.1.0.1"},
    {"user": "Eve", "status": "404", "cost": "4", "ip": "192.168.0.1", "tags": ""},
    {"doc": '{"a":{"b":"deep","n":7,"list":["p","q"]},"k.d":"dotted"}', "user": "ada"},
    {
        "doc": "no JSON",
        "url": "https://me@ex.org:8080/p/q?x=1&y=2#top",
        "long": "é" * 3000,
        "Odd name": "o",
    },
]
GOLDEN = {
    # whole queries
    "count(*) as n": [{"n": "6"}],
    "count(*)": [{"_col0": "6"}],
    "user, count(*) as n from log group by user order by n desc, user limit 2": [
        {"user": "ada", "n": "3"},
        {"user": "Eve", "n": "1"},
    ],
    "user, status where status >= 400 order by status": [
        {"user": "Eve", "status": "404"},
        {"user": "ada", "status": "500"},
    ],
    "distinct user where user is not null order by user": [
        {"user": "Eve"},
        {"user": "ada"},
        {"user": "bob"},
    ],
    "user order by status desc, user limit 1,2": [{"user": "Eve"}, {"user": "ada"}],
    "count(*) as n from (select user from log group by user)": [{"n": "4"}],
    "a.user, b.ip from log a join log b on a.user = b.user where a.status = 500 and b.status = 200":
        [{"user": "ada", "ip": "10.0.0.1"}],
    "user from log where status in (select max(status) from log)": [{"user": "ada"}],
    "user, rn from (select user, row_number() over (partition by user order by status) as rn "
    "from log where status is not null) where rn = 2": [{"user": "ada", "rn": "2"}],
    "status, sum(cost) as s group by status having sum(cost) > 2 order by 1": [
        {"status": "404", "s": "4.0"},
        {"status": "500", "s": "2.5"},
    ],
    "t.tag, count(*) as n from log cross join unnest(split(tags, ',')) as t(tag) "
    "where tags <> '' group by t.tag order by n desc, tag": [
        {"tag": "x", "n": "2"},
        {"tag": "y", "n": "1"},
        {"tag": "z", "n": "1"},
    ],
    # text
    "lower(user) as l, upper(user) as u, length(user) as n where status = 404": [
        {"l": "eve", "u": "EVE", "n": "3"}
    ],
    "count_if(user like 'a%') as a, count_if(user like 'E_e') as b, "
    "count_if(lower(user) like '%!_%' escape '!') as c": [{"a": "3", "b": "1", "c": "0"}],
    "split_part(ip, '.', 4) as a, split_part(ip, '.', 9) as b, substr(ip, 1, 2) as c, "
    "strpos(ip, '.') as d, concat(user, '@', ip) as e, replace(ip, '.', '-') as f "
    "where status = 500": [
        {"a": "2", "b": "null", "c": "10", "d": "3", "e": "ada@10.0.0.2", "f": "10-0-0-2"}
    ],
    r"regexp_extract(ip, '(\d+)\.(\d+)', 2) as a, regexp_extract(ip, 'x') as b, "
    r"regexp_like(ip, '^192') as c, regexp_replace(ip, '(\d+)\.', '<$1>') as d, "
    r"regexp_replace(ip, '\.') as e where status = 404": [
        {"a": "168", "b": "null", "c": "true", "d": "<192><168><0>1", "e": "19216801"}
    ],
    # numbers
    "5/2 as a, 5.0/2 as b, -5/2 as c, 7%4 as d, sum(status)/count(status) as e, "
    "sum(cost)/2 as f, cast(5 as double)/2 as g from log": [
        {"a": "2", "b": "2.5", "c": "-2", "d": "3", "e": "326", "f": "4.0", "g": "2.5"}
    ],
    "avg(cost) as a, min(cost) as b, max(status) as c, count(cost) as n, count(distinct ip) as d": [
        {"a": "2.6666666666666665", "b": "1.5", "c": "500", "n": "3", "d": "4"}
    ],
    "round(2.5) as a, floor(2.7) as b, ceil(2.1) as c, abs(-3) as d, mod(7, 3) as e, "
    "power(2, 3) as f, sqrt(16.0) as g from log limit 1": [
        {"a": "3", "b": "2", "c": "3", "d": "3", "e": "1", "f": "8.0", "g": "4.0"}
    ],
    "approx_distinct(user) as a, max_by(user, status) as b, arbitrary(user) as c "
    "where user = 'ada'": [{"a": "1", "b": "ada", "c": "ada"}],
    # conditions
    "case when status >= 500 then 'bad' when status >= 400 then 'poor' else 'fine' end as v, "
    "count(*) as n where status is not null group by 1 order by 1": [
        {"v": "bad", "n": "1"},
        {"v": "fine", "n": "2"},
        {"v": "poor", "n": "1"},
    ],
    "coalesce(ip, 'none') as a, if(status = 200, 'y', 'n') as b, nullif(user, 'ada') as c, "
    "try_cast(tags as bigint) as d, try(cast(tags as bigint)) as e, cast(status as varchar) as f "
    "where status = 500": [
        {"a": "10.0.0.2", "b": "n", "c": "null", "d": "null", "e": "null", "f": "500"}
    ],
    "count_if(not user = 'ada') as a, count_if(not coalesce(user = 'ada', false)) as b": [
        {"a": "2", "b": "3"}
    ],
    # JSON
    "json_extract_scalar(doc, '$.a.b') as a, json_extract_scalar(doc, '$[\"k.d\"]') as b, "
    "json_extract_scalar(doc, '$.a') as c, json_extract_scalar(doc, '$.a.list[1]') as d, "
    "json_extract(doc, '$.a.list') as e, json_size(doc, '$.a') as f, "
    "json_array_length(json_extract(doc, '$.a.list')) as g, "
    "json_array_contains(json_extract(doc, '$.a.list'), 'q') as h where user = 'ada' and "
    "status is null": [
        {"a": "deep", "b": "dotted", "c": "null", "d": "q", "e": '["p","q"]', "f": "3", "g": "2",
         "h": "true"}
    ],
    "json_extract_scalar(doc, '$.a.b') as a, json_extract(doc, '$.a') as b, "
    "json_array_length(doc) as c where url is not null": [{"a": "null", "b": "null", "c": "null"}],
    "any_match(cast(json_extract(doc, '$.a.list') as array(varchar)), x -> x = 'q') as a, "
    "all_match(cast(json_extract(doc, '$.a.list') as array(varchar)), x -> x = 'q') as b, "
    "array_join(transform(filter(split('a,b,c', ','), x -> x <> 'b'), x -> upper(x)), '+') as c, "
    "cardinality(split('a,b', ',')) as d, contains(split('a,b', ','), 'b') as e, "
    "element_at(split('a,b', ','), 2) as f, split('a,b', ',') as g "
    "where user = 'ada' and status is null": [
        {"a": "true", "b": "false", "c": "A+C", "d": "2", "e": "true", "f": "b", "g": '["a","b"]'}
    ],
    '"doc.a.n" as n, "doc.a.n" + 1 as m where "doc.a.n" > 6': [{"n": "7", "m": "8"}],
    # addresses
    "url_extract_protocol(url) as a, url_extract_host(url) as b, url_extract_port(url) as c, "
    "url_extract_path(url) as d, url_extract_query(url) as e, url_extract_fragment(url) as f "
    "where url is not null": [
        {"a": "https", "b": "ex.org", "c": "8080", "d": "/p/q", "e": "x=1&y=2", "f": "top"}
    ],
    # hashes
    "to_hex(md5(to_utf8('abc'))) as a, to_hex(sha256(to_utf8('abc'))) as b from log limit 1": [
        {
            "a": "900150983CD24FB0D6963F7D28E17F72",
            "b": "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        }
    ],
    # times
    "date_trunc('hour', __time__) as h, count(*) as n group by h": [
        {"h": f"{WHEN:%Y-%m-%d} 01:00:00.000", "n": "6"}
    ],
    "__time__ - __time__ % 3600 as h, count(*) as n group by h": [{"h": str(NOW), "n": "6"}],
    "date_format(__time__, '%Y/%m/%d %H:%i:%s') as a, date_format(from_unixtime(__time__), '%d') "
    "as b, hour(__time__) as c where status = 500": [
        {"a": f"{WHEN:%Y/%m/%d} 01:00:01", "b": f"{WHEN:%d}", "c": "1"}
    ],
    "to_unixtime(date_parse('2025-05-28 22:07:54', '%Y-%m-%d %H:%i:%s')) as a, "
    "date_diff('hour', date_parse('00:30', '%H:%i'), date_parse('01:10', '%H:%i')) as b, "
    "date_diff('minute', from_unixtime(0), from_unixtime(3599)) as c, "
    "date_add('day', -1, from_unixtime(86400)) as d, "
    "from_unixtime(0) + interval '5' minute as e, "
    "date_trunc('day', cast('2025-05-28 22:07:54' as timestamp)) as f from log limit 1": [
        {
            "a": "1748470074.0",
            "b": "0",
            "c": "59",
            "d": "1970-01-01 00:00:00.000",
            "e": "1970-01-01 00:05:00.000",
            "f": "2025-05-28 00:00:00.000",
        }
    ],
    "count_if(__time__ > to_unixtime(current_timestamp) - 3*86400) as a, "
    "count_if(from_unixtime(__time__) < now()) as b": [{"a": "6", "b": "6"}],
    # reserved fields and what is cut
    '"__tag__:hub" as hub, __topic__ as t, __source__ as s, count(*) as n group by 1, 2, 3': [
        {"hub": "insights", "t": "web", "s": "10.0.0.9", "n": "6"}
    ],
    "length(long) as n where long is not null": [{"n": "2048"}],
    "odd where odd is not null": [{"odd": "o"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(shared_region, kit):
    name = shared_region.logstore(index=False)
    tokens = [",", " ", "."]
    doc = IndexJsonKeyConfig(index_all=True)
    doc.add_key("a.n", "long", doc_value=True)
    keys = {
        key: IndexKeyConfig(tokens, False, kind, doc_value=True)
        for key, kind in {
            **dict.fromkeys(("user", "ip", "tags", "url", "long"), "text"),
            "status": "long",
            "cost": "double",
            "doc": "json",
        }.items()
    }
    keys["doc"].set_json_key_config(doc)
    keys["Odd name"] = IndexKeyConfig(tokens, False, "text", doc_value=True, alias="odd")
    keys["hidden"] = IndexKeyConfig(tokens, False, "text", doc_value=False)
    client = shared_region.sdk(tls=True)
    client.create_index(PROJECT, name, IndexConfig(30, IndexLineConfig(tokens), keys))
    raw = shared_region.raw()
    for n, fields in enumerate(LOGS):
        fields = {**fields, "hidden": "h"}
        more = {"topic": "web", "tags": {"hub": "insights"}}
        assert raw.put(name, kit.group(fields, times=[NOW + n], **more)).status == 200
    return name


def rows_of(client, name, query, **more):
    answer = client.get_log(PROJECT, name, NOW, NOW + 60, query=query, **more)
    return [each.get_contents() for each in answer.get_logs()]


def test_golden_rows(region, filled):
    client = region.sdk()
    for select, rows in GOLDEN.items():
        assert rows_of(client, filled, f"* | select {select}") == rows, select


def test_sql_sees_what_the_search_found(region, filled):
    client = region.sdk(tls=True)
    select = "| select count(*) as n, count(distinct user) as u"
    assert rows_of(client, filled, f"user:ada {select}") == [{"n": "3", "u": "1"}]
    assert rows_of(client, filled, f"status >= 400 {select}") == [{"n": "2", "u": "2"}]
    assert rows_of(client, filled, f'"10" or "|" {select}') == [{"n": "3", "u": "2"}]
    assert rows_of(client, filled, f"nothing {select}") == [{"n": "0", "u": "0"}]
    assert rows_of(client, filled, f"* {select}", topic="other") == [{"n": "0", "u": "0"}]


def test_the_logstore_may_be_named(region, filled):
    query = f'* | select count(*) as n from "{filled}" as mine where mine.status = 200'
    assert rows_of(region.sdk(), filled, query) == [{"n": "2"}]


def test_named_subqueries(region, filled):
    query = "* | with bad as (select user from log where status >= 400) select count(*) n from bad"
    assert rows_of(region.sdk(), filled, query) == [{"n": "2"}]


def test_meta_says_what_was_run(region, filled):
    client = region.sdk()
    sql = "select user, count(*) as n, avg(cost) as c group by user"
    answer = client.get_log(PROJECT, filled, NOW, NOW + 60, query=f"user:ada | {sql}")
    meta = answer.get_meta()
    assert (answer.get_count(), answer.get_processed_rows(), answer.get_has_sql()) == (1, 3, True)
    assert (answer.get_where_query(), answer.get_agg_query()) == ("user:ada", sql)
    assert (meta.get_keys(), meta.get_column_types()) == (
        ["user", "n", "c"],
        ["varchar", "long", "double"],
    )
    assert [term._to_dict() for term in meta.get_terms()] == [{"key": "user", "term": "ada"}]
    assert meta.get_limited() == 100
    assert meta.is_completed()
    limited = client.get_log(PROJECT, filled, NOW, NOW + 60, query=f"* | {sql} limit 5")
    assert limited.get_meta().get_limited() is None
    older = region.sdk()
    older._get_logs_v2_enabled = False
    found = older.get_log(PROJECT, filled, NOW, NOW + 60, query=f"user:ada | {sql}")
    assert (found.get_has_sql(), found.get_agg_query()) == (True, sql)
    assert found.get_logs()[0].get_contents()["n"] == "3"


def test_a_hundred_rows_unless_more_are_asked_for(region, kit):
    name = region.logstore()
    logs = [{"category": str(n)} for n in range(250)]
    assert region.raw().put(name, kit.group(*logs, times=[NOW] * 250)).status == 200
    client = region.sdk()
    assert len(rows_of(client, name, "* | select category from log")) == 100
    assert len(rows_of(client, name, "* | select category from log limit 1000")) == 250
    query = "* | select category, count(*) as n group by category order by cast(category as bigint)"
    assert [row["category"] for row in rows_of(client, name, query)] == [str(n) for n in range(100)]


def test_scan_mode_needs_no_index_of_the_field_and_sees_text(region, filled):
    client = region.sdk()
    query = (
        "* | set session mode=scan; select hidden, count(*) as n where status = '200' group by 1"
    )
    answer = client.get_log(PROJECT, filled, NOW, NOW + 60, query=query)
    assert [row.get_contents() for row in answer.get_logs()] == [{"hidden": "h", "n": "2"}]
    assert answer.get_query_mode() is answer.QueryMode.SCAN_SQL
    number = "* | set session mode=scan; select sum(cast(status as bigint)) as s from log"
    assert rows_of(client, filled, number) == [{"s": "1304"}]
    by_parameter = rows_of(client, filled, "* | select max(hidden) as h from log", scan=True)
    assert by_parameter == [{"h": "h"}]
    (everything,) = rows_of(
        client, filled, "* | set session mode=scan; select * from log where status = '500'"
    )
    assert everything["hidden"] == "h"
    assert everything["cost"] == "2.5"
    assert everything["url"] == "null"
    assert everything["__tag__:hub"] == "insights"


REFUSED = {
    "select nosuch": "Column 'nosuch' cannot be resolved;please add the column in the index",
    "select hidden": "Column 'hidden' cannot be resolved",
    'select count(*) where user = "ada"': "write it in single quotes: 'ada'",
    "select user, status group by user": "Column 'status' not in GROUP BY clause",
    "select count(*) where user = 1": "column user is varchar and cannot be compared",
    "select count(*) where user in (1, 2)": "cannot be compared with a number",
    "set session mode=scan; select count(*) where 400 < status": "write cast(status as bigint)",
    "select from where": "line 1:",
    "select count(": "line 1:",
    "select 'open": "",
    "select 1; select 2": "one SELECT statement",
    "select count(*) offset 5": "OFFSET",
    "select user limit 1000001": "LIMIT",
    "select user limit user": "LIMIT",
    "select count(*) from (select 1)": "please specify FROM LOGSTORE in the innermost sql",
    "select a from (select status as a from log limit 1, 2)": "LIMIT a,b in a subquery",
    "select user, user": "same name",
    "select count(*) from other": "logstore other does not exist",
    "select * from information_schema.tables": "table information_schema.tables",
    'select * from "/etc/passwd"': "does not exist",
    "select * from '/etc/passwd'": "",
    "select * from read_csv('/etc/passwd')": "outside the documented subset: ",
    "select read_text('/etc/passwd')": "outside the documented subset: READ_TEXT",
    "select getenv('HOME')": "outside the documented subset: GETENV",
    "select current_setting('memory_limit')": "outside the documented subset: CURRENT_SETTING",
    "select ip_to_province(ip)": "outside the documented subset: IP_TO_PROVINCE",
    "select map_agg(user, ip)": "outside the documented subset: MAP_AGG",
    "select histogram(user)": "outside the documented subset: HISTOGRAM",
    "select json_extract(doc, '$.a.*')": "outside the documented subset: JSONPATHWILDCARD",
    "select json_extract(doc, user)": "outside the documented subset: a JSON path",
    "select from_unixtime(0, 'Asia/Shanghai')": "from_unixtime with a time zone",
    "select split(ip, '.', 2)": "split with a limit",
    "select split_part(ip, '.')": "split_part without a number",
    "select any_match(ip)": "any_match without an array and a lambda",
    "select all_match(split(ip, '.'), 1)": "all_match without an array and a lambda",
    "select cast(user as timestamp with time zone)": "type TIMESTAMPTZ",
    "select regexp_extract(ip, '(?=x)')": "invalid perl operator",
    "select 1/0": "ivision by zero",
    "select user from log tablesample bernoulli (5)": "TABLESAMPLE",
    "with recursive a as (select 1 as x from log) select x from a": "RECURSIVE",
    "with log as (select 1 as x from log) select x from log": "Logstore's name",
    "select ?": "outside the documented subset",
    "select user from log group by rollup(user)": "ROLLUP",
    "select " + "(" * 3000 + "1" + ")" * 3000: "too deeply",
    "select '" + "x" * 20_001 + "'": "over 20000 characters",
    "set session mode=fast; select 1": "set session mode=fast",
    "set session hash=1; select 1": "set session hash=1",
    "insert into log values (1)": "invalid pipe line operator",
    "drop table logs_1": "invalid pipe line operator",
}


def test_what_is_outside_is_refused_by_name(region, filled):
    client = region.sdk()
    for sql, message in REFUSED.items():
        with pytest.raises(LogException) as caught:
            client.get_log(PROJECT, filled, NOW, NOW + 60, query=f"* | {sql}")
        error = caught.value
        told = (error.get_resp_status(), error.get_error_code())
        assert told == (400, "ParameterInvalid"), sql
        assert message.lower() in error.get_error_message().lower(), sql
        assert "/search.duckdb" not in error.get_error_message()
    assert len(rows_of(client, filled, "* | select 1 as x")) == 6  # nothing is broken by them


def test_a_logstore_without_an_index_has_no_sql(region):
    name = region.logstore(index=False)
    with pytest.raises(LogException) as caught:
        rows_of(region.sdk(), name, "* | select count(*)")
    assert caught.value.get_error_code() == "IndexConfigNotExist"
