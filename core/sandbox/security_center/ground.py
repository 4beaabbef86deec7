"""The project of the normalised logs: a Logstore for each dataset, made at the first call.

The service makes it when it is activated. Here that is put off until somebody uses the API, so that
a sandbox whose Security Center nobody asks for does not pay for it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from core.sandbox.security_center.log_service import Logs
from core.sandbox.security_center.names import data_project
from core.sandbox.security_center.presets import DATASETS, structures_of
from core.sandbox.security_center.standard_fields import COMMON, FIELDS, fields
from core.sandbox.security_center.wire import ApiError

TTL_DAYS = 180
_SHARDS = 2
_AGAIN_SECONDS = 0.2
_DELIMITERS = list(", '\";=()[]{}?@&<>/:\n\t\r")


class Ground:
    """Makes what is missing, once in the life of the process. Used on one event loop."""

    def __init__(self, logs: Logs, account: str) -> None:
        self._logs = logs
        self._account = account
        self._turn = asyncio.Lock()
        self._made = False
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Make it in the background, if that was not begun yet; tried until it works."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def ready(self) -> None:
        """Make it now, or wait until it is made. Raises ApiError if Log Service refuses."""
        async with self._turn:
            if not self._made:
                project = data_project(self._account, self._logs.region)
                await self._logs.call(lambda client: make(client, project))
                self._made = True

    async def stop(self) -> None:
        """Give up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while not self._made:
            try:
                await self.ready()
            except ApiError:  # it may be away for a while
                await asyncio.sleep(_AGAIN_SECONDS)


def make(client: Any, project: str) -> None:
    """What is missing of the project, its Logstores and their indexes. Raises LogException."""
    from aliyun.log import IndexConfig

    known = client.list_project(offset=0, size=500).get_projects()
    if project not in [each["projectName"] for each in known]:
        client.create_project(project, "Security Center normalised logs")
    existing = client.list_logstore(project, offset=0, size=500).get_logstores()
    for dataset in DATASETS:
        if dataset not in existing:
            client.create_logstore(project, dataset, ttl=TTL_DAYS, shard_count=_SHARDS)
        if _has_index(client, project, dataset):
            continue
        index = IndexConfig()
        index.from_json(index_of(field_names(structures_of(dataset))))
        client.create_index(project, dataset, index)


def _has_index(client: Any, project: str, dataset: str) -> bool:
    from aliyun.log import LogException

    try:
        client.get_index_config(project, dataset)
    except LogException as error:
        if error.get_error_code() == "IndexConfigNotExist":
            return False
        raise
    return True


def index_of(names: list[str]) -> dict[str, Any]:
    """The index of a dataset's Logstore: full text, and every field that its structures have."""
    text = {"caseSensitive": False, "token": _DELIMITERS, "chn": False}
    key = {**text, "type": "text", "doc_value": True, "alias": ""}
    return {"line": text, "keys": dict.fromkeys(names, key)}


def field_names(structures: list[str]) -> list[str]:
    """All fields of some structures."""
    found = [each.name for name in structures for each in fields(FIELDS[name] + COMMON)]
    return list(dict.fromkeys(found))
