"""Scan mode and the forms that detection rules are written in, with the unchanged SDK.

Expectations by hand from Presto's rules; the forms are those of Alibaba Cloud's "Custom detection
rules: SQL syntax best practices" and of the CreateDetectionRule example.
"""

from __future__ import annotations

import time

import pytest
from aliyun.log import LogException

PROJECT = "proof"
NOW = int(time.time())
LOGS = [
    {"schema": "LOGON", "user": "ada", "ip": "10.0.0.1", "result": "fail", "start_time": NOW - 300},
    {"schema": "LOGON", "user": "bob", "ip": "10.0.0.1", "result": "fail", "start_time": NOW - 200},
    {"schema": "LOGON", "user": "eve", "ip": "10.0.0.1", "result": "ok", "start_time": NOW - 100},
    {"schema": "LOGON", "user": "ada", "ip": "10.0.0.9", "result": "ok", "start_time": NOW - 7200},
    {"schema": "PROCESS", "proc_path": "/usr/bin/groups", "start_time": NOW - 50},
    {"records": '[{"n":1},{"n":2}]', "start_time": NOW - 10},
]
RECENT = "cast(to_unixtime(current_timestamp) as bigint) - 20 * 60"
DORMANT = f"""
select a.user, a.ip from
  (select user, ip from log where cast(start_time as bigint) >= {RECENT} and user is not null) a
  left join
  (select user from log where cast(start_time as bigint) < {RECENT} group by user) b
  on a.user = b.user
where b.user is null order by a.user
"""
SPRAY = """
with failed as (
  select ip, user, cast(start_time as bigint) as t from log where schema = 'LOGON'
  and result = 'fail')
select ip, count(distinct user) as users, max(t) - min(t) as seconds,
  array_join(array_agg(distinct user order by user), ',') as names
from failed group by ip having count(distinct user) >= 2
"""
SLIDING = """
select user, value from (
  select user, count(*) over (partition by ip order by cast(start_time as bigint)
  range between 150 preceding and current row) as value from log where schema = 'LOGON')
where value >= 2 order by user
"""
TRAVEL = """
select user, ip, before from (
  select user, ip, lag(ip) over (partition by user order by cast(start_time as bigint)) as before
  from log where schema = 'LOGON')
where before <> ip
"""
GOLDEN = {
    "SELECT proc_path FROM log WHERE schema = 'PROCESS' AND (proc_path LIKE '%/groups' "
    "OR (proc_path LIKE '%/cat' AND cmdline LIKE '%/etc/group%'))": [
        {"proc_path": "/usr/bin/groups"}
    ],
    DORMANT: [{"user": "bob", "ip": "10.0.0.1"}, {"user": "eve", "ip": "10.0.0.1"}],
    SPRAY: [{"ip": "10.0.0.1", "users": "2", "seconds": "100", "names": "ada,bob"}],
    SLIDING: [{"user": "bob", "value": "2"}, {"user": "eve", "value": "2"}],
    TRAVEL: [{"user": "ada", "ip": "10.0.0.1", "before": "10.0.0.9"}],
    "select json_extract_scalar(rec, '$.n') as n from log "
    "cross join unnest(cast(json_extract(records, '$') as array(json))) as t(rec) order by 1": [
        {"n": "1"},
        {"n": "2"},
    ],
    "select user from log where not coalesce((result = 'ok'), false) and user is not null "
    "order by user": [{"user": "ada"}, {"user": "bob"}],
    "select ip, count(distinct r) as n from (select ip, 'a' as r from log where result = 'fail' "
    "union all select ip, 'b' as r from log where result = 'ok') group by ip order by ip": [
        {"ip": "10.0.0.1", "n": "2"},
        {"ip": "10.0.0.9", "n": "1"},
    ],
    # Every field is a text, also one that looks like a number.
    "select max(start_time) as m from log where start_time > '0'": [{"m": str(NOW - 10)}],
    "select max_by(user, cast(start_time as bigint)) as u from log where user is not null": [
        {"u": "eve"}
    ],
    "select date_diff('second', from_unixtime(min(cast(start_time as bigint))), "
    "from_unixtime(max(cast(start_time as bigint)))) as d from log": [{"d": "7190"}],
    "select user, date_diff('second', lag(from_unixtime(cast(start_time as bigint))) over "
    "(partition by user order by cast(start_time as bigint)), "
    "from_unixtime(cast(start_time as bigint))) as d from log where user = 'ada' order by d": [
        {"user": "ada", "d": "6900"},
        {"user": "ada", "d": "null"},
    ],
    # Nothing says which fields there are: one that no log has is NULL (SLS-30).
    "select nowhere, lower(t.elsewhere) as e from log t where schema = 'PROCESS'": [
        {"nowhere": "null", "e": "null"}
    ],
    "select round(degrees(acos(cos(radians(60.0)))), 3) as d from log limit 1": [{"d": "60.0"}],
}


