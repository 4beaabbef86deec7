"""Secrets that were pasted where none belongs: found in any text of a draft, by their shape.

A draft has no field for a secret, so whatever is shaped like one is refused when it is entered
(``Flow.edit``), redacted in what a job found, and left out when a draft is saved. A secret is:

- what this process knows as one (``core.secrets.redaction``);
- ``Name=value`` (connection strings, SAS tokens): no field of a draft takes a ``=``;
- a PEM block, a token (JWT, Bearer), a password in a URL, a secret of an Entra application;
- a key in base64 (Event Hubs, storage accounts) or a long one in hexadecimal digits;
- a whole file: more than 4,096 characters;
- a run of 28 or more letters and digits as mixed as chance makes it, such as the secret of an
  AccessKey. That is a guess: of random runs of 30 it misses fewer than one in a hundred, and a
  name of that length without a separator may be taken for one.

Sources: "Azure: get an Event Hubs connection string"; "Microsoft Entra: client secrets" (three
characters, a digit, ``Q~``, 31 to 34 more).
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import unicodedata
import urllib.parse
from collections.abc import Iterator
from typing import Any

from core.errors import Code, problem_error
from core.onboarding.draft import Draft, Value, Verified
from core.secrets import SecretRef
from core.secrets.redaction import REDACTED, redact_text

_SHAPES = (
    re.compile(r"[A-Za-z_]{3}\s*=\s*[^\s=]{6}"),
    re.compile(r"-----BEGIN"),
    re.compile(r"\beyJ[\w-]{10,}\.[\w-]+"),
    re.compile(r"(?i)\bBearer\s+\S{16,}"),
    re.compile(r"://[^/@\s]*:[^@\s]+@"),
    re.compile(r"[\w~.-]{3}[0-9]Q~[\w~.-]{20}"),
    re.compile(r"[A-Za-z0-9+/_-]{20}={1,2}(?![A-Za-z0-9=])"),
    re.compile(r"RW5kcG9pbnQ9"),  # "Endpoint=" in base64
    re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{48,}(?![0-9A-Fa-f])"),
)
_LONGEST = 4096
"""Characters; what is longer is no name, but a file with who knows what in it."""

_RUN = re.compile(r"[A-Za-z0-9+/]{28,}")
_PATH = re.compile(r"file:|\.{0,2}/|[A-Za-z]:\\")
_MIXED = 0.35
"""Share of neighbours of unlike kind; random base62 has 0.62, words in CamelCase about 0.3."""


def looks_like_secret(text: str) -> bool:
    """Whether ``text`` is, or has in it, something shaped like a secret."""
    if len(text) > _LONGEST:
        return True
    plain = text
    if not text.isascii():  # wide letters, and signs that cannot be seen
        plain = unicodedata.normalize("NFKC", text)
        plain = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    joined = re.sub(r"\s+", "", plain)  # a key that was wrapped over two lines
    forms = {plain, joined, urllib.parse.unquote(plain), urllib.parse.unquote(joined)}
    return any(_is_shaped(form) for form in forms)


def _is_shaped(text: str) -> bool:
    if redact_text(text) != text or any(shape.search(text) for shape in _SHAPES):
        return True
    # In a path the slashes separate names; elsewhere they belong to base64.
    names = text.split("/") if _PATH.match(text) else [text]
    return any(_is_mixed(run) for name in names for run in _RUN.findall(name))


def _is_mixed(run: str) -> bool:
    kinds = [_kind(character) for character in run]
    if not {"digit", "upper", "lower"} <= set(kinds):
        return False
    changes = sum(one != other for one, other in itertools.pairwise(kinds))
    return changes >= _MIXED * (len(run) - 1)


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isupper():
        return "upper"
    return "lower" if character.islower() else "sign"


def refuse_secrets(draft: Draft, held: Draft | None = None) -> None:
    """Raise ProblemError (secret_in_text) if any text of ``draft`` looks like a secret.

    Texts that ``held`` has were looked at before; with thousands of resources that saves time.
    """
    before = {text for _, text in texts_of(held)}
    for place, text in texts_of(draft):
        if text not in before and looks_like_secret(text):
            raise problem_error(Code.SECRET_IN_TEXT, place)
        before.add(text)


def texts_of(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Each text in ``value`` with its dotted place, references to secrets included."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, SecretRef):
        yield place, str(value)
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from texts_of(each, f"{place}.{number}")
    elif dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            inner = f"{place}.{each.name}" if place else each.name
            yield from texts_of(getattr(value, each.name), inner)


def without_secrets(draft: Draft) -> Draft:
    """``draft`` as it may be saved.

    A typed text that looks like a secret is empty, a reference is gone; a result is redacted.
    """
    cleaned: Draft = _clean(draft, _secrets_in(draft), "")
    return cleaned


def redact_result(result: Verified[Value]) -> Verified[Value]:
    """``result`` with texts that look like secrets redacted."""
    cleaned: Verified[Value] = _clean(result, _secrets_in(result), "")
    return cleaned


def _secrets_in(value: object) -> set[str]:
    """Its texts that look like secrets, each looked at once."""
    return {text for text in {text for _, text in texts_of(value)} if looks_like_secret(text)}


def _clean(value: Any, secrets: set[str], instead: str) -> Any:
    """``value`` with ``instead`` for each of ``secrets``, and without halves of characters."""
    if isinstance(value, str):
        return instead if value in secrets else value.encode("utf-8", "ignore").decode("utf-8")
    if isinstance(value, SecretRef):
        return value if str(value) not in secrets and _can_be_read_again(value) else None
    if isinstance(value, tuple):
        kept = [each for each in value if instead or not _is_one_of(each, secrets)]
        return tuple(_clean(each, secrets, instead) for each in kept)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = REDACTED if isinstance(value, Verified) else instead
        fields = [(each.name, getattr(value, each.name)) for each in dataclasses.fields(value)]
        clean = {name: _clean(each, secrets, inside) for name, each in fields}
        return dataclasses.replace(value, **clean)
    return value


def _is_one_of(value: object, secrets: set[str]) -> bool:
    return isinstance(value, str) and value in secrets


def _can_be_read_again(ref: SecretRef) -> bool:
    text = str(ref)
    try:
        text.encode("utf-8")
        return SecretRef.parse(text) == ref
    except ValueError:
        return False
