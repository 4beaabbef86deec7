"""States of data connectors: each has a Kafka import job in Log Service, which is asked for it.

Security Center API: ListDataConnectors, SlsIngestionJobName and SlsIngestionJobState ("running").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.sandbox.security_center.log_calls import LogCalls, LogServiceError
from core.sandbox.security_center.model import Connector

GONE = "deleted"
UNKNOWN = "unknown"
_NO_JOB = frozenset({"JobNotExist", "ProjectNotExist"})


async def job_states(calls: LogCalls, connectors: Sequence[Connector]) -> dict[str, str]:
    """Id of each connector -> the state of its job, in lower case.

    ``deleted``: there is no such job; ``unknown``: Log Service does not tell now (SC-29).
    """
    return {each.id: await _state(calls, each) for each in connectors}


async def _state(calls: LogCalls, connector: Connector) -> str:
    def ask(client: Any) -> str:
        job = client.get_ingestion(connector.project, connector.job).get_ingestion()
        return str(job.get("status") or UNKNOWN).lower()

    try:
        return await calls.run(ask)
    except LogServiceError as error:
        return GONE if error.code in _NO_JOB else UNKNOWN
