"""Writing dead letters out: raw bytes untouched, for an analyst and for a later replay.

To a folder: ``<id>.raw`` and ``<id>.json`` for each. To a name that ends in ``.jsonl``: one line a
letter, its bytes as base64 in ``raw``. Files have mode 0600, appear whole or not at all, and
replace nothing unless that was asked for.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.cli.dead_letter_words import whole
from core.engine.dead_letter_reader import Kept
from core.errors import Code, problem_error


@dataclass
class Exported:
    """What was written: letters, and bytes of their content."""

    letters: int = 0
    bytes: int = 0


def is_one_file(target: Path) -> bool:
    """Whether an export to ``target`` is one JSON Lines file; else it is a folder."""
    return target.suffix.lower() == ".jsonl" and not target.is_dir()


def check_room(target: Path, ids: Iterable[str], force: bool) -> None:
    """See that the export would replace nothing. Raises ProblemError."""
    if force:
        return
    if is_one_file(target):
        found = [target] if os.path.lexists(target) else []
    else:
        found = [path for each in ids for path in _files(target, each) if os.path.lexists(path)]
    if found:
        raise problem_error(Code.EXPORT_WOULD_OVERWRITE, "--to", count=len(found), path=found[0])


def export(letters: Iterable[Kept], target: Path, force: bool) -> Exported:
    """Write ``letters`` to ``target``. Raises ProblemError; what was written before it stays."""
    done = Exported()
    try:
        if is_one_file(target):
            _to_file(letters, target, force, done)
        else:
            _to_folder(letters, target, force, done)
    except FileExistsError as error:
        path = error.filename2 or error.filename or target
        raise problem_error(Code.EXPORT_WOULD_OVERWRITE, "--to", count=1, path=path) from None
    except OSError as error:
        raise problem_error(
            Code.EXPORT_NOT_WRITABLE,
            "--to",
            f"{done.letters} letters were written before",
            path=target,
            reason=error.strerror or type(error).__name__,
        ) from None
    return done


def _to_file(letters: Iterable[Kept], target: Path, force: bool, done: Exported) -> None:
    with _placed(target, force) as file:
        for kept in letters:
            line = whole(kept) | {"raw": base64.b64encode(kept.letter.raw).decode()}
            file.write(json.dumps(line).encode() + b"\n")
            done.letters += 1
            done.bytes += len(kept.letter.raw)


def _to_folder(letters: Iterable[Kept], target: Path, force: bool, done: Exported) -> None:
    for kept in letters:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        raw, sidecar = _files(target, kept.id)
        with _placed(raw, force) as file:
            file.write(kept.letter.raw)
        with _placed(sidecar, force) as file:
            text = json.dumps(whole(kept) | {"raw_file": raw.name}, indent=2)
            file.write(text.encode() + b"\n")
        done.letters += 1
        done.bytes += len(kept.letter.raw)


def _files(folder: Path, letter_id: str) -> tuple[Path, Path]:
    return folder / f"{letter_id}.raw", folder / f"{letter_id}.json"


@contextlib.contextmanager
def _placed(target: Path, force: bool) -> Iterator[IO[bytes]]:
    """A file that takes the name ``target`` when the block ends well, synced to disk.

    Raises OSError; FileExistsError if the name is taken and ``force`` is not set.
    """
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if force:
            new.replace(target)
        else:
            _rename_to_free_name(new, target)
    finally:
        new.unlink(missing_ok=True)


def _rename_to_free_name(new: Path, target: Path) -> None:
    try:
        os.link(new, target)  # unlike a rename it fails when the name is taken
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise FileExistsError(17, "it exists", str(target)) from None
        new.rename(target)
