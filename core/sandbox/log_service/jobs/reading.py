"""Reading the parts of a job that a client wrote, with a refusal that names the part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.sandbox.log_service.wire import ServiceError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}[a-z0-9]")


def refused(message: str) -> ServiceError:
    """A part that is not right."""
    return ServiceError("ParameterInvalid", message)


def unsupported(what: str) -> ServiceError:
    """A part that the service knows and the sandbox does not."""
    return ServiceError("ParameterInvalid", f"outside of what the sandbox plays: {what}")


def job_name(given: Any) -> str:
    """2 to 64 of a-z, 0-9, _ and -, alphanumeric at both ends.

    (Alibaba Cloud: alibabacloud_sls20201230, comment of CreateS3IngestionRequest.name.)
    """
    if not isinstance(given, str) or not _NAME.fullmatch(given):
        raise refused(
            f"job name {given!r} is invalid: 2 to 64 lower-case letters, digits, - and _, "
            "with a letter or digit at both ends"
        )
    return given


def an_object(given: Any, name: str) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(given, dict):
        raise refused(f"{name} must be an object")
    return given


def text_of(given: Mapping[str, Any], name: str, place: str = "", needed: bool = True) -> str:
    """A text; empty counts as missing."""
    value = given.get(name)
    whole = f"{place}.{name}" if place else name
    if value is None or value == "":
        if needed:
            raise refused(f"{whole} is required")
        return ""
    if not isinstance(value, str):
        raise refused(f"{whole} must be a string")
    return value


def truth_of(given: Mapping[str, Any], name: str, place: str, needed: bool = False) -> bool:
    """``true`` or ``false``."""
    value = given.get(name)
    if value is None and not needed:
        return False
    if not isinstance(value, bool):
        raise refused(f"{place}.{name} must be true or false")
    return value


def seconds_of(given: Mapping[str, Any], name: str, place: str) -> int:
    """Epoch seconds; 0 if it is missing."""
    value = given.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise refused(f"{place}.{name} must be epoch seconds")
    return value


def one_of(value: str, allowed: Iterable[str], place: str) -> str:
    """``value`` in lower case, if it is one of ``allowed``."""
    if value.lower() not in allowed:
        raise refused(f"{place} {value!r} is not one of {', '.join(allowed)}")
    return value.lower()
