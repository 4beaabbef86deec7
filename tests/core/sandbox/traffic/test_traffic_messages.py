"""The stream of messages: Azure's batch shapes, one family each, of all sizes below a bound."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

from core.sandbox.traffic import Generator, Message, Span

RECORDS = 15_000


@cache
def generator() -> Generator:
    return Generator(3, [Span(0, 1_790_000_000)])


@cache
def messages() -> list[Message]:
    return list(generator().messages(0, RECORDS))


def unwrapped(message: Message) -> tuple[str, list[dict[str, Any]]]:
    value = json.loads(message.value)
    if isinstance(value, list):
        return "array", value
    if "records" in value:
        return "envelope", value["records"]
    return "object", [value]


def family(record: dict[str, Any]) -> str:
    category = record.get("category", "Defender")
    return {"Alert": "Administrative"}.get(category, category)


def test_the_messages_hold_all_records_in_order():
    at = 0
    for message in messages():
        assert message.first == at
        at = message.end
        ids = [record["correlationId"] for record in unwrapped(message)[1]]
        assert ids == [generator().identifier(n) for n in range(message.first, message.end)]
    assert at == RECORDS


def test_a_message_holds_records_of_one_family():
    for message in messages():
        assert len({family(record) for record in unwrapped(message)[1]}) == 1


def test_most_messages_are_envelopes_alerts_are_bare_and_a_few_are_arrays():
    shapes = Counter(unwrapped(message)[0] for message in messages())
    assert shapes["envelope"] > 0.8 * len(messages())
    assert 0 < shapes["array"] < 0.1 * len(messages())
    for message in messages():
        shape, records = unwrapped(message)
        assert (shape == "object") == (family(records[0]) == "Defender")
    assert any(message.value.startswith(b"{\r\n") for message in messages())


def test_messages_are_of_all_sizes_below_the_bound():
    counts = [message.end - message.first for message in messages()]
    sizes = [len(message.value) for message in messages()]
    assert min(counts) == 1
    assert 150 <= max(counts) <= 200
    assert min(sizes) < 2_000
    assert 200_000 < max(sizes) <= 256_000
    assert len(set(counts)) > 50


def test_records_do_not_depend_on_where_the_stream_is_cut():
    cut = [
        *generator().messages(0, 333),
        *generator().messages(333, 1),
        *generator().messages(334, 4_800),
    ]
    records = [record for message in cut for record in unwrapped(message)[1]]
    whole = [record for message in messages() for record in unwrapped(message)[1]]
    assert records == whole[: 333 + 1 + 4_800]


def test_nothing_asked_for_is_no_message():
    assert list(generator().messages(70, 0)) == []
