"""The ledger: what is written is what is read, and what is no ledger is refused."""

from __future__ import annotations

import json
import stat

import pytest

from core.sandbox.traffic import Ledger, LedgerError, Span


def test_a_ledger_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "sent.json"
    ledger = Ledger(7, [Span(0, 1_790_000_000), Span(500, 1_790_000_100)], reserved=900)
    ledger.acknowledge([(0, 100), (120, 130)])
    ledger.write(path)
    assert Ledger.read(path) == ledger
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["base_time"] == 1_790_000_000


def test_acknowledged_ranges_join_in_any_order():
    ledger = Ledger(1)
    ledger.acknowledge([(20, 30), (0, 10)])
    assert ledger.acknowledged == [(0, 10), (20, 30)]
    ledger.acknowledge([(10, 20), (40, 41)])
    assert ledger.acknowledged == [(0, 30), (40, 41)]
    assert ledger.records_acknowledged() == 31
    assert ledger.messages == 4


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"seed":1,"spans":[[0]],"reserved":0,"acknowledged":[]}']
)
def test_what_is_no_ledger_is_refused(tmp_path, content):
    path = tmp_path / "sent.json"
    path.write_text(content)
    with pytest.raises(LedgerError, match=r"sent\.json"):
        Ledger.read(path)
