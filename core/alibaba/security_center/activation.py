"""Whether Security Center's analysis is there: activation, version, role, storage.

The version is GetUserConfig's CtdrVersion; the role is asked for with DescribeAuth of the older API
version 2022-06-16, which is served at the same endpoint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.alibaba.security_center.calls import Group
from core.alibaba.security_center.problems import SERVICE_ROLE
from core.errors import Code, problem_error

_WHERE = "security_center.region_id"
_DATA_PROJECT = re.compile(r"^aliyun-cloudsiem-data-(?P<account>[0-9]+)-(?P<region>[a-z0-9-]+)$")


@dataclass(frozen=True)
class Activation:
    """What the account has.

    Attributes:
        version: of the analysis, as the service writes it; ``2`` and above are supported.
        role_granted: whether the service's own role is there; None: the API does not tell.
        role_name: that role.
    """

    version: str
    role_granted: bool | None
    role_name: str = SERVICE_ROLE


@dataclass(frozen=True)
class Storage:
    """Where standardised logs are kept.

    Attributes:
        project: the project; empty: there is none yet.
        region: its region.
        account_id: of the account, as the project's name has it; empty: unknown.
        capacity_gb: what was bought of log storage, GB; 0: none.
        used_gb: what of it is used, GB.
        datasets: StoreView -> (Logstore, search condition).
    """

    project: str
    region: str
    account_id: str
    capacity_gb: float
    used_gb: float
    datasets: dict[str, tuple[str, str]]

    @property
    def log_management(self) -> bool:
        """Whether log storage is bought or used by the day; pay-as-you-go has no capacity (SC-50).

        Own detection rules need it for logs that are read in real time.
        """
        return self.capacity_gb > 0 or self.used_gb > 0


class Activations(Group):
    """Activation and storage."""

    async def activation(self) -> Activation:
        """What is activated.

        Raises ProblemError: not activated, an old version, no role, a wrong region.
        """
        body = await self._calls.call("GetUserConfig", _WHERE)
        version = str((body.user.ctdr_version if body.user else "") or "")
        if not version:
            raise problem_error(Code.SECURITY_CENTER_NOT_ACTIVATED, _WHERE)
        if _major(version) < 2:
            raise problem_error(Code.SECURITY_CENTER_OLD_VERSION, _WHERE, version=version)
        granted = await self._calls.flag("DescribeAuth", _WHERE)
        if granted is False:
            raise problem_error(Code.SECURITY_CENTER_ROLE_MISSING, _WHERE, role=SERVICE_ROLE)
        return Activation(version, granted)

    async def storage(self) -> Storage:
        """Where standardised logs are kept. Raises ProblemError."""
        body = await self._calls.call("GetDataStorage", _WHERE)
        data = body.data
        project = (data.log_project if data else "") or ""
        named = _DATA_PROJECT.match(project)
        views = (data.normalization_log_views if data else None) or []
        return Storage(
            project=project,
            region=(data.data_storage_region_id if data else "")
            or (named["region"] if named else ""),
            account_id=named["account"] if named else "",
            capacity_gb=float((data.data_storage_total_capacity if data else 0) or 0),
            used_gb=float((data.data_storage_used_capacity if data else 0) or 0),
            datasets={
                view.log_view_name: (view.log_store_name or "", view.log_search_conditions or "")
                for view in views
                if view.log_view_name
            },
        )


def _major(version: str) -> int:
    """``2``, ``2.0``, ``v2``, ``CTDR2.0`` -> 2; what names no number counts as new (SC-42)."""
    found = re.search(r"(?:^|[^0-9.])([0-9]+)", version) or re.search(r"([0-9]+)", version)
    return int(found[1]) if found else 2
