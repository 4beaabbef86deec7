"""The sandbox as a whole: it starts the emulators, fills them, and says where everything is.

Everything lives in one folder. A new folder gets a fresh certificate authority, ports and keys;
started again in the same folder, the sandbox keeps them, and what the emulators hold.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import filelock

from core.sandbox.certificates import Authority, write_private
from core.sandbox.contents import TRAFFIC_SECRET, fill
from core.sandbox.control import ControlServer
from core.sandbox.flows import Flows
from core.sandbox.options import HUB, LOGSTORE, PROJECT, Options
from core.sandbox.process import Child
from core.sandbox.profile_text import profile_text
from core.sandbox.scenarios import SCENARIOS, emulator_of
from core.sandbox.security_center.log_access import write_access

LOG_ACCESS = "security_center.secret"
"""File that tells Security Center where Log Service is; it waits for it."""

__all__ = ["HUB", "LOGSTORE", "PROJECT", "FolderInUseError", "Options", "Sandbox"]


class FolderInUseError(Exception):
    """Another sandbox runs in the folder. Its text is that one's process id."""


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
        self._flows: Flows | None = None
        self._control: ControlServer | None = None
        self.info: dict[str, Any] = {}

    def __enter__(self) -> Sandbox:
        """Start everything. Raises FolderInUseError, EmulatorError, OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = filelock.FileLock(self.folder / "sandbox.lock", thread_local=False)
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
        if self._flows is not None:
            self._flows.stop()
        for child in reversed(self._children.values()):
            child.stop()
        self._lock.release()

    @property
    def flows(self) -> Flows:
        """What diagnostic settings send."""
        assert self._flows is not None  # noqa: S101
        return self._flows

    def child(self, name: str) -> Child:
        """The process of emulator ``name`` (event_hubs, log_service, ...)."""
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
        authority = Authority(self.folder)
        self._start_emulators()
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
        self.info |= fill(self.folder, self._children, self._options)
        if not self._options.empty:
            self._begin_traffic()
        text = profile_text(self.info, self._options)
        (self.folder / "profile.toml").write_text(text, "utf-8")
        told = json.dumps(self.info, indent=2).encode() + b"\n"
        write_private(self.folder / "sandbox.json", told)
        self._flows = Flows(
            self.folder / "flows",
            self.folder / "logs",
            authority.ca_file,
            lambda: self._children["azure"].request("flows"),
            rate=self._options.flow_rate,
            seed=self._options.seed,
        )

    def _start_emulators(self) -> None:
        """All at once: each takes a moment, and none needs another one to start."""
        authority = ["--authority", str(self.folder)]
        door = str(self.folder / "event_hubs" / "door.json")
        logs = str(self.folder / LOG_ACCESS)
        minute = str(self._options.schedule_minute)
        emulators = {
            "event_hubs": authority,
            "log_service": [*authority, *(["--discard"] if self._options.discard else [])],
            "azure": [*authority, "--event-hubs-door", door],
            "security_center": [*authority, "--log-service", logs, "--minute", minute],
        }
        with ThreadPoolExecutor(len(emulators)) as pool:
            started = [pool.submit(self._start_child, *each) for each in emulators.items()]
        for each in started:
            each.result()
        write_access(self.folder / LOG_ACCESS, self._children["log_service"].ready)

    def _begin_traffic(self) -> None:
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
                    *("--connection-string-file", str(self.folder / TRAFFIC_SECRET)),
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
            "POST /v1/flows": lambda body: self.flows.pause(bool(body["paused"])),
            "GET /v1/flows": lambda body: self.flows.told(),
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


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
