"""Estimates of the Alibaba half: three cases worked by hand in docs/costs.md, line by line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.alibaba.prices import Usage, estimate, subscription
from core.azure import prices as azure
from core.azure.namespaces import NamespaceWish
from core.costs import CostLine, sums
from core.errors import Code, ProblemError
from core.onboarding.costs import whole_cost
from core.profile import Profile, parse_profile

DOC = Path(__file__).parents[3] / "docs" / "costs.md"
UNITS = {1: 1, 2: 2, 3: 10}
USAGES = {
    1: Usage(10, 1800),
    2: Usage(200, 1800, route="managed", split="transformation"),
    3: Usage(5000, 1800, data_source_type="dedicated"),
}


def by_hand(case: int) -> list[tuple[str, str, str]]:
    """What, low and high of each line of the documented table."""
    text = DOC.read_text("utf-8")
    table = re.search(
        rf"\| case {case} \| low \| high \|\n\|---\|---:\|---:\|\n((?:\|.*\n)+)", text
    )
    assert table is not None
    rows = [line.strip("|\n ").split(" | ") for line in table.group(1).splitlines()]
    return [(what.strip(), low.strip(), high.strip()) for what, low, high in rows]


def amount(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.2f}"


@pytest.mark.parametrize("case", [1, 2, 3])
def test_every_line_is_as_worked_by_hand(case, tmp_path):
    usage = USAGES[case]
    wish = NamespaceWish("contoso", "rg", "eastasia", units=UNITS[case])
    lines = [
        *azure.estimate(wish, usage.records_per_s, usage.mean_bytes, folder=tmp_path),
        *estimate(usage, tmp_path),
        subscription(usage, tmp_path),
    ]
    wanted = by_hand(case)
    assert len(lines) == len(wanted)
    for line, (what, low, high) in zip(lines, wanted, strict=True):
        assert line.what.startswith(what)
        assert (amount(line.low), amount(line.high)) == (low, high), line.what
        assert (line.low is None) or line.as_of


def test_the_published_example(tmp_path):
    """SLS, billing overview: 18.6 GB a day, 3 days, 5:1, 2 shards: 2.17 USD a day."""
    bytes_a_day = 18.6 * 1024**3
    usage = Usage(1.0, bytes_a_day / 86_400, route="both", analysed=False, ttl_days=3)
    lines = {each.what: each for each in estimate(usage, tmp_path)}
    whole = "Logstore of whole messages"
    assert lines[f"{whole}: traffic"].high == pytest.approx(18.6 / 5 * 0.045 * 730 / 24)
    day = 24 / 730
    a_day = sum(lines[f"{whole}: {kind}"].high * day for kind in ("index", "storage", "shards"))
    read_and_written = 2 * lines[f"{whole}: traffic"].high * day
    assert a_day + read_and_written == pytest.approx(2.17, abs=0.006)


def test_the_least_is_charged_for_less(tmp_path):
    low, least = (estimate(Usage(rate, 500), tmp_path)[0] for rate in (0.1, 12.0))
    assert low.low == pytest.approx(2.2 * 730 / 24)
    assert least.low is not None
    assert least.low >= low.low


@pytest.mark.parametrize("gb", [10, 50, 100])
def test_tiers_meet_without_a_step(gb, tmp_path):
    def a_day(volume: float) -> float:
        usage = Usage(1, volume * 1024**3 / 86_400, route="managed", split="realtime_rule")
        found = estimate(usage, tmp_path)[0].low
        assert found is not None
        return found * 24 / 730

    assert a_day(gb) == pytest.approx({10: 22, 50: 86, 100: 156}[gb])
    assert a_day(gb + 1e-6) == pytest.approx(a_day(gb), abs=1e-4)


def test_a_table_of_the_users_own(tmp_path):
    (tmp_path / "prices").mkdir()
    shipped = (Path(__file__).parents[3] / "resources/prices/alibaba.toml").read_text("utf-8")
    own = shipped.replace("index_gb = 0.0875", "index_gb = 1.0").replace('"USD"', '"EUR"')
    (tmp_path / "prices" / "alibaba.toml").write_text(own, "utf-8")
    index = next(each for each in estimate(USAGES[1], tmp_path) if each.what.endswith("index"))
    assert index.currency == "EUR"
    assert index.low == pytest.approx(USAGES[1].stored_gb * 730 / 24)
    (tmp_path / "prices" / "alibaba.toml").write_text("as_of = 3", "utf-8")
    with pytest.raises(ProblemError) as caught:
        estimate(USAGES[1], tmp_path)
    assert caught.value.problem.code is Code.PRICES_UNREADABLE
    assert "alibaba.toml" in caught.value.problem.cause


PROFILE = """\
schema_version = 1
name = "costs"
[kafka]
bootstrap = "contoso.servicebus.windows.net:9093"
topic = "azure-logs"
connection_string = "memory:kafka"
[alibaba]
region = "ap-southeast-1"
[log_service]
project = "contoso-soc"
logstore = "azure-logs"
[security_center]
"""


def profile(more: str = "") -> Profile:
    return parse_profile(PROFILE + more, Path("costs.toml"))


def test_both_types_of_data_source_stand_side_by_side(tmp_path):
    found = whole_cost(profile("[costs]\nrecords_per_s = 10\nmean_bytes = 1800\n"), folder=tmp_path)
    assert set(found.by_type) == {"user", "dedicated"}
    assert found.alibaba == found.by_type["user"]
    assert found.azure == ()
    assert [each.currency for each in found.sums] == ["USD"]
    assert "Security Center: Log Management" in [line.what for line in found.unknown]
    assert found.as_json()["sums"][0]["low"] == pytest.approx(found.sums[0].low)


def test_what_is_typed_in_comes_before_the_profile(tmp_path):
    costs = "[costs]\nrecords_per_s = 10\nmean_bytes = 1800\n"
    found = whole_cost(profile(costs), 20.0, folder=tmp_path)
    assert (found.records_per_s, found.mean_bytes) == (20.0, 1800.0)


def test_without_a_rate_there_is_no_estimate(tmp_path):
    with pytest.raises(ProblemError) as caught:
        whole_cost(profile("[costs]\nrecords_per_s = 10\n"), folder=tmp_path)
    assert caught.value.problem.code is Code.COSTS_RATE_UNKNOWN
    assert caught.value.problem.where == "costs.mean_bytes"


def test_currencies_are_never_added_up():
    lines = [
        CostLine("a", 1.0, 2.0, "USD", "usage", "", "2026-01-01"),
        CostLine("b", 10.0, 10.0, "CNY", "running", "", "2026-01-01"),
        CostLine("c", None, None, "USD", "usage", "", "2026-01-01"),
        CostLine("d", 1.0, 1.0, "USD", "usage", "", "2026-01-01"),
    ]
    assert [(s.currency, s.low, s.high) for s in sums(lines)] == [
        ("USD", 2.0, 3.0),
        ("CNY", 10.0, 10.0),
    ]
