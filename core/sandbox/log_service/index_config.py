"""What an index configuration says: which fields are searched, how their text becomes words.

The JSON form is the API's (Alibaba Cloud: SLS "CreateIndex", "Data types of indexes"); it is kept
as it came and read into the classes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.sandbox.log_service.wire import ServiceError

_KINDS = ("text", "long", "double", "json")
NUMBERS = ("long", "double")
"""Types whose fields are compared as numbers."""
_TEXT_LENGTH = 2048
_LONGEST_TEXT = 16384


@dataclass(frozen=True)
class Words:
    """How a text becomes words.

    Attributes:
        delimiters: single characters between words.
        case_sensitive: whether case matters.
        chinese: whether each Chinese character is a word of its own (assumption SLS-10).
    """

    delimiters: frozenset[str]
    case_sensitive: bool = False
    chinese: bool = False


RESERVED_WORDS = Words(frozenset(", '\";=()[]{}?@&<>/:\n\t\r"))
"""For ``__topic__``, ``__source__`` and tags, which every index covers (assumption SLS-11)."""


@dataclass(frozen=True)
class Key:
    """The index of one field, or of one place inside a JSON field.

    Attributes:
        kind: text, long, double or json.
        doc_value: whether SQL may use it.
        alias: its column name in SQL, empty for its own.
        inner: places inside a JSON field by dotted path.
        index_all: whether every text inside a JSON field is indexed.
        max_depth: how deep for ``index_all``, -1 without bound.
    """

    kind: str
    words: Words
    doc_value: bool = False
    alias: str = ""
    inner: Mapping[str, Key] = field(default_factory=dict)
    index_all: bool = False
    max_depth: int = -1


@dataclass(frozen=True)
class IndexConfig:
    """An index configuration.

    Attributes:
        line: the full-text index, None without one.
        included: the only fields that it covers, None for all.
        excluded: fields that it does not cover.
        keys: indexed fields by name.
        text_length: characters of a text that SQL sees (assumption SLS-12).
    """

    line: Words | None
    included: frozenset[str] | None
    excluded: frozenset[str]
    keys: Mapping[str, Key]
    text_length: int


def read_index(given: dict[str, Any]) -> IndexConfig:
    """Read the JSON form. Raises ServiceError IndexInfoInvalid."""
    line, keys = given.get("line"), given.get("keys")
    if line is None and keys is None:
        raise _invalid("an index needs line or keys")
    line = None if line is None else _object(line, "line")
    if given.get("all_keys") or (line or {}).get("auto_key_detect"):
        raise _invalid("outside the documented subset: keys that the service finds by itself")
    length = given.get("max_text_len", _TEXT_LENGTH)
    if isinstance(length, bool) or not isinstance(length, int) or not 0 < length <= _LONGEST_TEXT:
        raise _invalid(f"max_text_len must be 1 to {_LONGEST_TEXT}")
    included = _names(line, "include_keys")
    return IndexConfig(
        line=None if line is None else _words(line, "line"),
        included=None if not included else frozenset(included),
        excluded=frozenset(_names(line, "exclude_keys")),
        keys={
            name: _key(name, each)
            for name, each in _object({} if keys is None else keys, "keys").items()
        },
        text_length=length,
    )


def _key(name: str, given: Any) -> Key:
    given = _object(given, name)
    kind = given.get("type", "text")
    if kind not in _KINDS:
        raise _invalid(f"type {kind} of {name} is not one of {', '.join(_KINDS)}")
    words = _words(given, name)
    inner = _object(given.get("json_keys") or {}, f"json_keys of {name}")
    if inner and kind != "json":
        raise _invalid(f"{name} has json_keys and is not of type json")
    return Key(
        kind=kind,
        words=words,
        doc_value=bool(given.get("doc_value", False)),
        alias=str(given.get("alias") or ""),
        inner={path: _inner(name, path, each, words) for path, each in inner.items()},
        index_all=bool(given.get("index_all", False)),
        max_depth=_depth(given.get("max_depth", -1)),
    )


def _inner(name: str, path: str, given: Any, words: Words) -> Key:
    given = _object(given, f"{name}.{path}")
    kind = given.get("type", "text")
    if kind not in _KINDS[:3]:
        raise _invalid(f"type {kind} of {name}.{path} is not text, long or double")
    alias = str(given.get("alias") or "")
    return Key(kind, words, bool(given.get("doc_value", False)), alias)


def _words(given: dict[str, Any], name: str) -> Words:
    tokens = given.get("token") or []
    if not isinstance(tokens, list) or not all(isinstance(t, str) and len(t) == 1 for t in tokens):
        raise _invalid(f"token of {name} must be a list of single characters")
    sensitive, chinese = given.get("caseSensitive", False), given.get("chn", False)
    return Words(frozenset(tokens), bool(sensitive), bool(chinese))


def _names(line: dict[str, Any] | None, which: str) -> list[str]:
    names = (line or {}).get(which) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _invalid(f"{which} must be a list of names")
    return names


def _depth(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < -1:
        raise _invalid(f"max_depth {given} is invalid")
    return given


def _object(given: Any, name: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _invalid(f"{name} must be a JSON object")
    return given


def _invalid(message: str) -> ServiceError:
    return ServiceError("IndexInfoInvalid", message)
