"""The staged connection test: which step towards the event hub fails, and why.

``list_topics()`` alone answers every fault with the same "failed to get metadata" after its whole
timeout, so each stage is tried by itself and the probe ends as soon as a cause is known.
"""

from __future__ import annotations

import socket
import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from core.errors import Code, Problem, ProblemError, problem_error
from core.kafka.connection_string import ConnectionString, parse_connection_string
from core.kafka.settings import HubAccess, client_settings
from core.kafka.tls import client_context, presented_issuer
from core.secrets.redaction import redact_text

STAGES = ("parse", "resolve", "connect", "tls", "sign_in", "hub")
"""The stages in their order. Rights, watermarks and records come with a later version."""

_CONNECT_SECONDS = 5.0
_SIGN_IN_SECONDS = 15.0
_STEP_SECONDS = 0.5


@dataclass
class Stage:
    """One stage's outcome.

    Attributes:
        stage: its name, of STAGES.
        state: ok, failed or not_reached.
        seconds: how long it took.
        evidence: what was seen, redacted.
    """

    stage: str
    state: Literal["ok", "failed", "not_reached"] = "not_reached"
    seconds: float = 0.0
    evidence: str = ""

    def as_json(self) -> dict[str, Any]:
        """The stage as the command line's JSON shows it."""
        return {
            "stage": self.stage,
            "state": self.state,
            "seconds": round(self.seconds, 3),
            "evidence": self.evidence,
        }


@dataclass
class Probe:
    """The whole test; ``problem`` is what failed, None if all went well."""

    stages: list[Stage] = field(default_factory=lambda: [Stage(name) for name in STAGES])
    problem: Problem | None = None

    def as_json(self) -> dict[str, Any]:
        """The result as the command line's JSON shows it."""
        return {
            "verdict": "failed" if self.problem else "ok",
            "code": str(self.problem.code) if self.problem else None,
            "stages": [stage.as_json() for stage in self.stages],
            "problem": self.problem.as_json() if self.problem else None,
        }


def probe_hub(access: HubAccess, on_stage: Callable[[Stage], None] | None = None) -> Probe:
    """Try each stage in turn; ``on_stage`` is told of each one that ended. Never raises."""
    probe = Probe()
    stages = iter(probe.stages)

    @contextmanager
    def stage() -> Iterator[Stage]:
        current = next(stages)
        began = time.monotonic()
        try:
            yield current
            current.state = "ok"
        except ProblemError as error:
            current.state = "failed"
            current.evidence = redact_text(error.problem.detail or error.problem.cause)
            raise
        finally:
            current.seconds = time.monotonic() - began
            if on_stage:
                on_stage(current)

    try:
        with stage() as current:
            parsed = _parse(access)
            current.evidence = f"policy {parsed.policy} of {parsed.host}"
        with stage() as current:
            current.evidence = ", ".join(_resolve(access))
        with stage() as current:
            connection = _connect(access)
            current.evidence = f"{access.host}:{access.port} accepts connections"
        with stage() as current, connection:
            current.evidence = _handshake(access, connection)
        with stage() as current:
            metadata = _sign_in(access)
            current.evidence = "signed in with the connection string"
        with stage() as current:
            current.evidence = _find_hub(access, metadata)
    except ProblemError as error:
        probe.problem = error.problem
    return probe


def _parse(access: HubAccess) -> ConnectionString:
    parsed = parse_connection_string(access.connection_string, "kafka.connection_string")
    if parsed.entity_path and parsed.entity_path != access.hub:
        raise problem_error(
            Code.CONNECTION_STRING_OTHER_HUB,
            "kafka.topic",
            entity=parsed.entity_path,
            hub=access.hub,
        )
    return parsed


