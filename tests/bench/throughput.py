"""Records per second, end to end, beside what merely reading the same hub costs.

Three ways over the same messages, in turn, several rounds: raw consume, consume and orjson, the
whole engine into a Log Service emulator that counts and discards. Emulators, engine and readers
share this machine. Nothing is asserted.

    python tests/bench/throughput.py [--records 300000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import orjson
from confluent_kafka import Consumer, TopicPartition

from core.kafka.settings import hub_access, reader_settings
from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox

WAYS = ("consume", "consume+orjson", "engine")


def read_hub(profile: str, decode: bool) -> tuple[float, int]:
    """Seconds for reading the whole hub, from the first message on, and its records."""
    access = hub_access(load_profile(profile))
    consumer = Consumer(
        reader_settings(access, f"bench-{uuid.uuid4().hex}") | {"enable.partition.eof": False}
    )
    try:
        partitions = consumer.list_topics(access.hub, 10).topics[access.hub].partitions
        left = {
            n: consumer.get_watermark_offsets(TopicPartition(access.hub, n), 10)[1]
            for n in partitions
        }
        consumer.assign([TopicPartition(access.hub, n, 0) for n in partitions])
        records, began = 0, 0.0
        while any(left.values()):
            for message in consumer.consume(500, 0.05):
                began = began or time.perf_counter()
                left[message.partition()] -= 1
                if decode:
                    value = orjson.loads(message.value())
                    if type(value) is dict:
                        records += len(value.get("records", (value,)))
                    else:
                        records += len(value)
        return time.perf_counter() - began, records
    finally:
        consumer.close()


def run_engine(profile: str, folder: Path) -> tuple[float, int, float, int]:
    """Seconds from the first record to the last acknowledgement, records, CPU s, peak bytes."""
    state = folder / f"state-{uuid.uuid4().hex}"
    state.mkdir()
    text = Path(profile).read_text("utf-8")
    fresh = Path(profile).with_name(f"bench-{uuid.uuid4().hex[:8]}.toml")
    group = f'group = "bench-{uuid.uuid4().hex}"\ntopic ='
    fresh.write_text(text.replace("topic =", group, 1), "utf-8")
    told = subprocess.run(
        [sys.executable, "-P", Path(__file__).with_name("one_engine.py"), str(fresh)],
        env=os.environ | {"ISTHMUS_STATE_DIR": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    found = json.loads(told.stdout)
    return found["seconds"], found["records"], found["cpu_seconds"], found["peak_bytes"]


def main() -> None:
    """Run the rounds and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    cpu, peaks = [], []
    with (
        tempfile.TemporaryDirectory(prefix="isthmus-bench-") as folder,
        Sandbox(Path(folder) / "sandbox", Options(records=0, discard=True)) as sandbox,
    ):
        sent = sandbox.send(arguments.records)
        print(
            f"{sent['records']:,} records, {sent['messages']:,} messages, {sent['bytes']:,} bytes"
        )
        profile = sandbox.info["profile"]
        for _ in range(arguments.rounds):
            seconds, _ = read_hub(profile, decode=False)
            rates["consume"].append(arguments.records / seconds)
            seconds, records = read_hub(profile, decode=True)
            assert records == arguments.records
            rates["consume+orjson"].append(records / seconds)
            seconds, records, cpu_seconds, peak = run_engine(profile, Path(folder))
            assert records == arguments.records
            rates["engine"].append(records / seconds)
            cpu.append(cpu_seconds / records * 1e6)
            peaks.append(peak)
    control = statistics.median(rates["consume+orjson"])
    print(f"{'way':16} {'min':>10} {'median':>10} {'max':>10}  records/s; of consume+orjson")
    for way, found in rates.items():
        median = statistics.median(found)
        print(
            f"{way:16} {min(found):10,.0f} {median:10,.0f} {max(found):10,.0f}"
            f"  {median / control:.2f}"
        )
    print(
        f"engine: {statistics.median(cpu):.1f} us CPU a record, peak {max(peaks) / 2**20:.0f} MiB"
    )


if __name__ == "__main__":
    main()
