"""The diagnostic bundle: one zip with what somebody needs who helps, and no secret.

What goes in is on a list, by name; everything else in a state folder (tokens, dead letters,
records) stays where it is. Each text is redacted by the secrets that the profile refers to, which
are read for that, and by what is shaped like one. A profile that cannot be read may have a secret
in a wrong place, where nothing can tell it: of that one tables, keys, numbers and references go in.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import platform
import re
import sys
import zipfile
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.errors import Code, Problem, ProblemError, problem_error
from core.logs import line_of
from core.profile import Profile, load_profile
from core.secrets.redaction import REDACTED, redact_text

_STATE = {
    "journal.jsonl": "What apply set out to make and made",
    "applied.json": "Where the event hub is, as applied",
    "ledger.json": "Start and committed offset of each partition",
    "engine.log": "The log of the import's last run",
}
"""Files of a state folder that go in, and what they are."""
_PACKAGES = (
    "isthmus", "aliyun-log-python-sdk", "azure-core", "azure-identity", "azure-mgmt-eventhub",
    "confluent-kafka", "cryptography", "keyring", "msal", "pydantic",
    "PySide6-Essentials", "qasync",
)  # fmt: skip
_TABLE = re.compile(r"\s*\[{1,2}[a-z_. ]{1,60}\]{1,2}\s*$")
_KEY = re.compile(r"(\s*[a-z_]{1,40}\s*=\s*)(.*)$")
_HARMLESS = re.compile(r"""(true|false|[0-9]{1,9}|["'](store|file|env|memory):[^"']*["'])\s*$""")
_LOG_LINES = 2000
_LARGEST = 2 * 1024 * 1024
"""Of a file, bytes: of a longer one its end goes in."""


@dataclass(frozen=True)
class Entry:
    """One file of the bundle.

    Attributes:
        name: in the zip.
        about: what it is, in words.
        text: its content, redacted.
    """

    name: str
    about: str
    text: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.text.encode())


class RecentLog(logging.Handler):
    """Keeps the last lines of this process's log, redacted, for a bundle."""

    def __init__(self, lines: int = _LOG_LINES) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=lines)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line. Never raises."""
        try:
            self._lines.append(line_of(record))
        except Exception:
            self.handleError(record)

    def text(self) -> str:
        """The lines, oldest first."""
        return "".join(f"{line}\n" for line in tuple(self._lines))


def collect(
    profile: Path | None,
    problem: Problem | None = None,
    log: str = "",
    draft: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> tuple[Entry, ...]:
    """What a bundle about ``profile`` holds; blocking.

    ``problem``: what was shown last. ``log``: of this process. ``draft``: the file of what was
    typed in the wizard. ``more``: further versions by name.
    """
    found = [("versions.json", "Versions of Isthmus, Python, the system and the SDKs",
              _json(versions(more or {})))]  # fmt: skip
    if problem is not None:
        found.append(("problem.json", "The problem that was shown", _json(problem.as_json())))
    if profile is not None:
        found += _of_profile(profile)
    typed = _read(draft) if draft is not None else None
    if typed:
        found.append(("draft.json", "What was typed in the wizard", typed))
    if log:
        found.append(("window.log", "What this program logged since its start", log))
    return tuple(Entry(name, about, _encodable(redact_text(text))) for name, about, text in found)


def write(entries: tuple[Entry, ...], path: Path) -> None:
    """Write the bundle to ``path``, whole or not at all. Raises ProblemError."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in entries:
            archive.writestr(f"{path.stem}/{each.name}", each.text)
    temporary = path.with_name(path.name + ".new")
    try:
        temporary.write_bytes(made.getvalue())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise problem_error(Code.BUNDLE_NOT_WRITABLE, "bundle", path=path, reason=reason) from None


def proposed_name(profile: str, at: datetime) -> str:
    """A name for the file."""
    plain = "".join(each if each.isalnum() or each in "-_" else "-" for each in profile)
    return f"isthmus-{plain or 'bundle'}-{at:%Y%m%d-%H%M}.zip"


def versions(more: Mapping[str, str]) -> dict[str, str]:
    """Versions by name; of what is not installed: nothing."""
    found = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "system": platform.platform(),
    }
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found | dict(more)


def _of_profile(path: Path) -> list[tuple[str, str, str]]:
    """The profile's text and the files of its state folder."""
    text = _read(path)
    try:
        profile = load_profile(str(path))
    except ProblemError:
        about = "The keys of the profile, which cannot be read; its texts are left out"
        return [] if text is None else [("profile.toml", about, _keys_of(text))]
    _know_secrets(profile)
    found = []
    if text is not None:
        found.append(("profile.toml", "The profile; it names where secrets are kept", text))
    for name, about in _STATE.items():
        text = _read(profile.state_folder / name)
        if text:
            found.append((f"state/{name}", about, text))
    return found


def _know_secrets(profile: Profile) -> None:
    """Have the redaction know every secret of the profile."""
    for field, ref in profile.secrets().items():
        with contextlib.suppress(ProblemError):
            profile.read_secret(ref, field)


def _read(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - _LARGEST))
            whole = file.read()
    except OSError:
        return None
    if size > _LARGEST:
        whole = whole[whole.find(b"\n") + 1 :]
    return whole.decode("utf-8", "replace")


def _keys_of(text: str) -> str:
    """The lines of a TOML text without the texts in them."""
    return "".join(f"{_key_of(line)}\n" for line in text.splitlines())


def _key_of(line: str) -> str:
    if not line.strip() or _TABLE.match(line):
        return line
    key = _KEY.match(line)
    if key is None:
        return REDACTED
    return line if _HARMLESS.match(key[2]) else key[1] + REDACTED


def _encodable(text: str) -> str:
    """A log line may hold half a surrogate pair, which no file can."""
    return text.encode("utf-8", "replace").decode()


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
