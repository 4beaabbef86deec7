"""A running import is watched from outside, as an analyst and a monitoring system do it."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from helpers.engines import EngineProcess
from prometheus_client.parser import text_string_to_metric_families

from core.engine.running import running_engine
from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox

ISTHMUS = Path(sys.executable).with_name("isthmus")
DEADLINE = 60.0


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched") / "box"
    with Sandbox(folder, Options(records=0)) as sandbox:
        yield sandbox


@pytest.fixture
def profile(sandbox, tmp_path):
    """A profile with a group of its own that reads what comes from now on."""
    text = Path(sandbox.info["profile"]).read_text("utf-8")
    text = text.replace('start = "earliest"', f'start = "latest"\ngroup = "{tmp_path.name}"')
    place = Path(sandbox.info["profile"]).with_name(f"{tmp_path.name}.toml")
    place.write_text(text, "utf-8")
    return str(place)


@pytest.fixture
def state(tmp_path, monkeypatch):
    folder = tmp_path / "engine-state"
    monkeypatch.setenv("ISTHMUS_STATE_DIR", str(folder))
    return folder


def started(profile: str, state: Path, *words: str) -> EngineProcess:
    engine = EngineProcess(profile, state, until_caught_up=False, words=words)
    assert engine.wait_for(lambda status: status["state"] == "running" and status["partitions"])
    return engine


def isthmus(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ISTHMUS, *map(str, words)], capture_output=True, text=True, timeout=DEADLINE
    )


def until(condition, seconds: float = DEADLINE):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def ask(url: str, token: str | None = None, method: str = "GET"):
    """Status and body of an answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, method=method, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class Tail:
    """``isthmus tail --json`` in a process; its frames as they come."""

    def __init__(self, profile: str, *words: str) -> None:
        self.process = subprocess.Popen(
            [ISTHMUS, "tail", "--json", "--profile", profile, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.says = ""
        self.frames: list[dict] = []
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._listen)]
        for thread in self._threads:
            thread.start()
        until(lambda: "from " in self.says)

    def _read(self) -> None:
        with self.process.stdout as lines:
            for line in lines:
                self.frames.append(json.loads(line))

    def _listen(self) -> None:
        with self.process.stderr as lines:
            for line in lines:
                self.says += line

    @property
    def rows(self) -> list[dict]:
        return [row for frame in list(self.frames) for row in frame["rows"]]

    def stop(self) -> dict:
        """Ctrl+C; its last value: the counts."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(DEADLINE) == 0, self.says
        for thread in self._threads:
            thread.join()
        return self.frames[-1]


def test_status_tail_pause_and_stop(sandbox, profile, state):
    engine = started(profile, state, "--health-listen", "127.0.0.1:0")
    folder = load_profile(profile).state_folder
    file = folder / "engine.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    running = running_engine(folder)
    assert running.pid == engine.process.pid
    health = until(lambda: health_port(engine))

    def metric(name: str) -> float:
        code, page = ask(f"http://127.0.0.1:{health}/metrics")
        assert code == 200
        families = {f.name: f for f in text_string_to_metric_families(page)}
        return families[name].samples[0].value

    all_rows = Tail(profile, "--last", "0")
    filtered = Tail(profile, "--last", "0", "--filter", "event_service:signinlogs")
    until(lambda: metric("isthmus_tail_readers") == 2)
    sandbox.send(1500)
    assert engine.wait_for(lambda status: status["records"]["stored"] == 1500)

    told = json.loads(isthmus("status", "--json", "--profile", profile).stdout)
    assert told["records"]["stored"] == 1500
    assert told["state"] == "running"
    until(lambda: metric("isthmus_lag_messages") == 0)
    assert metric("isthmus_records_stored") == 1500

    until(lambda: len(all_rows.rows) >= 1500)
    services = [row["event_service"] for row in all_rows.rows]
    wanted = [row["event_uid"] for row in all_rows.rows if row["event_service"] == "signinlogs"]
    assert 0 < len(wanted) < 1500
    until(lambda: len(filtered.rows) >= len(wanted))
    assert sorted(row["event_uid"] for row in filtered.rows) == sorted(wanted)
    assert set(services) > {"signinlogs", "activitylogs"}
    counts = all_rows.stop()
    assert (counts["total"], counts["shown"], counts["dropped"]) == (1500, 1500, 0)
    counts = filtered.stop()
    assert (counts["hits"], counts["dropped"]) == (len(wanted), 0)
    until(lambda: metric("isthmus_tail_readers") == 0)

    assert ask(f"{running.url}/v1/status")[0] == 401
    assert ask(f"{running.url}/v1/status", "wrong")[0] == 401
    assert ask(f"{running.url}/v1/stop", method="POST")[0] == 401
    assert ask(f"http://127.0.0.1:{health}/v1/status")[0] == 404
    assert ask(f"http://127.0.0.1:{health}/livez")[0] == 200
    assert ask(f"http://127.0.0.1:{health}/readyz")[0] == 200

    assert ask(f"{running.url}/v1/pause", running.token, "POST")[0] == 202
    assert engine.wait_for(lambda status: status["state"] == "paused")
    assert engine.last["reason"] == "asked"
    before = engine.last["records"]["received"]
    sandbox.send(300)
    assert engine.wait_for(lambda status: status["lag"]["messages"] > 0)
    assert engine.last["records"]["received"] == before
    assert ask(f"{running.url}/v1/resume", running.token, "POST")[0] == 202
    assert engine.wait_for(lambda status: status["records"]["stored"] == 1800)

    assert ask(f"{running.url}/v1/stop", running.token, "POST")[0] == 202
    assert engine.wait() == 0
    assert not file.exists()
    assert running.token not in engine.log()
    gone = isthmus("status", "--json", "--profile", profile)
    assert gone.returncode == 1
    assert json.loads(gone.stdout)["problem"]["code"] == "engine_not_running"


def health_port(engine: EngineProcess) -> int | None:
    for line in engine.log().splitlines():
        if "health.listening" in line:
            return int(line.rpartition("port=")[2])
    return None


@pytest.mark.slow
def test_a_killed_engine_is_not_taken_for_a_running_one(profile, state):
    engine = started(profile, state)
    watcher = subprocess.Popen(
        [ISTHMUS, "status", "--watch", "--json", "--profile", profile],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert json.loads(watcher.stdout.readline())["state"]
    engine.kill()
    assert load_profile(profile).state_folder.joinpath("engine.json").exists()
    _, says = watcher.communicate(timeout=DEADLINE)
    assert watcher.returncode == 0
    assert "the engine has ended" in says
    gone = isthmus("status", "--profile", profile)
    assert gone.returncode == 1
    assert "code: engine_not_running" in gone.stderr
    again = started(profile, state)
    assert isthmus("status", "--profile", profile).returncode == 0
    assert again.terminate() == 0


@pytest.mark.slow
def test_status_watch_on_a_terminal_is_a_panel(profile, state):
    engine = started(profile, state)
    own, terminal = pty.openpty()
    watcher = subprocess.Popen(
        [ISTHMUS, "status", "--watch", "--profile", profile],
        stdout=terminal,
        stderr=terminal,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
    )
    os.close(terminal)
    seen = b""
    deadline = time.monotonic() + DEADLINE
    while seen.count(b"high watermark") < 2 and time.monotonic() < deadline:
        if select.select([own], [], [], 1.0)[0]:
            seen += os.read(own, 65536)
    text = seen.decode("utf-8", "replace")
    assert "● running" in text
    assert "Ctrl+C leaves the import running" in text
    watcher.send_signal(signal.SIGINT)
    while True:
        try:
            if not os.read(own, 65536):
                break
        except OSError:  # Linux says EIO when the other side has gone
            break
    os.close(own)
    assert watcher.wait(DEADLINE) == 0
    assert engine.process.poll() is None
    assert engine.terminate() == 0


@pytest.mark.slow
def test_without_an_engine_the_hub_itself_is_shown_and_nothing_is_committed(
    sandbox, profile, state
):
    tail = Tail(profile, "--last", "0")
    assert "no engine runs" in tail.says
    # It has been assigned when it shows something: send until it does.
    until(lambda: sandbox.send(50) and len(tail.rows) > 0)
    tail.stop()
    groups = sandbox.child("event_hubs").request("describe")
    assert "isthmus-tail" not in json.dumps(groups)
    assert Path(profile).stem not in json.dumps(groups)


@pytest.mark.slow
def test_the_logstore_is_followed(sandbox, profile, state):
    engine = started(profile, state)
    tail = Tail(profile, "--from", "logstore")
    until(lambda: sandbox.send(50) and len(tail.rows) > 0)
    assert {"event_uid", "event_service", "event_time", "fields", "matches"} == set(tail.rows[0])
    tail.stop()
    assert engine.terminate() == 0


def test_a_filter_that_is_none_is_one_problem(profile, state):
    done = isthmus("tail", "--json", "--filter", "level:/(/", "--profile", profile)
    assert done.returncode == 1
    problem = json.loads(done.stdout)["problem"]
    assert problem["code"] == "filter_invalid"
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_ports_that_cannot_be_had_are_one_problem(sandbox, profile, state):
    taken = sandbox.info["event_hubs"]["bootstrap"]
    done = isthmus("run", "--json", "--health-listen", taken, "--profile", profile)
    assert done.returncode == 1
    assert json.loads(done.stdout)["problem"]["code"] == "health_address_unusable"
    port = taken.rpartition(":")[2]
    done = isthmus("run", "--json", "--control-port", port, "--profile", profile)
    assert done.returncode == 1
    assert json.loads(done.stdout)["problem"]["code"] == "control_port_unusable"
    assert isthmus("run", "--health-listen", "nonsense", "--profile", profile).returncode == 2
