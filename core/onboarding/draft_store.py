"""A flow on disk, so that the wizard can be left at any time and resumed where it was.

One JSON file, written whole or not at all (temporary file, fsync, rename), mode 0600. It holds
references to secrets, never a secret. A file that cannot be understood is set aside under another
name in the same folder, so nothing that was typed is ever lost, and a problem says where it is.
"""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from core.errors import Code, ProblemError, problem_error
from core.onboarding.draft import Draft, Saved
from core.onboarding.flow import Flow
from core.onboarding.pasted_secrets import without_secrets
from core.onboarding.steps import BUILT, WHOLE_ROAD, StepId
from core.paths import config_folder

SCHEMA_VERSION: Literal[3] = 3
"""Of the file. It grows with every part or field that an older program would have to refuse.

A file of version 1 is one without the parts import_task, review and apply, one of version 2 is
without those of the Alibaba steps.
"""


@dataclass(frozen=True)
class _SavedFlow(Saved):
    schema_version: Literal[1, 2, 3]
    saved_at: AwareDatetime
    last_good: StepId | None
    current: StepId
    history: tuple[StepId, ...]
    visited: tuple[StepId, ...]
    draft: Draft
    whole_road: bool = False


_FORM = TypeAdapter(_SavedFlow)


@dataclass(frozen=True)
class Resume:
    """What is offered when the wizard is opened again.

    Attributes:
        flow: as it was left.
        saved_at: when, with its zone.
        step: the step that was shown.
        last_good: the last step up to which all answers are good; None: not the first.
        unverified: visited steps whose results are missing or stale.
    """

    flow: Flow
    saved_at: datetime
    step: StepId
    last_good: StepId | None
    unverified: tuple[StepId, ...]


def draft_file() -> Path:
    """Where the window keeps its draft."""
    return config_folder() / "draft.json"


class DraftStore:
    """The draft in one file.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = False

    def load(self) -> Resume | None:
        """What was saved; None: nothing.

        Raises ProblemError: draft_damaged and draft_newer, once the file is set aside;
        draft_file_unusable where the file cannot be read or not be set aside.
        """
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            self._known = True
            return None
        except OSError as error:
            raise self._unusable(error) from None
        try:
            saved = _read(text)
        except _NewerError as error:
            aside = self._set_aside("newer")
            version = str(error)
            raise problem_error(
                Code.DRAFT_NEWER, self.path.name, path=aside, version=version
            ) from None
        except ValueError as error:
            aside = self._set_aside("damaged")
            reason = str(error)
            raise problem_error(
                Code.DRAFT_DAMAGED, self.path.name, path=aside, reason=reason
            ) from None
        self._known = True
        draft = without_secrets(saved.draft)  # somebody may have edited the file
        road = WHOLE_ROAD if saved.whole_road else BUILT
        flow = Flow(saved.current, saved.history, saved.visited, draft, road)
        return Resume(flow, saved.saved_at, flow.current, flow.last_good, flow.unverified)

    def save(self, flow: Flow, at: datetime | None = None) -> None:
        """Keep ``flow``; ``at`` is the time that Resume will show, else now.

        A text that looks like a secret is not written. Raises ProblemError (draft_file_unusable),
        what ``load`` raises where a file is in the way that no ``load`` has looked at, and
        ValueError for a draft with values of wrong types, which could not be read again.
        """
        if not self._known:
            self.load()
        draft = without_secrets(flow.draft)
        saved = _SavedFlow(
            schema_version=SCHEMA_VERSION,
            saved_at=at or datetime.now(UTC),
            last_good=replace(flow, draft=draft).last_good,
            current=flow.current,
            history=flow.history,
            visited=flow.visited,
            draft=draft,
            whole_road=flow.road == WHOLE_ROAD,
        )
        text = _FORM.dump_json(saved, indent=2)
        _FORM.validate_json(text)  # what is written can be read
        try:
            self._write(text)
        except OSError as error:
            raise self._unusable(error) from None

    def forget(self) -> None:
        """Remove the draft: the wizard is done, or is begun anew. Raises ProblemError."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from None

    def _write(self, text: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(self.path.name + ".new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        _sync_folder(self.path.parent)

    def _set_aside(self, why: str) -> Path:
        """Give the file a name that is free, and say which."""
        for number in itertools.count(1):
            aside = self.path.with_name(f"{self.path.stem}.{why}-{number}{self.path.suffix}")
            if not aside.exists():
                break
        try:
            self.path.rename(aside)
        except OSError as error:
            raise self._unusable(error) from None
        self._known = True
        return aside

    def _unusable(self, error: OSError) -> ProblemError:
        reason = error.strerror or type(error).__name__
        return problem_error(
            Code.DRAFT_FILE_UNUSABLE, self.path.name, path=self.path, reason=reason
        )


class _NewerError(Exception):
    """The file is of a later version, which is its text."""


def _read(text: bytes) -> _SavedFlow:
    """The saved flow in ``text``. Raises ValueError with a reason that repeats nothing of it."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise _NewerError(str(version))
    try:
        saved = _FORM.validate_json(text)
    except ValidationError as error:
        raise ValueError(_reason(error)) from None
    road = (*saved.history, saved.current)
    if (
        not set(road) <= set(saved.visited) <= set(WHOLE_ROAD if saved.whole_road else BUILT)
        or list(road) != sorted(set(road), key=lambda step: step.place)
        or list(saved.visited) != sorted(set(saved.visited), key=lambda step: step.place)
    ):
        raise ValueError("its steps are not those of a road")
    return saved


def _reason(error: ValidationError) -> str:
    """The first error, without what stood there and without a name that nobody knows."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    location = first["loc"]
    if first["type"] == "unexpected_keyword_argument":
        place = ".".join(map(str, location[:-1])) or "the file"
        return f"{place} has a field that this version does not know"
    message = first["msg"]
    return f"{'.'.join(map(str, location)) or 'the file'}: {message[:1].lower()}{message[1:]}"


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system has that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
