"""An event_uid names one record of one message for ever, and can be taken apart again."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records.uid import EventUid, hub_id, uid_prefix


def test_hub_id_is_the_beginning_of_a_sha_256() -> None:
    expected = hashlib.sha256(b"contoso.servicebus.windows.net:9093/logs").hexdigest()[:8]
    assert hub_id("Contoso.ServiceBus.windows.net", 9093, "Logs") == expected
    assert hub_id("contoso.servicebus.windows.net", 9093, "logs") == expected
    assert hub_id("contoso.servicebus.windows.net", 9094, "logs") != expected


@pytest.mark.parametrize(
    ("timestamp", "written"),
    [
        (0, "0"),
        (-1, "0"),
        (-(2**63), "0"),
        (35, "z"),
        (36, "10"),
        (36**4 - 1, "zzzz"),
        (36**4, "10000"),
        (1_772_000_000_000, "mm1n1qm8"),
        (2**63 - 1, "1y2p0ij32e8e7"),
    ],
)
def test_prefix_holds_the_timestamp_in_base_36(timestamp: int, written: str) -> None:
    assert uid_prefix("0a1b2c3d", 4, 18231, timestamp) == f"0a1b2c3d.4.18231.{written}"
    assert int(written, 36) == max(timestamp, 0)


def test_parse_takes_a_uid_apart() -> None:
    uid = EventUid.parse("3f9ac0de.4.18231.10.2/25")
    assert uid == EventUid("3f9ac0de", 4, 18231, 36, 2, 25)
    assert str(uid) == "3f9ac0de.4.18231.10.2/25"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3f9ac0de.4.18231.10.2",
        "3f9ac0de.4.18231.10.25/25",
        "3f9ac0de.4.18231.10.0/0",
        "3F9AC0DE.4.18231.10.2/25",
        "3f9ac0d.4.18231.10.2/25",
        "3f9ac0de.04.18231.10.2/25",
        "3f9ac0de.-4.18231.10.2/25",
        "3f9ac0de.4.18231.1A.2/25",
        "3f9ac0de.4.18231.010.2/25",
        "3f9ac0de.٤.18231.10.2/25",
        "3f9ac0de.4.18231.10.2/25\n",
        " 3f9ac0de.4.18231.10.2/25",
        "3f9ac0de.4." + "9" * 1_000_000 + ".10.2/25",
    ],
)
def test_parse_refuses_what_is_no_uid(text: str) -> None:
    with pytest.raises(ValueError, match="not an event_uid"):
        EventUid.parse(text)


NUMBERS = st.integers(0, 2**63 - 1).filter(lambda n: n < 10**19)


@settings(deadline=None)
@given(st.from_regex(r"[0-9a-f]{8}", fullmatch=True), NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_uid_round_trip(
    hub: str, partition: int, offset: int, timestamp: int, index: int, more: int
) -> None:
    count = min(index + more + 1, 10**19 - 1)
    text = f"{uid_prefix(hub, partition, offset, timestamp)}.{index}/{count}"
    uid = EventUid.parse(text)
    assert (uid.hub, uid.partition, uid.offset) == (hub, partition, offset)
    assert (uid.timestamp_ms, uid.index, uid.count) == (timestamp, index, count)
    assert str(uid) == text
