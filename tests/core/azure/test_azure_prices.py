"""Estimates from the dated table, and from a table of the user's own."""

from __future__ import annotations

import pytest

from core.azure.clouds import cloud
from core.azure.event_hubs import EventHubWish
from core.azure.namespaces import NamespaceWish
from core.azure.prices import estimate
from core.azure.tiers import TIERS, event_hub_problem, namespace_problem
from core.errors import Code, ProblemError

WISH = NamespaceWish("contoso-logs", "rg", "eastasia")

OWN = """
as_of = "2030-01-01"
hours_per_month = 700
[public]
currency = "EUR"
source = "our contract"
[public.Standard]
hour = 1.0
million = 2.0
[china]
currency = "CNY"
source = "none"
"""


def test_one_throughput_unit_for_a_month():
    running, *_ = estimate(WISH)
    assert running.low == running.high == pytest.approx(0.03 * 730)
    assert running.cost_class == "running"
    assert "21.90 USD a month" in str(running)
    assert running.as_of in str(running)


def test_china_is_reckoned_in_its_own_prices():
    running, *_ = estimate(WISH, cloud="china")
    assert (running.low, running.currency) == (pytest.approx(0.19 * 730), "CNY")


def test_auto_inflate_has_a_worst_case():
    wish = NamespaceWish("contoso-logs", "rg", "eastasia", auto_inflate=True, max_units=4)
    running, *_ = estimate(wish)
    assert (running.low, running.high) == (pytest.approx(21.9), pytest.approx(87.6))


def test_messages_are_charged_by_begun_64_kb():
    """1,000 records of 1,500 bytes a second: 2,628 million records a month (730 h)."""
    _, ingress, export = estimate(WISH, records_per_s=1000, mean_bytes=1500)
    assert ingress.low == pytest.approx(2628 * 1500 / 65536 * 0.028)
    assert ingress.high == pytest.approx(2628 * 0.028)
    assert "3942.0 GB a month" in export.note
    assert export.low is None


def test_a_table_in_the_config_folder_comes_first(tmp_path):
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "azure.toml").write_text(OWN)
    running, *_ = estimate(WISH, folder=tmp_path)
    assert (running.low, running.currency, running.as_of) == (700.0, "EUR", "2030-01-01")


def test_a_price_that_is_not_in_the_table_says_so(tmp_path):
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "azure.toml").write_text(OWN)
    running, *_ = estimate(NamespaceWish("n", "rg", "x", sku="Premium"), folder=tmp_path)
    assert running.low is None
    assert "pricing page" in str(running)


@pytest.mark.parametrize(
    "text", ["not toml at all [", OWN.replace("hour = 1.0", 'hour = "free"'), 'as_of = "x"']
)
def test_a_table_that_cannot_be_used_is_named(tmp_path, text):
    path = tmp_path / "prices" / "azure.toml"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ProblemError) as caught:
        estimate(WISH, folder=tmp_path)
    assert caught.value.problem.code is Code.PRICES_UNREADABLE
    assert str(path) in caught.value.problem.cause


def test_tiers_have_the_bounds_that_microsoft_publishes():
    assert not TIERS["Basic"].kafka
    assert (TIERS["Standard"].units, TIERS["Premium"].units) == (40, 16)
    assert namespace_problem(WISH) is None
    assert event_hub_problem(EventHubWish("h", 32, 168), "Standard") is None
    assert event_hub_problem(EventHubWish("h", 33, 24), "Standard").where.endswith("partitions")
    assert event_hub_problem(EventHubWish("h", 4, 169), "Standard").where.endswith("hours")
    assert event_hub_problem(EventHubWish("h", 100, 2160), "Premium") is None


def test_a_token_for_the_real_azure_is_never_asked_for_another_endpoint():
    real, other = cloud("public"), cloud("public", "https://127.0.0.1:5", "https://127.0.0.1:5")
    assert real.scope == "https://management.azure.com/.default"
    assert other.scope == "https://127.0.0.1:5/.default"
    assert real.is_known_authority
    assert not other.is_known_authority
    china = cloud("china")
    assert china.kafka_suffix == ".servicebus.chinacloudapi.cn"
    assert china.is_known_authority
