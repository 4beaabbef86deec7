"""Both emulators of Alibaba Cloud, and our client of Security Center against them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.security_center_sandbox import open_security_center

from core.alibaba.credentials import Keys, KeySource
from core.alibaba.security_center import SecurityCenter
from core.errors import Problem, ProblemError
from core.profile import Profile, parse_profile

PROJECT = "isthmus-tests"
_names = itertools.count(1)


class Soc:
    """The emulators and short ways to use them."""

    def __init__(self, folder: Path, minute: float = 1.0) -> None:
        self.sandbox = open_security_center(folder, minute)
        self.folder = folder
        self.region = self.sandbox.region
        self.keys = Keys(*self.sandbox.key)

    def name(self, kind: str) -> str:
        """A name of the test's own."""
        return f"{kind} {next(_names)}"

    def logstore(self) -> str:
        return self.sandbox.logstore(PROJECT)

    def profile(self, analysis: str = "", network: str = "") -> Profile:
        """A profile for the emulator; ``analysis`` and ``network``: lines of their tables."""
        ready = self.sandbox.center.ready
        endpoint = f'endpoint = "https://{ready["endpoint"]}"\nregion_id = "{ready["region_id"]}"'
        text = f"""
            schema_version = 1
            name = "contoso"
            [kafka]
            bootstrap = "hub.test:9093"
            topic = "logs"
            connection_string = "memory:kafka"
            [alibaba]
            region = "{self.region}"
            [security_center]
            {analysis or endpoint}
            [network]
            {network or f'ca_file = "{self.sandbox.ca_file}"'}
        """
        return parse_profile(text, self.folder / "contoso.toml")

    def run(
        self,
        work: Callable[[SecurityCenter], Awaitable[Any]],
        profile: Profile | None = None,
        keys: Keys | None = None,
    ) -> Any:
        """What ``work`` returns; its client ends with it."""

        async def whole() -> Any:
            source = KeySource(keys or self.keys)
            async with SecurityCenter.of(profile or self.profile(), source) as center:
                return await work(center)

        return asyncio.run(whole())

    def refusal(
        self,
        work: Callable[[SecurityCenter], Awaitable[Any]],
        profile: Profile | None = None,
        keys: Keys | None = None,
    ) -> Problem:
        """The problem that ``work`` ends with."""
        with pytest.raises(ProblemError) as caught:
            self.run(work, profile, keys)
        return caught.value.problem

    @contextlib.contextmanager
    def scenario(self, name: str) -> Iterator[None]:
        self.sandbox.center.request("scenario", name=name, on=True)
        try:
            yield
        finally:
            self.sandbox.center.request("scenario", name=name, on=False)

    @contextlib.contextmanager
    def denied(self, *actions: str) -> Iterator[None]:
        """Those RAM actions are refused."""
        self.sandbox.center.request("denied", actions=list(actions))
        try:
            yield
        finally:
            self.sandbox.center.request("denied", actions=[])

    def close(self) -> None:
        self.sandbox.close()
