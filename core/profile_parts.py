"""What the tables of a profile are made of: their base, and kinds of values that several share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from core.secrets import SecretRef


def _secret_ref(value: object) -> SecretRef:
    if isinstance(value, SecretRef):
        return value
    if not isinstance(value, str):
        raise ValueError("secret reference")
    return SecretRef.parse(value)


def _with_possible_port(value: str) -> str:
    if not value:
        return value
    port = int(value.rpartition(":")[2])
    if not 0 < port < 65536:
        raise ValueError(f"there is no port {port}")
    return value


"""Kinds of values; an empty text stands for one that is not given."""
Secret = Annotated[SecretRef, BeforeValidator(_secret_ref)]
HostPort = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$|^$"), AfterValidator(_with_possible_port)
]
SlsName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$")]
Guid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$|^$")]


class Part(BaseModel):
    """A table of a profile: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True
    )
