"""What ``apply`` learnt from the clouds, kept in the state folder: ``applied.json``.

The profile says what is wanted and is never rewritten; this file says what there is. It holds no
secret. Whoever needs the hub's address and finds none in the profile reads it here.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from core.errors import Code, problem_error

FILE_NAME = "applied.json"
_VERSION = 1


@dataclass(frozen=True)
class Applied:
    """What there is; an empty text is not known.

    Attributes:
        tenant: id of the Azure tenant.
        subscription: id of the Azure subscription.
        resource_group: name of the resource group.
        namespace: name of the Event Hubs namespace.
        bootstrap: ``host:port`` of its Kafka endpoint.
        hub: the event hub's name.
        hub_id: its resource id.
        policy: name of the shared access policy whose key was fetched.
        policy_scope: ``hub`` or ``namespace``.
        key_fingerprint: the beginning of the SHA-256 of that key, for comparison only.
        key_fetched_at: when, RFC 3339.
        dedicated_written: project and Logstore of the dedicated channel that took a log of ours.
        grant_ticked_at: when the user said that the console's import task is set up, RFC 3339.
    """

    tenant: str = ""
    subscription: str = ""
    resource_group: str = ""
    namespace: str = ""
    bootstrap: str = ""
    hub: str = ""
    hub_id: str = ""
    policy: str = ""
    policy_scope: str = ""
    key_fingerprint: str = ""
    key_fetched_at: str = ""
    dedicated_written: str = ""
    grant_ticked_at: str = ""


def read_applied(folder: Path) -> Applied:
    """What stands in ``folder``; all empty where nothing was applied.

    Raises ProblemError (applied_unreadable).
    """
    path = folder / FILE_NAME
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Applied()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not JSON"
        raise problem_error(Code.APPLIED_UNREADABLE, FILE_NAME, path=path, reason=reason) from None
    known = {field.name for field in fields(Applied)}
    if (
        not isinstance(data, dict)
        or data.pop("version", None) != _VERSION
        or (not all(key in known and isinstance(value, str) for key, value in data.items()))
    ):
        raise problem_error(
            Code.APPLIED_UNREADABLE, FILE_NAME, path=path, reason="it is not of this version"
        )
    return Applied(**data)


def write_applied(folder: Path, applied: Applied) -> None:
    """Keep ``applied`` in ``folder``, whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump({"version": _VERSION, **asdict(applied)}, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def forget_applied(folder: Path) -> None:
    """Remove it; nothing was applied any more."""
    (folder / FILE_NAME).unlink(missing_ok=True)
