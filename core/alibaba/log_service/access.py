"""What is needed to speak to one Logstore."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.profile import Profile


@dataclass(frozen=True)
class LogServiceAccess:
    """A Logstore, the way to it and the AccessKey.

    Attributes:
        endpoint: host name without the project, such as ``ap-southeast-1.log.aliyuncs.com``.
        project: the project's name.
        logstore: the Logstore's name.
        access_key_id: the AccessKey's id.
        access_key_secret: the AccessKey's secret.
        security_token: STS token; empty: none.
        address: ``host:port`` that the socket goes to instead (``http://`` before it: plain,
            loopback only); empty: ``<project>.<endpoint>:443``.
        proxy: ``http://host:port``; empty: none.
        ca_file: authorities to trust; None: the system's.
    """

    endpoint: str
    project: str
    logstore: str
    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)
    address: str = ""
    proxy: str = ""
    ca_file: Path | None = None

    @property
    def host(self) -> str:
        """The host name of the project, as URL, Host header, signature and TLS use it."""
        return f"{self.project}.{self.endpoint}"


def log_service_access(profile: Profile) -> LogServiceAccess:
    """What ``profile`` says of its Logstore, its secrets read. Raises ProblemError."""
    account, logstore = profile.account, profile.logstore
    token = account.security_token
    return LogServiceAccess(
        endpoint=profile.log_service_endpoint,
        project=logstore.project,
        logstore=logstore.logstore,
        access_key_id=account.access_key_id,
        access_key_secret=profile.read_secret(
            account.access_key_secret, "alibaba.access_key_secret"
        ),
        security_token=(profile.read_secret(token, "alibaba.security_token") if token else ""),
        address=profile.endpoints.log_service_address,
        proxy=profile.network.proxy,
        ca_file=profile.ca_file,
    )
