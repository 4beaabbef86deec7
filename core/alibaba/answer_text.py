"""Texts of an answer as they may be shown: whoever sent them decides about nothing else."""

from __future__ import annotations

from core.secrets.redaction import redact_text


def shown_text(value: object, most: int) -> str:
    """``value`` on one line without secrets and control characters, of ``most`` characters."""
    line = " ".join(redact_text("" if value is None else str(value)).split())
    return "".join(each if each.isprintable() else "." for each in line[:most])
