"""Sign-ins of users, service principals and managed identities."""

from __future__ import annotations

from core.sandbox.traffic.occasion import TICKS, Occasion, guid, to_ticks, with_offset
from core.sandbox.traffic.population import Actor, Place, Population
from core.sandbox.traffic.sign_in_shapes import (
    OUTCOMES,
    RISKY_SUCCESS,
    SUCCESS,
    Outcome,
    user_sign_in,
    workload_sign_in,
)
from core.sandbox.traffic.template import Template

_FAILURES_OF_256 = 36


def _sign_in_values(occasion: Occasion, delay: int) -> dict[bytes, bytes]:
    """``delay``: how long after the sign-in Azure wrote the record, in ticks."""
    digits, choices = occasion.digits, occasion.choices
    identifier = occasion.identifier()
    return {
        b"id": identifier,
        b"guid_1": guid(digits[32:64]),
        b"guid_2": guid(digits[64:96]),
        b"time": to_ticks(occasion.ticks),
        b"created": with_offset(occasion.ticks - delay),
        b"token": digits[40:62],
        b"serial": digits[90:96].upper(),
        b"processing": b"%d" % (40 + choices[9]),
        b"sequence": b"%d" % (choices[10] & 1),
    }


def _delay(occasion: Occasion) -> int:
    """60 to 120 s, as seen in real sign-ins."""
    return 60 * TICKS + int.from_bytes(occasion.choices[11:15], "big") % (60 * TICKS)


class UserSignIns:
    """SignInLogs, or NonInteractiveUserSignInLogs (its texts escaped to ASCII)."""

    def __init__(self, population: Population, *, interactive: bool) -> None:
        self._population = population
        self._constant = population.constant() | {b"policy_id": population.id_of("policy")}
        self._name = b"user" if interactive else b"user_ascii"
        self._templates = {
            (outcome, managed): Template(
                user_sign_in(outcome, interactive=interactive, managed=managed),
                spaced=True,
                ascii_only=not interactive,
            )
            for outcome in (*OUTCOMES, RISKY_SUCCESS)
            for managed in (False, True)
        }

    def record(self, occasion: Occasion) -> bytes:
        """An everyday sign-in."""
        outcome = SUCCESS
        if occasion.chance(_FAILURES_OF_256, 3):
            outcome = occasion.among(OUTCOMES[1:], 4)
        user = occasion.mostly(self._population.users, 0)
        return self._fill(occasion, user, outcome, occasion.chance(150, 5), _delay(occasion), {})

    def from_elsewhere(
        self, occasion: Occasion, user: Actor, outcome: Outcome, address: str, place: Place
    ) -> bytes:
        """A sign-in of ``user`` from ``address`` in ``place``, from an unknown device."""
        other = {b"ip": address.encode(), b"device_id": b"", **place.values()}
        return self._fill(occasion, user, outcome, False, 77 * TICKS, other)

    def _fill(
        self,
        occasion: Occasion,
        user: Actor,
        outcome: Outcome,
        managed: bool,
        delay: int,
        other: dict[bytes, bytes],
    ) -> bytes:
        values = {
            **self._constant,
            **user.values,
            **occasion.among(self._population.apps, 6).values,
            **_sign_in_values(occasion, delay),
            b"name": user.values[self._name],
            **other,
        }
        return self._templates[outcome, managed].fill(values)


class WorkloadSignIns:
    """ServicePrincipalSignInLogs or ManagedIdentitySignInLogs."""

    def __init__(self, population: Population, *, managed_identity: bool) -> None:
        self._apps = population.apps
        self._actors = population.machines if managed_identity else population.workloads
        self._constant = population.constant()
        self._places = [user.values for user in population.users[:7]]
        self._template = Template(workload_sign_in(managed_identity=managed_identity), spaced=True)

    def record(self, occasion: Occasion) -> bytes:
        """An everyday sign-in of a workload."""
        values = {
            **self._constant,
            **occasion.among(self._places, 4),
            **occasion.among(self._actors, 5).values,
            **occasion.among(self._apps, 6).values,
            **_sign_in_values(occasion, _delay(occasion)),
        }
        return self._template.fill(values)
