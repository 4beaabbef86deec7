"""Reading a Logstore shard by shard with the SDK (PullLogs), as the check on what was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.problems import log_service_problem
from core.alibaba.log_service.sdk_session import steer_session
from core.errors import ProblemError
from core.secrets.redaction import redact_text

_GROUPS = 1000


def open_client(access: LogServiceAccess) -> Any:
    """The SDK's ``LogClient`` for the project, on the profile's way out."""
    from aliyun.log import LogClient

    plain = access.address.startswith("http://")
    client: Any = LogClient(
        f"{'http' if plain else 'https'}://{access.endpoint}",
        access.access_key_id,
        access.access_key_secret,
        securityToken=access.security_token or None,
    )
    steer_session(client._session, access)
    return client


def read_logs(access: LogServiceAccess) -> Iterator[dict[str, str]]:
    """The fields of every log in the Logstore, oldest first in each shard.

    Raises ProblemError.
    """
    from aliyun.log import LogException

    client = open_client(access)
    try:
        for shard in client.list_shards(access.project, access.logstore).get_shards_info():
            yield from _read_shard(client, access, int(shard["shardID"]))
    except LogException as error:
        raise _problem(access, error) from None


def follow_logs(access: LogServiceAccess) -> Iterator[list[dict[str, str]]]:
    """Logs stored from now on: a list for each round over the shards, which may be empty.

    Never ends by itself; the caller decides how long to wait between two rounds. Raises
    ProblemError.
    """
    from aliyun.log import LogException

    client = open_client(access)
    try:
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
    except LogException as error:
        raise _problem(access, error) from None


def _problem(access: LogServiceAccess, error: Any) -> ProblemError:
    return ProblemError(
        log_service_problem(
            access,
            error.get_error_code(),
            int(error.get_resp_status() or 0),
            redact_text(error.get_error_message()),
            error.get_request_id() or "",
        )
    )


def _read_shard(client: Any, access: LogServiceAccess, shard: int) -> Iterator[dict[str, str]]:
    place = (access.project, access.logstore, shard)
    cursor = client.get_begin_cursor(*place).get_cursor()
    end = client.get_end_cursor(*place).get_cursor()
    while cursor != end:
        answer = client.pull_logs(*place, cursor, _GROUPS, end)
        for group in answer.get_loggroup_list().LogGroups:
            for log in group.Logs:
                yield {each.Key: each.Value for each in log.Contents}
        if answer.get_next_cursor() == cursor:
            return
        cursor = answer.get_next_cursor()
