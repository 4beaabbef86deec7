"""The engine: the thread that owns the Kafka consumer and everything about offsets."""

from __future__ import annotations

import math
import queue
import threading
import time
from dataclasses import replace
from typing import Any

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.put_logs import LogWriter
from core.engine.assignment import Assignment, Owned
from core.engine.batching import GroupBuilder
from core.engine.budget import MemoryBudget
from core.engine.counters import Counters, Status
from core.engine.dead_letter_writer import DeadLetterWriter, Release
from core.engine.dead_letters import DeadLetter, DeadLetterQueue
from core.engine.delivery import Delivery, Outcome
from core.engine.failpoints import pass_point
from core.engine.intake import HubRestartedError, Intake
from core.engine.ledger import Ledger
from core.engine.picture import StatusBoard
from core.engine.refused import refused_letter
from core.engine.settings import EngineSettings
from core.engine.tail_ring import TailRing
from core.engine.transform import Message, Transform
from core.errors import Code, Problem, problem
from core.kafka.settings import HubAccess, metadata_client
from core.logs import event
from core.profile import Profile
from core.records.uid import hub_id
from core.secrets.redaction import redact_text

_POLL_SECONDS = 0.05
_POLL_MESSAGES = 500
_REOPEN_SECONDS = 2.0
_STATUS_SECONDS = 0.5
_CATCH_UP_SECONDS = 0.5
_WAIT_SECONDS = 0.05
_EARLY_COMMIT_SECONDS = 0.5


