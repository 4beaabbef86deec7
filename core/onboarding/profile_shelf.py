"""The profiles that a user has: what each is, and giving one another name, or a second one.

A profile that was applied keeps its name: what Isthmus made in the clouds, its consumer group and
its secrets are named after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from core.engine.running import running_engine
from core.errors import Code, Problem, ProblemError, problem_error
from core.onboarding.field_checks import check_text
from core.onboarding.journal import Journal
from core.onboarding.profile_edit import edit_profile
from core.paths import config_folder, state_folder
from core.profile import Profile, load_profile

State = Literal["running", "applied", "new", "unreadable"]


@dataclass(frozen=True)
class OnShelf:
    """One profile as a list shows it.

    Attributes:
        path: of its file.
        name: its own; of a file that cannot be read: the file's.
        source: the event hub, as ``namespace / hub``; empty: not known yet.
        target: the Logstore, as ``project / Logstore``; empty: none is named.
        state: an import runs for it, it was applied, nothing was done with it, or the file cannot
            be read.
        changed: when the file was written.
        problem: why it cannot be read.
    """

    path: Path
    name: str
    source: str = ""
    target: str = ""
    state: State = "new"
    changed: datetime | None = None
    problem: Problem | None = None


def shelf(others: Iterable[Path] = ()) -> tuple[OnShelf, ...]:
    """The profiles of the config folder and ``others``, by name; files that are gone are left out.

    Blocking.
    """
    own = sorted(config_folder().glob("*.toml"))
    paths = dict.fromkeys(path.absolute() for path in (*own, *others) if path.is_file())
    found = [look_at(path) for path in paths]
    return tuple(sorted(found, key=lambda each: (each.name.lower(), str(each.path))))


def look_at(path: Path) -> OnShelf:
    """The profile at ``path``. Raises OSError where there is none."""
    changed = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    try:
        profile = load_profile(str(path))
    except ProblemError as error:
        return OnShelf(path, path.stem, "", "", "unreadable", changed, error.problem)
    return OnShelf(path, profile.name, _source(profile), _target(profile), _state(profile), changed)


def rename(path: Path, name: str) -> Path:
    """Give the profile at ``path`` the name ``name``; its new path.

    What was kept under the old name (who signed in, a secret's place) stays in use. Raises
    ProblemError: profile_renamed_too_late for one that was applied, profile_exists, a name that
    is none.
    """
    profile = load_profile(str(path))
    if was_applied(profile):
        raise problem_error(Code.PROFILE_RENAMED_TOO_LATE, profile.name, name=profile.name)
    target = _free(path, name)
    secret = str(profile.kafka_secret)
    edit_profile(path, {("name",): name, ("kafka", "connection_string"): secret}, target)
    before, after = profile.state_folder, state_folder(name, target)
    if before.is_dir() and not after.exists():
        after.parent.mkdir(parents=True, exist_ok=True)
        before.rename(after)
    path.unlink()
    return target


def duplicate(path: Path, name: str) -> Path:
    """A second profile with the answers of the one at ``path``, beside it; its path.

    It gets a consumer group and a place for its connection string of its own, so that the two do
    not take records from each other. Raises ProblemError.
    """
    profile = load_profile(str(path))
    target = _free(path, name)
    changes: dict[tuple[str, ...], str | None] = {("name",): name, ("kafka", "group"): None}
    given = profile.kafka.connection_string
    if profile.azure is not None and given is not None:
        own = f"file:{target.stem}-kafka.secret" if given.scheme == "file" else None
        changes["kafka", "connection_string"] = own
    edit_profile(path, changes, target)
    return target


def was_applied(profile: Profile) -> bool:
    """Whether ``apply`` began to make anything for it, or an import runs or ran for it."""
    folder = profile.state_folder
    try:
        made = bool(Journal(folder).entries)
    except ProblemError:
        made = True
    return made or (folder / "ledger.json").exists() or running_engine(folder) is not None


def _free(path: Path, name: str) -> Path:
    """Where a profile called ``name`` goes, beside ``path``. Raises ProblemError."""
    found = check_text(Profile, "name", "name", name, "a name for this import")
    if found:
        raise ProblemError(found[0])
    if any(each in name for each in '/\\:*?"<>|') or name.startswith("."):
        meaning = 'a name without / \\ : * ? " < > | that does not begin with a dot'
        raise problem_error(Code.STEP_FIELD_INVALID, "name", value=name, meaning=meaning)
    target = path.with_name(f"{name}.toml")
    if target.exists():
        raise problem_error(Code.PROFILE_EXISTS, "name", path=target)
    return target


def _source(profile: Profile) -> str:
    if profile.azure is not None:
        return f"{profile.azure.namespace.name} / {profile.azure.event_hub.name}"
    host = profile.kafka.bootstrap.partition(".")[0].partition(":")[0]
    return f"{host} / {profile.kafka.topic}" if host else profile.kafka.topic


def _target(profile: Profile) -> str:
    logs = profile.log_service
    return f"{logs.project} / {logs.logstore}" if logs is not None else ""


def _state(profile: Profile) -> State:
    if running_engine(profile.state_folder) is not None:
        return "running"
    return "applied" if was_applied(profile) else "new"
