"""RAM actions that the caller was taken away, on demand of the sandbox."""

from __future__ import annotations

from core.sandbox.log_service.ram import ACTIONS, denial
from core.sandbox.log_service.routes import Operation
from core.sandbox.log_service.wire import Call, ServiceError


class Denials:
    """Which actions are denied: the operations that need one answer as RAM refuses."""

    def __init__(self) -> None:
        self._actions: frozenset[str] = frozenset()

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

    def check(self, operation: Operation, call: Call, region: str) -> None:
        """Raises ServiceError Unauthorized for an operation whose action is denied."""
        if ACTIONS[operation.name] in self._actions:
            text = denial(operation.name, region, call.project, call.path, call.body)
            raise ServiceError("Unauthorized", text)
