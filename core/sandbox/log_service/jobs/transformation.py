"""What the configuration of a data transformation (ETL) says.

Alibaba Cloud: SLS API reference, structures "ETLConfiguration" and "ETLConfigurationSink": the
source is read and each sink is written in the name of a RAM role, or of an AccessKey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.sandbox.log_service.jobs.reading import (
    an_object,
    refused,
    seconds_of,
    text_of,
    unsupported,
)

if TYPE_CHECKING:
    from core.sandbox.spl import Script

_PLACE = "configuration"
_MOST_SINKS = 50
_UNNAMED = "__UNNAMED__"
Check = Callable[[str, str], None]
"""Raises ServiceError for a project or Logstore that there is not."""


@dataclass(frozen=True)
class Sink:
    """A Logstore that the result goes to."""

    project: str
    logstore: str


@dataclass(frozen=True)
class Transformation:
    """A data transformation.

    Attributes:
        begin: logs received from then on, epoch seconds; 0: all that there are.
        end: logs received before; 0: it goes on for ever.
    """

    logstore: str
    spl: str
    sinks: tuple[Sink, ...]
    begin: int
    end: int


def read_transformation(project: str, given: dict[str, Any], check: Check) -> Transformation:
    """Read and check a configuration. Raises ServiceError."""
    language = text_of(given, "lang", _PLACE, needed=False)
    if language.upper() != "SPL":
        raise unsupported(
            f"data transformation in {language or 'the older language'}; it plays lang SPL"
        )
    if given.get("parameters") not in (None, {}):
        raise unsupported("configuration.parameters")
    logstore = text_of(given, "logstore", _PLACE)
    check(project, logstore)
    _check_access(given, _PLACE)
    begin, end = seconds_of(given, "fromTime", _PLACE), seconds_of(given, "toTime", _PLACE)
    if end and end <= begin:
        raise refused("configuration.toTime must be after fromTime, or 0")
    sinks = _sinks(given.get("sinks"), check)
    if Sink(project, logstore) in sinks:
        raise refused("the source Logstore cannot be a sink")
    spl = text_of(given, "script", _PLACE)
    compiled(spl)
    return Transformation(logstore, spl, sinks, begin, end)


def compiled(spl: str) -> Script:
    """The script, ready to run. Raises ServiceError with the place of what is wrong."""
    from core.sandbox.spl import Scene, SplError, parse

    try:
        return parse(spl, Scene.TRANSFORM)
    except SplError as error:
        raise refused(f"configuration.script: {error}") from None


def _sinks(given: Any, check: Check) -> tuple[Sink, ...]:
    if not isinstance(given, list) or not 0 < len(given) <= _MOST_SINKS:
        raise refused(f"configuration.sinks must be a list of 1 to {_MOST_SINKS}")
    sinks: list[Sink] = []
    names: set[str] = set()
    for number, each in enumerate(given):
        place = f"configuration.sinks[{number}]"
        each = an_object(each, place)
        name = text_of(each, "name", place)
        if name in names:
            raise refused(f"{place}.name {name!r} comes twice")
        names.add(name)
        if each.get("datasets") not in (None, [], [_UNNAMED]):
            raise unsupported(f"{place}.datasets other than {_UNNAMED}")
        sink = Sink(text_of(each, "project", place), text_of(each, "logstore", place))
        check(sink.project, sink.logstore)
        _check_access(each, place)
        sinks.append(sink)
    return tuple(sinks)


def _check_access(given: dict[str, Any], place: str) -> None:
    """A role, or both parts of an AccessKey; the emulator believes any."""
    role, key_id, secret = (
        text_of(given, name, place, needed=False)
        for name in ("roleArn", "accessKeyId", "accessKeySecret")
    )
    if not role and not (key_id and secret):
        raise refused(f"{place}.roleArn is required (or accessKeyId and accessKeySecret)")
    if role and not role.startswith("acs:ram::"):
        raise refused(f"{place}.roleArn {role!r} is not the ARN of a RAM role")
