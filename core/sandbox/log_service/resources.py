"""Operations on projects, Logstores and indexes."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from core.sandbox.log_service.catalogue import READ_WRITE, Logstore, check_ttl
from core.sandbox.log_service.index_config import read_index
from core.sandbox.log_service.service import Service
from core.sandbox.log_service.wire import Answer, Call, ServiceError, json_answer

_PAGE = 500


def create_project(service: Service, call: Call) -> Answer:
    """``POST /`` on the project's host."""
    asked = call.json("ParameterInvalid")
    name = asked.get("projectName")
    if name != call.project:
        raise ServiceError("ParameterInvalid", f"projectName {name} is not the host's")
    service.catalogue.create_project(call.project, str(asked.get("description", "")))
    return Answer()


def update_project(service: Service, call: Call) -> Answer:
    """``PUT /`` on the project's host: its description."""
    project = service.catalogue.project(call.project)
    project.description = str(call.json("ParameterInvalid").get("description", ""))
    project.modified = int(time.time())
    service.catalogue.save()
    return Answer()


def get_project(service: Service, call: Call) -> Answer:
    """``GET /`` on the project's host."""
    return json_answer(_project(service, call.project))


def list_projects(service: Service, call: Call) -> Answer:
    """``GET /?offset&size[&projectName]`` on the endpoint itself."""
    wanted = call.parameter("projectName", "")
    names = sorted(name for name in service.catalogue.projects if wanted in name)
    page = [_project(service, name) for name in _page(call, names)]
    return json_answer({"count": len(page), "total": len(names), "projects": page})


async def delete_project(service: Service, call: Call) -> Answer:
    """``DELETE /`` on the project's host; its Logstores go with it."""
    await service.delete_project(call.project)
    return Answer()


def create_logstore(service: Service, call: Call) -> Answer:
    """``POST /logstores``."""
    settings = call.json("LogStoreInfoInvalid")
    name = settings.pop("logstoreName", None)
    if not isinstance(name, str):
        raise ServiceError("LogStoreInfoInvalid", "logstoreName is missing")
    ttl, shards = settings.pop("ttl", None), settings.pop("shardCount", None)
    service.create_logstore(call.project, name, ttl, shards, settings)
    return Answer()


def get_logstore(service: Service, call: Call, name: str) -> Answer:
    """``GET /logstores/{name}``."""
    return json_answer(_logstore(service.catalogue.logstore(call.project, name)))


def update_logstore(service: Service, call: Call, name: str) -> Answer:
    """``PUT /logstores/{name}``; the number of shards changes by split and merge only."""
    logstore = service.catalogue.logstore(call.project, name)
    settings = call.json("LogStoreInfoInvalid")
    if settings.pop("logstoreName", name) != name:
        raise ServiceError("LogStoreInfoInvalid", "logstoreName is not the path's")
    settings.pop("shardCount", None)
    ttl = settings.pop("ttl", logstore.ttl_days)
    check_ttl(ttl)
    logstore.ttl_days = ttl
    logstore.settings |= settings
    logstore.modified = int(time.time())
    service.catalogue.save()
    return Answer()


def list_logstores(service: Service, call: Call) -> Answer:
    """``GET /logstores?offset&size[&logstoreName]``."""
    wanted = call.parameter("logstoreName", "")
    stores = service.catalogue.project(call.project).logstores
    names = sorted(name for name in stores if wanted in name)
    page = _page(call, names)
    return json_answer({"count": len(page), "total": len(names), "logstores": page})


async def delete_logstore(service: Service, call: Call, name: str) -> Answer:
    """``DELETE /logstores/{name}``."""
    await service.delete_logstore(call.project, name)
    return Answer()


def create_index(service: Service, call: Call, name: str) -> Answer:
    """``POST /logstores/{name}/index``. Unlike the cloud's, it also covers the logs before it."""
    logstore = service.catalogue.logstore(call.project, name)
    if logstore.index is not None:
        raise ServiceError("IndexAlreadyExist", "log store index is already created")
    return _set_index(service, logstore, _index(call))


def update_index(service: Service, call: Call, name: str) -> Answer:
    """``PUT /logstores/{name}/index``."""
    logstore = service.catalogue.logstore(call.project, name)
    _existing_index(logstore)
    return _set_index(service, logstore, _index(call))


def get_index(service: Service, call: Call, name: str) -> Answer:
    """``GET /logstores/{name}/index``."""
    logstore = service.catalogue.logstore(call.project, name)
    return json_answer({"ttl": logstore.ttl_days, **_existing_index(logstore)})


def delete_index(service: Service, call: Call, name: str) -> Answer:
    """``DELETE /logstores/{name}/index``."""
    logstore = service.catalogue.logstore(call.project, name)
    _existing_index(logstore)
    return _set_index(service, logstore, None)


def _set_index(service: Service, logstore: Logstore, index: dict[str, Any] | None) -> Answer:
    logstore.index = index
    service.catalogue.save()
    return Answer()


def _existing_index(logstore: Logstore) -> dict[str, Any]:
    if logstore.index is None:
        raise ServiceError("IndexConfigNotExist", "index config doesn't exist")
    return logstore.index


def _index(call: Call) -> dict[str, Any]:
    index = call.json("IndexInfoInvalid")
    read_index(index)
    return index


def _project(service: Service, name: str) -> dict[str, Any]:
    project = service.catalogue.project(name)
    return {
        "projectName": project.name,
        "description": project.description,
        "status": "Normal",
        "region": service.region,
        "owner": "",
        "createTime": _time(project.created),
        "lastModifyTime": _time(project.modified),
        "resourceGroupId": "",
        "dataRedundancyType": "LRS",
    }


def _logstore(logstore: Logstore) -> dict[str, Any]:
    return {
        "enable_tracking": False,
        "appendMeta": False,
        "autoSplit": False,
        "maxSplitShard": 64,
        "telemetryType": "",
        "mode": "standard",
        **logstore.settings,
        "logstoreName": logstore.name,
        "ttl": logstore.ttl_days,
        "shardCount": sum(each.status == READ_WRITE for each in logstore.ranges),
        "createTime": logstore.created,
        "lastModifyTime": logstore.modified or logstore.created,
    }


def _page(call: Call, names: list[str]) -> list[str]:
    offset, size = call.parameter("offset", "0"), call.parameter("size", str(_PAGE))
    if not (offset.isdecimal() and size.isdecimal() and int(size) <= _PAGE):
        raise ServiceError("ParameterInvalid", f"offset {offset} or size {size} is invalid")
    return names[int(offset) : int(offset) + int(size)]


def _time(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
