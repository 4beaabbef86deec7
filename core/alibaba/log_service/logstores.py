"""Logstores (Alibaba Cloud: SLS API 0.6.0, "Logstore" operations)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from core.alibaba.log_service.caller import Caller
from core.alibaba.log_service.failure import LogServiceError
from core.alibaba.log_service.names import logstore_name_problem
from core.errors import ProblemError

_PAGE = 100
ABSENT = "LogStoreNotExist"
Mode = Literal["standard", "query"]


@dataclass(frozen=True)
class Logstore:
    """A Logstore.

    Attributes:
        name: unique in its project.
        ttl_days: days that logs are kept; 3650: for ever.
        shards: how many it has, or is made with.
        auto_split: whether Log Service splits shards that are too busy by itself.
        max_split_shards: up to how many.
        mode: ``query`` is cheaper to index and knows no SQL, so no scan mode of Security Center.
    """

    name: str
    ttl_days: int = 30
    shards: int = 2
    auto_split: bool = True
    max_split_shards: int = 64
    mode: Mode = "standard"


async def list_logstores(caller: Caller, project: str) -> tuple[str, ...]:
    """Names of the project's Logstores."""
    place = caller.place(f"list the Logstores of {project}", "ListLogStores", project=project)
    found: list[str] = []
    while True:
        page, total = await caller.ask(place, partial(_page, project, len(found)))
        found += page
        if not page or len(found) >= total:
            return tuple(sorted(found))


async def find_logstore(caller: Caller, project: str, name: str) -> Logstore | None:
    """The Logstore; None: there is none, or no such project."""
    place = caller.place(
        f"look for the Logstore {name}", "GetLogStore", project=project, logstore=name
    )
    return await caller.find(
        place,
        lambda client: _logstore(client.get_logstore(project, name).get_body()),
        *(ABSENT, "ProjectNotExist"),
    )


async def create_logstore(caller: Caller, project: str, wish: Logstore) -> Logstore:
    """Make it; one that is there already is returned as it is. Raises ProblemError."""
    wrong = logstore_name_problem(wish.name)
    if wrong is not None:
        raise ProblemError(wrong)
    place = caller.place(
        f"create the Logstore {wish.name}",
        "CreateLogStore",
        project=project,
        logstore=wish.name,
        where="log_service.logstore",
    )

    def create(client: Any) -> None:
        client.create_logstore(
            project,
            wish.name,
            ttl=wish.ttl_days,
            shard_count=wish.shards,
            auto_split=wish.auto_split,
            max_split_shard=wish.max_split_shards,
            mode=wish.mode,
        )

    try:
        await caller.try_(create)
    except LogServiceError as error:
        if not error.is_one_of("LogStoreAlreadyExist"):
            raise place.error(error) from None
    return await find_logstore(caller, project, wish.name) or wish


async def delete_logstore(caller: Caller, project: str, name: str) -> None:
    """Delete it with its logs; one that is gone is no error."""
    place = caller.place(
        f"delete the Logstore {name}", "DeleteLogStore", project=project, logstore=name
    )
    await caller.find(
        place, lambda client: client.delete_logstore(project, name), ABSENT, "ProjectNotExist"
    )


def _page(project: str, offset: int, client: Any) -> tuple[list[str], int]:
    answer = client.list_logstore(project, offset=offset, size=_PAGE)
    return [str(each) for each in answer.get_logstores()], answer.get_total()


def _logstore(told: Any) -> Logstore:
    # The API has "query" and the older word "lite" for one and the same kind.
    light = str(told.get("mode") or "standard").lower() in ("query", "lite")
    return Logstore(
        name=str(told["logstoreName"]),
        ttl_days=int(told["ttl"]),
        shards=int(told["shardCount"]),
        auto_split=bool(told.get("autoSplit", False)),
        max_split_shards=int(told.get("maxSplitShard", 0)),
        mode="query" if light else "standard",
    )
