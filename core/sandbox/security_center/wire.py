"""What a request carries, and what an answer is made of.

Parameters come in the query and in a form body; lists are flattened (``Stores.1.Name=...``), or one
JSON or comma-separated text. (Alibaba Cloud, "RPC mechanism"; the SDK's ``Utils.query`` and
``array_to_string_with_specified_style``.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

_MAX_PAIRS = 5_000
_MAX_DEPTH = 8
_INDEX = re.compile(r"[0-9]{1,4}", re.ASCII)
_TRUE, _FALSE = ("true", "True", "1"), ("false", "False", "0")


class ApiError(Exception):
    """A request is refused: HTTP status, the error's Code and Message, further members."""

    def __init__(
        self, status: int, code: str, message: str, more: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.more = dict(more or {})


def missing(name: str) -> ApiError:
    """A parameter that must be there is not."""
    return ApiError(400, f"Missing{name}", f"The specified {name} can not be empty.")


def invalid(name: str) -> ApiError:
    """A parameter says something that is not possible, or names nothing that there is."""
    return ApiError(400, f"Invalid{name}", f"The specified {name} is invalid.")


def form_pairs(body: bytes) -> list[tuple[str, str]]:
    """Names and values of a form body or a query. Raises ApiError."""
    try:
        return parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_PAIRS,
        )
    except ValueError:  # also UnicodeDecodeError
        raise ApiError(400, "InvalidParameter", "The request body is not a form.") from None


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Flattened parameters as lists and mappings: ``A.1.B=x`` is ``{"A": [{"B": "x"}]}``.

    A list is in the order of its indexes, which need not be without gaps. The last of two equal
    names counts. Raises ApiError for names that contradict each other.
    """
    tree: dict[str, Any] = {}
    for name, value in pairs:
        steps = name.split(".")
        if len(steps) > _MAX_DEPTH or not all(steps):
            raise invalid("Parameter")
        at = tree
        for step in steps[:-1]:
            at = at.setdefault(step, {})
            if not isinstance(at, dict):
                raise invalid("Parameter")
        if isinstance(at.get(steps[-1]), dict):
            raise invalid("Parameter")
        at[steps[-1]] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if not all(_INDEX.fullmatch(name) for name in value):
        return {name: _lists(item) for name, item in value.items()}
    return [_lists(value[name]) for name in sorted(value, key=int)]


@dataclass(frozen=True)
class Call:
    """A request that is authentic.

    Attributes:
        token: whether it was signed with temporary credentials.
    """

    version: str
    action: str
    parameters: Mapping[str, Any]
    token: bool = False

    def has(self, name: str) -> bool:
        """Whether the parameter is there; an empty one is not."""
        return self.parameters.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """A text. Raises ApiError for a list."""
        value = self.parameters.get(name)
        if value is None or value == "":
            return default
        if not isinstance(value, str):
            raise invalid(name)
        return value

    def needed(self, name: str, longest: int = 256) -> str:
        """A text that must be there. Raises ApiError."""
        value = self.text(name)
        if not value.strip():
            raise missing(name)
        if len(value) > longest:
            raise invalid(name)
        return value

    def choice(self, name: str, choices: Iterable[str], default: str = "") -> str:
        """One of ``choices``. Raises ApiError."""
        value = self.text(name, default)
        if value != default and value not in choices:
            raise invalid(name)
        return value

    def number(self, name: str, default: int, low: int = 0, high: int = 2**63 - 1) -> int:
        """A whole number. Raises ApiError."""
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch(r"-?[0-9]{1,19}", value, re.ASCII) or not low <= int(value) <= high:
            raise invalid(name)
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """Yes or no. Raises ApiError."""
        value = self.text(name)
        if value and value not in (*_TRUE, *_FALSE):
            raise invalid(name)
        return value in _TRUE if value else default

    def strings(self, name: str) -> list[str]:
        """A list of texts: flattened, as JSON, or separated by commas. Raises ApiError."""
        value = self.parameters.get(name)
        if isinstance(value, str) and not value.startswith("["):
            return [item.strip() for item in value.split(",") if item.strip()]
        items = self._list(name, value)
        if not all(isinstance(item, str | int) for item in items):
            raise invalid(name)
        return [str(item) for item in items]

    def objects(self, name: str) -> list[Mapping[str, Any]]:
        """A list of mappings: flattened or as JSON. Raises ApiError."""
        items = self._list(name, self.parameters.get(name))
        if not all(isinstance(item, dict) for item in items):
            raise invalid(name)
        return items

    def _list(self, name: str, value: Any) -> list[Any]:
        if isinstance(value, str) and value:
            value = _json(name, value)
        if value in (None, ""):
            return []
        if not isinstance(value, list):
            raise invalid(name)
        return value


def json_parameter(call: Call, name: str) -> Any:
    """What a parameter holds as JSON text; None if it is not there. Raises ApiError."""
    text = call.text(name)
    return _json(name, text) if text else None


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise invalid(name) from None


def is_utf8(text: str) -> bool:
    """Whether ``text`` can be kept: JSON may hold half a surrogate pair, UTF-8 may not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class Answer:
    """What is sent back; the RequestId comes to it."""

    body: dict[str, Any] = field(default_factory=dict)


def page(
    call: Call, name: str, items: list[Any], *, size: int = 50, biggest: int = 1000
) -> dict[str, Any]:
    """One page of ``items`` as the member ``name``.

    ``NextToken`` and ``MaxResults`` if the caller uses one of them, else ``PageNumber`` and
    ``PageSize``; all four kinds of counts are answered. Raises ApiError.
    """
    if call.has("NextToken") or call.has("MaxResults"):
        wanted = call.number("MaxResults", size, 1, 100)
        begin = call.number("NextToken", 0, 0)
        told: dict[str, Any] = {"MaxResults": wanted}
        if begin + wanted < len(items):
            told["NextToken"] = str(begin + wanted)
    else:
        wanted = call.number("PageSize", size, 1, biggest)
        number = call.number("PageNumber", 1, 1)
        begin = (number - 1) * wanted
        told = {"PageNumber": number, "PageSize": wanted, "TotalPage": -(-len(items) // wanted)}
    return {name: items[begin : begin + wanted], "TotalCount": len(items), **told}
