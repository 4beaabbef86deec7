"""Each test runs on the sandbox's broker, and on Apache Kafka in `make test-clients`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conformance.brokers import ApacheKafka, Broker, IsthmusBroker
from conformance.jars import why_not
from conformance.kit import Kit

_BROKERS = {"isthmus": IsthmusBroker, "apache": ApacheKafka}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Where Apache Kafka cannot be run, one test says so (it is skipped); the rest is left out."""
    on_apache = [item for item in items if _broker_of(item) == "apache"]
    if on_apache and why_not():
        config.hook.pytest_deselected(items=on_apache)
        items[:] = [item for item in items if item not in on_apache]


def _broker_of(item: Any) -> str | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("broker") if callspec else None


@pytest.fixture(
    scope="session", params=["isthmus", pytest.param("apache", marks=pytest.mark.clients)]
)
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    made = _BROKERS[request.param](tmp_path_factory.mktemp(request.param))
    yield made
    made.close()


@pytest.fixture
def kit(broker: Broker) -> Iterator[Kit]:
    made = Kit(broker)
    yield made
    made.close()
