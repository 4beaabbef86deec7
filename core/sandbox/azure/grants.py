"""Tokens for the user and the service principal, refresh tokens and authorization codes.

Source: "Microsoft identity platform: OAuth 2.0 authorization code flow, access tokens, ID tokens,
refresh tokens"; RFC 6749, RFC 7636 (PKCE).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.sandbox.azure import tokens
from core.sandbox.azure.directory import Directory, Tenant
from core.sandbox.azure.scenarios import Scenario, ScenarioTable
from core.sandbox.azure.sign_in_errors import SignInError
from core.sandbox.azure.store import Store

ARM_AUDIENCES = frozenset(
    {
        "https://management.azure.com",
        "https://management.core.windows.net",
        "https://management.chinacloudapi.cn",
        "https://management.core.chinacloudapi.cn",
    }
)
"""Audiences that ARM takes, beside the emulator's own address."""
_OTHER_AUDIENCES = frozenset(
    {"https://graph.microsoft.com", "https://microsoftgraph.chinacloudapi.cn"}
)
_OPEN_ID = frozenset({"openid", "profile", "offline_access", "email"})
_CODE_SECONDS = 600.0
_REFRESH_SECONDS = 24 * 3600.0 * 90
_REFRESH = "refresh/"
_CODES = "code/"

Form = Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """What every token request names: where, by which application, for what."""

    tenant: Tenant
    client_id: str
    resource: str
    scope: str


