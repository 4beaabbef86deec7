"""A sandbox for clients that others wrote; they get what sandbox.json says and nothing else."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.sandbox import Options, Sandbox

RECORDS = 300
"""Records that wait in the hub at the start."""
_CLIENT_SECONDS = 120


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What ``sandbox.json`` of a running sandbox says."""
    folder = tmp_path_factory.mktemp("clients") / "sandbox"
    with Sandbox(folder, Options(records=RECORDS)):
        yield json.loads((folder / "sandbox.json").read_text("utf-8"))


@pytest.fixture
def through_proxy(box: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The Log Service part of the sandbox, with this process's HTTP_PROXY set to its door."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, box["log_service"]["http_proxy"])
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    return dict(box["log_service"])


@pytest.fixture
def project() -> str:
    """A name of which there is no project yet."""
    return f"strangers-{secrets.token_hex(4)}"


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Run a program of an environment that packaging/clients.sh made; what it printed.

    Its home is an empty folder, and a failure shows its output without the secret ``hide``.
    """
    environments = Path(sys.prefix) / "clients"

    def call(
        program: str,
        *arguments: Any,
        hide: str,
        given: str | None = None,
        kind: str = "log-service",
    ) -> str:
        programs = environments / kind / "bin"
        assert (programs / program).exists(), "packaging/clients.sh makes it"
        done = subprocess.run(
            [programs / program, *map(str, arguments)],
            input=given,
            capture_output=True,
            text=True,
            timeout=_CLIENT_SECONDS,
            check=False,
            cwd=tmp_path,
            env=os.environ | {"HOME": str(tmp_path)},
        )
        told = (done.stdout + done.stderr).replace(hide, "<secret>")
        assert done.returncode == 0, told[-3000:]
        return done.stdout

    return call


@pytest.fixture
def cli(through_proxy: dict[str, Any], run: Callable[..., str]) -> Callable[..., Any]:
    """``aliyunlog log COMMAND``: what it prints, as JSON."""
    access = (
        f"--access-id={through_proxy['access_key_id']}",
        f"--access-key={through_proxy['access_key_secret']}",
        f"--region-endpoint=http://{through_proxy['endpoint']}",
    )

    def call(command: str, **arguments: Any) -> Any:
        options = [f"--{name}={value}" for name, value in arguments.items()]
        hide = through_proxy["access_key_secret"]
        told = run("aliyunlog", "log", command, *options, *access, hide=hide)
        pages = [json.loads(page) for page in told.splitlines() if page.strip()]
        if all(isinstance(page, list) for page in pages):
            return [row for page in pages for row in page]
        (page,) = pages
        return page

    return call
