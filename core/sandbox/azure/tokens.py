"""JSON Web Tokens signed with the emulator's own key, RS256 (RFC 7515, RFC 7519)."""

from __future__ import annotations

import base64
import binascii
import json
import time
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

LIFETIME_SECONDS = 3600
_KEY_ID = "isthmus-sandbox"


class TokenError(Exception):
    """A token that is not one of ours, or not valid now; the text says why, without the token."""


class ExpiredError(TokenError):
    """A token whose time is over."""


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Inverse of :func:`encoded`; ``ValueError`` if it is not base64url."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Signer:
    """Signs tokens, and checks its own signature."""

    def __init__(self, private_key: bytes) -> None:
        """``private_key``: PEM, from :func:`new_key`."""
        key = serialization.load_pem_private_key(private_key, password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the signing key is not an RSA key")
        self._key = key

    def sign(self, claims: dict[str, Any], lifetime: float = LIFETIME_SECONDS) -> str:
        """A token with ``claims`` that is valid from now on for ``lifetime`` seconds."""
        now = int(time.time())
        head = {"typ": "JWT", "alg": "RS256", "kid": _KEY_ID}
        body = {"iat": now, "nbf": now, "exp": int(now + lifetime), **claims}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (head, body))
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{encoded(signature)}"

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a token that this key signed and that is valid now; TokenError."""
        return verify(token, self._key.public_key())

    def key_set(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        numbers = self._key.public_key().public_numbers()
        size = (self._key.key_size + 7) // 8
        return {
            "keys": [
                {
                    "kty": "RSA",
                    "use": "sig",
                    "alg": "RS256",
                    "kid": _KEY_ID,
                    "n": encoded(numbers.n.to_bytes(size, "big")),
                    "e": encoded(numbers.e.to_bytes(3, "big")),
                }
            ]
        }


def new_key() -> bytes:
    """A fresh signing key, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def verify_assertion(token: str, certificate: x509.Certificate) -> dict[str, Any]:
    """The claims of a client assertion that ``certificate``'s key signed; TokenError."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise TokenError("the certificate's key is not an RSA key")
    return verify(token, key)


def header_of(token: str) -> dict[str, Any]:
    """The header of a token, unverified; TokenError if there is none."""
    return _part(token.partition(".")[0])


def verify(token: str, key: rsa.RSAPublicKey) -> dict[str, Any]:
    """The claims of a token that is signed by ``key`` and valid now; TokenError."""
    signed, _, signature = token.rpartition(".")
    head, _, body = signed.partition(".")
    algorithm = _part(head).get("alg")
    try:
        if algorithm == "RS256":
            key.verify(decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        elif algorithm == "PS256":
            salted = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
            key.verify(decoded(signature), signed.encode(), salted, hashes.SHA256())
        else:
            raise TokenError("the signature algorithm is not supported")
    except (InvalidSignature, ValueError):
        raise TokenError("the signature does not fit") from None
    claims = _part(body)
    if not isinstance(claims.get("exp"), int | float) or time.time() >= claims["exp"]:
        raise ExpiredError("the token has expired")
    return claims


def _part(text: str) -> dict[str, Any]:
    try:
        value = json.loads(decoded(text))
    except (ValueError, binascii.Error):
        raise TokenError("it is not a JSON Web Token") from None
    if not isinstance(value, dict):
        raise TokenError("it is not a JSON Web Token")
    return value
