"""Which operation a request names. (Alibaba Cloud: SLS API reference, version 0.6.0.)"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from core.sandbox.log_service import consumer_groups, pull, resource_tags, resources, shard_admin
from core.sandbox.log_service.jobs.api import IMPORTS, JOBS
from core.sandbox.log_service.service import Service
from core.sandbox.log_service.wire import Answer, Call, ServiceError

Run = Callable[..., Answer | Awaitable[Answer]]


@dataclass(frozen=True)
class Operation:
    """One operation of the API.

    Attributes:
        name: as the API reference has it.
        run: called with the service, the call and the names in the path.
        handles_data: it writes or reads logs rather than settings.
        is_typed_job: it belongs to the typed API of jobs.
    """

    name: str
    run: Run
    handles_data: bool = False
    is_typed_job: bool = False


async def _put_balanced(service: Service, call: Call, logstore: str) -> Answer:
    shards = service.shards(call.project, logstore)
    return await service.writer.put(call, shards.balanced())


async def _put_by_key(service: Service, call: Call, logstore: str) -> Answer:
    shards = service.shards(call.project, logstore)
    return await service.writer.put(call, shards.of_key(call.parameter("key")))


def _on_shard(run: Callable[[Call, Any], Answer]) -> Run:
    def on_shard(service: Service, call: Call, logstore: str, shard: str) -> Answer:
        return run(call, service.shards(call.project, logstore).numbered(shard))

    return on_shard


async def _get_logs(service: Service, call: Call, logstore: str) -> Answer:
    return await service.reader(call.project, logstore).get_logs(call)


async def _get_logs_by_get(service: Service, call: Call, logstore: str) -> Answer:
    return await service.reader(call.project, logstore).get_logs_by_get(call)


async def _get_histograms(service: Service, call: Call, logstore: str) -> Answer:
    return await service.reader(call.project, logstore).get_histograms(call)


async def _list_topics(service: Service, call: Call, logstore: str) -> Answer:
    return await service.reader(call.project, logstore).list_topics(call)


_LOGSTORE = "/logstores/([^/]+)"
_INDEX = f"{_LOGSTORE}/index"
_SHARD = f"{_LOGSTORE}/shards/([^/]+)"
_GROUPS = f"{_LOGSTORE}/consumergroups"
_GROUP = f"{_GROUPS}/([^/]+)"
_JOBS, _JOB = "/jobs", "/jobs/([^/]+)"
_IMPORTS, _IMPORT = "/kafkaingestions", "/kafkaingestions/([^/]+)"
_ROUTES: list[tuple[str, str, str, Operation]] = [
    ("POST", f"{_LOGSTORE}/shards/lb", "", Operation("PutLogs", _put_balanced, True)),
    ("POST", f"{_LOGSTORE}/shards/route", "", Operation("PutLogs", _put_by_key, True)),
    ("GET", f"{_LOGSTORE}/shards", "", Operation("ListShards", shard_admin.list_shards, True)),
    ("GET", _SHARD, "cursor", Operation("GetCursor", _on_shard(pull.get_cursor), True)),
    (
        "GET",
        _SHARD,
        "cursor_time",
        Operation("GetCursorTime", _on_shard(pull.get_cursor_time), True),
    ),
    ("GET", _SHARD, "log", Operation("PullLogs", _on_shard(pull.pull_logs), True)),
    ("POST", f"{_LOGSTORE}/logs", "", Operation("GetLogs", _get_logs, True)),
    ("GET", _LOGSTORE, "log", Operation("GetLogs", _get_logs_by_get, True)),
    ("GET", _LOGSTORE, "histogram", Operation("GetHistograms", _get_histograms, True)),
    ("GET", _LOGSTORE, "topic", Operation("ListTopics", _list_topics, True)),
    ("POST", _SHARD, "", Operation("ChangeShard", shard_admin.change_shard)),
    ("POST", _GROUPS, "", Operation("CreateConsumerGroup", consumer_groups.create_group)),
    ("GET", _GROUPS, "", Operation("ListConsumerGroup", consumer_groups.list_groups)),
    ("PUT", _GROUP, "", Operation("UpdateConsumerGroup", consumer_groups.update_group)),
    ("DELETE", _GROUP, "", Operation("DeleteConsumerGroup", consumer_groups.delete_group)),
    ("GET", _GROUP, "", Operation("GetCheckPoint", consumer_groups.get_checkpoint)),
    ("POST", _GROUP, "heartbeat", Operation("HeartBeat", consumer_groups.heart_beat)),
    (
        "POST",
        _GROUP,
        "checkpoint",
        Operation("UpdateCheckPoint", consumer_groups.update_checkpoint),
    ),
    ("POST", "/tag", "", Operation("TagResources", resource_tags.tag_resources)),
    ("POST", "/untag", "", Operation("UntagResources", resource_tags.untag_resources)),
    ("GET", "/tags", "", Operation("ListTagResources", resource_tags.list_tag_resources)),
    ("POST", "/logstores", "", Operation("CreateLogStore", resources.create_logstore)),
    ("GET", "/logstores", "", Operation("ListLogStores", resources.list_logstores)),
    ("GET", _LOGSTORE, "", Operation("GetLogStore", resources.get_logstore)),
    ("PUT", _LOGSTORE, "", Operation("UpdateLogStore", resources.update_logstore)),
    ("DELETE", _LOGSTORE, "", Operation("DeleteLogStore", resources.delete_logstore)),
    ("POST", _INDEX, "", Operation("CreateIndex", resources.create_index)),
    ("GET", _INDEX, "", Operation("GetIndex", resources.get_index)),
    ("PUT", _INDEX, "", Operation("UpdateIndex", resources.update_index)),
    ("DELETE", _INDEX, "", Operation("DeleteIndex", resources.delete_index)),
]
_JOB_ROUTES: list[tuple[str, str, str, str, Run]] = [
    ("POST", _JOBS, "", "CreateJob", JOBS.create),
    ("GET", _JOBS, "", "ListJobs", JOBS.list),
    ("GET", _JOB, "", "GetJob", JOBS.get),
    ("PUT", _JOB, "", "UpdateJob", JOBS.update),
    ("DELETE", _JOB, "", "DeleteJob", JOBS.delete),
    ("PUT", _JOB, "START", "StartJob", JOBS.start),
    ("PUT", _JOB, "STOP", "StopJob", JOBS.stop),
    ("PUT", _JOB, "RESTART", "RestartJob", JOBS.restart),
    ("POST", _IMPORTS, "", "CreateKafkaIngestion", IMPORTS.create),
    ("GET", _IMPORTS, "", "ListKafkaIngestions", IMPORTS.list),
    ("GET", _IMPORT, "", "GetKafkaIngestion", IMPORTS.get),
    ("PUT", _IMPORT, "", "UpdateKafkaIngestion", IMPORTS.update),
    ("DELETE", _IMPORT, "", "DeleteKafkaIngestion", IMPORTS.delete),
    ("PUT", _IMPORT, "START", "StartKafkaIngestion", IMPORTS.start),
    ("PUT", _IMPORT, "STOP", "StopKafkaIngestion", IMPORTS.stop),
]
_ROUTES += [
    (method, path, action, Operation(name, run, is_typed_job=path.startswith(_IMPORTS)))
    for method, path, action, name, run in _JOB_ROUTES
]
_ON_PROJECT = {
    "POST": Operation("CreateProject", resources.create_project),
    "GET": Operation("GetProject", resources.get_project),
    "PUT": Operation("UpdateProject", resources.update_project),
    "DELETE": Operation("DeleteProject", resources.delete_project),
}
_LIST_PROJECTS = Operation("ListProjects", resources.list_projects)
_COMPILED = [
    (method, re.compile(path), kind, operation) for method, path, kind, operation in _ROUTES
]


def find(call: Call) -> tuple[Operation, tuple[str, ...]]:
    """The operation and the names in its path. Raises ServiceError for what there is not."""
    if call.path == "/":
        if not call.project and call.method == "GET":
            return _LIST_PROJECTS, ()
        if call.project and call.method in _ON_PROJECT:
            return _ON_PROJECT[call.method], ()
    is_job = call.path.startswith((_JOBS, _IMPORTS))
    kind = call.parameter("action" if is_job else "type", "")
    for method, path, wanted, operation in _COMPILED:
        if method == call.method and wanted == kind and (match := path.fullmatch(call.path)):
            return operation, match.groups()
    raise unknown(call)


def unknown(call: Call) -> ServiceError:
    """The refusal of a path or method that there is not."""
    kind = call.parameter("type", "")
    return ServiceError("ParameterInvalid", f"there is no {call.method} {call.path} type={kind}")


def operation_names() -> frozenset[str]:
    """The names of all operations."""
    named = [*_ON_PROJECT.values(), _LIST_PROJECTS, *(each[3] for each in _ROUTES)]
    return frozenset(operation.name for operation in named)
