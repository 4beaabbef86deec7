"""The namespaces of the emulator: one that is always there, and those made by command.

The first lives in the state folder itself, the others in folders below it. What makes a folder a
namespace is its state file; it goes first when a namespace is deleted, so that an end in the
middle leaves no half of one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from core.sandbox.event_hubs.broker import STATE_FILE
from core.sandbox.event_hubs.namespace import Namespace
from core.sandbox.event_hubs.tiers import Attributes

FIRST = "sandbox"
"""Name of the namespace that is always there."""
_MOST = 250
# "Azure: naming rules for resources", Microsoft.EventHub/namespaces; case does not count
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]")


class NamespaceTable:
    """All namespaces by name; case does not count."""

    def __init__(self, folder: Path, authority: Path, port: int) -> None:
        """Open the first one (``port``: of its first start) and those that were made.

        Raises ``OSError`` if a port cannot be used; the process is to end then.
        """
        self._folder = folder / "namespaces"
        self._authority = authority
        self._open: dict[str, Namespace] = {}
        self.first = self._add(Namespace(FIRST, folder, authority, port))
        for place in sorted(self._folder.glob("*")):
            if (place / STATE_FILE).exists():
                self._add(Namespace(place.name, place, authority))
            else:
                shutil.rmtree(place, ignore_errors=True)

    def __iter__(self) -> Iterator[Namespace]:
        return iter(list(self._open.values()))

    def get(self, name: str | None) -> Namespace:
        """One of them, the first for None; ``ValueError`` if there is none of that name."""
        if name is None:
            return self.first
        found = self._open.get(name.lower())
        if found is None:
            raise ValueError(f"no namespace {name!r}; there are {', '.join(self._open)}")
        return found

    def create(self, name: str, attributes: Attributes) -> Namespace:
        """Make one, with the policy that Azure gives each; ``ValueError`` if that cannot be."""
        if not _NAME.fullmatch(name):
            raise ValueError("a namespace's name: 6 to 50 letters, digits and '-', a letter first")
        if name.lower() in self._open:
            raise ValueError(f"namespace {name} exists")
        if len(self._open) >= _MOST:
            raise ValueError(f"there are {_MOST} namespaces")
        place = self._folder / name
        shutil.rmtree(place, ignore_errors=True)
        made = self._add(Namespace(name, place, self._authority, attributes=attributes))
        rights = ["Manage", "Send", "Listen"]
        made.broker.put_policy("RootManageSharedAccessKey", rights, None)
        return made

    async def delete(self, name: str) -> None:
        """Delete one with all that it holds; ``ValueError`` for the first, or if there is none."""
        found = self.get(name)
        if found is self.first:
            raise ValueError(f"namespace {FIRST} stays")
        del self._open[found.name.lower()]
        await found.close()
        place = self._folder / found.name
        (place / STATE_FILE).unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)

    async def close(self) -> None:
        """Close all of them."""
        for namespace in self:
            await namespace.close()

    def _add(self, namespace: Namespace) -> Namespace:
        self._open[namespace.name.lower()] = namespace
        return namespace
