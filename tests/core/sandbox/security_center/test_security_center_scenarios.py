"""Each scenario measured with the SDK: what a client sees is what docs/scenarios.md says."""

from __future__ import annotations

from pathlib import Path

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from helpers.waiting import eventually

from core.sandbox.scenarios import SCENARIOS

from .conftest import SPL, new_name

pytestmark = pytest.mark.slow

PREFIX = "security_center."
NAMES = sorted(name.removeprefix(PREFIX) for name in SCENARIOS if name.startswith(PREFIX))
DOCS = Path(__file__).parents[4] / "docs"
HEADINGS = ["scenario", "what it plays", "what a client sees", "source"]


def documented():
    """The rows of the table, by the scenario's name."""
    page = (DOCS / "scenarios.md").read_text("utf-8")
    section = page.partition("\n## Security Center\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in section.splitlines()
        if line.startswith("| ")
    ]
    assert rows[0] == HEADINGS
    return {row[0].strip("`").removeprefix(PREFIX): row for row in rows[1:]}


def probes(center, source):
    """Name of a probe -> what tells its outcome."""
    validation = {
        "normalization_schema_id": center.schema()["NormalizationSchemaId"],
        "normalization_rule_expression": SPL,
        "log_sample": "{}",
    }
    return {
        "GetUserConfig": lambda: center.ask("GetUserConfig") and "ok",
        "DescribeAuth": lambda: str(center.generic("2022-06-16", "DescribeAuth")["Data"]).lower(),
        "ListLogProjects": lambda: center.ask("ListLogProjects") and "ok",
        "CreateVendor": lambda: center.ask("CreateVendor", vendor_name=new_name("V")) and "ok",
        "ValidateNormalizationRule": lambda: (
            center.ask("ValidateNormalizationRule", **validation) and "ok"
        ),
        "a data source": lambda: _status(center, source),
    }


def _status(center, source):
    (told,) = center.ask("ListDataSources", data_source_ids=[source])["DataSources"]
    return "" if told["DataSourceStatus"] != "abnormal" else "abnormal"


def outcomes(asked):
    found = {}
    for name, ask in asked.items():
        try:
            found[name] = ask()
        except AlibabaCloudException as error:
            found[name] = f"{error.status_code} {error.code}"
    return found


def as_cell(usual, seen):
    """What differs from the usual, grouped by outcome."""
    groups = {}
    for name, outcome in seen.items():
        if outcome != usual[name]:
            groups.setdefault(outcome, []).append(name)
    return "; ".join(f"{', '.join(names)}: {outcome}" for outcome, names in groups.items())


def test_every_scenario_is_documented():
    rows = documented()
    assert sorted(rows) == NAMES
    for name, row in rows.items():
        assert row[1] == SCENARIOS[PREFIX + name]
        assert row[3]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_client_sees(center, name):
    asked = probes(center, center.source())
    usual = outcomes(asked)
    with center.playing(name):
        seen = outcomes(asked)
    assert as_cell(usual, seen) == documented()[name][2]
    eventually(lambda: outcomes(asked) == usual)
