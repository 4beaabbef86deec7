"""The traffic over the wire: what it says it sent is in the hub, once, and never again."""

from __future__ import annotations

import time

import psutil
import pytest

from core.sandbox.process import EmulatorError
from core.sandbox.traffic import Generator, Ledger

pytestmark = pytest.mark.slow


def expected_ids(hub, count):
    ledger = Ledger.read(hub.ledger)
    generator = Generator(ledger.seed, ledger.spans)
    return [generator.identifier(ordinal) for ordinal in range(count)]


def eventually(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_what_was_sent_is_in_the_hub_over_all_partitions(hub):
    traffic = hub.traffic()
    sent = traffic.request("send", records=5_200)
    assert sent["records"] == 5_200
    values = hub.messages()
    counts = [len(each) for each in values]
    assert sum(counts) == sent["messages"]
    assert max(counts) - min(counts) <= 1  # in turn
    assert sum(len(value) for each in values for value in each) == sent["bytes"]
    assert sorted(hub.ids()) == sorted(expected_ids(hub, 5_200))
    ledger = Ledger.read(hub.ledger)
    generator = Generator(ledger.seed, ledger.spans)
    made = [  # the ledger is written, and a message may end, after 5,000
        message.value
        for first, count in ((0, 5_000), (5_000, 200))
        for message in generator.messages(first, count)
    ]
    assert sorted(hub.values()) == sorted(made)
    state = traffic.request("state")
    assert (state["reserved"], state["acknowledged"]) == (5_200, 5_200)
    assert state["messages"] == sent["messages"]


def test_a_restarted_traffic_goes_on_where_it_was(hub):
    first = hub.traffic(seed=5)
    assert first.request("send", records=0)["messages"] == 0
    assert first.request("state")["acknowledged"] == 0
    first.request("send", records=100)
    first.stop()
    second = hub.traffic(seed=99)  # the folder's seed counts
    assert second.ready["seed"] == 5
    second.request("send", records=50)
    assert sorted(hub.ids()) == sorted(expected_ids(hub, 150))


def test_a_rate_goes_on_until_it_is_set_to_nothing(hub):
    traffic = hub.traffic()
    traffic.request("rate", records_per_second=400)
    eventually(lambda: traffic.request("state")["acknowledged"] >= 300)
    traffic.request("rate", records_per_second=0)
    state = traffic.request("state")
    assert state["reserved"] == state["acknowledged"]
    assert state["records_per_second"] == 0
    assert sorted(hub.ids()) == sorted(expected_ids(hub, state["reserved"]))
    assert hub.told()["acknowledged"] == [[0, state["reserved"]]]


def test_raw_values_arrive_as_they_are_where_they_were_meant_to(hub, encoded):
    values = [b"", b"{not json", b"\xff\xfe", b'{"records":5}']
    traffic = hub.traffic()
    sent = traffic.request("send_raw", values=[encoded(v) for v in values], partition=2)
    assert sent["places"] == [{"partition": 2, "offset": n} for n in range(4)]
    assert hub.messages()[2] == values
    spread = traffic.request("send_raw", values=[encoded(b"x")] * 6)
    assert {place["partition"] for place in spread["places"]} == {0, 1, 2}


def test_what_was_not_acknowledged_is_told_and_its_numbers_are_not_used_again(hub):
    traffic = hub.traffic()
    hub.delete()
    with pytest.raises(EmulatorError, match=hub.name):
        traffic.request("send", records=10)
    state = traffic.request("state")
    assert (state["reserved"], state["acknowledged"], state["messages"]) == (10, 0, 0)
    hub.create()
    traffic.request("send", records=20)
    assert sorted(hub.ids()) == sorted(expected_ids(hub, 30)[10:])
    assert hub.told()["acknowledged"] == [[10, 30]]


def test_wrong_commands_are_refused_without_harm_and_the_secret_stays_secret(hub):
    traffic = hub.traffic()
    for command, arguments in [
        ("send", {"records": -1}),
        ("rate", {"records_per_second": -0.5}),
        ("send_raw", {"values": ["not base64!"]}),
        ("fly", {}),
    ]:
        with pytest.raises(EmulatorError):
            traffic.request(command, **arguments)
    assert traffic.request("send", records=5)["records"] == 5
    # nor does it tell its secret, in arguments, log or ledger
    assert "SharedAccessKey=" not in " ".join(psutil.Process(traffic.pid).cmdline())
    assert "SharedAccessKey=" not in hub.log_file.read_text("utf-8")
    assert "SharedAccessKey=" not in hub.ledger.read_text("utf-8")


def test_a_kill_leaves_no_id_that_comes_twice(hub):
    traffic = hub.traffic()
    traffic.request("rate", records_per_second=20_000)
    eventually(lambda: hub.ledger.exists() and hub.told()["reserved"] > 0)
    traffic.kill()
    reserved = hub.told()["reserved"]
    again = hub.traffic()
    assert again.request("state")["reserved"] == reserved
    again.request("send", records=500)
    ids = hub.ids()
    assert len(set(ids)) == len(ids)
    known = expected_ids(hub, reserved + 500)
    assert set(known[reserved:]) <= set(ids) <= set(known)
    for first, end in hub.told()["acknowledged"]:
        assert set(known[first:end]) <= set(ids)
