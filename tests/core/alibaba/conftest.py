"""The Log Service emulator for the tests of the clients of Alibaba Cloud."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers.log_region import LogRegion

from core.sandbox.process import Child
from core.sandbox.security_center.log_access import write_access


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogRegion]:
    """One emulator for all; each test works in a project of its own."""
    made = LogRegion(tmp_path_factory.mktemp("region"))
    yield made
    made.close()


@pytest.fixture
def project(region: LogRegion) -> Iterator[str]:
    """The name of an empty project that is there."""
    name = region.name()
    region.child.request("create_project", name=name)
    yield name
    region.run(lambda logs: logs.delete_project(name))


@pytest.fixture(scope="session")
def center(region: LogRegion) -> Iterator[Child]:
    """Security Center and STS beside Log Service."""
    access = region.folder / "log_access.json"
    write_access(access, region.ready)
    made = Child(
        "core.sandbox.security_center",
        [
            *("--folder", str(region.folder / "security_center")),
            *("--authority", str(region.authority)),
            *("--log-service", str(access)),
        ],
        region.folder / "security_center.log",
    )
    yield made
    made.stop()
