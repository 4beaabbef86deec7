"""The event hubs of the namespace: made, enlarged, deleted; each is a topic."""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.partition import Partition, Retention
from core.sandbox.event_hubs.tiers import TIERS, Sku, Tier

_MAX_PARTITIONS_IN_ALL = 2000  # each may hold a file open

# "Azure: naming rules for Event Hubs": letters, digits, '.', '-', '_'; letter or digit at both ends
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?")


@dataclass(frozen=True)
class HubSettings:
    """What is kept of a hub in the state file.

    ``folder`` is fresh for every hub, so that a hub made again under an old name starts empty
    whatever a deletion left behind.
    """

    folder: str
    partitions: int
    retention: Retention


@dataclass(frozen=True)
class Hub:
    """An event hub and its partitions, in order."""

    settings: HubSettings
    partitions: tuple[Partition, ...]


class HubTable:
    """All hubs by name, their data below one folder.

    Attributes:
        tier: whose limits hold for hubs that are made or changed; those that are there stay. With
            which codes Azure refuses over Kafka is EH-16.
        hidden: clients find no hub (the scenario missing_hub).
    """

    def __init__(
        self, folder: Path, settings: dict[str, HubSettings], tier: Tier = TIERS[Sku.STANDARD]
    ) -> None:
        """Recover the hubs in ``settings``; whatever else is in ``folder`` is removed."""
        self._folder = folder
        self.tier = tier
        self.hidden = False
        folder.mkdir(parents=True, exist_ok=True)
        kept = {item.folder for item in settings.values()}
        for path in folder.iterdir():
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)
        self._hubs = {name: self._open(item) for name, item in settings.items()}

    @property
    def settings(self) -> dict[str, HubSettings]:
        """What :class:`HubTable` needs to come back."""
        return {name: hub.settings for name, hub in self._hubs.items()}

    @property
    def names(self) -> list[str]:
        """Names of all hubs that clients may find."""
        return [] if self.hidden else list(self._hubs)

    def __contains__(self, name: str) -> bool:
        """Whether there is such a hub, hidden or not."""
        return name in self._hubs

    def all(self) -> list[tuple[str, Hub]]:
        """Every hub with its name, hidden or not."""
        return list(self._hubs.items())

    def find(self, name: str) -> Hub | None:
        """The hub of that name."""
        return None if self.hidden else self._hubs.get(name)

    def get(self, name: str) -> Hub:
        """The hub of that name; ``RefusedError`` if there is none."""
        hub = self.find(name)
        if hub is None:
            raise RefusedError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        return hub

    def partition(self, name: str, index: int) -> Partition:
        """A partition; ``RefusedError`` if there is none."""
        partitions = self.get(name).partitions
        if not 0 <= index < len(partitions):
            raise RefusedError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        return partitions[index]

    def all_partitions(self) -> list[Partition]:
        """The partitions of all hubs."""
        return [partition for hub in self._hubs.values() for partition in hub.partitions]

    def check_new(self, name: str, partitions: int, retention: Retention) -> None:
        """Raise ``RefusedError`` if a hub of that name, size and retention cannot be made."""
        check_name(name)
        if name in self._hubs:
            raise RefusedError(ErrorCode.TOPIC_ALREADY_EXISTS, f"hub {name} exists")
        if len(self._hubs) >= self.tier.hubs:
            raise RefusedError(
                ErrorCode.POLICY_VIOLATION, f"the tier has room for {self.tier.hubs} event hubs"
            )
        self._check_count(partitions, partitions)
        self.check_retention(retention)

    def create(self, name: str, partitions: int, retention: Retention) -> None:
        """Make a hub; ``RefusedError`` if that cannot be."""
        self.check_new(name, partitions, retention)
        self._hubs[name] = self._open(HubSettings(secrets.token_hex(8), partitions, retention))

    def check_enlarge(self, name: str, partitions: int) -> None:
        """Raise ``RefusedError`` if a hub cannot get that many partitions."""
        have = len(self.get(name).partitions)
        if partitions <= have:
            raise RefusedError(ErrorCode.INVALID_PARTITIONS, f"there are {have} partitions already")
        if not self.tier.adds_partitions:
            raise RefusedError(
                ErrorCode.INVALID_PARTITIONS, "the tier cannot add partitions to an event hub"
            )
        self._check_count(partitions, partitions - have)

    def enlarge(self, name: str, partitions: int) -> None:
        """Give a hub more partitions; the old ones stay as they are."""
        self.check_enlarge(name, partitions)
        hub = self.get(name)
        settings = replace(hub.settings, partitions=partitions)
        added = self._partitions(settings, len(hub.partitions))
        self._hubs[name] = Hub(settings, (*hub.partitions, *added))

    def check_retention(self, retention: Retention) -> None:
        """Raise ``RefusedError`` if the tier does not keep data that long."""
        most, hours = self.tier.retention_hours, retention.hours
        if hours is None or not 0 <= hours <= most:
            raise RefusedError(
                ErrorCode.INVALID_CONFIG, f"retention is at most {most} hours in this tier"
            )

    def set_retention(self, name: str, retention: Retention) -> None:
        """Change how long a hub keeps its data; ``RefusedError`` if that cannot be."""
        hub = self.get(name)
        self.check_retention(retention)
        for partition in hub.partitions:
            partition.retention = retention
        self._hubs[name] = Hub(replace(hub.settings, retention=retention), hub.partitions)

    def delete(self, name: str) -> None:
        """Delete a hub with all its data; ``RefusedError`` if there is none."""
        hub = self.get(name)
        del self._hubs[name]
        for partition in hub.partitions:
            partition.delete()
        shutil.rmtree(self._folder / hub.settings.folder, ignore_errors=True)

    def close(self) -> None:
        """Close all files."""
        for partition in self.all_partitions():
            partition.close()

    def _check_count(self, partitions: int, added: int) -> None:
        most = self.tier.partitions
        if not 1 <= partitions <= most:
            raise RefusedError(ErrorCode.INVALID_PARTITIONS, f"1 to {most} partitions")
        if len(self.all_partitions()) + added > _MAX_PARTITIONS_IN_ALL:
            raise RefusedError(
                ErrorCode.POLICY_VIOLATION, f"{_MAX_PARTITIONS_IN_ALL} partitions in all"
            )

    def _open(self, settings: HubSettings) -> Hub:
        return Hub(settings, tuple(self._partitions(settings, 0)))

    def _partitions(self, settings: HubSettings, first: int) -> list[Partition]:
        folder = self._folder / settings.folder
        return [
            Partition(folder / str(index), settings.retention)
            for index in range(first, settings.partitions)
        ]


def check_name(name: str) -> None:
    """Raise ``RefusedError`` for a name that no hub may have."""
    if not _NAME.fullmatch(name):
        raise RefusedError(
            ErrorCode.INVALID_TOPIC,
            "1 to 256 letters, digits, '.', '-' and '_', with a letter or digit at both ends",
        )
