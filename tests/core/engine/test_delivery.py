"""The delivery ends every LogGroup as it promises, whatever Log Service answers (G3, G6; F5-F10).

The server is scripted here: each answer is chosen by the test from the logs that came, which are
decoded with the SDK's own protobuf.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import zstandard
from aliyun.log.log_logs_pb2 import LogGroup

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.put_logs import LogWriter
from core.alibaba.log_service.reaction import Reaction
from core.engine.batching import GroupBuilder
from core.engine.budget import MemoryBudget
from core.engine.delivery import Delivery
from core.engine.encoder import Encoder
from core.engine.log_group import log_tags
from core.records.event_time import EventTime

OK = (200, "", "")
DEADLINE = 30.0


class ScriptedService:
    """Answers PutLogs by ``answer(number, names, group)``; names: the field ``n`` of each log."""

    def __init__(self, answer):
        self.calls: list[list[str]] = []
        self.stored: list[str] = []
        self.times: dict[str, int] = {}
        self.busy = 0
        self.most_busy = 0
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                size = int(self.headers["x-log-bodyrawsize"])
                group = LogGroup()
                raw = zstandard.ZstdDecompressor().decompress(body, max_output_size=size)
                group.ParseFromString(raw)
                names = [each.Contents[0].Value for each in group.Logs]
                with outer.lock:
                    outer.busy += 1
                    outer.most_busy = max(outer.most_busy, outer.busy)
                    outer.calls.append(names)
                    number = len(outer.calls)
                status, code, message = answer(number, names, group)
                with outer.lock:
                    outer.busy -= 1
                    if status == 200:
                        outer.stored += names
                        for log in group.Logs:
                            outer.times[log.Contents[0].Value] = log.Time
                if status == 0:
                    self.close_connection = True
                    return
                told = {"errorCode": code, "errorMessage": message} if code else {}
                reply = json.dumps(told).encode() if code else b""
                self.send_response(status)
                if code != "ProxyPage":
                    self.send_header("x-log-requestid", f"r{number}")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, format, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        port = self.server.server_address[1]
        self.access = LogServiceAccess(
            "ep.test",
            "project",
            "store",
            "id",
            "secret-of-this-test",
            address=f"http://127.0.0.1:{port}",
        )

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def delivery_to():
    opened = []

    def start(answer, senders=3, keep_order=True):
        service = ScriptedService(answer)
        writer = LogWriter(service.access, senders)
        delivery = Delivery(writer, senders, keep_order, MemoryBudget(256), queue.SimpleQueue())
        opened.append((service, writer, delivery))
        return service, delivery

    yield start
    for service, writer, delivery in opened:
        delivery.stop(10)
        writer.close()
        service.close()


def batch_of(names: list[str], partition=0, offsets=(0,), seconds: int | None = None, epoch=1):
    encoder = Encoder()
    builder = GroupBuilder(partition, epoch, log_tags({"partition": str(partition)}))
    stamp = seconds or int(time.time())
    moment = EventTime(stamp, 0, "t", ())
    for index, name in enumerate(names):
        uid = f"0badcafe.{partition}.{offsets[0]}.0.{index}/{len(names)}"
        builder.add(encoder.encode({"n": name}, uid, "other", moment, stamp, ()), offsets[0])
    return builder.close()


def submit(delivery, batch):
    delivery._budget.add(batch.size)
    delivery.submit(batch)


def outcomes(delivery, count):
    return [delivery.outcomes.get(timeout=DEADLINE) for _ in range(count)]


def test_a_stored_group_is_acknowledged_once_and_frees_its_memory(delivery_to):
    service, delivery = delivery_to(lambda number, names, group: OK)
    batch = batch_of(["a", "b"])
    submit(delivery, batch)
    (outcome,) = outcomes(delivery, 1)
    assert (outcome.batch, outcome.stored, outcome.refused) == (batch, 2, ())
    assert service.stored == ["a", "b"]
    assert delivery._budget.used == 0
    assert delivery.trouble is None


@pytest.mark.parametrize(
    ("status", "code", "reaction"),
    [
        (500, "InternalServerError", Reaction.RETRY),
        (503, "ServerBusy", Reaction.RETRY),
        (403, "WriteQuotaExceed", Reaction.SLOW_DOWN),
        (403, "ShardWriteQuotaExceed", Reaction.SLOW_DOWN),
        (401, "Unauthorized", Reaction.PARK),
        (404, "LogStoreNotExist", Reaction.PARK),
        (418, "NobodyKnowsThis", Reaction.PARK),
        (400, "RequestTimeTooSkewed", Reaction.CLOCK),
        (0, "NoAnswer", Reaction.RETRY),
    ],
)
def test_what_is_refused_for_a_while_is_stored_in_the_end_and_never_given_up(
    delivery_to, status, code, reaction
):
    seen = []

    def answer(number, names, group):
        if number > 3:
            return OK
        seen.append(delivery.trouble)
        return status, code, "not now"

    service, delivery = delivery_to(answer)
    submit(delivery, batch_of(["a"]))
    (outcome,) = outcomes(delivery, 1)
    assert (outcome.stored, outcome.refused) == (1, ())
    assert service.stored == ["a"]
    assert len(service.calls) == 4
    assert (seen[-1].code, seen[-1].reaction) == (code, reaction)
    assert delivery.trouble is None


def test_a_200_that_log_service_did_not_give_stores_nothing(delivery_to):
    service, delivery = delivery_to(
        lambda number, names, group: (200, "ProxyPage", "blocked") if number == 1 else OK
    )
    submit(delivery, batch_of(["a"]))
    (outcome,) = outcomes(delivery, 1)
    assert outcome.stored == 1
    assert len(service.calls) == 2


def test_one_bad_log_is_found_and_only_it_is_refused(delivery_to):
    def answer(number, names, group):
        return (400, "PostBodyInvalid", "bad") if "bad" in names else OK

    service, delivery = delivery_to(answer)
    names = [f"good-{n}" for n in range(30)]
    names.insert(17, "bad")
    submit(delivery, batch_of(names))
    (outcome,) = outcomes(delivery, 1)
    assert outcome.stored == 30
    assert sorted(service.stored) == sorted(name for name in names if name != "bad")
    ((entry, code),) = outcome.refused
    assert code == "PostBodyInvalid"
    assert b"bad" in entry
    assert delivery._budget.used == 0


def test_a_group_that_is_too_large_is_halved_until_it_fits(delivery_to):
    def answer(number, names, group):
        return (400, "PostBodyTooLarge", "too large") if len(names) > 8 else OK

    service, delivery = delivery_to(answer)
    names = [str(n) for n in range(100)]
    submit(delivery, batch_of(names))
    (outcome,) = outcomes(delivery, 1)
    assert (outcome.stored, outcome.refused) == (100, ())
    assert service.stored == names


def test_a_time_that_went_stale_while_waiting_is_replaced(delivery_to):
    def answer(number, names, group):
        oldest = time.time() - 7 * 86400
        if any(log.Time < oldest for log in group.Logs):
            return 400, "PostBodyInvalid", "time is out of range"
        return OK

    service, delivery = delivery_to(answer)
    submit(delivery, batch_of(["a", "b"], seconds=int(time.time()) - 8 * 86400))
    (outcome,) = outcomes(delivery, 1)
    assert (outcome.stored, outcome.refused) == (2, ())
    assert len(service.calls) == 2
    assert all(abs(moment - time.time()) < 60 for moment in service.times.values())


def test_a_partition_keeps_its_order_and_others_go_on_beside_it(delivery_to):
    def answer(number, names, group):
        return (503, "ServerBusy", "x") if number in (2, 3, 7) else OK

    service, delivery = delivery_to(answer, senders=4)
    for number in range(20):
        for partition in range(3):
            submit(delivery, batch_of([f"{partition}:{number}"], partition, (number,)))
    outcomes(delivery, 60)
    for partition in range(3):
        mine = [name for name in service.stored if name.startswith(f"{partition}:")]
        assert mine == [f"{partition}:{number}" for number in range(20)]


@pytest.mark.parametrize(("keep_order", "together"), [(True, False), (False, True)])
def test_any_order_sends_several_groups_of_a_partition_at_once(delivery_to, keep_order, together):
    met = threading.Barrier(2)
    broken = []

    def answer(number, names, group):
        if number <= 2:
            try:
                met.wait(20 if together else 0.3)
            except threading.BrokenBarrierError:
                broken.append(number)
        return OK

    _service, delivery = delivery_to(answer, keep_order=keep_order)
    submit(delivery, batch_of(["a"], 0, (0,)))
    submit(delivery, batch_of(["b"], 0, (1,)))
    outcomes(delivery, 2)
    assert bool(broken) is not together


def test_groups_of_a_partition_that_went_away_are_forgotten(delivery_to):
    first_came, go_on = threading.Event(), threading.Event()

    def answer(number, names, group):
        first_came.set()
        go_on.wait(DEADLINE)
        return OK

    service, delivery = delivery_to(answer, senders=1)
    for number in range(5):
        submit(delivery, batch_of([str(number)], 0, (number,)))
    assert first_came.wait(DEADLINE)
    assert delivery.under_way([0])
    assert not delivery.under_way([1])
    delivery.void(0, 1)
    submit(delivery, batch_of(["next owner"], 0, (9,), epoch=2))
    go_on.set()
    done = outcomes(delivery, 2)
    assert [outcome.batch.offsets for outcome in done] == [[0], [9]]
    assert service.stored == ["0", "next owner"]
    assert delivery._budget.used == 0


@pytest.mark.slow
def test_while_the_service_is_down_one_probe_at_a_time_is_sent(delivery_to):
    down = threading.Event()
    down.set()

    def answer(number, names, group):
        return (503, "ServerBusy", "x") if down.is_set() else OK

    service, delivery = delivery_to(answer, senders=4)
    for partition in range(8):
        submit(delivery, batch_of([str(partition)], partition, (0,)))
    deadline = time.monotonic() + DEADLINE
    while len(service.calls) < 10 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert delivery.is_down
    service.most_busy = 0
    calls = len(service.calls)
    while len(service.calls) < calls + 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert service.most_busy == 1
    down.clear()
    assert sum(outcome.stored for outcome in outcomes(delivery, 8)) == 8
    assert not delivery.is_down


def test_a_defect_in_a_thread_is_not_silent(delivery_to):
    _service, delivery = delivery_to(lambda number, names, group: OK)
    batch = batch_of(["a"])
    batch.raw = None  # what no correct engine does
    submit(delivery, batch)
    deadline = time.monotonic() + DEADLINE
    while delivery.broken is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert isinstance(delivery.broken, TypeError)
