"""Sign-ins of the attack, through our standardised rule and our detection rules, to alerts.

Everything over the wire: the logs are put with the real SDK of Log Service, the emulator runs the
rule's SPL and the detection's SQL by its own means, and our client counts what came out.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aliyun.log import LogItem, PutLogsRequest
from helpers.alibaba_center import PROJECT, Soc
from helpers.sign_in_logs import stored
from helpers.waiting import eventually

from core.alibaba.security_center import SecurityCenter
from core.alibaba.security_center.detection_texts import detection_names, detection_text
from core.alibaba.security_center.schemas import SIGN_IN_SCHEMA
from core.alibaba.security_center.sign_in_rule import rule_mode, sign_in_rule
from core.sandbox.traffic import Generator, Span, story

pytestmark = pytest.mark.slow

SEED = 11
RECORDS = 1_500
BATCH = 30
"""Records in a message."""
SECONDS = 60.0


@pytest.fixture
def own(tmp_path) -> Iterator[Soc]:
    """Emulators of its own: it counts alerts."""
    made = Soc(tmp_path, minute=0.2)
    yield made
    made.close()


def traffic() -> list[dict[str, Any]]:
    generator = Generator(SEED, [Span(0, int(time.time()) - 600)])
    return [json.loads(generator.record(ordinal)) for ordinal in range(RECORDS)]


def is_sign_in(record: dict[str, Any]) -> bool:
    return "SignInLogs" in str(record.get("category"))


def put(soc: Soc, logstore: str, logs: list[dict[str, str]]) -> None:
    with soc.sandbox.log_client() as client:
        for first in range(0, len(logs), 20):
            items = [LogItem(contents=list(log.items())) for log in logs[first : first + 20]]
            client.put_logs(PutLogsRequest(PROJECT, logstore, "", "10.0.0.1", items))


@pytest.mark.parametrize(
    ("batches", "mode"), [(False, "realtime"), (False, "scan"), (True, "realtime")]
)
def test_the_attack_ends_in_alerts_and_incidents(own: Soc, batches: bool, mode: str):
    records = traffic()
    sign_ins = [record for record in records if is_sign_in(record)]
    assert 300 < len(sign_ins) < len(records)
    told = {episode.name: episode for episode in story(SEED, RECORDS)}
    begin = datetime.now(UTC) - timedelta(minutes=5)
    logstore = own.logstore()

    async def set_up(center: SecurityCenter) -> str:
        vendor = await center.vendor("Microsoft")
        assert vendor is not None
        product = await center.product(vendor, "Azure Active Directory")
        assert product is not None
        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        source = await center.create_data_source("azure", "user", own.region, PROJECT, logstore)
        rule = await center.create_rule(
            "sign-ins", product, schema, sign_in_rule(batches), mode=rule_mode(batches)
        )
        policy = await center.create_policy(source.id, product, rule.id, mode)
        await center.enable_policy(policy)
        for name in detection_names():
            wanted = detection_text(name).rule(schema, await center.entities())
            identity = await center.create_detection_rule(wanted)
            await center.set_detection_rule(identity, "custom", True)
        return policy.id

    policy_id = own.run(set_up)
    if batches:
        logs = [
            {"records": json.dumps(records[first : first + BATCH], ensure_ascii=False)}
            for first in range(0, RECORDS, BATCH)
        ]
    else:
        logs = [stored(record) for record in records]
    put(own, logstore, logs)

    async def standardised(center: SecurityCenter) -> int:
        storage = await center.storage()
        logstore_of, condition = storage.datasets[SIGN_IN_SCHEMA]
        rows = await center.query(
            storage.project,
            logstore_of,
            f"{condition} | SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM log",
            begin,
            datetime.now(UTC) + timedelta(minutes=1),
            region=own.region,
        )
        assert all(str(row["n"]) == str(row["ids"]) for row in rows)
        return int(rows[0]["n"]) if rows else 0

    eventually(lambda: own.run(standardised) >= len(sign_ins), SECONDS)
    assert own.run(standardised) == len(sign_ins)
    live = own.sandbox.center.request("live")["policies"][policy_id]
    assert live["error"] == ""

    async def found(center: SecurityCenter):
        end = datetime.now(UTC) + timedelta(minutes=1)
        return await asyncio.gather(center.alerts(begin, end), center.incidents(begin, end))

    def both() -> Any:
        alerts, incidents = own.run(found)
        names = " ".join(alert.name for alert in alerts)
        return ("spray" in names and "travel" in names) and (alerts, incidents)

    alerts, incidents = eventually(both, SECONDS)
    spray = next(alert for alert in alerts if "spray" in alert.name)
    travel = [alert for alert in alerts if "travel" in alert.name]
    assert spray.name == f"Password spray from {told['password_spray'].address}"
    assert spray.level == 4
    assert "40 accounts failed" in spray.record["alert_description"]
    assert {"entity_type": "ip", "ip": told["password_spray"].address} in spray.record["entities"]
    assert {alert.name for alert in travel} == {
        f"Impossible travel of {told['impossible_travel'].user}"
    }
    rules = {text.title for text in map(detection_text, detection_names())}
    assert {incident.rule_name for incident in incidents} == rules
    assert all(incident.alerts >= 1 for incident in incidents)

    async def rest(center: SecurityCenter):
        policies = await center.policies()
        source = await center.data_source("azure")
        return policies, source, await center.traffic(2)

    policies, source, read = own.run(rest)
    assert [policy.state for policy in policies] == ["ingested"]
    assert source.status == "normal"
    assert source.policies == (policy_id,)
    assert sum(day.value for day in read if day.target == policy_id) > 0
