"""A member of a consumer group, and what it is told. Times in seconds unless they say ms."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from core.sandbox.event_hubs.codes import ErrorCode

Protocols = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class JoinRequest:
    """What JoinGroup says.

    ``protocols`` are the assignors that the client knows, best first, each with its subscription;
    the server only hands them on.
    """

    member_id: str
    instance_id: str | None
    client_id: str
    client_host: str
    session_timeout: float
    rebalance_timeout: float
    protocol_type: str
    protocols: Protocols


@dataclass(frozen=True)
class JoinResult:
    """The answer to JoinGroup; ``members`` (id, instance, subscription) is for the leader only."""

    error: ErrorCode
    member_id: str
    generation: int = -1
    protocol: str = ""
    leader: str = ""
    members: tuple[tuple[str, str | None, bytes], ...] = ()


@dataclass(frozen=True)
class SyncResult:
    """The answer to SyncGroup."""

    error: ErrorCode
    assignment: bytes = b""


@dataclass(eq=False)
class Member:
    """A member as its group sees it.

    Attributes:
        joined: it has sent JoinGroup for the rebalance that is going on.
        synced: it has sent SyncGroup for the generation that is being completed.
        deadline: when its session ends, on the loop's clock.
    """

    member_id: str
    request: JoinRequest
    assignment: bytes = b""
    joined: bool = False
    synced: bool = False
    deadline: float = 0.0
    timer: asyncio.TimerHandle | None = None
    join_waiter: asyncio.Future[JoinResult] | None = field(default=None, repr=False)
    sync_waiter: asyncio.Future[SyncResult] | None = field(default=None, repr=False)

    @property
    def instance_id(self) -> str | None:
        """The ``group.instance.id`` of a static member."""
        return self.request.instance_id

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer, so that its session cannot end."""
        return any(
            waiter is not None and not waiter.done()
            for waiter in (self.join_waiter, self.sync_waiter)
        )

    def subscription(self, protocol: str) -> bytes:
        """What it said for the assignor that was chosen."""
        return dict(self.request.protocols).get(protocol, b"")

    def answer_join(self, result: JoinResult) -> None:
        """End its JoinGroup if one is waiting."""
        if self.join_waiter is not None and not self.join_waiter.done():
            self.join_waiter.set_result(result)
        self.join_waiter = None

    def answer_sync(self, result: SyncResult) -> None:
        """End its SyncGroup if one is waiting."""
        if self.sync_waiter is not None and not self.sync_waiter.done():
            self.sync_waiter.set_result(result)
        self.sync_waiter = None
