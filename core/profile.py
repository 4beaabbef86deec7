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

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from core.errors import Code, problem_error
from core.paths import config_folder, state_folder
from core.profile_problems import profile_problem
from core.secrets import SecretRef, read_secret


def _secret_ref(value: object) -> SecretRef:
    if isinstance(value, SecretRef):
        return value
    if not isinstance(value, str):
        raise ValueError("secret reference")
    return SecretRef.parse(value)


def _with_possible_port(value: str) -> str:
    port = int(value.rpartition(":")[2])
    if not 0 < port < 65536:
        raise ValueError(f"there is no port {port}")
    return value


Secret = Annotated[SecretRef, BeforeValidator(_secret_ref)]
HostPort = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$"), AfterValidator(_with_possible_port)
]
SlsName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$")]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True
    )


class Kafka(_Part):
    """The event hub, as a Kafka client sees it.

    Attributes:
        bootstrap: ``host:port`` of the namespace; the port of Event Hubs is 9093.
        topic: the event hub's name.
        group: the consumer group; Kafka groups span a namespace, so it must be this import's own.
        start: where a group without commits begins: earliest, latest or an RFC 3339 time.
        session_timeout_s: seconds without a heartbeat after which the group moves on (6 to 300).
        connection_string: where the connection string is kept.
    """

    bootstrap: HostPort
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,256}$")]
    group: Annotated[str, Field(min_length=1, max_length=256)] = ""
    start: str = "earliest"
    session_timeout_s: Annotated[int, Field(ge=6, le=300)] = 30
    connection_string: Secret

    @field_validator("start")
    @classmethod
    def _known_start(cls, value: str) -> str:
        if value in ("earliest", "latest"):
            return value
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time needs its zone, such as 2026-11-24T00:00:00Z")
        return value


class Alibaba(_Part):
    """The account on Alibaba Cloud.

    Attributes:
        region: for example ``ap-southeast-1``; the default endpoint is made of it.
        access_key_id: the AccessKey's id (no secret).
        access_key_secret: where the AccessKey's secret is kept.
        security_token: where an STS token is kept, if there is one.
    """

    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")]
    access_key_id: Annotated[str, Field(min_length=1, max_length=128)]
    access_key_secret: Secret
    security_token: Secret | None = None


class LogService(_Part):
    """The Logstore that records are written to.

    Attributes:
        endpoint: host name without the project; empty: ``<alibaba.region>.log.aliyuncs.com``.
        project: the project's name.
        logstore: the Logstore's name.
    """

    endpoint: Annotated[str, Field(pattern=r"^(https://)?[A-Za-z0-9.-]+$|^$")] = ""
    project: SlsName
    logstore: SlsName


class Import(_Part):
    """How the engine works.

    Attributes:
        workers: processes of this engine.
        memory_mib: bound on the records held in memory, MiB.
        disk_mib: bound on the dead-letter queue, MiB.
        delivery: the promise on the way into the Logstore.
        order: ``partition`` keeps the hub's order in each partition, ``any`` is faster.
    """

    workers: Literal[1] = 1
    memory_mib: Annotated[int, Field(ge=128, le=65536)] = 256
    disk_mib: Annotated[int, Field(ge=1, le=1048576)] = 1024
    delivery: Literal["at-least-once"] = "at-least-once"
    order: Literal["partition", "any"] = "partition"


class Monitor(_Part):
    """How the import is watched.

    Attributes:
        tail_rows_per_s: records a second that a reader of the live tail is shown at the most.
    """

    tail_rows_per_s: Annotated[int, Field(ge=1, le=10_000)] = 2000


class Network(_Part):
    """The way out.

    Attributes:
        proxy: ``http://host:port`` for Log Service (Kafka cannot use one); empty: none.
        ca_file: PEM file of certificate authorities to trust instead of the built-in ones.
    """

    proxy: Annotated[str, Field(pattern=r"^http://[^/@\s]+:[0-9]{1,5}/?$|^$")] = ""
    ca_file: str = ""


class Endpoints(_Part):
    """Sockets that differ from the names (sandbox, private links).

    Attributes:
        log_service_address: ``host:port`` that connections to Log Service go to; URL, Host
            header, signature and TLS name stay ``<project>.<endpoint>``. ``http://`` before it is
            accepted for the loopback addresses 127.0.0.1 and [::1] only.
    """

    log_service_address: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$|^http://(127\.0\.0\.1|\[::1\]):[0-9]{1,5}$|^$"),
    ] = ""


class Profile(_Part):
    """A whole profile. ``file`` is where it was read from."""

    schema_version: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    kafka: Kafka
    alibaba: Alibaba
    log_service: LogService
    import_: Annotated[Import, Field(alias="import")] = Import()
    monitor: Monitor = Monitor()
    network: Network = Network()
    endpoints: Endpoints = Endpoints()
    file: Annotated[Path, Field(exclude=True)]

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
        given = self.log_service.endpoint.removeprefix("https://")
        return given or f"{self.alibaba.region}.log.aliyuncs.com"

    @property
    def state_folder(self) -> Path:
        """Where this profile's ledger, lock and dead letters are."""
        return state_folder(self.name, self.file)

    @property
    def ca_file(self) -> Path | None:
        """The CA file, absolute; None: the system's authorities."""
        return (self.file.parent / self.network.ca_file) if self.network.ca_file else None

    def secret(self, field: str) -> str:
        """The secret that ``field`` (``kafka.connection_string``, ...) refers to.

        Raises ProblemError when it cannot be had.
        """
        part, name = field.split(".")
        ref: SecretRef = getattr(getattr(self, part), name)
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
        return Profile.model_validate({**data, "file": path.absolute()})
    except ValidationError as error:
        raise profile_problem(error, text, path.name, Profile) from None
