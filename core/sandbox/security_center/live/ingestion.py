"""One enabled integration policy at work: read, standardise, write, count, and say how it goes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.sandbox.defects import place_of
from core.sandbox.security_center.live.reach import reading_refused, status_code
from core.sandbox.security_center.live.reading import Portion, Reader
from core.sandbox.security_center.live.realtime import RealtimeReader
from core.sandbox.security_center.live.resuming import leave_out_stored
from core.sandbox.security_center.live.scan import ScanReader
from core.sandbox.security_center.live.standardise import Standard, standard_of, standardise
from core.sandbox.security_center.live.waiting import Backoff
from core.sandbox.security_center.live.writing import Pending
from core.sandbox.security_center.log_calls import LogCalls, LogServiceError, UnreachableError
from core.sandbox.security_center.model import Policy, Product, Rule, Schema
from core.sandbox.security_center.model_detection import Note, Traffic
from core.sandbox.security_center.names import data_project
from core.sandbox.security_center.state import State

_POLL_SECONDS = 1.0
_HOUR_MS = 3_600_000
_REASONS = 10


class NotReadyError(Exception):
    """A policy cannot work as it is defined. Its text says why.

    Attributes:
        code: for DataIngestionStateCode (SC-24).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Counts:
    """What a policy did with raw logs, since it was made.

    Attributes:
        read: raw logs.
        normalised: standard logs that were written.
        dropped: raw logs that the rule left out.
        failed: logs that could not be standardised or stored, by the reasons below.
        reasons: reason -> how often; the first few different ones.
        notices: what SPL had to say of how it ran.
    """

    read: int = 0
    normalised: int = 0
    dropped: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def fail(self, reasons: Counter[str]) -> None:
        """Add failed logs."""
        self.failed += reasons.total()
        for reason, count in reasons.items():
            known = reason in self.reasons or len(self.reasons) < _REASONS
            name = reason if known else "other"
            self.reasons[name] = self.reasons.get(name, 0) + count


