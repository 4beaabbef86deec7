"""Shared access policies: who may sign in to the Kafka endpoint, and what that allows.

User name ``$ConnectionString``, password a connection string. Source: "Azure: Event Hubs for
Apache Kafka", section "Shared Access Signature (SAS)"; "Azure: Authorizing access to Event Hubs
resources using Shared Access Signatures".
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.sandbox.event_hubs.codes import ErrorCode

USER_NAME = "$ConnectionString"


class Right(StrEnum):
    """What a shared access policy may allow."""

    MANAGE = "Manage"
    SEND = "Send"
    LISTEN = "Listen"


@dataclass(frozen=True)
class Policy:
    """A shared access policy of the namespace, or of ``hub`` if that is set.

    Each of its two keys signs in, so that one can be replaced while the other is in use.
    """

    name: str
    rights: frozenset[Right]
    hub: str | None
    primary_key: str = field(repr=False)
    secondary_key: str = field(repr=False)

    def connection_string(self, port: int, *, secondary: bool = False) -> str:
        """The password that a client uses."""
        text = f"Endpoint=sb://127.0.0.1:{port}/;SharedAccessKeyName={self.name}"
        text += f";SharedAccessKey={self.secondary_key if secondary else self.primary_key}"
        return text if self.hub is None else f"{text};EntityPath={self.hub}"

    def has_key(self, key: str) -> bool:
        """Whether ``key`` is one of its two."""
        primary = hmac.compare_digest(self.primary_key.encode(), key.encode())
        return hmac.compare_digest(self.secondary_key.encode(), key.encode()) or primary

    def described(self) -> dict[str, Any]:
        """It without its keys."""
        return {"name": self.name, "rights": sorted(self.rights), "hub": self.hub}


@dataclass(frozen=True)
class Grant:
    """What a signed-in connection was let in with. Handlers see it as ``request.grant``.

    It does not change while the connection lives: keys and policies count at the sign-in ("Azure:
    Event Hubs for Apache Kafka" says so of regenerated keys, for the rest it is EH-17).

    Attributes:
        rights: what it may do.
        hub: the EntityPath of the password, even of one that names a policy of the namespace:
            the one hub that it may be done with. None: every hub.
    """

    rights: frozenset[Right]
    hub: str | None

    def allows(self, right: Right, hub: str | None = None) -> bool:
        """Whether it has ``right``, for ``hub`` if one is named."""
        return right in self.rights and self._covers(hub)

    def sees(self, hub: str) -> bool:
        """Whether it may know of ``hub``: any right will do."""
        return bool(self.rights) and self._covers(hub)

    def _covers(self, hub: str | None) -> bool:
        return self.hub is None or hub is None or hub == self.hub


class SignInError(Exception):
    """A client that is not let in. Its text goes to the client: no secret.

    Attributes:
        code: the error code for the client.
    """

    def __init__(self, text: str, code: ErrorCode = ErrorCode.SASL_AUTHENTICATION_FAILED) -> None:
        super().__init__(text)
        self.code = code


Place = tuple[str | None, str]
"""Where a policy is: its hub (None: the namespace), and its name."""


class PolicyTable:
    """All policies, by hub (None: the namespace) and name."""

    def __init__(self, policies: list[Policy]) -> None:
        self._policies: dict[Place, Policy] = {(each.hub, each.name): each for each in policies}
        self._before_rotation: dict[Place, Policy] | None = None

    def __iter__(self) -> Iterator[Policy]:
        return iter(list(self._policies.values()))

    def lasting(self) -> list[Policy]:
        """Every policy with the keys that outlive :meth:`rotate_all`."""
        return [self._with_kept_keys(policy) for policy in self]

    def get(self, name: str, hub: str | None) -> Policy:
        """One policy; ``ValueError`` if there is none."""
        policy = self._policies.get((hub, name))
        if policy is None:
            raise ValueError(f"no policy {name!r} of {'the namespace' if hub is None else hub}")
        return policy

    def put(self, name: str, rights: list[str], hub: str | None) -> Policy:
        """Make a policy, or give one new rights and keep its keys; ``ValueError`` if it is wrong.

        Manage stands only beside Send and Listen (EH-18).
        """
        if not name or any(character in name for character in ";=\r\n"):
            raise ValueError("a policy needs a name without ';' and '='")
        chosen = frozenset(Right(right) for right in rights)
        if not chosen:
            raise ValueError("a policy needs at least one right")
        if Right.MANAGE in chosen and chosen != frozenset(Right):
            raise ValueError("Manage needs Send and Listen too")
        known = self._policies.get((hub, name)) or Policy(name, chosen, hub, _key(), _key())
        policy = self._policies[hub, name] = replace(known, rights=chosen)
        return policy

    def regenerate(self, name: str, hub: str | None, which: str, key: str | None) -> Policy:
        """Replace the ``which`` (primary or secondary) key, by ``key`` if one is given.

        ``ValueError`` if there is no such policy or key.
        """
        policy = self.get(name, hub)
        if which not in ("primary", "secondary"):
            raise ValueError("the key is primary or secondary")
        if key is not None and (not key or any(character in key for character in ";\r\n\0")):
            raise ValueError("a key may not be empty or hold ';'")
        fresh = key or _key()
        if which == "primary":
            policy = replace(policy, primary_key=fresh)
        else:
            policy = replace(policy, secondary_key=fresh)
        self._policies[hub, name] = policy
        return policy

    def delete(self, name: str, hub: str | None) -> None:
        """Remove a policy; ``ValueError`` if there is none."""
        self.get(name, hub)
        del self._policies[hub, name]

    def forget_hub(self, hub: str) -> None:
        """Remove the policies of a hub that is deleted."""
        self._policies = {key: item for key, item in self._policies.items() if key[0] != hub}

    def rotate_all(self) -> None:
        """Give every policy two new keys, until :meth:`restore`; not twice."""
        if self._before_rotation is None:
            self._before_rotation = dict(self._policies)
            for place, policy in self._before_rotation.items():
                self._policies[place] = replace(policy, primary_key=_key(), secondary_key=_key())

    def restore(self) -> None:
        """The keys of before :meth:`rotate_all` count again."""
        self._policies = {(policy.hub, policy.name): policy for policy in self.lasting()}
        self._before_rotation = None

    def sign_in(self, user: str, password: str) -> Grant:
        """Check user name and password; :class:`SignInError` says what is wrong."""
        if user != USER_NAME:
            raise SignInError(f"the user name must be {USER_NAME}")
        fields = _fields(password)
        hub = fields.get("EntityPath")
        name, key = fields["SharedAccessKeyName"], fields["SharedAccessKey"]
        for scope in {hub, None}:
            policy = self._policies.get((scope, name))
            if policy and policy.has_key(key):
                return Grant(policy.rights, hub)
        raise SignInError(WRONG_KEY)

    def _with_kept_keys(self, policy: Policy) -> Policy:
        kept = (self._before_rotation or {}).get((policy.hub, policy.name))
        if kept is None:
            return policy
        return replace(policy, primary_key=kept.primary_key, secondary_key=kept.secondary_key)


WRONG_KEY = "no shared access policy has this name and key"
"""Our own text: Azure's is not known (EH-04)."""


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


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
