"""Whether there is a window to open, and a screen to open it on."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from typing import Any

from core.errors import Code, problem_error


def load_window() -> Any:
    """The function that opens the window. Raises ProblemError (window_not_installed)."""
    try:
        (found,) = entry_points(group="isthmus.window")
        return found.load()
    except (ValueError, ImportError):
        raise problem_error(Code.WINDOW_NOT_INSTALLED, "isthmus") from None


def has_screen() -> bool:
    """Whether Qt finds a screen; where there is none it ends the process without a word of ours."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