class Ingestion:
    """Works for one policy until it is disabled or removed, or the emulator stops.

    Attributes:
        counts: kept over restarts.
        error: what is wrong now, in words.
    """

    def __init__(self, state: State, logs: LogCalls, policy: Policy, region: str) -> None:
        self._state = state
        self._logs = logs
        self._policy = policy
        self._project = data_project(state.account, region)
        kind = RealtimeReader if policy.mode == "realtime" else ScanReader
        self._reader: Reader = kind(state, logs, policy)
        self._standard: tuple[tuple[Any, ...], Standard] | None = None
        kept = state.notes.get(counts_note(policy.id))
        self.counts = Counts(**kept.data) if kept is not None else Counts()
        self.error = ""
        self._failing = ""
        self._resuming = kept is not None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; a portion that was begun is finished."""
        backoff = Backoff(stop, _POLL_SECONDS)
        while not stop.is_set():
            try:
                busy = await self._step(stop)
            except UnreachableError as error:
                if backoff.failures:  # once is no outage
                    self._say("abnormal", error.code, str(error))
                await backoff.after_failure()
            except LogServiceError as error:
                self._say("abnormal", status_code(error), str(error))
                await backoff.after_failure()
            except NotReadyError as error:
                self._say("abnormal", error.code, str(error))
                await backoff.after_failure()
            except Exception as error:
                self._say("abnormal", "InternalError", f"the emulator failed: {place_of(error)}")
                raise
            else:
                await backoff.after_success(busy)

    async def _step(self, stop: asyncio.Event) -> bool:
        """Take one portion all the way; whether there was one."""
        policy = self._policy
        if (refusal := reading_refused(self._state)) is not None:
            raise refusal
        source = self._state.sources.get(policy.source_id)
        if source is None or not source.stores:
            raise NotReadyError("DataSourceNotExist", f"no Logstore in {policy.source_id}")
        standard, dataset = await self._prepare()
        portion = await self._reader.next(policy, source.stores)
        if portion is None:
            self._resuming = False
            self._say_how_it_goes()
            return False
        if stop.is_set():
            return False
        await self._take(portion, standard, dataset, stop)
        return True

    async def _take(
        self, portion: Portion, standard: Standard, dataset: str, stop: asyncio.Event
    ) -> None:
        now = int(time.time())
        outcome = await asyncio.to_thread(
            standardise, portion.rows, portion.identities, standard, now
        )
        name = counts_note(self._policy.id)
        if name not in self._state.notes:  # a kill from here on is one between write and cursor
            self._state.notes.put(Note(name, asdict(self.counts)))
        pending = Pending(outcome.logs)
        if not await self._write(pending, dataset, stop):
            return  # the portion comes again after the restart
        counts = self.counts
        counts.read += len(portion.rows)
        counts.normalised += pending.written
        counts.dropped += outcome.dropped
        counts.fail(outcome.reasons + pending.refused)
        counts.notices = sorted({*counts.notices, *outcome.notices})[:_REASONS]
        if self._policy.id not in self._state.policies:
            return
        self._state.notes.put(portion.done(), Note(name, asdict(counts)))
        self._count_traffic(portion)
        is_all = outcome.failed and not outcome.logs and not outcome.dropped
        self._failing = next(iter(outcome.reasons)) if is_all else ""
        self._say_how_it_goes()

    async def _write(self, pending: Pending, dataset: str, stop: asyncio.Event) -> bool:
        """Write all of ``pending``, each log once; whether that was done before ``stop``."""
        backoff = Backoff(stop, _POLL_SECONDS)
        where = (self._project, dataset)
        in_doubt = self._resuming
        while pending.logs and not stop.is_set():
            try:
                if in_doubt:
                    await self._logs.run(lambda c: leave_out_stored(c, *where, pending))
                    in_doubt = False
                await self._logs.run(lambda c: pending.write(c, *where))
            except LogServiceError as error:
                in_doubt = in_doubt or isinstance(error, UnreachableError)
                if backoff.failures or not isinstance(error, UnreachableError):
                    self._say("abnormal", status_code(error), str(error))
                await backoff.after_failure()
        return not pending.logs

    async def _prepare(self) -> tuple[Standard, str]:
        """The rule, read. Raises NotReadyError."""
        rule = self._state.rules.get(self._policy.rule_id)
        if rule is None:
            raise NotReadyError("NormalizationRuleNotExist", "the rule was deleted")
        schema = self._state.schemas.get(rule.schema_id)
        if schema is None:
            raise NotReadyError("NormalizationSchemaNotExist", f"no structure {rule.schema_id}")
        product = self._state.products.get(self._policy.product_id)
        made_of = (rule, schema, product)
        if self._standard is None or self._standard[0] != made_of:
            standard = await asyncio.to_thread(self._read_rule, rule, schema, product)
            self._standard = (made_of, standard)
        return self._standard[1], schema.dataset

    def _read_rule(self, rule: Rule, schema: Schema, product: Product | None) -> Standard:
        from core.sandbox.spl import Scene, SplError, parse

        scene = Scene.SIEM_REALTIME if self._policy.mode == "realtime" else Scene.SIEM_SCAN
        try:
            script = parse(rule.expression, scene)
        except SplError as error:
            raise NotReadyError("NormalizationRuleInvalid", str(error)) from None
        return standard_of(script, self._policy, rule, schema, product, self._state.account)

    def _say_how_it_goes(self) -> None:
        """That it works, unless all of the last portion failed."""
        if self._failing:
            self._say("abnormal", "NormalizationFailed", self._failing)
        else:
            self._say("ingested", "", "")

    def _say(self, state: Any, code: str, error: str) -> None:
        """Show in the policy how it goes."""
        self.error = error
        policy = self._state.policies.get(self._policy.id)
        if (
            policy is not None
            and policy.enabled
            and (policy.state, policy.state_code) != (state, code)
        ):
            self._state.policies.put(replace(policy, state=state, state_code=code))

    def _count_traffic(self, portion: Portion) -> None:
        hour = int(time.time() * 1000) // _HOUR_MS * _HOUR_MS
        name = f"{self._policy.id}/{hour}"
        known = self._state.traffic.get(name) or Traffic(
            name, self._policy.id, self._policy.source_id, self._policy.product_id, hour
        )
        self._state.traffic.put(
            replace(known, bytes=known.bytes + portion.bytes, logs=known.logs + len(portion.rows))
        )


def counts_note(policy_id: str) -> str:
    """Id of the note that keeps a policy's counts."""
    return f"counts/{policy_id}"
