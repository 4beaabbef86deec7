"""One pair of emulators for all tests of a worker; each makes things of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers.alibaba_center import Soc


@pytest.fixture(scope="session")
def soc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soc]:
    made = Soc(tmp_path_factory.mktemp("soc"))
    yield made
    made.close()
