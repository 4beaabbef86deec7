"""A secret stands nowhere but at its reference: the canary is searched in all that was written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from core.sandbox.sandbox import Options, Sandbox

ISTHMUS = Path(sys.executable).with_name("isthmus")


def test_no_output_log_or_state_file_holds_a_secret(tmp_path):
    state = tmp_path / "user-state"
    written: list[str] = []

    def isthmus(*words: str) -> int:
        done = subprocess.run(
            [ISTHMUS, *map(str, words)],
            capture_output=True,
            text=True,
            timeout=120,
            env=os.environ | {"ISTHMUS_STATE_DIR": str(state)},
        )
        written.extend((done.stdout, done.stderr))
        return done.returncode

    with Sandbox(tmp_path / "sandbox", Options(records=500)) as sandbox:
        profile = sandbox.info["profile"]
        text = Path(profile).read_text("utf-8")
        secrets = {
            part
            for name in ("kafka.secret", "traffic.secret")
            for part in [
                Path(sandbox.folder, name)
                .read_text()
                .partition("SharedAccessKey=")[2]
                .split(";")[0]
            ]
        } | {sandbox.info["log_service"]["access_key_secret"], sandbox.info["control"]["token"]}
        assert len(secrets) == 4
        assert isthmus("probe", "--profile", profile) == 0
        assert isthmus("run", "--until-caught-up", "--profile", profile) == 0
        sandbox.scenario("log_service.server_errors", True)
        sandbox.send(500)
        assert isthmus("run", "--json", "--until-caught-up", "--profile", profile) == 0
        sandbox.scenario("log_service.server_errors", False)
        assert isthmus("verify", "--profile", profile) == 0
        # Faults make texts of all kinds: of the broker, of Log Service, of the profile itself.
        connection = Path(sandbox.folder, "kafka.secret").read_text()
        for number, (old, new) in enumerate(
            [
                ('topic = "azure-logs"', 'topic = "other"'),
                ("file:kafka.secret", connection),
                ('logstore = "azure-logs"', 'logstore = "none"'),
                ('access_key_id = "', 'access_key_id = "x'),
                ('ca_file = "ca.pem"', 'ca_file = "kafka.secret"'),
            ]
        ):
            assert old in text
            place = sandbox.folder / f"bad-{number}.toml"
            place.write_text(text.replace(old, new, 1), "utf-8")
            isthmus("run" if number % 2 else "probe", "--profile", place)
            place.unlink()
        logs = [path.read_text("utf-8", "replace") for path in sandbox.folder.glob("logs/*")]
        kept = [
            path.read_bytes().decode("utf-8", "replace")
            for path in state.rglob("*")
            if path.is_file()
        ]
    assert any(json.loads(each).get("partitions") for each in kept if each.startswith("{"))
    assert sum(map(len, written)) > 1000
    for secret in secrets:
        for place in [*written, *logs, *kept]:
            assert secret not in place
