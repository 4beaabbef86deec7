"""What holds for this machine whatever the profile: the way out to the networks, so far.

``settings.json`` in the config folder. A new import takes its proxy and its CA file from here; a
profile that was written has its own, in ``[network]``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from core.errors import Code, problem_error
from core.paths import config_folder

FILE_NAME = "settings.json"


@dataclass(frozen=True)
class Settings:
    """The settings.

    Attributes:
        proxy: ``http://host:port``; empty: none.
        ca_file: absolute path of a PEM file with authorities to trust; empty: the system's.
    """

    proxy: str = ""
    ca_file: str = ""

    @property
    def network(self) -> dict[str, str]:
        """What the table ``[network]`` of a new profile gets; empty: it needs none."""
        return {key: value for key, value in asdict(self).items() if value}


def settings_file() -> Path:
    """Where they are kept."""
    return config_folder() / FILE_NAME


def load_settings() -> Settings:
    """The settings; the defaults where none were ever kept. Raises ProblemError."""
    path = settings_file()
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or "it is not JSON"
        raise problem_error(Code.SETTINGS_UNREADABLE, FILE_NAME, path=path, reason=reason) from None
    known = {field.name for field in fields(Settings)}
    reason = ""
    if not isinstance(data, dict) or not all(isinstance(each, str) for each in data.values()):
        reason = "it is not an object of texts"
    elif not set(data) <= known:
        reason = "it has a key that this version does not know"
    if reason:
        raise problem_error(Code.SETTINGS_UNREADABLE, FILE_NAME, path=path, reason=reason)
    return Settings(**data)


def save_settings(settings: Settings) -> None:
    """Keep ``settings``, whole or not at all. Raises ProblemError."""
    path = settings_file()
    temporary = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(asdict(settings), indent=2) + "\n", "utf-8")
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise problem_error(
            Code.SETTINGS_NOT_WRITABLE, FILE_NAME, path=path, reason=reason
        ) from None
