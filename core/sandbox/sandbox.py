"""The sandbox as a whole: it starts the emulators, fills them, and says where everything is.

Everything lives in one folder. A new folder gets a fresh certificate authority, ports and keys;
started again in the same folder, the sandbox keeps them, and what the emulators hold.
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from core.sandbox.certificates import Authority, write_private
from core.sandbox.control import ControlServer
from core.sandbox.process import Child
from core.sandbox.scenarios import SCENARIOS, emulator_of

HUB = "azure-logs"
PROJECT = "isthmus-sandbox"
LOGSTORE = "azure-logs"
WAITING_RECORDS = 10_000
"""Records that wait in the hub of a new sandbox."""

_PARTITIONS = 4
_RETENTION_HOURS = 24


class FolderInUseError(Exception):
    """Another sandbox runs in the folder. Its text is that one's process id."""


@dataclass(frozen=True)
class Options:
    """How to start a sandbox.

    Attributes:
        empty: no hub, no Logstore; the profile holds names only.
        records: records that a new sandbox's hub gets at the start.
        rate: records per second that go on being sent.
        partitions: partitions of the hub.
        discard: Log Service counts logs and keeps a sample only, for benchmarks.
        seed: of the traffic.
    """

    empty: bool = False
    records: int = WAITING_RECORDS
    rate: float = 0.0
    partitions: int = _PARTITIONS
    discard: bool = False
    seed: int = 1


