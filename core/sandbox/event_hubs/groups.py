"""A classic consumer group: who is in it, and the rebalance that shares the partitions out.

Empty -> PreparingRebalance (members join) -> CompletingRebalance (the leader sends the
assignment) -> Stable. Source: "Apache Kafka protocol guide", section "Group membership API", and
KIP-345 for static members.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.members import JoinRequest, JoinResult, Member, SyncResult

_INITIAL_DELAY = 0.1  # members that start together should share the first generation
_MAX_MEMBERS = 1000
_R = TypeVar("_R", JoinResult, SyncResult)


class GroupState(StrEnum):
    """A group's state, in the words that DescribeGroups uses."""

    EMPTY = "Empty"
    PREPARING = "PreparingRebalance"
    COMPLETING = "CompletingRebalance"
    STABLE = "Stable"


class Group:
    """One group. Its methods raise ``RefusedError`` where a request is answered by a code alone."""

    def __init__(self, emptied: Callable[[], None]) -> None:
        """``emptied`` is called when the last member, joined or announced, has gone."""
        self._loop = asyncio.get_running_loop()
        self._emptied = emptied
        self._pending: dict[str, asyncio.TimerHandle] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._may_complete_at = 0.0
        self.members: dict[str, Member] = {}
        self.state = GroupState.EMPTY
        self.generation = 0
        self.protocol_type = ""
        self.protocol = ""
        self.leader = ""

    @property
    def idle(self) -> bool:
        """Whether nobody is in it or about to be."""
        return not self.members and not self._pending

    async def join(self, request: JoinRequest, *, announce_first: bool) -> JoinResult:
        """JoinGroup: wait for the next generation.

        With ``announce_first`` a new member only gets an id, to come back with it (KIP-394).
        """
        self._check_protocols(request)
        if request.member_id:
            member = self._rejoining(request)
        else:
            static = self._static(request.instance_id)
            if static is not None:
                return await self._replace_static(static, request)
            if len(self.members) + len(self._pending) >= _MAX_MEMBERS:
                raise RefusedError(ErrorCode.GROUP_MAX_SIZE_REACHED)
            member_id = f"{(request.client_id or 'client')[:200]}-{secrets.token_hex(16)}"
            if announce_first and request.instance_id is None:
                self._announce(member_id, request.session_timeout)
                return JoinResult(ErrorCode.MEMBER_ID_REQUIRED, member_id)
            member = Member(member_id, request)
        known = member.member_id in self.members
        same = known and member.request.protocols == request.protocols
        member.request = request
        self.members[member.member_id] = member
        is_leader = member.member_id == self.leader
        if same and (
            self.state is GroupState.COMPLETING
            or (self.state is GroupState.STABLE and not is_leader)
        ):
            self._touch(member)
            return self._joined(member, self.leader)
        return await self._wait_join(member)

    async def sync(
        self, member_id: str, instance_id: str | None, generation: int, shares: dict[str, bytes]
    ) -> SyncResult:
        """SyncGroup: the leader's ``shares`` end the rebalance, the others wait for them."""
        member = self._check(member_id, instance_id, generation)
        if self.state is GroupState.PREPARING:
            raise RefusedError(ErrorCode.REBALANCE_IN_PROGRESS)
        self._touch(member)
        if self.state is GroupState.STABLE:
            return SyncResult(ErrorCode.NONE, member.assignment)
        member.synced = True
        if member_id == self.leader:
            self._become_stable(shares)
            return SyncResult(ErrorCode.NONE, member.assignment)
        member.answer_sync(SyncResult(ErrorCode.REBALANCE_IN_PROGRESS))
        waiter: asyncio.Future[SyncResult] = self._loop.create_future()
        member.sync_waiter = waiter
        return await self._wait(member, waiter)

    def heartbeat(self, member_id: str, instance_id: str | None, generation: int) -> None:
        """Heartbeat: prolong the session."""
        self._touch(self._check(member_id, instance_id, generation))
        if self.state is GroupState.PREPARING:
            raise RefusedError(ErrorCode.REBALANCE_IN_PROGRESS)

    def check_commit(self, member_id: str, instance_id: str | None, generation: int) -> None:
        """Let a commit pass if it is a member's of this generation, or the group has no member."""
        if generation < 0 and not self.members:
            return
        self._touch(self._check(member_id, instance_id, generation))
        if self.state is GroupState.COMPLETING:
            raise RefusedError(ErrorCode.REBALANCE_IN_PROGRESS)

    def leave(self, member_id: str, instance_id: str | None) -> None:
        """LeaveGroup: the member's partitions go to the others at once."""
        announced = self._pending.pop(member_id, None)
        if announced is not None:
            announced.cancel()
            self._advance()
            return
        static = self._static(instance_id)
        if static is not None and member_id in ("", static.member_id):
            self._remove(static)
        else:
            self._remove(self._member(member_id, instance_id))

    def close(self) -> None:
        """Cancel every timer."""
        for timer in (self._timer, *self._pending.values()):
            if timer is not None:
                timer.cancel()
        for member in self.members.values():
            if member.timer is not None:
                member.timer.cancel()

    # Looking members up

    def _static(self, instance_id: str | None) -> Member | None:
        if instance_id is None:
            return None
        return next((m for m in self.members.values() if m.instance_id == instance_id), None)

    def _member(self, member_id: str, instance_id: str | None) -> Member:
        static = self._static(instance_id)
        if static is not None and static.member_id != member_id:
            raise RefusedError(ErrorCode.FENCED_INSTANCE_ID)
        member = self.members.get(member_id)
        if member is None or (instance_id is not None and static is None):
            raise RefusedError(ErrorCode.UNKNOWN_MEMBER_ID)
        return member

    def _check(self, member_id: str, instance_id: str | None, generation: int) -> Member:
        member = self._member(member_id, instance_id)
        if generation != self.generation:
            raise RefusedError(ErrorCode.ILLEGAL_GENERATION)
        return member

    def _check_protocols(self, request: JoinRequest) -> None:
        names = {name for name, _ in request.protocols}
        others = [m for m in self.members.values() if m.member_id != request.member_id]
        fits = all(other.request.protocol_type == request.protocol_type for other in others)
        for other in others:
            names &= {name for name, _ in other.request.protocols}
        if not (request.protocol_type and names and fits):
            raise RefusedError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)

    # Joining

    def _rejoining(self, request: JoinRequest) -> Member:
        announced = self._pending.pop(request.member_id, None)
        if announced is not None:
            announced.cancel()
            return Member(request.member_id, request)
        return self._member(request.member_id, request.instance_id)

    def _announce(self, member_id: str, seconds: float) -> None:
        def expire() -> None:
            self._pending.pop(member_id, None)
            self._advance()

        self._pending[member_id] = self._loop.call_later(seconds, expire)

    async def _replace_static(self, old: Member, request: JoinRequest) -> JoinResult:
        """A static member came back under a new id: with the same subscription nothing moves."""
        same = old.request.protocols == request.protocols
        del self.members[old.member_id]
        if old.timer is not None:
            old.timer.cancel()
        old.answer_join(JoinResult(ErrorCode.FENCED_INSTANCE_ID, old.member_id))
        old.answer_sync(SyncResult(ErrorCode.FENCED_INSTANCE_ID))
        member = Member(f"{request.instance_id}-{secrets.token_hex(16)}"[-250:], request)
        member.assignment = old.assignment
        self.members[member.member_id] = member
        told_leader = self.leader
        if self.leader == old.member_id:
            self.leader = member.member_id
        if same and self.state is GroupState.STABLE:
            self._touch(member)
            # Told the old leader's id, a returning leader does not assign anew.
            return self._joined(member, told_leader)
        return await self._wait_join(member)

    async def _wait_join(self, member: Member) -> JoinResult:
        member.answer_join(JoinResult(ErrorCode.UNKNOWN_MEMBER_ID, member.member_id))
        waiter: asyncio.Future[JoinResult] = self._loop.create_future()
        member.join_waiter, member.joined = waiter, True
        self._prepare()
        return await self._wait(member, waiter)

    async def _wait(self, member: Member, waiter: asyncio.Future[_R]) -> _R:
        try:
            return await waiter
        finally:  # also when the connection has gone: then the session runs out
            if member.member_id in self.members:
                self._touch(member)

    def _prepare(self) -> None:
        """Begin a rebalance, or see whether the one going on can end."""
        if self.state is not GroupState.PREPARING:
            first = self.state is GroupState.EMPTY
            for member in self.members.values():
                member.answer_sync(SyncResult(ErrorCode.REBALANCE_IN_PROGRESS))
            self.state = GroupState.PREPARING
            now = self._loop.time()
            self._may_complete_at = now + (_INITIAL_DELAY if first else 0.0)
            self._set_timer(self._rebalance_timeout(), self._complete_join)
            if first:
                self._loop.call_later(_INITIAL_DELAY, self._advance)
        self._advance()

    def _advance(self) -> None:
        """End the rebalance if everybody has joined; report an empty group."""
        if self.state is GroupState.PREPARING and not self._pending:
            everybody = all(member.joined for member in self.members.values())
            # a loop timer may fire one clock tick early
            if everybody and self._loop.time() >= self._may_complete_at - 0.01:
                self._complete_join()
        if self.idle:
            self._emptied()

    def _complete_join(self) -> None:
        """A new generation of those who have joined, and of static members."""
        for member in list(self.members.values()):
            if not member.joined and member.instance_id is None:
                self._forget(member)
        self.generation += 1
        if not self.members:
            self._set_timer(None, self._complete_join)
            self.state, self.protocol, self.leader = GroupState.EMPTY, "", ""
            return
        joined = [member for member in self.members.values() if member.joined]
        if self.leader not in {member.member_id for member in joined}:
            self.leader = joined[0].member_id if joined else next(iter(self.members))
        self.protocol_type = self.members[self.leader].request.protocol_type
        self.protocol = self._vote()
        self.state = GroupState.COMPLETING
        self._set_timer(self._rebalance_timeout(), self._expire_unsynced)
        for member in self.members.values():
            member.joined = member.synced = False
            self._touch(member)
            member.answer_join(self._joined(member, self.leader))

    def _joined(self, member: Member, leader: str) -> JoinResult:
        everybody: tuple[tuple[str, str | None, bytes], ...] = ()
        if member.member_id == leader:
            everybody = tuple(
                (other.member_id, other.instance_id, other.subscription(self.protocol))
                for other in self.members.values()
            )
        return JoinResult(
            ErrorCode.NONE, member.member_id, self.generation, self.protocol, leader, everybody
        )

    def _vote(self) -> str:
        """The assignor that most members like best among those that all know."""
        lists = [[name for name, _ in m.request.protocols] for m in self.members.values()]
        common = set(lists[0]).intersection(*lists)
        votes = Counter(next(name for name in names if name in common) for names in lists)
        return votes.most_common(1)[0][0]

    # Completing

    def _become_stable(self, shares: dict[str, bytes]) -> None:
        self._set_timer(None, self._expire_unsynced)
        self.state = GroupState.STABLE
        for member in self.members.values():
            member.assignment = shares.get(member.member_id, b"")
            self._touch(member)
            member.answer_sync(SyncResult(ErrorCode.NONE, member.assignment))

    def _expire_unsynced(self) -> None:
        for member in list(self.members.values()):
            if not member.synced:
                self._forget(member)
        self._prepare()

    # Going

    def _remove(self, member: Member) -> None:
        self._forget(member)
        if self.state in (GroupState.STABLE, GroupState.COMPLETING):
            self._prepare()
        else:
            self._advance()

    def _forget(self, member: Member) -> None:
        del self.members[member.member_id]
        if member.timer is not None:
            member.timer.cancel()
        member.answer_join(JoinResult(ErrorCode.UNKNOWN_MEMBER_ID, member.member_id))
        member.answer_sync(SyncResult(ErrorCode.UNKNOWN_MEMBER_ID))

    def _touch(self, member: Member) -> None:
        """Prolong the session. The timer is left to fire and looks at the deadline then."""
        seconds = member.request.session_timeout
        member.deadline = self._loop.time() + seconds
        if member.timer is None:
            member.timer = self._loop.call_later(seconds, self._session_check, member)

    def _session_check(self, member: Member) -> None:
        left = member.deadline - self._loop.time()
        if member.waits:
            left = member.request.session_timeout
        if left > 0:
            member.timer = self._loop.call_later(left, self._session_check, member)
        elif self.members.get(member.member_id) is member:
            self._remove(member)

    def _rebalance_timeout(self) -> float:
        return max((m.request.rebalance_timeout for m in self.members.values()), default=0.0)

    def _set_timer(self, seconds: float | None, call: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self._loop.call_later(seconds, call)
