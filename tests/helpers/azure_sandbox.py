"""The ARM emulator with its Event Hubs emulator, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.sandbox.certificates import Authority
from core.sandbox.process import Child


@dataclass
class AzureSandbox:
    """Both emulators, running. ``arm.ready`` and ``event_hubs.ready`` say where they are."""

    folder: Path
    arm: Child
    event_hubs: Child
    ca_file: Path
    endpoint: str
    tenant: str
    subscription: str
    client_id: str
    client_secret: str = field(repr=False)

    def kill_arm(self) -> None:
        """End the ARM emulator as ``kill -9`` does, and start it again on what it left."""
        self.arm.kill()
        self.arm = _arm(self.folder)

    def kill_event_hubs(self) -> None:
        """The same for the Event Hubs emulator."""
        self.event_hubs.kill()
        self.event_hubs = _event_hubs(self.folder)

    def close(self) -> None:
        self.arm.stop()
        self.event_hubs.stop()

    def __enter__(self) -> AzureSandbox:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def open_azure(folder: Path) -> AzureSandbox:
    """Start both emulators in ``folder``, where the certificate authority is too."""
    authority = Authority(folder)
    event_hubs = _event_hubs(folder)
    try:
        arm = _arm(folder)
    except BaseException:
        event_hubs.stop()
        raise
    told = arm.ready
    return AzureSandbox(
        folder,
        arm,
        event_hubs,
        authority.ca_file,
        told["endpoint"],
        told["tenant"],
        told["subscription"],
        told["client_id"],
        told["client_secret"],
    )


def _event_hubs(folder: Path) -> Child:
    return Child(
        "core.sandbox.event_hubs",
        ["--folder", str(folder / "event_hubs"), "--authority", str(folder)],
        folder / "event_hubs.log",
    )


def _arm(folder: Path) -> Child:
    return Child(
        "core.sandbox.azure",
        [
            *("--folder", str(folder / "azure")),
            *("--authority", str(folder)),
            *("--event-hubs-door", str(folder / "event_hubs" / "door.json")),
        ],
        folder / "azure.log",
    )
