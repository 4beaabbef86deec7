"""What was acknowledged is there after a kill; what was cut short is not; nothing else changes."""

from __future__ import annotations

import threading
import time

import pytest

pytestmark = pytest.mark.slow

PROJECT = "proof"


def segments(region):
    return sorted((region.data / "logstores").rglob("*.segment"))


def test_a_restart_keeps_ports_keys_trust_and_settings(own_region, region, kit):
    for key in ("address", "http_proxy", "access_key_id", "access_key_secret"):
        assert own_region.ready[key] != region.ready[key]  # those of another folder are others
    stranger = own_region.raw()
    stranger.secret = region.ready["access_key_secret"]
    assert stranger.send("GET", "/").code == "SignatureNotMatch"
    name = own_region.logstore(shards=3, ttl_days=9)
    sent = kit.group({"a": "b"}, {"c": "d"})
    raw = own_region.raw()
    raw.put(name, sent)
    ready, authority = own_region.ready, own_region.ca_file.read_bytes()
    before = own_region.request("describe")
    counted = own_region.request("stats")
    own_region.scenario("ack_lost", True)  # a fault ends with the process that plays it
    own_region.kill_and_restart()
    assert own_region.ready == ready
    assert own_region.ca_file.read_bytes() == authority
    assert own_region.request("describe") == before
    after = own_region.request("stats")
    assert {key: after[key] for key in ("logs", "log_groups", "bytes")} == {
        key: counted[key] for key in ("logs", "log_groups", "bytes")
    }
    assert own_region.raw().stored(name, 3) == [sent]


def test_an_orderly_stop_keeps_everything(own_region, kit):
    """And clients that go away leave no trace: the log is for what goes wrong."""
    name = own_region.logstore(shards=1)
    sent = [kit.group({"n": str(n)}) for n in range(5)]
    for each in sent:
        own_region.raw().put(name, each)
    for plain in (False, True):
        leaver = own_region.raw(plain).connection
        leaver.putrequest("POST", f"/logstores/{name}/shards/lb")
        leaver.putheader("Content-Length", "1000")
        leaver.endheaders(b"only a part")
        leaver.close()
    own_region.close_clients()
    kit.eventually(lambda: own_region.request("stats")["connections"] == 0)
    own_region.child.stop()
    own_region.start()
    assert own_region.raw().stored(name, 1) == sent
    assert own_region.log_file.read_text() == ""


def tear(data: bytes, whole: int, cut: int | str) -> bytes:
    """The file of a shard whose last LogGroup, from byte ``whole`` on, did not get there."""
    if cut == "garbage":
        return data[:whole] + b"\xa5" * 40
    if cut == "wrong byte":
        return data[:-10] + bytes([data[-10] ^ 1]) + data[-9:]
    if cut == "last byte":
        return data[:-1]
    return data[: whole + int(cut)]


def test_a_torn_end_is_cut_off(own_region, kit):
    """A LogGroup of which only a part is in the file was never acknowledged."""
    raw = own_region.raw()
    sent = [kit.group({"n": str(n), "pad": "x" * 100}) for n in range(3)]
    torn = {}
    for cut in (1, 4, 23, 24, 25, 60, "last byte", "garbage", "wrong byte"):
        name = own_region.logstore(shards=1)
        known = set(segments(own_region))
        for each in sent[:2]:
            assert raw.put(name, each).status == 200
        (segment,) = set(segments(own_region)) - known
        whole = segment.stat().st_size
        assert raw.put(name, sent[2]).status == 200
        assert segment.stat().st_size > whole
        torn[name] = (segment, whole, tear(segment.read_bytes(), whole, cut))
    own_region.child.kill()
    for segment, _, data in torn.values():
        segment.write_bytes(data)
    own_region.start()
    own_region.close_clients()
    raw = own_region.raw()
    again = kit.group({"n": "again"})
    for name, (segment, whole, _) in torn.items():
        assert raw.stored(name, 1) == sent[:2]
        assert segment.stat().st_size == whole
        assert raw.put(name, again).status == 200
        assert raw.stored(name, 1) == [*sent[:2], again]


@pytest.mark.slow
def test_segments_follow_each_other(own_region, kit):
    """More than one segment: read across, found by time, recovered, a broken middle refused."""
    name = own_region.logstore(shards=1)
    raw = own_region.raw()
    logs = [{"v": chr(97 + n) * 990_000} for n in range(3)]
    sent = [kit.group({"n": str(n)}, *logs) for n in range(50)]
    for each in sent:
        assert raw.put(name, each).status == 200
    assert len(segments(own_region)) == 3
    assert raw.stored(name, 1) == sent
    own_region.kill_and_restart()
    own_region.close_clients()
    raw = own_region.raw()
    assert raw.stored(name, 1) == sent
    assert raw.put(name, kit.group({"n": "after"})).status == 200
    later = raw.cursor(name, str(int(time.time()) + 60))
    assert later == raw.cursor(name, "end")
    assert own_region.request("stats")["memory_bytes"] < 200_000_000
    own_region.child.kill()
    with segments(own_region)[0].open("r+b") as file:
        file.write(b"broken")
    with pytest.raises(Exception, match="ended"):
        own_region.start()
    assert "is broken at byte 0" in own_region.log_file.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("run", range(3))
def test_every_acknowledged_group_survives_kill_9(own_region, kit, run):
    name = own_region.logstore(shards=2)
    acknowledged: list[bytes] = []
    sent: list[bytes] = []
    ready = own_region.ready

    def write(writer: int) -> None:
        raw = kit.RawClient(ready, own_region.ca_file, plain=False)
        number = 0
        try:
            while True:
                body = kit.group({"writer": str(writer), "n": str(number), "pad": "x" * 20_000})
                sent.append(body)
                if raw.put(name, body).status != 200:
                    return
                acknowledged.append(body)
                number += 1
        except (OSError, kit.http.client.HTTPException):
            return
        finally:
            raw.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    kit.eventually(lambda: len(acknowledged) > 100 + 50 * run)
    own_region.child.kill()
    for writer in writers:
        writer.join(30)
    own_region.start()
    assert own_region.ready == ready
    stored = own_region.raw().stored(name)
    assert set(acknowledged) <= set(stored) <= set(sent)
    assert len(stored) == len(set(stored))
