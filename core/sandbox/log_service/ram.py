"""What RAM calls an operation and what it acts on, for the message of an ``Unauthorized``.

Actions and resources: Alibaba Cloud, SLS "RAM authorization"; the message: SLS "Common errors when
querying and analyzing logs", "denied by sts or ram".
"""

from __future__ import annotations

import re

_ACCOUNT = "1000000000000001"
_ACTIONS = {
    "PutLogs": "PostLogStoreLogs",
    "GetLogs": "GetLogStoreLogs",
    "GetHistograms": "GetLogStoreHistogram",
    "ListTopics": "GetLogStoreLogs",
    "GetCursor": "GetCursorOrData",
    "GetCursorTime": "GetCursorOrData",
    "PullLogs": "GetCursorOrData",
    "ListProjects": "ListProject",
    "ChangeShard": "SplitShard",
    "HeartBeat": "ConsumerGroupHeartBeat",
    "UpdateCheckPoint": "ConsumerGroupUpdateCheckPoint",
    "GetCheckPoint": "GetConsumerGroupCheckPoint",
}
"""Operation -> RAM action, where the two differ."""
_LOGSTORE = re.compile(r"/logstores/([^/]+)")
_GROUP = re.compile(r"/consumergroups/([^/]+)")


def denial(operation: str, region: str, project: str, path: str) -> str:
    """The service's words for a caller without the right."""
    action = _ACTIONS.get(operation, operation)
    resource = f"acs:log:{region}:{_ACCOUNT}:project/{project or '*'}"
    if path.startswith("/logstores"):
        logstore, group = _LOGSTORE.match(path), _GROUP.search(path)
        resource += f"/logstore/{logstore.group(1) if logstore else '*'}"
        resource += f"/consumergroup/{group.group(1)}" if group else ""
    return f"denied by sts or ram, action: log:{action}, resource: {resource}"
