"""Where the AccessKey comes from, and that it is renewed while an import runs."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from helpers.log_region import REGION

from core.alibaba import credentials
from core.alibaba.credentials import Keys, KeySource, key_source
from core.alibaba.log_service.access import LogServiceAccess, log_service_access
from core.alibaba.log_service.put_logs import LogWriter, PutLogsError, pack
from core.alibaba.log_service.signer import sign
from core.errors import Code, ProblemError
from core.profile import parse_profile

PROFILE = f"""
schema_version = 1
name = "contoso"
[kafka]
bootstrap = "hub.test:9093"
topic = "logs"
connection_string = "file:kafka.secret"
[alibaba]
region = "{REGION}"
"""
SCRIPT = """
import json, sys
from pathlib import Path
from core.alibaba import credentials
from core.errors import ProblemError
from core.profile import parse_profile
credentials._ASK_AGAIN_SECONDS = 0.0
profile = parse_profile(sys.stdin.read(), Path("contoso.toml"))
try:
    source = credentials.key_source(profile)
    found = [source.keys() for _ in range(int(sys.argv[1]))]
    print(json.dumps([[k.access_key_id, k.access_key_secret, k.security_token] for k in found]))
except ProblemError as error:
    print(json.dumps(error.problem.as_json()))
"""


def ask(home: Path, times: int = 1, **environment: str):
    """What a process of its own finds: the SDK reads the environment once, when it is loaded."""
    kept = {n: v for n, v in os.environ.items() if n in ("PATH", "LANG", "PYTHONPATH")}
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT, str(times)],
        input=PROFILE,
        env={
            **kept,
            "HOME": str(home),
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert "secret" not in done.stderr
    assert "token" not in done.stderr
    return json.loads(done.stdout)


def test_the_access_key_of_the_profile_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("ISTHMUS_KEY", "the-secret-of-the-profile")
    text = PROFILE + 'access_key_id = "AK"\naccess_key_secret = "env:ISTHMUS_KEY"\n'
    source = key_source(parse_profile(text, tmp_path / "contoso.toml"))
    assert source.keys() == Keys("AK", "the-secret-of-the-profile")
    assert not source.changes
    assert "the-secret" not in repr(source.keys())


def test_an_sts_token_of_the_profile_goes_with_its_key(tmp_path, monkeypatch):
    monkeypatch.setenv("ISTHMUS_KEY", "the-secret-of-the-profile")
    monkeypatch.setenv("ISTHMUS_TOKEN", "the-token-of-the-profile")
    text = PROFILE + (
        'access_key_id = "STS.AK"\naccess_key_secret = "env:ISTHMUS_KEY"\n'
        'security_token = "env:ISTHMUS_TOKEN"\n'
    )
    found = key_source(parse_profile(text, tmp_path / "contoso.toml")).keys()
    assert found.security_token == "the-token-of-the-profile"
    assert "the-token" not in repr(found)


def test_a_secret_that_is_not_there_is_named(tmp_path):
    text = PROFILE + 'access_key_id = "AK"\naccess_key_secret = "file:nothing"\n'
    with pytest.raises(ProblemError) as caught:
        key_source(parse_profile(text, tmp_path / "contoso.toml"))
    assert caught.value.problem.code is Code.SECRET_MISSING


def test_the_environment_of_the_process(tmp_path):
    found = ask(
        tmp_path,
        ALIBABA_CLOUD_ACCESS_KEY_ID="AK",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET="secret-of-the-environment",
        ALIBABA_CLOUD_SECURITY_TOKEN="token",
    )
    assert found == [["AK", "secret-of-the-environment", "token"]]


@pytest.mark.slow
def test_the_configuration_of_the_aliyun_command_line(tmp_path):
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    profiles = [
        {"name": "one", "mode": "AK", "access_key_id": "A1", "access_key_secret": "secret-1"},
        {
            "name": "two",
            "mode": "StsToken",
            "access_key_id": "A2",
            "access_key_secret": "secret-2",
            "sts_token": "token-2",
        },
    ]
    file = folder / "config.json"
    file.write_text(json.dumps({"current": "one", "profiles": profiles}))
    assert ask(tmp_path) == [["A1", "secret-1", ""]]
    assert ask(tmp_path, ALIBABA_CLOUD_PROFILE="two") == [["A2", "secret-2", "token-2"]]


@pytest.mark.slow
def test_the_credentials_file(tmp_path):
    folder = tmp_path / ".alibabacloud"
    folder.mkdir()
    (folder / "credentials.ini").write_text(
        "[default]\ntype = access_key\naccess_key_id = A3\naccess_key_secret = secret-3\n"
    )
    assert ask(tmp_path) == [["A3", "secret-3", ""]]


@pytest.mark.slow
def test_without_any_key_the_problem_says_where_to_put_one(tmp_path):
    found = ask(tmp_path)
    assert found["code"] == "alibaba_no_credentials"
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in found["remedy"]
    assert "EnvironmentVariableCredentialsProvider" in found["detail"]


@pytest.mark.slow
def test_a_metadata_service_that_does_not_answer_holds_nobody_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as hole:  # it accepts and says nothing
        found = ask(
            tmp_path,
            ALIBABA_CLOUD_ECS_METADATA_DISABLED="false",
            HTTP_PROXY=f"http://127.0.0.1:{hole.getsockname()[1]}",
        )
    assert found["code"] == "alibaba_no_credentials"
    assert "EcsRamRoleCredentialsProvider" in found["detail"]


def test_a_chain_that_waits_for_ever_is_left(monkeypatch):
    release = threading.Event()

    class Waiting:
        def get_credentials(self):
            release.wait()

    monkeypatch.setattr(credentials, "_default_chain", Waiting)
    monkeypatch.setattr(credentials, "_LONGEST_SECONDS", 0.05)
    with pytest.raises(ProblemError) as caught:
        key_source(parse_profile(PROFILE, Path("contoso.toml")))
    release.set()
    assert caught.value.problem.code is Code.ALIBABA_NO_CREDENTIALS
    assert "no answer" in caught.value.problem.cause


class RoleServer(http.server.BaseHTTPRequestHandler):
    """Gives out keys of a role that end in ten minutes; from the third on it fails."""

    given = 0

    def do_GET(self):
        type(self).given += 1
        end = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10)
        body = {
            "Code": "Success" if self.given < 3 else "Failed",
            "AccessKeyId": f"STS.{self.given}",
            "AccessKeySecret": f"secret-{self.given}",
            "SecurityToken": f"token-{self.given}",
            "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        pass


@pytest.mark.slow
def test_keys_of_a_role_are_renewed_and_the_last_ones_kept_if_that_fails(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), RoleServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        uri = f"http://127.0.0.1:{server.server_port}/keys"
        found = ask(tmp_path, 3, ALIBABA_CLOUD_CREDENTIALS_URI=uri)
        server.shutdown()
    assert [key_id for key_id, _, _ in found] == ["STS.2", "STS.2", "STS.2"]


def test_while_one_thread_renews_the_others_go_on(monkeypatch):
    monkeypatch.setattr(credentials, "_ASK_AGAIN_SECONDS", 0.0)
    asked, release = threading.Event(), threading.Event()

    def renew():
        asked.set()
        assert release.wait(20)
        return Keys("new", "new-secret")

    source = KeySource(Keys("old", "old-secret"), renew)
    seen: list[Keys] = []
    renewing = threading.Thread(target=lambda: seen.append(source.keys()))
    renewing.start()
    assert asked.wait(20)
    assert source.keys().access_key_id == "old"
    release.set()
    renewing.join()
    assert seen == [Keys("new", "new-secret")]


def access(region, source: KeySource, project: str) -> LogServiceAccess:
    profile = region.profile(log_service={"project": project, "logstore": "logs"})
    return log_service_access(profile, keys=source)


def test_every_request_is_signed_with_the_keys_of_the_moment(region, monkeypatch):
    monkeypatch.setattr(credentials, "_ASK_AGAIN_SECONDS", 0.0)
    answers = iter([Keys("two", "secret-two", "token-two"), Keys("three", "secret-three")])
    source = KeySource(Keys("one", "secret-one"), lambda: next(answers))
    held = access(region, source, "project")  # asks once
    headers: dict[str, str] = {"x-log-bodyrawsize": "0"}
    sign(held, "GET", "/", headers, b"")
    assert headers["Authorization"].startswith("LOG three:")
    assert held.access_key_id == "two"
    assert "secret" not in repr(held)
    assert "token-two" not in repr(held)


def test_a_running_import_goes_on_when_its_keys_were_renewed(region, project, monkeypatch):
    region.child.request("create_logstore", project=project, name="logs")
    right = key_source(region.profile()).keys()
    source = KeySource(Keys(right.access_key_id, "ended"), lambda: right)
    writer = LogWriter(access(region, source, project), 1)
    raw = group(int(time.time()))
    with pytest.raises(PutLogsError) as refused:
        writer.put(pack(raw))
    assert refused.value.code == "SignatureNotMatch"
    monkeypatch.setattr(source, "_due", 0.0)  # a minute later
    assert writer.put(pack(raw))
    writer.close()
    assert len(region.run(lambda logs: logs.newest(project, "logs", 5))) == 1


def group(seconds: int) -> bytes:
    """A LogGroup of one log, by the SDK's protobuf."""
    from aliyun.log.proto import LogGroup

    made = LogGroup()
    log = made.Logs.add()
    log.Time = seconds
    content = log.Contents.add()
    content.Key, content.Value = "a", "1"
    return bytes(made.SerializeToString())
