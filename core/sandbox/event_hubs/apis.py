"""Which APIs the broker offers, in which versions, and the way from a frame to its answer.

Only versions without tagged fields are offered ("flexible versions", KIP-482); clients negotiate.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.sandbox.event_hubs import (
    alter_configs,
    fetch,
    group_admin,
    group_membership,
    hub_admin,
    hub_configs,
    lookup,
    offsets,
    produce,
    sign_in,
)
from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.codes import ErrorCode
from core.sandbox.event_hubs.request import Handler, HangupError, Request, Session
from core.sandbox.event_hubs.wire import MalformedFrameError, Reader, Writer

_API_VERSIONS = 18


@dataclass(frozen=True)
class Api:
    """An API with its oldest and newest version."""

    handler: Handler
    oldest: int
    newest: int
    before_sign_in: bool = False


async def api_versions(request: Request) -> Writer:
    """What this broker offers."""
    out = _offered(ErrorCode.NONE)
    return out.int32(0) if request.version >= 1 else out


APIS: dict[int, Api] = {
    0: Api(produce.produce, 0, 8),
    1: Api(fetch.fetch, 4, 11),
    2: Api(lookup.list_offsets, 1, 5),
    3: Api(lookup.metadata, 0, 8),
    8: Api(offsets.offset_commit, 2, 7),
    9: Api(offsets.offset_fetch, 1, 5),
    10: Api(lookup.find_coordinator, 0, 2),
    11: Api(group_membership.join_group, 0, 5),
    12: Api(group_membership.heartbeat, 0, 3),
    13: Api(group_membership.leave_group, 0, 3),
    14: Api(group_membership.sync_group, 0, 3),
    15: Api(group_admin.describe_groups, 0, 4),
    16: Api(group_admin.list_groups, 0, 2),
    17: Api(sign_in.sasl_handshake, 0, 1, before_sign_in=True),
    _API_VERSIONS: Api(api_versions, 0, 2, before_sign_in=True),
    19: Api(hub_admin.create_topics, 0, 4),
    20: Api(hub_admin.delete_topics, 0, 3),
    21: Api(hub_admin.delete_records, 0, 1),
    22: Api(produce.init_producer_id, 0, 1),
    32: Api(hub_configs.describe_configs, 0, 3),
    33: Api(alter_configs.alter_configs, 0, 1),
    36: Api(sign_in.sasl_authenticate, 0, 1, before_sign_in=True),
    37: Api(hub_admin.create_partitions, 0, 1),
    42: Api(group_admin.delete_groups, 0, 1),
    44: Api(alter_configs.incremental_alter_configs, 0, 0),
    47: Api(offsets.offset_delete, 0, 0),
}


def _offered(error: ErrorCode) -> Writer:
    out = Writer().int16(error)
    return out.array(
        list(APIS.items()),
        lambda item: out.int16(item[0]).int16(item[1].oldest).int16(item[1].newest),
    )


async def answer(
    broker: Broker, session: Session, frame: bytearray | memoryview
) -> tuple[int, Writer] | None:
    """Carry out the request in ``frame``: its correlation id and the body of the response.

    None for a request that gets no response. Raises ``MalformedFrameError`` or ``HangupError``.
    """
    reader = Reader(frame)
    key, version, correlation_id = reader.int16(), reader.int16(), reader.int32()
    api = APIS.get(key)
    if api is None:
        raise MalformedFrameError(f"no API {key}")
    if session.grant is None and not api.before_sign_in:
        raise HangupError(f"API {key} before the sign-in")
    if not api.oldest <= version <= api.newest:
        if key != _API_VERSIONS:
            raise HangupError(f"API {key} in version {version}")
        # A newer client learns from this, in the form of version 0, what to fall back to (KIP-511).
        return correlation_id, _offered(ErrorCode.UNSUPPORTED_VERSION)
    client_id = reader.nullable_string() or ""
    try:
        body = await api.handler(Request(version, client_id, reader, session, broker))
    except HangupError as hangup:
        hangup.correlation_id = correlation_id
        raise
    return None if body is None else (correlation_id, body)
