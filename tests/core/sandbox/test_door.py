"""Siblings reach an emulator by its door, with the token in its file and not without."""

from __future__ import annotations

import asyncio
import json
import stat

import pytest
from helpers.namespaces import open_namespace

from core.sandbox.door import Door, DoorClosedError, DoorError, DoorServer


async def echo(do, arguments):
    if do == "fail":
        raise ValueError("on purpose")
    return {"do": do, **arguments}


def with_door(folder, use):
    async def run():
        server = DoorServer(folder / "door.json", echo)
        await server.open()
        try:
            return await use(Door(folder / "door.json"))
        finally:
            await server.close()

    return asyncio.run(run())


def test_a_command_is_carried_out_and_a_refusal_told(tmp_path):
    async def use(door):
        with pytest.raises(DoorError, match="on purpose"):
            await door.request("fail")
        return await asyncio.gather(*(door.request("add", n=n) for n in range(20)))

    assert with_door(tmp_path, use) == [{"do": "add", "n": n} for n in range(20)]


def test_a_long_answer_comes_whole(tmp_path):
    async def use(door):
        return await door.request("say", text="x" * 3_000_000)

    assert len(with_door(tmp_path, use)["text"]) == 3_000_000


def test_the_file_is_private_and_its_port_and_token_are_kept(tmp_path):
    async def use(door):
        return (tmp_path / "door.json").read_text()

    first = with_door(tmp_path, use)
    assert with_door(tmp_path, use) == first
    assert stat.S_IMODE((tmp_path / "door.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("line", [b'{"do": "x"}', b"{", b"[]", b'{"token": "wrong", "do": "x"}'])
def test_without_the_token_nothing_is_done(tmp_path, line):
    async def use(door):
        port = json.loads((tmp_path / "door.json").read_text())["port"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(line + b"\n")
        answer = json.loads(await reader.readline())
        writer.close()
        await writer.wait_closed()
        return answer

    answer = with_door(tmp_path, use)
    assert answer["ok"] is False
    assert answer["error"] in ("the line is not a command", "the token is wrong")


def test_a_closed_door_is_told_apart(tmp_path):
    async def use(door):
        return None

    with_door(tmp_path, use)
    with pytest.raises(DoorClosedError):
        asyncio.run(Door(tmp_path / "door.json").request("x"))
    with pytest.raises(DoorClosedError):
        asyncio.run(Door(tmp_path / "nowhere.json").request("x"))


def test_the_event_hubs_emulator_has_one(tmp_path):
    namespace = open_namespace(tmp_path)
    door = Door(tmp_path / "event_hubs" / "door.json")
    try:
        made = asyncio.run(door.request("create_namespace", name="contoso-logs"))
        assert made["port"] != namespace.child.ready["port"]
        names = [item["name"] for item in namespace.child.request("list_namespaces")]
        assert names == ["sandbox", "contoso-logs"]
        with pytest.raises(DoorError, match="no command"):
            asyncio.run(door.request("nonsense"))
    finally:
        namespace.child.stop()
