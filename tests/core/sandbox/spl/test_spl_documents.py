"""What documents of Log Service say that a script does; each test names its document.

Rows are made up for the test, of the same form as the document's. Expectations are written by
hand from the document, not from what this implementation gave.
"""

from __future__ import annotations

import json

import pytest

from core.sandbox.spl import Scene


def test_parse_json_takes_the_first_level(spl):
    """Document "Parse and update JSON data": nested values stay JSON text, the source stays."""
    row = {"data": '{"site": "east", "port": {"id": "7", "open": true}}'}
    assert spl("* | parse-json data", row) == [
        {**row, "site": "east", "port": '{"id":"7","open":true}'}
    ]


def test_two_levels_of_json(spl):
    """Document "Parse and update JSON data", example of full expansion."""
    script = """* | parse-json data
      | extend
          inner = json_extract_scalar(port, '$.inner'),
          outer = json_extract_scalar(port, '$.outer')
      | project site, inner, outer"""
    row = {"data": '{"site": "east", "port": {"inner": "i", "outer": "o"}}'}
    assert spl(script, row) == [{"site": "east", "inner": "i", "outer": "o"}]


def test_scalars_and_objects_by_path(spl):
    """Document "Parse and update JSON data": json_extract_scalar and json_extract by path."""
    row = {"data": '{"box": {"size": "xl"}, "people": [{"name": "Ada"}, {"name": "Bob"}]}'}
    found = spl(
        "* | extend name = json_extract_scalar(data, '$.people[0].name'), "
        "size = json_extract_scalar(data, '$.box.size'), box = json_extract(data, '$.box') "
        "| project-away data",
        row,
    )
    assert found == [{"name": "Ada", "size": "xl", "box": '{"size":"xl"}'}]


def test_a_quote_in_a_string_is_doubled(spl):
    """Document "Processing specific text formats": replace(content, '''', chr(34))."""
    script = "* | extend good = replace(content, '''', chr(34)) | parse-json good"
    row = {"content": "{'status': 404, 'deep-1': {'key': 'v'}}"}
    assert spl(script, row) == [
        {
            **row,
            "good": '{"status": 404, "deep-1": {"key": "v"}}',
            "status": "404",
            "deep-1": '{"key":"v"}',
        }
    ]


@pytest.mark.parametrize("script", ["* | parse-kv query,'&','='", "* | parse-kv -delims='&' query"])
def test_parse_kv_takes_pairs(spl, script):
    """Documents "Extract dynamic key-value pairs from strings" and SPL demo "get_keyword"."""
    row = {"query": "q=asd&a=1&__1__=3"}
    assert spl(script, row) == [{**row, "q": "asd", "a": "1", "__1__": "3"}]


def test_parse_kv_leaves_out_what_is_no_pair(spl):
    """Document "Extract dynamic key-value pairs", value extraction: quotes stay, prose goes."""
    row = {"content": 'a="hi",some words, b="there"'}
    assert spl("* | parse-kv content,',','='", row) == [{**row, "a": '"hi"', "b": '"there"'}]


def test_parse_kv_with_spaces_as_delimiters(spl):
    """SPL demo "value_process": -delims is a set in which \\s is any space; -kv-sep."""
    row = {"content": r'a:"v1\"x", b:"v2",c:"v3"'}
    assert spl(r"* | parse-kv -delims=',\s' -kv-sep=':' content", row) == [
        {**row, "a": r'"v1\"x"', "b": '"v2"', "c": '"v3"'}
    ]


def test_parse_kv_prefix(spl):
    """Document "Extract dynamic key-value pairs", keyword transformation."""
    assert spl("* | parse-kv -prefix='start_' k,'&','='", {"k": "q=x&a=1"}) == [
        {"k": "q=x&a=1", "start_q": "x", "start_a": "1"}
    ]


def test_parse_regexp_finds_anywhere_and_one_after_the_other(spl):
    """Document "Instructions for extracting semi-structured data", example 1."""
    script = r"""*
        | parse-regexp content, '(\S+)' as ip -- the address
        | parse-regexp content, '\S+\s+(\w+)' as method"""
    row = {"content": "192.0.2.7 POST /a.html 15824 0.043"}
    assert spl(script, row) == [{**row, "ip": "192.0.2.7", "method": "POST"}]


