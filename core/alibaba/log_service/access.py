"""What is needed to speak to one Logstore."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.alibaba.credentials import Keys, KeySource, key_source
from core.profile import Profile


@dataclass(frozen=True)
class LogServiceAccess:
    """A Logstore, the way to it and the AccessKey.

    Attributes:
        endpoint: host name without the project, such as ``ap-southeast-1.log.aliyuncs.com``.
        project: the project's name; empty: the region itself.
        logstore: the Logstore's name; empty: none in particular.
        access_key_id: the AccessKey's id.
        access_key_secret: the AccessKey's secret.
        security_token: STS token; empty: none.
        address: ``host:port`` that the socket goes to instead (``http://`` before it: plain,
            loopback only); empty: ``<project>.<endpoint>:443``.
        proxy: ``http://host:port``; empty: none.
        ca_file: authorities to trust; None: the system's.
        key_source: where keys come from that end and are renewed; None: the three above stay.
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
    key_source: KeySource | None = field(default=None, repr=False, compare=False)

    @property
    def host(self) -> str:
        """The host name of the project, as URL, Host header, signature and TLS use it."""
        return f"{self.project}.{self.endpoint}" if self.project else self.endpoint

    def keys(self) -> Keys:
        """What to sign the next request with; may wait while a role's keys are renewed."""
        if self.key_source is not None:
            return self.key_source.keys()
        return Keys(self.access_key_id, self.access_key_secret, self.security_token)


def log_service_access(
    profile: Profile, logstore: str = "", keys: KeySource | None = None
) -> LogServiceAccess:
    """The way to the Logstore of single records, or to the profile's other one, ``logstore``.

    Without ``keys`` the profile's AccessKey is read, or the credentials chain asked. Blocking.
    Raises ProblemError.
    """
    named = profile.logstore
    source = keys or key_source(profile)
    first = source.keys()
    return LogServiceAccess(
        endpoint=profile.log_service_endpoint,
        project=named.project,
        logstore=logstore or profile.record_logstore,
        access_key_id=first.access_key_id,
        access_key_secret=first.access_key_secret,
        security_token=first.security_token,
        address=profile.endpoints.log_service_address,
        proxy=profile.network.proxy,
        ca_file=profile.ca_file,
        key_source=source if source.changes else None,
    )
