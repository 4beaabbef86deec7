"""The ledger follows the group, survives restarts, and is set aside when it is another hub's."""

from __future__ import annotations

import pytest

from core.engine.ledger import Ledger, Span


def test_it_is_read_back(tmp_path):
    ledger = Ledger(tmp_path, "0badcafe", "g")
    ledger.assigned(3, start=10, committed=10)
    ledger.committed(3, 25)
    ledger.committed(3, 20)  # an answer that came late
    ledger.committed(7, 5)  # of a partition that is not ours
    ledger.save()
    assert Ledger(tmp_path, "0badcafe", "g").spans == {3: Span(10, 25)}


@pytest.mark.parametrize(("hub", "group"), [("deadbeef", "g"), ("0badcafe", "other")])
def test_another_hub_or_group_begins_anew_and_the_old_one_is_kept(tmp_path, hub, group):
    ledger = Ledger(tmp_path, "0badcafe", "g")
    ledger.assigned(0, 0, 9)
    ledger.save()
    assert Ledger(tmp_path, hub, group).spans == {}
    assert (tmp_path / "ledger.0badcafe.json").exists()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "7", '{"partitions": []}', '{"partitions": {"0": {"begin": 1}}}', "\x00"],
)
def test_what_is_no_ledger_does_no_harm(tmp_path, content):
    (tmp_path / "ledger.json").write_text(content)
    ledger = Ledger(tmp_path, "0badcafe", "g")
    assert ledger.spans == {}
    ledger.assigned(0, 1, 2)
    ledger.save()
    assert ledger.trouble == ""
    assert Ledger(tmp_path, "0badcafe", "g").spans == {0: Span(1, 2)}
