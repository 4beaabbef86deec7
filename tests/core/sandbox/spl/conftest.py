"""Running a script over rows in one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.sandbox.spl import Scene, parse

Rows = list[dict[str, Any]]


@pytest.fixture(scope="session")
def spl() -> Callable[..., Rows]:
    """``spl(script, row, ..., scene=...)`` gives the rows that come out."""

    def run(script: str, *rows: dict[str, Any], scene: Scene = Scene.TRANSFORM) -> Rows:
        return list(parse(script, scene).run(rows).rows)

    return run
