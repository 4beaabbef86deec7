"""The flows: what diagnostic settings and exports send, played by traffic of their categories.

A thread asks the ARM emulator again and again which settings work and where they send to, and keeps
one traffic process for each hub that something is sent to. In Azure the same takes up to 90 minutes
(Azure: "Diagnostic settings in Azure Monitor").
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.sandbox.certificates import write_private
from core.sandbox.process import Child, EmulatorError
from core.sandbox.traffic.kinds import kinds_of
from core.sandbox.traffic.plan import are_made

BURST = 200
"""Records that a new flow begins with."""

_POLL_SECONDS = 0.5
_SECRET = "secret"  # noqa: S105  # a file's name
_LEDGER = "sent.json"


@dataclass(frozen=True)
class Flow:
    """What is sent to one hub.

    Attributes:
        kinds: names of log categories, in order.
        connection_string: of the policy that it is sent with; another key is no other flow.
    """

    namespace: str
    hub: str
    bootstrap: str
    kinds: tuple[str, ...]
    connection_string: str = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """A folder's name; another set of kinds has another one."""
        return f"{self.namespace}.{self.hub}.{self._digest('').hex()[:12]}"

    def seed(self, of_sandbox: int) -> int:
        """The traffic's: no two flows of a sandbox may have ids in common."""
        return int.from_bytes(self._digest(str(of_sandbox))[:6], "big")

    def _digest(self, salt: str) -> bytes:
        told = json.dumps([salt, self.namespace, self.hub, *self.kinds])
        return hashlib.sha256(told.encode()).digest()


class Flows:
    """Keeps the traffic processes of all flows. Thread-safe."""

    def __init__(
        self,
        folder: Path,
        logs: Path,
        ca_file: Path,
        read: Callable[[], list[dict[str, Any]]],
        *,
        rate: float,
        seed: int,
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        """``read`` asks the ARM emulator for its flows; it may raise EmulatorError.

        ``rate``: records per second of each flow; ``seed``: the sandbox's; ``poll_seconds``: from
        one question to the next.
        """
        self._folder = folder
        self._logs = logs
        self._ca_file = ca_file
        self._read = read
        self._rate = rate
        self._seed = seed
        self._poll_seconds = poll_seconds
        self._running: dict[Flow, Child] = {}
        self._seen: set[Flow] = set()
        self._ending: dict[str, threading.Thread] = {}
        self._paused = False
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="flows", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and all traffic."""
        self._stopped.set()
        self._thread.join()
        with self._lock:
            for flow in list(self._running):
                self._end(flow)
        for thread in self._ending.values():
            thread.join()

    def told(self) -> list[dict[str, Any]]:
        """The flows that are sent now, with the process and the ledger of each."""
        with self._lock:
            return [
                {
                    "namespace": flow.namespace,
                    "hub": flow.hub,
                    "kinds": list(flow.kinds),
                    "ledger": str(self._folder / flow.name / _LEDGER),
                    "pid": child.pid,
                    "alive": child.alive(),
                }
                for flow, child in self._running.items()
            ]

    def ledgers(self, namespace: str | None = None, hub: str | None = None) -> list[Path]:
        """Of all that was ever sent, or of what went to one hub; also of flows that ended."""
        found = []
        for ledger in sorted(self._folder.glob(f"*/{_LEDGER}")):
            told = json.loads((ledger.parent / "flow.json").read_text("utf-8"))
            wanted = {"namespace": namespace or told["namespace"], "hub": hub or told["hub"]}
            if all(told[name].lower() == value.lower() for name, value in wanted.items()):
                found.append(ledger)
        return found

    def pause(self, on: bool) -> None:
        """Let all flows rest, so that what was sent can be proved; off: they go on.

        While they rest, none begins and none ends. Raises EmulatorError.
        """
        with self._lock:
            self._paused = on
            for child in self._running.values():
                self._set_rate(child)

    def _keep(self) -> None:
        while not self._stopped.wait(self._poll_seconds):
            with contextlib.suppress(EmulatorError):  # an emulator restarts; what flows goes on
                wanted = _flows(self._read())
                with self._lock:
                    if not self._paused:
                        self._reconcile(wanted)

    def _reconcile(self, wanted: set[Flow]) -> None:
        """A flow begins when it was seen twice: settings often come in several steps."""
        for flow, child in list(self._running.items()):
            if flow not in wanted or not child.alive():
                self._end(flow)
        lasting, self._seen = wanted & self._seen, wanted
        for flow in sorted(lasting, key=lambda each: each.name):
            self._keep_secret(flow)
            ending = self._ending.get(flow.name)  # two must not write one ledger
            if flow not in self._running and not (ending and ending.is_alive()):
                self._begin(flow)

    def _keep_secret(self, flow: Flow) -> None:
        """A producer signs in with the key of the day; who is connected stays so."""
        place = self._folder / flow.name
        place.mkdir(parents=True, exist_ok=True)
        secret = flow.connection_string.encode()
        file = place / _SECRET
        if not file.exists() or file.read_bytes() != secret:
            write_private(file, secret)

    def _begin(self, flow: Flow) -> None:
        place = self._folder / flow.name
        told = {"namespace": flow.namespace, "hub": flow.hub, "kinds": flow.kinds}
        write_private(place / "flow.json", json.dumps(told).encode() + b"\n")
        child = Child(
            "core.sandbox.traffic",
            [
                *("--folder", str(place), "--bootstrap", flow.bootstrap, "--hub", flow.hub),
                *("--ca", str(self._ca_file), "--seed", str(flow.seed(self._seed))),
                *("--connection-string-file", str(place / _SECRET)),
                *("--kinds", ",".join(flow.kinds)),
            ],
            self._logs / "flows.log",
        )
        self._running[flow] = child
        self._set_rate(child)

    def _set_rate(self, child: Child) -> None:
        rate, at_least = (0.0, 0) if self._paused else (self._rate, BURST)
        child.request("rate", records_per_second=rate, at_least=at_least)

    def _end(self, flow: Flow) -> None:
        """End its traffic in the background: a hub that is gone makes the end slow."""
        thread = threading.Thread(target=self._running.pop(flow).stop, daemon=True)
        thread.start()
        self._ending[flow.name] = thread


def _flows(told: list[dict[str, Any]]) -> set[Flow]:
    """One for each hub that is told of and that something is made for."""
    hubs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in told:
        hubs.setdefault((each["namespace"].lower(), each["hub"]), []).append(each)
    flows = set()
    for (namespace, hub), parts in hubs.items():
        kinds = {kind for part in parts for kind in part["kinds"]}
        if are_made(kinds_of(kinds)):
            last = parts[-1]
            flows.add(
                Flow(
                    namespace,
                    hub,
                    last["bootstrap"],
                    tuple(sorted(kinds)),
                    last["connection_string"],
                )
            )
    return flows
