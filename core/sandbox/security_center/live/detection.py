"""Detection on a schedule: each enabled rule's query over its dataset, findings into alerts.

A rule that is being tested runs and raises nothing; a playbook does not run (SC-30).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any

from core.sandbox.defects import place_of
from core.sandbox.security_center.live.alerts import Raiser, note_of
from core.sandbox.security_center.live.guard import tell
from core.sandbox.security_center.live.result import Finding, findings_of
from core.sandbox.security_center.live.schedule import Clock, ScheduleError, seconds_of
from core.sandbox.security_center.live.threshold import Threshold, joined
from core.sandbox.security_center.live.waiting import pause
from core.sandbox.security_center.log_calls import LogCalls, LogServiceError, UnreachableError
from core.sandbox.security_center.model import Note
from core.sandbox.security_center.model_detection import DetectionRule
from core.sandbox.security_center.names import data_project
from core.sandbox.security_center.state import State

_TICK_SECONDS = 0.25
_LONGEST_RANGE = 24 * 3600
_ROWS = 100
_AFTER_OUTAGE_SECONDS = 2.0
_SECONDS = 60.0


class RuleError(Exception):
    """A rule cannot run as it is defined."""


@dataclass
class Account:
    """What a rule did.

    Attributes:
        runs: runs, failed ones included.
        matches: rows of all results, those met before included.
        alerts: alerts raised.
        last_run: epoch milliseconds.
        last_error: of the last run; empty: it succeeded.
        notice: what was odd in the last run.
        covered: up to when logs were looked at, epoch seconds.
    """

    runs: int = 0
    matches: int = 0
    alerts: int = 0
    last_run: int = 0
    last_error: str = ""
    notice: str = ""
    covered: int = 0


class Detection:
    """Runs the enabled rules one after the other."""

    def __init__(self, state: State, logs: LogCalls, region: str, clock: Clock) -> None:
        self._state = state
        self._logs = logs
        self._project = data_project(state.account, region)
        self._clock = clock
        self._due: dict[str, tuple[DetectionRule, float]] = {}
        self._raisers: dict[str, Raiser] = {}
        self._turn = asyncio.Lock()

    async def run(self, stop: asyncio.Event) -> None:
        """Run what is due, until ``stop`` is set."""
        while not stop.is_set():
            for rule in self._enabled():
                if not stop.is_set() and self._is_due(rule):
                    await self.run_rule(rule)
            await pause(stop, _TICK_SECONDS)

    async def run_now(self, rule_id: str = "") -> dict[str, Account]:
        """Run one rule, or all enabled ones, at once; what they did so far."""
        wanted = [each for each in self._enabled() if rule_id in ("", each.id)]
        if rule_id and not wanted:
            raise ValueError(f"no enabled rule {rule_id}")
        return {rule.id: await self.run_rule(rule) for rule in wanted}

    async def run_rule(self, rule: DetectionRule) -> Account:
        """Run a rule once; what it did so far. Never raises: what goes wrong is in the account."""
        async with self._turn:
            account = self.account(rule.id)
            account.runs += 1
            account.last_run = int(time.time() * 1000)
            account.last_error = account.notice = ""
            following = self._next(rule)
            try:
                await self._run(rule, account)
            except UnreachableError as error:
                account.last_error = str(error)
                following = min(following, time.time() + _AFTER_OUTAGE_SECONDS)
            except (LogServiceError, RuleError, ScheduleError) as error:
                account.last_error = str(error)
            except Exception as error:  # a defect of ours: one rule, not those after it
                tell(error)
                account.last_error = f"the emulator failed: {place_of(error)}"
            self._due[rule.id] = (rule, following)
            if rule.id in self._state.detections:
                self._state.notes.put(Note(account_note(rule.id), dict(vars(account))))
            return account

    def account(self, rule_id: str) -> Account:
        """What a rule did so far."""
        kept = self._state.notes.get(account_note(rule_id))
        return Account(**kept.data) if kept is not None else Account()

    def forget_removed(self) -> None:
        """Drop what is kept of rules that are no more."""
        for prefix in (account_note(""), note_of("")):
            gone = [
                note.id
                for note in self._state.notes.all()
                if note.id.startswith(prefix)
                and note.id.removeprefix(prefix) not in self._state.detections
            ]
            if gone:
                self._state.notes.delete(*gone)
        for known in (self._due, self._raisers):
            for rule_id in [each for each in known if each not in self._state.detections]:
                del known[rule_id]

    def _enabled(self) -> list[DetectionRule]:
        return [
            rule
            for rule in self._state.detections.all()
            if rule.status in ("enabled", "testing") and rule.expression_type == "sql"
        ]

    def _is_due(self, rule: DetectionRule) -> bool:
        now = time.time()
        if rule.begin > now * 1000:
            return False
        known = self._due.get(rule.id)
        if known is None or known[0] != rule:  # new, or changed: a cron rule waits for its minute
            if known is not None:
                self._begin_anew(rule)
            if rule.schedule_type != "cron":
                return True
            self._due[rule.id] = known = (rule, self._next(rule))
        return known[1] <= now

    def _begin_anew(self, rule: DetectionRule) -> None:
        """A rule that was changed or enabled again need not look at what it missed meanwhile."""
        account = self.account(rule.id)
        account.covered = 0
        self._state.notes.put(Note(account_note(rule.id), dict(vars(account))))

    def _next(self, rule: DetectionRule) -> float:
        now = time.time()
        expression = rule.schedule_expression or rule.window
        try:
            return self._clock.next_run(rule.schedule_type, expression, now)
        except ScheduleError as error:
            account = self.account(rule.id)
            if account.last_error != str(error):
                account.last_error = str(error)
                self._state.notes.put(Note(account_note(rule.id), dict(vars(account))))
            return now + 60

    async def _run(self, rule: DetectionRule, account: Account) -> None:
        schema = self._state.schemas.get(rule.log_schema_id)
        if schema is None or not schema.dataset:
            raise RuleError(f"LogSchemaId {rule.log_schema_id} has no dataset")
        if not rule.expression.strip():
            raise RuleError("the rule has no query")
        window = seconds_of(rule.window)
        threshold = Threshold.of(rule)
        until = int(time.time()) + 1
        begin = until - window
        if account.covered:  # what a failed or late run left out
            begin = max(min(begin, account.covered - 1), until - max(window, _LONGEST_RANGE))
        rows = await self._query(rule, schema.dataset, begin, until)
        if len(rows) == _ROWS and " limit " not in f" {rule.expression.lower()} ":
            account.notice = f"the result may be cut: a query without LIMIT has {_ROWS} rows"
        findings = findings_of(rule, rows)
        account.matches += len(findings)
        if threshold is not None:
            now = int(time.time())
            timed = [_timed(each, now) for each in findings]
            findings = [joined(burst, threshold.group) for burst in threshold.bursts(timed)]
        if rule.status == "enabled" and rule.id in self._state.detections:
            raiser = self._raisers.setdefault(rule.id, Raiser(self._state, rule.id))
            account.alerts += raiser.raise_all(rule, findings, window)
        account.covered = until

    async def _query(
        self, rule: DetectionRule, logstore: str, begin: int, until: int
    ) -> list[dict[str, str]]:
        def ask(client: Any) -> list[dict[str, str]]:
            from aliyun.log import GetHistogramsRequest

            request = GetHistogramsRequest(self._project, logstore, begin, until, query="*")
            if not client.get_histograms(request).get_total_count():
                return []
            answer = client.get_log(
                self._project, logstore, begin, until, query=rule.expression, size=_ROWS
            )
            return [log.get_contents() for log in answer.get_logs()]

        rows = await self._logs.run(ask, min(rule.max_timeout or _SECONDS, _SECONDS))
        return [{name: str(v) for name, v in row.items() if v != "null"} for row in rows]


def account_note(rule_id: str) -> str:
    """Id of the note that keeps what a rule did."""
    return f"rule/{rule_id}"


def _timed(finding: Finding, now: int) -> Finding:
    return finding if finding.start else replace(finding, start=now, end=now)
