"""The CRC of a record batch (CRC-32C, Castagnoli), where a package that computes it is installed.

Neither the standard library nor a package that this project needs has a CRC-32C, and one in Python
would take longer than all the rest of the broker. The package ``crc32c`` computes it by the
processor's own instruction and takes the batch where it lies (with ``google-crc32c``, which needs a
copy, producing cost a quarter more processor time). The check is on where that package is, and off
where it is not: clients check the CRC of what they fetch themselves.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def _load() -> Callable[[memoryview], int] | None:
    try:
        package: Any = importlib.import_module("crc32c")
    except ImportError:
        return None
    # Its fallback in software is several times slower.
    return package.crc32c if package.hardware_based else None


_compute = _load()

CHECKED = _compute is not None
"""Whether produced batches are checked."""


def fits(data: memoryview, crc: int) -> bool:
    """Whether ``crc`` is the CRC-32C of ``data``; True where that cannot be computed."""
    return _compute is None or _compute(data) == crc
