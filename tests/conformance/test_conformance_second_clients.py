"""Clients that share no code with librdkafka say the same of both brokers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conformance.brokers import USER
from conformance.kit import Kit

pytestmark = pytest.mark.clients
PYTHON = Path(sys.prefix) / "clients" / "kafka" / "bin" / "python"
COUNT = 100


@pytest.mark.parametrize("client", ["aiokafka", "kafka_python"])
def test_produce_consume_commit_and_go_on(kit: Kit, client: str) -> None:
    assert PYTHON.exists(), "packaging/clients.sh makes it"
    topic, group = kit.topic(), kit.name()
    access = {
        "bootstrap": kit.broker.bootstrap,
        "user": USER,
        "password": kit.broker.connection_string,
        "ca_file": str(kit.broker.ca_file),
    }
    script = Path(__file__).with_name(f"{client}_client.py")
    told = subprocess.run(
        [PYTHON, "-P", script, json.dumps(access), topic, group, str(COUNT)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-3000:].replace(kit.broker.connection_string, "...")
    numbers = [str(number) for number in range(COUNT)]
    assert json.loads(told.stdout) == {
        "listed": True,
        "values": numbers,
        "headers": numbers,
        "keys": ["k"],
        "committed": COUNT // 2,
        "begin": 0,
        "end": COUNT,
    }
