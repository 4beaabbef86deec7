"""Refusals of the sign-in endpoints. Source: "Microsoft identity platform: authentication and
authorization error codes" (numbers, words and the beginning of the texts)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

_TEXTS: dict[int, tuple[int, str, str]] = {
    16000: (
        400,
        "interaction_required",
        "Either multiple user identities are available for the current request or selected account "
        "is not supported for the scenario.",
    ),
    50011: (
        400,
        "invalid_request",
        "The redirect URI specified in the request does not match the redirect URIs configured for "
        "the application.",
    ),
    50034: (
        400,
        "invalid_grant",
        "The user account does not exist in the directory. To sign into this application, the "
        "account must be added to the directory.",
    ),
    50057: (400, "invalid_grant", "The user account is disabled."),
    50076: (
        400,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new "
        "location, you must use multi-factor authentication to access the resource.",
    ),
    50079: (
        400,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new "
        "location, you must enroll in multi-factor authentication to access the resource.",
    ),
    53003: (
        400,
        "interaction_required",
        "Access has been blocked by Conditional Access policies. The access policy does not allow "
        "token issuance.",
    ),
    65001: (
        400,
        "invalid_grant",
        "The user or administrator has not consented to use the application. Send an interactive "
        "authorization request for this user and resource.",
    ),
    65004: (400, "access_denied", "User declined to consent to access the app."),
    70000: (400, "invalid_grant", "The provided value for the input is not valid."),
    70003: (400, "unsupported_grant_type", "The app requested an unsupported grant type."),
    70011: (
        400,
        "invalid_scope",
        "The provided request must include a 'scope' input parameter. The provided value for the "
        "input parameter 'scope' is not valid.",
    ),
    70016: (
        400,
        "authorization_pending",
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    ),
    70018: (400, "authorization_declined", "User declined to consent to access the app."),
    70020: (
        400,
        "expired_token",
        "The provided value for the input parameter 'device_code' is not valid. This device code "
        "has expired.",
    ),
    70019: (400, "bad_verification_code", "Verification code expired or not known."),
    90002: (
        400,
        "invalid_request",
        "Tenant not found. Check to make sure you have the correct tenant ID and are signing into "
        "the correct cloud.",
    ),
    90014: (400, "invalid_request", "The required field is missing from the request."),
    501481: (
        400,
        "invalid_grant",
        "The Code_Verifier does not match the code_challenge supplied in the authorization "
        "request.",
    ),
    500011: (
        400,
        "invalid_resource",
        "The resource principal was not found in the tenant. This can happen if the application "
        "has not been installed by the administrator of the tenant.",
    ),
    700016: (
        400,
        "unauthorized_client",
        "Application was not found in the directory. This can happen if the application has not "
        "been installed by the administrator of the tenant.",
    ),
    700027: (
        401,
        "invalid_client",
        "The certificate with identifier used to sign the client assertion is not registered on "
        "application.",
    ),
    700082: (
        400,
        "invalid_grant",
        "The refresh token has expired due to inactivity.",
    ),
    7000112: (401, "unauthorized_client", "Application is disabled."),
    7000215: (
        401,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client "
        "secret value, not the client secret ID, for a secret added to the app.",
    ),
    7000218: (
        401,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or "
        "'client_secret'.",
    ),
    7000222: (
        401,
        "invalid_client",
        "The provided client secret keys for the app are expired. Visit the Azure portal to create "
        "new keys for your app.",
    ),
}
NUMBERS = frozenset(_TEXTS)
"""The AADSTS numbers that the emulator knows."""


class SignInError(Exception):
    """A refusal, by its AADSTS number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.status, self.error, text = _TEXTS[number]
        super().__init__(f"AADSTS{number}: {text}")

    def body(self) -> dict[str, Any]:
        """The JSON that a client gets."""
        when = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        return {
            "error": self.error,
            "error_description": f"{self} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {when}",
            "error_codes": [self.number],
            "timestamp": when,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }
