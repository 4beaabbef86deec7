"""Send a folder of message bodies through a sandbox's hub; hold the Logstore against its manifest.

``python tests/acceptance/import_folder.py FOLDER``. The folder holds ``manifest.tsv`` (columns
``file``, ``values``, ``records``, ``not_json``) and the files it names: ``messages/*`` hold one
message value a line; any other file is one value, or one a line where the manifest counts more.
A sandbox is started, the values are produced by a real client, ``isthmus run --until-caught-up``
imports them in a process of its own, and the Logstore is read with Alibaba Cloud's SDK. Exit status
0 only if every record of every file is stored once or is a dead letter.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from core.engine.dead_letters import read_dead_letters  # noqa: E402
from core.sandbox.proof import LogServiceAccess  # noqa: E402
from core.sandbox.proof.logstore import read_logs  # noqa: E402

DEADLINE = 300
OWN = {"event_uid", "event_service", "event_time", "event_flags", "event_raw"}
AMQP_HEADER = ("x-opt-sample", b"\xa1\x05amqp!")
"""A header as AMQP senders leave it (Azure: "Event Hubs, Kafka troubleshooting guide")."""


@dataclass
class Value:
    """One message, and what became of it.

    Attributes:
        file, line: where its body stands.
        body: the bytes that are sent.
        records: its records, read with Python's own parser; None if it is not JSON.
        place: partition and offset in the hub.
        logs: index -> logs of that record.
        buried: index, or -1 for the message -> cause.
    """

    file: str
    line: int
    body: bytes
    records: list[Any] | None
    place: tuple[int, int] = (-1, -1)
    logs: dict[int, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    buried: dict[int, str] = field(default_factory=dict)

    @property
    def repairs(self) -> set[str]:
        """Names of the repairs of its logs."""
        flags = (log.get("event_flags", "") for logs in self.logs.values() for log in logs)
        return {name for text in flags for name in text.split(",") if name.startswith("repaired_")}

    def faults(self) -> list[str]:
        """What is wrong with what became of it."""
        found = [f"record {n} is stored {len(logs)} times" for n, logs in self.logs.items()
                 if len(logs) > 1]  # fmt: skip
        ends = [*self.logs, *self.buried]
        if len(set(ends)) != len(ends):
            found.append("a record is stored and buried")
        if self.records is None:
            if not ends:
                found.append("it has vanished")
            found += [
                f"record {n} was repaired and does not say so"
                for n, logs in self.logs.items()
                if not ("event_raw" in logs[0] and self.repairs) and not self.buried
            ]
            return found
        if self.repairs:
            found.append("valid JSON was repaired")
        if set(ends) != set(range(len(self.records))):
            found.append(f"{len(self.records)} records, but {sorted(ends)} are accounted for")
            return found
        for number, logs in self.logs.items():
            found += [f"record {number}: {text}" for text in changed(self.records[number], logs[0])]
        return found


def changed(record: Any, log: dict[str, str]) -> Iterator[str]:
    """Fields of a record that its log does not hold as docs/record.md says."""
    if not isinstance(record, dict):
        yield "it is no object"
        return
    own = {name: text for name, text in log.items() if name not in OWN}
    if len(own) != len(record):
        yield f"{len(record)} fields became {len(own)}"
    for name, value in record.items():
        if sum(other.lower() == name.lower() for other in record) > 1 or name.startswith("__"):
            continue  # renamed by rule
        text = own.get(name)
        if text is None:
            yield f"{name} is missing"
        elif isinstance(value, str):
            if text != value:
                yield f"{name} has changed"
        elif json.loads(text) != value:
            yield f"{name} has changed"


def strict(body: bytes) -> list[Any] | None:
    """The records of a body that is JSON, by the shapes that Azure documents."""
    try:
        document = json.loads(body.decode(), parse_constant=_refuse)
    except ValueError:
        return None
    if isinstance(document, dict) and isinstance(document.get("records"), list):
        return list(document["records"])
    return document if isinstance(document, list) else [document]


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def read_folder(folder: Path) -> tuple[list[dict[str, str]], list[Value]]:
    """The manifest's rows and all values."""
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    values = []
    for row in rows:
        data = (folder / row["file"]).read_bytes()
        by_line = row["file"].startswith("messages/") or int(row["values"]) > 1
        bodies = [line for line in data.split(b"\n") if line.strip()] if by_line else [data]
        values += [
            Value(row["file"], number, body, strict(body)) for number, body in enumerate(bodies, 1)
        ]
    return rows, values


