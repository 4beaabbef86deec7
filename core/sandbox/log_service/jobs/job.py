"""A job of a project: what its user wrote, and what its execution counted.

Alibaba Cloud: SLS API reference, structures "ETL" (its states) and "Ingestion"; a Kafka import has
the same states (assumption SLS-31).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_NOTICES = 20


class JobType(StrEnum):
    """The types of job that the sandbox runs."""

    INGESTION = "Ingestion"
    ETL = "ETL"


class Status(StrEnum):
    """What the service says of a job."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    RESTARTING = "RESTARTING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass
class Counts:
    """What a job did since it was made; of a killed service, up to the last change of any job.

    Attributes:
        read: messages, or logs of the source Logstore.
        written: logs.
        failed: messages or logs that were discarded.
        notices: what its user should know, each once.
    """

    read: int = 0
    written: int = 0
    failed: int = 0
    notices: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep a notice, unless it is known or there are many already."""
        if text not in self.notices and len(self.notices) < _NOTICES:
            self.notices.append(text)


@dataclass
class Job:
    """A job.

    Attributes:
        id: names its files; never used twice.
        created, modified: epoch seconds.
        configuration: as it was written; holds secrets.
        rest: the state it has while nothing runs: STOPPED, FAILED, SUCCEEDED; RUNNING when it is
            to run.
        failure: why it is FAILED.
    """

    id: int
    project: str
    name: str
    type: JobType
    display_name: str
    description: str
    schedule: dict[str, Any]
    configuration: dict[str, Any] = field(repr=False)
    created: int
    modified: int
    rest: Status = Status.RUNNING
    failure: str = ""
    counts: Counts = field(default_factory=Counts)

    @property
    def schedule_id(self) -> str:
        """The scheduler's id of it."""
        return f"{self.id:032x}"

    @property
    def logstore(self) -> str:
        """The Logstore that it belongs to in lists: written by an import, read by an ETL."""
        return str(self.configuration["logstore"])