def test_parse_regexp_may_overwrite_what_it_reads(spl):
    """SPL demo "normal_csv_format_log": request is cut out of request."""
    script = (
        r"* | parse-regexp request, '(\S+)' as method "
        r"| parse-regexp request, '\S+\s+\S+\s+(\S+)' as version "
        r"| parse-regexp request, '\S+\s+(\S+)' as request"
    )
    assert spl(script, {"request": "GET /x.css HTTP/1.1"}) == [
        {"request": "/x.css", "method": "GET", "version": "HTTP/1.1"}
    ]


def test_parse_regexp_with_brackets(spl):
    """SPL demo "parse_no_nginx_log": several groups between brackets."""
    script = r"*| parse-regexp message, '\[([^[\]]+)\]\s+\[([^[\]]+)\]' as Time,Level"
    row = {"message": "[2026-01-02 03:04:05.678]\t[info]\t[[] rest]"}
    assert spl(script, row) == [{**row, "Time": "2026-01-02 03:04:05.678", "Level": "info"}]


def test_parse_csv_by_pipes(spl):
    """SPL demo "normal_csv_format_log": -delim='|', the source removed afterwards."""
    script = (
        "* | where kind='access' | parse-csv -delim='|' content as address,time,request,agent "
        "| project-away content"
    )
    rows = (
        {"kind": "access", "content": "192.0.2.1|10/Jun/2019|GET /a|Agent (x; y)"},
        {"kind": "other", "content": "a|b"},
    )
    assert spl(script, *rows) == [
        {
            "kind": "access",
            "address": "192.0.2.1",
            "time": "10/Jun/2019",
            "request": "GET /a",
            "agent": "Agent (x; y)",
        }
    ]


def test_parse_csv_with_a_quote(spl):
    """SPL demo "abnormal_csv_format_log": -quote protects the delimiter, over two lines."""
    script = """* | extend content=replace(content,'/?a=5|8|','"/?a=5|8|"')
        | parse-csv -delim='|'
        -quote='"' content as first,path,last"""
    assert spl(script, {"content": "x|/?a=5|8||y"})[0]["path"] == "/?a=5|8|"


def test_pack_fields_packs_names_that_fit_as_a_whole(spl):
    """Document "Instructions for data transformation (new version)", examples 1 to 4."""
    row = {"odd@#": "1", "one": "2", "two": "3", "__time__": 5}
    (kept,) = spl(r"* | pack-fields -keep -include='\w+' as all", row)
    assert json.loads(kept.pop("all")) == {"one": "2", "two": "3"}
    assert kept == row
    (gone,) = spl(r"* | pack-fields -include='\w+' as all", row)
    assert json.loads(gone.pop("all")) == {"one": "2", "two": "3"}
    assert gone == {"odd@#": "1", "__time__": 5}
    (excluded,) = spl(r"* | pack-fields -exclude='\w+' as rest", row)
    assert json.loads(excluded["rest"]) == {"odd@#": "1"}


def test_pack_fields_of_security_center(spl):
    """Document "CreateNormalizationRule": -include='[\\s\\S]+'; in scan mode as well."""
    script = r"* | pack-fields -include='[\s\S]+' as extend_content"
    (row,) = spl(script, {"a\nb": "1", "__time__": 7}, scene=Scene.SIEM_SCAN)
    assert json.loads(row["extend_content"]) == {"a\nb": "1"}
    assert row["__time__"] == 7


def test_project_and_rename(spl):
    """Document "Scenario comparison between SPL and SQL" and SPL demo "delete_rename_fields"."""
    row = {"__tag__:node": "n", "__tag__:zone": "z", "path": "/p", "other": "o"}
    assert spl('* | project node="__tag__:node", path', row) == [{"node": "n", "path": "/p"}]
    assert spl('* | project -wildcard "__tag__:*"', row) == [
        {"__tag__:node": "n", "__tag__:zone": "z"}
    ]
    assert spl('* | project-away -wildcard "__tag__:*"', row) == [{"path": "/p", "other": "o"}]
    assert spl('* | project-rename node="__tag__:node"', row) == [
        {"__tag__:zone": "z", "path": "/p", "other": "o", "node": "n"}
    ]


