"""Detection rules over standard logs: which alerts and incidents there are, each of them once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.live_center import DATA, Center, LogService, center
from helpers.waiting import eventually

from core.sandbox.security_center.model_detection import (
    Alert,
    DetectionRule,
    EntityField,
    EntityMapping,
)

SPRAY = (
    "*|set session mode=scan;SELECT src_ip, count(1) AS failures, "
    "count(DISTINCT account_name) AS accounts, min(cast(start_time AS bigint)) AS start_time, "
    "max(cast(start_time AS bigint)) AS end_time FROM log "
    "WHERE schema = 'AZURE_AD_LOGON_ACTIVITY' AND error_code = '50126' "
    "GROUP BY src_ip HAVING count(DISTINCT account_name) >= 10"
)


@pytest.fixture
def log_service(tmp_path: Path) -> Iterator[LogService]:
    made = LogService(tmp_path)
    yield made
    made.stop()


def rule(identity: str, expression: str, **more: Any) -> DetectionRule:
    settings: dict[str, Any] = {
        "kind": "custom",
        "status": "enabled",
        "log_schema_id": "AZURE_AD_LOGON_ACTIVITY",
        "schedule_expression": "5m",
        "window": "30m",
        "aggregation_type": "passthrough",
        **more,
    }
    return DetectionRule(identity, f"rule {identity}", expression=expression, **settings)


def logon(number: int, at: int, address: str = "198.51.100.20", **more: str) -> dict[str, str]:
    return {
        "schema": "AZURE_AD_LOGON_ACTIVITY",
        "log_uuid": f"uuid-{address}-{number}",
        "start_time": str(at),
        "src_ip": address,
        "account_name": f"user{number}@contoso.test",
        "error_code": "50126",
        **more,
    }


@pytest.mark.slow
def test_a_password_spray_is_one_alert_and_one_incident_however_often_the_rule_runs(
    log_service: LogService, tmp_path: Path
) -> None:
    began = int(time.time()) - 60
    spray = rule(
        "dr-spray",
        SPRAY,
        level="4",
        alert_type="BruteForce",
        alert_name="Password spray from $src_ip$",
        alert_description="$failures$ failures of $accounts$ accounts, $nothing$",
        tactic_id="TA0006",
        att_ck="T1110.003",
        entities=(EntityMapping("ip", (EntityField("ip", "src_ip"),)),),
    )
    with center(tmp_path, log_service) as made:
        log_service.put(
            "audit_activity",
            *[logon(n, began + n) for n in range(12)],
            *[logon(n, began + n, "203.0.113.9") for n in range(9)],  # too few accounts
            project=DATA,
        )
        made.ask(lambda state: state.detections.put(spray))
        [alert] = eventually(lambda: made.ask(lambda state: state.alerts.all()))
        assert {
            name: alert.record[name]
            for name in ("alert_name", "alert_description", "alert_level", "alert_type", "att_ck")
        } == {
            "alert_name": "Password spray from 198.51.100.20",
            "alert_description": "12 failures of 12 accounts, $nothing$",
            "alert_level": "4",
            "alert_type": "BruteForce",
            "att_ck": "T1110.003",
        }
        assert (alert.record["start_time"], alert.record["end_time"]) == (
            str(began),
            str(began + 11),
        )
        assert alert.record["entities"] == [{"entity_type": "ip", "ip": "198.51.100.20"}]
        assert json.loads(alert.record["payload"])["failures"] == "12"
        [incident] = made.ask(lambda state: state.incidents.all())
        assert (incident.name, incident.level, incident.alert_ids, incident.tactics) == (
            "Password spray from 198.51.100.20",
            "4",
            (alert.id,),
            ("TA0006",),
        )
        # it goes on: the same alert grows
        log_service.put(
            "audit_activity", *[logon(n, began + n) for n in range(12, 20)], project=DATA
        )
        made.command("run_now")
        [grown] = made.ask(lambda state: state.alerts.all())
        assert grown.id == alert.id
        assert grown.record["end_time"] == str(began + 19)
        assert grown.record["alert_description"].startswith("20 failures of 20 accounts")
        # another address is another alert
        log_service.put(
            "audit_activity",
            *[logon(n, began - 9000 + n, "192.0.2.1") for n in range(12)],
            project=DATA,
        )
        made.command("run_now")
        assert len(made.ask(lambda state: state.alerts.all())) == 2
        assert len(made.ask(lambda state: state.incidents.all())) == 2
    with center(tmp_path, log_service) as made:  # it is remembered what was raised
        told = made.command("live")["rules"]["dr-spray"]
        eventually(lambda: made.command("live")["rules"]["dr-spray"]["runs"] > told["runs"])
        assert len(made.ask(lambda state: state.alerts.all())) == 2


def told(made: Center, name: str) -> dict[str, Any]:
    rules: dict[str, Any] = made.command("live")["rules"]
    return rules.get(name, {"runs": 0, "last_error": ""})


@pytest.mark.slow
def test_each_log_is_one_alert_and_a_threshold_makes_one_of_many(
    log_service: LogService, tmp_path: Path
) -> None:
    every = "*|SELECT log_uuid, src_ip, account_name, start_time FROM log LIMIT 1000"
    began = int(time.time()) - 300
    with center(tmp_path, log_service) as made:
        log_service.put("audit_activity", *[logon(n, began + n) for n in range(6)], project=DATA)
        log_service.put("audit_activity", logon(6, began, "192.0.2.9"), project=DATA)
        made.ask(
            lambda state: state.detections.put(
                rule("dr-each", every, aggregation_type="window", aggregation_expression="5m"),
                rule(
                    "dr-many",
                    every,
                    threshold_count=5,
                    threshold_period="1m",
                    threshold_group="src_ip",
                    aggregation_type="none",
                ),
            )
        )
        eventually(lambda: told(made, "dr-each")["runs"] and told(made, "dr-many")["runs"])
        made.command("run_now")

        def alerts(name: str) -> list[Alert]:
            found = made.ask(lambda state: state.alerts.all())
            return [alert for alert in found if alert.rule_id == name]

        assert sorted(alert.record["log_uuid"] for alert in alerts("dr-each")) == sorted(
            [*(f"uuid-198.51.100.20-{n}" for n in range(6)), "uuid-192.0.2.9-6"]
        )
        [many] = alerts("dr-many")
        assert (many.record["start_time"], many.record["end_time"]) == (
            str(began),
            str(began + 5),
        )
        log_service.put("audit_activity", logon(7, began + 30), project=DATA)
        made.command("run_now")
        [grown] = alerts("dr-many")
        assert (grown.id, grown.record["end_time"]) == (many.id, str(began + 30))
        assert len(alerts("dr-each")) == 8
        [incident] = made.ask(lambda state: state.incidents.all())  # none for dr-many
        assert set(incident.alert_ids) == {alert.id for alert in alerts("dr-each")}


@pytest.mark.slow
def test_what_goes_wrong_with_a_rule_is_told_and_the_others_go_on(
    log_service: LogService, tmp_path: Path
) -> None:
    fine = "*|SELECT log_uuid FROM log"
    with center(tmp_path, log_service) as made:
        log_service.put("audit_activity", logon(1, 5), project=DATA)
        made.ask(
            lambda state: state.detections.put(
                rule("dr-sql", "*|SELECT nonsense( FROM log"),
                rule("dr-quotes", '*|set session mode=scan;SELECT * FROM log WHERE schema = "X"'),
                rule("dr-window", fine, window="soon"),
                rule("dr-cron", fine, schedule_type="cron", schedule_expression="every day"),
                rule("dr-schema", fine, log_schema_id="NOTHING"),
                rule("dr-empty", " "),
                rule("dr-testing", fine, status="testing"),
                rule("dr-later", fine, begin=int(time.time() * 1000) + 3_600_000),
                rule("dr-playbook", "", expression_type="playbook"),
                rule("dr-fine", fine),
            )
        )
        eventually(lambda: told(made, "dr-fine")["runs"] >= 2)
        assert "ParameterInvalid" in told(made, "dr-sql")["last_error"]
        assert "single quotes" in told(made, "dr-quotes")["last_error"]
        assert "'soon'" in told(made, "dr-window")["last_error"]
        assert "five fields" in told(made, "dr-cron")["last_error"]
        assert "NOTHING" in told(made, "dr-schema")["last_error"]
        assert "no query" in told(made, "dr-empty")["last_error"]
        assert (told(made, "dr-testing")["matches"] > 0, told(made, "dr-testing")["alerts"]) == (
            True,
            0,
        )
        assert told(made, "dr-later")["runs"] == told(made, "dr-playbook")["runs"] == 0
        [alert] = made.ask(lambda state: state.alerts.all())
        assert alert.rule_id == "dr-fine"
        log_service.kill()
        eventually(lambda: "LogServiceUnreachable" in told(made, "dr-fine")["last_error"])
        log_service.start()
        eventually(lambda: not told(made, "dr-fine")["last_error"])
        with pytest.raises(ValueError, match="no enabled rule dr-other"):
            made.command("run_now", rule="dr-other")
        made.ask(lambda state: state.detections.delete("dr-fine"))
        eventually(lambda: made.ask(lambda state: state.notes.get("rule/dr-fine")) is None)


@pytest.mark.slow
def test_a_cron_expression_and_a_result_that_is_cut(
    log_service: LogService, tmp_path: Path
) -> None:
    with center(tmp_path, log_service, minute=0.1) as made:
        log_service.put("audit_activity", *[logon(n, 5) for n in range(120)], project=DATA)
        made.ask(
            lambda state: state.detections.put(
                rule(
                    "dr-cron",
                    "*|SELECT log_uuid FROM log",
                    schedule_type="cron",
                    schedule_expression="*/10 * * * *",
                )
            )
        )
        eventually(lambda: told(made, "dr-cron")["runs"] >= 2)
        assert "LIMIT" in told(made, "dr-cron")["notice"]
        assert len(made.ask(lambda state: state.alerts.all())) == 100
