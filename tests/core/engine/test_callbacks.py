"""What the engine does inside the Kafka client's callbacks leaves the client alive.

``list_topics()`` of a consumer inside its own callback makes the next callback of the same call
abort the process, so this runs in a process of its own: another callback comes every 50 ms.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from helpers.namespaces import open_namespace

SCRIPT = """
import sys, time
from pathlib import Path
from confluent_kafka import Consumer
from core.engine.assignment import Assignment
from core.engine.ledger import Ledger
from core.kafka.settings import HubAccess, consumer_settings, metadata_client

bootstrap, secret, ca, folder = sys.argv[1:]
access = HubAccess(bootstrap, "busy", Path(secret).read_text(), Path(ca))
told = []
consumer = Consumer(
    consumer_settings(access, "group", 6)
    | {"stats_cb": told.append, "statistics.interval.ms": 50}
)
assignment = Assignment(
    consumer, "busy", "earliest", Ledger(Path(folder), "0" * 8, "group"),
    revoke_seconds=1.0, give_back=lambda *_: None, is_paused=lambda: False,
    drop=lambda *_: None, metadata_client=lambda: metadata_client(access),
)
consumer.subscribe(
    ["busy"], on_assign=assignment.on_assign, on_revoke=assignment.on_revoke,
    on_lost=assignment.on_lost,
)
deadline = time.monotonic() + 30
while not assignment.owned and time.monotonic() < deadline:
    consumer.consume(100, 5.0)
before = len(told)
while len(told) < before + 5 and time.monotonic() < deadline:
    consumer.consume(100, 0.5)
print("owned", sorted(assignment.owned), "callbacks", len(told) >= before + 5)
consumer.close()
print("closed")
"""


@pytest.fixture(scope="module")
def namespace(tmp_path_factory):
    opened = open_namespace(tmp_path_factory.mktemp("callbacks"))
    yield opened
    opened.child.stop()


def test_an_assignment_with_other_callbacks_around_it(namespace, tmp_path):
    access = namespace.create_hub("busy")
    secret = tmp_path / "secret"
    secret.write_text(access.connection_string)
    (tmp_path / "state").mkdir()
    arguments = (access.bootstrap, secret, access.ca_file, tmp_path / "state")
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ,
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert done.stdout == "owned [0, 1] callbacks True\nclosed\n"
