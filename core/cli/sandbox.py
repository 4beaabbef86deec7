"""``isthmus sandbox``: the emulators in the foreground, and their scenarios."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.output import JsonFlag, Output, guarded, verb_group
from core.cli.sandbox_parts import open_sandbox
from core.errors import Code, problem_error

app = verb_group("Local emulators of both clouds; no account is needed.")

FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Where the sandbox lives; default: a new folder.")
]


@app.command("up")
def up(
    folder: FolderOption = None,
    empty: Annotated[bool, typer.Option("--empty", help="Nothing in Azure, no Logstore.")] = False,
    scenario: Annotated[
        list[str] | None, typer.Option("--scenario", help="A fault to begin with; may repeat.")
    ] = None,
    logstore: Annotated[
        bool, typer.Option("--logstore", help="With --empty: the Logstore is there all the same.")
    ] = False,
    rate: Annotated[float, typer.Option("--rate", min=0, help="Records/s to go on sending.")] = 0.0,
    records: Annotated[
        int, typer.Option("--records", min=0, help="Records that wait in a new hub.")
    ] = 10_000,
    as_json: JsonFlag = False,
) -> None:
    """Start the emulators, write sandbox.json, and stay until stopped (Ctrl+C)."""
    output = Output(as_json)
    with guarded(output):
        place = folder or Path(tempfile.mkdtemp(prefix="isthmus-sandbox-"))
        for name in scenario or []:
            _check_scenario(name)
        output.note(f"starting the sandbox in {place} ...")
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        wanted = {"empty": empty, "logstore": logstore, "records": records, "rate": rate}
        with open_sandbox(place, **wanted) as sandbox:
            for name in scenario or []:
                sandbox.scenario(name, True)
            output.value({"ready": True, "sandbox": str(sandbox.folder / "sandbox.json")})
            output.say(f"The sandbox is up. All about it: {sandbox.folder / 'sandbox.json'}")
            for verb in ("plan  ", "apply ") if empty else ("run   ", "verify"):
                output.say(f"  isthmus {verb} --profile {sandbox.info['profile']}")
            sys.stdout.flush()
            stopped.wait()
            output.note("stopping ...")


@app.command("scenario")
def scenario(
    name: Annotated[str, typer.Argument(help="For example log_service.full_outage.")],
    state: Annotated[str, typer.Argument(help="on or off.")],
    folder: Annotated[Path, typer.Option("--folder", help="Where the sandbox lives.")],
    seconds: Annotated[
        float | None, typer.Option("--for", min=0, help="Seconds until it ends by itself.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Switch a fault on or off in a running sandbox."""
    if state not in ("on", "off"):
        raise typer.BadParameter("on or off", param_hint="state")
    output = Output(as_json)
    with guarded(output):
        _check_scenario(name)
        _ask(folder, "/v1/scenario", {"name": name, "on": state == "on", "seconds": seconds})
        output.value({"scenario": name, "on": state == "on", "seconds": seconds})
        output.say(f"{name} is {state}" + (f" for {seconds:g} s" if seconds else ""))


def _check_scenario(name: str) -> None:
    from core.sandbox.scenarios import SCENARIOS

    if name not in SCENARIOS:
        names = ", ".join(SCENARIOS)
        raise problem_error(Code.SCENARIO_UNKNOWN, "scenario", name=name, names=names)


def _ask(folder: Path, path: str, body: dict[str, Any]) -> Any:
    """Ask the door of the sandbox in ``folder``. Raises ProblemError."""
    try:
        control = json.loads((folder / "sandbox.json").read_text("utf-8"))["control"]
        request = urllib.request.Request(  # noqa: S310  # loopback, written by the sandbox itself
            control["url"] + path,
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {control['token']}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)
    except (OSError, ValueError, KeyError) as error:
        detail = ""
        if isinstance(error, urllib.error.HTTPError):
            detail = error.read().decode("utf-8", "replace")[:500]
        raise problem_error(Code.SANDBOX_NOT_RUNNING, "--folder", detail, folder=folder) from None
