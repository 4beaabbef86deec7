"""Who and what there is in the sandbox's Azure: tenants, subscriptions, a user, an application.

All of it is fresh for a new folder and kept on restart. The second tenant with its subscription is
there for everybody to see only while the scenario two_tenants is on.
"""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.sandbox.azure.tokens import new_key
from core.sandbox.certificates import write_private


@dataclass(frozen=True)
class Subscription:
    """A subscription of ``tenant``."""

    id: str
    name: str
    tenant: str


@dataclass(frozen=True)
class Tenant:
    """A directory.

    Attributes:
        user: object id there of the one user.
        app: object id there of the one service principal.
        subscription: its one subscription.
    """

    id: str
    name: str
    domain: str
    country: str
    user: str
    app: str
    subscription: Subscription


@dataclass
class Directory:
    """Everything of it.

    Attributes:
        port: the listener's; 0 until the first start has chosen one.
        client_id: id of the application.
        client_secret: its secret.
        user_name: the user's principal name.
        signing_key: PEM; what the tokens are signed with.
        two: whether the second tenant shows.
    """

    port: int
    client_id: str
    client_secret: str = field(repr=False)
    user_name: str
    signing_key: str = field(repr=False)
    all_tenants: tuple[Tenant, ...]
    two: bool = False

    @property
    def tenants(self) -> tuple[Tenant, ...]:
        """Those that show."""
        return self.all_tenants if self.two else self.all_tenants[:1]

    @property
    def home(self) -> Tenant:
        """The user's own tenant."""
        return self.all_tenants[0]

    def tenant(self, name: str) -> Tenant | None:
        """One of those that show, by id or domain; the home tenant for ``common`` and the like."""
        wanted = name.lower()
        if wanted in ("common", "organizations"):
            return self.home
        return next((item for item in self.tenants if wanted in (item.id, item.domain)), None)

    def subscription(self, identity: str) -> Subscription | None:
        """One of those that show."""
        wanted = identity.lower()
        found = (item.subscription for item in self.tenants)
        return next((item for item in found if item.id == wanted), None)


def load(file: Path) -> Directory:
    """Read ``file``; a fresh directory if it is not there yet."""
    if not file.exists():
        return _fresh()
    content = json.loads(file.read_text(encoding="utf-8"))
    tenants = tuple(_tenant(item) for item in content.pop("all_tenants"))
    return Directory(**content, all_tenants=tenants)


def save(file: Path, directory: Directory) -> None:
    """Replace ``file``, readable by the owner alone."""
    content = asdict(directory)
    del content["two"]
    write_private(file, json.dumps(content, indent=1).encode())


def _fresh() -> Directory:
    tenants = (
        _new_tenant("Contoso", "contoso.onmicrosoft.com", "DE", "Contoso Production"),
        _new_tenant("Fabrikam", "fabrikam.onmicrosoft.com", "CN", "Fabrikam Security"),
    )
    return Directory(
        port=0,
        client_id=str(uuid.uuid4()),
        client_secret=secrets.token_urlsafe(30),
        user_name="analyst@contoso.onmicrosoft.com",
        signing_key=new_key().decode(),
        all_tenants=tenants,
    )


def _new_tenant(name: str, domain: str, country: str, subscription: str) -> Tenant:
    identity, user, app = (str(uuid.uuid4()) for _ in range(3))
    bought = Subscription(str(uuid.uuid4()), subscription, identity)
    return Tenant(identity, name, domain, country, user, app, bought)


def _tenant(item: dict[str, Any]) -> Tenant:
    return Tenant(**{**item, "subscription": Subscription(**item["subscription"])})
