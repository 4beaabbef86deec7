"""docs/filters.md: every example in its tables is a filter, and finds what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.records.filters import parse

PAGE = (Path(__file__).parents[3] / "docs" / "filters.md").read_text("utf-8")
ROWS = [
    tuple(cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1])
    for line in PAGE.splitlines()
    if line.startswith("| `")
]


def test_the_page_has_examples():
    assert len(ROWS) > 25


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_example_is_a_filter(row):
    query = row[0].removeprefix("`").removesuffix("`")
    assert parse(parse(query).text) == parse(query)
