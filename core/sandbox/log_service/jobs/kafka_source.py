"""What the configuration of a Kafka import says.

Fields and required ones: Alibaba Cloud, alibabacloud_sls20201230 5.15.1,
KafkaIngestionConfigurationSource; aliyun-log-go-sdk, client_job.go and its Kafka sample. Limits:
SLS "Limits on data import from Kafka".
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from typing import Any

from core.sandbox.log_service.jobs.log_times import LogTimes, read_times
from core.sandbox.log_service.jobs.reading import (
    an_object,
    one_of,
    refused,
    text_of,
    truth_of,
    unsupported,
)

_PLACE = "configuration.source"
_MOST_TOPICS = 10_000
_PRIVATE = ("vpcId", "vswitchId", "securityGroups", "enableVpcNat")
_PORT = re.compile(r"[0-9]{1,5}")
_NOT_PLAYED = ("nameResolutions", "processorId", "additionalProps", "format")


@dataclass(frozen=True)
class KafkaSource:
    """Where an import reads, and how a message becomes a log.

    Attributes:
        group: the consumer group, empty for one of the job's own.
        start: ``earliest`` or ``latest``, where the group has no commit.
        is_json: the values are JSON; otherwise text.
        splits_arrays: an array becomes a log for each element.
        context: logs name their topic and partition.
        kafka_time: a log without a time of its own has the message's, otherwise the clock's.
    """

    bootstrap: str
    topics: tuple[str, ...]
    group: str
    start: str
    username: str
    password: str = field(repr=False)
    is_json: bool
    splits_arrays: bool
    encoding: str
    context: bool
    kafka_time: bool
    times: LogTimes | None


def read_source(configuration: dict[str, Any], typed: bool) -> KafkaSource:
    """Read and check a configuration. Raises ServiceError ParameterInvalid.

    ``typed``: as the typed API does, which requires more than the older one.
    """
    source = an_object(configuration.get("source"), _PLACE)
    kind = source.get("type", "Kafka" if typed else None)
    if kind != "Kafka":
        if not isinstance(kind, str):
            raise refused(f"{_PLACE}.type is required")
        raise unsupported(f"an import of type {kind}; it plays Kafka")
    for name in (*_PRIVATE, *_NOT_PLAYED):
        if source.get(name) not in (None, "", False, {}, []):
            raise unsupported(f"{_PLACE}.{name}")
    value_type = one_of(text_of(source, "valueType", _PLACE), ("json", "text"), "valueType")
    start = one_of(text_of(source, "fromPosition", _PLACE), ("earliest", "latest"), "fromPosition")
    time_source = text_of(source, "defaultTimeSource", _PLACE, needed=False) or "system"
    username, password = _credentials(source)
    return KafkaSource(
        bootstrap=_bootstrap(source),
        topics=_topics(source),
        group=text_of(source, "consumerGroup", _PLACE, needed=False),
        start=start,
        username=username,
        password=password,
        is_json=value_type == "json",
        splits_arrays=truth_of(source, "parseArray", _PLACE, needed=typed),
        encoding=_encoding(text_of(source, "encoding", _PLACE, needed=typed) or "UTF-8"),
        context=truth_of(source, "enableSlsContext", _PLACE),
        kafka_time=one_of(time_source, ("system", "kafka"), "defaultTimeSource") == "kafka",
        times=read_times(source),
    )


def _bootstrap(source: dict[str, Any]) -> str:
    text = text_of(source, "bootstrapServers", _PLACE)
    for each in text.split(","):
        host, colon, port = each.strip().rpartition(":")
        if not (host and colon and _PORT.fullmatch(port) and 0 < int(port) < 65536):
            raise refused(f"bootstrapServers: {each.strip()!r} is not host:port")
    return text


def _topics(source: dict[str, Any]) -> tuple[str, ...]:
    topics = tuple(each.strip() for each in text_of(source, "topics", _PLACE).split(","))
    if not all(topics) or len(topics) > _MOST_TOPICS:
        raise refused(f"topics must be 1 to {_MOST_TOPICS} names with commas between them")
    return topics


def _encoding(name: str) -> str:
    try:
        b" ".decode(name, "replace")  # refuses codecs that are not of text, too
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise refused(f"encoding {name!r} is not known") from None


def _credentials(source: dict[str, Any]) -> tuple[str, str]:
    """User name and password out of ``communication``, a JSON object in a string."""
    text = text_of(source, "communication", _PLACE, needed=False)
    if not text:
        raise unsupported("a source without communication; it plays sasl_ssl with plain")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise refused("communication must be a JSON object in a string")
    protocol = text_of(given, "protocol", "communication")
    sasl = an_object(given.get("sasl"), "communication.sasl")
    mechanism = text_of(sasl, "mechanism", "communication.sasl")
    if (protocol.lower(), mechanism.lower()) != ("sasl_ssl", "plain"):
        raise unsupported(f"{protocol} with {mechanism}; it plays sasl_ssl with plain")
    place = "communication.sasl"
    return text_of(sasl, "username", place), text_of(sasl, "password", place)
