"""``isthmus run``: the import, in the foreground."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from core.alibaba.log_service.access import log_service_access
from core.alibaba.log_service.check import check_logstore
from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.cli.probe import judge
from core.cli.watching import health_address, served
from core.engine.counters import Status
from core.engine.engine import Engine
from core.engine.running import EngineLock
from core.engine.settings import EngineSettings
from core.errors import Code, Problem, ProblemError, problem, problem_error
from core.kafka.probe import probe_hub
from core.kafka.settings import hub_access
from core.logs import event
from core.profile import Profile, load_profile

_REPORT_SECONDS = 1.0
_WORDS_SECONDS = 5.0
_JOIN_SECONDS = 0.2
_LAST_WORDS_SECONDS = 0.5
_STOP_SECONDS = 29.0
"""A stop ends within 30 s, whatever hangs."""


def run(
    profile: ProfileOption,
    until_caught_up: Annotated[
        bool, typer.Option("--until-caught-up", help="End at the high watermarks read at start.")
    ] = False,
    control_port: Annotated[
        int,
        typer.Option(
            "--control-port", min=0, max=65535, help="Port of the control API; 0: a free one."
        ),
    ] = 0,
    health_listen: Annotated[
        str,
        typer.Option(
            "--health-listen", help="ADDRESS:PORT for /livez, /readyz and /metrics; off by default."
        ),
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """Import the event hub into the Logstore until stopped (Ctrl+C)."""
    output = Output(as_json)
    health = health_address(health_listen)
    with guarded(output):
        settings = load_profile(profile)
        if settings.import_.route == "managed":
            raise problem_error(Code.ROUTE_WITHOUT_ENGINE, "import.route")
        with _only_one(settings):
            engine = _prepare(settings, output, until_caught_up)
            stop = _stopper(engine, output)
            with served(engine, settings, control_port, health, stop):
                left = _run(engine, output, stop)
        status = engine.status
        output.value(status.as_json() | ({"problem": left.as_json()} if left else {}))
        output.say(_sentence(status, "stopped"))
        if left is not None:
            if not as_json:
                output.problem(left)
            sys.exit(1)


def _prepare(profile: Profile, output: Output, until_caught_up: bool) -> Engine:
    """Check both ends, so that what is wrong is said once, at once; then make the engine."""
    hub, log_service = hub_access(profile), log_service_access(profile)
    reached = probe_hub(hub, until="hub")  # the rest of the test takes longer than it is worth here
    verdict = judge(profile, hub, reached, output)
    if reached.failed and verdict.problem is not None:
        raise ProblemError(verdict.problem)
    found = check_logstore(log_service)
    if found is not None and found.severity == "error":
        raise ProblemError(found)
    if found is not None:
        output.problem(found)
    try:
        return Engine(profile, hub, log_service, EngineSettings.from_environment(), until_caught_up)
    except OSError as error:
        raise _state_unusable(profile, error) from None


def _stopper(engine: Engine, output: Output) -> Callable[[str], None]:
    """What stops the engine, and the process if the engine cannot stop in time."""

    def stop(asked_by: str) -> None:
        event("engine.stop_asked", signal=asked_by)
        engine.stop()
        last_call = threading.Timer(_STOP_SECONDS, _leave_undone, (output,))
        last_call.daemon = True
        last_call.start()

    return stop


def _run(engine: Engine, output: Output, stop: Callable[[str], None]) -> Problem | None:
    """Run the engine, report on it, stop it when a signal asks for that."""
    done = threading.Event()

    def on_signal(number: int, frame: Any) -> None:
        stop(signal.Signals(number).name)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    reporter = threading.Thread(target=_report, args=(engine, output, done), daemon=True)
    reporter.start()
    # The engine has a thread of its own: signals are served in the main one, which never hangs in
    # a call of the Kafka client.
    worker = _Worker(engine)
    worker.start()
    while worker.is_alive():
        worker.join(_JOIN_SECONDS)
    done.set()
    reporter.join()
    if worker.error is not None:
        raise worker.error
    return worker.left


class _Worker(threading.Thread):
    """Runs the engine; ``left`` or ``error`` is what came of it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(name="engine", daemon=True)
        self._engine = engine
        self.left: Problem | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """See :meth:`Engine.run`."""
        try:
            self.left = self._engine.run()
        except BaseException as error:
            self.error = error


def _leave_undone(output: Output) -> None:
    """End the process: the Kafka client hangs in a call, for example to a hub that is silent.

    Whatever is not committed is read again, as after any crash.
    """
    found = problem(Code.STOP_INCOMPLETE, "stop", messages="some", seconds=_STOP_SECONDS)
    told = threading.Thread(target=output.problem, args=(found,), daemon=True)
    told.start()
    told.join(_LAST_WORDS_SECONDS)  # whoever should read it may hang as well
    os._exit(1)


def _report(engine: Engine, output: Output, done: threading.Event) -> None:
    shown: Code | None = None  # a problem is said once, not with every new wording of its detail
    next_words = time.monotonic() + _REPORT_SECONDS
    while not done.wait(_REPORT_SECONDS):
        status = engine.status
        output.value(status.as_json())
        found = status.problem
        if found is not None and found.code != shown and not output.as_json:
            output.problem(found)
        shown = found.code if found is not None else None
        if not output.as_json and time.monotonic() >= next_words:
            next_words = time.monotonic() + _WORDS_SECONDS
            output.note(_sentence(status))


def _sentence(status: Status, state: str = "") -> str:
    records = status.records
    words = (
        f"{state or status.state}: {records['received']:,} records received, "
        f"{records['stored']:,} stored, "
        f"{records['dead_lettered']:,} dead-lettered; {status.rate_records_per_s:,.0f} records/s; "
        f"{status.lag_messages:,} messages behind"
    )
    return f"{words} (paused: {status.reason})" if status.reason else words


def _only_one(profile: Profile) -> EngineLock:
    try:
        return EngineLock(profile.state_folder)
    except OSError as error:
        raise _state_unusable(profile, error) from None


def _state_unusable(profile: Profile, error: OSError) -> ProblemError:
    return problem_error(
        Code.STATE_FOLDER_UNUSABLE,
        "state folder",
        path=profile.state_folder,
        reason=error.strerror or type(error).__name__,
    )
