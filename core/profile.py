"""The profile: one TOML file that says what is imported, from where, to where.

Unknown keys are refused. A problem names the key, its line and its remedy; a profile holds no
secrets, only references to them (``core.secrets``).
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from core.errors import Code, problem_error
from core.paths import config_folder, state_folder
from core.profile_alibaba import (
    Alibaba,
    Costs,
    Detection,
    LogService,
    Normalization,
    Route,
    SecurityCenter,
)
from core.profile_azure import Azure
from core.profile_parts import HostPort, Part, Secret
from core.profile_problems import missing_key, profile_problem
from core.secrets import SecretRef, read_secret

_HTTPS = r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?$|^$"
_HOST = r"^(https://)?[A-Za-z0-9.-]+(:[0-9]{1,5})?$|^http://(127\.0\.0\.1|\[::1\]):[0-9]{1,5}$|^$"


class Kafka(Part):
    """The event hub, as a Kafka client sees it.

    Attributes:
        bootstrap: ``host:port`` of the namespace, whose port is 9093; empty: as applied.
        topic: the event hub's name; empty: as applied.
        group: the consumer group; Kafka groups span a namespace, so it must be this import's own.
        start: where a group without commits begins: earliest, latest or an RFC 3339 time.
        session_timeout_s: seconds without a heartbeat after which the group moves on (6 to 300).
        connection_string: where the connection string is kept; none: in the operating system's
            own store, by the profile's name.
    """

    bootstrap: HostPort = ""
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,256}$")] = ""
    group: Annotated[str, Field(min_length=1, max_length=256)] = ""
    start: str = "earliest"
    session_timeout_s: Annotated[int, Field(ge=6, le=300)] = 30
    connection_string: Secret | None = None

    @field_validator("start")
    @classmethod
    def _known_start(cls, value: str) -> str:
        if value in ("earliest", "latest"):
            return value
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time needs its zone, such as 2026-11-24T00:00:00Z")
        return value


class Import(Part):
    """Who imports, and how the engine works.

    Attributes:
        route: ``managed``: a job of Log Service; ``engine``: this program; ``both``: one of each,
            into two Logstores.
        managed_group: consumer group of the managed job; empty: made of the engine's group.
        managed_split: how the managed route gets from messages to records: ``transformation``: a
            data transformation job into ``log_service.record_logstore``; ``realtime_rule``: inside
            the standardised rule.
        workers: processes of this engine.
        memory_mib: bound on the records held in memory, MiB.
        disk_mib: bound on the dead-letter queue, MiB.
        delivery: the promise on the way into the Logstore.
        order: ``partition`` keeps the hub's order in each partition, ``any`` is faster.
    """

    route: Route = "engine"
    managed_group: Annotated[str, Field(max_length=256)] = ""
    managed_split: Literal["transformation", "realtime_rule"] = "transformation"
    workers: Literal[1] = 1
    memory_mib: Annotated[int, Field(ge=128, le=65536)] = 256
    disk_mib: Annotated[int, Field(ge=1, le=1048576)] = 1024
    delivery: Literal["at-least-once"] = "at-least-once"
    order: Literal["partition", "any"] = "partition"


class Monitor(Part):
    """How the import is watched.

    Attributes:
        tail_rows_per_s: records a second that a reader of the live tail is shown at the most.
    """

    tail_rows_per_s: Annotated[int, Field(ge=1, le=10_000)] = 2000


class Network(Part):
    """The way out.

    Attributes:
        proxy: ``http://host:port`` for Log Service (Kafka cannot use one); empty: none.
        ca_file: PEM file of certificate authorities to trust instead of the built-in ones.
    """

    proxy: Annotated[str, Field(pattern=r"^http://[^/@\s]+:[0-9]{1,5}/?$|^$")] = ""
    ca_file: str = ""


class Endpoints(Part):
    """Places that differ from the cloud's own (sandbox, private links).

    Attributes:
        arm: Azure Resource Manager; empty: the cloud's.
        authority: where Azure sign-ins go; empty: the cloud's.
        sts: Alibaba Cloud's Security Token Service, host and a port; empty: the region's.
        log_service_address: ``host:port`` that connections to Log Service go to; URL, Host
            header, signature and TLS name stay ``<project>.<endpoint>``. ``http://`` before it is
            accepted for the loopback addresses 127.0.0.1 and [::1] only.
    """

    arm: Annotated[str, Field(pattern=_HTTPS)] = ""
    authority: Annotated[str, Field(pattern=_HTTPS)] = ""
    sts: Annotated[str, Field(pattern=_HOST)] = ""
    log_service_address: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$|^http://(127\.0\.0\.1|\[::1\]):[0-9]{1,5}$|^$"),
    ] = ""


class Profile(Part):
    """A whole profile. ``file`` is where it was read from.

    A half that the profile does not have is None. Without ``azure`` the hub is named in ``kafka``.
    """

    schema_version: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    azure: Azure | None = None
    kafka: Kafka = Kafka()
    alibaba: Alibaba | None = None
    log_service: LogService | None = None
    security_center: SecurityCenter | None = None
    import_: Annotated[Import, Field(alias="import")] = Import()
    normalization: Normalization = Normalization()
    detection: Detection = Detection()
    costs: Costs = Costs()
    monitor: Monitor = Monitor()
    network: Network = Network()
    endpoints: Endpoints = Endpoints()
    file: Annotated[Path, Field(exclude=True)]

    @model_validator(mode="after")
    def _two_logstores(self) -> Profile:
        """What would be mixed up in one Logstore is refused."""
        route, split = self.import_.route, self.import_.managed_split
        logs = self.log_service
        if logs is None or route == "engine":
            return self
        splits = route == "managed" and split == "transformation"
        if (route == "both" or splits) and logs.record_logstore in ("", logs.logstore):
            raise ValueError(
                "log_service.record_logstore: single records need a Logstore of their own here, "
                "since log_service.logstore holds whole messages"
            )
        center = self.security_center
        dedicated = center is not None and center.data_source_type == "dedicated"
        if dedicated and (route == "both" or splits):
            raise ValueError(
                "security_center.data_source_type: the dedicated channel has one Logstore, and "
                "whole messages would need one beside it; here it takes import.route engine, or "
                "managed with import.managed_split realtime_rule"
            )
        if route == "managed" and not splits and self.normalization.mode == "scan":
            raise ValueError(
                "normalization.mode: a split inside the standardised rule works in realtime only"
            )
        if self.import_.managed_group == self.group:
            raise ValueError("import.managed_group: it is the engine's own group")
        return self

    @property
    def group(self) -> str:
        """The consumer group's name."""
        if self.kafka.group:
            return self.kafka.group
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", self.name)
        if plain != self.name:  # two names must not become one group
            plain += "-" + hashlib.sha256(self.name.encode()).hexdigest()[:8]
        return f"isthmus-{plain}"

    @property
    def log_service_endpoint(self) -> str:
        """Host name of Log Service, without the project."""
        given = self.logstore.endpoint.removeprefix("https://")
        return given or f"{self.account.region}.log.aliyuncs.com"

    @property
    def account(self) -> Alibaba:
        """The table ``[alibaba]``. Raises ProblemError (profile_missing_key)."""
        if self.alibaba is None:
            raise missing_key("alibaba", self.file.name)
        return self.alibaba

    @property
    def logstore(self) -> LogService:
        """The table ``[log_service]``. Raises ProblemError (profile_missing_key)."""
        if self.log_service is None:
            raise missing_key("log_service", self.file.name)
        return self.log_service

    @property
    def record_logstore(self) -> str:
        """Name of the Logstore that holds single records. Raises ProblemError."""
        return self.logstore.record_logstore or self.logstore.logstore

    @property
    def managed_group(self) -> str:
        """Name of the consumer group of the managed job; never the engine's."""
        return self.import_.managed_group or f"{self.group}-managed"

    @property
    def analysis(self) -> SecurityCenter:
        """The table ``[security_center]``. Raises ProblemError (profile_missing_key)."""
        if self.security_center is None:
            raise missing_key("security_center", self.file.name)
        return self.security_center

    @property
    def azure_half(self) -> Azure:
        """The table ``[azure]``. Raises ProblemError (profile_missing_key)."""
        if self.azure is None:
            raise missing_key("azure", self.file.name)
        return self.azure

    @property
    def kafka_secret(self) -> SecretRef:
        """Where the connection string is kept."""
        return self.kafka.connection_string or SecretRef("store", f"{self.name}-kafka")

    @property
    def state_folder(self) -> Path:
        """Where this profile's ledger, lock and dead letters are."""
        return state_folder(self.name, self.file)

    @property
    def ca_file(self) -> Path | None:
        """The CA file, absolute; None: the system's authorities."""
        return (self.file.parent / self.network.ca_file) if self.network.ca_file else None

    def secrets(self) -> dict[str, SecretRef]:
        """Every secret that the profile refers to, by the field that names it."""
        found: dict[str, SecretRef | None] = {"kafka.connection_string": self.kafka_secret}
        if self.azure is not None:
            found["azure.sign_in.client_secret"] = self.azure.sign_in.client_secret
            found["azure.sign_in.certificate"] = self.azure.sign_in.certificate
        if self.alibaba is not None:
            found["alibaba.access_key_secret"] = self.alibaba.access_key_secret
            found["alibaba.security_token"] = self.alibaba.security_token
        return {field: ref for field, ref in found.items() if ref is not None}

    def read_secret(self, ref: SecretRef, field: str) -> str:
        """The secret at ``ref``, which ``field`` names. Raises ProblemError if it cannot be had."""
        return read_secret(ref, self.file.parent, f"{self.file.name}: {field}")


