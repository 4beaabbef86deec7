"""Where the tokens of users are kept: the operating system's own store, or this process's memory.

On Windows the store is a file under the Data Protection API, on macOS the keychain, on Linux the
Secret Service by libsecret. There is never a plaintext file: where there is no store, tokens
last as long as the process.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Code, problem_error

if TYPE_CHECKING:
    from azure.identity import AuthenticationRecord

CACHE_NAME = "isthmus"
"""The cache's own name; the default one is shared with Microsoft's developer tools."""


@functools.cache
def store_is_usable() -> bool:
    """Whether this machine has a store for tokens that works now."""
    import sys

    import msal_extensions  # type: ignore[import-untyped]

    if not sys.platform.startswith("linux"):
        return sys.platform in ("win32", "darwin")
    try:
        place = Path.home() / ".IdentityService" / CACHE_NAME
        msal_extensions.LibsecretPersistence(str(place), CACHE_NAME, {"program": CACHE_NAME})
    except Exception:  # whatever it is that libsecret lacks: display, bus, bindings, key ring
        return False
    return True


def cache_options() -> dict[str, Any]:
    """The argument of a credential that lets it use the store; empty if there is none."""
    from azure.identity import TokenCachePersistenceOptions

    if not store_is_usable():
        return {}
    options = TokenCachePersistenceOptions(name=CACHE_NAME, allow_unencrypted_storage=False)
    return {"cache_persistence_options": options}


def read_record(path: Path | None) -> AuthenticationRecord | None:
    """Who signed in; None if nobody did, or what stands there cannot be used."""
    from azure.identity import AuthenticationRecord

    if path is None:
        return None
    try:
        return AuthenticationRecord.deserialize(path.read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(path: Path | None, record: AuthenticationRecord) -> None:
    """Keep who signed in: names and ids, no token. Raises ProblemError."""
    if path is None:
        return
    text = json.dumps(json.loads(record.serialize()), indent=2)
    temporary = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise problem_error(
            Code.AZURE_ACCOUNT_FILE_UNUSABLE, "azure.sign_in", path=path, reason=reason
        ) from None
