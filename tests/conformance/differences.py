"""Where the sandbox's broker is meant to differ from Apache Kafka, and why.

A test that meets one of them asks :func:`differs` what to expect; docs/conformance.md lists all.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

from conformance.brokers import Broker


@dataclass(frozen=True)
class Difference:
    """One behaviour: what is expected of each broker, and why they differ."""

    what: str
    isthmus: Any
    apache: Any
    isthmus_text: str
    apache_text: str
    reason: str


_CRC_CHECKED = importlib.util.find_spec("google_crc32c") is not None

DIFFERENCES = {
    "versions_of_the_future": Difference(
        "ApiVersions in a version that the broker does not know",
        True,
        False,
        "lists all APIs",
        "lists ApiVersions only",
        "KIP-511 asks for the one row; more do no harm.",
    ),
    "checksum": Difference(
        "a batch with a wrong CRC",
        2 if _CRC_CHECKED else 0,
        2,
        "CORRUPT_MESSAGE if google-crc32c is installed, else stored",
        "CORRUPT_MESSAGE",
        "A CRC-32C in Python would take longer than all the rest; consumers check it themselves.",
    ),
    "age": Difference(
        "a record whose timestamp is older than the retention",
        (0, 1),
        (1, 1),
        "kept: its age counts from its arrival",
        "deleted at the next look",
        "Event Hubs counts from the time a record was enqueued.",
    ),
    "names_at_their_ends": Difference(
        "a name that begins or ends with '.', '-' or '_'",
        17,
        0,
        "INVALID_TOPIC",
        "accepted",
        "Azure's naming rules want a letter or digit at both ends.",
    ),
    "long_names": Difference(
        "a name of 250 to 256 characters",
        0,
        17,
        "accepted",
        "INVALID_TOPIC",
        "Azure's naming rules allow 256 characters, Kafka 249.",
    ),
    "unlimited_retention": Difference(
        "retention.ms = -1",
        40,
        0,
        "INVALID_CONFIG",
        "kept for ever",
        "Every tier of Event Hubs has a longest retention; Premium: 90 days.",
    ),
    "codecs": Difference(
        "batches compressed with snappy, lz4 or zstd",
        False,
        True,
        "refused",
        "stored",
        "Event Hubs takes gzip only, and only in the Premium and Dedicated tiers.",
    ),
    "future_timestamp": Difference(
        "a record two hours ahead of the clock",
        0,
        32,
        "stored",
        "INVALID_TIMESTAMP (message.timestamp.after.max.ms)",
        "No such limit of Event Hubs is documented.",
    ),
    "forgotten_duplicate": Difference(
        "a duplicate older than the last five batches of its producer",
        46,
        45,
        "DUPLICATE_SEQUENCE_NUMBER",
        "OUT_OF_ORDER_SEQUENCE_NUMBER",
        "The protocol guide has a code of its own for it, which tells the client that the batch "
        "is stored. Neither broker stores it twice.",
    ),
    "transactions": Difference(
        "a transactional producer",
        53,
        0,
        "TRANSACTIONAL_ID_AUTHORIZATION_FAILED at once",
        "offered",
        "The import needs none, and a clear refusal is better than half a transaction.",
    ),
}


def differs(name: str, broker: Broker) -> Any:
    """What ``broker`` is expected to say where the two brokers differ."""
    return getattr(DIFFERENCES[name], broker.name)
