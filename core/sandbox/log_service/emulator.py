"""The emulator's process: the service, its listeners, and the commands of its parent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psutil

from core.sandbox.certificates import Authority
from core.sandbox.log_service import state
from core.sandbox.log_service.denials import Denials
from core.sandbox.log_service.scenarios import JOB_FAILED, Scenarios, Settings
from core.sandbox.log_service.segment import BrokenSegmentError
from core.sandbox.log_service.server import Server, log
from core.sandbox.log_service.service import Service
from core.sandbox.log_service.shard_log import ShardLog
from core.sandbox.log_service.snapshot import snapshot
from core.sandbox.log_service.storage import Shards
from core.sandbox.log_service.wire import ServiceError
from core.sandbox.ports import HOST, listen
from core.sandbox.process import CommandTable, dispatch


class LogServiceEmulator:
    """Offers the endpoint of one region (:class:`core.sandbox.process.Emulator`)."""

    def __init__(self, folder: Path, authority: Path, endpoint: str, discard: bool) -> None:
        self._folder = folder
        self._authority = authority
        self._endpoint = endpoint
        self._discard = discard
        self._scenarios = Scenarios()
        self._denials = Denials()
        self._commands: CommandTable = {
            "create_project": self._create_project,
            "create_logstore": self._create_logstore,
            "scenario": self._scenario,
            "stats": self._stats,
            "describe": self._describe,
            "snapshot": self._snapshot,
            "jobs": self._jobs,
            "denied": self._denied,
            "refused": self._refused,
        }

    async def start(self) -> dict[str, Any]:
        """Recover what is on disk and open the listeners; ends the process if it cannot."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "state.json"
        kept = state.load(file)
        try:
            authority = Authority(self._authority)
            region = self._endpoint.partition(".")[0]
            self._service = Service(self._folder, region, self._discard, authority.ca_file)
            tls, plain = listen(kept.tls_port), listen(kept.http_port)
        except (BrokenSegmentError, OSError) as error:
            log(f"cannot start: {error}")
            raise SystemExit(1) from None
        kept = state.State(tls.getsockname()[1], plain.getsockname()[1], kept.key)
        state.save(file, kept)
        hosts = [self._endpoint, f"*.{self._endpoint}", HOST, "localhost"]
        certificate = authority.server("log_service", hosts)
        self._server = Server(
            self._service, self._scenarios, self._denials, kept.key, self._endpoint
        )
        await self._server.start(tls, plain, certificate)
        self._service.jobs.start()
        return {
            "address": f"{HOST}:{kept.tls_port}",
            "http_proxy": f"http://{HOST}:{kept.http_port}",
            "endpoint": self._endpoint,
            "access_key_id": kept.key.id,
            "access_key_secret": kept.key.secret,
        }

    async def command(self, do: str, arguments: dict[str, Any]) -> Any:
        """Carry out a command; ``ValueError`` for one that is unknown or wrong."""
        try:
            return await dispatch(self._commands, do, arguments)
        except ServiceError as refusal:
            raise ValueError(str(refusal)) from refusal

    async def stop(self) -> None:
        """End the jobs, close the listeners, the connections and the files."""
        await self._service.jobs.close()
        await self._server.stop()
        self._service.close()

    async def _create_project(self, name: str) -> None:
        """Make a project; one that is there already stays as it is."""
        if name not in self._service.catalogue.projects:
            self._service.catalogue.create_project(name, "")

    async def _create_logstore(
        self, project: str, name: str, shards: int = 2, ttl_days: int = 30, index: bool = True
    ) -> None:
        """Make a Logstore; one that is there already stays as it is."""
        if name not in self._service.catalogue.project(project).logstores:
            self._service.create_indexed_logstore(project, name, ttl_days, shards, index)

    async def _scenario(
        self,
        name: str,
        on: bool,
        probability: float | None = None,
        seed: int | None = None,
        delay: float | None = None,
    ) -> None:
        self._scenarios.switch(name, on, Settings.of(probability, seed, delay))
        if name == JOB_FAILED:
            self._service.jobs.play_failure(on)

    async def _snapshot(self) -> dict[str, Any]:
        """What users made (:mod:`core.sandbox.log_service.snapshot`)."""
        return snapshot(self._service)

    async def _jobs(self) -> list[dict[str, Any]]:
        """State, counts and notices of every job."""
        return self._service.jobs.told()

    async def _denied(self, actions: list[str]) -> None:
        """Which RAM actions the caller lacks; an empty list gives all back."""
        self._denials.deny(actions)

    async def _refused(self, answers: dict[str, str]) -> None:
        """Which operations end in which errorCode; an empty table ends it."""
        self._denials.refuse(answers)

    async def _stats(self) -> dict[str, Any]:
        logs = self._service.storage.all_logs()
        return {
            "requests": dict(self._server.requests),
            "statuses": dict(self._server.statuses),
            "errors": dict(self._server.errors),
            "logs": sum(log.logs for log in logs),
            "log_groups": sum(log.groups for log in logs),
            "bytes": sum(log.raw_bytes for log in logs),
            "connections": self._server.connections,
            "memory_bytes": psutil.Process(os.getpid()).memory_info().rss,
        }

    async def _describe(self) -> dict[str, Any]:
        return {
            "endpoint": self._endpoint,
            "discard": self._discard,
            "scenarios": self._scenarios.names,
            "denied": self._denials.actions,
            "projects": {
                project.name: {
                    logstore.name: {
                        "ttl_days": logstore.ttl_days,
                        "index": logstore.index is not None,
                        "shards": _describe_shards(self._service.storage.shards(logstore)),
                    }
                    for logstore in project.logstores.values()
                }
                for project in self._service.catalogue.projects.values()
            },
        }


def _describe_shards(shards: Shards) -> list[dict[str, Any]]:
    return [
        {
            "shard": each.number,
            "first_key": each.begin,
            "end_key": each.end,
            **_describe_log(shards.logs[each.number]),
        }
        for each in shards.ranges
    ]


def _describe_log(log: ShardLog) -> dict[str, int]:
    return {"end": log.end, "log_groups": log.groups, "logs": log.logs, "bytes": log.raw_bytes}
