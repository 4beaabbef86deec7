"""Where Isthmus keeps what belongs to a user: the folders of the operating system.

``ISTHMUS_CONFIG_DIR`` and ``ISTHMUS_STATE_DIR`` override them.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import platformdirs


def config_folder() -> Path:
    """The folder of named profiles (``<name>.toml``)."""
    chosen = os.environ.get("ISTHMUS_CONFIG_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_config_dir("isthmus", False))


def state_folder(profile_name: str, profile_file: Path) -> Path:
    """The state folder of one profile: ledger, lock, dead letters.

    Two profile files with one name (on two sandboxes, say) have two folders, hence the digest of
    the file's absolute path.
    """
    chosen = os.environ.get("ISTHMUS_STATE_DIR")
    base = Path(chosen) if chosen else Path(platformdirs.user_state_dir("isthmus", False))
    place = hashlib.sha256(str(profile_file.resolve()).encode()).hexdigest()[:8]
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", profile_name)[:48]
    return base / f"{readable}-{place}"
