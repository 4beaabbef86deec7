"""What Security Center would refuse is told before any call."""

from __future__ import annotations

import pytest

from core.alibaba.security_center import limits
from core.alibaba.security_center.policies import IntegrationPolicy
from core.alibaba.security_center.schemas import Schema
from core.errors import Code

AUDIT = Schema("AZURE_AD_LOGON_ACTIVITY", "Logon", "AUDIT_CATEGORY", "audit_activity")
ALERT = Schema("WAF_ALERT_ACTIVITY", "WAF Alert", "SECURITY_CATEGORY", "alert_activity")


def policy(
    number: int, rule: str, *, enabled: bool = True, mode: str = "scan"
) -> IntegrationPolicy:
    state = "ingested" if enabled else "uningested"
    return IntegrationPolicy(f"di-{number}", "ds-1", "p-1", rule, mode, enabled, state)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "dedicated"}, Code.SECURITY_CENTER_DEDICATED_REALTIME_ONLY),
        ({"schema": ALERT}, Code.SECURITY_CENTER_ALERTS_REALTIME_ONLY),
        ({"splits_batches": True}, Code.SECURITY_CENTER_SPLIT_REALTIME_ONLY),
    ],
)
def test_what_cannot_be_scanned(more, code):
    found = limits.mode_problem("scan", **more)
    assert found is not None
    assert found.code is code
    assert limits.mode_problem("realtime", **more) is None


def test_a_users_own_logs_can_be_scanned():
    assert limits.mode_problem("scan", kind="user", schema=AUDIT) is None


def test_the_sixth_scan_policy_of_a_dataset_is_refused():
    datasets = {"nr-1": "audit_activity", "nr-2": "network_activity"}
    five = [policy(number, "nr-1") for number in range(5)]
    found = limits.scan_policies_problem("audit_activity", five, datasets)
    assert found is not None
    assert found.code is Code.SECURITY_CENTER_SCAN_POLICIES
    assert "audit_activity" in found.cause
    for other in (
        policy(4, "nr-1", enabled=False),
        policy(4, "nr-1", mode="realtime"),
        policy(4, "nr-2"),
        policy(4, "nr-9"),
    ):
        fewer = [*five[:4], other]
        assert limits.scan_policies_problem("audit_activity", fewer, datasets) is None


def test_own_rules_see_no_logs_of_real_time_without_log_management():
    found = limits.log_management_problem("realtime", 2, log_management=False)
    assert found is not None
    assert (found.code, found.severity) == (
        Code.SECURITY_CENTER_LOG_MANAGEMENT_NEEDED,
        "warning",
    )
    assert limits.log_management_problem("realtime", 2, log_management=True) is None
    assert limits.log_management_problem("realtime", 0, log_management=False) is None
    assert limits.log_management_problem("scan", 2, log_management=False) is None


@pytest.mark.parametrize("choice", ["user", "dedicated", "realtime", "scan", "purchase"])
def test_each_choice_has_its_gate(choice):
    gate = limits.feature_gate(choice)
    assert gate.sentences
    assert all(sentence.endswith(".") for sentence in gate.sentences)


def test_stages_are_counted_as_written():
    text = """
    * -- not | a | stage
    | where a = '|' and b like 'it''s | not' /* | */
    | extend c = a || b, "d|e" = c
    | project c;
    """
    assert [stage.split()[0] for stage in limits.pipeline_stages(text)] == [
        "where",
        "extend",
        "project",
    ]


def test_a_rule_may_have_sixteen_stages():
    sixteen = "*" + " | extend a = b" * 16
    assert limits.expression_problem(sixteen, "both") is None
    found = limits.expression_problem(sixteen + " | extend a = b", "both")
    assert found is not None
    assert found.code is Code.SECURITY_CENTER_RULE_TOO_LONG
    assert "17 stages" in found.cause


def test_a_rule_may_have_ten_kilobytes():
    begin = "* | extend a = '"
    filling = "ü" * ((limits.MOST_BYTES - len(begin) - 1) // 2)
    assert limits.expression_problem(f"{begin}{filling}'", "both") is None
    found = limits.expression_problem(f"{begin}{filling}üü'", "both")
    assert found is not None
    assert found.code is Code.SECURITY_CENTER_RULE_TOO_LONG
    assert "bytes" in found.cause


@pytest.mark.parametrize(
    "instruction", ["parse-json", "parse-kv", "parse-regexp", "parse-csv", "expand-values"]
)
def test_scan_mode_bars_six_instructions(instruction):
    text = f"* | {instruction} content"
    for mode in ("scan", "both"):
        found = limits.expression_problem(text, mode)
        assert found is not None
        assert found.code is Code.SECURITY_CENTER_RULE_NOT_FOR_SCAN
        assert instruction in found.cause
    assert limits.expression_problem(text, "realtime") is None


def test_scan_mode_bars_named_data_sets():
    found = limits.expression_problem(".let a = * | where b = 'c'; $a", "scan")
    assert found is not None
    assert found.code is Code.SECURITY_CENTER_RULE_NOT_FOR_SCAN
