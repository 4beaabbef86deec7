"""``isthmus dead-letters``: what could not be stored, listed, shown and exported.

All verbs only read the queue and take no lock, so they work beside a running import.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.dead_letter_content import content_of, records_of
from core.cli.dead_letter_export import check_room, export, is_one_file
from core.cli.dead_letter_words import (
    cause_words,
    counted_causes,
    message_time,
    moment,
    printable,
    stage_words,
    summary,
    whole,
)
from core.cli.output import JsonFlag, Output, ProfileOption, guarded, verb_group
from core.engine.dead_letter_reader import Damage, Kept, read_queue
from core.errors import Code, Problem, ProblemError, problem, problem_error
from core.profile import Profile, load_profile

app = verb_group("Messages and records that could not be stored: kept on disk, byte for byte.")

_DAMAGE_SHOWN = 20
_RECORDS_SHOWN = 10
_RECORD_CHARACTERS = 300

AllFlag = Annotated[bool, typer.Option("--all", help="Every letter of the queue.")]


class _Queue:
    """The letters of one profile; remembers what could not be read."""

    def __init__(self, profile: Profile) -> None:
        self._folder = profile.state_folder / "dead-letters"
        self.damage: list[Damage] = []
        self.unfinished_bytes = 0

    def letters(self) -> Iterator[Kept]:
        """All letters, oldest first. Raises ProblemError."""
        self.damage, self.unfinished_bytes = [], 0
        try:
            for found in read_queue(self._folder):
                if isinstance(found, Kept):
                    yield found
                elif isinstance(found, Damage):
                    self.damage.append(found)
                else:
                    self.unfinished_bytes = found.size
        except OSError as error:
            raise problem_error(
                Code.STATE_FOLDER_UNUSABLE,
                "state folder",
                path=self._folder,
                reason=error.strerror or type(error).__name__,
            ) from None

    @property
    def problem(self) -> Problem | None:
        """What could not be read, if anything."""
        if not self.damage:
            return None
        more = f", and {len(self.damage) - 1} more" if len(self.damage) > 1 else ""
        return problem(
            Code.DEAD_LETTERS_DAMAGED,
            str(self._folder),
            "; ".join(map(str, self.damage[:_DAMAGE_SHOWN])),
            damage=f"{self.damage[0]}{more}",
        )

    def as_json(self) -> dict[str, Any]:
        """What could not be read, for the result of a verb."""
        found = self.problem
        return {
            "damaged": [asdict(each) | {"file": each.file.name} for each in self.damage],
            "unfinished_bytes": self.unfinished_bytes,
            "problem": found.as_json() if found else None,
        }

    def conclude(self, output: Output) -> None:
        """Say what could not be read; exit 1 if there is such."""
        if self.unfinished_bytes:
            output.note(
                f"the last {self.unfinished_bytes:,} bytes are a letter that is being written, or "
                "that a crash cut off: its message will be read again"
            )
        if self.problem is not None:
            if not output.as_json:
                output.problem(self.problem)
            sys.exit(1)


@app.command("list")
def list_letters(
    profile: ProfileOption,
    cause: Annotated[
        str,
        typer.Option("--cause", help="Only letters with this cause: not_json, too_large, refused."),
    ] = "",
    partition: Annotated[
        int | None, typer.Option("--partition", min=0, help="Only letters of this partition.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=0, help="At most so many, the newest; 0: all.")
    ] = 100,
    as_json: JsonFlag = False,
) -> None:
    """List dead letters, the newest last, with totals.

    With --json each letter is one line, and the last line holds the totals.
    """
    output = Output(as_json)
    with guarded(output):
        queue = _Queue(load_profile(profile))
        total = Counter[str]()
        causes = Counter[str]()
        rows: deque[dict[str, Any]] = deque(maxlen=limit or None)
        for kept in queue.letters():
            if not _fits(kept, cause, partition):
                continue
            row = summary(kept)
            total.update(letters=1, records=row["records"], bytes=row["bytes"])
            causes.update(row["causes"])
            rows.append(row)
        _show_list(rows, output)
        output.value(
            {name: total[name] for name in ("letters", "records", "bytes")}
            | {"shown": len(rows), "causes": dict(causes.most_common())}
            | queue.as_json()
        )
        _say_totals(total, causes, len(rows), output)
        queue.conclude(output)


def _fits(kept: Kept, cause: str, partition: int | None) -> bool:
    letter = kept.letter
    if partition is not None and letter.partition != partition:
        return False
    wanted = cause.lower()
    return not wanted or any(
        wanted in (each.lower(), each.lower().partition(":")[0]) for each in letter.causes.values()
    )


def _show_list(rows: deque[dict[str, Any]], output: Output) -> None:
    if output.as_json:
        for row in rows:
            output.value(row)
        return
    if not rows:
        return
    width = max(len("id"), *(len(row["id"]) for row in rows))
    output.say(
        f"{'id':<{width}}  {'kept at':<24}  {'partition':>9}  {'offset':>12}  "
        f"{'message of':<24}  {'stage':<8}  {'records':>7}  {'bytes':>9}  cause"
    )
    for row in rows:
        output.say(
            f"{row['id']:<{width}}  {row['written']:<24}  {row['partition']:>9}  "
            f"{row['offset']:>12}  {row['timestamp']:<24}  {printable(row['stage']):<8}  "
            f"{row['records']:>7,}  {row['bytes']:>9,}  {printable(row['words'])}"
        )


def _say_totals(total: Counter[str], causes: Counter[str], shown: int, output: Output) -> None:
    if not total["letters"]:
        output.say("no dead letters")
        return
    left = f", the newest {shown:,} shown (--limit 0: all)" if shown < total["letters"] else ""
    parts = ", ".join(f"{count:,} {printable(cause)}" for cause, count in causes.most_common())
    output.say(
        f"{total['letters']:,} dead letters of {total['records']:,} records, "
        f"{total['bytes']:,} bytes{left}: {parts}"
    )


@app.command("show")
def show(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="As list shows it.")],
    profile: ProfileOption,
    full: Annotated[
        bool, typer.Option("--full", help="All of its content, however long it is.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show one dead letter: where it is from, what is wrong with it and where.

    Control characters are escaped and secrets hidden; export gives the bytes as they are.
    """
    output = Output(as_json)
    with guarded(output):
        settings = load_profile(profile)
        for field, ref in settings.secrets().items():  # hidden, should a message hold one
            with contextlib.suppress(ProblemError):
                settings.read_secret(ref, field)
        queue = _Queue(settings)
        kept = next((each for each in queue.letters() if each.id == letter_id), None)
        if kept is None:
            raise _not_found(letter_id, queue)
        content = content_of(kept.letter, full)
        output.value(
            whole(kept)
            | {"file": str(kept.file), "position": kept.position, "content": asdict(content)}
        )
        if not as_json:
            _show_letter(kept, full, output)


