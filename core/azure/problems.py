"""An error of Azure's SDKs in words: the one place where it becomes a Problem.

Azure's ``error.code`` decides, never the class of the exception: every 409 is a
ResourceExistsError, whatever its cause. Sources of the codes: "Azure Resource Manager: common
error codes"; "Azure: Event Hubs Resource Manager exceptions".
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.azure.answers import error_code, error_message, request_id
from core.azure.sign_in_problems import is_sign_in_error, sign_in_problem
from core.errors import Code, Problem, ProblemError, problem
from core.secrets.redaction import redact_text

if TYPE_CHECKING:
    from azure.core.exceptions import HttpResponseError

_DENIED = re.compile(r"perform action '(?P<action>[^']+)' over scope '(?P<scope>[^']+)'")
_LINKED = re.compile(
    r"not have permission to perform action\(?s?\)? '(?P<action>[^']+)' on the linked scope\(?s?\)?"
    r" '(?P<scope>[^']+)'"
)
_CATEGORY = re.compile(r"in diagnostic setting '[^']+' for category '(?P<categories>[^']+)'")
_PROVIDER = re.compile(r"namespace '(?P<provider>[A-Za-z.]+)'")

_BY_CODE = {
    "authorizationfailed": Code.AZURE_FORBIDDEN,
    "linkedauthorizationfailed": Code.AZURE_FORBIDDEN_AT_TARGET,
    "requestdisallowedbypolicy": Code.AZURE_DENIED_BY_POLICY,
    "requestdisallowedbyazure": Code.AZURE_LOCATION_UNAVAILABLE,
    "missingsubscriptionregistration": Code.AZURE_PROVIDER_NOT_REGISTERED,
    "subscriptionnotregistered": Code.AZURE_PROVIDER_NOT_REGISTERED,
    "subscriptionnotfound": Code.AZURE_SUBSCRIPTION_UNSEEN,
    "invalidsubscriptionid": Code.AZURE_SUBSCRIPTION_UNSEEN,
    "invalidauthenticationtokentenant": Code.AZURE_TOKEN_REFUSED,
    "readonlydisabledsubscription": Code.AZURE_SUBSCRIPTION_DISABLED,
    "subscriptionisdisabled": Code.AZURE_SUBSCRIPTION_DISABLED,
    "disallowedoperation": Code.AZURE_SUBSCRIPTION_DISABLED,
    "scopelocked": Code.AZURE_LOCKED,
    "resourcegroupbeingdeleted": Code.AZURE_GROUP_BEING_DELETED,
    "locationnotavailableforresourcetype": Code.AZURE_LOCATION_UNAVAILABLE,
    "locationnotavailableforresourcegroup": Code.AZURE_LOCATION_UNAVAILABLE,
    "skunotavailable": Code.AZURE_LOCATION_UNAVAILABLE,
    "invalidresourcelocation": Code.AZURE_EXISTS_ELSEWHERE,
    "invalidresourcegrouplocation": Code.AZURE_EXISTS_ELSEWHERE,
    "nameinuse": Code.AZURE_NAMESPACE_NAME_TAKEN,
    "nameinlockdown": Code.AZURE_NAMESPACE_NAME_TAKEN,
    "namespaceunavailable": Code.AZURE_NAMESPACE_NAME_TAKEN,
    "namespacealreadyexists": Code.AZURE_NAMESPACE_NAME_TAKEN,
    "quotaexceeded": Code.AZURE_QUOTA,
    "toomanynamespaceincurrentsubscription": Code.AZURE_QUOTA,
    "toomanyrequests": Code.AZURE_THROTTLED,
    "subscriptionrequeststhrottled": Code.AZURE_THROTTLED,
    "entrarequestthrottled": Code.AZURE_THROTTLED,
}
_BY_WORDS = {
    "name is not available": Code.AZURE_NAMESPACE_NAME_TAKEN,
    "namespace already exists": Code.AZURE_NAMESPACE_NAME_TAKEN,
    "is already used in diagnostic setting": Code.AZURE_CATEGORY_TWICE,
    "limit of 5 diagnostic settings": Code.AZURE_TOO_MANY_SETTINGS,
}
_NO_CONNECTION = (
    "Max retries exceeded",
    "NameResolutionError",
    "NewConnectionError",
    "Cannot connect to host",
)
_DETAIL = 600
SIGN_IN = "azure.sign_in"
"""The place that every problem of a sign-in names."""


@contextlib.contextmanager
def azure_problems(where: str, **parameters: object) -> Iterator[None]:
    """Raise what Azure's SDKs raise in the block as a ProblemError; see :func:`azure_problem`."""
    from azure.core.exceptions import AzureError

    try:
        yield
    except AzureError as error:
        raise ProblemError(azure_problem(error, where, **parameters)) from None


