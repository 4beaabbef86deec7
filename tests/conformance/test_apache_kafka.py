"""Apache Kafka as the conformance run gets it: the very jars that were pinned, and it runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from conformance.brokers import ApacheKafka
from conformance.jars import PINS_FILE, WrongJarError, class_path, why_not
from conformance.kit import Kit


def test_every_jar_is_pinned_by_its_hash() -> None:
    pins = tomllib.loads(PINS_FILE.read_text("utf-8"))
    assert f"org.apache.kafka:kafka_2.13:{pins['version']}" in pins["jars"]
    for jar, digest in pins["jars"].items():
        assert len(jar.split(":")) == 3, jar
        assert len(bytes.fromhex(digest)) == 32, jar


@pytest.mark.clients
def test_apache_kafka_runs_here(tmp_path: Path) -> None:
    """The one that is skipped, and says why, where Apache Kafka cannot be had."""
    if (reason := why_not()) is not None:
        pytest.skip(reason)
    broker = ApacheKafka(tmp_path)
    try:
        kit = Kit(broker)
        kit.send(kit.topic(), [b"it runs"])
        kit.close()
    finally:
        broker.close()


def test_a_jar_with_another_hash_is_an_error(tmp_path: Path) -> None:
    """One small jar that is there, under a pin with a digit changed."""
    jar, digest = "g:jspecify:1.0.0", "00" * 32
    pins_file = tmp_path / "pins.toml"
    pins_file.write_text(f'version = "0"\n[jars]\n"{jar}" = "{digest}"\n')
    folder = tmp_path / "apache-kafka-0"
    folder.mkdir()
    (folder / "jspecify-1.0.0.jar").write_bytes(b"not what was pinned")
    with pytest.raises(WrongJarError, match=r"jspecify-1\.0\.0\.jar"):
        class_path(tmp_path, pins_file)


@pytest.mark.skipif(sys.platform == "win32", reason="process ids and sleep are Unix's")
def test_a_kept_program_ends_with_its_keepers_input(tmp_path: Path) -> None:
    sleep = shutil.which("sleep")
    assert sleep is not None
    with subprocess.Popen(
        [sys.executable, "-P", Path(__file__).with_name("keeper.py"), sleep, "300"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    ) as keeper:
        assert keeper.stdout is not None
        assert keeper.stdin is not None
        program = Path("/proc") / keeper.stdout.readline().decode().strip()
        keeper.stdin.close()
        keeper.wait(20)
    deadline = time.monotonic() + 20
    while program.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
