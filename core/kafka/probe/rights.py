"""The stage rights: the policy may read the hub, and work in a consumer group.

Listen is proved by a real fetch of an assigned partition, which needs no group. The group is a
random one that nobody is in: joining it disturbs no import, nothing is committed, and it is left at
once (Azure: Event Hubs "Kafka FAQ": groups are made by their first member and span a namespace).
"""

from __future__ import annotations

import time
from typing import Any

from core.errors import Code, ProblemError, problem_error
from core.kafka.connection_string import ConnectionString
from core.kafka.probe.cancellation import Cancellation
from core.kafka.probe.client import ProbeClient
from core.kafka.probe.stages import Limits
from core.kafka.settings import HubAccess
from core.secrets.redaction import redact_text


def prove_rights(
    access: HubAccess,
    parsed: ConnectionString,
    client: ProbeClient,
    partitions: list[int],
    limits: Limits,
    cancellation: Cancellation,
) -> str:
    """The evidence. Raises ProblemError, CancelledError."""
    began = time.monotonic()
    joined: list[float] = []
    member = ProbeClient(
        access,
        limits,
        cancellation,
        **{
            "partition.assignment.strategy": "cooperative-sticky",
            "auto.offset.reset": "latest",  # it is there to join, not to read
            "session.timeout.ms": 10_000,
        },
    )
    try:
        member.consumer.subscribe(
            [access.hub], on_assign=lambda *_: joined.append(time.monotonic() - began)
        )
        _fetch(access, parsed, client, partitions[0], limits)
        _join(access, parsed, member, joined, limits, began)
    finally:
        member.close()
    return f"policy {parsed.policy} may read; a consumer group let us in after {joined[0]:.1f} s"


def _fetch(
    access: HubAccess,
    parsed: ConnectionString,
    client: ProbeClient,
    partition: int,
    limits: Limits,
) -> None:
    from confluent_kafka import OFFSET_END, KafkaError, TopicPartition

    client.consumer.assign([TopicPartition(access.hub, partition, OFFSET_END)])
    deadline = time.monotonic() + limits.step
    while True:
        try:
            event = client.next_event(deadline)
        except TimeoutError:
            raise client.silent("a fetch", limits.step) from None
        error = event.error()
        if error is None or error.code() == KafkaError._PARTITION_EOF:
            break
        if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise no_listen(access, parsed, error)
        if not (of_the_group(error) or error.retriable()):
            raise client.unnamed(error)
    client.consumer.unassign()
    client.signs.settle()


def _join(
    access: HubAccess,
    parsed: ConnectionString,
    member: ProbeClient,
    joined: list[float],
    limits: Limits,
    began: float,
) -> None:
    from confluent_kafka import KafkaError

    while not joined:
        event = member.poll()
        error = event.error() if event is not None else None
        if error is not None:
            if error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                raise problem_error(
                    Code.KAFKA_GROUP_DENIED,
                    "kafka.connection_string",
                    redact_text(error.str()),
                    policy=parsed.policy,
                )
            if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise no_listen(access, parsed, error)
            if error.code() != KafkaError._PARTITION_EOF and not error.retriable():
                raise member.unnamed(error)
        cause = member.signs.cause()
        if cause is not None:
            raise cause
        if time.monotonic() - began > limits.group:
            raise problem_error(
                Code.KAFKA_GROUP_UNAVAILABLE,
                "kafka.group",
                member.signs.raw,
                seconds=f"{limits.group:g}",
            )


def of_the_group(error: Any) -> bool:
    """Whether an error is about the group: a client looks for its coordinator without being asked.

    It says nothing of reading, and the member that joins hears of it too.
    """
    from confluent_kafka import KafkaError

    return bool(error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED)


def no_listen(access: HubAccess, parsed: ConnectionString, error: Any) -> ProblemError:
    """The problem of a policy that may see the hub but not read it."""
    return problem_error(
        Code.KAFKA_NO_LISTEN,
        "kafka.connection_string",
        redact_text(error.str()),
        policy=parsed.policy,
        hub=access.hub,
    )
