"""Names of the faults that a sandbox can play, as the command line and the control door know them.

``<emulator>.<scenario>``; each emulator has its own table of what a scenario does.
"""

from __future__ import annotations

SCENARIOS = {
    "log_service.server_errors": "half of the requests are answered 500 or 503",
    "log_service.ack_lost": "LogGroups are stored, some of their answers are lost",
    "log_service.full_outage": "every connection is cut without an answer",
}
"""Scenario -> what it does, in a line."""


def emulator_of(name: str) -> tuple[str, str]:
    """The emulator and the scenario in ``name``. Raises KeyError for one that there is not."""
    if name not in SCENARIOS:
        raise KeyError(name)
    emulator, _, scenario = name.partition(".")
    return emulator, scenario
