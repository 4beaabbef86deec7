"""Reading a whole Logstore with the unchanged SDK.

Log Service: "PullLogs", "GetCursor", "ListShards".
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_GROUPS = 1000
"""LogGroups in a response, the most that PullLogs gives."""


class ReadError(Exception):
    """Log Service refused a request of the proof; the text is its code and message."""


@dataclass(frozen=True)
class LogServiceAccess:
    """A Logstore of the emulator.

    Attributes:
        endpoint: host name that clients sign for, without the project.
        http_proxy: where plain HTTP requests for it are taken, ``http://127.0.0.1:PORT``.
    """

    endpoint: str
    http_proxy: str
    project: str
    logstore: str
    access_key_id: str
    access_key_secret: str = field(repr=False)

    @classmethod
    def of(cls, told: Mapping[str, Any], project: str, logstore: str) -> LogServiceAccess:
        """A Logstore of the emulator that ``told``, the part of ``sandbox.json``, describes."""
        names = ("endpoint", "http_proxy", "access_key_id", "access_key_secret")
        return cls(project=project, logstore=logstore, **{name: told[name] for name in names})


@dataclass(frozen=True, slots=True)
class StoredLog:
    """One log as it is in the Logstore.

    Attributes:
        fields: names and values in their order.
        time: epoch seconds.
        time_ns: nanoseconds after it.
        tags: LogTags of its LogGroup.
    """

    fields: tuple[tuple[str, str], ...]
    time: int
    time_ns: int
    tags: dict[str, str]


def read_logs(access: LogServiceAccess) -> Iterator[list[StoredLog]]:
    """All logs of all shards, those of a LogGroup list at a time. Raises ReadError."""
    from aliyun.log import LogException

    with _client(access) as client:
        try:
            shards = client.list_shards(access.project, access.logstore).get_shards_info()
            for shard in shards:
                yield from _read_shard(client, access, int(shard["shardID"]))
        except LogException as error:
            raise ReadError(f"{error.get_error_code()}: {error.get_error_message()}") from error


def _read_shard(client: Any, access: LogServiceAccess, shard: int) -> Iterator[list[StoredLog]]:
    where = (access.project, access.logstore, shard)
    cursor: str = client.get_begin_cursor(*where).get_cursor()
    end: str = client.get_end_cursor(*where).get_cursor()
    while cursor != end:
        response = client.pull_logs(*where, cursor, count=_GROUPS, end_cursor=end)
        logs = [log for group in response.get_loggroup_list().LogGroups for log in _logs(group)]
        if logs:
            yield logs
        following: str = response.get_next_cursor()
        if following == cursor:
            return
        cursor = following


def _logs(group: Any) -> Iterator[StoredLog]:
    tags = {_text(tag.Key): _text(tag.Value) for tag in group.LogTags}
    for log in group.Logs:
        fields = tuple((_text(content.Key), _text(content.Value)) for content in log.Contents)
        yield StoredLog(fields, log.Time, log.Time_ns, tags)


def _text(value: str | bytes) -> str:
    """The SDK gives bytes where a LogGroup holds a value that is not UTF-8."""
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")


@contextlib.contextmanager
def _client(access: LogServiceAccess) -> Iterator[Any]:
    """A client that reaches the emulator through its proxy, whatever the environment says."""
    from aliyun.log import LogClient

    client: Any = LogClient(
        f"http://{access.endpoint}", access.access_key_id, access.access_key_secret
    )
    session = client._session
    session.trust_env = False
    session.proxies = {"http": access.http_proxy}
    try:
        yield client
    finally:
        session.close()
