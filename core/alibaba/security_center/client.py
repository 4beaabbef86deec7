"""The client: every operation of Security Center that Isthmus uses, on one object."""

from __future__ import annotations

import functools

from core.alibaba.credentials import KeySource
from core.alibaba.security_center.calls import Calls
from core.alibaba.security_center.connection import open_client
from core.alibaba.security_center.connectors import Connectors
from core.alibaba.security_center.data_sources import DataSources
from core.alibaba.security_center.detection_rules import DetectionRules
from core.alibaba.security_center.findings import Findings
from core.alibaba.security_center.logstores import Logstores
from core.alibaba.security_center.places import place_of
from core.alibaba.security_center.policies import Policies
from core.alibaba.security_center.schemas import Schemas
from core.alibaba.security_center.standardised_rules import StandardisedRules
from core.alibaba.security_center.traffic import Traffic
from core.alibaba.security_center.vendors import Vendors
from core.profile import Profile


class SecurityCenter(
    Logstores,
    DataSources,
    Vendors,
    Schemas,
    StandardisedRules,
    Policies,
    DetectionRules,
    Findings,
    Traffic,
    Connectors,
):
    """Security Center, as the profile reaches it. Use it from one event loop; it needs no lock.

    Use it as an asynchronous context manager, or call :meth:`close`.
    """

    @classmethod
    def of(cls, profile: Profile, keys: KeySource, language: str = "en") -> SecurityCenter:
        """The client of ``profile``.

        ``language``: ``en`` or ``zh``, of names and messages. Nothing is opened before the first
        call. Raises ProblemError (profile_missing_key) if the profile has no such table.
        """
        place = place_of(profile)
        ca_file, proxy = profile.ca_file, profile.network.proxy
        opener = functools.partial(open_client, place, keys, ca_file, proxy)
        return cls(Calls(opener, place, language, profile.account.region))

    async def __aenter__(self) -> SecurityCenter:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """No call may follow."""
        await self._calls.close()
