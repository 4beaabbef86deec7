"""What is refused on demand of the sandbox: by RAM, or with an errorCode of the service."""

from __future__ import annotations

from core.sandbox.log_service.ram import ACTIONS, denial
from core.sandbox.log_service.routes import Operation
from core.sandbox.log_service.wire import Call, ServiceError


class Denials:
    """Which actions are denied (as RAM refuses), and which operations end in an errorCode."""

    def __init__(self) -> None:
        self._actions: frozenset[str] = frozenset()
        self._refusals: dict[str, str] = {}

    @property
    def actions(self) -> list[str]:
        """The denied actions."""
        return sorted(self._actions)

    def deny(self, actions: list[str]) -> None:
        """Deny these actions and no others. ``ValueError`` for one that there is not."""
        for action in actions:
            if action not in ACTIONS.values():
                raise ValueError(f"no operation needs the action {action!r}")
        self._actions = frozenset(actions)

    def refuse(self, answers: dict[str, str]) -> None:
        """Answer these operations (CreateProject, ...) with these errorCodes, and no others.

        For what a region of one account cannot come to: names that somebody else has, and quotas.
        ``ValueError`` for an operation that there is not.
        """
        unknown = sorted(set(answers) - set(ACTIONS))
        if unknown:
            raise ValueError(f"there is no operation {unknown[0]!r}")
        self._refusals = dict(answers)

    def check(self, operation: Operation, call: Call, region: str) -> None:
        """Raises ServiceError for an operation that is denied (Unauthorized) or refused."""
        if code := self._refusals.get(operation.name):
            raise ServiceError(code, f"the sandbox refuses {operation.name}")
        if ACTIONS[operation.name] in self._actions:
            text = denial(operation.name, region, call.project, call.path, call.body)
            raise ServiceError("Unauthorized", text)