class Sandbox:
    """A running sandbox. Use it as a context manager.

    Attributes:
        folder: where it lives.
        info: what ``sandbox.json`` says.
    """

    def __init__(self, folder: Path, options: Options | None = None) -> None:
        self.folder = folder.absolute()
        self._options = options or Options()
        self._children: dict[str, Child] = {}
        self._arguments: dict[str, list[str]] = {}
        self._timers: list[threading.Timer] = []
        self._control: ControlServer | None = None
        self.info: dict[str, Any] = {}

    def __enter__(self) -> Sandbox:
        """Start everything. Raises FolderInUseError, EmulatorError, OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = filelock.FileLock(self.folder / "sandbox.lock")
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            told = _read_json(self.folder / "sandbox.json").get("pid", "not known")
            raise FolderInUseError(str(told)) from None
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop everything; the folder stays."""
        for timer in self._timers:
            timer.cancel()
        if self._control is not None:
            self._control.stop()
        for child in reversed(self._children.values()):
            child.stop()
        self._lock.release()

    def child(self, name: str) -> Child:
        """The process of emulator ``name`` (event_hubs, log_service, traffic)."""
        return self._children[name]

    def restart(self, name: str) -> None:
        """Kill emulator ``name`` as ``kill -9`` does and start it again on what it left."""
        self._children[name].kill()
        self._start_child(name, self._arguments[name])

    def send(self, records: int) -> dict[str, Any]:
        """Send ``records`` more records into the hub; what the traffic says of it."""
        sent: dict[str, Any] = self._traffic().request("send", records=records)
        return sent

    def rate(self, records_per_second: float) -> Any:
        """Go on sending at this rate; 0: stop."""
        return self._traffic().request("rate", records_per_second=records_per_second)

    def scenario(self, name: str, on: bool, seconds: float | None = None, **more: Any) -> None:
        """Switch a scenario; ``seconds``: off again by itself. Raises KeyError.

        ``more`` goes to the emulator: a namespace, an option of the scenario.
        """
        emulator, scenario = emulator_of(name)
        self._children[emulator].request("scenario", name=scenario, on=on, **more)
        if on and seconds:
            timer = threading.Timer(seconds, self.scenario, (name, False), more)
            timer.daemon = True
            timer.start()
            self._timers.append(timer)

    def _start(self) -> None:
        import os

        authority = Authority(self.folder)
        self._start_child("event_hubs", ["--authority", str(self.folder)])
        more = ["--discard"] if self._options.discard else []
        self._start_child("log_service", ["--authority", str(self.folder), *more])
        kept = _read_json(self.folder / "sandbox.json").get("control", {})
        token = kept.get("token") or secrets.token_urlsafe(32)
        self._control = self._open_control(kept.get("port", 0), token)
        self.info = {
            "folder": str(self.folder),
            "pid": os.getpid(),
            "ca_file": str(authority.ca_file),
            "profile": str(self.folder / "profile.toml"),
            "control": {"url": self._control.url, "port": self._control.port, "token": token},
        }
        self._fill()
        write_private(
            self.folder / "sandbox.json", json.dumps(self.info, indent=2).encode() + b"\n"
        )

    def _fill(self) -> None:
        """Hub, policies, Logstore and profile; none of the first three with ``empty``."""
        hubs, logs = self._children["event_hubs"], self._children["log_service"]
        ready = logs.ready
        self.info["log_service"] = {
            "endpoint": ready["endpoint"],
            "address": ready["address"],
            "http_proxy": ready["http_proxy"],
            "project": PROJECT,
            "logstore": LOGSTORE,
            "access_key_id": ready["access_key_id"],
            "access_key_secret": ready["access_key_secret"],
        }
        self.info["event_hubs"] = {"bootstrap": hubs.ready["bootstrap"], "hub": HUB}
        write_private(self.folder / "alibaba.secret", ready["access_key_secret"].encode())
        if not self._options.empty:
            hubs.request(
                "create_hub",
                name=HUB,
                partitions=self._options.partitions,
                retention_hours=_RETENTION_HOURS,
            )
            root = hubs.request(
                "put_policy",
                name="RootManageSharedAccessKey",
                rights=["Manage", "Send", "Listen"],
                hub=None,
            )["connection_string"]
            listen = hubs.request("put_policy", name="isthmus-listen", rights=["Listen"], hub=HUB)[
                "connection_string"
            ]
            self.info["event_hubs"]["connection_string"] = root
            write_private(self.folder / "traffic.secret", root.encode())
            write_private(self.folder / "kafka.secret", listen.encode())
            logs.request("create_project", name=PROJECT)
            logs.request("create_logstore", project=PROJECT, name=LOGSTORE)
            self._fill_hub()
        (self.folder / "profile.toml").write_text(self._profile(), "utf-8")

    def _fill_hub(self) -> None:
        is_new = not (self.folder / "traffic" / "sent.json").exists()
        if is_new and self._options.records:
            self.send(self._options.records)
        if self._options.rate:
            self.rate(self._options.rate)

    def _traffic(self) -> Child:
        if "traffic" not in self._children:
            self._start_child(
                "traffic",
                [
                    *("--bootstrap", self._children["event_hubs"].ready["bootstrap"]),
                    *("--hub", HUB),
                    *("--ca", str(self.folder / "ca.pem")),
                    *("--connection-string-file", str(self.folder / "traffic.secret")),
                    *("--seed", str(self._options.seed)),
                ],
            )
        return self._children["traffic"]

    def _start_child(self, name: str, arguments: list[str]) -> None:
        place = self.folder / name
        place.mkdir(exist_ok=True)
        log = self.folder / "logs" / f"{name}.log"
        self._arguments[name] = arguments
        whole = ["--folder", str(place), *arguments]
        self._children[name] = Child(f"core.sandbox.{name}", whole, log)

    def _open_control(self, port: int, token: str) -> ControlServer:
        routes = {
            "POST /v1/scenario": lambda body: self.scenario(
                body["name"], bool(body["on"]), body.get("seconds"), **body.get("options", {})
            ),
            "POST /v1/send": lambda body: self.send(int(body["records"])),
            "POST /v1/rate": lambda body: self.rate(float(body["records_per_second"])),
            "GET /v1/state": lambda body: {
                name: {"pid": child.pid, "alive": child.alive()}
                for name, child in self._children.items()
            },
            "GET /v1/scenarios": lambda body: SCENARIOS,
        }
        try:
            return ControlServer(port, token, routes)
        except OSError:  # the port of the last time is taken by somebody else now
            return ControlServer(0, token, routes)

    def _profile(self) -> str:
        logs = self.info["log_service"]
        return f"""\
# Written by the sandbox in this folder; its secrets are files beside it.
schema_version = 1
name = "sandbox"

[kafka]
bootstrap = "{self.info["event_hubs"]["bootstrap"]}"
topic = "{HUB}"
start = "earliest"
session_timeout_s = 6
connection_string = "file:kafka.secret"

[alibaba]
region = "cn-sandbox"
access_key_id = "{logs["access_key_id"]}"
access_key_secret = "file:alibaba.secret"

[log_service]
endpoint = "{logs["endpoint"]}"
project = "{PROJECT}"
logstore = "{LOGSTORE}"

[network]
ca_file = "ca.pem"

[endpoints]
log_service_address = "{logs["address"]}"
"""


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
