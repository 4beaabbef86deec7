"""How long the window takes from the start of its process to its first paint.

Two programs by turns: ``isthmus``, and the control, a bare window of PySide6 with one label in it.
The moment is when the first paint is over and the event loop comes back. Offscreen, unless
QT_QPA_PLATFORM says otherwise. Nothing is asserted.

    python tests/bench/first_paint.py [--runs 10]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SECONDS = 60

_TELL = """
import os, time
from PySide6.QtCore import QEvent, QObject, QTimer
class FirstPaint(QObject):
    told = False
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not self.told:
            self.told = True
            QTimer.singleShot(0, self.tell)
        return False
    def tell(self):
        print(time.monotonic(), flush=True)
        os._exit(0)
"""

_ISTHMUS = """
import sys
sys.path.insert(0, sys.argv[1])
import gui.qt_guard
assert not gui.qt_guard.complaint()
import gui.app
made, tell = gui.app.make_application, sys.argv[2]
def make():
    application = made()
    exec(tell, globals())
    application.first_paint = FirstPaint(application)
    application.installEventFilter(application.first_paint)
    return application
gui.app.make_application = make
sys.argv = ["isthmus"]
from core.cli import main
main()
"""

_BARE = """
import sys
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
application = QApplication([])
exec(sys.argv[2])
watch = FirstPaint(application)
application.installEventFilter(watch)
window = QMainWindow()
window.setCentralWidget(QLabel("Isthmus"))
window.resize(1280, 800)
window.show()
application.exec()
"""


def main() -> None:
    """Run both by turns and print what each took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as place:
        environment = os.environ | {
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
            "ISTHMUS_STATE_DIR": f"{place}/state",
            "ISTHMUS_CONFIG_DIR": f"{place}/config",
        }
        programs = {"isthmus": _ISTHMUS, "control: a bare window": _BARE}
        taken: dict[str, list[float]] = {name: [] for name in programs}
        for turn in range(runs + 1):
            for name, program in programs.items():
                seconds = first_paint(program, environment)
                if turn:  # the first turn fills the caches of files
                    taken[name].append(seconds * 1000)
    for name, each in taken.items():
        print(
            f"{name:24} median {statistics.median(each):5.0f} ms, "
            f"fastest {min(each):5.0f} ms, slowest {max(each):5.0f} ms of {runs}"
        )


def first_paint(program: str, environment: dict[str, str]) -> float:
    """Seconds from the start of the process to the end of its first paint."""
    command = [sys.executable, "-P", "-c", program, str(ROOT), _TELL]
    began = time.monotonic()  # the same clock in every process
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if ended.returncode:
        raise SystemExit(ended.stderr)
    return float(ended.stdout) - began


if __name__ == "__main__":
    main()