def test_filters(spl):
    """Document "Syntax comparison for upgrades": text, number and pattern."""
    rows = (
        {"level": "ERROR", "status": "404"},
        {"level": "INFO", "status": "200"},
        {"level": "MY_ERROR_2", "status": "399"},
    )
    assert spl("* | where level='ERROR'", *rows) == [rows[0]]
    assert spl("* | where cast(status as bigint)>=400", *rows) == [rows[0]]
    assert spl("* | where level like '%ERROR%'", *rows) == [rows[0], rows[2]]


def test_a_field_that_no_row_has_is_null(spl):
    """SPL demo "set_default_values_to_log": coalesce of a missing field gives the default."""
    script = "* | extend x=COALESCE(nowhere, '200') | extend y=COALESCE(protocol, '200')"
    assert spl(script, {"protocol": "100"}) == [{"protocol": "100", "x": "200", "y": "100"}]


def test_numbers_and_text(spl):
    """SPL demo "conversion_log_parameter_types": sums of casts, concat of texts."""
    script = "* | extend a=cast(x as bigint) + cast(y as bigint)| extend b=concat(x, y)"
    assert spl(script, {"x": "120", "y": "80"}) == [
        {"x": "120", "y": "80", "a": "200", "b": "12080"}
    ]


def test_timestamps_are_utc_and_have_milliseconds(spl):
    """SPL demos "conversion_log_parameter_types" (1600333200.0) and "parse_fields" (.000)."""
    script = (
        "* | extend t=cast(t as TIMESTAMP) | extend unix=to_unixtime(t) "
        "| extend local=from_unixtime(cast(__time__ as DOUBLE) + 28800) | project unix, local"
    )
    assert spl(script, {"t": "2020-09-17 9:00:00", "__time__": 1731392376}) == [
        {"unix": "1600333200.0", "local": "2024-11-12 14:19:36.000", "__time__": 1731392376}
    ]


def test_the_time_of_a_log_is_rounded_to_seconds(spl):
    """SPL demo "parse_fields", scene 4: .800 goes up, eight hours come off."""
    script = "* | extend __time__ = cast(to_unixtime(cast(time as TIMESTAMP)) as bigint)- 28800"
    (row,) = spl(script, {"time": "2024-03-13 16:44:58.800", "__time__": 1710319498})
    assert row["__time__"] == 1710319499


def test_the_time_of_a_log_from_milliseconds(spl):
    """SPL demo "parse_fields", scene 1: integers divide as integers."""
    script = '* | extend "__time__" = cast(ts as bigint)/1000'
    assert spl(script, {"ts": "1720680315491"})[0]["__time__"] == 1720680315


def test_date_format_and_date_parse(spl):
    """SPL demo "date_time_object_to_date_time_str"."""
    script = (
        "* | extend a=date_format(cast(t as TIMESTAMP), '%H:%i:%s') "
        "| extend b=date_parse(t2, '%Y-%m-%d %H:%i:%s') | project a, b"
    )
    row = {"t": "2023-09-21 10:59:37.055", "t2": "2022-10-19 15:46:05"}
    assert spl(script, row) == [{"a": "10:59:37", "b": "2022-10-19 15:46:05.000"}]


def test_the_epoch_of_a_text_without_a_zone(spl):
    """Reference "SLS SPL" 1.7: 1748441274 and 500 ms, whatever the engine's zone is."""
    script = """* | extend
        s = date_diff('second', date_parse('1970-01-01 00:00:00','%Y-%m-%d %H:%i:%s'),
            date_parse(replace(substr(t,1,19),'T',' '),'%Y-%m-%d %H:%i:%s')),
        ms = try_cast(rpad(split_part(split_part(t,'.',2),'Z',1),3,'0') as bigint)"""
    (row,) = spl(script, {"t": "2025-05-28T14:07:54.5Z"})
    assert (row["s"], row["ms"]) == ("1748441274", "500")


