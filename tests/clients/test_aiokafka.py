"""aiokafka, which shares no code with librdkafka: produces, consumes in a group, commits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

pytestmark = pytest.mark.clients


def test_it_produces_consumes_and_goes_on_where_it_committed(
    box: dict[str, Any], run: Callable[..., str], project: str
) -> None:
    hub, access = project, box["event_hubs"] | {"ca_file": box["ca_file"]}
    admin = AdminClient(
        {
            "bootstrap.servers": access["bootstrap"],
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "$ConnectionString",
            "sasl.password": access["connection_string"],
            "ssl.ca.location": access["ca_file"],
        }
    )
    admin.create_topics([NewTopic(hub, 3, 1)])[hub].result(20)
    script = Path(__file__).with_name("aiokafka_client.py")
    secret = access["connection_string"]
    told = run("python", "-P", script, hub, kind="kafka", hide=secret, given=json.dumps(access))
    assert json.loads(told) == [
        {
            "values": sorted(str(number) for number in range(300)),
            "ends": [100, 100, 100],
            "committed": [100, 100, 100],
        },
        {"values": ["a", "b", "c"], "ends": [101, 101, 101], "committed": [101, 101, 101]},
    ]
