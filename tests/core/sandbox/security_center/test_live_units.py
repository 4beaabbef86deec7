"""Standard logs, schedules, thresholds, what makes two findings the same: without a service."""

from __future__ import annotations

import asyncio
import calendar
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.security_center.live.alerts import Raiser, entities_of, filled
from core.sandbox.security_center.live.detection import Detection
from core.sandbox.security_center.live.guard import keep_running
from core.sandbox.security_center.live.result import Finding, findings_of, group_columns
from core.sandbox.security_center.live.schedule import Clock, Cron, ScheduleError, seconds_of
from core.sandbox.security_center.live.standardise import Outcome, Standard, standardise
from core.sandbox.security_center.live.threshold import Threshold
from core.sandbox.security_center.log_access import LogAccess
from core.sandbox.security_center.log_calls import LogCalls
from core.sandbox.security_center.model import Schema
from core.sandbox.security_center.model_detection import DetectionRule, EntityField, EntityMapping
from core.sandbox.security_center.state import State
from core.sandbox.spl import Scene, parse


def moment(text: str) -> int:
    date, _, time = text.partition(" ")
    year, month, day = map(int, date.split("-"))
    hour, minute = map(int, time.split(":"))
    return calendar.timegm((year, month, day, hour, minute, 0))


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86400), (" 15m ", 900)]
)
def test_durations(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "0m", "5 m", "-5m", "5w", "1.5h", "\u0665m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ScheduleError):
        seconds_of(text)


@pytest.mark.parametrize(
    ("expression", "after", "following"),
    [
        ("0/5 * * * *", "2026-03-01 10:02", "2026-03-01 10:05"),
        ("*/15 * * * *", "2026-03-01 10:45", "2026-03-01 11:00"),
        ("30 2 * * *", "2026-03-01 02:30", "2026-03-02 02:30"),
        ("0 8-10/2 * * *", "2026-03-01 08:00", "2026-03-01 10:00"),
        ("0 0 1 1,7 *", "2026-03-01 00:00", "2026-07-01 00:00"),
        ("0 9 * * 1-5", "2026-02-27 09:00", "2026-03-02 09:00"),  # a Friday
        ("0 0 * * 0", "2026-03-02 00:00", "2026-03-08 00:00"),
        ("0 0 * * 7", "2026-03-02 00:00", "2026-03-08 00:00"),
        ("0 0 13 * 5", "2026-03-01 00:00", "2026-03-06 00:00"),  # the 13th, or a Friday
        ("0 0 29 2 *", "2026-03-01 00:00", "2028-02-29 00:00"),
    ],
)
def test_cron(expression: str, after: str, following: str) -> None:
    assert Cron.of(expression).next_after(moment(after)) == moment(following)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "a * * * *",
        "? * * * *",
        "* * 0 * *",
    ],
)
def test_what_is_no_cron_expression(expression: str) -> None:
    with pytest.raises(ScheduleError):
        Cron.of(expression)


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(ScheduleError, match="never"):
        Cron.of("0 0 31 2 *").next_after(0)


def test_a_minute_of_a_schedule_takes_as_long_as_it_is_told() -> None:
    clock = Clock(minute=0.5)
    assert clock.next_run("fixed_rate", "10m", 1000.0) == 1005.0
    assert Clock(minute=60).next_run("fixed_rate", "5m", 1000.0) == 1300.0
    following = clock.next_run("cron", "*/5 * * * *", clock._origin)
    assert 0 < following - clock._origin <= 2.5


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("*|SELECT a, count(1) AS n FROM log GROUP BY a", ("a",)),
        ("*|set session mode=scan;SELECT a, b, count(1) FROM log GROUP BY 1, b;", ("a", "b")),
        ("*|SELECT x AS who, count(1) n FROM log GROUP BY x", ("who",)),
        ("*|SELECT a, floor(t/600) AS win, count(1) n FROM log GROUP BY a, floor(t/600)",
         ("a", "win")),
        ("*|SELECT * FROM (SELECT a, count(1) n FROM log GROUP BY a) WHERE n > 3", ("a",)),
        ("*|WITH c AS (SELECT a, count(1) n FROM log GROUP BY a) SELECT * FROM c", ("a",)),
        ("*|SELECT l.* FROM log l JOIN (SELECT a FROM log GROUP BY a) g ON l.a = g.a", ()),
        ("*|SELECT * FROM log WHERE a = 'x;y'", ()),
        ("*|SELECT count(1) n FROM log", ()),
        ("*|not SQL at all", ()),
    ],
)  # fmt: skip
def test_the_columns_that_a_query_groups_by(sql: str, columns: tuple[str, ...]) -> None:
    assert group_columns(sql) == columns


def rule(expression: str = "*|SELECT * FROM log", **more: object) -> DetectionRule:
    return DetectionRule("dr-1", "a rule", "custom", expression=expression, **more)  # type: ignore[arg-type]


