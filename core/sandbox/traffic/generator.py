"""The generator: any record by its number, and the stream of messages."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from core.sandbox.traffic.activity import ActivityLog
from core.sandbox.traffic.defender import DefenderAlerts
from core.sandbox.traffic.directory import AuditLogs
from core.sandbox.traffic.firewall import FirewallLog
from core.sandbox.traffic.graph import GraphActivity
from core.sandbox.traffic.key_vault import KeyVaultAudit
from core.sandbox.traffic.kinds import kinds_of
from core.sandbox.traffic.occasion import Occasion, seed_key
from core.sandbox.traffic.plan import Batch, Plan, Shape
from core.sandbox.traffic.population import Population
from core.sandbox.traffic.sign_ins import UserSignIns, WorkloadSignIns
from core.sandbox.traffic.story import Cast

LARGEST_MESSAGE = 256_000
"""No message of the traffic is larger, in bytes."""

_WRAPPED = {
    Shape.ENVELOPE: (b'{"records":[', b",", b"]}"),
    Shape.SPACED_ENVELOPE: (b'{\r\n  "records": [\r\n    ', b",\r\n    ", b"\r\n  ]\r\n}"),
    Shape.ARRAY: (b"[", b",", b"]"),
    Shape.OBJECT: (b"", b",", b""),
}


class Span(NamedTuple):
    """From record ``first`` on, times are reckoned from ``base_time`` (epoch seconds)."""

    first: int
    base_time: int


class Message(NamedTuple):
    """The value of a Kafka message, with the numbers of its records: ``[first, end)``."""

    first: int
    end: int
    value: bytes


class Generator:
    """Makes the records of a seed.

    A record depends on the seed, the kinds, its number and the base time of its span alone.
    """

    def __init__(
        self, seed: int, spans: Sequence[Span], kinds: Iterable[str] | None = None
    ) -> None:
        """``spans``: in order, the first from record 0 on. Raises ValueError for none.

        ``kinds``: names of log categories, the only ones that records are made of; None: all.
        Raises ValueError if there are no records of any of them.
        """
        if not spans or spans[0].first != 0:
            raise ValueError("the first span of the traffic does not begin at record 0")
        self._spans = list(spans)
        self._firsts = [span.first for span in spans]
        self._key = seed_key(seed)
        wanted = kinds_of(kinds)
        self._plan = Plan(seed, wanted)
        population = Population(seed)
        sign_ins = UserSignIns(population, interactive=True)
        audit, activity = AuditLogs(population), ActivityLog(population, wanted)
        vaults = KeyVaultAudit(population)
        self._cast = Cast(population, sign_ins, audit, activity, vaults)
        self._kinds: dict[str, Callable[[Occasion], bytes]] = {
            "SignInLogs": sign_ins.record,
            "NonInteractiveUserSignInLogs": UserSignIns(population, interactive=False).record,
            "ServicePrincipalSignInLogs": WorkloadSignIns(
                population, managed_identity=False
            ).record,
            "ManagedIdentitySignInLogs": WorkloadSignIns(population, managed_identity=True).record,
            "AuditLogs": audit.record,
            "Administrative": activity.record,
            "AuditEvent": vaults.record,
            "AZFWNetworkRule": FirewallLog(population, application=False).record,
            "AZFWApplicationRule": FirewallLog(population, application=True).record,
            "MicrosoftGraphActivityLogs": GraphActivity(population).record,
            "Defender": DefenderAlerts(population).record,
        }

    def begin_span(self, span: Span) -> None:
        """Reckon from ``span.base_time`` from ``span.first`` on, which no span has reached."""
        if span.first <= self._firsts[-1]:
            raise ValueError(f"there is a span from record {self._firsts[-1]} on already")
        self._spans.append(span)
        self._firsts.append(span.first)

    def record(self, ordinal: int) -> bytes:
        """Record ``ordinal`` as JSON."""
        return self._record(ordinal, self._plan.batch_of(ordinal))

    def identifier(self, ordinal: int) -> str:
        """The generator's own id of record ``ordinal``: its ``correlationId``."""
        return Occasion(self._key, ordinal, 0).identifier().decode()

    def messages(self, first: int, count: int) -> Iterator[Message]:
        """The messages with ``count`` records from ``first`` on; the outermost may be cut."""
        end = first + count
        while first < end:
            batch = self._plan.batch_of(first)
            until = min(batch.end, end)
            before, between, after = _WRAPPED[batch.shape]
            records = [self._record(ordinal, batch) for ordinal in range(first, until)]
            yield Message(first, until, before + between.join(records) + after)
            first = until

    def _record(self, ordinal: int, batch: Batch) -> bytes:
        span = self._spans[bisect.bisect_right(self._firsts, ordinal) - 1]
        occasion = Occasion(self._key, ordinal, span.base_time)
        if batch.scene is not None:
            return self._cast.record(occasion, batch.scene)
        return self._kinds[batch.kind](occasion)
