"""What the emulator keeps for ever beside its state: the ports, and what its ids are made of."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from core.sandbox.certificates import write_private


@dataclass(frozen=True)
class Kept:
    """The content of ``kept.json``; a port is 0 until the first start has chosen one."""

    tls_port: int
    http_port: int
    salt: str


def load(path: Path) -> Kept:
    """Read ``path``; something fresh if it is not there yet."""
    if not path.exists():
        return Kept(0, 0, secrets.token_hex(16))
    return Kept(**json.loads(path.read_text("utf-8")))


def save(path: Path, kept: Kept) -> None:
    """Replace ``path``."""
    write_private(path, json.dumps(asdict(kept)).encode())
