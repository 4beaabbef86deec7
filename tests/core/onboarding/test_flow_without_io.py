"""Walking the wizard back and forth touches neither a file nor a socket nor a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

WALK = """
import json, sys
from dataclasses import replace
from datetime import UTC, datetime

from core.onboarding.draft import Draft, EventHubDraft, NamespaceDraft, Probed
from core.onboarding.draft import ResourceGroupDraft, SettingDraft, SettingsDraft
from core.onboarding.flow import Flow
from core.onboarding.profile_text import profile_text
from core.onboarding.steps import STEPS, StepId

WATCHED = ("open", "os.", "socket.", "subprocess.", "shutil.", "tempfile.", "http.", "urllib.",
           "pty.", "glob.", "pathlib.", "sqlite3.", "ftplib.", "smtplib.", "poplib.", "imaplib.")
seen = []
on = False

def hook(name, arguments):
    if on and name.startswith(WATCHED):
        seen.append([name, str(arguments[0]) if arguments else ""])

sys.addaudithook(hook)

def walk():
    good = Draft(
        resource_group=ResourceGroupDraft("rg-isthmus", "eastasia"),
        namespace=NamespaceDraft(name="contoso-security"),
        event_hub=EventHubDraft(name="azure-logs"),
        diagnostic_settings=SettingsDraft(settings=(SettingDraft("activity", categories=("A",)),)),
    )
    for draft in (Draft(), good):
        flow = Flow.start(draft)
        for _ in range(3):
            while (further := flow.go_next()) is not flow:
                flow = further
            flow.problems, flow.unverified, flow.last_good
            flow = flow.edit(replace(flow.draft, event_hub=EventHubDraft(name="other")))
            flow = flow.record(StepId.KAFKA_TEST, Probed("ok"), datetime.now(UTC), flow.draft)
            while (back := flow.go_back()) is not flow:
                flow = back
            for step in StepId:
                flow = flow.jump(step)
            flow = flow.edit(draft)
        flow.restart()
    profile_text(good)
    return flow.current

def watched(what):
    global on, seen
    seen, on = [], True
    try:
        what()
    finally:
        on = False
    return seen

print(json.dumps({
    "first": watched(walk),
    "second": watched(walk),
    "control": watched(lambda: open(sys.executable, "rb").close()),
}))
"""


def test_moving_does_no_input_and_no_output():
    ended = subprocess.run(
        [sys.executable, "-P", "-c", WALK], capture_output=True, text=True, check=True
    )
    events = json.loads(ended.stdout)
    assert events["control"], "the hook sees nothing"
    assert events["second"] == []
    # The first walk may load what the program itself is made of: modules, texts of problems.
    root = Path(__file__).parents[3]
    own = (str(root / "core"), str(root / "resources"), sys.prefix, sys.base_prefix)
    strange = [
        event
        for event in events["first"]
        if event[0] not in ("open", "os.listdir", "os.scandir") or not event[1].startswith(own)
    ]
    assert strange == []
