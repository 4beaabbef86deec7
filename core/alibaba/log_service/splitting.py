"""The SPL script that makes single records of whole messages, as a data transformation job.

Azure puts its records into the array ``records`` of a message. Log Service's import stores one log
a message: with the field ``records`` of a JSON message, or the whole text as ``content``, which
is also what becomes of a message that is an array itself. Each
element becomes a log whose fields are the record's own, as the engine stores it (docs/record.md),
with ``event_service`` by the category and ``event_time``; ``event_uid`` is the engine's alone.
A message that is a single record stays what it is, an element that is no object is kept in
``event_raw``. Instructions and functions: Alibaba Cloud, "SPL instructions", "SPL functions";
``expand-values`` is given no ``-limit``, whose default is not known (assumption SLS-46).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from typing import Any

_BATCH, _RECORD = "isthmus_batch", "isthmus_record"
_TIMES = {
    "signinlogs": ("properties", "createdDateTime"),
    "auditlogs": ("properties", "activityDateTime"),
    "riskdetection": ("properties", "activityDateTime"),
    "graphactivity": ("properties", "timeGenerated"),
}
"""Where an event's own time stands, if not in ``time`` (``resources/event_time.toml``)."""


def splitting_spl() -> str:
    """The script; below 10 KB and 16 stages, the limits of a data transformation."""
    return "\n| ".join(
        [
            "*",
            f"extend {_BATCH} = coalesce({_array('records')}, {_inside('content')}, "
            f"{_whole('content')}, '[{{}}]'), "
            f"content = case when coalesce({_inside('content')}, {_whole('content')}) is null "
            "then content end",
            "project-away records",
            f"expand-values -path='$' {_BATCH} as {_RECORD}",
            f"parse-json {_RECORD}",
            f"extend event_service = {_service()}, event_raw = case when "
            f"trim({_RECORD}) not like '{{%' then {_RECORD} else event_raw end",
            f"extend event_time = coalesce({_time()}, time)",
            f"project-away {_BATCH}, {_RECORD}",
        ]
    )


def _array(field: str) -> str:
    """The array in ``field``; a single object counts as an array of one."""
    return (
        f"case when trim({field}) like '[%' then {field} "
        f"when trim({field}) like '{{%' then concat('[', {field}, ']') end"
    )


def _inside(field: str) -> str:
    return f"json_format(json_extract({field}, '$.records'))"


def _whole(field: str) -> str:
    """The text in ``field`` where all of it is an array in JSON."""
    return f"case when trim({field}) like '[%' then json_format(json_extract({field}, '$')) end"


def _service() -> str:
    """By the table ``resources/services.toml``, as far as it goes by the category."""
    text = resources.files("resources").joinpath("services.toml").read_text("utf-8")
    return f"case {' '.join(_cases(tomllib.loads(text)))} else 'other' end"


def _cases(table: dict[str, Any]) -> Iterator[str]:
    for service, names in table["categories"].items():
        listed = ", ".join(_quoted(name) for name in names)
        yield f"when lower(category) in ({listed}) then '{service}'"
    for service, starts in table["category_prefixes"].items():
        for start in starts:
            yield f"when lower(category) like '{start.lower()}%' then '{service}'"
    for entry in table["shared"]:
        listed = ", ".join(_quoted(name) for name in entry["categories"])
        for choice in entry["choices"]:
            held = " and ".join([f"lower(category) in ({listed})", *_conditions(choice)])
            yield f"when {held} then '{choice['service']}'"


def _conditions(choice: dict[str, Any]) -> Iterable[str]:
    if "provider" in choice:
        yield f"concat(lower(resourceId), '/') like '%/providers/{choice['provider']}/%'"
    if choice.get("subscription"):
        yield "lower(resourceId) like '/subscriptions/%'"
    for field in choice.get("fields", ()):
        outer, _, inner = field.partition(".")
        path = f"json_extract({outer}, '$.{inner}')" if inner else outer
        yield f"{path} is not null"


def _time() -> str:
    whens = " ".join(
        f"when '{service}' then json_extract_scalar({field}, '$.{name}')"
        for service, (field, name) in _TIMES.items()
    )
    return f"case event_service {whens} end"


def _quoted(name: str) -> str:
    return f"'{name.lower()}'"
