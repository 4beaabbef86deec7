"""What the parts of a draft are made of: saved values, references, results with a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Generic, Literal, TypeVar

from pydantic import AwareDatetime, ConfigDict, PlainSerializer

from core.profile_parts import Secret

Value = TypeVar("Value")

SavedRef = Annotated[Secret, PlainSerializer(str)]
"""A SecretRef that is written as ``scheme:name``."""


class Saved:
    """What stands in a saved draft: values are not converted, unknown fields are refused."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True)
class Verified(Saved, Generic[Value]):
    """What a job found out from the world about the answers of a step.

    Attributes:
        value: what it found.
        at: when, with its zone.
        stale: an answer that it depends on was changed since; the job should be run again.
    """

    value: Value
    at: AwareDatetime
    stale: bool = False


@dataclass(frozen=True)
class Looked(Saved):
    """What a look at one resource found.

    Attributes:
        state: it is absent, as wished, or there and different.
        resource_id: its id; empty: it is absent.
        differences: in words, one each.
    """

    state: Literal["absent", "same", "differs"]
    resource_id: str = ""
    differences: tuple[str, ...] = ()
