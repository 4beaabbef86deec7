"""Reading a Logstore shard by shard with the SDK (PullLogs), as the check on what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.alibaba.answer_text import shown_text
from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.failure import MISSHAPEN, NOT_OURS
from core.alibaba.log_service.problems import log_service_problem
from core.alibaba.log_service.sdk_session import steer_session
from core.alibaba.log_service.signer import AccessCredentials
from core.errors import ProblemError

_GROUPS = 1000
_DETAIL = 600
_NAME = 80


def open_client(access: LogServiceAccess) -> Any:
    """The SDK's ``LogClient`` for the project, on the profile's way out."""
    from aliyun import log

    return open_client_of(log.LogClient, access)


def open_client_of(client_type: Any, access: LogServiceAccess) -> Any:
    """The same of another class, which is derived from the SDK's."""
    plain = access.address.startswith("http://")
    client: Any = client_type(
        f"{'http' if plain else 'https'}://{access.endpoint}",
        source="",  # the SDK would open a socket to find it out
        credentials_provider=AccessCredentials(access),
    )
    steer_session(client._session, access)
    return client


def read_logs(access: LogServiceAccess) -> Iterator[dict[str, str]]:
    """The fields of every log in the Logstore, oldest first in each shard.

    Raises ProblemError.
    """
    client = open_client(access)
    with _problems(access):
        for shard in client.list_shards(access.project, access.logstore).get_shards_info():
            yield from _read_shard(client, access, int(shard["shardID"]))


def count_by_time(access: LogServiceAccess, width: int) -> Counter[int]:
    """How many logs there are for each ``width`` seconds of ``__time__``; the key is the first.

    Raises ProblemError.
    """
    client = open_client(access)
    found: Counter[int] = Counter()
    with _problems(access):
        for shard in client.list_shards(access.project, access.logstore).get_shards_info():
            for log in _pull(client, access, int(shard["shardID"])):
                found[log.Time - log.Time % width] += 1
    return found


def follow_logs(access: LogServiceAccess) -> Iterator[list[dict[str, str]]]:
    """Logs stored from now on: a list for each round over the shards, which may be empty.

    Never ends by itself; the caller decides how long to wait between two rounds. Raises
    ProblemError.
    """
    client = open_client(access)
    with _problems(access):
        cursors: dict[int, str] = {}
        while True:
            found: list[dict[str, str]] = []
            shards = client.list_shards(access.project, access.logstore).get_shards_info()
            for shard in (int(each["shardID"]) for each in shards):
                place = (access.project, access.logstore, shard)
                cursor = cursors.get(shard) or client.get_end_cursor(*place).get_cursor()
                answer = client.pull_logs(*place, cursor, _GROUPS)
                cursors[shard] = answer.get_next_cursor()
                for group in answer.get_loggroup_list().LogGroups:
                    found += [{each.Key: each.Value for each in log.Contents} for log in group.Logs]
            yield found


@contextmanager
def _problems(access: LogServiceAccess) -> Iterator[None]:
    """What reading ends with as a ProblemError."""
    from aliyun.log import LogException

    try:
        yield
    except LogException as error:
        told = log_service_problem(
            access,
            shown_text(error.get_error_code(), _NAME),
            int(error.get_resp_status() or 0),
            shown_text(error.get_error_message(), _DETAIL),
            shown_text(error.get_request_id(), _NAME),
        )
        raise ProblemError(told) from None
    except MISSHAPEN as error:
        told = log_service_problem(
            access, "BadResponse", 200, f"{NOT_OURS}: {type(error).__name__}"
        )
        raise ProblemError(told) from None


def _read_shard(client: Any, access: LogServiceAccess, shard: int) -> Iterator[dict[str, str]]:
    for log in _pull(client, access, shard):
        yield {each.Key: each.Value for each in log.Contents}


def _pull(client: Any, access: LogServiceAccess, shard: int) -> Iterator[Any]:
    """The logs of a shard as they are on the wire, up to its end of now."""
    place = (access.project, access.logstore, shard)
    cursor = client.get_begin_cursor(*place).get_cursor()
    end = client.get_end_cursor(*place).get_cursor()
    while cursor != end:
        answer = client.pull_logs(*place, cursor, _GROUPS, end)
        for group in answer.get_loggroup_list().LogGroups:
            yield from group.Logs
        if answer.get_next_cursor() == cursor:
            return
        cursor = answer.get_next_cursor()
