"""A reference to a secret: ``store:NAME``, ``file:PATH``, ``env:VARIABLE`` or ``memory:NAME``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Scheme = Literal["store", "file", "env", "memory"]


@dataclass(frozen=True)
class SecretRef:
    """Where a secret is kept. It never holds the secret, so it may be shown and saved.

    Attributes:
        scheme: ``store`` (the operating system's own store), ``file`` (mode 0600), ``env``
            (read-only) or ``memory`` (this process only).
        name: the entry, path or variable.
    """

    scheme: Scheme
    name: str

    @classmethod
    def parse(cls, text: str) -> SecretRef:
        """Read ``scheme:name``. Raises ValueError, whose text does not repeat ``text``:

        what stands there may be a secret that was pasted by mistake.
        """
        scheme, colon, name = text.partition(":")
        if not colon or scheme not in get_args(Scheme) or (not name and scheme != "memory"):
            raise ValueError("not of the form store:NAME, file:PATH or env:VARIABLE")
        return cls(scheme, name)  # type: ignore[arg-type]  # checked against Scheme above

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"
