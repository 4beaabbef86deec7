"""The sign-in endpoints, under ``/<tenant>/``: discovery, token, device code, authorize.

Source: "Microsoft identity platform: OAuth 2.0 and OpenID Connect protocols".
"""

from __future__ import annotations

import html
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from core.sandbox.azure.app_credentials import AppCredentials
from core.sandbox.azure.device_codes import DeviceCodes
from core.sandbox.azure.directory import Directory
from core.sandbox.azure.grants import Form, Grants
from core.sandbox.azure.sign_in_errors import SignInError

_DEVICE_GRANTS = ("urn:ietf:params:oauth:grant-type:device_code", "device_code")
_AUTHORITIES = ("common", "organizations")


@dataclass(frozen=True)
class Reply:
    """An answer: a JSON value, or a page."""

    status: int = 200
    body: Any = None
    page: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class SignIn:
    """Answers the requests that are none of ARM's.

    Attributes:
        consents: whether a browser that asks is sent back with a code or with a refusal.
    """

    def __init__(
        self,
        directory: Directory,
        grants: Grants,
        app: AppCredentials,
        devices: DeviceCodes,
        endpoint: str,
    ) -> None:
        self._directory = directory
        self._app = app
        self._grants = grants
        self._devices = devices
        self._endpoint = endpoint
        self.consents = True
        self._endpoints: dict[tuple[str, str], Callable[..., Reply]] = {
            ("GET", "v2.0/.well-known/openid-configuration"): self._configuration,
            ("GET", ".well-known/openid-configuration"): self._configuration,
            ("GET", "discovery/v2.0/keys"): self._keys,
            ("GET", "discovery/keys"): self._keys,
            ("GET", "discovery/instance"): self._instance,
            ("GET", "oauth2/deviceauth"): self._device_page,
            ("GET", "oauth2/v2.0/authorize"): self._authorize,
            ("POST", "oauth2/v2.0/devicecode"): self._device_code,
            ("POST", "oauth2/v2.0/token"): self._token,
        }

    def answer(
        self, method: str, path: str, query: Form, form: Form, *, as_page: bool = False
    ) -> Reply:
        """Answer one request; ``as_page``: it came from a browser."""
        tenant, _, rest = path.strip("/").partition("/")
        if rest.startswith("userrealm/"):
            return Reply(200, {"ver": "1.0", "account_type": "Managed", "domain_name": "sandbox"})
        endpoint = self._endpoints.get((method, rest))
        if endpoint is None:
            return Reply(404, {"error": "not_found", "error_description": "There is no such page."})
        try:
            if endpoint == self._authorize:
                return self._authorize(tenant, query, as_page=as_page)
            return endpoint(tenant, query if method == "GET" else form)
        except SignInError as refusal:
            if method == "GET":
                return Reply(refusal.status, refusal.body(), page=f"<p>{html.escape(str(refusal))}")
            return Reply(refusal.status, refusal.body())

    def _configuration(self, tenant: str, query: Form) -> Reply:
        found = self._directory.tenant(tenant)
        if found is None:
            body = SignInError(90002).body()
            return Reply(400, {**body, "error": "invalid_tenant"})
        name = tenant.lower() if tenant.lower() in _AUTHORITIES else found.id
        base = f"{self._endpoint}/{name}"
        issuer = f"{self._endpoint}/{tenant}/v2.0"
        return Reply(
            200,
            {
                "issuer": issuer,
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                ],
                "response_modes_supported": ["query", "form_post"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "tenant_region_scope": "EU",
                "cloud_instance_name": urlsplit(self._endpoint).netloc,
            },
        )

    def _keys(self, tenant: str, query: Form) -> Reply:
        return Reply(200, self._grants.signer.key_set())

    def _instance(self, tenant: str, query: Form) -> Reply:
        """Instance discovery: which hosts are one authority."""
        host = urlsplit(self._endpoint).netloc
        asked = urlsplit(query.get("authorization_endpoint", ""))
        name = asked.path.strip("/").partition("/")[0] or "common"
        return Reply(
            200,
            {
                "tenant_discovery_endpoint": (
                    f"{self._endpoint}/{name}/v2.0/.well-known/openid-configuration"
                ),
                "api-version": "1.1",
                "metadata": [
                    {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
                ],
            },
        )

    def _device_page(self, tenant: str, query: Form) -> Reply:
        return Reply(
            200, page="<p>Nothing to enter here: the sandbox approves the code by itself.</p>"
        )

    def _device_code(self, tenant: str, form: Form) -> Reply:
        return Reply(200, self._devices.new(self._grants.asked(tenant, form)))

    def _token(self, tenant: str, form: Form) -> Reply:
        kind = form.get("grant_type", "")
        if kind == "client_credentials":
            asked = self._grants.asked(tenant, form)
            self._app.check(asked, form)
            return Reply(200, self._grants.application(asked))
        if kind == "refresh_token":
            return Reply(200, self._grants.refresh(self._grants.asked(tenant, form), form))
        if kind == "authorization_code":
            return Reply(200, self._grants.authorization_code(tenant, form))
        if kind in _DEVICE_GRANTS:
            code = form.get("device_code", "")
            scope = form.get("scope") or self._devices.scope(code)
            asked = self._grants.asked(tenant, form, scope=scope)
            self._devices.poll(code, asked.client_id)
            return Reply(200, self._grants.user(asked))
        raise SignInError(70003)

    def _authorize(self, tenant: str, query: Form, *, as_page: bool = False) -> Reply:
        """Send the browser back at once: to a local address only."""
        asked = self._grants.asked(tenant, query)
        target = query.get("redirect_uri", "")
        if not _is_local(target) or query.get("response_type") != "code":
            raise SignInError(50011)
        if self.consents:
            told = {"code": self._grants.new_code(asked, query)}
        else:
            refusal = SignInError(65004).body()
            told = {"error": "access_denied", "error_description": refusal["error_description"]}
        told |= {"state": query.get("state", "")}
        if query.get("response_mode") == "form_post" and as_page:
            return Reply(200, page=_form(target, told))
        joint = "&" if "?" in target else "?"
        return Reply(302, headers={"Location": f"{target}{joint}{urlencode(told)}"})


def _is_local(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme != "http" or not parts.hostname:
        return False
    try:
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def _form(target: str, told: Mapping[str, str]) -> str:
    """A page that posts itself: OAuth 2.0 Form Post Response Mode."""
    fields = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in told.items()
    )
    return (
        '<!doctype html><title>Sandbox sign-in</title><body onload="document.forms[0].submit()">'
        f'<form method="post" action="{html.escape(target)}">{fields}'
        '<noscript><button type="submit">Continue</button></noscript></form>'
    )
