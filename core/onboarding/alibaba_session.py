"""From a profile to open clients of Log Service and Security Center, and whose key it is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from core.alibaba.credentials import key_source
from core.alibaba.identity import who_is
from core.alibaba.log_service.control import LogService
from core.alibaba.security_center.client import SecurityCenter
from core.onboarding.alibaba_world import AlibabaWorld
from core.onboarding.journal import Journal
from core.profile import Profile


@contextlib.asynccontextmanager
async def alibaba_world(profile: Profile) -> AsyncIterator[AlibabaWorld]:
    """All that the tasks of the Alibaba half share. Raises ProblemError.

    Who the key belongs to is asked first: a key that is wrong is told as such, not as the first
    thing that it may not do.
    """
    journal = Journal(profile.state_folder)
    keys = await asyncio.to_thread(key_source, profile)  # a chain may ask around for seconds
    identity = await who_is(profile, keys)
    logs = LogService.of(profile, keys)
    center = None if profile.security_center is None else SecurityCenter.of(profile, keys)
    try:
        yield AlibabaWorld(profile, logs, center, identity, journal)
    finally:
        await logs.close()
        if center is not None:
            await center.close()
