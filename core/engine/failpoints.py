"""Named places where a test kills the engine, or an apply, as ``kill -9`` would.

``ISTHMUS_FAILPOINT=name`` or ``name:n`` (its n-th passing). Without it a failpoint does nothing.
"""

from __future__ import annotations

import os
import signal

NAMES = (
    "after_consume",
    "after_parse",
    "before_send",
    "after_send_before_ack",
    "after_ack_before_store",
    "after_store_before_commit",
    "mid_dlq_write",
    "in_on_revoke",
)
"""Where an engine is killed."""
APPLY_NAMES = (
    "apply_after_begin",
    "apply_before_done",
    "apply_after_done",
    "remove_before_done",
)
"""Where an apply or a remove is killed."""

_name, _, _count = os.environ.get("ISTHMUS_FAILPOINT", "").partition(":")
_left = int(_count or 1)


def armed(name: str) -> bool:
    """Whether this process is to die at ``name`` some time."""
    return name == _name


def pass_point(name: str) -> None:
    """Die here if it is this failpoint's turn."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
