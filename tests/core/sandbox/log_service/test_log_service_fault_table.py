"""Each scenario measured: what the SDK sees and Isthmus does is what docs/scenarios.md says."""

from __future__ import annotations

import time
import types
from pathlib import Path

import pytest
from aliyun.log import LogException, LogItem, PutLogsRequest, logclient

from core.alibaba.log_service.put_logs import LogWriter, PutLogsError, pack
from core.alibaba.log_service.reaction import reaction_to
from core.sandbox.scenarios import SCENARIOS

PROJECT = "proof"
PREFIX = "log_service."
NAMES = sorted(name.removeprefix(PREFIX) for name in SCENARIOS if name.startswith(PREFIX))
DOCS = Path(__file__).parents[4] / "docs"
HEADINGS = ["scenario", "what it plays", "what a client sees", "what Isthmus does", "source"]
DELAY = 0.2


def documented():
    """The rows of the table, by the scenario's name."""
    page = (DOCS / "scenarios.md").read_text("utf-8")
    section = page.partition("\n## Log Service\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in section.splitlines()
        if line.startswith("| ")
    ]
    assert rows[0] == HEADINGS
    return {row[0].strip("`").removeprefix(PREFIX): row for row in rows[1:] if row[0][0] == "`"}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    """The SDK tries ten times, a second apart; the seconds are left out."""
    monkeypatch.setattr(logclient, "time", types.SimpleNamespace(sleep=lambda _: None))


def outcome(run):
    """``ok``, or status and errorCode of the exception, or that there was no answer."""
    try:
        run()
    except LogException as error:
        code, message = error.get_error_code(), error.get_error_message()
        if code == "LogRequestError":
            return "no answer"
        names_it = "action: log:" in message and f"project/{PROJECT}/logstore/" in message
        if code == "Unauthorized" and not names_it:
            return f"Unauthorized without action or resource: {message}"
        return f"{error.get_resp_status()} {code}"
    return "ok"


def outcomes(run, calls):
    """What several calls had, and whether all of them were late."""
    found, took = set(), []
    for _ in range(calls):
        started = time.monotonic()
        found.add(outcome(run))
        took.append(time.monotonic() - started)
    late = ", late" if found == {"ok"} and min(took) >= DELAY else ""
    return " or ".join(sorted(found)) + late


def seen_by_the_sdk(client, name, calls):
    """Outcomes of a few writes and reads."""

    def write():
        request = PutLogsRequest(PROJECT, name, "", "10.0.0.1")
        request.set_log_items([LogItem(contents=[("by", "sdk")])])
        client.put_logs(request)

    writes = outcomes(write, calls)
    reads = outcomes(lambda: client.get_begin_cursor(PROJECT, name, 0), calls)
    return f"write: {writes}; read: {reads}"


def done_by_isthmus(writer, body, calls):
    """The code that its write path gets, and its reaction."""
    seen = set()
    for _ in range(calls):
        try:
            writer.put(pack(body))
            seen.add("stored")
        except PutLogsError as error:
            seen.add(f"{error.code}: {reaction_to(error.code, error.status).value}")
    return " or ".join(sorted(seen))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_what_the_page_says(region, kit, name, capsys):
    logstore = region.logstore(shards=1)
    tls, proxied = region.sdk(tls=True), region.sdk()
    writer = LogWriter(region.access(logstore), 1)
    body = kit.group({"by": "isthmus"})
    calls = {"slow": 2, "server_errors": 3}.get(name, 4)
    region.scenario(name, True, probability=1, delay=DELAY)
    client = seen_by_the_sdk(tls, logstore, calls)
    assert seen_by_the_sdk(proxied, logstore, calls) == client
    isthmus = done_by_isthmus(writer, body, 3 * calls if name == "server_errors" else calls)
    region.scenario(name, False)
    stored = len(region.raw().stored(logstore, 1))
    row = [f"`{PREFIX}{name}`", SCENARIOS[PREFIX + name], client, isthmus]
    with capsys.disabled():
        print("\n| " + " | ".join(row) + " |")
    assert documented()[name][:4] == row
    # With the scenario off everything is as before, on connections that it may have cut as well.
    assert seen_by_the_sdk(tls, logstore, 4) == "write: ok; read: ok"
    assert done_by_isthmus(writer, body, 4) == "stored"
    assert len(region.raw().stored(logstore, 1)) == stored + 4 + 4
    assert (stored > 0) == ("write: ok" in client or name == "ack_lost")
    writer.close()


def test_the_page_has_every_scenario_and_its_source():
    rows = documented()
    assert sorted(rows) == NAMES
    assumptions = (DOCS / "assumptions.md").read_text("utf-8")
    for row in rows.values():
        assert len(row) == len(HEADINGS)
        if row[4].startswith("SLS-"):
            assert f"| {row[4]} |" in assumptions
        else:
            assert row[4].startswith("Alibaba Cloud: ") or row[4] == "the network"