def _show_letter(kept: Kept, full: bool, output: Output) -> None:
    letter = kept.letter
    content = content_of(letter, full)
    output.say(f"Dead letter {kept.id}")
    output.say(
        f"  message    partition {letter.partition}, offset {letter.offset:,}, "
        f"{message_time(kept)}, hub {printable(letter.hub_id)}"
    )
    output.say(f"  stage      {printable(letter.stage)}: {printable(stage_words(letter.stage))}")
    for cause, count in counted_causes(kept).items():
        times = f"{count:,} x " if count > 1 else ""
        output.say(f"  cause      {times}{printable(cause)}: {printable(cause_words(cause))}")
    most = len(letter.causes) if full else _RECORDS_SHOWN
    for index, cause, text in records_of(letter, most):
        part = text if full else text[:_RECORD_CHARACTERS]
        output.say(f"  record     {index:,}: {printable(cause)}  {part}".rstrip())
    if len(letter.causes) > most:
        output.say(f"  record     ... {len(letter.causes) - most:,} more (--full)")
    output.say(f"  size       {len(letter.raw):,} bytes, SHA-256 {whole(kept)['sha256']}")
    output.say(f"  kept       {moment(kept.written)} in {kept.file}, byte {kept.position:,}")
    if content.reason:
        at = f"byte {content.place:,}: " if content.place is not None else ""
        output.say(f"  error      {at}{printable(content.reason)}")
    for note in content.notes:
        output.say(f"  note       {note}")
    shown = f"bytes {content.first:,} to {content.end:,} of {content.size:,}"
    output.say(f"Content as {content.form}, {shown}:")
    for line in content.lines:
        output.say(line)
    if content.end - content.first < content.size:
        output.say("(--full shows all of it)")


@app.command("export")
def export_letters(
    profile: ProfileOption,
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            help="A folder: ID.raw and ID.json for each letter. A name that ends in .jsonl: "
            "one line a letter, its bytes as base64.",
        ),
    ],
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="As list shows them.")
    ] = None,
    every: AllFlag = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are there already.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write dead letters out, their bytes as they came.

    The files may hold whatever Azure wrote, secrets too; only your user may read them.
    """
    if bool(ids) == every:
        raise typer.BadParameter("name letters, or give --all", param_hint="ID")
    output = Output(as_json)
    with guarded(output):
        queue = _Queue(load_profile(profile))
        wanted = dict.fromkeys(ids or [])
        present = [each.id for each in queue.letters() if every or each.id in wanted]
        for each in wanted:
            if each not in present:
                raise _not_found(each, queue)
        check_room(to, present, force)
        chosen = set(present)  # a running import may have added more by now: those of the count
        letters = (each for each in queue.letters() if each.id in chosen)
        done = export(letters, to, force) if present else None
        count, size = (done.letters, done.bytes) if done else (0, 0)
        output.value(
            {
                "exported": count,
                "bytes": size,
                "to": str(to),
                "form": "jsonl" if is_one_file(to) else "folder",
            }
            | queue.as_json()
        )
        if count:
            output.say(f"{count:,} dead letters with {size:,} bytes written to {to}")
        else:
            output.say("no dead letters")
        queue.conclude(output)


def _not_found(letter_id: str, queue: _Queue) -> ProblemError:
    detail = "; ".join(map(str, queue.damage[:_DAMAGE_SHOWN]))
    return problem_error(
        Code.DEAD_LETTER_NOT_FOUND, "dead letters", detail, id=printable(letter_id)
    )
