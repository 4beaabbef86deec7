"""A request on its way through the handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.policies import Grant, SignInError
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

    A check of rights belongs where a handler names its hub: ``request.grant`` knows the policy.
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