def test_the_collectors_time(spl):
    """loongcollector, SPL tests: 2025-05-28T22:07:54 less eight hours is 1748441274."""
    script = (
        "* | extend ts = date_parse(t, '%Y-%m-%dT%H:%i:%s') "
        "| extend __time__ = cast(to_unixtime(ts) as INTEGER) - 28800"
    )
    assert spl(script, {"t": "2025-05-28T22:07:54"})[0]["__time__"] == 1748441274


def test_case_by_pattern(spl):
    """SPL demo "event_judgment": the first branch that is true."""
    script = """* | extend type=(CASE
        WHEN status like '2%' AND  cast(size as BIGINT) < 1000 then '正常'
        WHEN status like '2%' AND  cast(size as BIGINT) >= 1000 then 'long'
        WHEN status like '3%' then 'moved'
        ELSE 'other'
    END) | project type"""
    rows = [{"status": s, "size": n} for s, n in (("200", "740"), ("201", "1123"), ("300", "1"))]
    found = spl(script, *rows, {"status": "500", "size": "2"})
    assert [row["type"] for row in found] == ["正常", "long", "moved", "other"]


def test_masking_with_groups(spl):
    """SPL demo "phone_number_desensitization": \\1 and \\2 in the replacement."""
    script = (
        r"""* | extend m = regexp_replace(m, 'No":\s*"([\+86]*1[3-9]{1}\d{1})\d{4}(\d{4,11})',"""
        r"""'No":"\1****\2')"""
    )
    assert spl(script, {"m": '{"No":"13800001234"}'}) == [{"m": '{"No":"138****1234"}'}]


def test_masking_a_number(spl):
    """SPL demo "bank_card_desensitization": the third group stays."""
    script = r"* | extend n=regexp_replace(c, '([1-9]{1})(\d{11}|\d{13}|\d{14})(\d{4})', '****\3')"
    assert spl(script, {"c": "no 491648411333978312"})[0]["n"] == "no ****978312"


def test_hashes_and_urls(spl):
    """SPL demos "order_id_desensitization" and "net_address_desensitization"."""
    script = (
        "* | extend h=to_hex(md5(to_utf8(id))), u=url_encode(url), d=url_decode(enc) "
        "| project h, u, d"
    )
    row = {"id": "15121412314", "url": "https://www.example.com/sls?logstore", "enc": "q=%25%24+x"}
    assert spl(script, row) == [
        {
            "h": "852751F9AA48303A5691B0D020E52A0A",
            "u": "https%3A%2F%2Fwww.example.com%2Fsls%3Flogstore",
            "d": "q=%$ x",
        }
    ]


def test_json_text_cast_to_varchar_loses_its_quotes(spl):
    """SPL demo "parse_fields", scene 2: a dotted key, try_cast(json as varchar), then -path."""
    script = (
        "* | project attributes | extend a = json_extract(attributes, '$[\"req.body\"]') "
        r"| extend b=regexp_extract(try_cast(a as varchar), '<arg>(.*)<\/arg>',1) "
        "| project b|parse-json -path='$.csuw' b | project-away b"
    )
    body = '<x><arg>{"csuw":{"number":"0007","list":[{"age":65}]}}</arg></x>'
    row = {"attributes": json.dumps({"req.body": body, "pid": "1"})}
    assert spl(script, row) == [{"number": "0007", "list": '[{"age":65}]'}]


