"""What RAM calls an operation and what it acts on, for the message of an ``Unauthorized``.

Actions and resources: Alibaba Cloud, SLS "RAM authorization", "CreateKafkaIngestion"; the message:
SLS "Common errors when querying and analyzing logs", "denied by sts or ram". Actions on jobs other
than CreateJob, UpdateJob, GetJob, DeleteJob and CreateKafkaIngestion are the assumption SLS-38.
"""

from __future__ import annotations

import json
import re

_ACCOUNT = "1000000000000001"
_SAME_NAME = """
CreateProject GetProject UpdateProject DeleteProject
CreateLogStore ListLogStores GetLogStore UpdateLogStore DeleteLogStore
CreateIndex GetIndex UpdateIndex DeleteIndex ListShards
CreateConsumerGroup ListConsumerGroup UpdateConsumerGroup DeleteConsumerGroup
TagResources UntagResources ListTagResources
CreateJob ListJobs GetJob UpdateJob DeleteJob
CreateKafkaIngestion ListKafkaIngestions GetKafkaIngestion UpdateKafkaIngestion
DeleteKafkaIngestion StartKafkaIngestion StopKafkaIngestion
"""
ACTIONS = {
    **{name: f"log:{name}" for name in _SAME_NAME.split()},
    "PutLogs": "log:PostLogStoreLogs",
    "GetLogs": "log:GetLogStoreLogs",
    "GetHistograms": "log:GetLogStoreHistogram",
    "ListTopics": "log:GetLogStoreLogs",
    "GetCursor": "log:GetCursorOrData",
    "GetCursorTime": "log:GetCursorOrData",
    "PullLogs": "log:GetCursorOrData",
    "ListProjects": "log:ListProject",
    "ChangeShard": "log:SplitShard",
    "HeartBeat": "log:ConsumerGroupHeartBeat",
    "UpdateCheckPoint": "log:ConsumerGroupUpdateCheckPoint",
    "GetCheckPoint": "log:GetConsumerGroupCheckPoint",
    "StartJob": "log:UpdateJob",
    "StopJob": "log:UpdateJob",
    "RestartJob": "log:UpdateJob",
}
"""Operation -> the RAM action that it needs."""
_LOGSTORE = re.compile(r"/logstores/([^/]+)")
_GROUP = re.compile(r"/consumergroups/([^/]+)")
_JOB = re.compile(r"/(job|kafkaingestion)s(?:/([^/]+))?")


def denial(operation: str, region: str, project: str, path: str, body: bytes = b"") -> str:
    """The service's words for a caller without the right."""
    resource = f"acs:log:{region}:{_ACCOUNT}:project/{project or '*'}"
    if path.startswith("/logstores"):
        logstore, group = _LOGSTORE.match(path), _GROUP.search(path)
        resource += f"/logstore/{logstore.group(1) if logstore else _named(body, 'logstoreName')}"
        resource += f"/consumergroup/{group.group(1)}" if group else ""
    elif job := _JOB.fullmatch(path):
        resource += f"/{job.group(1)}/{job.group(2) or _named(body, 'name')}"
    return f"denied by sts or ram, action: {ACTIONS[operation]}, resource: {resource}"


def _named(body: bytes, key: str) -> str:
    """What a creation is to make; ``*`` for a list."""
    try:
        name = json.loads(body)[key]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "*"
    return name if isinstance(name, str) else "*"
