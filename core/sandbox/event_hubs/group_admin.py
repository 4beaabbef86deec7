"""ListGroups, DescribeGroups and DeleteGroups."""

from __future__ import annotations

from functools import partial

from core.sandbox.event_hubs.groups import Group, GroupState
from core.sandbox.event_hubs.members import Member
from core.sandbox.event_hubs.policies import Right
from core.sandbox.event_hubs.request import Request, verdict
from core.sandbox.event_hubs.wire import Writer

_NO_OPERATIONS = -(2**31)
_DEAD = "Dead"  # the state of a group that is not there


async def list_groups(request: Request) -> Writer:
    """All groups, also those that have committed offsets only."""
    coordinator, out = request.broker.coordinator, Writer()
    error, _ = verdict(request.check_group)
    if request.version >= 1:
        out.int32(0)
    out.int16(error)

    def write(name: str) -> None:
        group = coordinator.find(name)
        out.string(name).string(group.protocol_type if group else "")

    return out.array([] if error else coordinator.names, write)


async def describe_groups(request: Request) -> Writer:
    """State and members of groups."""
    body, version, coordinator = request.body, request.version, request.broker.coordinator
    names = body.array(body.string)
    out = Writer()
    if version >= 1:
        out.int32(0)

    error, _ = verdict(request.check_group)

    def write(name: str) -> None:
        out.int16(error).string(name)
        group = coordinator.find(name)
        if error:
            out.string("").string("").string("").int32(0)
        elif group is None:
            state = GroupState.EMPTY if name in coordinator else _DEAD
            out.string(state).string("").string("").int32(0)
        else:
            _write_group(out, version, group)
        if version >= 3:
            out.int32(_NO_OPERATIONS)

    return out.array(names, write)


def _write_group(out: Writer, version: int, group: Group) -> None:
    stable = group.state is GroupState.STABLE
    out.string(group.state).string(group.protocol_type).string(group.protocol if stable else "")

    def member(item: Member) -> None:
        out.string(item.member_id)
        if version >= 4:
            out.string(item.instance_id)
        out.string(item.request.client_id).string(item.request.client_host)
        out.blob(item.subscription(group.protocol) if stable else b"")
        out.blob(item.assignment if stable else b"")

    out.array(list(group.members.values()), member)


async def delete_groups(request: Request) -> Writer:
    """Forget groups without members, and what they committed."""
    names = request.body.array(request.body.string)

    def delete(name: str) -> None:
        request.check_group(Right.MANAGE)
        request.broker.coordinator.delete_group(name)

    rows = [(name, verdict(partial(delete, name))[0]) for name in names]
    out = Writer().int32(0)
    return out.array(rows, lambda row: out.string(row[0]).int16(row[1]))
