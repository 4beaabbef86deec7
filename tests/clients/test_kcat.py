"""kcat (Debian's package) on the hub of a sandbox, over SASL_SSL."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

pytestmark = pytest.mark.clients


class Kcat:
    """kcat with the access that sandbox.json gives, from a file: a password is no argument."""

    def __init__(self, box: dict[str, Any], folder: Path) -> None:
        hub = box["event_hubs"]
        self.settings = {
            "bootstrap.servers": hub["bootstrap"],
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "$ConnectionString",
            "sasl.password": hub["connection_string"],
            "ssl.ca.location": box["ca_file"],
        }
        self._file = folder / "kcat.conf"
        self._file.touch(mode=0o600)
        self._file.write_text("".join(f"{key}={each}\n" for key, each in self.settings.items()))

    def __call__(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            ["kcat", "-F", self._file, *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def hub(self, partitions: int) -> str:
        """A fresh hub: kcat itself makes none."""
        name = f"kcat-{secrets.token_hex(4)}"
        admin = AdminClient(self.settings)
        admin.create_topics([NewTopic(name, partitions, 1)])[name].result(20)
        return name


@pytest.fixture
def kcat(box: dict[str, Any], tmp_path: Path) -> Kcat:
    if shutil.which("kcat") is None:
        pytest.skip("kcat is needed: sh packaging/clients.sh as root")
    return Kcat(box, tmp_path)


def test_kcat_lists(kcat: Kcat, box: dict[str, Any]) -> None:
    hub = kcat.hub(3)
    told = json.loads(kcat("-L", "-J"))
    assert [broker["name"] for broker in told["brokers"]] == [box["event_hubs"]["bootstrap"]]
    partitions = {each["topic"]: len(each["partitions"]) for each in told["topics"]}
    assert partitions[hub] == 3
    assert partitions[box["event_hubs"]["hub"]] == 4


def test_kcat_produces_and_consumes(kcat: Kcat) -> None:
    hub, lines = kcat.hub(2), [f"key{n}:line {n}" for n in range(200)]
    kcat("-P", "-t", hub, "-K", ":", "-H", "origin=kcat", given="\n".join(lines) + "\n")
    got = kcat("-C", "-t", hub, "-o", "beginning", "-e", "-q", "-f", "%k:%s|%h\n")
    assert sorted(got.splitlines()) == sorted(f"{line}|origin=kcat" for line in lines)
    # The last line of each partition, by an offset counted from the end.
    last = kcat("-C", "-t", hub, "-o", "-1", "-e", "-q", "-f", "%p %o\n").split()
    sizes = [int(kcat("-Q", "-t", f"{hub}:{index}:-1").split()[-1]) for index in (0, 1)]
    assert sum(sizes) == 200
    assert sorted(zip(last[::2], last[1::2], strict=True)) == [
        ("0", str(sizes[0] - 1)),
        ("1", str(sizes[1] - 1)),
    ]


def test_kcat_reads_every_message_of_the_sandbox(kcat: Kcat, box: dict[str, Any]) -> None:
    got = kcat("-C", "-t", box["event_hubs"]["hub"], "-o", "beginning", "-e", "-q", "-f", "%p %o\n")
    told = json.loads(kcat("-L", "-J", "-t", box["event_hubs"]["hub"]))
    (topic,) = told["topics"]
    ends = [
        int(kcat("-Q", "-t", f"{topic['topic']}:{each['partition']}:-1").split()[-1])
        for each in topic["partitions"]
    ]
    wanted = {f"{partition} {n}" for partition, end in enumerate(ends) for n in range(end)}
    assert wanted
    assert sorted(got.splitlines()) == sorted(wanted)


def test_kcat_joins_a_group_and_goes_on_where_it_had_stopped(kcat: Kcat) -> None:
    hub, group = kcat.hub(2), "kcat-group"
    earliest = ("-X", "auto.offset.reset=earliest", "-e", "-q", "-f", "%s\n")
    kcat("-P", "-t", hub, given="".join(f"first {n}\n" for n in range(50)))
    got = kcat("-G", group, *earliest, hub).splitlines()
    assert sorted(got) == sorted(f"first {n}" for n in range(50))
    kcat("-P", "-t", hub, given="".join(f"second {n}\n" for n in range(20)))
    got = kcat("-G", group, *earliest, hub).splitlines()
    assert sorted(got) == sorted(f"second {n}" for n in range(20))