@pytest.fixture(scope="module", params=[False, True], ids=["no index", "index"])
def filled(request, shared_region, kit):
    name = shared_region.logstore(index=request.param)
    raw = shared_region.raw()
    for log in LOGS:
        body = kit.group({key: str(each) for key, each in log.items()}, times=[NOW])
        assert raw.put(name, body).status == 200
    return name


def ask(client, name, sql, search="*"):
    query = f"{search}|set session mode=scan;{sql}"
    rows = client.get_log(PROJECT, name, NOW - 60, NOW + 60, query=query).get_logs()
    found = [dict(row.contents) for row in rows]
    return [{key: row[key] for key in row if not key.startswith("__")} for row in found]


@pytest.mark.slow
def test_golden_rows_of_a_scan(region, filled):
    client = region.sdk()
    for sql, rows in GOLDEN.items():
        assert ask(client, filled, sql) == rows, sql


@pytest.mark.slow
def test_select_star_has_every_field(region, filled):
    client = region.sdk()
    rows = ask(client, filled, "SELECT * FROM log WHERE schema = 'PROCESS'")
    assert len(rows) == 1
    assert rows[0]["proc_path"] == "/usr/bin/groups"
    assert rows[0]["user"] == rows[0]["records"] == "null"


def refused(client, name, sql, search="*"):
    with pytest.raises(LogException) as caught:
        ask(client, name, sql, search)
    return caught.value.get_error_code(), caught.value.get_error_message()


def test_a_string_in_double_quotes_is_refused_with_a_hint(region, kit):
    name = region.logstore(index=False)
    assert region.raw().put(name, kit.group({"schema": "LOGON"}, times=[NOW])).status == 200
    client = region.sdk()
    for sql, meant in (
        ('SELECT * FROM log WHERE schema = "LOGON"', "LOGON"),
        ('SELECT schema FROM log WHERE proc_path LIKE "%/groups"', "%/groups"),
    ):
        code, text = refused(client, name, sql)
        assert code == "ParameterInvalid"
        assert f"if a string is meant, write it in single quotes: '{meant}'" in text
    assert ask(client, name, 'SELECT "schema" FROM log') == [{"schema": "LOGON"}]


@pytest.mark.slow
def test_without_an_index_only_a_scan_of_everything_is_answered(region, kit):
    name = region.logstore(index=False)
    assert region.raw().put(name, kit.group({"a": "b"}, times=[NOW])).status == 200
    client = region.sdk()
    assert ask(client, name, "select count(*) as n from log") == [{"n": "1"}]
    assert refused(client, name, "select a from log", search="b")[0] == "IndexConfigNotExist"
    for query in ("*", "* | select count(*) as n from log"):
        with pytest.raises(LogException) as caught:
            client.get_log(PROJECT, name, NOW - 60, NOW + 60, query=query)
        assert caught.value.get_error_code() == "IndexConfigNotExist"


@pytest.mark.slow
def test_columns_of_a_scan_are_there_before_the_first_log(region):
    client = region.sdk()
    for index in (True, False):
        name = region.logstore(index=index)
        assert ask(client, name, "select event_uid, nowhere from log") == []


@pytest.mark.slow
def test_what_a_scan_refuses(region, filled):
    client = region.sdk()
    for sql, message in {
        "select a.nowhere from (select user from log) a": "nowhere",
        "select user from log group by ip": "not in GROUP BY clause",
        "select user from log where start_time > 5": "cannot be compared with a number",
        "select user from elsewhere": "logstore elsewhere does not exist",
    }.items():
        code, text = refused(client, filled, sql)
        assert (code, message in text) == ("ParameterInvalid", True), (sql, text)