def _resolve(access: HubAccess) -> list[str]:
    try:
        found = socket.getaddrinfo(access.host, access.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # the latter: a name that no DNS name can be
        raise problem_error(
            Code.KAFKA_HOST_UNKNOWN, "kafka.bootstrap", str(error), host=access.host
        ) from None
    return sorted({str(address[4][0]) for address in found})


def _connect(access: HubAccess) -> socket.socket:
    place: dict[str, Any] = {"host": access.host, "port": access.port}
    try:
        return socket.create_connection((access.host, access.port), _CONNECT_SECONDS)
    except TimeoutError:
        raise problem_error(
            Code.KAFKA_NO_ANSWER, "kafka.bootstrap", seconds=_CONNECT_SECONDS, **place
        ) from None
    except ConnectionRefusedError as error:
        raise problem_error(Code.KAFKA_REFUSED, "kafka.bootstrap", str(error), **place) from None
    except OSError as error:
        raise problem_error(
            Code.KAFKA_NO_ANSWER, "kafka.bootstrap", str(error), seconds=_CONNECT_SECONDS, **place
        ) from None


def _handshake(access: HubAccess, connection: socket.socket) -> str:
    context = client_context(access.ca_file)
    try:
        with context.wrap_socket(connection, server_hostname=access.host) as tls:
            return f"{tls.version()}, certificate trusted"
    except ssl.SSLCertVerificationError as error:
        raise problem_error(
            Code.KAFKA_CERTIFICATE_UNTRUSTED,
            "network.ca_file",
            error.verify_message,
            host=access.host,
            issuer=presented_issuer(access.host, access.port, _CONNECT_SECONDS),
        ) from None
    except TimeoutError:
        raise problem_error(
            Code.KAFKA_NO_ANSWER,
            "kafka.bootstrap",
            "the connection opened, the TLS handshake was not answered",
            host=access.host,
            port=access.port,
            seconds=_CONNECT_SECONDS,
        ) from None
    except (ssl.SSLError, OSError) as error:
        raise problem_error(
            Code.KAFKA_NOT_TLS, "kafka.bootstrap", str(error), host=access.host, port=access.port
        ) from None


def _sign_in(access: HubAccess) -> Any:
    """Metadata of the hub, once the namespace has accepted the connection string."""
    from confluent_kafka import Consumer, KafkaError, KafkaException

    seen: list[KafkaError] = []
    consumer = Consumer(
        client_settings(access)
        | {"group.id": f"isthmus-probe-{uuid.uuid4().hex}", "error_cb": seen.append},
    )
    try:
        deadline = time.monotonic() + _SIGN_IN_SECONDS
        while True:
            try:
                return consumer.list_topics(access.hub, timeout=_STEP_SECONDS)
            except KafkaException as error:
                last = error.args[0]
            consumer.poll(0)  # runs the error callback
            for fault in seen:
                if fault.code() in (
                    KafkaError._AUTHENTICATION,
                    KafkaError.SASL_AUTHENTICATION_FAILED,
                ):
                    raise problem_error(
                        Code.KAFKA_SIGN_IN_REFUSED,
                        "kafka.connection_string",
                        redact_text(fault.str()),
                    )
            if time.monotonic() > deadline:
                raise _unnamed(seen[-1] if seen else last)
    finally:
        consumer.close()


def _find_hub(access: HubAccess, metadata: Any) -> str:
    from confluent_kafka import KafkaError

    topic = metadata.topics.get(access.hub)
    code = topic.error.code() if topic is not None and topic.error is not None else None
    if topic is None or code == KafkaError.UNKNOWN_TOPIC_OR_PART:
        raise problem_error(Code.KAFKA_HUB_NOT_FOUND, "kafka.topic", hub=access.hub)
    if code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        raise problem_error(
            Code.KAFKA_HUB_DENIED, "kafka.topic", redact_text(topic.error.str()), hub=access.hub
        )
    if code is not None:
        raise _unnamed(topic.error)
    return f"{access.hub} has {len(topic.partitions)} partitions"


def _unnamed(error: Any) -> ProblemError:
    return problem_error(
        Code.KAFKA_FAILED, "kafka.bootstrap", redact_text(error.str()), reason=error.name()
    )
