"""Traffic of some log categories only: nothing else is sent, and every record is made again."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import pytest

from core.sandbox.traffic import Generator, Ledger, LedgerError, Span, story

pytestmark = pytest.mark.slow

BASE = 1_790_000_000
RECORDS = 4_000


def records(*kinds: str, count: int = RECORDS) -> list[dict[str, Any]]:
    generator = Generator(3, [Span(0, BASE)], kinds)
    return [json.loads(generator.record(ordinal)) for ordinal in range(count)]


def categories(made: list[dict[str, Any]]) -> set[str | None]:
    return {record.get("category") for record in made}


def eventually(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["SignInLogs"], {"SignInLogs"}),
        (["AuditLogs", "SignInLogs"], {"AuditLogs", "SignInLogs"}),
        (["Administrative"], {"Administrative"}),
        (["Alert"], {"Alert"}),
        (["Administrative", "Alert"], {"Administrative", "Alert"}),
        (["Administrative", "Policy", "Security", "RiskyUsers"], {"Administrative"}),
        (["Alerts"], {None}),  # of Defender for Cloud, which have no category
        (["AuditEvent", "AZFWNetworkRule"], {"AuditEvent", "AZFWNetworkRule"}),
    ],
)
def test_only_what_was_chosen_is_made(kinds, expected):
    assert categories(records(*kinds)) == expected


def test_the_chosen_kinds_keep_their_proportions():
    counts = Counter(record["category"] for record in records("SignInLogs", "AuditLogs"))
    assert counts["SignInLogs"] > 3 * counts["AuditLogs"]


def test_of_nothing_that_is_made_there_is_no_generator():
    with pytest.raises(ValueError, match="Policy, Security"):
        Generator(3, [Span(0, BASE)], ["Security", "Policy"])


def test_the_messages_hold_what_the_generator_makes_by_number():
    generator = Generator(3, [Span(0, BASE)], ["AuditEvent", "Alerts"])
    at = 0
    for message in generator.messages(0, 3_000):
        value = json.loads(message.value)
        inside = value if isinstance(value, list) else value.get("records", [value])
        for ordinal, record in enumerate(inside, start=message.first):
            assert record == json.loads(generator.record(ordinal))
        assert message.first == at
        at = message.end
    assert at == 3_000


def test_without_a_choice_the_traffic_is_as_ever():
    chosen = Generator(3, [Span(0, BASE)], None)
    plain = Generator(3, [Span(0, BASE)])
    assert [chosen.record(n) for n in range(500)] == [plain.record(n) for n in range(500)]


def test_the_story_is_told_by_what_is_sent():
    kinds = frozenset({"SignInLogs", "AuditLogs"})
    told = story(3, 5_000, kinds)
    assert [episode.name for episode in told] == [
        *("password_spray", "impossible_travel", "mfa_disabled", "application_owner_added")
    ]
    generator = Generator(3, [Span(0, BASE)], kinds)
    spray = [json.loads(generator.record(n)) for n in told[0].ordinals]
    assert {record["callerIpAddress"] for record in spray} == {told[0].address}
    assert {record["category"] for record in records("Administrative")} == {"Administrative"}


def test_the_ledger_keeps_the_kinds(tmp_path):
    path = tmp_path / "sent.json"
    ledger = Ledger(3, [Span(0, BASE)], reserved=9, kinds=("Alert", "SignInLogs"))
    ledger.write(path)
    again = Ledger.read(path)
    assert again == ledger
    made = Generator(3, [Span(0, BASE)], ("Alert", "SignInLogs"))
    assert [again.generator().record(n) for n in range(9)] == [made.record(n) for n in range(9)]


def test_a_ledger_of_before_there_were_kinds_holds_all_of_them(tmp_path):
    path = tmp_path / "sent.json"
    Ledger(3, [Span(0, BASE)]).write(path)
    data = json.loads(path.read_text())
    del data["kinds"]
    path.write_text(json.dumps(data))
    assert Ledger.read(path).kinds is None
    path.write_text(json.dumps(data | {"kinds": "SignInLogs"}))
    with pytest.raises(LedgerError, match="kinds"):
        Ledger.read(path)


def test_the_hub_gets_the_chosen_and_the_folder_keeps_them(hub):
    traffic = hub.traffic(kinds="SignInLogs,AuditLogs,Policy")
    traffic.request("send", records=1_100)
    traffic.stop()
    again = hub.traffic(kinds="AuditEvent")
    assert again.ready["kinds"] == ["AuditLogs", "Policy", "SignInLogs"]
    again.request("send", records=100)
    inside = [record for value in hub.values() for record in json.loads(value)["records"]]
    assert len(inside) == 1_200
    assert categories(inside) == {"SignInLogs", "AuditLogs"}
    generator = Ledger.read(hub.ledger).generator()
    made = {generator.identifier(n): json.loads(generator.record(n)) for n in range(1_200)}
    assert {record["correlationId"]: record for record in inside} == made


def test_kinds_of_which_nothing_is_made_send_nothing(hub):
    traffic = hub.traffic(kinds="Policy,Security")
    assert traffic.request("send", records=50)["records"] == 0
    traffic.request("rate", records_per_second=1_000, at_least=10)
    assert traffic.request("send", records=1)["messages"] == 0
    state = traffic.request("state")
    assert (state["reserved"], state["acknowledged"]) == (0, 0)
    assert hub.values() == []


@pytest.mark.slow
def test_at_least_so_many_records_come_soon_even_if_the_hub_comes_late(hub):
    traffic = hub.traffic(kinds="AuditLogs")
    hub.delete()
    traffic.request("rate", records_per_second=0, at_least=120)
    eventually(lambda: traffic.request("state")["error"])
    hub.create()
    eventually(lambda: traffic.request("state")["acknowledged"] >= 120)
    assert traffic.request("state")["acknowledged"] == 120
    assert len(hub.ids()) == len(set(hub.ids())) == 120
    traffic.stop()
    again = hub.traffic()
    again.request("rate", records_per_second=0, at_least=120)  # they are there already
    assert again.request("state")["acknowledged"] == 120
    again.request("rate", records_per_second=0, at_least=130)
    eventually(lambda: again.request("state")["acknowledged"] == 130)
