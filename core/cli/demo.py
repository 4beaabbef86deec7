"""``isthmus demo``: the whole road built so far, in the sandbox, unattended, with proof."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.output import JsonFlag, Output, guarded
from core.cli.sandbox_parts import open_sandbox
from core.cli.window import has_screen, load_window
from core.engine.running import running_engine
from core.errors import Code, problem_error
from core.profile import load_profile

if TYPE_CHECKING:
    from core.sandbox.sandbox import Sandbox

_STEP_SECONDS = 0.1
_ANALYSIS_SECONDS = 120.0
_STORY_RECORDS = 2_000
"""Among so many records the traffic has told of a password spray."""

_FAULTS = (
    "missing",
    "duplicated",
    "changed",
    "unexpected",
    "dead_lettered",
    "not_standardised",
    "standardised_twice",
    "unalerted",
)
_WINDOW_RATE = 200.0
"""Records a second that go on coming while the window is open."""


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Without a window, as where there is no screen.")
    ] = False,
    events: Annotated[int, typer.Option("--events", min=1, help="Records to send.")] = 20_000,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Keep the sandbox here; default: not kept.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Send realistic Azure records through both clouds' emulators and prove each arrived once."""
    output = Output(as_json)
    if not headless and not as_json and has_screen():
        _show(events, folder, output)
        return
    with guarded(output), tempfile.TemporaryDirectory(prefix="isthmus-demo-") as temporary:
        signal.signal(signal.SIGTERM, _stop)  # the engine's process must not be left behind
        place = folder or Path(temporary)
        began = time.monotonic()
        output.note(
            "1/6 starting the sandbox: Azure, Event Hubs, Log Service, Security Center, local"
        )
        with open_sandbox(place, records=0) as sandbox:
            _apply(sandbox, output)
            _send(sandbox, events, output)
            status = _import(sandbox, events, output)
            result = _prove(sandbox, status, output)
            result |= _prove_analysis(sandbox, events, output)
        result["seconds"] = round(time.monotonic() - began, 3)
        output.value(result)
        _conclude(result, output)


def _show(events: int, folder: Path | None, output: Output) -> None:
    """The window on a sandbox whose import is running; it goes on until the window is closed."""
    with guarded(output), tempfile.TemporaryDirectory(prefix="isthmus-demo-") as temporary:
        signal.signal(signal.SIGTERM, _stop)
        place = folder or Path(temporary)
        output.note("starting the sandbox, an import in it, and the window on that")
        opened = load_window()
        with open_sandbox(place, records=events, rate=_WINDOW_RATE) as sandbox:
            os.environ["ISTHMUS_STATE_DIR"] = str(sandbox.folder / "state")
            os.environ["ISTHMUS_CONFIG_DIR"] = str(sandbox.folder / "config")
            command = [sys.executable, "-P", "-m", "core", "run", "--profile"]
            engine = subprocess.Popen(
                [*command, sandbox.info["profile"]],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=sandbox.folder,
            )
            try:
                state = load_profile(sandbox.info["profile"]).state_folder
                while running_engine(state) is None:  # the window attaches to it
                    if engine.poll() is not None:
                        what = f"the import ended with {engine.returncode}"
                        raise problem_error(Code.PROOF_FAILED, "demo", what=what)
                    time.sleep(_STEP_SECONDS)
                opened(profile=sandbox.info["profile"], step="import_task")
            finally:
                engine.terminate()
                engine.wait()


