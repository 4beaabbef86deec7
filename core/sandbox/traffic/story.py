"""The attack inside the traffic: which records tell it, and what they say.

A user's password is guessed by spraying, the account signs in from two far places within minutes,
loses its second factor, gives an application a new owner, deletes the diagnostic setting that sends
the logs, and reads a vault empty. It begins again, with another user and address, every
``STORY_EVERY`` records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from core.sandbox.traffic.activity import ActivityLog
from core.sandbox.traffic.directory import ADD_OWNER, DISABLE_STRONG_AUTHENTICATION, AuditLogs
from core.sandbox.traffic.key_vault import KeyVaultAudit
from core.sandbox.traffic.kinds import Kinds, is_category_sent
from core.sandbox.traffic.occasion import Occasion
from core.sandbox.traffic.population import PLACES, Actor, Population
from core.sandbox.traffic.sign_in_shapes import BAD_PASSWORD, RISKY_SUCCESS, SUCCESS
from core.sandbox.traffic.sign_ins import UserSignIns

STORY_EVERY = 25_000


class Scene(NamedTuple):
    """A run of records of the story.

    Attributes:
        episode: its name.
        first: number of its first record, from the story's beginning.
        length: how many records.
        kind: name of their kind.
        begins: seconds after the window's beginning.
        apart: seconds from one record to the next.
    """

    episode: str
    first: int
    length: int
    kind: str
    begins: float
    apart: float


SCENES = (
    Scene("password_spray", 400, 41, "SignInLogs", 5, 1.1),
    Scene("impossible_travel", 1200, 1, "SignInLogs", 60, 0),
    Scene("impossible_travel", 1420, 1, "SignInLogs", 190, 0),
    Scene("mfa_disabled", 1900, 1, "AuditLogs", 200, 0),
    Scene("application_owner_added", 2500, 1, "AuditLogs", 212, 0),
    Scene("diagnostic_setting_deleted", 3100, 2, "Administrative", 220, 1.5),
    Scene("secrets_read_in_bulk", 3700, 60, "AuditEvent", 230, 0.8),
)
"""In order; none crosses another."""


@dataclass(frozen=True)
class Episode:
    """One part of the story, as it is in the traffic.

    Attributes:
        name: ``password_spray``, ``impossible_travel``, ``mfa_disabled``,
            ``application_owner_added``, ``diagnostic_setting_deleted``, ``secrets_read_in_bulk``.
        ordinals: the records that tell it.
        user: principal name of the account that is taken over.
        address: where the attacker comes from.
    """

    name: str
    ordinals: tuple[int, ...]
    user: str
    address: str


def story(seed: int, records: int, kinds: Kinds = None) -> list[Episode]:
    """The episodes that lie wholly within the first ``records`` records of ``seed``.

    ``kinds``: of traffic that holds only these.
    """
    population = Population(seed)
    episodes = []
    for turn in range(records // STORY_EVERY + 1):
        told: dict[str, tuple[int, ...]] = {}
        for scene in _scenes(kinds):
            first = turn * STORY_EVERY + scene.first
            told[scene.episode] = (
                *told.get(scene.episode, ()),
                *range(first, first + scene.length),
            )
        user, address = _victim(population, turn), _address(turn)
        episodes += [
            Episode(name, ordinals, user.account, address)
            for name, ordinals in told.items()
            if ordinals[-1] < records
        ]
    return episodes


def scenes_between(first: int, end: int, kinds: Kinds = None) -> Iterator[tuple[int, Scene]]:
    """The scenes that begin in ``[first, end)``, each with its first record's number."""
    for turn in range(first // STORY_EVERY, end // STORY_EVERY + 1):
        for scene in _scenes(kinds):
            begins = turn * STORY_EVERY + scene.first
            if first <= begins < end:
                yield begins, scene


def _scenes(kinds: Kinds) -> list[Scene]:
    return [scene for scene in SCENES if is_category_sent(scene.kind, kinds)]


class Cast:
    """Plays the scenes."""

    def __init__(
        self,
        population: Population,
        sign_ins: UserSignIns,
        audit: AuditLogs,
        activity: ActivityLog,
        vaults: KeyVaultAudit,
    ) -> None:
        self._population = population
        self._sign_ins = sign_ins
        self._audit = audit
        self._activity = activity
        self._vaults = vaults

    def record(self, occasion: Occasion, scene: Scene) -> bytes:
        """The record of ``scene`` at ``occasion``, whose moment it sets."""
        turn, place = divmod(occasion.ordinal, STORY_EVERY)
        step = place - scene.first
        occasion.place_in_window(scene.begins + step * scene.apart)
        user, address = _victim(self._population, turn), _address(turn)
        match scene.episode:
            case "password_spray":
                return self._spray(occasion, turn, step, last=step == scene.length - 1)
            case "impossible_travel":
                return self._travel(occasion, user, address, home=scene.begins < 100)
            case "mfa_disabled":
                return self._audit.activity(
                    occasion, DISABLE_STRONG_AUTHENTICATION, user, user, address
                )
            case "application_owner_added":
                return self._audit.activity(occasion, ADD_OWNER, user, user, address)
            case "diagnostic_setting_deleted":
                return self._activity.diagnostic_setting_deleted(occasion, user, address, step)
            case _:
                return self._vaults.secret_read(occasion, user, address)

    def _spray(self, occasion: Occasion, turn: int, step: int, *, last: bool) -> bytes:
        users = self._population.users
        user = users[(_victim_place(turn, len(users)) + (0 if last else step + 1)) % len(users)]
        outcome = SUCCESS if last else BAD_PASSWORD
        return self._sign_ins.from_elsewhere(occasion, user, outcome, _address(turn), PLACES[3])

    def _travel(self, occasion: Occasion, user: Actor, address: str, *, home: bool) -> bytes:
        if home:
            return self._sign_ins.from_elsewhere(occasion, user, SUCCESS, user.address, PLACES[0])
        return self._sign_ins.from_elsewhere(occasion, user, RISKY_SUCCESS, address, PLACES[2])


def _victim(population: Population, turn: int) -> Actor:
    return population.users[_victim_place(turn, len(population.users))]


def _victim_place(turn: int, users: int) -> int:
    return (7 * turn + 3) % users


def _address(turn: int) -> str:
    return f"198.51.100.{turn % 200 + 20}"
