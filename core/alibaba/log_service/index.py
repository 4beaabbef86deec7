"""Indexes of Logstores: what is searched and what SQL can use.

Sources: Alibaba Cloud, SLS "CreateIndex" and "Data types of indexes". Field names are compared
without case there, so one of ``level`` and ``Level`` is indexed, and the full-text line finds both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.alibaba.log_service.caller import Caller
from core.alibaba.log_service.failure import LogServiceError

DELIMITERS = list(", '\";=()[]{}?@&<>/:\n\t\r")
"""What parts the words of a text: the console's own choice."""
OWN_FIELDS = ("event_uid", "event_service", "event_time", "event_flags", "event_raw")
"""Fields that the engine adds to every record (docs/record.md)."""
AZURE_FIELDS = (
    *("time", "category", "operationName", "operationVersion", "resourceId", "resultType"),
    *("resultSignature", "resultDescription", "callerIpAddress", "correlationId", "identity"),
    *("tenantId", "durationMs", "level", "location", "claims", "authorization", "properties"),
)
"""Top-level fields that Azure's services share (Azure Monitor: "Resource log common schema")."""
MESSAGE_FIELDS = ("records", "content")
"""Where the managed import puts a whole message."""
_LONGEST_TEXT = 16_384
_SEEN_ONLY = ("lastModifyTime", "index_mode", "storage", "ttl")
"""Parts of an answer that a request does not take."""


@dataclass(frozen=True)
class Index:
    """An index.

    Attributes:
        fields: names of the fields that it knows, in their order.
        full_text: whether every word of a log can be searched.
        text: the whole of it as Log Service's JSON, which keeps what is not named here.
    """

    fields: tuple[str, ...]
    full_text: bool
    text: str = field(repr=False, compare=False)

    @classmethod
    def told(cls, document: dict[str, Any]) -> Index:
        """Of an answer's JSON."""
        kept = {name: value for name, value in document.items() if name not in _SEEN_ONLY}
        fields = tuple(kept.get("keys") or {})
        return cls(fields, kept.get("line") is not None, json.dumps(kept))

    @property
    def document(self) -> dict[str, Any]:
        """As Log Service's JSON."""
        document: dict[str, Any] = json.loads(self.text)
        return document

    def lacks(self, wanted: Index) -> tuple[str, ...]:
        """Fields of ``wanted`` that are not in here, by name without regard to case."""
        known = {name.lower() for name in self.fields}
        return tuple(name for name in wanted.fields if name.lower() not in known)

    def extended(self, wanted: Index) -> Index:
        """This one with what it lacks of ``wanted``; nothing that is there is changed."""
        document, more = self.document, wanted.document
        document["keys"] = (document.get("keys") or {}) | {
            name: more["keys"][name] for name in self.lacks(wanted)
        }
        if document.get("line") is None and more.get("line") is not None:
            document["line"] = more["line"]
        document.setdefault("max_text_len", more.get("max_text_len", _LONGEST_TEXT))
        return Index.told(document)


def index_for_records(more: Iterable[str] = ()) -> Index:
    """The index of single records: our fields, Azure's common ones and ``more``, and all words."""
    return _index((*OWN_FIELDS, *AZURE_FIELDS, *more))


def index_for_messages() -> Index:
    """The index of whole messages, as the managed import stores them."""
    return _index((*MESSAGE_FIELDS, *AZURE_FIELDS))


async def find_index(caller: Caller, project: str, logstore: str) -> Index | None:
    """The Logstore's index; None: it has none, or there is no such Logstore."""
    place = caller.place(
        f"look for the index of {logstore}", "GetIndex", project=project, logstore=logstore
    )
    return await caller.find(
        place,
        lambda client: Index.told(client.get_index_config(project, logstore).get_body()),
        *("IndexConfigNotExist", "LogStoreNotExist", "ProjectNotExist"),
    )


async def create_index(caller: Caller, project: str, logstore: str, wish: Index) -> Index:
    """Make it; one that is there already is returned as it is. Searches work a minute later."""
    place = caller.place(
        f"create the index of {logstore}", "CreateIndex", project=project, logstore=logstore
    )
    try:
        await caller.try_(lambda client: client.create_index(project, logstore, _Detail(wish)))
    except LogServiceError as error:
        if not error.is_one_of("IndexAlreadyExist"):
            raise place.error(error) from None
    return await find_index(caller, project, logstore) or wish


async def update_index(caller: Caller, project: str, logstore: str, wish: Index) -> Index:
    """Put ``wish`` in place of the index that is there; logs stored before are not indexed anew."""
    place = caller.place(
        f"change the index of {logstore}", "UpdateIndex", project=project, logstore=logstore
    )
    await caller.ask(place, lambda client: client.update_index(project, logstore, _Detail(wish)))
    return wish


async def delete_index(caller: Caller, project: str, logstore: str) -> None:
    """Delete it; none there is no error."""
    place = caller.place(
        f"delete the index of {logstore}", "DeleteIndex", project=project, logstore=logstore
    )
    await caller.find(
        place,
        lambda client: client.delete_index(project, logstore),
        *("IndexConfigNotExist", "LogStoreNotExist", "ProjectNotExist"),
    )


class _Detail:
    """The SDK's ``IndexConfig`` knows some keys only; this gives it all of an index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def to_json(self) -> dict[str, Any]:
        return self._index.document


def _index(names: tuple[str, ...]) -> Index:
    keys: dict[str, Any] = {}
    for name in names:
        if name.lower() not in {known.lower() for known in keys}:
            keys[name] = {
                "type": "text",
                "token": DELIMITERS,
                "caseSensitive": False,
                "doc_value": True,
                "chn": False,
            }
    line = {"token": DELIMITERS, "caseSensitive": False, "chn": False}
    return Index.told({"line": line, "keys": keys, "max_text_len": _LONGEST_TEXT})
