"""Names that the service gives, and those that it allows."""

from __future__ import annotations

import re

from core.sandbox.security_center.wire import Call, invalid, missing

ACCOUNT = "1000000000000001"
"""The account of the sandbox; Log Service's emulator names the same one."""

ENDPOINT_REGIONS = ("cn-shanghai", "ap-southeast-1")
"""Where the API has endpoints; not the same thing as a management centre."""
CENTRES = ("cn-hangzhou", "ap-southeast-1")
"""Management centres: what RegionId means."""
SERVICE_ROLE = "AliyunServiceRoleForSasCloudSiem"

_PROJECT = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", re.ASCII)
_LOGSTORE = re.compile(r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]", re.ASCII)
_LONGEST_NAME = 128


def data_project(account: str, region: str) -> str:
    """The project of the normalised logs."""
    return f"aliyun-cloudsiem-data-{account}-{region}"


def channel_project(account: str, region: str) -> str:
    """The project of the dedicated channel."""
    return f"aliyun-cloudsiem-channel-{account}-{region}"


def is_project(name: str) -> bool:
    """Whether Log Service allows a project of that name."""
    return _PROJECT.fullmatch(name) is not None


def is_logstore(name: str) -> bool:
    """Whether Log Service allows a Logstore of that name."""
    return _LOGSTORE.fullmatch(name) is not None


def display_name(call: Call, parameter: str) -> str:
    """A name that a user gave to something: 1 to 128 characters (SC-10). Raises ApiError."""
    name = call.text(parameter)
    if not name.strip():
        raise missing(parameter)
    if len(name) > _LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise invalid(parameter)
    return name
