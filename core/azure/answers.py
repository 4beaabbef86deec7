"""What stands in an answer of Azure that is an error.

Most providers put code and message into an ``error`` object, which the SDK reads. Azure Monitor
answers both without it, which the SDK does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.secrets.redaction import redact_text

if TYPE_CHECKING:
    from azure.core.exceptions import HttpResponseError


def error_code(error: BaseException) -> str:
    """Azure's own code of ``error``; empty if it has none."""
    code = getattr(getattr(error, "error", None), "code", None)
    if not isinstance(code, str):
        code = _bare(error).get("code")
    return code if isinstance(code, str) else ""


def error_message(error: HttpResponseError) -> str:
    """Azure's own words, on one line, redacted."""
    text = getattr(getattr(error, "error", None), "message", None)
    text = text or _bare(error).get("message") or error.message or error.reason or ""
    return redact_text(" ".join(str(text).split()))


def request_id(error: HttpResponseError) -> str:
    """What Microsoft's support asks for; empty if there is none."""
    headers = getattr(error.response, "headers", None) or {}
    found = headers.get("x-ms-correlation-request-id") or headers.get("x-ms-request-id")
    return str(found or "")


def is_about_the_subscription(error: BaseException) -> bool:
    """Whether a 404 says that the subscription is not there, which is no answer about a thing."""
    return error_code(error).lower() in ("subscriptionnotfound", "invalidsubscriptionid")


def _bare(error: BaseException) -> dict[str, Any]:
    """The answer's own JSON object."""
    try:
        body = error.response.json()  # type: ignore[attr-defined]
    except Exception:  # no answer, not read to its end, or not JSON
        return {}
    return body if isinstance(body, dict) else {}
