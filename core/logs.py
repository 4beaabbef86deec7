"""Log lines: one event a line on standard error, its fields by the redaction's white list."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

from core.secrets.redaction import redact_fields, redact_text

_LOGGER = logging.getLogger("isthmus")


def event(name: str, level: int = logging.INFO, **fields: object) -> None:
    """Write one event, for example ``event("partition.assigned", partition=3, offset=17)``."""
    if _LOGGER.isEnabledFor(level):
        _LOGGER.log(level, name, extra={"isthmus_fields": fields})


def log_to_stderr(verbose: bool = False) -> None:
    """Send events and the libraries' warnings to standard error, redacted."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _LOGGER.setLevel(logging.DEBUG if verbose else logging.INFO)


class _RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        fields = redact_fields(getattr(record, "isthmus_fields", {}))
        words = [f"{moment}Z", record.levelname.lower(), redact_text(record.getMessage())]
        words += [f"{name}={_word(value)}" for name, value in fields.items()]
        if record.exc_info:
            words.append(redact_text(self.formatException(record.exc_info)))
        return " ".join(words)


def line_of(record: logging.LogRecord) -> str:
    """``record`` as one redacted line, or several where it has a traceback."""
    return _RedactingFormatter().format(record)


def _word(value: object) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text
