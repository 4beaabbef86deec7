"""What the emulator keeps for ever beside its data: ports and the AccessKey pair."""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass
from pathlib import Path

from core.sandbox.certificates import write_private
from core.sandbox.log_service.signature import AccessKey

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class State:
    """The content of ``state.json``; a port is 0 until the first start has chosen one."""

    tls_port: int
    http_port: int
    key: AccessKey


def load(path: Path) -> State:
    """Read ``path``; a fresh state if it is not there yet."""
    if not path.exists():
        return State(0, 0, AccessKey("LTAI" + _random(20), _random(30)))
    content = json.loads(path.read_text("utf-8"))
    key = AccessKey(content["access_key_id"], content["access_key_secret"])
    return State(content["tls_port"], content["http_port"], key)


def save(path: Path, state: State) -> None:
    """Replace ``path``, readable by the owner alone."""
    content = {
        "tls_port": state.tls_port,
        "http_port": state.http_port,
        "access_key_id": state.key.id,
        "access_key_secret": state.key.secret,
    }
    write_private(path, json.dumps(content, indent=1).encode())


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
