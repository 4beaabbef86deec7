"""The commands as a user types them, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ISTHMUS = Path(sys.executable).with_name("isthmus")


def isthmus(*words: str, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ISTHMUS, *map(str, words)], capture_output=True, text=True, timeout=120, **more
    )


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """``isthmus sandbox up`` in a process; what its sandbox.json says."""
    folder = tmp_path_factory.mktemp("up") / "box"
    process = subprocess.Popen(
        [ISTHMUS, "sandbox", "up", "--folder", folder, "--records", "3000", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        yield json.loads(Path(ready["sandbox"]).read_text("utf-8"))
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        process.stdout.close()


def result_of(done: subprocess.CompletedProcess[str]) -> dict:
    assert "Traceback" not in done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_run_verify_and_probe_with_what_sandbox_json_says(sandbox, tmp_path):
    profile = sandbox["profile"]
    reached = isthmus("probe", "--json", "--profile", profile)
    assert reached.returncode == 0, reached.stderr
    assert result_of(reached)["verdict"] == "ok"

    ran = isthmus("run", "--json", "--until-caught-up", "--profile", profile)
    assert ran.returncode == 0, ran.stderr
    status = result_of(ran)
    assert status["records"] == {
        "received": 3000,
        "stored": 3000,
        "repaired": 0,
        "dead_lettered": 0,
    }

    verified = isthmus("verify", "--json", "--profile", profile)
    assert verified.returncode == 0, verified.stderr
    counts = result_of(verified)
    assert (counts["sent"], counts["stored"]) == (3000, 3000)
    assert (counts["missing"], counts["duplicated"], counts["dead_lettered"]) == (0, 0, 0)
    assert counts["messages"] == status["messages"]


@pytest.mark.slow
def test_verify_in_words_says_complete(sandbox, tmp_path):
    profile = sandbox["profile"]
    imported = isthmus("run", "--until-caught-up", "--profile", profile)
    assert imported.returncode == 0, imported.stderr
    verified = isthmus("verify", "--profile", profile)
    assert verified.returncode == 0
    assert verified.stdout.startswith("complete: ")


def test_verify_before_any_run_says_so(sandbox, tmp_path):
    text = Path(sandbox["profile"]).read_text("utf-8").replace("topic =", 'group = "no"\ntopic =')
    profile = Path(sandbox["profile"]).with_name("never.toml")
    profile.write_text(text, "utf-8")
    done = isthmus("verify", "--json", "--profile", profile)
    assert done.returncode == 1
    assert result_of(done)["problem"]["code"] == "never_run"


@pytest.mark.slow
def test_two_engines_of_one_profile_are_one_too_many(sandbox, tmp_path):
    first = subprocess.Popen(
        [ISTHMUS, "run", "--json", "--profile", sandbox["profile"]],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert json.loads(first.stdout.readline())["state"]
        second = isthmus("run", "--json", "--profile", sandbox["profile"])
        assert second.returncode == 1
        problem = result_of(second)["problem"]
        assert problem["code"] == "engine_already_running"
        assert str(first.pid) in problem["cause"]
    finally:
        first.send_signal(signal.SIGTERM)
        for _ in first.stdout:
            pass
        assert first.wait(30) == 0
        first.stdout.close()


def test_a_second_sandbox_in_one_folder_is_refused(sandbox):
    done = isthmus("sandbox", "up", "--json", "--folder", sandbox["folder"])
    assert done.returncode == 1
    assert result_of(done)["problem"]["code"] == "sandbox_folder_in_use"


@pytest.mark.slow
def test_scenarios_are_switched_from_outside(sandbox, tmp_path):
    folder = sandbox["folder"]
    profile = sandbox["profile"]
    on = isthmus("sandbox", "scenario", "log_service.full_outage", "on", "--folder", folder)
    assert on.returncode == 0, on.stderr
    try:
        down = isthmus("verify", "--json", "--profile", profile)
        assert down.returncode == 1
    finally:
        off = isthmus("sandbox", "scenario", "log_service.full_outage", "off", "--folder", folder)
    assert off.returncode == 0
    unknown = isthmus("sandbox", "scenario", "log_service.rain", "on", "--json", "--folder", folder)
    assert unknown.returncode == 1
    problem = result_of(unknown)["problem"]
    assert problem["code"] == "scenario_unknown"
    assert "log_service.full_outage" in problem["remedy"]


def changed(sandbox, tmp_path, old: str, new: str) -> Path:
    text = Path(sandbox["profile"]).read_text("utf-8")
    assert old in text
    place = Path(sandbox["profile"]).with_name(f"changed-{tmp_path.name}.toml")
    place.write_text(text.replace(old, new, 1), "utf-8")
    return place


@pytest.mark.parametrize("verb", ["run", pytest.param("probe", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("topic =", "topik =", "profile_unknown_key", "kafka.topik"),
        (
            "session_timeout_s = 6",
            'session_timeout_s = "6"',
            "profile_wrong_type",
            "session_timeout_s",
        ),
        ("file:kafka.secret", "file:none.secret", "secret_missing", "kafka.connection_string"),
        (
            'bootstrap = "127.0.0.1',
            'bootstrap = "no-host.invalid',
            "kafka_address_differs",
            "kafka.bootstrap",
        ),
        (
            "file:kafka.secret",
            "file:wrong.secret",
            "kafka_wrong_key",
            "kafka.connection_string",
        ),
        ('topic = "azure-logs"', 'topic = "other"', "connection_string_other_hub", "kafka.topic"),
    ],
)
def test_bad_input_is_one_problem_with_place_cause_and_remedy(
    sandbox, tmp_path, verb, old, new, code, where
):
    good = Path(sandbox["folder"], "kafka.secret").read_text()
    wrong = Path(sandbox["folder"], "wrong.secret")
    wrong.touch(0o600)
    wrong.write_text(good.replace("SharedAccessKey=", "SharedAccessKey=AAAA"))
    profile = changed(sandbox, tmp_path, old, new)
    done = isthmus(verb, "--json", "--profile", profile)
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    problem = json.loads(line)["problem"]
    assert problem["code"] == code
    assert where in problem["where"]
    assert problem["cause"]
    assert problem["remedy"]
    assert "Traceback" not in done.stderr
    key = good.partition("SharedAccessKey=")[2].partition(";")[0]
    assert key not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (
            'log_service_address = "127.0.0.1:',
            'log_service_address = "127.0.0.2:',
            "log_service_unreachable",
        ),
        ('logstore = "azure-logs"', 'logstore = "other"', "log_service_logstore_not_found"),
        (
            'project = "isthmus-sandbox"',
            'project = "other-project"',
            "log_service_project_not_found",
        ),
        ("file:alibaba.secret", "file:wrong-alibaba.secret", "log_service_unauthorized"),
    ],
)
def test_what_is_wrong_with_log_service_is_said_before_anything_is_imported(
    sandbox, tmp_path, old, new, code
):
    wrong = Path(sandbox["folder"], "wrong-alibaba.secret")
    wrong.touch(0o600)
    wrong.write_text("NotTheSecretOfThisKey0")
    done = isthmus("run", "--json", "--profile", changed(sandbox, tmp_path, old, new))
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["problem"]["code"] == code


@pytest.mark.slow
def test_a_hub_that_is_not_there(sandbox, tmp_path):
    root = Path(sandbox["folder"], "root.secret")
    root.touch(0o600)
    root.write_text(sandbox["event_hubs"]["connection_string"])
    profile = changed(sandbox, tmp_path, 'topic = "azure-logs"', 'topic = "other"')
    profile.write_text(profile.read_text().replace("file:kafka.secret", "file:root.secret"))
    done = isthmus("run", "--json", "--profile", profile)
    assert done.returncode == 1
    assert result_of(done)["problem"]["code"] == "kafka_hub_not_found"


def test_an_untrusted_authority_is_refused(sandbox, tmp_path):
    profile = changed(sandbox, tmp_path, 'ca_file = "ca.pem"', 'ca_file = ""')
    done = isthmus("run", "--json", "--profile", profile)
    assert done.returncode == 1
    assert result_of(done)["problem"]["code"] == "kafka_tls_intercepted"


def test_usage_errors_exit_2():
    assert isthmus("run").returncode == 2
    assert isthmus("sandbox", "scenario", "x", "maybe", "--folder", ".").returncode == 2
    assert isthmus("nonsense").returncode == 2


def test_without_a_screen_the_help_is_shown(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    done = isthmus()
    assert done.returncode == 1
    assert "window_no_screen" in done.stderr
    assert "sandbox" in done.stderr


@pytest.mark.slow
def test_the_demo_proves_what_it_did(tmp_path):
    done = isthmus("demo", "--headless", "--events", "2000", "--json")
    assert done.returncode == 0, done.stderr
    result = result_of(done)
    assert (result["sent"], result["stored"]) == (2000, 2000)
    for name in ("missing", "duplicated", "changed", "unexpected", "dead_lettered", "repaired"):
        assert result[name] == 0, name
    assert result["messages"] > 10
    assert result["standardised"] == result["sign_ins"] > 500
    assert result["not_standardised"] == result["standardised_twice"] == 0
    assert any("Password spray" in name for name in result["alert_names"])
    assert result["incidents"] >= 1


def test_a_running_import_stops_within_its_time_and_loses_nothing(sandbox, tmp_path):
    """SIGTERM in the middle: exit 0, everything acknowledged is committed (promise G11)."""
    profile = changed(sandbox, tmp_path, "topic =", 'group = "stopped"\ntopic =')
    process = subprocess.Popen(
        [ISTHMUS, "run", "--json", "--profile", profile],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"ISTHMUS_COMMIT_SECONDS": "600"},
    )
    for line in process.stdout:
        if json.loads(line)["records"]["stored"] >= 1000:
            break
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    last = json.loads(process.stdout.read().splitlines()[-1])
    assert process.wait(60) == 0
    process.stdout.close()
    assert time.monotonic() - began < 30  # the promise itself, not a measure of speed
    assert last["records"]["stored"] == last["records"]["received"]
    ledger = next(Path(os.environ["ISTHMUS_STATE_DIR"]).glob("*/ledger.json"))
    spans = json.loads(ledger.read_text())["partitions"].values()
    assert sum(span["committed"] - span["start"] for span in spans) == last["messages"]


@pytest.mark.slow
def test_a_reader_that_goes_away_does_not_end_the_import(sandbox, tmp_path):
    profile = changed(sandbox, tmp_path, "topic =", 'group = "unread"\ntopic =')
    process = subprocess.Popen(
        [ISTHMUS, "run", "--json", "--until-caught-up", "--profile", profile],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline()
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert "Traceback" not in told
    assert result_of(isthmus("verify", "--json", "--profile", profile))["missing"] == 0
