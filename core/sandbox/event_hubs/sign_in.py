"""SaslHandshake and SaslAuthenticate: PLAIN with ``$ConnectionString``.

Source: "Apache Kafka protocol guide", section "SASL authentication sequence"; RFC 4616 (PLAIN).
"""

from __future__ import annotations

from core.sandbox.event_hubs.broker import Broker
from core.sandbox.event_hubs.codes import ErrorCode
from core.sandbox.event_hubs.policies import SignInError
from core.sandbox.event_hubs.request import HangupError, Request, Session
from core.sandbox.event_hubs.wire import Writer

_MECHANISM = "PLAIN"


async def sasl_handshake(request: Request) -> Writer:
    """Agree on PLAIN."""
    mechanism, session = request.body.string(), request.session
    error = ErrorCode.NONE
    if session.grant is not None:
        error = ErrorCode.ILLEGAL_SASL_STATE
    elif mechanism != _MECHANISM:
        error = ErrorCode.UNSUPPORTED_SASL_MECHANISM
    else:
        session.mechanism_agreed = True
        session.bare_tokens = request.version == 0
    out = Writer().int16(error)
    return out.array([_MECHANISM], out.string)


async def sasl_authenticate(request: Request) -> Writer:
    """Check user name and password."""
    token = bytes(request.body.blob())
    out = Writer()
    if request.session.grant is not None or not request.session.mechanism_agreed:
        out.int16(ErrorCode.ILLEGAL_SASL_STATE).string("SaslHandshake comes first, once").blob(b"")
    else:
        try:
            check_token(request.broker, request.session, token)
        except SignInError as error:
            out.int16(error.code).string(str(error)).blob(b"")
            if request.version >= 1:
                out.int64(0)
            raise HangupError(f"sign-in refused: {error}", out) from None
        out.int16(ErrorCode.NONE).string(None).blob(b"")
    if request.version >= 1:
        out.int64(0)  # the session has no end
    return out


def check_token(broker: Broker, session: Session, token: bytes) -> None:
    """Sign ``session`` in with a PLAIN token; :class:`SignInError` if it is not accepted."""
    try:
        identity, user, password = token.decode().split("\0")
    except ValueError:
        raise SignInError("not a PLAIN token") from None
    if identity not in ("", user):
        raise SignInError("nobody may act for another")
    session.grant = broker.admission.grant(
        session.client_host, lambda: broker.policies.sign_in(user, password)
    )
