"""The live part of the emulated Security Center on a loop of its own, with a real Log Service."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aliyun.log import LogClient, LogItem, PutLogsRequest

from core.sandbox.certificates import Authority
from core.sandbox.process import Child
from core.sandbox.security_center import ground
from core.sandbox.security_center.live import Live
from core.sandbox.security_center.log_access import LogAccess
from core.sandbox.security_center.model import Connector
from core.sandbox.security_center.names import ACCOUNT, data_project
from core.sandbox.security_center.presets import seed
from core.sandbox.security_center.state import State

REGION = "ap-southeast-1"
PROJECT = "soc-logs"
DATA = data_project(ACCOUNT, REGION)


class LogService:
    """The Log Service emulator's process, and the SDK to put and to read logs with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        Authority(folder / "authority")
        self.file = folder / "log_service.json"
        self.start()
        self.child.request("create_project", name=PROJECT)
        ground.make(self.client, DATA)

    def start(self) -> None:
        self.child = Child(
            "core.sandbox.log_service",
            [
                *("--folder", str(self._folder / "state")),
                *("--authority", str(self._folder / "authority")),
            ],
            self._folder / "log_service.log",
        )
        told = {**self.child.ready, "region": REGION}
        self.file.write_text(json.dumps(told), "utf-8")
        self.client: Any = LogClient(
            f"http://{told['endpoint']}", told["access_key_id"], told["access_key_secret"]
        )
        self.client._session.trust_env = False
        self.client._session.proxies = {"http": told["http_proxy"]}

    def stop(self) -> None:
        self.client._session.close()
        self.child.stop()

    def kill(self) -> None:
        self.client._session.close()
        self.child.kill()

    def logstore(self, name: str, **settings: Any) -> str:
        self.child.request("create_logstore", project=PROJECT, name=name, **settings)
        return name

    def put(
        self, logstore: str, *logs: dict[str, str], project: str = PROJECT, time: int | None = None
    ) -> None:
        """Logs of now, or of ``time``."""
        items = [LogItem(timestamp=time, contents=list(fields.items())) for fields in logs]
        self.client.put_logs(PutLogsRequest(project, logstore, "", "10.0.0.1", items))

    def stored(self, dataset: str, project: str = DATA) -> list[dict[str, str]]:
        """All logs of a Logstore, read by cursor."""
        rows = []
        for shard in self.client.list_shards(project, dataset).get_shards_info():
            where = (project, dataset, int(shard["shardID"]))
            cursor = self.client.get_begin_cursor(*where).get_cursor()
            end = self.client.get_end_cursor(*where).get_cursor()
            while cursor != end:
                answer = self.client.pull_logs(*where, cursor, count=1000)
                for group in answer.get_loggroup_list().LogGroups:
                    for log in group.Logs:
                        fields = {each.Key: each.Value for each in log.Contents}
                        rows.append({**fields, "__time__": str(log.Time)})
                cursor = answer.get_next_cursor()
        return rows


class Center:
    """A state and what makes it alive, on a loop in a thread."""

    def __init__(self, folder: Path, log_service: LogService, minute: float) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._call(self._start(folder, log_service, minute))

    async def _start(self, folder: Path, log_service: LogService, minute: float) -> None:
        self.state = State(folder / "center.sqlite", ACCOUNT)
        seed(self.state, "salt")
        self.live = Live(self.state, LogAccess(log_service.file), minute)
        self.live.start()

    def ask(self, question: Callable[[State], Any]) -> Any:
        """What a function makes of the state, on its loop."""

        async def run() -> Any:
            return question(self.state)

        return self._call(run())

    def command(self, do: str, **arguments: Any) -> Any:
        return self._call(self.live.commands[do](**arguments))

    def job_states(self, *connectors: Connector) -> dict[str, str]:
        states: dict[str, str] = self._call(self.live.job_states(connectors))
        return states

    def close(self) -> None:
        async def end() -> None:
            await self.live.stop()
            self.state.close()

        try:
            self._call(end())
        finally:
            self._call(self._loop.shutdown_default_executor())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


@contextmanager
def center(folder: Path, log_service: LogService, minute: float = 1.0) -> Iterator[Center]:
    made = Center(folder, log_service, minute)
    try:
        yield made
    finally:
        made.close()
