"""Whether the SPL of a standardised rule is accepted, and what it makes of a sample.

Which instructions a mode bars: Security Center, "Add a product to Agentic SOC 2.0". The reasons of
a field's validation: the SDK's ValidateNormalizationRuleResponseBody.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from core.sandbox.security_center.model import Schema, SchemaField
from core.sandbox.security_center.wire import ApiError, invalid, missing

if TYPE_CHECKING:
    from core.sandbox.spl import Script

MODES = ("realtime", "scan", "both")
"""Where a rule has to run."""

_MOST_ROWS = 100
_WHOLE = r"-?[0-9]+"
_NUMBERS = {"bigint": _WHOLE, "long": _WHOLE, "double": _WHOLE + r"(\.[0-9]+)?(e-?[0-9]+)?"}
_DENIED = "OperationDenied."
PASS, WARNING, FAILURE = 1, 0, -1


def check_expression(text: str, mode: str) -> list[Script]:
    """The scripts, one for each scene of the mode. Raises ApiError with the place of the cause."""
    from core.sandbox.spl import Scene, SplError, parse  # a start does not wait for it

    scenes = {
        "realtime": (Scene.SIEM_REALTIME,),
        "scan": (Scene.SIEM_SCAN,),
        "both": (Scene.SIEM_REALTIME, Scene.SIEM_SCAN),
    }
    try:
        return [parse(text, scene) for scene in scenes[mode]]
    except SplError as error:
        raise ApiError(
            400,
            "InvalidNormalizationRuleExpression",
            f"The specified NormalizationRuleExpression is invalid. {error}",
        ) from None


def sample_rows(text: str) -> list[dict[str, str]]:
    """The logs of a sample: a JSON object, or a list of them. Raises ApiError."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid("LogSample") from None
    rows = given if isinstance(given, list) else [given]
    if not rows:
        raise missing("LogSample")
    if len(rows) > _MOST_ROWS or not all(isinstance(row, dict) for row in rows):
        raise invalid("LogSample")
    return [
        {name: _as_field(value) for name, value in row.items() if value is not None} for row in rows
    ]


def run(script: Script, rows: list[dict[str, str]]) -> list[dict[str, str | int]]:
    """What a script makes of logs. Raises ApiError."""
    from core.sandbox.spl import SplRunError

    try:
        return script.run(rows).rows
    except SplRunError as error:
        raise ApiError(
            400, "NormalizationRuleFailed", f"The rule failed on the sample. {error}"
        ) from None


def judge(schema: Schema, rows: list[dict[str, str | int]]) -> list[dict[str, Any]]:
    """One result for each field of the structure, and for each other field that came out.

    The worst of all logs counts. A reserved field is the service's to fill (SC-14).
    """
    results = [_judge_field(each, rows) for each in schema.fields if not each.reserved]
    known = {each.name for each in schema.fields}
    others = dict.fromkeys(name for row in rows for name in row if name not in known)
    for name in others:
        if not name.startswith("__"):
            value = next(str(row[name]) for row in rows if name in row)
            results.append(_result(SchemaField(name, kind="custom"), value, PASS, "success"))
    return results


def _judge_field(each: SchemaField, rows: list[dict[str, str | int]]) -> dict[str, Any]:
    verdicts = [_judge_value(each, str(row.get(each.name, ""))) for row in rows or [{}]]
    result, reason, value = min(verdicts, key=lambda verdict: verdict[0])
    return _result(each, value, result, reason)


def _judge_value(each: SchemaField, value: str) -> tuple[int, str, str]:
    if not value:
        if each.required:
            return FAILURE, _DENIED + "TheValueIsRequired", value
        return WARNING, _DENIED + "TheValueIsNull", value
    if each.values and value not in each.values:
        return FAILURE, _DENIED + "TheEnumValueNotSupport", value
    pattern = _NUMBERS.get(each.type)
    if pattern and not re.fullmatch(pattern, value, re.ASCII | re.IGNORECASE):
        return FAILURE, _DENIED + "TheValueNotMatchRegularExpression", value
    return PASS, "success", value


def _result(each: SchemaField, value: str, result: int, reason: str) -> dict[str, Any]:
    return {
        "NormalizationFieldName": each.name,
        "NormalizationFieldType": each.type,
        "NormalizationFieldFrom": each.kind,
        "NormalizationFieldRequired": each.required,
        "NormalizationFieldReserved": each.reserved,
        "NormalizationFieldValidationStatus": "fail" if result == FAILURE else "pass",
        "NormalizationFieldValidationReason": reason,
        "Message": reason,
        "FieldName": each.name,
        "FieldValue": value,
        "LogFieldName": each.name,
        "LogFieldValue": value,
        "Result": result,
    }


def _as_field(value: Any) -> str:
    """A value as a log has it: text."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
