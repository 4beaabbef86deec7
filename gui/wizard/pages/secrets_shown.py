"""Where a secret is kept, in words, and what a user can do where there is no store for it."""

from __future__ import annotations

import re

from core.secrets import SecretRef
from gui.words import tr


def place_in_words(ref: SecretRef) -> str:
    """Where ``ref`` is, as one says it."""
    return {
        "store": tr("the system's secret store"),
        "file": tr("a file that only you can read"),
        "env": tr("the environment variable {name}", name=ref.name),
        "memory": tr("this session, until Isthmus closes"),
    }[ref.scheme]


def beside_profile(name: str, what: str) -> SecretRef:
    """A file beside the profile ``name``, for the secret ``what``."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "isthmus"
    return SecretRef("file", f"{plain}-{what}.secret")
