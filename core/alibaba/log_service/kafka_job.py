"""A Kafka import job of Log Service: what it is given, and what Log Service tells of it.

Sources: Alibaba Cloud, SLS "CreateKafkaIngestion", "KafkaIngestionConfigurationSource" (typed
form); the SDKs' job API of type Ingestion (older form); "Limits on data import from Kafka".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.kafka.connection_string import key_fingerprint

Form = Literal["typed", "jobs"]
"""``typed``: ``/kafkaingestions``; ``jobs``: the older ``/jobs`` of type Ingestion."""
USER = "$ConnectionString"
"""The user name that Event Hubs wants with a connection string."""
_KEY = re.compile(r"\s*\[key ([0-9a-f]{16})\]$")


@dataclass(frozen=True)
class KafkaImport:
    """The wish for an import job.

    Attributes:
        name: unique in the project.
        display_name: what the console shows.
        description: free text.
        logstore: where its logs go, one a message.
        bootstrap: ``host:port`` of the Kafka endpoint.
        topic: the event hub's name.
        group: consumer group, the job's own.
        start: where a group without commits begins.
        connection_string: the Kafka password; it goes to Log Service and nowhere else.
        parse_array: make a log of each element of a message that is a JSON array; a message of
            the form ``{"records": [...]}`` is an object and stays one log.
    """

    name: str
    display_name: str
    description: str
    logstore: str
    bootstrap: str
    topic: str
    group: str
    start: Literal["earliest", "latest"]
    connection_string: str = field(repr=False)
    parse_array: bool = False


@dataclass(frozen=True)
class ImportJob:
    """An import job as Log Service tells of it.

    Attributes:
        name: unique in the project.
        display_name: what the console shows.
        description: free text, as it was wished.
        logstore: where its logs go.
        status: such as ``RUNNING``, ``STARTING``, ``STOPPED``, ``FAILED``; empty if not told.
        form: by which of the two APIs it was found.
        bootstrap: ``host:port`` of the Kafka endpoint.
        topic: the event hub's name.
        group: consumer group; empty: Log Service's own choice.
        start: ``earliest`` or ``latest``.
        key_fingerprint: of the key it has (``core.kafka.connection_string``); empty: not known.
    """

    name: str
    display_name: str
    description: str
    logstore: str
    status: str
    form: Form
    bootstrap: str
    topic: str
    group: str
    start: str
    key_fingerprint: str


def job_body(wish: KafkaImport, form: Form) -> dict[str, Any]:
    """The request's JSON; it holds the connection string."""
    sign_in = {"mechanism": "plain", "username": USER, "password": wish.connection_string}
    source: dict[str, Any] = {
        "bootstrapServers": wish.bootstrap,
        "topics": wish.topic,
        "fromPosition": wish.start,
        "valueType": "json",
        "parseArray": wish.parse_array,
        "encoding": "UTF-8",
        "consumerGroup": wish.group,
        "communication": json.dumps({"protocol": "sasl_ssl", "sasl": sign_in}),
        # A log's time is its message's, as far as Log Service takes it (assumption SLS-43).
        "timeField": "",
        "timePattern": "",
        "timeFormat": "",
        "timeZone": "",
        "defaultTimeSource": "kafka",
        "enableSlsContext": True,
    }
    configuration: dict[str, Any] = {"logstore": wish.logstore, "source": source}
    body: dict[str, Any] = {
        "name": wish.name,
        "displayName": wish.display_name,
        # Log Service may hide the password when it tells of the job (SLS-41), so the key's
        # fingerprint stands here, where a rotated key can be told from it.
        "description": f"{wish.description} [key {key_fingerprint(wish.connection_string)}]",
        "schedule": {"type": "Resident", "runImmediately": True},
        "configuration": configuration,
    }
    if form == "jobs":
        source["type"] = "Kafka"
        configuration |= {"version": "v2.0", "numberOfInstance": 0}
        body["type"] = "Ingestion"
    return body


def told_job(told: Mapping[str, Any], form: Form) -> ImportJob | None:
    """The job in an answer's JSON; None: it does not import from Kafka. KeyError: it is no job."""
    configuration = told.get("configuration") or {}
    source = configuration.get("source") or {}
    if form == "jobs" and str(source.get("type", "")).lower() != "kafka":
        return None
    text = str(told.get("description") or "")
    kept = _KEY.search(text)
    return ImportJob(
        name=str(told["name"]),
        display_name=str(told.get("displayName") or ""),
        description=_KEY.sub("", text),
        logstore=str(configuration.get("logstore") or ""),
        status=str(told.get("status") or "").upper(),
        form=form,
        bootstrap=str(source.get("bootstrapServers") or ""),
        topic=str(source.get("topics") or ""),
        group=str(source.get("consumerGroup") or ""),
        start=str(source.get("fromPosition") or ""),
        key_fingerprint=_told_key(source) or (kept.group(1) if kept else ""),
    )


def _told_key(source: Mapping[str, Any]) -> str:
    """The fingerprint of the key in an answer; empty where Log Service hides it."""
    try:
        communication = json.loads(source.get("communication") or "{}")
        password = str(communication["sasl"]["password"])
    except (ValueError, KeyError, TypeError):
        return ""
    key = re.search(r"(?i)SharedAccessKey=([^;]+)", password)
    if key is None or re.search(r"\*{3}", key.group(1)):
        return ""
    return key_fingerprint(password)
