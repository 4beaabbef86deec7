"""Who and what appears in the traffic: people, places, apps, workloads of an invented tenant.

Names, ids and addresses are of our own making; domains are of the reserved name ``.example`` (RFC
6761), addresses of the documentation ranges (RFC 5737, RFC 3849).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from core.sandbox.traffic.occasion import guid, seed_key
from core.sandbox.traffic.template import text

DOMAIN = "contoso.example"

_GIVEN = (
    *("Amira", "Ben", "Carla", "Dimitri", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jonas"),
    *("Katya", "Liam", "Mona", "Nils", "Olga", "Pavel", "Quentin", "Rosa", "Samir", "Tessa"),
)
_FAMILY = ("Abbott", "Brandt", "Castillo", "Dahl", "Eriksen", "Fischer", "Grant", "Haddad")
_SPECIAL = (
    ("Zoë Lindqvist", "zoe.lindqvist"),
    ("Jürgen Groß", "juergen.gross"),
    ("Łukasz Wójcik", "lukasz.wojcik"),
    ("María Núñez Peña", "maria.nunez"),
    ("李 小龙", "li.xiaolong"),
    ("佐藤 花子", "sato.hanako"),
    ("Søren Ødegård", "soren.odegard"),
    ("Αλέξης Παππάς", "alexis.pappas"),
    ("עדי כהן", "adi.cohen"),
    ("Nguyễn Thị Hà", "nguyen.ha"),
    ('Robert "Bob" Hale', "bob.hale"),
    ("Siân O'Brien", "sian.o'brien"),
    ("Team Build 🚀", "team.build"),
    ("Иван Петров \\ ИТ", "ivan.petrov"),
)
_APPS = (
    *("Contoso Portal", "Contoso Mail", "Contoso Teams Rooms", "Contoso Expenses"),
    *("Contoso CRM", "Payroll & Benefits", "Warehouse <beta>", "Contoso Wiki", "Field Service"),
    *("Développement, CI", "Contoso VPN", "Data Platform"),
)
_WORKLOADS = (
    *("sp-backup", "sp-deploy-prod", "sp-inventory", "sp-siem-export", "sp-billing"),
    *("sp-étiquettes", "sp-monitoring", "sp-ci-runner", "sp-dns-sync", "sp-hr-sync"),
)
_MACHINES = (
    "aks-agentpool",
    "func-orders",
    "vm-jump-01",
    "logic-approvals",
    "app-shop",
    "adf-load",
)
_BROWSERS = (
    ("Windows10", "Edge 131.0.0", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/131.0"),
    ("MacOs", "Safari 18.1", "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) Safari/18.1"),
    ("Android", "Chrome Mobile 130", "Mozilla/5.0 (Linux; Android 14; Pixel) Mobile Chrome/130.0"),
    ("Ios 17.6", "Mobile Safari", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X)"),
    ("Linux", "Firefox 133.0", "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0"),
)


@dataclass(frozen=True)
class Place:
    """A city. Coordinates in degrees."""

    city: str
    state: str
    country: str
    latitude: float
    longitude: float

    def values(self) -> dict[bytes, bytes]:
        """What it fills gaps with."""
        return {
            b"city": text(self.city),
            b"state": text(self.state),
            b"country": text(self.country),
            b"latitude": _single(self.latitude),
            b"longitude": _single(self.longitude),
        }


PLACES = (
    Place("Oslo", "Oslo", "NO", 59.913, 10.738),
    Place("München", "Bayern", "DE", 48.137, 11.575),
    Place("Singapore", "", "SG", 1.287, 103.851),
    Place("São Paulo", "São Paulo", "BR", -23.550, -46.633),
    Place("Austin", "Texas", "US", 30.267, -97.743),
    Place("Łódź", "Łódzkie", "PL", 51.759, 19.456),
    Place("Sydney", "New South Wales", "AU", -33.868, 151.209),
)


@dataclass(frozen=True)
class Actor:
    """A user, an app or a workload.

    Attributes:
        name: how it is displayed.
        account: user principal name; of a workload its name.
        id: its object id.
        values: what it fills gaps with.
    """

    name: str
    account: str
    id: bytes
    address: str
    values: dict[bytes, bytes]


class Population:
    """The tenant that belongs to a seed."""

    def __init__(self, seed: int) -> None:
        self._key = seed_key(seed)
        self.tenant = self.id_of("tenant")
        self.subscription = self.id_of("subscription")
        plain = [
            (f"{given} {family}", f"{given}.{family}".lower())
            for given in _GIVEN
            for family in _FAMILY
        ]
        names = [*plain[:40], *_SPECIAL, *plain[40:]]
        self.users = tuple(self._user(n, *name) for n, name in enumerate(names))
        self.apps = tuple(self._workload("app", name) for name in _APPS)
        self.workloads = tuple(self._workload("sp", name) for name in _WORKLOADS)
        self.machines = tuple(self._workload("mi", name) for name in _MACHINES)

    def id_of(self, what: str) -> bytes:
        """The object id of what is called ``what``."""
        digest = hashlib.blake2b(what.encode(), key=self._key, digest_size=16)
        return guid(digest.hexdigest().encode())

    def constant(self) -> dict[bytes, bytes]:
        """What the tenant itself fills gaps with."""
        return {
            b"tenant": self.tenant,
            b"TENANT": self.tenant.upper(),
            b"subscription": self.subscription,
            b"SUBSCRIPTION": self.subscription.upper(),
        }

    def _user(self, number: int, name: str, alias: str) -> Actor:
        account = f"{alias}@{DOMAIN}"
        system, browser, agent = _BROWSERS[number % len(_BROWSERS)]
        address = f"2001:db8:7::{number:x}" if number % 9 == 4 else f"203.0.113.{number % 250 + 1}"
        values = {
            b"user_id": self.id_of(f"user {number}"),
            b"user": text(name),
            b"user_ascii": text(name, ascii_only=True),
            b"upn": text(account),
            b"ip": address.encode(),
            b"asn": b"%d" % (64_496 + number % 15),
            b"device_id": b"" if number % 3 == 0 else self.id_of(f"device {number}"),
            b"system": text(system),
            b"browser": text(browser),
            b"agent": text(agent),
            **PLACES[number % len(PLACES)].values(),
        }
        return Actor(name, account, values[b"user_id"], address, values)

    def _workload(self, kind: str, name: str) -> Actor:
        made = self.id_of(f"{kind} {name}")
        address = f"192.0.2.{made[0] % 200 + 10}"
        values = {
            f"{kind}_id".encode(): made,
            f"{kind}_object".encode(): self.id_of(f"{kind} object {name}"),
            f"{kind}_name".encode(): text(name),
            f"{kind}_ip".encode(): address.encode(),
        }
        return Actor(name, name, made, address, values)


def _single(degrees: float) -> bytes:
    """As Microsoft Entra ID writes coordinates: single precision, shown with 18 digits."""
    widened: float = struct.unpack("f", struct.pack("f", degrees))[0]
    return b"%.18g" % widened
