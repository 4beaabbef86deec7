"""Whether a key may write into a Logstore: one log that says what it is.

For Security Center's dedicated channel no document says whether a program other than its own import
may write there (SC-61).
"""

from __future__ import annotations

import time
from typing import Any

from core.alibaba.log_service.caller import Caller

PROBE_FIELD = "isthmus_probe"
"""The only field of the log; a standardised rule passes it by."""


async def probe_write(caller: Caller, project: str, logstore: str) -> None:
    """Write the log. Raises ProblemError where it is refused."""
    from aliyun.log import LogItem, PutLogsRequest

    place = caller.place(
        f"write into {logstore}", "PostLogStoreLogs", project=project, logstore=logstore
    )
    text = "written once by isthmus apply, to see whether this Logstore takes logs"

    def write(client: Any) -> None:
        item = LogItem(int(time.time()), contents=[(PROBE_FIELD, text)])
        client.put_logs(PutLogsRequest(project, logstore, "", "isthmus", [item]))

    await caller.ask(place, write)