def finding(row: dict[str, str], expression: str = "*|SELECT * FROM log") -> Finding:
    return findings_of(rule(expression), [row])[0]


def test_what_tells_findings_apart() -> None:
    grouped = "*|SELECT ip, count(1) n, max(log_uuid) log_uuid FROM log GROUP BY ip"
    assert finding({"ip": "a", "n": "3", "log_uuid": "x"}, grouped).key == "ip=a"
    assert finding({"ip": "a", "log_uuid": "x"}).key == "log_uuid=x"
    mapped = rule(entities=(EntityMapping("ip", (EntityField("ip", "src"),)),))
    [found] = findings_of(mapped, [{"src": "a", "n": "3", "start_time": "5"}])
    assert found.key == "src=a"
    assert finding({"b": "2", "a": "1", "start_time": "5"}).key == "a=1\nb=2"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("1795000000", "1795000009", (1795000000, 1795000009)),
        ("1795000000123", "", (1795000000,) * 2),
        ("1795000000.5", "5", (1795000000,) * 2),
        ("soon", "later", (0, 0)),
        ("-5", "inf", (0, 0)),
    ],
)  # fmt: skip
def test_the_time_of_a_finding(start: str, end: str, expected: tuple[int, int]) -> None:
    found = finding({"start_time": start, "end_time": end})
    assert (found.start, found.end) == expected


def at(*times: int, ip: str = "a") -> list[Finding]:
    return [
        finding({"log_uuid": f"{ip}{time}", "ip": ip, "start_time": str(time)}) for time in times
    ]


def test_a_threshold_is_reached_within_its_period_and_its_group() -> None:
    threshold = Threshold(3, 60, ("ip",))
    assert threshold.bursts(at(0, 30, 60)) == []  # the third is a full period later
    assert threshold.bursts([*at(1, 2), *at(3, ip="b")]) == []
    times = [[each.start for each in burst] for burst in threshold.bursts(at(9, 30, 20, 95))]
    assert times == [[9, 20, 30]]
    times = [[each.start for each in burst] for burst in threshold.bursts(at(1, 2, 3, 4, 62))]
    assert times == [[1, 2, 3, 4, 62]]  # 3, 4, 62 reach it too, and it is the same burst
    times = [[e.start for e in burst] for burst in threshold.bursts(at(1, 2, 3, 500, 501, 502))]
    assert times == [[1, 2, 3], [500, 501, 502]]
    assert Threshold.of(rule(threshold_count=1)) is None
    assert Threshold.of(
        rule(threshold_count=3, threshold_period="1m", threshold_group="ip, user")
    ) == Threshold(3, 60, ("ip", "user"))


def test_columns_in_texts_and_entities() -> None:
    row = {"ip": "10.0.0.1", "a.b": "x", "none": ""}
    assert filled("from $ip$ to $a.b$, $missing$ costs 5$", row) == (
        "from 10.0.0.1 to x, $missing$ costs 5$"
    )
    mapping = EntityMapping("host", (EntityField("uuid", "ip"), EntityField("host_ip", "none")))
    empty = EntityMapping("file", (EntityField("md5", "none"),))
    assert entities_of(rule(entities=(mapping, empty)), row) == [
        {"entity_type": "host", "uuid": "10.0.0.1"}
    ]


def test_two_bursts_of_one_group_stay_two_alerts_in_every_run(tmp_path: object) -> None:
    state = State(tmp_path / "state.sqlite", "1")  # type: ignore[operator]
    raiser = Raiser(state, "dr-1")
    base = finding({"ip": "a"}, "*|SELECT ip, count(1) FROM log GROUP BY ip")
    bursts = [
        Finding({"ip": "a", "start_time": "1"}, base.key, False, 1, 5),
        Finding({"ip": "a", "start_time": "500"}, base.key, False, 500, 505),
    ]
    made = rule(aggregation_type="window", aggregation_expression="5m", level="5")
    assert raiser.raise_all(made, bursts, 300) == 2
    assert raiser.raise_all(made, bursts, 300) == 0
    assert Raiser(state, "dr-1").raise_all(made, reversed(bursts), 300) == 0
    [incident] = state.incidents.all()
    assert len(incident.alert_ids) == 2
    assert (incident.score, incident.aggregation_type) == (100, "window")
    assert raiser.raise_all(rule(aggregation_type="none"), [finding({"log_uuid": "1"})], 300) == 1
    assert len(state.incidents.all()) == 1
    state.close()


def standardised(rows: list[dict[str, str]], spl: str = "*", **more: Any) -> Outcome:
    made = Standard(
        script=parse(spl, Scene.SIEM_REALTIME),
        fixed=(("schema", "X_ACTIVITY"),),
        default=(("log_code", "ds-1"),),
        names=frozenset({"a", "extend_content", "schema", "log_code"}),
        required=("a",),
        **{"store_mode": "flat", "sets_time": False, **more},
    )
    rows = [{"__time__": "1000", "__tag__:hub": "h", "__topic__": "t", **row} for row in rows]
    return standardise(rows, [f"id-{place}" for place in range(len(rows))], made, 5000)