def load_profile(place: str) -> Profile:
    """Read the profile at the path ``place``, or the one of that name in the config folder.

    Raises ProblemError, which names the file, the line and the key.
    """
    path = Path(place)
    if not path.suffix and not path.exists():
        path = config_folder() / f"{place}.toml"
    if not path.is_file():
        raise problem_error(Code.PROFILE_NOT_FOUND, "--profile", path=path, folder=config_folder())
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise problem_error(Code.PROFILE_NOT_READABLE, str(path), reason=reason) from None
    return parse_profile(text, path)


def parse_profile(text: str, path: Path) -> Profile:
    """The profile written in ``text``; ``path`` names it in problems. Raises ProblemError."""
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise problem_error(Code.PROFILE_NOT_TOML, path.name, reason=str(error)) from None
    if "file" in data:
        where = f"{path.name}: file"
        raise problem_error(Code.PROFILE_UNKNOWN_KEY, where, key="file", hint="")
    try:
        profile = Profile.model_validate({**data, "file": path.absolute()})
    except ValidationError as error:
        raise profile_problem(error, text, path.name, Profile) from None
    if profile.azure is None:  # then nothing will tell where the hub is
        for key in ("bootstrap", "topic", "connection_string"):
            if not getattr(profile.kafka, key):
                raise missing_key(f"kafka.{key}", path.name, text)
    return profile
