"""What Microsoft Entra ID and the credentials say when a sign-in fails, in words.

Sources: "Microsoft Entra authentication and authorization error codes" (AADSTS numbers); the
messages of azure-identity's credentials, which have no codes of their own.
"""

from __future__ import annotations

import re

from core.errors import Code, Problem, problem
from core.secrets.redaction import redact_text

_NUMBER = re.compile(r"AADSTS(\d{4,8})")

_CODES = {
    Code.AZURE_CLIENT_SECRET_WRONG: ("7000215", "7000216", "7000218"),
    Code.AZURE_CLIENT_SECRET_EXPIRED: ("7000222",),
    Code.AZURE_CERTIFICATE_REFUSED: ("700027", "700024", "700025", "7000214", "1000502"),
    Code.AZURE_APPLICATION_NOT_FOUND: ("700016", "7000229", "700011", "7000112"),
    Code.AZURE_TENANT_NOT_FOUND: ("90002", "900021", "900023", "900971", "50059", "700005"),
    Code.AZURE_CONDITIONAL_ACCESS: ("53000", "53001", "53002", "53003", "53004", "530032"),
    Code.AZURE_DEVICE_CODE_BLOCKED: ("530033", "530036", "7000013"),
    Code.AZURE_MFA_NEEDED: ("50072", "50074", "50076", "50079", "50158", "50125"),
    Code.AZURE_CONSENT_NEEDED: ("65001", "90094", "90095", "650052", "650056", "650057"),
    Code.AZURE_SIGN_IN_DECLINED: ("65004", "70018"),
    Code.AZURE_REDIRECT_NOT_REGISTERED: ("50011", "500113"),
    Code.AZURE_USER_NOT_IN_TENANT: ("50020", "50034", "50057", "50105", "51004", "500212", "90072"),
    Code.AZURE_DEVICE_CODE_EXPIRED: ("70020", "70019"),
    Code.AZURE_SIGN_IN_NEEDED: (
        *("50058", "50078", "50132", "50133", "50173", "50089"),
        *("70008", "70043", "700082", "700084", "700081", "16000"),
    ),
}
_BY_NUMBER = {number: code for code, numbers in _CODES.items() for number in numbers}
_NOT_A_PUBLIC_CLIENT = "7000218"
_USERS_METHODS = ("browser", "device_code")


def is_sign_in_error(error: BaseException) -> bool:
    """Whether ``error`` came of getting a token, not of using one."""
    from azure.core.exceptions import ClientAuthenticationError

    if not isinstance(error, ClientAuthenticationError):
        return False
    return error.response is None or "AADSTS" in str(error) or _is_oauth(error)


def sign_in_problem(error: BaseException, where: str, method: str = "") -> Problem:
    """The problem behind ``error``; ``method`` is how the sign-in was tried, if that is known."""
    from azure.identity import AuthenticationRequiredError, CredentialUnavailableError

    text = redact_text(str(error))
    found = _NUMBER.search(text)
    code = _by_number(found.group(1), method) if found else None
    parameters = {"error_code": found.group(0) if found else type(error).__name__}
    if code is None and isinstance(error, AuthenticationRequiredError):
        code = Code.AZURE_SIGN_IN_NEEDED
    if code is None and isinstance(error, CredentialUnavailableError):
        code, parameters["reason"] = _unavailable(text), _first_sentence(text)
    if code is None:
        code = _by_words(text, method)
    return problem(code, where, _short(text), **parameters)


def _by_number(number: str, method: str) -> Code | None:
    if number == _NOT_A_PUBLIC_CLIENT and method in _USERS_METHODS:
        return Code.AZURE_APPLICATION_NOT_PUBLIC
    code = _BY_NUMBER.get(number)
    if code is Code.AZURE_CONDITIONAL_ACCESS and method == "device_code":
        return Code.AZURE_DEVICE_CODE_BLOCKED
    return code


def _unavailable(text: str) -> Code:
    """Which of a credential's prerequisites is missing (messages of azure-identity)."""
    lower = text.lower()
    if "azure cli not found" in lower:
        return Code.AZURE_CLI_MISSING
    if "az login" in lower:
        return Code.AZURE_CLI_NOT_SIGNED_IN
    if "browser" in lower or "http server" in lower:
        return Code.AZURE_BROWSER_UNAVAILABLE
    if "azure cli" in lower or "failed to execute" in lower:
        return Code.AZURE_CLI_FAILED
    return Code.AZURE_SIGN_IN_FAILED


def _by_words(text: str, method: str) -> Code:
    lower = text.lower()
    if "timed out" in lower:
        return Code.AZURE_SIGN_IN_TIMED_OUT
    if "declined" in lower or "access_denied" in lower:
        return Code.AZURE_SIGN_IN_DECLINED
    if "expired_token" in lower or "code_expired" in lower:
        return Code.AZURE_DEVICE_CODE_EXPIRED
    return Code.AZURE_CLI_FAILED if method == "cli" else Code.AZURE_SIGN_IN_FAILED


def _is_oauth(error: BaseException) -> bool:
    """An answer of Entra ID has a text at ``error``, one of Resource Manager an object."""
    try:
        body = error.response.json()  # type: ignore[attr-defined]
    except Exception:  # no body, or not JSON: it then is not Entra ID's form
        return False
    return isinstance(body, dict) and isinstance(body.get("error"), str)


def _first_sentence(text: str) -> str:
    return text.strip().partition("\n")[0].partition(". ")[0].rstrip(".")[:120]


def _short(text: str) -> str:
    """Without the trace ids and the empty lines that Entra ID adds."""
    return " ".join(text.split())[:600]
