"""The secrets of a profile as they may be shown: whose, where, fingerprint, age. Never a value.

The operating systems' stores do not tell when something was put there, so Isthmus keeps that
beside: ``credentials.json`` in the profile's state folder, by reference, with the fingerprint that
it was noted for.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from core.applied import read_applied
from core.errors import Code, Problem, ProblemError
from core.kafka.connection_string import key_fingerprint, parse_connection_string
from core.profile import Profile
from core.secrets import SecretRef, read_secret, write_secret
from core.secrets.stores import delete_secret

FILE_NAME = "credentials.json"
_CONNECTION_STRING = "kafka.connection_string"
_DIGITS = 8

State = Literal["kept", "missing", "unusable"]


@dataclass(frozen=True)
class Credential:
    """One secret of a profile.

    Attributes:
        field: of the profile that names it, such as ``kafka.connection_string``.
        ref: where it is kept.
        owner: the policy, AccessKey or application that it belongs to; empty: not known.
        state: it is kept there, it is not, or it cannot be read.
        fingerprint: the beginning of its digest; empty: it cannot be read.
        since: when it was put there; None: not known.
        problem: why it cannot be read.
    """

    field: str
    ref: SecretRef
    owner: str = ""
    state: State = "missing"
    fingerprint: str = ""
    since: datetime | None = None
    problem: Problem | None = None


def credentials(profile: Profile) -> tuple[Credential, ...]:
    """Every secret that ``profile`` refers to; blocking."""
    return tuple(_look(profile, field, ref) for field, ref in profile.secrets().items())


def replace_credential(profile: Profile, field: str, value: str) -> None:
    """Keep ``value`` as the secret that ``field`` names; blocking.

    Raises ProblemError (connection_string_invalid: nothing was kept).
    """
    ref, value = profile.secrets()[field], value.strip()
    if field == _CONNECTION_STRING:
        parse_connection_string(value, field)
    write_secret(ref, value, profile.file.parent, field)
    note_kept(profile.state_folder, ref, fingerprint_of(field, value))


def forget_credential(profile: Profile, field: str) -> None:
    """Delete the secret that ``field`` names where it is kept; blocking. Raises ProblemError."""
    delete_secret(profile.secrets()[field], profile.file.parent, field)


def fingerprint_of(field: str, value: str) -> str:
    """What tells the secret ``value`` of ``field`` from another one."""
    if field.endswith("connection_string"):
        return key_fingerprint(value)[:_DIGITS]
    return hashlib.sha256(value.strip().encode()).hexdigest()[:_DIGITS]


def note_kept(folder: Path, ref: SecretRef, fingerprint: str) -> None:
    """Note in the state folder that the secret of ``fingerprint`` was put at ``ref`` just now."""
    noted = _noted(folder)
    noted[str(ref)] = {"fingerprint": fingerprint, "at": datetime.now(UTC).isoformat()}
    with contextlib.suppress(OSError):  # an age that is not known is no reason to fail
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = folder / f"{FILE_NAME}.new"
        temporary.write_text(json.dumps(noted, indent=2) + "\n", "utf-8")
        temporary.replace(folder / FILE_NAME)


def _look(profile: Profile, field: str, ref: SecretRef) -> Credential:
    owner = _owner(profile, field)
    try:
        value = read_secret(ref, profile.file.parent, field)
    except ProblemError as error:
        missing = error.problem.code is Code.SECRET_MISSING
        state: State = "missing" if missing else "unusable"
        return Credential(field, ref, owner, state, problem=error.problem)
    print_ = fingerprint_of(field, value)
    if field == _CONNECTION_STRING:
        with contextlib.suppress(ProblemError):
            owner = parse_connection_string(value, field).policy
    return Credential(field, ref, owner, "kept", print_, _since(profile, ref, print_))


def _owner(profile: Profile, field: str) -> str:
    if field.startswith("alibaba.") and profile.alibaba is not None:
        return profile.alibaba.access_key_id
    if profile.azure is None:
        return ""
    if field == _CONNECTION_STRING:
        return profile.azure.shared_access_policy.name
    return profile.azure.sign_in.client_id


def _since(profile: Profile, ref: SecretRef, fingerprint: str) -> datetime | None:
    """When the secret was put at ``ref``, by whoever knows."""
    folder = profile.state_folder
    noted = _noted(folder).get(str(ref), {})
    if noted.get("fingerprint") == fingerprint:
        with contextlib.suppress(ValueError, OverflowError):
            return datetime.fromisoformat(str(noted.get("at", ""))).astimezone()
    with contextlib.suppress(ProblemError, ValueError, OverflowError):
        applied = read_applied(folder)
        if ref == profile.kafka_secret and applied.key_fingerprint.startswith(fingerprint):
            return datetime.fromisoformat(applied.key_fetched_at).astimezone()
    if ref.scheme == "file":
        with contextlib.suppress(OSError):
            changed = (profile.file.parent / ref.name).stat().st_mtime
            return datetime.fromtimestamp(changed, UTC)
    return None


def _noted(folder: Path) -> dict[str, dict[str, str]]:
    try:
        data = json.loads((folder / FILE_NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {key: value for key, value in data.items() if isinstance(value, dict)}
