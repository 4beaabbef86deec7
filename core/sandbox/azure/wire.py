"""A request and an answer of Azure Resource Manager, and its errors.

Source: "Azure Resource Manager: common API details" (api-version, headers, error shape).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Principal:
    """Who calls, as an access token says.

    Attributes:
        tenant: id of the directory that made the token.
        object_id: of the user or service principal there.
        name: user principal name, or the application's id.
        is_app: a service principal rather than a user.
    """

    tenant: str
    object_id: str
    name: str
    is_app: bool


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        path: percent-decoded, as it was sent.
        query: parameters by name in lower case.
        body: the JSON value; None without one.
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    principal: Principal

    def parameter(self, name: str) -> str:
        """A query parameter; empty if it is missing."""
        return self.query.get(name.lower(), "")

    def object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        if not isinstance(self.body, dict):
            raise ArmError(
                400, "InvalidRequestContent", "The request content is not a valid JSON object."
            )
        return self.body

    def properties(self) -> dict[str, Any]:
        """``properties`` of the body; empty if it has none."""
        found = self.object().get("properties") or {}
        if not isinstance(found, dict):
            raise ArmError(400, "InvalidRequestContent", "The request content is not valid.")
        return found


@dataclass(frozen=True)
class Answer:
    """One answer; ``body`` is a JSON value, None for none."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class ArmError(Exception):
    """A refusal in Azure's error shape.

    Attributes:
        code: the word that clients branch on.
        more: further members of ``error``.
        bare: without the ``error`` envelope, as Azure Monitor's provider answers.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        bare: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        self.bare = bare

    def answer(self) -> Answer:
        """What goes to the client."""
        error = {"code": self.code, "message": self.message, **self.more}
        return Answer(self.status, error if self.bare else {"error": error}, self.headers)


def now() -> str:
    """The time in the form that ARM writes."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def flag(given: Mapping[str, Any], name: str, default: bool) -> bool:
    """A boolean member; ``default`` if it is missing or null. ArmError if it is something else."""
    value = given.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise ArmError(400, "BadRequest", f"The value of '{name}' is not a boolean.")
    return value


def number(given: Mapping[str, Any], name: str) -> int | None:
    """A whole number; None if it is missing or null. ArmError if it is something else."""
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArmError(400, "BadRequest", f"The value of '{name}' is not a whole number.")
    return value


def text(given: Mapping[str, Any], name: str) -> str:
    """A text member; empty if it is missing or null. ArmError if it is something else."""
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ArmError(400, "BadRequest", f"The value of '{name}' is not a text.")
    return value
