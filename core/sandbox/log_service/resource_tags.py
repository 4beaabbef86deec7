"""Tags of projects and Logstores: ``/tag``, ``/untag`` and ``/tags``.

A Logstore's resource id is ``<project>#<logstore>``. (Alibaba Cloud: SLS "TagResources",
"UntagResources", "ListTagResources".)
"""

from __future__ import annotations

import json
from typing import Any

from core.sandbox.log_service.service import Service
from core.sandbox.log_service.wire import Answer, Call, ServiceError, json_answer

_MOST_TAGS = 20


def tag_resources(service: Service, call: Call) -> Answer:
    """``POST /tag {resourceType, resourceId[], tags[{key, value}]}``."""
    asked = call.json("ParameterInvalid")
    wanted = _pairs(asked.get("tags"))
    if not wanted:
        raise ServiceError("ParameterInvalid", "there is no tag")
    for tags in _targets(service, asked):
        if len({**tags, **wanted}) > _MOST_TAGS:
            raise ServiceError("ParameterInvalid", f"a resource has at most {_MOST_TAGS} tags")
        tags.update(wanted)
    service.catalogue.save()
    return Answer()


def untag_resources(service: Service, call: Call) -> Answer:
    """``POST /untag {resourceType, resourceId[], tags[key]}``; without tags: all of them."""
    asked = call.json("ParameterInvalid")
    names = asked.get("tags") or []
    if not isinstance(names, list):
        raise ServiceError("ParameterInvalid", "tags must be a list of names")
    for tags in _targets(service, asked):
        for name in names or list(tags):
            tags.pop(name, None)
    service.catalogue.save()
    return Answer()


def list_tag_resources(service: Service, call: Call) -> Answer:
    """``GET /tags?resourceType&resourceId&tags``; ids and tags are JSON in the query."""
    try:
        ids = json.loads(call.parameter("resourceId", "[]") or "[]")
        filters = _pairs(json.loads(call.parameter("tags", "[]") or "[]"))
    except ValueError:
        raise ServiceError("ParameterInvalid", "resourceId and tags must be JSON") from None
    kind = call.parameter("resourceType", "")
    asked = {"resourceType": kind, "resourceId": ids or _all_ids(service, kind)}
    found = [
        {"resourceType": kind, "resourceId": name, "tagKey": key, "tagValue": value}
        for name, tags in zip(asked["resourceId"], _targets(service, asked), strict=True)
        if all(tags.get(key) == value for key, value in filters.items())
        for key, value in tags.items()
    ]
    return json_answer({"tagResources": found, "nextToken": ""})


def _targets(service: Service, asked: dict[str, Any]) -> list[dict[str, str]]:
    """The tags of every resource that is named."""
    ids, kind = asked.get("resourceId"), str(asked.get("resourceType", "")).lower()
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise ServiceError("ParameterInvalid", "resourceId must be a list of names")
    if kind == "project":
        return [service.catalogue.project(name).tags for name in ids]
    if kind == "logstore":
        parts = [name.partition("#") for name in ids]
        return [service.catalogue.logstore(project, store).tags for project, _, store in parts]
    raise ServiceError("ParameterInvalid", f"resourceType {kind} is not project or logstore")


def _all_ids(service: Service, kind: str) -> list[str]:
    projects = service.catalogue.projects
    if kind.lower() == "project":
        return sorted(projects)
    return sorted(f"{p.name}#{name}" for p in projects.values() for name in p.logstores)


def _pairs(given: Any) -> dict[str, str]:
    try:
        return {str(each["key"]): str(each["value"]) for each in given or []}
    except (TypeError, KeyError):
        raise ServiceError("ParameterInvalid", "a tag needs key and value") from None
