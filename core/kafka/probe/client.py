"""A Kafka client whose calls can be left behind.

librdkafka's calls cannot be interrupted, and while one runs the client cannot be polled either
(confluent-kafka 2.16 lets one thread at a time into a client). So a call runs in a thread of the
client's own, in slices, after each of which the client is asked what it has to tell. The slices
grow: a cause is known early, and a long way to Azure has its time. The thread that tests only waits
and can leave at any moment; the client's thread then ends its slice and closes the client.
"""

from __future__ import annotations

import functools
import queue
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from core.errors import Code, ProblemError, problem_error
from core.kafka.probe.cancellation import STEP_SECONDS, Cancellation
from core.kafka.probe.signs import Signs
from core.kafka.probe.stages import Limits
from core.kafka.settings import HubAccess, client_settings
from core.secrets.redaction import redact_text

T = TypeVar("T")

_FIRST_SLICE_SECONDS = 0.1
_LONGEST_SLICE_SECONDS = 2.0
_GROWTH = 1.5
_CALLBACK_SECONDS = 0.005
_CLOSE_SECONDS = 0.3


class ProbeClient:
    """One consumer of a random group, which commits nothing. Close it in the end.

    Attributes:
        consumer: the Kafka client. Poll it only through :meth:`poll`.
        signs: what it has told of faults.
    """

    def __init__(
        self, access: HubAccess, limits: Limits, cancellation: Cancellation, **more: Any
    ) -> None:
        from confluent_kafka import Consumer

        self._cancellation = cancellation
        self.signs = Signs(access)
        connect_ms = min(max(1_000, int(limits.connect * 1000)), 300_000)  # what librdkafka takes
        settings = {
            **client_settings(access),
            "group.id": f"isthmus-probe-{uuid.uuid4().hex}",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 100,
            "fetch.max.bytes": 2_097_152,
            "queued.max.messages.kbytes": 8_192,
            "socket.connection.setup.timeout.ms": connect_ms,
            "api.version.request.timeout.ms": connect_ms,
            "reconnect.backoff.ms": 200,
            "reconnect.backoff.max.ms": 1000,
            **self.signs.settings(),
            **more,
        }
        self.consumer: Any = Consumer(settings, logger=self.signs.logger())
        self._questions: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="probe-client", daemon=True)
        self._thread.start()

    def ask(self, question: Callable[[float], T], seconds: float) -> T:
        """What ``question`` returns; it is given the seconds that one call may take.

        A call that times out, or finds no connection, is repeated. Raises ProblemError with the
        cause as soon as the client tells it, KafkaException for what the namespace answers,
        TimeoutError after ``seconds``, CancelledError.
        """
        from confluent_kafka import KafkaError, KafkaException

        again = (KafkaError._TRANSPORT, KafkaError._TIMED_OUT, KafkaError._ALL_BROKERS_DOWN)
        deadline = time.monotonic() + seconds
        span = _FIRST_SLICE_SECONDS
        while True:
            try:
                answer = self._call(functools.partial(question, span))
            except KafkaException as error:
                if error.args[0].code() not in again:
                    raise
                if time.monotonic() > deadline:
                    raise TimeoutError from None
                self._raise_cause()
                span = min(span * _GROWTH, _LONGEST_SLICE_SECONDS)
                continue
            self.signs.settle()
            return answer

    def _call(self, question: Callable[[], T]) -> T:
        answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def carry_out() -> None:
            answer = failure = None
            try:
                answer = question()
            except BaseException as error:
                failure = error
            self.consumer.poll(_CALLBACK_SECONDS)  # nothing is assigned: only callbacks run
            answers.put((answer, failure))

        self._questions.put(carry_out)
        while True:
            self._cancellation.check()
            try:
                answer, failure = answers.get(timeout=STEP_SECONDS)
            except queue.Empty:
                continue
            if failure is not None:
                raise failure
            return answer  # type: ignore[return-value]  # None only where T admits it

    def poll(self, seconds: float = STEP_SECONDS) -> Any:
        """The next message, or None; runs the callbacks. Raises CancelledError."""
        self._cancellation.check()
        return self.consumer.poll(seconds)

    def next_event(self, deadline: float) -> Any:
        """The next message or error of a partition.

        Raises ProblemError with a cause that the client tells, TimeoutError, CancelledError.
        """
        while True:
            event = self.poll()
            if event is not None:
                return event
            self._raise_cause()
            if time.monotonic() > deadline:
                raise TimeoutError

    def unnamed(self, error: Any) -> ProblemError:
        """The problem of an answer (a KafkaError) that has no code of its own."""
        text = redact_text(error.str())
        return problem_error(Code.KAFKA_FAILED, "kafka.bootstrap", text, reason=error.name())

    def silent(self, what: str, seconds: float) -> ProblemError:
        """The problem of a question that was not answered."""
        reason = f"{what} was not answered within {seconds:g} s"
        return problem_error(Code.KAFKA_FAILED, "kafka.bootstrap", self.signs.raw, reason=reason)

    def close(self) -> None:
        """Leave; waits a moment at the most, the client's thread does the rest."""
        self._questions.put(None)
        self._thread.join(0 if self._cancellation.asked else _CLOSE_SECONDS)

    def _raise_cause(self) -> None:
        cause = self.signs.cause()
        if cause is not None:
            raise cause

    def _serve(self) -> None:
        while (question := self._questions.get()) is not None:
            question()
        self.consumer.close()
