"""Raw logs into standard ones: the rule's SPL, then what the service itself fills in (SC-25).

No row is lost without being counted: what the rule leaves out, and what fails and why.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.sandbox.security_center.model import Policy, Product, Rule, Schema

Row = dict[str, str]
"""A log as SPL sees it; ``__time__`` and ``__time_ns_part__`` are digits."""

_OUT_OF_RANGE = (-7 * 24 * 3600, 15 * 60)
_LONGEST_KEY = 128
_TIMES = frozenset({"__time__", "__time_ns_part__"})
_SPL = "the rule failed: "
_LONGEST_LOG = 1024 * 1024
_NOT_FIELDS = re.compile(
    r"__(time|time_ns_part|source|topic|raw|partition_time|extract_others)__|__tag__:.*"
)
_SETS_TIME = re.compile(r"""(?<![\w"'])["']?__time__["']?\s*=(?!=)""")


class Script(Protocol):
    """A parsed SPL script."""

    def run(self, rows: list[dict[str, Any]]) -> Any:
        """Its result: ``rows``, their places of origin in ``origins``, ``notices``."""


@dataclass(frozen=True)
class Log:
    """A log to be written; ``origin`` is the place of the raw row that it was made of."""

    time: int
    fields: tuple[tuple[str, str], ...]
    origin: int = 0

    @property
    def size(self) -> int:
        """Bytes on the wire, about."""
        return 16 + sum(len(k.encode()) + len(v.encode()) + 8 for k, v in self.fields)


@dataclass(frozen=True)
class Standard:
    """Whatever turns the logs of one policy into standard ones.

    Attributes:
        fixed: fields that the service sets, whatever the rule says.
        default: fields that the service sets where the rule does not.
        names: fields of the structure; others are the rule's extension fields.
        required: fields without which a log is refused.
        store_mode: what becomes of extension fields.
        sets_time: whether the rule sets ``__time__``.
    """

    script: Script
    fixed: tuple[tuple[str, str], ...]
    default: tuple[tuple[str, str], ...]
    names: frozenset[str]
    required: tuple[str, ...]
    store_mode: str
    sets_time: bool


@dataclass
class Outcome:
    """What became of some rows.

    Attributes:
        logs: standard logs.
        dropped: rows that the rule left out.
        failed: rows that could not be standardised.
        reasons: how often, by reason, of the failed ones.
        notices: what SPL has to say of how it ran.
    """

    logs: list[Log] = field(default_factory=list)
    dropped: int = 0
    failed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notices: set[str] = field(default_factory=set)

    def fail(self, reason: str) -> None:
        """Count one more failed row."""
        self.failed += 1
        self.reasons[reason] += 1


def standard_of(
    script: Script, policy: Policy, rule: Rule, schema: Schema, product: Product | None, user: str
) -> Standard:
    """What a policy's rule and structure say. ``user``: the account that owns the logs."""
    product_code = re.sub(r"[^a-z0-9]+", "_", product.name.lower()).strip("_") if product else ""
    return Standard(
        script,
        fixed=(("schema", schema.id), ("category", schema.category_id), ("user_id", user)),
        default=(("product_code", product_code), ("log_code", policy.source_id)),
        names=frozenset(each.name for each in schema.fields),
        required=tuple(each.name for each in schema.fields if each.required and not each.reserved),
        store_mode="pack" if rule.packed else rule.store_mode,
        sets_time=_SETS_TIME.search(rule.expression) is not None,
    )


def standardise(
    rows: Sequence[Row], identities: Sequence[str], standard: Standard, now: int
) -> Outcome:
    """Standard logs of ``rows``; ``identities`` tell the rows apart, now and after a restart.

    ``log_uuid`` is made of a row's identity: read again, a row gives the same one (SC-23). A
    log's time is ``now`` (epoch seconds) unless the rule sets it within Log Service's range.
    """
    outcome = Outcome()
    made = _run(standard.script, rows, outcome)
    per_row: Counter[int] = Counter()
    for origin, row in made:
        place = per_row[origin]
        per_row[origin] += 1
        fields, reason = _fields(row, standard, f"{identities[origin]}/{place}")
        if reason:
            outcome.fail(reason)
        else:
            outcome.logs.append(Log(_time(row, standard, now), fields, origin))
    failed_rows = sum(outcome.reasons[r] for r in outcome.reasons if r.startswith(_SPL))
    outcome.dropped = len(rows) - len(per_row) - failed_rows
    return outcome


def _run(script: Script, rows: Sequence[Row], outcome: Outcome) -> list[tuple[int, dict[str, Any]]]:
    """Rows of the result with the places of their origins; a row that fails takes none with it."""
    from core.sandbox.spl import SplRunError

    made: list[tuple[int, dict[str, Any]]] = []

    def attempt(first: int, end: int) -> None:
        part = [_typed(row) for row in rows[first:end]]
        try:
            result = script.run(part)
        except SplRunError as error:
            if end - first == 1:
                outcome.fail(f"{_SPL}{error}")
                return
            middle = (first + end) // 2
            attempt(first, middle)
            attempt(middle, end)
            return
        outcome.notices.update(result.notices)
        made.extend((first + o, row) for o, row in zip(result.origins, result.rows, strict=True))

    if rows:
        attempt(0, len(rows))
    return made


def _typed(row: Row) -> dict[str, Any]:
    """A row as SPL takes it: its times are numbers, all else is text."""
    return {name: int(value) if name in _TIMES else value for name, value in row.items()}


def _fields(
    row: dict[str, Any], standard: Standard, identity: str
) -> tuple[tuple[tuple[str, str], ...], str]:
    """The fields of a log, and why it is refused (empty: it is not)."""
    given = {
        name: str(value)
        for name, value in row.items()
        if value is not None and not _NOT_FIELDS.fullmatch(name)
    }
    fields = {name: value for name, value in given.items() if name in standard.names}
    others = {name: value for name, value in given.items() if name not in standard.names}
    if standard.store_mode == "flat":
        fields |= others
    elif standard.store_mode == "pack" and others:
        fields["extend_content"] = _packed(fields.get("extend_content", ""), others)
    for name, value in standard.default:
        if not fields.get(name):
            fields[name] = value
    fields |= dict(standard.fixed)
    fields["log_uuid"] = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest()
    for name in standard.required:
        if not fields.get(name):
            return (), f"the required field {name} is missing"
    for name in fields:
        if not 0 < len(name.encode()) <= _LONGEST_KEY:
            return (), "a field name is longer than 128 bytes"
    log = tuple(fields.items())
    if Log(0, log).size > _LONGEST_LOG:
        return (), "the log is larger than 1 MB"
    return log, ""


def _packed(content: str, others: dict[str, str]) -> str:
    """``extend_content`` with the extension fields in it; what it held already stays."""
    try:
        held = json.loads(content) if content else {}
        if isinstance(held, dict):
            return _json(others | held)
    except (ValueError, RecursionError):
        pass
    return _json(others | {"extend_content": content})


def _json(value: dict[str, Any]) -> str:
    """Compact JSON; half a surrogate pair, which its source could hold, becomes ``?``."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def _time(row: dict[str, Any], standard: Standard, now: int) -> int:
    if not standard.sets_time:
        return now
    try:
        told = int(row.get("__time__") or 0)
    except ValueError:
        return now
    oldest, newest = _OUT_OF_RANGE
    return told if told > 0 and oldest < told - now < newest else now
