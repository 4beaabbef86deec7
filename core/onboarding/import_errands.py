"""What the page of the import does: keep the AccessKey's secret, write the profile, look around."""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.engine.running import RunningEngine, left_behind, running_engine
from core.errors import Code, ProblemError
from core.onboarding.credentials import fingerprint_of, note_kept
from core.onboarding.errands import Errands
from core.paths import state_folder
from core.profile import Profile, load_profile
from core.secrets import SecretRef, read_secret, write_secret

WHERE = "import_task.access_key_secret"


def import_folder(errands: Errands) -> Path:
    """The state folder of the draft's profile, complete or not."""
    return state_folder(errands.draft.name, errands.file)


def engine_of(errands: Errands) -> RunningEngine | None:
    """The engine that runs for the draft's profile."""
    return running_engine(import_folder(errands))


def was_killed(errands: Errands, engine: RunningEngine) -> bool:
    """Whether ``engine``, which is gone, ended without stopping in order."""
    return left_behind(import_folder(errands), engine.pid)


def secret_fingerprint(errands: Errands) -> str:
    """The beginning of the digest of the AccessKey's secret; empty: none is kept.

    Raises ProblemError for any reason but its absence.
    """
    try:
        value = read_secret(errands.draft.alibaba_secret, errands.file.parent, WHERE)
    except ProblemError as error:
        if error.problem.code is Code.SECRET_MISSING:
            return ""
        raise
    return hashlib.sha256(value.encode()).hexdigest()[:8]


def keep_secret(errands: Errands, ref: SecretRef, value: str) -> str:
    """Keep the AccessKey's secret at ``ref``; its fingerprint. Raises ProblemError."""
    errands.file.parent.mkdir(parents=True, exist_ok=True)
    write_secret(ref, value.strip(), errands.file.parent, WHERE)
    fingerprint = fingerprint_of(WHERE, value)
    note_kept(import_folder(errands), ref, fingerprint)
    return fingerprint


def written_profile(errands: Errands) -> Profile:
    """The profile as the draft describes it, on disk. Raises ProblemError."""
    return load_profile(str(errands.save_profile()))
