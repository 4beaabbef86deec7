"""What the operations of the API work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from core.sandbox.azure.access import Access
from core.sandbox.azure.directory import Directory
from core.sandbox.azure.event_hubs_door import EventHubs
from core.sandbox.azure.ids import group_id
from core.sandbox.azure.operations import Operations
from core.sandbox.azure.scenarios import ScenarioTable
from core.sandbox.azure.store import Document, Store
from core.sandbox.azure.wire import Answer, ArmError, Call

PAGE_SIZE = 100


@dataclass
class Service:
    """The emulator's parts.

    Attributes:
        endpoint: ``https://127.0.0.1:PORT``, without a slash at the end.
        page_size: items that a page of a list holds at most.
        other_keys: keys that listKeys makes up for a policy while wrong_key is on, by its id.
    """

    endpoint: str
    directory: Directory
    store: Store
    scenarios: ScenarioTable
    access: Access
    hubs: EventHubs
    operations: Operations
    page_size: int = PAGE_SIZE
    other_keys: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    def group(self, subscription: str, name: str, *, to_change: bool = False) -> Document:
        """A resource group; ArmError if there is none, or it is to change and is being deleted."""
        found = self.store.get(group_id(subscription, name))
        if found is None:
            raise ArmError(
                404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found."
            )
        if to_change and found["properties"]["provisioningState"] == "Deleting":
            raise ArmError(
                409,
                "ResourceGroupBeingDeleted",
                f"The resource group '{name}' is in deprovisioning state and cannot perform this "
                "operation.",
            )
        return found


def page(service: Service, call: Call, items: list[Any]) -> Answer:
    """One page of a list, and the link to the next.

    ``$skip`` and ``$top`` are the client's own choice; ``$skiptoken`` stands in our links only.
    """
    offset = _count(call, "$skiptoken") or _count(call, "$skip") or 0
    top = _count(call, "$top")
    size = service.page_size if top is None else min(top, service.page_size)
    body: dict[str, Any] = {"value": items[offset : offset + size]}
    left = len(items) - offset - size
    wanted = left if top is None else min(left, top - size)
    if wanted > 0:
        query = {key: value for key, value in call.query.items() if not key.startswith("$")}
        for kept in ("$filter", "$expand"):
            if call.parameter(kept):
                query[kept] = call.parameter(kept)
        query["$skiptoken"] = str(offset + size)
        if top is not None:
            query["$top"] = str(top - size)
        body["nextLink"] = f"{service.endpoint}{quote(call.path)}?{urlencode(query)}"
    return Answer(200, body)


def _count(call: Call, name: str) -> int | None:
    text = call.parameter(name)
    if not text:
        return None
    if not text.isdecimal():
        raise ArmError(400, "BadRequest", f"The value of '{name}' is not a number.")
    return int(text)
