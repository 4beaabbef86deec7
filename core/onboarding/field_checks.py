"""Checks of a single field, by the schema of the profile: what passes here, a profile accepts."""

from __future__ import annotations

import functools
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from core.errors import Code, Problem, problem
from core.secrets import SecretRef

Problems = tuple[Problem, ...]
"""What a check returns; empty: nothing is wrong."""


def check_text(model: type[BaseModel], key: str, field: str, text: str, meaning: str) -> Problems:
    """Whether ``text`` may stand at ``key`` of the table ``model``.

    ``field`` is its place in the draft, ``meaning`` says in words what fits. Gives
    step_field_empty or step_field_invalid.
    """
    if fits(model, key, text):
        return ()
    if not text.strip():
        return (problem(Code.STEP_FIELD_EMPTY, field, meaning=meaning),)
    return invalid(field, text, meaning)


def check_ref(field: str, ref: SecretRef | None) -> Problems:
    """Whether ``ref`` can be written down and read again. Gives secret_ref_invalid."""
    try:
        fine = ref is None or SecretRef.parse(str(ref)) == ref
    except ValueError:
        fine = False
    return () if fine else (problem(Code.SECRET_REF_INVALID, field),)


def invalid(field: str, value: object, meaning: str) -> Problems:
    """The problem that ``value`` does not fit ``field``, which takes ``meaning``."""
    text = str(value)
    shown = text if len(text) <= 60 else text[:57] + "..."
    return (problem(Code.STEP_FIELD_INVALID, field, value=shown, meaning=meaning),)


def fits(model: type[BaseModel], key: str, value: object) -> bool:
    """Whether ``value`` may stand at ``key`` of the table ``model``."""
    try:
        _schema(model, key).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@functools.cache
def _schema(model: type[BaseModel], key: str) -> TypeAdapter[Any]:
    info = model.model_fields[key]
    whole: Any = info.annotation
    for each in info.metadata:
        whole = Annotated[whole, each]
    return TypeAdapter(whole)
