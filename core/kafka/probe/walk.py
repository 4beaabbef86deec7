"""The test itself: one stage after the other, until one fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from core.errors import Code, ProblemError, problem
from core.kafka.connection_string import ConnectionString
from core.kafka.probe.cancellation import Cancellation, CancelledError
from core.kafka.probe.client import ProbeClient
from core.kafka.probe.handshake import handshake
from core.kafka.probe.reach import Address, connect, parse, resolve
from core.kafka.probe.records import sample, watermarks
from core.kafka.probe.rights import prove_rights
from core.kafka.probe.sign_in import find_hub, sign_in
from core.kafka.probe.stages import STAGES, Limits, Probe, Stage
from core.kafka.settings import HubAccess
from core.secrets.redaction import redact_text


def probe_hub(
    access: HubAccess,
    on_stage: Callable[[Stage], None] | None = None,
    *,
    until: str = STAGES[-1],
    limits: Limits | None = None,
    cancellation: Cancellation | None = None,
) -> Probe:
    """Try each stage in turn, up to ``until``; ``on_stage`` is told of each one that ended.

    Nothing is committed, and no group that anybody else is in is touched. A cancellation from
    another thread ends it within half a second; ``problem`` is then ``probe_cancelled``. Raises
    nothing of its own.
    """
    walk = _Walk(access, on_stage, until, limits or Limits(), cancellation or Cancellation())
    try:
        walk.reach()
        if walk.goes_on("sign_in"):
            walk.read()
    except ProblemError as error:
        walk.probe.problem = error.problem
    except CancelledError:
        walk.probe.cancelled = True
        walk.probe.problem = problem(Code.PROBE_CANCELLED, "probe")
    return walk.probe


class _Walk:
    """One test under way."""

    def __init__(
        self,
        access: HubAccess,
        on_stage: Callable[[Stage], None] | None,
        until: str,
        limits: Limits,
        cancellation: Cancellation,
    ) -> None:
        self.probe = Probe()
        self._access = access
        self._on_stage = on_stage
        self._last = STAGES.index(until)
        self._limits = limits
        self._cancellation = cancellation
        self._parsed: ConnectionString

    def goes_on(self, name: str) -> bool:
        """Whether the stage ``name`` is wanted."""
        return STAGES.index(name) <= self._last

    @contextmanager
    def _stage(self, name: str) -> Iterator[Stage]:
        """Time a stage, note how it ends, tell of it."""
        current = self.probe.stage(name)
        began = time.monotonic()
        try:
            self._cancellation.check()
            yield current
            current.state = "ok"
        except ProblemError as error:
            current.state = "failed"
            current.evidence = error.problem.detail or error.problem.cause
            raise
        finally:
            current.evidence = redact_text(current.evidence)
            current.seconds = time.monotonic() - began
            self._tell(current)

    def _tell(self, stage: Stage) -> None:
        """Of a stage that ended; one that was cancelled has not."""
        if self._on_stage and stage.state != "not_reached":
            self._on_stage(stage)

    def reach(self) -> None:
        """Parse to tls. Raises ProblemError, CancelledError."""
        access, limits, cancellation = self._access, self._limits, self._cancellation
        with self._stage("parse") as current:
            self._parsed, current.evidence = parse(access)
        addresses: list[Address] = []
        if self.goes_on("resolve"):
            with self._stage("resolve") as current:
                addresses, current.evidence = resolve(access, limits, cancellation)
        if not self.goes_on("connect"):
            return
        with ExitStack() as opened:
            deadline = time.monotonic() + limits.connect
            with self._stage("connect") as current:
                connection, current.evidence = connect(access, addresses, limits, cancellation)
                opened.enter_context(connection)
            if self.goes_on("tls"):
                with self._stage("tls") as current:
                    current.evidence = handshake(access, connection, deadline, limits, cancellation)

    def read(self) -> None:
        """Sign_in to records. Raises ProblemError, CancelledError."""
        access, limits = self._access, self._limits
        with ExitStack() as opened:
            with self._stage("sign_in") as current:
                client = ProbeClient(access, limits, self._cancellation)
                opened.callback(client.close)
                metadata = sign_in(access, client, limits)
                current.evidence = f"signed in with policy {self._parsed.policy}"
            if not self.goes_on("hub"):
                return
            with self._stage("hub") as current:
                partitions, current.evidence = find_hub(access, client, metadata, limits)
            if not self.goes_on("rights"):
                return
            with self._stage("rights") as current:
                current.evidence = prove_rights(
                    access, self._parsed, client, partitions, limits, self._cancellation
                )
            if not self.goes_on("watermarks"):
                return
            with self._stage("watermarks") as current:
                spans, current.evidence = watermarks(
                    access, self._parsed, client, partitions, limits
                )
            if self.goes_on("records"):
                with self._stage("records") as current:
                    found = sample(access, client, spans, limits)
                    current.evidence, self.probe.problem, self.probe.sample = found