def azure_problem(error: BaseException, where: str, **parameters: object) -> Problem:
    """What ``error`` means.

    ``parameters`` help the texts: ``what`` says what was looked for, ``name`` which namespace was
    asked for, ``method`` how a sign-in was tried. No token and no secret is in the result.
    """
    from azure.core import exceptions as azure

    if isinstance(error, ProblemError):
        return error.problem
    if is_sign_in_error(error) and _was_not_reached(error):
        return _unreached(error, SIGN_IN, redact_text(str(error))[:_DETAIL])
    if is_sign_in_error(error):
        # Whatever was asked for when the token was needed: it is the sign-in that is to be mended.
        return sign_in_problem(error, SIGN_IN, str(parameters.get("method", "")))
    if isinstance(error, azure.HttpResponseError):
        return _answered(error, where, parameters)
    text = redact_text(str(error))[:_DETAIL]
    if isinstance(error, azure.ServiceRequestError):
        return _unreached(error, where, text)
    if isinstance(error, azure.ServiceResponseError):
        return problem(Code.AZURE_NO_ANSWER, where, text, host=_host(error))
    if isinstance(error, azure.AzureError):
        return problem(Code.AZURE_DOWN, where, text, error_code=type(error).__name__)
    return problem(Code.INTERNAL, where, text, kind=type(error).__name__)


def _answered(error: HttpResponseError, where: str, parameters: dict[str, object]) -> Problem:
    code, status = error_code(error), error.status_code or 0
    message = error_message(error)
    kind = _by_words(message.lower()) or _kind(code, status)
    texts: dict[str, object] = {
        "error_code": code or f"HTTP {status}",
        "action": "this",
        "scope": "that scope",
        "provider": "of this resource",
        "what": _first(message),
        "name": "wanted",
        "reason": _first(message),
        "categories": "these",
        "limit": 5,
    }
    for pattern in (_DENIED, _LINKED, _PROVIDER, _CATEGORY):
        found = pattern.search(message)
        texts |= found.groupdict() if found else {}
    texts |= {key: value for key, value in parameters.items() if value and key != "method"}
    return problem(kind, where, _detail(error, code, message), **texts)


def _by_words(message: str) -> Code | None:
    """Errors whose code is no more than BadRequest or Conflict."""
    return next((code for words, code in _BY_WORDS.items() if words in message), None)


def _kind(code: str, status: int) -> Code:
    known = _BY_CODE.get(code.lower())
    if known is not None:
        return known
    if 200 <= status < 300:  # the answer was fine, and says that an operation was not
        return Code.AZURE_OPERATION_FAILED
    if status == 401:
        return Code.AZURE_TOKEN_REFUSED
    if status == 403:
        return Code.AZURE_FORBIDDEN
    if status == 404:
        return Code.AZURE_NOT_FOUND
    if status in (409, 412):
        return Code.AZURE_CONFLICT
    if status == 429:
        return Code.AZURE_THROTTLED
    if status >= 500 or status == 408:
        return Code.AZURE_DOWN
    return Code.AZURE_REFUSED


def _was_not_reached(error: BaseException) -> bool:
    """Whether Entra ID was never asked: MSAL's words for a connection that could not be made."""
    text = str(error)
    return "AADSTS" not in text and any(each in text for each in _NO_CONNECTION)


def _unreached(error: BaseException, where: str, text: str) -> Problem:
    host = _host(error)
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text.lower():
        return problem(Code.AZURE_CERTIFICATE_UNTRUSTED, where, text, host=host)
    return problem(Code.AZURE_UNREACHABLE, where, text, host=host, reason=_reason(text))


def _reason(text: str) -> str:
    lower = text.lower()
    if any(word in lower for word in ("name or service", "getaddrinfo", "nodename", "resolve")):
        return "its name has no address"
    if "refused" in lower or "connect call failed" in lower:
        return "the connection was refused"
    if "timed out" in lower or "timeout" in lower:
        return "it did not answer in time"
    if "proxy" in lower:
        return "the proxy did not let the request through"
    return "the connection could not be opened"


def _host(error: BaseException) -> str:
    """The host that was not reached: aiohttp and requests say it in their own errors."""
    inner = getattr(error, "inner_exception", None)
    for each in (inner, getattr(inner, "args", [None])[0] if inner else None):
        host, port = getattr(each, "host", None), getattr(each, "port", None)
        if host:
            return f"{host}:{port}" if port and port != 443 else str(host)
    found = re.search(r"host='?([A-Za-z0-9.-]+)'?|host ([A-Za-z0-9.-]+:\d+)", str(error))
    return next(filter(None, found.groups()), "it") if found else "it"


def _detail(error: HttpResponseError, code: str, message: str) -> str:
    detail = f"{code or 'no code'} ({error.status_code}): {message}"[:_DETAIL]
    request = request_id(error)
    return f"{detail}; request {request}" if request else detail


def _first(message: str) -> str:
    """The first sentence, as long as a cause may be."""
    return message.partition(". ")[0].rstrip(".")[:140] or "no reason is given"
