"""The account is exact: each fault is counted once, and shown by the id of its record."""

from __future__ import annotations

import dataclasses

import pytest

from core.sandbox.proof.prove import SAMPLES, Account
from core.sandbox.traffic import Ledger

RECORDS = 450
FAULTS = (
    "missing",
    "duplicated",
    "duplicated_uid_mismatch",
    "shared_uids",
    "changed",
    "unexpected",
)


def close(sent, logs):
    account = Account(sent.ledger)
    account.take(logs)
    return account.close()


def faults(proof):
    return {name: count for name in FAULTS if (count := getattr(proof, name))}


@pytest.fixture
def sent(kit, tmp_path):
    return kit.sent(tmp_path, RECORDS)


def test_all_right_in_any_order(sent):
    proof = close(sent, sent.logs()[::-1])
    assert (proof.sent, proof.stored, proof.logs) == (RECORDS, RECORDS, RECORDS)
    assert faults(proof) == {}
    assert proof.holds


def test_missing_records_are_counted_and_shown(sent):
    logs = [log for n, log in enumerate(sent.logs()) if n not in (7, 300)]
    proof = close(sent, logs)
    assert faults(proof) == {"missing": 2}
    assert (proof.sent, proof.stored) == (RECORDS, RECORDS - 2)
    assert proof.missing_samples == (sent.id(7), sent.id(300))
    assert not proof.holds


def test_an_empty_logstore_misses_everything_and_shows_a_few(sent):
    proof = close(sent, [])
    assert faults(proof) == {"missing": RECORDS}
    assert len(proof.missing_samples) == SAMPLES


def test_copies_are_counted_and_the_same_event_uid_is_told_from_another(sent):
    logs = [*sent.logs(), sent.log(5), sent.log(5), sent.log(9, uid="other")]
    proof = close(sent, logs)
    assert faults(proof) == {"duplicated": 3, "duplicated_uid_mismatch": 1}
    assert proof.stored == RECORDS
    assert proof.duplicated_samples == (sent.id(5), sent.id(5), sent.id(9))


def test_two_records_with_one_event_uid_are_found(sent):
    logs = sent.logs()
    logs[3] = sent.log(3, uid="hub.0.4")
    proof = close(sent, logs)
    assert faults(proof) == {"shared_uids": 1}
    assert not proof.holds


def test_a_changed_field_is_counted_once_a_record_and_shown(kit, sent):
    logs = sent.logs()
    logs[4] = kit.with_field(logs[4], "category", "Other")
    logs.append(logs[4])
    proof = close(sent, logs)
    assert faults(proof) == {"changed": 1, "duplicated": 1}
    identifier, field, _, found = proof.changed_samples[0]
    assert (identifier, field, found) == (sent.id(4), "category", "Other")


def test_one_bad_log_does_not_fill_the_samples(kit, sent):
    logs = sent.logs()
    logs[0] = dataclasses.replace(logs[0], fields=logs[0].fields[-12:], tags={})
    assert sent.id(0) in dict(logs[0].fields).values()
    logs[1] = kit.with_field(logs[1], "event_service", "other")
    proof = close(sent, logs)
    assert proof.changed == 2
    assert {sample[0] for sample in proof.changed_samples} == {sent.id(0), sent.id(1)}


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ((("correlationId", "somebody-else"), ("event_uid", "u")), "somebody-else"),
        ((("event_uid", "u.1"),), "u.1"),
        ((("a", "b"),), "(('a', 'b'),)"),
    ],
)
def test_a_log_of_nobody_is_unexpected(sent, fields, shown):
    logs = sent.logs()
    proof = close(sent, [*logs, dataclasses.replace(logs[0], fields=fields)])
    assert faults(proof) == {"unexpected": 1}
    assert proof.unexpected_samples == (shown,)


def test_a_record_of_other_traffic_is_unexpected(kit, sent, tmp_path):
    proof = close(sent, [*sent.logs(), kit.imported(sent.generator.record(RECORDS))])
    assert faults(proof) == {"unexpected": 1}


def test_what_was_never_acknowledged_may_be_stored_or_not(sent):
    sent.ledger.acknowledged = [(0, 100), (200, RECORDS)]
    logs = [log for n, log in enumerate(sent.logs()) if not 100 <= n < 150]
    proof = close(sent, logs)
    assert faults(proof) == {}
    assert (proof.sent, proof.stored, proof.maybe_sent) == (RECORDS - 50, RECORDS - 50, 50)
    assert proof.holds


def test_the_records_of_several_ledgers_are_one_account(kit, sent):
    other = Ledger(kit.SEED + 1, sent.ledger.spans, reserved=90, kinds=("AuditLogs", "Alerts"))
    other.acknowledge([(0, 80)])
    made = other.generator()
    logs = [kit.imported(made.record(n), f"other.0.{n}") for n in range(90) if n not in (7, 85)]
    account = Account(sent.ledger, Ledger(1), other)
    account.take([*sent.logs(), *logs, kit.imported(made.record(3), "other.0.3")])
    proof = account.close()
    assert faults(proof) == {"missing": 1, "duplicated": 1}
    assert proof.missing_samples == (made.identifier(7),)
    assert proof.duplicated_samples == (made.identifier(3),)
    assert (proof.sent, proof.stored, proof.maybe_sent) == (RECORDS + 89, RECORDS + 88, 1)


def test_two_ledgers_of_one_seed_cannot_be_told_apart(sent):
    with pytest.raises(ValueError, match="two ledgers"):
        Account(sent.ledger, sent.ledger)


def test_nothing_sent_and_nothing_stored_holds(sent):
    proof = Account(Ledger(1)).close()
    assert (proof.sent, proof.stored) == (0, 0)
    assert proof.holds
    account = Account(Ledger(1))
    account.take([sent.log(0)])
    assert faults(account.close()) == {"unexpected": 1}
