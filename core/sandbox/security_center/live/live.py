"""What makes the emulated Security Center alive: health, ingestion and detection, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from core.sandbox.process import CommandTable
from core.sandbox.security_center.live.connectors import job_states
from core.sandbox.security_center.live.detection import Account, Detection
from core.sandbox.security_center.live.guard import keep_running
from core.sandbox.security_center.live.health import Health
from core.sandbox.security_center.live.ingestion import Counts, Ingestion, counts_note
from core.sandbox.security_center.live.schedule import Clock
from core.sandbox.security_center.live.waiting import pause
from core.sandbox.security_center.log_access import LogAccess, NotReadyError
from core.sandbox.security_center.log_calls import LogCalls
from core.sandbox.security_center.model import Connector, Policy
from core.sandbox.security_center.model_detection import DetectionRule
from core.sandbox.security_center.state import State

_TICK_SECONDS = 0.5
_STOP_SECONDS = 1.0


class Live:
    """Everything that goes on by itself. Used on one event loop.

    Attributes:
        commands: control commands of the emulator: ``live``, ``run_now``, ``quiet_after``.
    """

    def __init__(self, state: State, access: LogAccess, minute: float) -> None:
        """``minute``: seconds that a minute of a rule's schedule takes."""
        self._state = state
        self._access = access
        self._minute = minute
        self._stop = asyncio.Event()
        self._calls = LogCalls(access)
        self._health = Health(state, self._calls)
        self._detection: Detection | None = None
        self._working: dict[str, tuple[Policy, Ingestion, asyncio.Event, asyncio.Task[None]]] = {}
        self._there: tuple[str, ...] = ()
        self._tasks: list[asyncio.Task[None]] = []
        self.commands: CommandTable = {
            "live": self._live,
            "run_now": self._run_now,
            "quiet_after": self._quiet_after,
        }

    def start(self) -> None:
        """Begin; Log Service need not be there yet."""
        self._tasks.append(asyncio.create_task(self._run()))

    async def stop(self) -> None:
        """End all loops; what was begun is finished, and every cursor is kept."""
        self._stop.set()
        for _, _, halt, _ in self._working.values():
            halt.set()
        tasks = [*self._tasks, *(each[3] for each in self._working.values())]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._calls.close()

    async def job_states(self, connectors: Sequence[Connector]) -> dict[str, str]:
        """Id of each connector -> the state of its import job; see :func:`.job_states`."""
        return await job_states(self._calls, connectors)

    async def _run(self) -> None:
        region = await self._region()
        if not region:
            return
        self._detection = Detection(self._state, self._calls, region, Clock(self._minute))
        await asyncio.gather(
            keep_running(self._health.run, self._stop),
            keep_running(self._detection.run, self._stop),
            keep_running(partial(self._follow, region), self._stop),
        )

    async def _follow(self, region: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._follow_policies(region)
            self._forget_removed()
            await pause(stop, _TICK_SECONDS)

    async def _region(self) -> str:
        """Log Service's region, once it can be known; empty: the emulator stops before."""
        while not self._stop.is_set():
            try:
                return self._access.keys().region
            except NotReadyError:
                await pause(self._stop, _TICK_SECONDS)
        return ""

    async def _follow_policies(self, region: str) -> None:
        """One :class:`Ingestion` for each enabled policy, made anew when the policy changes."""
        wanted = {each.id: _essence(each) for each in self._state.policies.all() if each.enabled}
        for name, (essence, _, halt, task) in list(self._working.items()):
            if wanted.get(name) != essence:
                halt.set()
                await task
                del self._working[name]
        for name, policy in wanted.items():
            if name not in self._working:
                ingestion = Ingestion(self._state, self._calls, policy, region)
                halt = asyncio.Event()
                task = asyncio.create_task(keep_running(ingestion.run, halt))
                self._working[name] = (policy, ingestion, halt, task)

    def _forget_removed(self) -> None:
        """Drop what is kept of policies and rules that are no more."""
        there = (*map(_id, self._state.policies.all()), *map(_id, self._state.detections.all()))
        if there == self._there:
            return
        self._there = there
        if self._detection is not None:
            self._detection.forget_removed()
        gone = [
            note.id
            for note in self._state.notes.all()
            if note.id.startswith(("counts/", "cursors/", "scan/"))
            and note.id.split("/")[1] not in self._state.policies
        ]
        if gone:
            self._state.notes.delete(*gone)

    async def _live(self) -> dict[str, Any]:
        """What policies and rules did so far."""
        policies = {}
        for policy in self._state.policies.all():
            kept = self._state.notes.get(counts_note(policy.id))
            counts = Counts(**kept.data) if kept is not None else Counts()
            working = self._working.get(policy.id)
            error = working[1].error if working is not None else ""
            policies[policy.id] = {**asdict(counts), "state": policy.state, "error": error}
        rules = {}
        for rule in self._state.detections.all():
            if self._detection is not None:
                account = self._detection.account(rule.id)
                if account.runs or rule.status != "disabled":
                    rules[rule.id] = {"name": rule.name, "status": rule.status, **asdict(account)}
        return {"policies": policies, "rules": rules}

    async def _run_now(self, rule: str = "") -> dict[str, Any]:
        """Run a rule, or all enabled ones, at once."""
        if self._detection is None:
            raise ValueError("Log Service is not there yet")
        done: dict[str, Account] = await self._detection.run_now(rule)
        return {name: asdict(account) for name, account in done.items()}

    async def _quiet_after(self, seconds: float) -> None:
        """How long a Logstore may be without new logs from now on."""
        self._health.quiet_seconds = float(seconds)


def _id(item: Policy | DetectionRule) -> str:
    return item.id


def _essence(policy: Policy) -> Policy:
    """A policy without what its own work changes in it."""
    return replace(policy, state="uningested", state_code="", updated=0)