class Grants:
    """Makes tokens.

    Attributes:
        refusal: AADSTS number that every token request is refused with; 0: none.
        lifetime: seconds that access tokens are valid.
    """

    def __init__(
        self, directory: Directory, store: Store, scenarios: ScenarioTable, endpoint: str
    ) -> None:
        self._directory = directory
        self._store = store
        self._scenarios = scenarios
        self._endpoint = endpoint
        self.signer = tokens.Signer(directory.signing_key.encode())
        self.refusal = 0
        self.lifetime = float(tokens.LIFETIME_SECONDS)

    @property
    def audiences(self) -> frozenset[str]:
        """Audiences that ARM takes, without a slash at the end."""
        return ARM_AUDIENCES | {self._endpoint}

    def asked(self, tenant_name: str, form: Form, *, scope: str | None = None) -> Asked:
        """The common part of a request; SignInError if it is wrong."""
        tenant = self._directory.tenant(tenant_name)
        if tenant is None:
            raise SignInError(90002)
        if self.refusal:
            raise SignInError(self.refusal)
        if not form.get("client_id"):
            raise SignInError(90014)
        wanted = form.get("scope", "") if scope is None else scope
        return Asked(tenant, form["client_id"], self._resource(wanted), wanted)

    def application(self, asked: Asked) -> dict[str, Any]:
        """A token for the service principal, which has proved itself."""
        if not asked.scope.endswith("/.default"):
            raise SignInError(70011)
        self._check_reachable(asked.tenant, 700016)
        claims = {"oid": asked.tenant.app, "sub": asked.tenant.app, "idtyp": "app"}
        return self._access(asked, claims)

    def user(self, asked: Asked, *, nonce: str = "", refresh: str = "") -> dict[str, Any]:
        """Tokens for the user: access, id and refresh token."""
        self._check_reachable(asked.tenant, 50076)
        name, tenant = self._directory.user_name, asked.tenant
        claims = {"oid": tenant.user, "sub": tenant.user, "upn": name, "idtyp": "user"}
        answer = self._access(asked, claims)
        identity = {
            "iss": f"{self._endpoint}/{tenant.id}/v2.0",
            "aud": asked.client_id,
            "oid": tenant.user,
            "sub": tenant.user,
            "tid": tenant.id,
            "preferred_username": name,
            "name": "Sandbox Analyst",
            "ver": "2.0",
        }
        if nonce:
            identity["nonce"] = nonce
        home = self._directory.home
        client_info = f'{{"uid":"{home.user}","utid":"{home.id}"}}'
        return {
            **answer,
            "scope": asked.scope,
            "id_token": self.signer.sign(identity),
            "client_info": tokens.encoded(client_info.encode()),
            "refresh_token": refresh or self._new_refresh(asked.client_id),
        }

    def refresh(self, asked: Asked, form: Form) -> dict[str, Any]:
        """Tokens for the user by a refresh token, in any tenant that knows him."""
        kept = self._store.get(_REFRESH + _digest(form.get("refresh_token", "")))
        if kept is None or kept["client_id"] != asked.client_id:
            raise SignInError(70000)
        if time.time() >= kept["expires"]:
            raise SignInError(700082)
        return self.user(asked, refresh=form["refresh_token"])

    def new_code(self, asked: Asked, form: Form) -> str:
        """An authorization code for what the authorize endpoint was asked."""
        code = secrets.token_urlsafe(32)
        self._store.put(
            {
                _CODES + _digest(code): {
                    "tenant": asked.tenant.id,
                    "client_id": asked.client_id,
                    "scope": asked.scope,
                    "redirect_uri": form.get("redirect_uri", ""),
                    "nonce": form.get("nonce", ""),
                    "challenge": form.get("code_challenge", ""),
                    "method": form.get("code_challenge_method", "plain"),
                    "expires": time.time() + _CODE_SECONDS,
                }
            }
        )
        return code

    def authorization_code(self, tenant_name: str, form: Form) -> dict[str, Any]:
        """Tokens for the user by an authorization code, which works once."""
        key = _CODES + _digest(form.get("code", ""))
        kept = self._store.get(key)
        self._store.delete(key)
        scope = form.get("scope") or (kept or {}).get("scope", "")
        asked = self.asked(tenant_name, form, scope=scope)
        if kept is None or time.time() >= kept["expires"]:
            raise SignInError(70000)
        if kept["client_id"] != asked.client_id:
            raise SignInError(70000)
        if kept["redirect_uri"] != form.get("redirect_uri", ""):
            raise SignInError(50011)
        if kept["challenge"] and not _proves(kept, form.get("code_verifier", "")):
            raise SignInError(501481)
        return self.user(asked, nonce=kept["nonce"])

    def forget_refresh_tokens(self) -> int:
        """Make every refresh token one that has expired; how many there were."""
        kept = {key: {**item, "expires": 0.0} for key, item in self._store.under(_REFRESH)}
        self._store.put(kept)
        return len(kept)

    def _access(self, asked: Asked, claims: dict[str, Any]) -> dict[str, Any]:
        token = self.signer.sign(
            {
                "aud": asked.resource,
                "iss": f"https://sts.windows.net/{asked.tenant.id}/",
                "appid": asked.client_id,
                "tid": asked.tenant.id,
                "ver": "1.0",
                **claims,
            },
            self.lifetime,
        )
        seconds = max(0, int(self.lifetime) - 1)
        return {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": token,
        }

    def _resource(self, scope: str) -> str:
        """The one resource that the scopes are of; SignInError if it is not one that we know."""
        found = {
            item.rpartition("/")[0].rstrip("/") for item in scope.split() if item not in _OPEN_ID
        }
        if not found:
            return "https://graph.microsoft.com"
        if len(found) > 1:
            raise SignInError(70011)
        resource = found.pop().lower()
        if resource not in self.audiences | _OTHER_AUDIENCES:
            raise SignInError(500011)
        return resource

    def _check_reachable(self, tenant: Tenant, number: int) -> None:
        """The second tenant may want what the caller cannot give."""
        if tenant is self._directory.home or Scenario.TWO_TENANTS not in self._scenarios:
            return
        if not self._scenarios.option(Scenario.TWO_TENANTS, "reachable"):
            raise SignInError(number)

    def _new_refresh(self, client_id: str) -> str:
        token = secrets.token_urlsafe(48)
        kept = {"client_id": client_id, "expires": time.time() + _REFRESH_SECONDS}
        self._store.put({_REFRESH + _digest(token): kept})
        return token


def _proves(kept: dict[str, Any], verifier: str) -> bool:
    """RFC 7636, section 4.6."""
    if kept["method"] == "S256":
        verifier = tokens.encoded(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(verifier.encode(), str(kept["challenge"]).encode())


def _digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
