"""Renders widgets and pages offscreen to PNG: light, dark and high contrast, at 100 and 200 %.

    .venv/bin/python -P tests/screens/make_screenshots.py FOLDER [NAME...]

Fonts: Inter and JetBrains Mono where they are installed (Debian: fonts-inter,
fonts-jetbrains-mono), else the system's own. Each scale is a process of its own, since Qt reads
it once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
IN_HIGH_CONTRAST = ("tokens", "components", "kafka-test", "tail")
SCALES = {"100": (1280, 800), "200": (960, 540)}


def main(arguments: list[str]) -> int:
    """Render in a process for each scale."""
    folder, names = Path(arguments[0]).absolute(), arguments[1:]
    folder.mkdir(parents=True, exist_ok=True)
    for scale in SCALES:
        with tempfile.TemporaryDirectory() as home:
            environment = os.environ | {
                "QT_QPA_PLATFORM": "offscreen",
                "QT_SCALE_FACTOR": str(int(scale) / 100),
                "ISTHMUS_CONFIG_DIR": home,
                "ISTHMUS_STATE_DIR": home,
                "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
                "TZ": "UTC",
                "QT_LOGGING_RULES": "qt.qpa.*=false",
                "FONTCONFIG_FILE": str(_write_fonts(Path(home))),
            }
            command = [sys.executable, __file__, "--render", scale, str(folder), *names]
            code = subprocess.run(command, env=environment, check=False).returncode
            if code:
                return code
    return 0


def _write_fonts(folder: Path) -> Path:
    """Have the design's fixed font be the system's, where it is installed."""
    file = folder / "fonts.conf"
    preferred = {"monospace": "JetBrains Mono"}
    aliases = "".join(
        f"<alias binding='same'><family>{generic}</family>"
        f"<prefer><family>{family}</family></prefer></alias>"
        for generic, family in preferred.items()
    )
    file.write_text(
        "<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'urn:fontconfig:fonts.dtd'><fontconfig>"
        f"{aliases}<include ignore_missing='yes'>/etc/fonts/fonts.conf</include></fontconfig>"
    )
    return file


def render(scale: str, folder: Path, names: list[str]) -> None:
    """Render everything, or what is named, at one scale."""
    from PySide6.QtCore import QEvent

    from core.runtime import Runtime
    from gui.app import make_application
    from gui.jobs import Jobs
    from gui.theme import Choice, theme

    application = make_application()
    use_fonts(application)
    with Runtime() as runtime:
        jobs = Jobs(runtime)
        for choice in (Choice.LIGHT, Choice.DARK, Choice.HIGH_CONTRAST):
            theme().choose(choice)
            for name, make in pictures(jobs, choice).items():
                if names and not any(wanted in name for wanted in names):
                    continue
                if choice is Choice.HIGH_CONTRAST and not name.startswith(
                    ("tokens", "comp", "kafka", "settings-")
                ):
                    continue
                widget = make()
                if not name.startswith(("tokens", "comp", "bundle", "question")):
                    widget.resize(*SCALES[scale])
                widget.show()
                for _ in range(4):
                    application.processEvents()
                    reveal_problem(widget)
                suffix = "" if scale == "100" else f"-{scale}pc"
                widget.grab().save(str(folder / f"{name}{suffix}-{choice}.png"))
                widget.close()
                widget.deleteLater()
                application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
                application.processEvents()
        jobs.close()


def reveal_problem(widget) -> None:
    """A page that got its problem before it had its size has not scrolled to it."""
    from gui.shell import MainWindow

    if isinstance(widget, MainWindow) and widget.wizard.page.problem_panel.isVisible():
        widget.wizard.page.reveal(widget.wizard.page.problem_panel)


def use_fonts(application) -> None:
    """The font and the size of the design."""
    from PySide6.QtGui import QFont, QFontDatabase

    wished = "Inter"
    known = wished in QFontDatabase.families()
    font = QFont(wished) if known else application.font()
    font.setPixelSize(13)
    application.setFont(font)


def pictures(jobs, choice) -> dict[str, Callable]:
    """Name -> what makes the widget."""
    from screens import azure_pages, gallery, import_pages, sample_pages, settings_pages
    from screens.samples import NOW, flow_at

    from core.onboarding.draft_store import Resume
    from core.onboarding.steps import StepId
    from gui.shell import MainWindow
    from gui.wizard.cloud_changes import CloudChanges

    def sheet(make, size=gallery.SIZE):
        def made():
            widget = make()
            widget.resize(*size)
            return widget

        return made

    def welcome(resumes: bool):
        def made():
            window = MainWindow(jobs)
            window.choose_theme(choice)
            if resumes:
                flow = flow_at(StepId.KAFKA_TEST, failed=True)
                resume = Resume(flow, NOW, flow.current, flow.last_good, flow.unverified[-3:])
                window.welcome.show_resume(resume)
                window.show_welcome()
            return window

        return made

    def page(step, factory=None, failed=False, changes=None):
        def made():
            factories = {} if factory is None else {step: factory}
            window = MainWindow(jobs, factories)
            window.choose_theme(choice)
            window.saver.keep = lambda flow, at_once=False: None
            window.show_flow(flow_at(step, failed))
            window.wizard.show_saved(NOW)
            if changes is not None:
                window.wizard.show_changes(changes)
            return window

        return made

    def import_page(picture):
        step, factory, changes = import_pages.PICTURES[picture]

        def made():
            window = MainWindow(jobs, {step: factory})
            window.choose_theme(choice)
            window.saver.keep = lambda flow, at_once=False: None
            window.show_flow(import_pages.flow_of(picture))
            window.wizard.show_saved(NOW)
            if changes is not None:
                window.wizard.show_changes(changes)
            return window

        return made

    def azure_page(picture):
        def made():
            window = MainWindow(jobs, azure_pages.factories())
            window.choose_theme(choice)
            window.saver.keep = lambda flow, at_once=False: None
            azure_pages.show(window, picture)
            return window

        return made

    def stale():
        window = page(StepId.NAMESPACE)()
        flow = flow_at(StepId.KAFKA_TEST, failed=True)
        draft = replace(flow.draft, resource_group=replace(flow.draft.resource_group, name="?"))
        window.wizard.show_flow(flow.edit(draft))
        return window

    return {
        "tokens": sheet(gallery.tokens_sheet),
        "components": sheet(gallery.components_sheet, gallery.COMPONENTS_SIZE),
        "welcome": welcome(False),
        "welcome-resume": welcome(True),
        **{picture: azure_page(picture) for picture in azure_pages.states()},
        "kafka-test-failed": page(StepId.KAFKA_TEST, sample_pages.TestPage, True),
        "tail": page(StepId.KAFKA_TEST, sample_pages.TailPage),
        "empty": page(StepId.EVENT_HUB, changes=CloudChanges(azure=3)),
        "rail-states": stale,
        **{picture: import_page(picture) for picture in import_pages.PICTURES},
        **settings_pages.pictures(jobs, choice),
    }


if __name__ == "__main__":
    if sys.argv[1] == "--render":
        render(sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
    else:
        sys.exit(main(sys.argv[1:]))
