"""Which key last signed in, kept in the state folder: ``kafka-key.json``.

A key that worked before and is refused now was rotated; one that never worked is a wrong one. The
two cannot be told apart in what the namespace answers. No part of a key is kept, only the beginning
of its SHA-256.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.applied import read_applied
from core.errors import ProblemError
from core.kafka.connection_string import key_fingerprint, parse_connection_string

FILE_NAME = "kafka-key.json"


@dataclass(frozen=True)
class KnownKey:
    """A key that has signed in.

    Attributes:
        fingerprint: the first 16 hex digits of its SHA-256.
        policy: the shared access policy that it was of.
        time: when it last signed in, RFC 3339.
    """

    fingerprint: str
    policy: str
    time: str


def read_known_key(folder: Path) -> KnownKey | None:
    """What is kept in the state folder; None if nothing is, or nothing that can be read."""
    try:
        data = json.loads((folder / FILE_NAME).read_text("utf-8"))
        return KnownKey(str(data["fingerprint"]), str(data["policy"]), str(data["time"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def worked_before(folder: Path, connection_string: str) -> bool:
    """Whether the key in ``connection_string`` has signed in, or ``apply`` has fetched it."""
    fingerprint = key_fingerprint(connection_string)
    known = read_known_key(folder)
    if known is not None and known.fingerprint == fingerprint:
        return True
    try:
        return read_applied(folder).key_fingerprint == fingerprint
    except ProblemError:
        return False


def remember_key(folder: Path, connection_string: str) -> bool:
    """Keep that the key in ``connection_string`` has signed in.

    False if it could not be written, which is no reason to stop. Raises ProblemError for what is no
    connection string.
    """
    parsed = parse_connection_string(connection_string, "kafka.connection_string")
    known = KnownKey(
        key_fingerprint(connection_string),
        parsed.policy,
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    temporary = folder / f"{FILE_NAME}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(known), file)
        temporary.replace(folder / FILE_NAME)
    except OSError:
        return False
    return True