def _stop(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _apply(sandbox: Sandbox, output: Output) -> None:
    """Have Security Center analyse the Logstore before anything comes: it reads from then on."""
    output.note("2/6 making what is missing on Alibaba Cloud: isthmus apply --only alibaba")
    command = [sys.executable, "-P", "-m", "core", "apply", "--only", "alibaba", "--yes", "--json"]
    ended = subprocess.run(
        [*command, "--profile", sandbox.info["profile"]],
        capture_output=True,
        text=True,
        cwd=sandbox.folder,
        env=_environment(sandbox),
        check=False,
    )
    last = json.loads((ended.stdout.splitlines() or ["{}"])[-1])
    if ended.returncode != 0:
        told = json.dumps(last.get("problem"), ensure_ascii=False)
        what = f"isthmus apply ended with {ended.returncode}"
        raise problem_error(Code.PROOF_FAILED, "demo", told, what=what)
    counts = last["counts"]
    output.note(f"    {counts['create']} made, {counts['reuse']} were there")


def _environment(sandbox: Sandbox) -> dict[str, str]:
    return os.environ | {"ISTHMUS_STATE_DIR": str(sandbox.folder / "state")}


def _send(sandbox: Sandbox, events: int, output: Output) -> None:
    output.note(f"3/6 sending {events:,} Azure records into the event hub, over SASL_SSL")
    sent = sandbox.send(events)
    output.note(
        f"    {sent['records']:,} records in {sent['messages']:,} messages, "
        f"{sent['bytes'] / 1e6:,.1f} MB, {sent['seconds']:.1f} s"
    )


def _import(sandbox: Sandbox, events: int, output: Output) -> dict[str, Any]:
    """Run the engine as a process of its own until it has caught up; its last status."""
    output.note("4/6 importing into the Logstore: isthmus run --until-caught-up")
    command = [sys.executable, "-P", "-m", "core", "run", "--json", "--until-caught-up"]
    engine = subprocess.Popen(
        [*command, "--profile", sandbox.info["profile"]],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=sandbox.folder,
        env=_environment(sandbox),
    )
    last: dict[str, Any] = {}
    try:
        for line in engine.stdout or ():
            last = json.loads(line)
            if "records" in last:
                records = last["records"]
                output.note(
                    f"    {records['stored']:,} of {events:,} records stored, "
                    f"{last['rate_records_per_s']:,.0f} records/s"
                )
    finally:
        if sys.exc_info()[0] is not None:
            engine.terminate()
        engine.wait()
        if engine.stdout is not None:
            engine.stdout.close()
    if engine.returncode != 0:
        told = json.dumps(last.get("problem") or last, ensure_ascii=False)
        raise problem_error(
            Code.PROOF_FAILED, "demo", told, what=f"the import ended with {engine.returncode}"
        )
    return last


def _prove(sandbox: Sandbox, status: dict[str, Any], output: Output) -> dict[str, Any]:
    from core.sandbox.proof import LogServiceAccess, prove

    output.note("5/6 reading the Logstore back and comparing every field with what was sent")
    logs = sandbox.info["log_service"]
    access = LogServiceAccess.of(logs, logs["project"], logs["logstore"])
    proof = prove(sandbox.folder / "traffic" / "sent.json", access)
    return {
        "sent": proof.sent,
        "stored": proof.stored,
        "missing": proof.missing,
        "duplicated": proof.duplicated,
        "changed": proof.changed,
        "unexpected": proof.unexpected,
        "repaired": status["records"]["repaired"],
        "dead_lettered": status["records"]["dead_lettered"],
        "unverifiable_messages": 0,
        "messages": status["messages"],
        "samples": {
            "missing": list(proof.missing_samples),
            "changed": [list(each) for each in proof.changed_samples],
        },
    }


def _prove_analysis(sandbox: Sandbox, events: int, output: Output) -> dict[str, Any]:
    """Each stored sign-in is standardised once; the attack in the traffic made alerts."""
    from core.sandbox.proof import LogServiceAccess, prove_analysis

    output.note("6/6 reading what Security Center made of it: standardised logs, alerts, incidents")
    logs, center = sandbox.info["log_service"], sandbox.info["security_center"]
    analysis = prove_analysis(
        LogServiceAccess.of(logs, logs["project"], logs["logstore"]),
        center["http_endpoint"],
        center["region_id"],
        wants_alerts=events >= _STORY_RECORDS,
        seconds=_ANALYSIS_SECONDS,
    )
    return {
        "sign_ins": analysis.sign_ins,
        "standardised": analysis.standardised,
        "not_standardised": analysis.missing,
        "standardised_twice": analysis.duplicated,
        "alerts": analysis.alerts,
        "incidents": analysis.incidents,
        "alert_names": list(analysis.alert_names),
        "unalerted": int(events >= _STORY_RECORDS and not analysis.incidents),
    }


def _conclude(result: dict[str, Any], output: Output) -> None:
    faults = {name: result[name] for name in _FAULTS if result[name]}
    if faults:
        what = ", ".join(f"{count:,} {name}" for name, count in faults.items())
        detail = json.dumps(result["samples"], ensure_ascii=False)[:2000]
        raise problem_error(Code.PROOF_FAILED, "demo", detail, what=what)
    output.say(
        f"Proved: {result['sent']:,} records sent, {result['stored']:,} stored, 0 missing, "
        f"0 duplicated, every field equal; {result['standardised']:,} of {result['sign_ins']:,} "
        f"sign-ins standardised; {result['alerts']} alerts, {result['incidents']} incidents "
        f"({result['seconds']:.1f} s)."
    )
