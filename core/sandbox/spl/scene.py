"""Where a script runs, and what each place allows.

Sources: "SPL syntax" (levels and sizes), "SPL instructions and functions" (the matrix of
instructions), "Comparison of processing plug-ins", "Write processor" (4,000 characters), and
"Add a product to Agentic SOC 2.0" (what scan mode bars). The crosses of ``pack-fields`` are read
as ingest processor and collector; the two modes of Security Center are read as consumer and scan
query (assumption SLS-50).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scene(StrEnum):
    """A place where Log Service or Security Center runs SPL."""

    TRANSFORM = "data transformation"
    INGEST = "ingest processor"
    CONSUMER = "consumer processor"
    SCAN = "scan query"
    COLLECTOR = "collector"
    SIEM_REALTIME = "real-time standardised rule"
    SIEM_SCAN = "scan-mode standardised rule"


@dataclass(frozen=True)
class Limits:
    """How much of a script a scene takes."""

    levels: int
    size: int
    in_characters: bool = False
    any_case: bool = False

    def excess(self, text: str) -> str:
        """Why ``text`` is too long; empty when it is not."""
        size = len(text) if self.in_characters else len(text.encode(errors="replace"))
        unit = "characters" if self.in_characters else "bytes"
        return "" if size <= self.size else f"the script has {size} {unit}, {self.size} at most"


_KIB = 1024
LIMITS = {
    Scene.TRANSFORM: Limits(16, 10 * _KIB),
    Scene.INGEST: Limits(16, 4000, in_characters=True),
    Scene.CONSUMER: Limits(16, 10 * _KIB),
    Scene.SCAN: Limits(16, 64 * _KIB, any_case=True),
    Scene.COLLECTOR: Limits(16, 64 * _KIB),
    Scene.SIEM_REALTIME: Limits(16, 10 * _KIB),
    Scene.SIEM_SCAN: Limits(16, 64 * _KIB, any_case=True),
}

_EVERYWHERE = frozenset(Scene)
_SIEM_BARRED = frozenset({Scene.SIEM_SCAN})
_FULL_SET = frozenset({Scene.TRANSFORM, Scene.CONSUMER, Scene.SIEM_REALTIME})
_NAMED_DATA_SETS = frozenset({Scene.TRANSFORM, Scene.SCAN})
_QUERY = frozenset({Scene.SCAN})

INSTRUCTIONS = {
    "where": _EVERYWHERE,
    "extend": _EVERYWHERE,
    "project": _EVERYWHERE,
    "project-away": _EVERYWHERE,
    "project-rename": _EVERYWHERE,
    "parse-json": _EVERYWHERE - _SIEM_BARRED,
    "parse-regexp": _EVERYWHERE - _SIEM_BARRED,
    "parse-csv": _EVERYWHERE - _SIEM_BARRED,
    "parse-kv": _EVERYWHERE - _SIEM_BARRED,
    "expand-values": _FULL_SET,
    "pack-fields": _FULL_SET | {Scene.SCAN, Scene.SIEM_SCAN},
}
"""The instructions that run here, with the scenes that allow them."""

NOT_RUN_HERE = {
    ".let": _NAMED_DATA_SETS,
    "log-to-metric": frozenset({Scene.TRANSFORM}),
    "metric-to-metric": frozenset({Scene.TRANSFORM}),
    "stats": _QUERY,
    "sort": _QUERY,
    "limit": _QUERY,
}
"""Documented instructions that are outside the subset, with the scenes that would allow them."""

_REASONS = {
    Scene.INGEST: (
        "ingest processors support only instructions that handle a single row: one row in, none "
        "or one row out"
    ),
    Scene.COLLECTOR: (
        "collector plug-ins support only instructions that handle a single row: one row in, none "
        "or one row out"
    ),
    Scene.SIEM_SCAN: (
        "scan mode of an integration policy does not support parse-json, parse-kv, parse-regexp, "
        "parse-csv, expand-values and .let"
    ),
    Scene.SIEM_REALTIME: "real-time consumption does not support it",
    Scene.CONSUMER: "consumer processors do not support it",
    Scene.SCAN: "scan queries do not support it",
    Scene.TRANSFORM: "data transformation does not support it",
}


def refusal(word: str, scene: Scene) -> str:
    """Why ``scene`` does not take the instruction ``word``; empty when it does."""
    allowed = INSTRUCTIONS.get(word, NOT_RUN_HERE.get(word, frozenset()))
    if scene in allowed:
        return ""
    return f"{word} is not allowed in a {scene.value}: {_REASONS[scene]}"
