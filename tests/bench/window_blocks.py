"""How long the window's GUI thread is away at a time: signing in, searching 200 namespaces, making
the Azure part, importing 5,000 records a second with a tail.

The program runs in a process of its own, used by mouse and keys, with a watchdog on its GUI thread
(tests/screens/watchdog.py). Beside the phases stands a control: the same window, left alone.
Nothing is asserted; blocks of more than 100 ms are printed with the place where they were.
Emulators, engine, traffic and window share this machine.

    python tests/bench/window_blocks.py [--namespaces 200] [--rate 5000] [--seconds 20]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from helpers.waiting import eventually
from helpers.window_process import WindowProcess, window

from core.engine.running import running_engine
from core.onboarding.errands import Errands
from core.onboarding.profile_text import draft_of
from core.onboarding.steps import BUILT, StepId
from core.profile import load_profile
from core.sandbox.sandbox import Options, Sandbox

_LONGEST = 0.1
_TOGETHER = 8


def main() -> None:
    """Run every phase and print its worst block."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["ISTHMUS_STATE_DIR"] = str(folder / "state")
        os.environ["ISTHMUS_CONFIG_DIR"] = str(folder / "config")
        with Sandbox(folder / "empty", Options(empty=True, logstore=True)) as sandbox:
            print(f"{arguments.namespaces} namespaces are being made", flush=True)
            asyncio.run(fill(sandbox.info["profile"], arguments.namespaces))
            with window(sandbox.info["profile"], str(BUILT[0])) as running:
                walk(running, arguments)
                running.close()
        options = Options(records=0, rate=arguments.rate, discard=True)
        with Sandbox(folder / "busy", options) as sandbox:
            watch_import(sandbox.info["profile"], arguments.seconds)


def watch_import(profile: str, seconds: float) -> None:
    """An import at full rate; the window finds it running and follows its tail."""
    engine = subprocess.Popen(
        [sys.executable, "-P", "-m", "core", "run", "--profile", profile],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        folder = load_profile(profile).state_folder
        eventually(lambda: running_engine(folder), 60)
        with window(profile, str(StepId.IMPORT_TASK)) as running:
            measure(running, "attaching to an import", lambda: attach(running))
            measure(running, "import", lambda: time.sleep(seconds), lambda: told_of_import(running))
            running.close()
    finally:
        engine.terminate()
        engine.wait()


def attach(running: WindowProcess) -> None:
    running.until(lambda seen: seen["step"] == StepId.IMPORT_TASK)
    running.until(lambda seen: "Stop import…" in seen["buttons"])
    running.until(lambda _: running.do("figure", path="view.tail.table.model.shown") > 0)


def walk(running: WindowProcess, arguments: argparse.Namespace) -> None:
    """The phases, one after the other."""
    running.until(lambda seen: seen["step"] == BUILT[0])
    running.quiet()
    measure(running, "control: left alone", lambda: time.sleep(arguments.seconds / 4))
    measure(running, "sign-in", lambda: sign_in(running))
    measure(running, f"discovery of {arguments.namespaces} namespaces", lambda: discover(running))
    new_namespace(running)
    measure(running, "pages to the Kafka test", lambda: onwards(running))
    measure(running, "apply, then the test", lambda: apply(running))
    running.go_on()
    measure(running, "start of the import", lambda: start(running))
    running.stop_import()


def measure(
    running: WindowProcess, title: str, act: Callable[[], Any], more: Callable[[], str] = lambda: ""
) -> None:
    """Watch the GUI thread while ``act`` is done, and print what was found."""
    running.do("watch", longest=_LONGEST)
    since = time.monotonic()
    act()
    words = more()
    seconds = time.monotonic() - since
    found = running.do("watched")
    worst = found["worst"] * 1000
    print(f"{title:34} {seconds:6.1f} s   worst {worst:4.0f} ms   {words}", flush=True)
    for block in found["blocks"]:
        print("  " + block.replace("\n", "\n  "), flush=True)


def sign_in(running: WindowProcess) -> None:
    running.do("click", name="Sign in")
    running.until(lambda seen: seen["on"] == "Continue" and seen["can_go_on"])


def discover(running: WindowProcess) -> None:
    running.go_on()
    running.until(lambda seen: not seen["reason"], seconds=600)


def new_namespace(running: WindowProcess) -> None:
    running.do("click", name="Create a new namespace")
    running.until(lambda seen: seen["step"] == BUILT[2])


def onwards(running: WindowProcess) -> None:
    for step in BUILT[3:8]:
        assert running.go_on()["step"] == step
    running.until(lambda seen: seen["verb"] and seen["can_go_on"])


def apply(running: WindowProcess) -> None:
    running.do("click", name="Create the Azure part now")
    running.until(lambda seen: seen["on"] == "Continue" and seen["can_go_on"], seconds=300)


def start(running: WindowProcess) -> None:
    running.until(lambda seen: "Start the import" in seen["buttons"])
    running.do("click", name="Start the import")
    running.until(lambda seen: "Stop import…" in seen["buttons"])
    running.until(lambda _: running.do("figure", path="view.tail.table.model.shown") > 0)


def told_of_import(running: WindowProcess) -> str:
    told = running.do("figure", path="view.figures")
    shown = running.do("figure", path="view.tail.table.model.received")
    dropped = running.do("figure", path="view.tail.table.model.dropped")
    rate = round(told["rate_records_per_s"])
    return f"{rate} records/s stored; tail: {shown} rows seen, {dropped} counted as dropped"


async def fill(profile: str, count: int) -> None:
    """Make ``count`` namespaces with a hub each."""
    from core.azure.event_hubs import EventHubWish, create_event_hub
    from core.azure.namespaces import NamespaceWish, create_namespace
    from core.azure.resource_groups import create_resource_group

    group = "rg-bench"
    draft = draft_of(load_profile(profile))
    async with Errands(draft).session() as session:
        session.poll_seconds = 0.05
        place = (session, draft.discovery.subscription)
        await create_resource_group(*place, group, "eastasia", {})
        turns = asyncio.Semaphore(_TOGETHER)

        async def make(at: int) -> None:
            async with turns:
                name = f"bench-{at:03d}-logs"
                wish = NamespaceWish(name, group, "eastasia")
                await create_namespace(*place, wish, {}, lambda _: None)
                await create_event_hub(*place, group, name, EventHubWish("logs", 2, 24))

        await asyncio.gather(*(make(at) for at in range(count)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--namespaces", type=int, default=200)
    parser.add_argument("--rate", type=float, default=5000.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
