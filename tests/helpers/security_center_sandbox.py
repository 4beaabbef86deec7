"""The emulators of Security Center and Log Service with the real SDKs, for tests."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alibabacloud_cloud_siem20241212.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from aliyun.log import LogClient

from core.sandbox.certificates import Authority
from core.sandbox.process import Child
from core.sandbox.security_center.log_access import LogAccess, write_access

_numbers = itertools.count(1)


@dataclass
class SecurityCenterSandbox:
    """Both emulators, running. ``center.ready`` and ``logs.ready`` say where they are."""

    folder: Path
    center: Child
    logs: Child
    ca_file: Path
    minute: float

    @property
    def access_file(self) -> Path:
        return self.folder / "log_access.json"

    @property
    def key(self) -> tuple[str, str]:
        ready = self.logs.ready
        return ready["access_key_id"], ready["access_key_secret"]

    @property
    def region(self) -> str:
        """The region of Log Service."""
        return str(self.logs.ready["endpoint"]).partition(".")[0]

    def sdk(self, *, tls: bool = True, **more: Any) -> Client:
        """The unchanged SDK."""
        key_id, secret = self.key
        return Client(
            Config(
                **{
                    "access_key_id": key_id,
                    "access_key_secret": secret,
                    "endpoint": self.center.ready["endpoint" if tls else "http_endpoint"],
                    "protocol": "HTTPS" if tls else "HTTP",
                    "ca": str(self.ca_file) if tls else None,
                    **more,
                }
            )
        )

    @contextlib.contextmanager
    def log_client(self) -> Iterator[LogClient]:
        """The unchanged SDK of Log Service."""
        with LogAccess(self.access_file).client() as client:
            yield client

    def logstore(self, project: str = "isthmus-tests", name: str = "", index: bool = True) -> str:
        """Make a Logstore, and its project if need be; its name."""
        made = name or f"logs-{next(_numbers)}"
        self.logs.request("create_project", name=project)
        self.logs.request("create_logstore", project=project, name=made, index=index)
        return made

    def restart_center(self) -> None:
        """End Security Center as ``kill -9`` does, and start it again on what it left."""
        self.center.kill()
        self.center = _center(self.folder, self.minute)

    def close(self) -> None:
        self.center.stop()
        self.logs.stop()

    def __enter__(self) -> SecurityCenterSandbox:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def open_security_center(folder: Path, minute: float = 1.0) -> SecurityCenterSandbox:
    """Start both emulators in ``folder``, where the certificate authority is too."""
    authority = Authority(folder)
    logs = Child(
        "core.sandbox.log_service",
        ["--folder", str(folder / "log_service"), "--authority", str(folder)],
        folder / "log_service.log",
    )
    try:
        write_access(folder / "log_access.json", logs.ready)
        center = _center(folder, minute)
    except BaseException:
        logs.stop()
        raise
    return SecurityCenterSandbox(folder, center, logs, authority.ca_file, minute)


def _center(folder: Path, minute: float) -> Child:
    return Child(
        "core.sandbox.security_center",
        [
            *("--folder", str(folder / "security_center")),
            *("--authority", str(folder)),
            *("--log-service", str(folder / "log_access.json")),
            *("--minute", str(minute)),
        ],
        folder / "security_center.log",
    )
