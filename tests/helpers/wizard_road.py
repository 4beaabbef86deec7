"""Drives the real window over a sandbox: opens it at a step, presses its buttons, waits."""

from __future__ import annotations

import os
from pathlib import Path

from core.engine.running import running_engine
from core.onboarding.draft import Draft
from core.onboarding.flow import Flow
from core.onboarding.profile_text import draft_of
from core.onboarding.steps import StepId
from core.profile import load_profile
from core.sandbox.sandbox import Sandbox
from gui.shell import MainWindow
from gui.wizard.pages import FACTORIES

DEADLINE_MS = 60_000
SHOTS = os.environ.get("ISTHMUS_SHOTS", "")
"""A folder for pictures of the states that a test comes by; empty: none are taken."""


class Road:
    """The window with all answers of the sandbox's profile given."""

    def __init__(self, sandbox: Sandbox, jobs, qtbot) -> None:
        self.sandbox, self.jobs, self.qtbot = sandbox, jobs, qtbot
        self.profile = load_profile(sandbox.info["profile"])
        sandbox.child("azure").request("clear_requests")
        self.window = MainWindow(jobs, FACTORIES)
        self.window.resize(1280, 800)
        qtbot.addWidget(self.window)

    @property
    def draft(self) -> Draft:
        return self.window.wizard.flow.draft

    def open(self, step: StepId, draft: Draft | None = None):
        """The window at ``step`` of ``draft``, else of the profile's; its page."""
        flow = Flow.start(draft or draft_of(self.profile))
        while flow.current is not step:
            following = flow.go_next()
            assert following is not flow, flow.problems
            flow = following
        self.window.show()
        self.window.show_flow(flow)
        return self.page(step)

    def page(self, step: StepId):
        assert self.window.wizard.flow.current is step
        return self.window.wizard.page

    def until(self, condition) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=DEADLINE_MS)

    def settle(self) -> None:
        self.qtbot.wait(150)

    def press_verb(self) -> None:
        button = self.window.wizard.footer.filled
        assert self.window.wizard.page.offer.verb
        assert button.isEnabled()
        button.click()

    def press_on(self) -> None:
        button = self.window.wizard.footer.on_button
        assert button.isVisible(), self.window.wizard.page.offer
        assert button.isEnabled(), self.window.wizard.page.offer
        button.click()

    def footer(self) -> str:
        return self.window.wizard.footer.changes.accessibleName()

    def writes(self) -> list:
        """Requests that changed the emulated Azure."""
        return [each for each in self.sandbox.child("azure").request("requests") if each["write"]]

    def stop_engine(self) -> None:
        """End the engine of the profile, if one runs."""
        engine = running_engine(self.profile.state_folder)
        if engine is None:
            return
        import psutil

        process = psutil.Process(engine.pid)
        process.terminate()
        psutil.wait_procs([process], timeout=60)

    def shot(self, name: str) -> None:
        """A picture of the window, where they are wanted."""
        if SHOTS:
            self.qtbot.wait(50)
            self.window.grab().save(str(Path(SHOTS) / f"{name}.png"))