@contextmanager
def sandbox(folder: Path) -> Iterator[dict[str, Any]]:
    """An empty hub and Logstore in a process of their own; what its sandbox.json says."""
    command = [sys.executable, "-P", "-m", "core", "sandbox", "up", "--json", "--records", "0"]
    process = subprocess.Popen(
        [*command, "--folder", str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield json.loads(Path(ready["sandbox"]).read_text("utf-8"))
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def send(values: list[Value], info: dict[str, Any]) -> None:
    """Produce all values with confluent-kafka, over TLS, and note where each one is."""
    from confluent_kafka import Producer

    hub = info["event_hubs"]
    producer = Producer(
        {
            "bootstrap.servers": hub["bootstrap"],
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "$ConnectionString",
            "sasl.password": hub["connection_string"],
            "ssl.ca.location": info["ca_file"],
            "acks": "all",
        }
    )
    refused: list[str] = []

    def note(value: Value) -> Any:
        def done(error: Any, message: Any) -> None:
            if error is not None:
                refused.append(f"{value.file}:{value.line}: {error}")
            else:
                value.place = message.partition(), message.offset()

        return done

    for value in values:
        producer.produce(hub["hub"], value.body, headers=[AMQP_HEADER], on_delivery=note(value))
        producer.poll(0)
    left = producer.flush(DEADLINE)
    if left or refused:
        raise SystemExit(f"{left} values were not sent; {refused[:3]}")


def run_import(info: dict[str, Any], state: Path) -> dict[str, Any]:
    """``isthmus run --until-caught-up``; its last status."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "core", "run", "--json", "--until-caught-up",
         "--profile", info["profile"]],
        stdout=subprocess.PIPE, text=True, timeout=DEADLINE,
        env=os.environ | {"ISTHMUS_STATE_DIR": str(state)},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the engine ended with {done.returncode}: {done.stdout[-2000:]}")
    status: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return status


def take_in(values: list[Value], info: dict[str, Any], state: Path) -> int:
    """Give each value its logs and dead letters; the number of logs that belong to none."""
    by_place = {value.place: value for value in values}
    logs = info["log_service"]
    names = ("endpoint", "http_proxy", "project", "logstore", "access_key_id", "access_key_secret")
    strangers = 0
    for batch in read_logs(LogServiceAccess(**{name: logs[name] for name in names})):
        for log in batch:
            fields = dict(log.fields)
            _, partition, offset, _, last = fields["event_uid"].split(".")
            value = by_place.get((int(partition), int(offset)))
            if value is None:
                strangers += 1
            else:
                value.logs[int(last.partition("/")[0])].append(fields)
    for folder in state.glob("*/dead-letters"):
        for letter in read_dead_letters(folder):
            value = by_place[letter.partition, letter.offset]
            value.buried |= letter.causes
            if letter.raw != value.body:
                raise SystemExit(f"{value.file}:{value.line}: the dead letter is not the message")
    return strangers


def judge(row: dict[str, str], values: list[Value]) -> list[str]:
    """What does not agree with a line of the manifest."""
    faults = [f"line {value.line}: {text}" for value in values for text in value.faults()]
    counted = {
        "values": len(values),
        "records": sum(len(value.records or ()) for value in values),
        "not_json": sum(value.records is None for value in values),
    }
    return faults + [
        f"{name}: the manifest has {row[name]}, counted were {count}"
        for name, count in counted.items()
        if int(row[name]) != count
    ]


def report(rows: list[dict[str, str]], values: list[Value]) -> bool:
    """Print the table; whether all agrees."""
    heads = ("values", "records", "not JSON", "stored", "repaired", "buried", "verdict")
    width = max(len(row["file"]) for row in rows)
    print(f"{'file':{width}} " + " ".join(f"{head:>8}" for head in heads))
    agrees = True
    totals = [0] * 6
    for row in rows:
        mine = [value for value in values if value.file == row["file"]]
        faults = judge(row, mine)
        logs = [log for value in mine for copies in value.logs.values() for log in copies]
        counts = [
            int(row["values"]),
            int(row["records"]),
            int(row["not_json"]),
            len(logs),
            sum("event_raw" in log for log in logs),
            sum(len(value.buried) for value in mine),
        ]
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        print(f"{row['file']:{width}} " + " ".join(f"{n:>8}" for n in counts),
              f"{'agrees' if not faults else 'DIFFERS':>8}")  # fmt: skip
        for fault in faults:
            print(f"    {fault}")
        agrees = agrees and not faults
    print(f"{'all':{width}} " + " ".join(f"{n:>8}" for n in totals))
    return agrees


def tell_of_repairs(values: list[Value]) -> None:
    """Say what became of each value that is not JSON."""
    print("\nvalues that are not JSON:")
    for value in values:
        if value.records is None:
            buried = ", ".join(f"{n}: {cause}" for n, cause in value.buried.items())
            ends = [f"{len(value.logs)} record(s) by {', '.join(sorted(value.repairs))}"] * bool(
                value.logs
            ) + [f"dead letter ({buried})"] * bool(buried)
            print(f"  {value.file}:{value.line}  {'; '.join(ends)}")


def tell_of_stored(values: list[Value], each: bool) -> None:
    """Services, times and flags of what is stored, for a critical eye."""
    logs = [(value, log) for value in values for copies in value.logs.values() for log in copies]
    for name in ("event_service", "event_flags"):
        counts = Counter(log.get(name, "(none)") for _, log in logs)
        print(f"\n{name}: " + ", ".join(f"{text} {n}" for text, n in counts.most_common()))
    if each:
        for value, log in logs:
            category = log.get("category", log.get("Category", log.get("Type", "(none)")))
            print(f"{value.file}:{value.line} {category[:40]} -> {log['event_service']} "
                  f"{log['event_time']} {log.get('event_flags', '')}")  # fmt: skip


def main() -> int:
    """Run it."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", action="store_true", help="print a line for each stored record")
    wanted = parser.parse_args()
    rows, values = read_folder(wanted.folder.resolve())
    with tempfile.TemporaryDirectory() as place:
        state = Path(place) / "state"
        with sandbox(Path(place) / "sandbox") as info:
            send(values, info)
            status = run_import(info, state)
            strangers = take_in(values, info, state)
    agrees = report(rows, values)
    tell_of_repairs(values)
    tell_of_stored(values, wanted.each)
    print(f"\nthe engine says: {json.dumps(status['records'])} {json.dumps(status.get('repairs'))}")
    stored = sum(len(copies) for value in values for copies in value.logs.values())
    buried = sum(len(value.buried) for value in values)
    told = status["records"]
    if (told["stored"], told["dead_lettered"], strangers) != (stored, buried, 0):
        print(f"the Logstore has {stored} logs, {buried} are buried, {strangers} are strangers")
        agrees = False
    print("all counts agree" if agrees else "NOT all counts agree")
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
