"""The Log Service emulator in a process of its own, and profiles and clients for it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aliyun.log import LogClient, LogItem, PutLogsRequest

from core.alibaba.credentials import key_source
from core.alibaba.log_service.access import log_service_access
from core.alibaba.log_service.control import LogService
from core.alibaba.log_service.sdk_session import steer_session
from core.errors import Problem, ProblemError
from core.profile import Profile, parse_profile
from core.sandbox.certificates import Authority, write_private
from core.sandbox.process import Child

REGION = "ap-southeast-1"
_names = itertools.count(1)


class LogRegion:
    """The emulator and short ways to use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = folder / "authority"
        self.ca_file = Authority(self.authority).ca_file
        self.child = Child(
            "core.sandbox.log_service",
            ["--folder", str(folder / "state"), "--authority", str(self.authority)],
            folder / "log_service.log",
        )
        self.ready = self.child.ready
        write_private(folder / "key.secret", self.ready["access_key_secret"].encode())

    def name(self, kind: str = "project") -> str:
        """A name of the test's own."""
        return f"{kind}-{next(_names)}"

    def profile(self, text: str = "", **parts: dict[str, Any]) -> Profile:
        """A profile of this region; ``parts``: tables, ``text``: more TOML."""
        tables: dict[str, dict[str, Any]] = {
            "kafka": {
                "bootstrap": "hub.test:9093",
                "topic": "logs",
                "connection_string": "file:kafka.secret",
            },
            "alibaba": {
                "region": REGION,
                "access_key_id": self.ready["access_key_id"],
                "access_key_secret": "file:key.secret",
            },
            "log_service": {
                "endpoint": self.ready["endpoint"],
                "project": "nobody",
                "logstore": "raw",
            },
            "network": {"ca_file": str(self.ca_file)},
            "endpoints": {"log_service_address": self.ready["address"]},
        }
        for table, values in parts.items():
            merged = {**tables.get(table, {}), **values}
            tables[table] = {name: value for name, value in merged.items() if value is not None}
        lines = ["schema_version = 1", 'name = "contoso"']
        for table, values in tables.items():
            lines += [f"[{table}]", *(f"{name} = {_toml(value)}" for name, value in values.items())]
        return parse_profile("\n".join(lines) + "\n" + text, self.folder / "contoso.toml")

    def run(
        self, work: Callable[[LogService], Awaitable[Any]], profile: Profile | None = None
    ) -> Any:
        """What ``work`` returns; its client ends with it."""

        async def whole() -> Any:
            wanted = profile or self.profile()
            logs = LogService.of(wanted, key_source(wanted))
            try:
                return await work(logs)
            finally:
                await logs.close()

        return asyncio.run(whole())

    def refusal(
        self, work: Callable[[LogService], Awaitable[Any]], profile: Profile | None = None
    ) -> Problem:
        """The problem that ``work`` ends with."""
        with pytest.raises(ProblemError) as caught:
            self.run(work, profile)
        return caught.value.problem

    @contextlib.contextmanager
    def scenario(self, name: str, **options: Any) -> Iterator[None]:
        self.child.request("scenario", name=name, on=True, **options)
        try:
            yield
        finally:
            self.child.request("scenario", name=name, on=False)

    @contextlib.contextmanager
    def denied(self, *actions: str) -> Iterator[None]:
        """Those RAM actions are refused."""
        self.child.request("denied", actions=list(actions))
        try:
            yield
        finally:
            self.child.request("denied", actions=[])

    def close(self) -> None:
        self.child.stop()


def put_logs(
    region: LogRegion, project: str, logstore: str, *logs: dict[str, str], at: int = 0
) -> None:
    """Write logs with the SDK's own client, tagged with a hub."""
    profile = region.profile(log_service={"project": project, "logstore": logstore})
    access = log_service_access(profile)
    client = LogClient(
        f"https://{access.endpoint}", access.access_key_id, access.access_key_secret, source="me"
    )
    steer_session(client._session, access)
    items = [LogItem(at or int(time.time()), contents=list(log.items())) for log in logs]
    client.put_logs(PutLogsRequest(project, logstore, "", "me", items, None, False, [("hub", "h")]))
    client._session.close()


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
