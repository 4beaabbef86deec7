"""A request on its way through the handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.hubs import Hub
from core.sandbox.event_hubs.partition import Partition
from core.sandbox.event_hubs.policies import Grant, Right, SignInError
from core.sandbox.event_hubs.wire import Reader, Writer


@dataclass
class Session:
    """One connection as the handlers know it.

    Attributes:
        mechanism_agreed: SaslHandshake has chosen PLAIN.
        bare_tokens: SaslHandshake v0: the next frame is a token without a request header.
        grant: what it was let in with; None until it has signed in.
    """

    client_host: str
    mechanism_agreed: bool = False
    bare_tokens: bool = False
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Header, and a reader that stands at the body.

    A handler comes to a hub through its request, which looks whether the client may.
    """

    version: int
    client_id: str
    body: Reader
    session: Session
    broker: Broker

    @property
    def grant(self) -> Grant:
        """What the client may do; :class:`SignInError` if it has not signed in."""
        if self.session.grant is None:
            raise SignInError("not signed in")
        return self.session.grant

    def hub(self, name: str, right: Right) -> Hub:
        """A hub for one who needs ``right`` there; ``RefusedError`` if that or the hub lacks."""
        self.check(right, name)
        return self.broker.hubs.get(name)

    def partition(self, name: str, index: int, right: Right) -> Partition:
        """A partition, as :meth:`hub`."""
        self.check(right, name)
        return self.broker.hubs.partition(name, index)

    def check(self, right: Right, hub: str) -> None:
        """Raise ``RefusedError`` if the client has not ``right`` for ``hub``."""
        if not self.grant.allows(right, hub):
            raise RefusedError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)

    def check_group(self, right: Right = Right.LISTEN) -> None:
        """Raise ``RefusedError`` if the client has not ``right``, for whichever hub (EH-09)."""
        if not self.grant.allows(right):
            raise RefusedError(ErrorCode.GROUP_AUTHORIZATION_FAILED)


class HangupError(Exception):
    """The connection must be closed. ``answer``, if there is one, is sent before.

    ``correlation_id`` is set on its way out of the handler.
    """

    def __init__(self, reason: str, answer: Writer | None = None) -> None:
        super().__init__(reason)
        self.answer = answer
        self.correlation_id = 0


Handler = Callable[[Request], Awaitable[Writer | None]]
"""Answers a request: the body of the response, or None for a request that gets no response."""


def verdict(action: Callable[[], object]) -> tuple[ErrorCode, str | None]:
    """Carry out ``action``; the error code and message for its item of the response."""
    try:
        action()
    except RefusedError as refusal:
        return refusal.code, refusal.text
    except OSError as error:
        return ErrorCode.KAFKA_STORAGE_ERROR, f"errno {error.errno}"
    return ErrorCode.NONE, None
