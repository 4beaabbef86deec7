"""Which service a record belongs to, by the table ``services.toml``; its rules stand there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

SERVICES: Final = (
    "signinlogs",
    "auditlogs",
    "activitylogs",
    "riskdetection",
    "intune",
    "keyvault",
    "firewall",
    "graphactivity",
    "defender",
    "kubernetes",
    "other",
)
"""Every value of ``event_service``."""

OTHER: Final = "other"

_RESOURCE_ID: Final = ("resourceId", "ResourceId", "resourceid", "_ResourceId")
_SPELLINGS_KEPT: Final = 1024


@dataclass(frozen=True, slots=True)
class _Choice:
    """A service, and what a record must hold to belong to it.

    Attributes:
        service: one of ``SERVICES``.
        provider: part of the resource id that names the resource provider, in lower case; or empty.
        subscription: the resource must be one of a subscription.
        fields: names, each with the name inside it or an empty one, that must not be null.
    """

    service: str
    provider: str
    subscription: bool
    fields: tuple[tuple[str, str], ...]

    def holds(self, record: dict[str, Any]) -> bool:
        for outer, inner in self.fields:
            value = record.get(outer)
            if inner:
                value = value.get(inner) if type(value) is dict else None
            if value is None:
                return False
        if self.provider or self.subscription:
            resource = _resource_id(record)
            if self.subscription and not resource.startswith("/subscriptions/"):
                return False
            return self.provider in resource
        return True


@dataclass(frozen=True)
class _Names:
    """Names, and beginnings of names, that decide alone; in lower case."""

    exact: dict[str, str]
    prefixes: tuple[tuple[str, str], ...]

    def find(self, name: str) -> str | None:
        service = self.exact.get(name)
        if service is not None or not name:
            return service
        return next((owner for start, owner in self.prefixes if name.startswith(start)), None)


@dataclass(frozen=True)
class _Table:
    """``services.toml``, compiled."""

    categories: _Names
    types: _Names
    shared: dict[str, tuple[_Choice, ...]]
    signs: tuple[_Choice, ...]


def event_service(record: dict[str, Any]) -> str:
    """The service of a record, one of ``SERVICES``; for any JSON object."""
    category = record.get("category")
    if category is None:
        category = record.get("Category")
    route = _spellings.get(category) if type(category) is str else None
    if route is None:
        route = _route(category)
    if isinstance(route, str):
        return route
    for choice in route:
        if choice.holds(record):
            return choice.service
    table = record.get("Type") or record.get("type")
    service = _TABLE.types.find(_name(table)) if table else None
    if service is not None:
        return service
    for choice in _TABLE.signs:
        if choice.holds(record):
            return choice.service
    return OTHER


def _route(category: object) -> str | tuple[_Choice, ...]:
    """The service that a category stands for, or the choices to try; kept for its spelling."""
    name = _name(category)
    route = _TABLE.categories.find(name) or _TABLE.shared.get(name, ())
    if type(category) is str and len(_spellings) < _SPELLINGS_KEPT:
        _spellings[category] = route
    return route


def _name(value: object) -> str:
    """A category in lower case; the REST API writes an object that holds it."""
    if isinstance(value, dict):
        value = value.get("value")
    return value.strip().lower() if isinstance(value, str) else ""


def _resource_id(record: dict[str, Any]) -> str:
    """The resource id in lower case, ended with a slash."""
    for name in _RESOURCE_ID:
        value = record.get(name)
        if isinstance(value, str):
            return value.lower() + "/"
    return ""


def _choice(entry: dict[str, Any]) -> _Choice:
    return _Choice(
        service=_known(entry["service"]),
        provider=f"/providers/{entry['provider']}/" if "provider" in entry else "",
        subscription=entry.get("subscription", False),
        fields=tuple(map(_path, entry.get("fields", ()))),
    )


def _path(text: str) -> tuple[str, str]:
    outer, _, inner = text.partition(".")
    return outer, inner


def _names(exact: dict[str, list[str]], prefixes: dict[str, list[str]]) -> _Names:
    return _Names(dict(_pairs(exact)), tuple(_pairs(prefixes)))


def _pairs(by_service: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    for service, names in by_service.items():
        for name in names:
            yield name.lower(), _known(service)


def _known(service: str) -> str:
    if service not in SERVICES:
        raise ValueError(f"services.toml names an unknown service: {service}")
    return service


def _load() -> _Table:
    """Read the table. Raises ValueError when it names a service that does not exist."""
    table = tomllib.loads(resources.files("resources").joinpath("services.toml").read_text("utf-8"))
    return _Table(
        categories=_names(table["categories"], table["category_prefixes"]),
        types=_names(table["types"], table["type_prefixes"]),
        shared={
            name.lower(): tuple(map(_choice, entry["choices"]))
            for entry in table["shared"]
            for name in entry["categories"]
        },
        signs=tuple(map(_choice, table["signs"])),
    )


_TABLE: Final = _load()
_spellings: dict[str, str | tuple[_Choice, ...]] = {}
"""Category as records spell it -> its route. Full, it takes no more: hostile data can fill it."""
