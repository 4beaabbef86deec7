"""docs/record.md names everything that a stored log or a dead letter can say."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from core.records.envelope import (
    CAUSES,
    ENVELOPE_FIELDS,
    RECORD_NOT_AN_OBJECT,
    RECORDS_NOT_AN_ARRAY,
)
from core.records.event_time import NO_TIME
from core.records.repairs import DUPLICATE_KEYS, REPAIRS
from core.records.service import SERVICES
from core.records.stored import OWN_FIELDS
from core.records.time_text import ZONE_ASSUMED

PAGE = (Path(__file__).parents[3] / "docs" / "record.md").read_text("utf-8")


@pytest.mark.parametrize(
    "name",
    [
        *CAUSES,
        *SERVICES,
        *OWN_FIELDS,
        *REPAIRS,
        ENVELOPE_FIELDS,
        RECORDS_NOT_AN_ARRAY,
        RECORD_NOT_AN_OBJECT,
        DUPLICATE_KEYS,
        NO_TIME,
        ZONE_ASSUMED,
    ],
)
def test_name_has_a_row_in_a_table(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_every_place_of_a_time_is_named() -> None:
    table = tomllib.loads(resources.files("resources").joinpath("event_time.toml").read_text())
    for paths in table["first"].values():
        assert f"`{paths[0]}`" in PAGE
    for path in table["any"]["paths"]:
        assert f"`{path}`" in PAGE


def test_every_category_that_decides_alone_is_named() -> None:
    table = tomllib.loads(resources.files("resources").joinpath("services.toml").read_text())
    for service, categories in table["categories"].items():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{service}` | "))
        for category in categories:
            assert category in row or category.startswith("csi-")