class Engine:
    """Imports one hub into one Logstore until it is stopped.

    ``run()`` belongs to one thread; all other public members may be used from any.

    Attributes:
        status: the picture of the engine, renewed twice a second.
        tail: the records that went by last.
    """

    def __init__(
        self,
        profile: Profile,
        hub: HubAccess,
        log_service: LogServiceAccess,
        settings: EngineSettings | None = None,
        until_caught_up: bool = False,
    ) -> None:
        """``until_caught_up``: end once the high watermarks read at the start are committed.

        Raises OSError when the state folder cannot be used.
        """
        self._profile = profile
        self._hub = hub
        self._log_service = log_service
        self._settings = settings or EngineSettings()
        self._stop = threading.Event()
        self._asked_to_pause = threading.Event()
        self.tail = TailRing()
        folder = profile.state_folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._ledger = Ledger(folder, hub_id(hub.host, hub.port, hub.hub), profile.group)
        self._letters = DeadLetterWriter(
            DeadLetterQueue(folder / "dead-letters", profile.import_.disk_mib * 1024 * 1024),
            profile.import_.disk_mib,
        )
        self._budget = MemoryBudget(profile.import_.memory_mib)
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._writer = LogWriter(log_service, self._settings.senders)
        self._delivery = Delivery(
            self._writer,
            self._settings.senders,
            keep_order=profile.import_.order == "partition",
            budget=self._budget,
            outcomes=self._outcomes,
        )
        self._transform = Transform(
            hub_id(hub.host, hub.port, hub.hub), self._submit, self._dead_letter
        )
        self._intake: Intake | None = None
        self._restarted: frozenset[int] = frozenset()
        self._counters = Counters()
        self._board = StatusBoard(
            hub.hub,
            log_service,
            self._counters,
            self._transform,
            self._letters,
            self._ledger,
            self._delivery,
        )
        self._next_commit = 0.0
        self._early_commit = 0.0
        self._next_status = 0.0
        self._until_caught_up = until_caught_up
        self._caught_up = False
        self._give_back_until = math.inf
        self._targets: dict[int, int] | None = None
        self._next_look = 0.0
        self.status = self._picture("starting")

    def stop(self) -> None:
        """Ask ``run()`` to finish what is under way and return."""
        self._stop.set()

    def pause(self) -> None:
        """Stop reading until :meth:`resume`; what was read is stored, the member stays."""
        self._asked_to_pause.set()

    def resume(self) -> None:
        """Take back :meth:`pause`."""
        self._asked_to_pause.clear()

    def run(self) -> Problem | None:
        """Import until stopped or caught up; return what was left unfinished, if anything."""
        from confluent_kafka import KafkaException

        try:
            while not self._stop.is_set():
                try:
                    self._turn()
                    self._caught_up = self._is_caught_up()
                    if self._caught_up:
                        break
                except HubRestartedError:
                    self._begin_again()
                except KafkaException as error:
                    self._leave(error)
            return self._finish()
        finally:
            self._close_intake()
            self._delivery.stop(1.0)
            self._writer.close()
            self._letters.queue.close()

    def _turn(self) -> None:
        """One round: read, transform, take in what is done, commit when it is time."""
        if self._delivery.broken is not None:
            raise self._delivery.broken
        if self._intake is None:
            self._intake = Intake(
                self._hub,
                self._profile.group,
                self._profile.kafka.session_timeout_s,
                self._make_assignment,
                self._kept_key,
            )
        if self._until_caught_up and self._targets is None:
            self._targets = self._intake.watermarks()
        for message in self._intake.poll(_POLL_MESSAGES, _POLL_SECONDS):
            self._take(message)
        now = time.monotonic()
        hurry = self._has_reached_targets()
        for owned in self._owned.values():
            if owned.builder.is_due(now) or (hurry and owned.builder.entries):
                self._submit(owned.builder)
        self._settle()
        self._adjust_pauses()
        early = hurry and now >= self._early_commit and self._is_all_finished()
        if now >= self._next_commit or early:
            self._commit(asynchronous=True)
        if now >= self._next_status:
            self._next_status = now + _STATUS_SECONDS
            if self._intake.paused:
                self._intake.look_ahead()
            self.status = self._picture("paused" if self._intake.paused else "running")

    def _kept_key(self) -> str:
        key = self._profile.read_secret(self._profile.kafka_secret, "kafka.connection_string")
        self._hub = replace(self._hub, connection_string=key)
        return key

    def _make_assignment(self, consumer: Any) -> Assignment:
        restarted, self._restarted = self._restarted, frozenset()
        return Assignment(
            consumer,
            self._hub.hub,
            self._profile.kafka.start,
            self._ledger,
            revoke_seconds=min(self._profile.kafka.session_timeout_s / 2, 10.0),
            give_back=self._give_back,
            is_paused=lambda: self._intake is not None and self._intake.paused,
            drop=self._drop,
            metadata_client=lambda: metadata_client(self._hub),
            restarted=restarted,
        )

    @property
    def _owned(self) -> dict[int, Owned]:
        return self._intake.assignment.owned if self._intake is not None else {}

    def _take(self, message: Message) -> None:
        owned = self._owned.get(message.partition())
        if owned is None or message.offset() < owned.tracker.position:
            return  # taken away, or sought past, while it was on its way to us
        pass_point("after_consume")
        holds = self._transform.take(message, owned.builder)
        owned.tracker.track(message.offset(), holds)
        owned.times.add(message.offset(), message.timestamp()[1])
        self._counters.messages += 1
        self._counters.bytes += len(message.value() or b"")
        pass_point("after_parse")

    def _submit(self, builder: GroupBuilder) -> None:
        batch = builder.close()
        self.tail.add(batch.raw, batch.count)
        self._budget.add(batch.size)
        self._delivery.submit(batch)

    def _dead_letter(self, letter: DeadLetter) -> None:
        epoch = self._owned[letter.partition].tracker.epoch
        self._letters.add([letter], Release(letter.partition, epoch, (letter.offset,)))

    def _settle(self, wait: float = 0.0) -> None:
        """Take in outcomes (waiting up to ``wait`` seconds for a first) and dead letters."""
        try:
            while True:
                self._take_in(self._outcomes.get(timeout=wait) if wait else self._next_outcome())
                wait = 0.0
        except queue.Empty:
            pass
        for release in self._letters.flush():
            self._release(release)

    def _next_outcome(self) -> Outcome:
        return self._outcomes.get_nowait()

    def _take_in(self, outcome: Outcome) -> None:
        batch = outcome.batch
        self._counters.stored += outcome.stored
        release = Release(batch.partition, batch.epoch, tuple(batch.offsets))
        if outcome.refused:
            letters = [refused_letter(entry, code) for entry, code in outcome.refused]
            self._letters.add(letters, release)
        else:
            self._release(release)

    def _release(self, release: Release) -> None:
        owned = self._owned.get(release.partition)
        if owned is None or owned.tracker.epoch != release.epoch:
            return  # the answer came after the assignment's end: its messages are read again
        for offset in release.offsets:
            owned.tracker.release(offset)

    def _adjust_pauses(self) -> None:
        intake = self._intake
        if intake is None:
            return
        held = sum(owned.builder.size for owned in self._owned.values())
        if self._budget.must_pause(held):
            intake.pause("memory")
        elif self._budget.may_resume(held):
            intake.resume("memory")
        for reason, holds in (
            ("disk", self._letters.problem is not None),
            ("asked", self._asked_to_pause.is_set()),
        ):
            (intake.pause if holds else intake.resume)(reason)

    def _commit(self, asynchronous: bool) -> bool:
        """Commit what may be committed; False if the group refused it."""
        now = time.monotonic()
        self._next_commit = now + self._settings.commit_seconds
        self._early_commit = now + _EARLY_COMMIT_SECONDS
        if self._intake is None:
            return True
        assignment = self._intake.assignment
        if assignment.store() or assignment.behind():
            return assignment.commit(asynchronous)
        return True

    def _give_back(self, partitions: list[int], deadline: float) -> None:
        """Before ``partitions`` go: wait for what is under way, drop what was not sent.

        At the end of a stop nothing is waited for any more: the time of the stop is used up.
        """
        deadline = min(deadline, self._give_back_until)
        for number in partitions:
            owned = self._owned[number]
            owned.builder.close()
            self._delivery.void(number, owned.tracker.epoch)
        while self._delivery.under_way(partitions) and time.monotonic() < deadline:
            self._settle(_WAIT_SECONDS)
        self._settle()

    def _leave(self, error: Exception) -> None:
        """The consumer failed as a whole: begin with a new one; nothing uncommitted is lost."""
        event("kafka.reopen", reason=redact_text(str(error)))
        self._close_intake()
        self.status = self._picture(
            "failing",
            problem(
                Code.KAFKA_FAILED,
                "kafka.bootstrap",
                redact_text(str(error)),
                reason="the client gave up",
            ),
        )
        self._stop.wait(_REOPEN_SECONDS)

    def _begin_again(self) -> None:
        """The hub was made again. What was read of the old one is stored; a new client, which
        remembers none of its offsets, begins at the new one's beginning.
        """
        for owned in self._owned.values():
            if owned.builder.entries:
                self._submit(owned.builder)
        self._restarted = frozenset(self._owned)
        self._targets = None
        if self._intake is not None:
            self._intake.assignment.abandoned = True
        self._close_intake()

    def _drop(self, partition: int, epoch: int) -> None:
        """Forget what waits for a partition that somebody else reads again from now on."""
        if self._intake is None or not self._intake.assignment.abandoned:
            self._delivery.void(partition, epoch)

    def _close_intake(self) -> None:
        """Leave the group, giving the partitions back on the way if that is still possible."""
        from confluent_kafka import KafkaException

        if self._intake is None:
            return
        try:
            self._intake.close()
        except KafkaException as error:
            event("kafka.close_failed", reason=redact_text(str(error)))
        self._intake = None

    def _finish(self) -> Problem | None:
        """Finish what is under way within the time a stop may take, and commit it."""
        self.status = self._picture("stopping")
        deadline = time.monotonic() + self._settings.stop_seconds
        for owned in self._owned.values():
            if owned.builder.entries:
                self._submit(owned.builder)
        while self._is_unsettled() and time.monotonic() < deadline:
            self._settle(_WAIT_SECONDS)
        self._settle()
        committed = self._commit(asynchronous=False)
        self._give_back_until = deadline
        self.status = self._picture("stopping")
        left = sum(owned.tracker.unfinished for owned in self._owned.values())
        early = self._until_caught_up and not self._caught_up
        if self._is_unsettled() or early or not committed:
            seconds = self._settings.stop_seconds
            return problem(Code.STOP_INCOMPLETE, "stop", messages=left or "some", seconds=seconds)
        return None

    def _is_unsettled(self) -> bool:
        return bool(not self._is_all_finished() or self._delivery.pending or self._letters.pending)

    def _is_all_finished(self) -> bool:
        return not any(owned.tracker.unfinished for owned in self._owned.values())

    def _has_reached_targets(self) -> bool:
        if self._targets is None:
            return False
        return all(
            owned.tracker.position >= self._targets.get(number, 0)
            for number, owned in self._owned.items()
        )

    def _is_caught_up(self) -> bool:
        """Whether the group has committed every watermark read at the start."""
        now = time.monotonic()
        if self._targets is None or self._intake is None or now < self._next_look:
            return False
        self._next_look = now + _CATCH_UP_SECONDS
        owned = self._owned
        if any(each.committed < self._targets.get(number, 0) for number, each in owned.items()):
            return False
        others = [number for number in self._targets if number not in owned]
        if not others:
            return True
        committed = self._intake.committed_elsewhere(others)
        return all(committed[number] >= self._targets[number] for number in others)

    def _picture(self, state: str, trouble: Problem | None = None) -> Status:
        return self._board.draw(state, self._intake, trouble)
