"""The stages sign_in and hub: the namespace accepts the connection string, and has the hub."""

from __future__ import annotations

from typing import Any

from core.errors import Code, problem_error
from core.kafka.probe.client import ProbeClient
from core.kafka.probe.stages import Limits
from core.kafka.settings import HubAccess
from core.secrets.redaction import redact_text


def sign_in(access: HubAccess, client: ProbeClient, limits: Limits) -> Any:
    """Metadata of the hub, once the namespace has accepted the connection string.

    Raises ProblemError, CancelledError.
    """
    from confluent_kafka import KafkaException

    try:
        return client.ask(
            lambda left: client.consumer.list_topics(access.hub, timeout=left), limits.step
        )
    except TimeoutError:
        raise client.silent("the sign-in", limits.step) from None
    except KafkaException as error:
        raise client.unnamed(error.args[0]) from None


def find_hub(
    access: HubAccess, client: ProbeClient, metadata: Any, limits: Limits
) -> tuple[list[int], str]:
    """Numbers of the hub's partitions, and the evidence. Raises ProblemError, CancelledError."""
    from confluent_kafka import KafkaError

    topic = metadata.topics.get(access.hub)
    code = topic.error.code() if topic is not None and topic.error is not None else None
    if topic is None or code == KafkaError.UNKNOWN_TOPIC_OR_PART:
        other = _other_case(access, client, limits)
        if other:
            raise problem_error(
                Code.KAFKA_HUB_OTHER_CASE, "kafka.topic", hub=access.hub, other=other
            )
        raise problem_error(Code.KAFKA_HUB_NOT_FOUND, "kafka.topic", hub=access.hub)
    if code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        raise problem_error(
            Code.KAFKA_HUB_DENIED, "kafka.topic", redact_text(topic.error.str()), hub=access.hub
        )
    if code is not None:
        raise client.unnamed(topic.error)
    numbers = sorted(topic.partitions)
    noun = "partition" if len(numbers) == 1 else "partitions"
    return numbers, f"{access.hub} has {len(numbers)} {noun}"


def _other_case(access: HubAccess, client: ProbeClient, limits: Limits) -> str:
    """The hub that is written like this one but for upper and lower case; empty: none is seen."""
    from confluent_kafka import KafkaException

    try:
        every = client.ask(lambda left: client.consumer.list_topics(timeout=left), limits.connect)
    except (KafkaException, TimeoutError):
        return ""
    folded = access.hub.lower()
    return next((name for name in every.topics if name.lower() == folded), "")
