"""The account of a run: what was sent, what is stored, and every way in which they differ."""

from __future__ import annotations

import hashlib
import time
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from core.sandbox.proof.compare import Difference, differences
from core.sandbox.proof.expected import expected_log
from core.sandbox.proof.logstore import LogServiceAccess, StoredLog, read_logs
from core.sandbox.proof.sent import Sent
from core.sandbox.traffic import Ledger

SAMPLES = 20
"""How many samples of each fault a proof shows."""

_OF_ONE_LOG = 3
_ID = "correlationId"


@dataclass(frozen=True)
class Proof:
    """What was found. All counts are exact and of records, but where they say logs.

    Attributes:
        sent: records that the hub acknowledged, and unacknowledged ones that arrived all the same.
        stored: different ones of them in the Logstore; ``missing`` is the rest.
        missing: acknowledged and not stored.
        duplicated: logs beyond the first of a record.
        duplicated_uid_mismatch: of these, logs whose event_uid is not the first one's.
        shared_uids: records whose event_uid is that of another record, beyond the first of them.
        changed: records of which a log is not what it must be.
        unexpected: logs of no record that was sent.
        maybe_sent: handed to the producer, never acknowledged, and not stored.
        logs: logs in the Logstore.
        missing_samples: ids.
        duplicated_samples: ids.
        changed_samples: id, field, expected and found text.
        unexpected_samples: id or event_uid, or the beginning of the log.
        seconds: how long it took.
    """

    sent: int
    stored: int
    missing: int
    duplicated: int
    duplicated_uid_mismatch: int
    shared_uids: int
    changed: int
    unexpected: int
    maybe_sent: int
    logs: int
    missing_samples: tuple[str, ...]
    duplicated_samples: tuple[str, ...]
    changed_samples: tuple[tuple[str, str, str, str], ...]
    unexpected_samples: tuple[str, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether each record is stored exactly once and as it was."""
        faults = (self.missing, self.duplicated, self.shared_uids, self.changed, self.unexpected)
        return not any(faults)


def prove(
    ledger: Path | Iterable[Path],
    access: LogServiceAccess,
    progress: Callable[[int], None] | None = None,
) -> Proof:
    """Read the Logstore and hold it against ``ledger``, the traffic's ``sent.json``.

    Several ledgers are those of all traffic whose records went there; each has a seed of its own.
    The traffic must rest: what it sends meanwhile is unexpected. ``progress`` is told how many logs
    were read. Raises ReadError, LedgerError, OSError.
    """
    paths = [ledger] if isinstance(ledger, Path) else ledger
    account = Account(*map(Ledger.read, paths))
    for logs in read_logs(access):
        account.take(logs)
        if progress is not None:
            progress(account.logs)
    return account.close()


class Account:
    """Takes the stored logs one after the other, in any order.

    It keeps the ids of what was sent, and of each record two numbers; a record itself is made again
    when its log comes.
    """

    def __init__(self, *ledgers: Ledger) -> None:
        self._began = time.monotonic()
        self._sent = Sent(ledgers)
        self._copies = array("I", bytes(4 * len(self._sent)))
        self._uids = array("Q", bytes(8 * len(self._sent)))
        self._changed: set[int] = set()
        self._uid_mismatches = 0
        self._unexpected = 0
        self._duplicated_samples: list[str] = []
        self._changed_samples: list[tuple[str, str, str, str]] = []
        self._unexpected_samples: list[str] = []
        self.logs = 0

    def take(self, logs: Iterable[StoredLog]) -> None:
        """Count and compare ``logs``."""
        for log in logs:
            self.logs += 1
            fields = dict(log.fields)
            identifier = fields.get(_ID, "")
            number = self._sent.numbers.get(identifier)
            if number is None:
                self._take_unexpected(log, identifier or fields.get("event_uid", ""))
                continue
            self._take_copy(number, identifier, fields.get("event_uid", ""))
            self._compare(number, identifier, log)

    def close(self) -> Proof:
        """The proof, once all logs were taken."""
        reserved = len(self._sent)
        stored = sum(1 for copies in self._copies if copies)
        required = self._sent.acknowledged
        missing = [n for n in range(reserved) if required[n] and not self._copies[n]]
        maybe = sum(1 for n in range(reserved) if not required[n] and not self._copies[n])
        uids = [uid for uid, copies in zip(self._uids, self._copies, strict=True) if copies]
        return Proof(
            sent=reserved - maybe,
            stored=stored,
            missing=len(missing),
            duplicated=sum(self._copies) - stored,
            duplicated_uid_mismatch=self._uid_mismatches,
            shared_uids=len(uids) - len(set(uids)),
            changed=len(self._changed),
            unexpected=self._unexpected,
            maybe_sent=maybe,
            logs=self.logs,
            missing_samples=tuple(map(self._sent.identifier, islice(missing, SAMPLES))),
            duplicated_samples=tuple(self._duplicated_samples),
            changed_samples=tuple(self._changed_samples),
            unexpected_samples=tuple(self._unexpected_samples),
            seconds=round(time.monotonic() - self._began, 3),
        )

    def _take_unexpected(self, log: StoredLog, name: str) -> None:
        self._unexpected += 1
        if len(self._unexpected_samples) < SAMPLES:
            self._unexpected_samples.append((name or str(log.fields))[:300])

    def _take_copy(self, number: int, identifier: str, uid: str) -> None:
        digest = hashlib.blake2b(uid.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        hashed = int.from_bytes(digest, "big")
        self._copies[number] += 1
        if self._copies[number] == 1:
            self._uids[number] = hashed
            return
        self._uid_mismatches += self._uids[number] != hashed
        if len(self._duplicated_samples) < SAMPLES:
            self._duplicated_samples.append(identifier)

    def _compare(self, number: int, identifier: str, log: StoredLog) -> None:
        found: list[Difference] = differences(expected_log(self._sent.record(number)), log)
        if found:
            self._changed.add(number)
            room = min(SAMPLES - len(self._changed_samples), _OF_ONE_LOG)
            self._changed_samples += [(identifier, *each) for each in found[:room]]
