"""``isthmus tail``: records as they come in."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import typer

from core.alibaba.log_service.access import log_service_access
from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.engine.running import running_engine
from core.errors import Code, problem_error
from core.kafka.settings import hub_access
from core.monitor.control_client import ControlClient, EngineGoneError
from core.monitor.tail_sources import follow_hub, follow_logstore
from core.profile import Profile, load_profile
from core.records.filters import Filter, FilterError, parse

_SUMMARY_FIELDS = ("operationName", "category", "resultType", "level")
_LONGEST = 400
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def tail(
    profile: ProfileOption,
    wanted: Annotated[
        str, typer.Option("--filter", help="Which records, for example: signinlogs and 50126.")
    ] = "",
    source: Annotated[
        str, typer.Option("--from", help="logstore: what is stored, instead of the import.")
    ] = "",
    last: Annotated[
        int, typer.Option("--last", min=0, help="Begin with so many records that went by already.")
    ] = 10,
    fields: Annotated[
        str, typer.Option("--fields", help="Fields to show, by commas; default: a summary.")
    ] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=0, help="End after so many records; 0: never.")
    ] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Show records as the running import reads them; without one, as they come into the hub."""
    if source not in ("", "logstore"):
        raise typer.BadParameter("logstore, or leave it out", param_hint="from")
    output = Output(as_json)
    with guarded(output):
        settings = load_profile(profile)
        chosen = _parse(wanted)
        view = _View(output, [name.strip() for name in fields.split(",") if name.strip()], limit)
        try:
            _follow(settings, chosen, source, last, view)
        except KeyboardInterrupt:
            pass  # how a tail usually ends
        except EngineGoneError:
            output.note("the engine has ended")
        view.end()


def _parse(text: str) -> Filter | None:
    if not text.strip():
        return None
    try:
        return parse(text)
    except FilterError as error:
        hint = f": {error.hint}" if error.hint else ""
        raise problem_error(
            Code.FILTER_INVALID,
            "--filter",
            error.show(),
            column=error.position + 1,
            reason=error.message,
            hint=hint,
        ) from None


def _follow(profile: Profile, wanted: Filter | None, source: str, last: int, view: _View) -> None:
    rows = profile.monitor.tail_rows_per_s
    if source == "logstore":
        view.note(f"from the Logstore {profile.record_logstore}, what is stored from now on")
        view.show_all(follow_logstore(log_service_access(profile), wanted, rows))
        return
    engine = running_engine(profile.state_folder)
    if engine is None:
        view.note("no engine runs: from the hub itself, without a group and without commits")
        view.show_all(follow_hub(hub_access(profile), wanted, rows, last))
        return
    view.note(f"from the running engine (process {engine.pid})")
    client_filter = wanted.text if wanted is not None else ""

    async def stream() -> None:
        async with ControlClient(engine) as client:
            await view.show_stream(client.stream(client_filter, last))

    asyncio.run(stream())
    if not view.is_full:
        raise EngineGoneError


class _View:
    """Shows frames: a line a record, or the frames themselves for machines."""

    def __init__(self, output: Output, fields: list[str], limit: int) -> None:
        self._output = output
        self._fields = fields
        self._limit = limit
        self._printed = 0
        self._frame: dict[str, Any] = dict.fromkeys(("shown", "hits", "total", "dropped"), 0)
        self._warned = 0

    @property
    def is_full(self) -> bool:
        """As many records as were asked for have been shown."""
        return bool(self._limit) and self._printed >= self._limit

    def note(self, sentence: str) -> None:
        self._output.note(sentence)

    def show_all(self, frames: Iterator[Any]) -> None:
        """Show frames until the limit; closes their source."""
        try:
            for frame in frames:
                if self._show(frame.as_json()):
                    return
        finally:
            close = getattr(frames, "close", None)
            if close is not None:
                close()

    async def show_stream(self, frames: AsyncIterator[dict[str, Any]]) -> None:
        """Show frames until the limit or their end."""
        async for frame in frames:
            if self._show(frame):
                return

    def end(self) -> None:
        """Say what was shown and what was not."""
        self._output.value(self._frame | {"rows": []})
        counts = self._frame
        self._output.note(
            f"{self._printed:,} shown of {counts['hits']:,} that match, "
            f"{counts['total']:,} went by, {counts['dropped']:,} dropped"
        )

    def _show(self, frame: dict[str, Any]) -> bool:
        rows = frame["rows"]
        if self._limit:
            rows = rows[: self._limit - self._printed]
        self._frame = {name: value for name, value in frame.items() if name != "rows"}
        self._printed += len(rows)
        if self._output.as_json:
            if rows:
                self._output.value(self._frame | {"rows": rows})
        else:
            for row in rows:
                self._output.say(self._line(row))
            self._warn(frame["dropped"])
        sys.stdout.flush()
        return self.is_full

    def _warn(self, dropped: int) -> None:
        """Say that records were dropped: at the first, and at each tenfold."""
        if dropped and dropped >= self._warned * 10:
            self._warned = dropped
            self._output.note(f"{dropped:,} records not shown: more come than a tail can show")

    def _line(self, row: dict[str, Any]) -> str:
        fields = row["fields"]
        if self._fields:
            own = {name: row[name] for name in ("event_uid", "event_service", "event_time")}
            values = fields | own
            words = [f"{name}={values.get(name, '')}" for name in self._fields]
        else:
            words = [row["event_time"], f"{row['event_service']:<13}"]
            words += [fields[name] for name in _SUMMARY_FIELDS if fields.get(name)]
            words.append(row["event_uid"])
        line = "  ".join(words)
        line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
