"""Calls to Log Service off the event loop, whose failures are problems."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from core.alibaba.log_service.access import LogServiceAccess
from core.alibaba.log_service.answers import Answers
from core.alibaba.log_service.failure import LogServiceError
from core.alibaba.log_service.place import Place

T = TypeVar("T")


class Caller:
    """Runs the SDK's calls in threads; asked by the parts of :class:`LogService`."""

    def __init__(self, access: LogServiceAccess) -> None:
        self.endpoint = access.endpoint
        self._answers = Answers(access)

    def place(self, what: str, action: str, **names: str) -> Place:
        """What a call is about; ``names``: project, logstore, job, where."""
        where = names.pop("where", "log_service")
        return Place(what, where, f"log:{action}", self.endpoint, **names)

    async def ask(self, place: Place, run: Callable[[Any], T]) -> T:
        """What ``run`` gets from the SDK's client. Raises ProblemError."""
        try:
            return await self.try_(run)
        except LogServiceError as error:
            raise place.error(error) from None

    async def find(self, place: Place, run: Callable[[Any], T], *absent: str) -> T | None:
        """The same; None where the answer's code begins with one of ``absent``."""
        try:
            return await self.try_(run)
        except LogServiceError as error:
            if error.is_one_of(*absent):
                return None
            raise place.error(error) from None

    async def try_(self, run: Callable[[Any], T]) -> T:
        """The same. Raises LogServiceError."""
        return await asyncio.to_thread(self._answers.ask, run)

    async def close(self) -> None:
        """Close the idle connections."""
        await asyncio.to_thread(self._answers.close)
