"""How the application proves itself: by its secret, or by a certificate (RFC 7523).

Source: "Microsoft identity platform: OAuth 2.0 client credentials flow, certificate credentials".
"""

from __future__ import annotations

import hmac
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from core.sandbox.azure import tokens
from core.sandbox.azure.directory import Directory
from core.sandbox.azure.grants import Asked, Form
from core.sandbox.azure.sign_in_errors import SignInError
from core.sandbox.azure.store import Store

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_KEY = "certificate/"


class AppCredentials:
    """The credentials of the one application."""

    def __init__(self, directory: Directory, store: Store, endpoint: str) -> None:
        self._directory = directory
        self._store = store
        self._endpoint = endpoint

    def register(self, pem: str) -> str:
        """Let it sign in with a certificate; its SHA-1 thumbprint. ``ValueError`` if it is none."""
        certificate = x509.load_pem_x509_certificate(pem.encode())
        thumbprint = certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303
        self._store.put({_KEY + thumbprint: {"pem": pem}})
        return thumbprint

    def check(self, asked: Asked, form: Form) -> None:
        """Return if a token request is the application's; SignInError if it is not."""
        if asked.client_id.lower() != self._directory.client_id:
            raise SignInError(700016)
        if form.get("client_assertion"):
            self._check_assertion(asked, form)
        elif not form.get("client_secret"):
            raise SignInError(7000218)
        else:
            given, ours = form["client_secret"].encode(), self._directory.client_secret.encode()
            if not hmac.compare_digest(given, ours):
                raise SignInError(7000215)

    def _check_assertion(self, asked: Asked, form: Form) -> None:
        if form.get("client_assertion_type") != _ASSERTION:
            raise SignInError(90014)
        assertion = form["client_assertion"]
        header = _header(assertion)
        for _, kept in self._store.under(_KEY):
            certificate = x509.load_pem_x509_certificate(kept["pem"].encode())
            if _names(header, certificate) and self._signed(assertion, certificate, asked):
                return
        raise SignInError(700027)

    def _signed(self, assertion: str, certificate: x509.Certificate, asked: Asked) -> bool:
        try:
            claims = tokens.verify_assertion(assertion, certificate)
        except tokens.TokenError:
            return False
        ours = str(claims.get("aud", "")).lower().startswith(self._endpoint + "/")
        return ours and claims.get("iss") == claims.get("sub") == asked.client_id


def _header(assertion: str) -> dict[str, Any]:
    try:
        return tokens.header_of(assertion)
    except tokens.TokenError:
        return {}


def _names(header: dict[str, Any], certificate: x509.Certificate) -> bool:
    """Whether the header's thumbprint is the certificate's."""
    sha1 = tokens.encoded(certificate.fingerprint(hashes.SHA1()))  # noqa: S303
    sha256 = tokens.encoded(certificate.fingerprint(hashes.SHA256()))
    given = str(header.get("x5t", "")).rstrip("="), str(header.get("x5t#S256", "")).rstrip("=")
    return sha1 == given[0] or sha256 == given[1]