def test_the_pipeline_of_file_events(spl):
    """SPL demo "parse_fields", scene 3: seven instructions in a row."""
    script = r"""* | where Op = 'remove' or Op = 'rename'
        | project Name, Volume, "__tag__:__hostname__", __time__, Op
        | project-rename fullPath=Name, fs=Volume, host="__tag__:__hostname__", event=Op
        | extend host = split_part(host, '.', 1),module = 'files'
        | extend fullPath = regexp_replace(fullPath,'(^.*)([\/]+$)','\1')
        | parse-regexp fullPath, '([^\\/]+$)' as subPath"""
    row = {
        "Op": "rename",
        "Name": "/var/run/motor.csv.temp",
        "Volume": "v1",
        "__tag__:__hostname__": "h1.cloud.na1",
        "Method": "x",
        "__time__": 1731392376,
    }
    assert spl(script, row, {**row, "Op": "read"}) == [
        {
            "event": "rename",
            "fs": "v1",
            "fullPath": "/var/run/motor.csv.temp",
            "host": "h1",
            "module": "files",
            "subPath": "motor.csv.temp",
            "__time__": 1731392376,
        }
    ]


def test_the_pipeline_of_an_alert(spl):
    """SPL demo "flink_spl_structured_analysis": ten instructions over half-structured text."""
    script = r"""* | project Payload, error, "__tag__:__path__", caller
        | parse-json Payload
        | project-away Payload
        | parse-regexp error, 'CouldNot : ({[\w":\s,\-}]+)' as errorJson
        | parse-json errorJson
        | parse-regexp "__tag__:__path__", '\/var\/log\/([\w\_]+).LOG' as service
        | parse-regexp caller, '\w+/([\w\.]+):(\d+)' as file, line
        | extend kind = json_extract_scalar(schedule, '$.type')
        | project httpCode, errorCode, file, line, service, kind"""
    row = {
        "Payload": '{"projectId": 123, "schedule": {"type": "FixedRate", "delay": 0}}',
        "error": 'CouldNot : {\n    "httpCode": 404,\n    "errorCode": "LogStoreNotExist"\n}',
        "__tag__:__path__": "/var/log/service_a.LOG",
        "caller": "executor/pool.go:64",
        "ts": "2024-01-29 22:57:13",
    }
    assert spl(script, row) == [
        {
            "httpCode": "404",
            "errorCode": "LogStoreNotExist",
            "file": "pool.go",
            "line": "64",
            "service": "service_a",
            "kind": "FixedRate",
        }
    ]


@pytest.mark.parametrize("scene", [Scene.TRANSFORM, Scene.SIEM_REALTIME])
def test_records_are_split(spl, scene):
    """Reference "SLS SPL" 1.10: a batch of Azure records becomes one log a record."""
    batch = {"records": [{"time": "t1", "n": 1}, {"time": "t2", "n": 2}]}
    from_field = "* | expand-values -path='$' records as rec"
    from_content = "* | expand-values -path='$.records' content as rec"
    more = " | extend t=json_extract_scalar(rec,'$.time') | project-away records, content, rec"
    as_field = {"records": json.dumps(batch["records"]), "__time__": 9}
    as_content = {"content": json.dumps(batch), "__time__": 9}
    expected = [{"t": "t1", "__time__": 9}, {"t": "t2", "__time__": 9}]
    assert spl(from_field + more, as_field, scene=scene) == expected
    assert spl(from_content + more, as_content, scene=scene) == expected


@pytest.mark.parametrize("scene", [Scene.SIEM_REALTIME, Scene.SIEM_SCAN])
def test_the_skeleton_of_a_standardised_rule(spl, scene):
    """Reference "SLS SPL" 3.9: extend and json_extract_scalar only, so both modes take it."""
    script = """* | extend rec = coalesce(rec, content)
        | where json_extract_scalar(rec,'$.category')='SignInLogs'
        | extend src_ip = coalesce(json_extract_scalar(rec,'$.callerIpAddress'),
              json_extract_scalar(rec,'$.properties.ipAddress')),
            result = case lower(json_extract_scalar(rec,'$.result')) when 'ok' then 'pass'
              else 'fail' end
        | extend extend_content = rec | project src_ip, result, extend_content"""
    content = '{"category":"SignInLogs","properties":{"ipAddress":"192.0.2.9"},"result":"OK"}'
    rows = ({"content": content}, {"content": "no JSON"}, {"other": "x"})
    assert spl(script, *rows, scene=scene) == [
        {"src_ip": "192.0.2.9", "result": "pass", "extend_content": content}
    ]
