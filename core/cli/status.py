"""``isthmus status``: how the running import is doing, once or continuously."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated, Any

import typer

from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.cli.status_view import status_lines, status_panel
from core.engine.running import RunningEngine
from core.monitor.control_client import ControlClient, EngineGoneError, find_engine
from core.profile import load_profile

_SECONDS = 1.0


def status(
    profile: ProfileOption,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on showing it, until the engine or you stop.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show how the running import is doing. Exit 1 when none runs."""
    output = Output(as_json)
    with guarded(output):
        engine = find_engine(load_profile(profile).state_folder, profile)
        try:
            asyncio.run(_watch(engine, output) if watch else _once(engine, output))
        except KeyboardInterrupt:
            sys.exit(0 if watch else 1)
        except EngineGoneError:
            output.note("the engine has ended")
            if not watch:
                sys.exit(1)


async def _once(engine: RunningEngine, output: Output) -> None:
    async with ControlClient(engine) as client:
        found = await client.status()
    output.value(found)
    if not output.as_json:
        for line in status_lines(found):
            output.say(line)


async def _watch(engine: RunningEngine, output: Output) -> None:
    async with ControlClient(engine) as client:
        if output.as_json or not sys.stdout.isatty():
            await _print(client, output)
        else:
            await _paint(client)


async def _print(client: ControlClient, output: Output) -> None:
    """A line a second, for machines, files and pipes."""
    while True:
        found = await client.status()
        output.value(found)
        if not output.as_json:
            output.say(status_lines(found)[0])
        await asyncio.sleep(_SECONDS)


async def _paint(client: ControlClient) -> None:
    """A panel that renews itself."""
    from rich.live import Live

    found: dict[str, Any] = await client.status()
    with Live(status_panel(found), auto_refresh=False, transient=False) as live:
        while True:
            live.update(status_panel(found), refresh=True)
            await asyncio.sleep(_SECONDS)
            found = await client.status()
