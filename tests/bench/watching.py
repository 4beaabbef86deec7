"""What watching an import costs it: `tail` with a filter and `status --watch` attached, or not.

Two measurements, each with a control in the same run; nothing is asserted.
- steady: the hub gets 5,000 records a second; stretches with watchers and without alternate.
  Compared are the engine's CPU time a record and whether it keeps up.
- catch-up: the engine runs as fast as it can through a full hub, in turn with watchers and without.
Emulators, engine, watchers and traffic share this machine.

    python tests/bench/watching.py [--rate 5000] [--stretches 3] [--seconds 12] [--records 150000]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import psutil

from core.engine.running import RunningEngine, running_engine
from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox

FILTER = "event_service:signinlogs and resultType:50126"


class Import:
    """One ``isthmus run`` with a group of its own."""

    def __init__(self, profile: str, folder: Path, start: str) -> None:
        name = f"bench-{uuid.uuid4().hex[:8]}"
        text = Path(profile).read_text("utf-8")
        text = text.replace('start = "earliest"', f'start = "{start}"\ngroup = "{name}"')
        self.profile = Path(profile).with_name(f"{name}.toml")
        self.profile.write_text(text, "utf-8")
        os.environ["ISTHMUS_STATE_DIR"] = str(folder / name)
        self.process = subprocess.Popen(
            command("run", self.profile), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        state = load_profile(str(self.profile)).state_folder
        engine: RunningEngine | None = None
        while engine is None:
            if self.process.poll() is not None:
                raise SystemExit(f"the import ended at once ({self.process.returncode})")
            time.sleep(0.02)
            engine = running_engine(state)
        self.engine = engine
        self.cpu = psutil.Process(self.process.pid)

    def status(self) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.engine.url}/v1/status",
            headers={"Authorization": f"Bearer {self.engine.token}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return dict(json.load(answer))

    def cpu_seconds(self) -> float:
        used = self.cpu.cpu_times()
        return float(used.user + used.system)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(40)


class Watchers:
    """A filtered tail and a status panel, as two users' terminals."""

    def __init__(self, profile: Path) -> None:
        verbs = (("tail", "--filter", FILTER, "--last", "0"), ("status", "--watch"))
        # Files, not pipes: a watcher whose output nobody takes stops watching.
        self._outputs = [profile.with_name(f"{words[0]}.out") for words in verbs]
        self.processes = []
        for words, output in zip(verbs, self._outputs, strict=True):
            with output.open("wb") as file:
                self.processes.append(
                    subprocess.Popen(
                        command(words[0], profile, *words[1:], "--json"),
                        stdout=file,
                        stderr=subprocess.DEVNULL,
                    )
                )

    def stop(self) -> dict[str, Any]:
        """The tail's counts."""
        for process in self.processes:
            process.send_signal(signal.SIGINT)
            process.wait(40)
        return dict(json.loads(self._outputs[0].read_text("utf-8").splitlines()[-1]))


def command(verb: str, profile: Path, *words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "core", verb, "--profile", str(profile), *words]


def steady(sandbox: Sandbox, folder: Path, rate: int, stretches: int, seconds: float) -> None:
    """CPU a record at a fixed rate, watched and alone in turn."""
    running = Import(sandbox.info["profile"], folder, "latest")
    found: dict[bool, list[tuple[float, float, int]]] = {False: [], True: []}
    sandbox.rate(rate)
    time.sleep(5.0)
    for number in range(2 * stretches):
        watched = number % 2 == 1
        watchers = Watchers(running.profile) if watched else None
        time.sleep(3.0)  # the start of two interpreters is not what is measured
        then, cpu, before = time.perf_counter(), running.cpu_seconds(), running.status()
        time.sleep(seconds)
        after, cpu = running.status(), running.cpu_seconds() - cpu
        took = time.perf_counter() - then
        records = after["records"]["stored"] - before["records"]["stored"]
        found[watched].append((records / took, cpu / records * 1e6, after["lag"]["records"]))
        if watchers is not None:
            counts = watchers.stop()
            print(f"  tail: {counts}")
    sandbox.rate(0)
    running.stop()
    for watched, values in found.items():
        rates, cpus, lags = zip(*values, strict=True)
        print(
            f"steady {'watched' if watched else 'alone  '}: {statistics.median(rates):8,.0f} "
            f"records/s, {statistics.median(cpus):6.1f} us CPU a record "
            f"(min {min(cpus):.1f}, max {max(cpus):.1f}), records waiting at the end {max(lags):,}"
        )
    alone, watched_rate = (statistics.median(v[0] for v in found[w]) for w in (False, True))
    print(f"steady: rate watched / alone = {watched_rate / alone:.3f}")


def catch_up(sandbox: Sandbox, folder: Path, records: int, rounds: int) -> None:
    """Seconds for a full hub, watched and alone in turn."""
    found: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * rounds):
        watched = number % 2 == 1
        running = Import(sandbox.info["profile"], folder, "earliest")
        watchers = Watchers(running.profile) if watched else None
        began, first = 0.0, 0
        while True:
            stored = running.status()["records"]["stored"]
            now = time.perf_counter()
            if not began and stored > records * 0.2:  # watchers are up by then
                began, first = now, stored
            if stored >= records * 0.95:
                found[watched].append((stored - first) / (now - began))
                break
            time.sleep(0.05)
        if watchers is not None:
            print(f"  tail: {watchers.stop()}")
        running.stop()
    for watched, rates in found.items():
        median = statistics.median(rates)
        print(
            f"catch-up {'watched' if watched else 'alone  '}: median {median:8,.0f}"
            f" (min {min(rates):,.0f}, max {max(rates):,.0f}) records/s"
        )
    ratio = statistics.median(found[True]) / statistics.median(found[False])
    print(f"catch-up: watched / alone = {ratio:.3f}")


def main() -> None:
    """Both measurements."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--stretches", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--records", type=int, default=150_000)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="isthmus-bench-") as folder,
        Sandbox(Path(folder) / "sandbox", Options(records=0, discard=True)) as sandbox,
    ):
        steady(sandbox, Path(folder), arguments.rate, arguments.stretches, arguments.seconds)
        sandbox.send(arguments.records)
        everything = sent_so_far(sandbox)
        catch_up(sandbox, Path(folder), everything, arguments.stretches)


def sent_so_far(sandbox: Sandbox) -> int:
    """Records in the hub, by the traffic's own count."""
    return int(sandbox.child("traffic").request("state")["acknowledged"])


if __name__ == "__main__":
    main()
