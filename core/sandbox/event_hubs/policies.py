"""Shared access policies: who may sign in to the Kafka endpoint, and what that allows.

User name ``$ConnectionString``, password a connection string. Source: "Azure: Event Hubs for
Apache Kafka", section "Shared Access Signature (SAS)".
"""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum

USER_NAME = "$ConnectionString"


class Right(StrEnum):
    """What a shared access policy may allow."""

    MANAGE = "Manage"
    SEND = "Send"
    LISTEN = "Listen"


@dataclass(frozen=True)
class Policy:
    """A shared access policy of the namespace, or of ``hub`` if that is set."""

    name: str
    rights: frozenset[Right]
    hub: str | None
    key: str

    def connection_string(self, port: int) -> str:
        """The password that a client uses."""
        text = f"Endpoint=sb://127.0.0.1:{port}/;SharedAccessKeyName={self.name}"
        text += f";SharedAccessKey={self.key}"
        return text if self.hub is None else f"{text};EntityPath={self.hub}"


@dataclass(frozen=True)
class Grant:
    """What a signed-in connection was let in with. Handlers see it as ``request.grant``.

    ``hub`` is the EntityPath of the password, even of one that names a policy of the namespace.
    """

    policy: Policy
    hub: str | None


class SignInError(Exception):
    """A user name or password that is not accepted. Its text goes to the client: no secret."""


class PolicyTable:
    """All policies, by hub (None: the namespace) and name."""

    def __init__(self, policies: list[Policy]) -> None:
        self._policies = {(policy.hub, policy.name): policy for policy in policies}

    def all(self) -> list[Policy]:
        """Every policy."""
        return list(self._policies.values())

    def put(self, name: str, rights: list[str], hub: str | None) -> Policy:
        """Make a policy, or give one new rights and keep its key; ``ValueError`` if it is wrong."""
        if not name or any(character in name for character in ";=\r\n"):
            raise ValueError("a policy needs a name without ';' and '='")
        if not rights:
            raise ValueError("a policy needs at least one right")
        known = self._policies.get((hub, name))
        key = known.key if known else base64.b64encode(secrets.token_bytes(32)).decode()
        policy = Policy(name, frozenset(Right(right) for right in rights), hub, key)
        self._policies[hub, name] = policy
        return policy

    def forget_hub(self, hub: str) -> None:
        """Remove the policies of a hub that is deleted."""
        self._policies = {key: item for key, item in self._policies.items() if key[0] != hub}

    def sign_in(self, user: str, password: str) -> Grant:
        """Check user name and password; :class:`SignInError` says what is wrong."""
        if user != USER_NAME:
            raise SignInError(f"the user name must be {USER_NAME}")
        fields = _fields(password)
        hub = fields.get("EntityPath")
        name, key = fields["SharedAccessKeyName"], fields["SharedAccessKey"]
        for scope in {hub, None}:
            policy = self._policies.get((scope, name))
            if policy and hmac.compare_digest(policy.key.encode(), key.encode()):
                return Grant(policy, hub)
        raise SignInError("no shared access policy has this name and key")


def _fields(connection_string: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in connection_string.strip().rstrip(";").split(";"):
        name, separator, value = part.partition("=")
        if not (name and separator and value):
            raise SignInError("the password is not a connection string")
        fields[name] = value
    if not fields.get("Endpoint", "").startswith("sb://"):
        raise SignInError("the connection string has no Endpoint=sb://...")
    if "SharedAccessKeyName" not in fields or "SharedAccessKey" not in fields:
        raise SignInError("the connection string has no SharedAccessKeyName or SharedAccessKey")
    return fields
