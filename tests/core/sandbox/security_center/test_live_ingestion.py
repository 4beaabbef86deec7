"""Integration policies at work: what of a Logstore becomes standard logs, once each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.live_center import ACCOUNT, PROJECT, REGION, Center, LogService, center
from helpers.waiting import eventually

from core.sandbox.security_center.model import DataSource, Policy, Rule, Store
from core.sandbox.security_center.state import now_ms

RULE = (
    "* | where category = 'SignInLogs' | extend start_time = ts, event_name = operationName, "
    "account_name = json_extract_scalar(properties, '$.userPrincipalName'), "
    "src_ip = callerIpAddress, error_code = resultType"
)


@pytest.fixture
def log_service(tmp_path: Path) -> Iterator[LogService]:
    made = LogService(tmp_path)
    yield made
    made.stop()


def sign_in(number: int, **more: str) -> dict[str, str]:
    return {
        "category": "SignInLogs",
        "operationName": "Sign-in activity",
        "callerIpAddress": "198.51.100.7",
        "resultType": "50126",
        "ts": "1795000000",
        "event_uid": f"uid-{number}",
        "properties": f'{{"userPrincipalName":"user{number}@contoso.test"}}',
        **more,
    }


def make_policy(
    made: Center,
    logstore: str,
    name: str = "di-1",
    mode: Any = "realtime",
    since: int | None = None,
    **rule: Any,
) -> None:
    """A data source, a rule and a policy that is enabled since ``since``, milliseconds, or now."""

    def put(state: Any) -> None:
        product = next(each for each in state.products.all() if "Directory" in each.name)
        store = Store(f"dss-{name}", REGION, PROJECT, logstore)
        state.sources.put(
            DataSource(f"ds-{name}", f"source {name}", "custom", "custom", int(ACCOUNT), (store,))
        )
        settings: dict[str, Any] = {"expression": RULE, **rule}
        state.rules.put(
            Rule(
                f"nr-{name}",
                f"rule {name}",
                product.vendor_id,
                product.id,
                "AUDIT_CATEGORY",
                "AZURE_AD_LOGON_ACTIVITY",
                **settings,
            )
        )
        state.policies.put(
            Policy(
                name,
                f"ds-{name}",
                product.id,
                f"nr-{name}",
                mode,
                enabled=True,
                activated=since or now_ms(),
            )
        )

    made.ask(put)


def counts(made: Center, name: str = "di-1") -> dict[str, Any]:
    told: dict[str, Any] = made.command("live")["policies"][name]
    return told


def state_of(made: Center, name: str = "di-1") -> tuple[str, str]:
    policy = made.ask(lambda state: state.policies.get(name))
    return policy.state, policy.state_code


def test_a_log_becomes_a_standard_one_with_what_the_service_fills(
    log_service: LogService, tmp_path: Path
) -> None:
    log_service.logstore("raw")
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw", store_mode="pack")
        log_service.put("raw", sign_in(1), {"category": "AuditLogs"}, sign_in(2, properties="{}"))
        eventually(lambda: counts(made)["read"] == 3)
        told = counts(made)
        assert (told["normalised"], told["dropped"], told["failed"]) == (1, 1, 1)
        assert told["reasons"] == {"the required field account_name is missing": 1}
        [log] = log_service.stored("audit_activity")
        assert abs(int(log.pop("__time__")) - time.time()) < 60
        assert len(log.pop("log_uuid")) == 32
        assert log == {
            "start_time": "1795000000",
            "event_name": "Sign-in activity",
            "account_name": "user1@contoso.test",
            "src_ip": "198.51.100.7",
            "error_code": "50126",
            "schema": "AZURE_AD_LOGON_ACTIVITY",
            "category": "AUDIT_CATEGORY",
            "user_id": ACCOUNT,
            "product_code": "azure_active_directory",
            "log_code": "ds-di-1",
            "extend_content": log["extend_content"],
        }
        assert '"event_uid":"uid-1"' in log["extend_content"]
        assert state_of(made) == ("ingested", "")
        [traffic] = made.ask(lambda state: state.traffic.all())
        assert (traffic.policy_id, traffic.logs) == ("di-1", 3)
        assert traffic.bytes > len(str(sign_in(1)))


def uids(log_service: LogService) -> list[str]:
    """event_uid of every standard log, in order."""
    return sorted(log["event_uid"] for log in log_service.stored("audit_activity"))


def expected(*numbers: int) -> list[str]:
    return sorted(f"uid-{number}" for number in numbers)


@pytest.mark.slow
def test_each_policy_reads_by_itself_from_the_second_in_which_it_was_enabled(
    log_service: LogService, tmp_path: Path
) -> None:
    log_service.logstore("raw")
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw", "di-1")
        log_service.put("raw", *map(sign_in, range(10)))
        eventually(lambda: counts(made, "di-1")["normalised"] == 10)
        second = int(time.time())
        eventually(lambda: int(time.time()) > second)  # a second starts, all before it is past
        make_policy(made, "raw", "di-2", store_mode="reject")
        log_service.put("raw", *map(sign_in, range(10, 15)))
        eventually(lambda: counts(made, "di-2")["normalised"] == 5)
        eventually(lambda: counts(made, "di-1")["normalised"] == 15)
        assert counts(made, "di-2")["read"] == 5
        stored = log_service.stored("audit_activity")
        assert sorted(log["event_uid"] for log in stored if "event_uid" in log) == expected(
            *range(15)
        )  # flat keeps fields that the structure does not have
        rejected = [log for log in stored if "event_uid" not in log]
        assert len(rejected) == 5
        assert not any("properties" in log or "extend_content" in log for log in rejected)
        assert len({log["log_uuid"] for log in stored}) == 20


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["realtime", "scan"])
def test_a_restart_loses_nothing_and_repeats_nothing(
    log_service: LogService, tmp_path: Path, mode: str
) -> None:
    log_service.logstore("raw")
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw", mode=mode)
        log_service.put("raw", *map(sign_in, range(700)))
        eventually(lambda: counts(made)["read"] > 0)
    log_service.put("raw", *map(sign_in, range(700, 900)))
    with center(tmp_path, log_service) as made:
        eventually(lambda: counts(made)["normalised"] == 900)
        log_service.put("raw", sign_in(900))
        eventually(lambda: counts(made)["normalised"] == 901)
        assert counts(made)["failed"] == 0
    assert uids(log_service) == expected(*range(901))


@pytest.mark.slow
def test_log_service_may_go_away_and_come_back(log_service: LogService, tmp_path: Path) -> None:
    log_service.logstore("raw")
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw")
        log_service.put("raw", *map(sign_in, range(5)))
        eventually(lambda: counts(made)["normalised"] == 5)
        log_service.kill()
        eventually(lambda: state_of(made) == ("abnormal", "LogServiceUnreachable"))
        log_service.start()
        log_service.put("raw", *map(sign_in, range(5, 9)))
        eventually(lambda: counts(made)["normalised"] == 9)
        assert state_of(made) == ("ingested", "")
        assert uids(log_service) == expected(*range(9))


@pytest.mark.slow
def test_shards_that_come_later_are_followed(log_service: LogService, tmp_path: Path) -> None:
    log_service.logstore("raw", shards=1)
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw")
        log_service.put("raw", *map(sign_in, range(3)))
        eventually(lambda: counts(made)["normalised"] == 3)
        log_service.client.split_shard(PROJECT, "raw", 0, "8" + "0" * 31)
        for number in range(3, 11):
            log_service.put("raw", sign_in(number))
        eventually(lambda: counts(made)["normalised"] == 11)
        assert uids(log_service) == expected(*range(11))


@pytest.mark.slow
def test_a_logstore_that_is_made_anew_is_read_from_its_beginning(
    log_service: LogService, tmp_path: Path
) -> None:
    log_service.logstore("raw")
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw")
        log_service.put("raw", *map(sign_in, range(3)))
        eventually(lambda: counts(made)["normalised"] == 3)
        log_service.client.delete_logstore(PROJECT, "raw")
        eventually(lambda: state_of(made) == ("abnormal", "LogStoreNotExist"))
        log_service.logstore("raw")
        log_service.put("raw", *map(sign_in, range(3, 5)))
        eventually(lambda: counts(made)["normalised"] == 5)
        assert state_of(made) == ("ingested", "")


@pytest.mark.slow
def test_a_role_without_rights_and_a_bad_rule_are_abnormal(
    log_service: LogService, tmp_path: Path
) -> None:
    log_service.logstore("raw")
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw")
        make_policy(made, "raw", "di-bad", mode="scan", expression="* | parse-json properties")
        eventually(lambda: state_of(made, "di-bad") == ("abnormal", "NormalizationRuleInvalid"))
        assert "parse-json" in counts(made, "di-bad")["error"]
        make_policy(made, "raw", "di-fail", expression="* | extend a = cast(category as bigint)")
        eventually(lambda: state_of(made) == ("ingested", ""))
        made.ask(lambda state: state.playing.add("abnormal_source"))
        eventually(lambda: state_of(made) == ("abnormal", "NoPermission"))
        log_service.put("raw", sign_in(1))
        made.ask(lambda state: state.playing.clear())
        eventually(lambda: state_of(made) == ("ingested", ""))
        eventually(lambda: counts(made)["normalised"] == 1)
        eventually(lambda: state_of(made, "di-fail") == ("abnormal", "NormalizationFailed"))
        assert counts(made, "di-fail")["failed"] == 1


@pytest.mark.slow
def test_a_scan_takes_each_log_of_the_last_day_once_however_late_it_comes(
    log_service: LogService, tmp_path: Path
) -> None:
    log_service.logstore("raw")
    now = int(time.time())
    log_service.put("raw", sign_in(1), sign_in(1), time=now - 7200)
    log_service.put("raw", sign_in(2), time=now - 2 * 86400)  # out of a scan's reach
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw", mode="scan")
        eventually(lambda: counts(made)["normalised"] == 2)
        log_service.put("raw", sign_in(1), sign_in(3), time=now - 7200)
        log_service.put("raw", sign_in(4), time=now - 20 * 3600)
        eventually(lambda: counts(made)["normalised"] == 5)
        assert uids(log_service) == expected(1, 1, 1, 3, 4)
        assert len({log["log_uuid"] for log in log_service.stored("audit_activity")}) == 5


@pytest.mark.slow
def test_a_scan_needs_an_index(log_service: LogService, tmp_path: Path) -> None:
    log_service.logstore("raw", index=False)
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw", mode="scan")
        eventually(lambda: state_of(made) == ("abnormal", "IndexConfigNotExist"))


@pytest.mark.slow
def test_a_rule_may_split_a_batch_and_set_the_time(log_service: LogService, tmp_path: Path) -> None:
    log_service.logstore("raw")
    moment = int(time.time()) - 3600
    batch = '[{"n":"a"},{"n":"b"},{"n":"c"}]'
    rule = (
        "* | expand-values -path='$' -limit=10 records as rec | extend start_time = '7', "
        "event_name = 'x', account_name = json_extract_scalar(rec, '$.n') "
        "| extend __time__ = cast(moment as bigint) | project-away rec"
    )
    with center(tmp_path, log_service) as made:
        make_policy(made, "raw", expression=rule, store_mode="reject")
        log_service.put("raw", {"records": batch, "moment": str(moment)}, {"records": "[]"})
        eventually(lambda: counts(made)["read"] == 2)
        told = counts(made)
        assert (told["normalised"], told["failed"]) == (3, 0)
        logs = log_service.stored("audit_activity")
        assert sorted(log["account_name"] for log in logs) == ["a", "b", "c"]
        assert {log["__time__"] for log in logs} == {str(moment)}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["ack_lost", "server_errors", "quota"])
def test_faults_of_log_service_lose_and_repeat_no_log(
    log_service: LogService, tmp_path: Path, fault: str
) -> None:
    log_service.logstore("raw")
    with center(tmp_path, log_service) as made:
        for first in range(0, 400, 40):
            log_service.put("raw", *map(sign_in, range(first, first + 40)))
        log_service.child.request("scenario", name=fault, on=True, probability=0.3)
        make_policy(made, "raw", since=now_ms() - 60_000)
        eventually(lambda: counts(made)["read"] > 0, 60)
        log_service.child.request("scenario", name=fault, on=False)
        eventually(lambda: counts(made)["normalised"] == 400, 60)
        assert state_of(made) == ("ingested", "")
    assert uids(log_service) == expected(*range(400))
