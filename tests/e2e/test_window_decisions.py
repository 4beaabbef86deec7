"""From welcome to records arriving in the window's own sandbox, counting what has to be decided.

A decision is a choice, or a field without an accepted default; Continue and verb buttons are none
(UX rule: few decisions, good defaults). The road may take nine at the most.
"""

from __future__ import annotations

import pytest
from helpers.window_process import WindowProcess, window

from core.onboarding.steps import BUILT, StepId

MOST = 9
VERB = "Create the Azure part now"


class Counting:
    """The user, who notes every decision."""

    def __init__(self, running: WindowProcess) -> None:
        self._running = running
        self.decisions: list[str] = []

    def choose(self, name: str) -> None:
        self.decisions.append(name)
        self._running.go_on(name)

    def press(self, name: str) -> None:
        """A verb's button."""
        self._running.do("click", name=name)


@pytest.mark.slow
def test_from_welcome_to_records_with_few_decisions():
    with window() as running:
        running.until(lambda seen: seen["welcome"])
        user = Counting(running)
        user.decisions.append("Open the sandbox")
        running.do("click", name="Open the sandbox")
        running.until(lambda seen: seen["step"] == StepId.AZURE_SIGN_IN)
        user.press("Sign in")
        running.go_on()
        user.choose("Create a new namespace")
        for step in BUILT[3:8]:
            assert running.go_on()["step"] == step
        running.until(lambda seen: seen["on"] == VERB and seen["can_go_on"])
        user.press(VERB)
        assert running.go_on()["step"] == StepId.IMPORT_TASK
        running.until(lambda seen: "Start the import" in seen["buttons"])
        user.press("Start the import")
        running.until(lambda _: running.do("figure", path="view.tail.table.model.shown") > 0)
        running.stop_import()
        running.close()
    assert len(user.decisions) <= MOST, user.decisions
