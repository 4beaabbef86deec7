"""What ``run`` offers to those who watch it: the control API and the health pages."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator

import typer

from core.engine.control import ControlServer
from core.engine.engine import Engine
from core.engine.running import announce, withdraw
from core.errors import Code, problem_error
from core.logs import event
from core.profile import Profile
from core.secrets.redaction import know_secret


def health_address(text: str) -> tuple[str, int] | None:
    """``ADDRESS:PORT``; None for nothing. Raises typer.BadParameter."""
    if not text:
        return None
    host, separator, port = text.rpartition(":")
    if not (host and separator and port.isdecimal() and int(port) < 65536):
        raise typer.BadParameter("ADDRESS:PORT, such as 127.0.0.1:9464", param_hint="health-listen")
    return host.strip("[]"), int(port)


@contextlib.contextmanager
def served(
    engine: Engine,
    profile: Profile,
    control_port: int,
    health: tuple[str, int] | None,
    stop: Callable[[str], None],
) -> Iterator[None]:
    """The control API of ``engine`` while the block runs, announced in ``engine.json``.

    Raises ProblemError when a port cannot be had.
    """
    token = secrets.token_urlsafe(32)
    know_secret(token)
    try:
        server = ControlServer(
            engine,
            token,
            profile.monitor.tail_rows_per_s,
            control_port,
            health,
            stop=lambda: stop("control API"),
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        if error.filename == "health" and health is not None:
            address = f"{health[0]}:{health[1]}"
            raise problem_error(
                Code.HEALTH_ADDRESS_UNUSABLE, "--health-listen", address=address, reason=reason
            ) from None
        raise problem_error(
            Code.CONTROL_PORT_UNUSABLE, "--control-port", port=control_port, reason=reason
        ) from None
    try:
        try:
            announce(profile.state_folder, server.port, token)
        except OSError as error:
            raise problem_error(
                Code.STATE_FOLDER_UNUSABLE,
                "state folder",
                path=profile.state_folder,
                reason=error.strerror or type(error).__name__,
            ) from None
        event("control.listening", port=server.port)
        if health is not None:
            event("health.listening", host=health[0], port=server.health_port)
        yield
    finally:
        withdraw(profile.state_folder)
        server.close()
