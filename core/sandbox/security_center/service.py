"""What the operations of the API work with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.sandbox.security_center.ground import Ground
from core.sandbox.security_center.live import Live
from core.sandbox.security_center.log_service import Logs
from core.sandbox.security_center.scenarios import Scenario
from core.sandbox.security_center.state import State, Table
from core.sandbox.security_center.wire import ApiError, Call, invalid, missing

HOME = "ap-southeast-1"
"""The management centre of the sandbox's account."""
_OTHER = "cn-hangzhou"
_T = TypeVar("_T", bound=Any)


@dataclass
class Service:
    """The emulator's parts.

    Attributes:
        denied: RAM actions that the caller may not do, ``yundun-sas:CreateDataSource``.
    """

    state: State
    logs: Logs
    live: Live
    ground: Ground
    denied: set[str] = field(default_factory=set)

    def plays(self, scenario: Scenario) -> bool:
        """Whether a scenario is on."""
        return scenario in self.state.playing

    @property
    def centre(self) -> str:
        """The one value of RegionId that this account's assets are managed under."""
        return _OTHER if self.plays(Scenario.WRONG_REGION) else HOME

    def check_quota(self, what: str) -> None:
        """Before something is made. Raises ApiError while the quota is used up (SC-07)."""
        if self.plays(Scenario.QUOTA):
            raise ApiError(
                400, "QuotaExceeded", f"The number of {what} has reached the upper limit."
            )


def named(table: Table[_T], call: Call, parameter: str) -> _T:
    """The item whose id a parameter holds. Raises ApiError."""
    identity = call.text(parameter)
    if not identity:
        raise missing(parameter)
    found = table.get(identity)
    if found is None:
        raise invalid(parameter)
    return found


def check_free(table: Table[_T], name: str, parameter: str, but: str = "") -> None:
    """That no other item has this name (SC-09). Raises ApiError."""
    if any(item.name == name and item.id != but for item in table.all()):
        raise ApiError(400, f"{parameter}Exists", f"The specified {parameter} already exists.")


def only_custom(kind: str, what: str) -> None:
    """That something is the user's own. Raises ApiError."""
    if kind != "custom":
        raise ApiError(
            403, "OperationDenied.Preset", f"A preset {what} cannot be changed or deleted."
        )


def matching(call: Call, views: list[dict[str, Any]], names: Iterable[str]) -> list[dict[str, Any]]:
    """Those whose members ``names`` are as the parameters of the same names, if given, say."""
    given = {name: call.text(name) for name in names if call.has(name)}
    return [view for view in views if all(view.get(name) == value for name, value in given.items())]