def fields_of(outcome: Outcome) -> list[dict[str, str]]:
    return [
        {name: value for name, value in log.fields if name != "log_uuid"} for log in outcome.logs
    ]


@pytest.mark.parametrize(
    ("store_mode", "row", "stored"),
    [
        ("flat", {"b": "2"}, {"b": "2"}),
        ("reject", {"b": "2"}, {}),
        ("pack", {"b": "2", "c": "ü"}, {"extend_content": '{"b":"2","c":"ü"}'}),
        ("pack", {}, {}),
        ("pack", {"b": "2", "extend_content": '{"b":"own"}'}, {"extend_content": '{"b":"own"}'}),
        (
            "pack",
            {"b": "2", "extend_content": "text"},
            {"extend_content": '{"b":"2","extend_content":"text"}'},
        ),
        (
            "pack",
            {"b": "2", "extend_content": '{"c":"\\ud800"}'},
            {"extend_content": '{"b":"2","c":"?"}'},
        ),
        (
            "pack",
            {"b": "2", "extend_content": "[" * 100_000},
            {"extend_content": f'{{"b":"2","extend_content":"{"[" * 100_000}"}}'},
        ),
        ("flat", {"log_code": "own", "schema": "own"}, {"log_code": "own"}),
        ("flat", {"log_code": ""}, {}),
    ],
)
def test_what_becomes_of_fields_that_the_structure_does_not_have(
    store_mode: str, row: dict[str, str], stored: dict[str, str]
) -> None:
    [fields] = fields_of(standardised([{"a": "1", **row}], store_mode=store_mode))
    assert fields == {"a": "1", "schema": "X_ACTIVITY", "log_code": "ds-1", **stored}


def test_no_row_goes_uncounted() -> None:
    rows = [
        {"a": "1"},
        {"a": "2", "n" * 129: "x"},
        {"a": "3", "b": "x" * 1024 * 1024},
        {"b": "no a"},
        {"a": "left out"},
        {"a": "bad", "n": "no number"},
        {"a": "6", "n": "6"},
    ]
    spl = "* | where a <> 'left out' or a is null | extend n = cast(n as bigint)"
    outcome = standardised(rows, spl)
    assert [fields["a"] for fields in fields_of(outcome)] == ["1", "6"]
    assert [log.origin for log in outcome.logs] == [0, 6]
    assert (outcome.dropped, outcome.failed) == (1, 4)
    assert outcome.reasons.total() == 4
    assert {reason.partition(":")[0] for reason in outcome.reasons} == {
        "a field name is longer than 128 bytes",
        "the log is larger than 1 MB",
        "the required field a is missing",
        "the rule failed",
    }


def test_a_row_gives_the_same_log_uuid_whenever_it_is_read() -> None:
    first, again = standardised([{"a": "1"}, {"a": "1"}]), standardised([{"a": "1"}, {"a": "1"}])
    assert first.logs == again.logs
    assert len({dict(log.fields)["log_uuid"] for log in first.logs}) == 2


@pytest.mark.parametrize(
    ("told", "time"),
    [("4000", 4000), ("5899", 5899), ("5901", 5000), ("-599801", 5000), ("soon", 5000)],
)
def test_the_time_is_the_clock_unless_the_rule_sets_one_within_range(told: str, time: int) -> None:
    assert standardised([{"a": "1"}]).logs[0].time == 5000
    spl = "* | extend __time__ = coalesce(try_cast(t as bigint), 0)"
    assert standardised([{"a": "1", "t": told}], spl, sets_time=True).logs[0].time == time


def test_an_unforeseen_error_is_told_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    content = "of a log"

    async def fail(stop: asyncio.Event) -> None:
        stop.set()
        raise ValueError(content)

    asyncio.run(keep_running(fail, asyncio.Event()))
    told = capsys.readouterr().err
    assert told.startswith("security_center: ValueError\n")
    assert "in fail" in told
    assert "of a log" not in told


def test_a_defect_in_one_rule_does_not_hold_up_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(LogCalls):
        async def run(self, *_: Any) -> Any:
            raise KeyError("a column")

    state = State(tmp_path / "state.sqlite", "1")
    state.schemas.put(Schema("X", "X", "C", "dataset", ()))
    whole = rule(log_schema_id="X", status="enabled")
    state.detections.put(whole)
    logs = Broken(LogAccess(tmp_path / "none"))
    account = asyncio.run(Detection(state, logs, "cn-sandbox", Clock(1.0)).run_rule(whole))
    assert account.last_error.startswith("the emulator failed: KeyError in run")
    assert "security_center: KeyError" in capsys.readouterr().err
    state.close()
