"""Reading and writing a secret at the place that its reference names.

Every value that is read or written is made known to the redaction, so that it can stand in no
text that this process shows afterwards. There is never a plaintext fallback: where the operating
system offers no store, ``store:`` fails.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Code, problem_error
from core.secrets.redaction import know_secret
from core.secrets.reference import SecretRef

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE = "isthmus"
_memory: dict[str, str] = {}


def read_secret(ref: SecretRef, folder: Path, where: str) -> str:
    """The secret at ``ref``; a relative ``file:`` path counts from ``folder``.

    ``where`` is the profile's field, for the problem. Raises ProblemError (secret_missing,
    secret_file_open_to_others, secret_store_unavailable).
    """
    if ref.scheme == "env":
        value = os.environ.get(ref.name)
    elif ref.scheme == "memory":
        value = _memory.get(ref.name)
    elif ref.scheme == "file":
        value = _read_file(folder / ref.name, where)
    else:
        with _store_problems(where):
            value = _store(where).get_password(_SERVICE, ref.name)
    value = value.strip() if value else value  # a blank or line end that came with a copy
    if not value:
        raise problem_error(Code.SECRET_MISSING, where, ref=ref)
    know_secret(value)
    return value


def write_secret(ref: SecretRef, value: str, folder: Path, where: str) -> None:
    """Keep ``value`` at ``ref``. Raises ProblemError (secret_not_writable for ``env:``)."""
    know_secret(value)
    check_writable(ref, where)
    if ref.scheme == "memory":
        _memory[ref.name] = value
    elif ref.scheme == "file":
        _write_file(folder / ref.name, value)
    else:
        with _store_problems(where):
            _store(where).set_password(_SERVICE, ref.name, value)


def delete_secret(ref: SecretRef, folder: Path, where: str) -> None:
    """Forget what is kept at ``ref``; nothing there is no error. Raises ProblemError."""
    check_writable(ref, where)
    if ref.scheme == "memory":
        _memory.pop(ref.name, None)
    elif ref.scheme == "file":
        (folder / ref.name).unlink(missing_ok=True)
    else:
        from keyring.errors import PasswordDeleteError

        with _store_problems(where), contextlib.suppress(PasswordDeleteError):
            _store(where).delete_password(_SERVICE, ref.name)


def check_writable(ref: SecretRef, where: str) -> None:
    """Raise ProblemError (secret_not_writable, secret_store_unavailable) if ``ref`` cannot be."""
    if ref.scheme == "env":
        raise problem_error(Code.SECRET_NOT_WRITABLE, where, ref=ref)
    if ref.scheme == "store":
        _store(where)


def _read_file(path: Path, where: str) -> str | None:
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise problem_error(
                Code.SECRET_FILE_OPEN_TO_OTHERS, where, path=path, mode=f"{mode & 0o777:04o}"
            )
        return path.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError):
        return None


def _write_file(path: Path, value: str) -> None:
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value + "\n")
    temporary.replace(path)


def _store(where: str) -> KeyringBackend:
    """The operating system's own store; keyring's plaintext and null back ends are refused."""
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    for each in (backend, *getattr(backend, "backends", ())):  # a chain of several has these
        plaintext = type(each).__module__.startswith("keyrings.alt")
        if plaintext or isinstance(each, (fail.Keyring, null.Keyring)):
            raise problem_error(Code.SECRET_STORE_UNAVAILABLE, where)
    return backend


@contextlib.contextmanager
def _store_problems(where: str) -> Iterator[None]:
    """A store that is locked or fails is one that cannot be used."""
    from keyring.errors import KeyringError

    try:
        yield
    except KeyringError as error:
        raise problem_error(Code.SECRET_STORE_UNAVAILABLE, where, type(error).__name__) from None
