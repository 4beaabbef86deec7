"""The stages parse, resolve and connect: from the profile's words to a TCP connection."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import selectors
import socket
import time
from dataclasses import dataclass
from typing import Any

from core.errors import Code, ProblemError, problem_error
from core.kafka.connection_string import ConnectionString, parse_connection_string
from core.kafka.probe.cancellation import Cancellation, in_background, wait_for
from core.kafka.probe.stages import Limits
from core.kafka.probe.surroundings import http_proxy, proxy_note
from core.kafka.settings import HubAccess

NAMESPACE_SUFFIXES = (".servicebus.windows.net", ".servicebus.chinacloudapi.cn")
"""How host names of namespaces end (Azure: "Apache Kafka migration guide" for Event Hubs)."""

_IN_PROGRESS = {errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 10035)}


@dataclass(frozen=True)
class Address:
    """One address of the host, as :func:`socket.getaddrinfo` gives it."""

    family: int
    place: Any

    @property
    def text(self) -> str:
        """The IP address; ``private`` is said of one that is not of the internet."""
        plain = str(self.place[0])
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(plain.partition("%")[0])
            if address.is_private and not address.is_loopback:
                return f"{plain} (private)"
        return plain


def parse(access: HubAccess) -> tuple[ConnectionString, str]:
    """The connection string taken apart, and the evidence. Raises ProblemError."""
    parsed = parse_connection_string(access.connection_string, "kafka.connection_string")
    if parsed.entity_path and parsed.entity_path != access.hub:
        raise problem_error(
            Code.CONNECTION_STRING_OTHER_HUB,
            "kafka.topic",
            entity=parsed.entity_path,
            hub=access.hub,
        )
    scope = f"event hub {parsed.entity_path}" if parsed.entity_path else "the namespace"
    evidence = f"policy {parsed.policy} of {scope} at {parsed.host}"
    if parsed.host != access.host:
        evidence += f"; the profile connects to {access.host}"
    return parsed, evidence


def resolve(
    access: HubAccess, limits: Limits, cancellation: Cancellation
) -> tuple[list[Address], str]:
    """The host's addresses, and the evidence. Raises ProblemError, CancelledError."""

    def look_up() -> list[Any]:
        return socket.getaddrinfo(access.host, access.port, type=socket.SOCK_STREAM)

    try:
        found = in_background(look_up, limits.resolve, cancellation)
    except TimeoutError:
        reason = f"the name service did not answer within {limits.resolve:g} s"
        raise _dns_failed(access, reason, "") from None
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise _dns_failed(access, "the name service did not answer", str(error)) from None
        raise _unknown(access, error) from None
    except (OSError, UnicodeError) as error:  # the latter: a name that no DNS name can be
        raise _unknown(access, error) from None
    addresses = list(dict.fromkeys(Address(each[0], each[4]) for each in found))
    return addresses, ", ".join(address.text for address in addresses)


def _dns_failed(access: HubAccess, reason: str, detail: str) -> ProblemError:
    detail += proxy_note(access.host)
    return problem_error(
        Code.KAFKA_DNS_FAILED, "kafka.bootstrap", detail, host=access.host, reason=reason
    )


def _unknown(access: HubAccess, error: Exception) -> ProblemError:
    usual = access.host.lower().rstrip(".").endswith(NAMESPACE_SUFFIXES)
    return problem_error(
        Code.KAFKA_HOST_UNKNOWN if usual else Code.KAFKA_HOST_SUFFIX,
        "kafka.bootstrap",
        f"{error}{proxy_note(access.host)}",
        host=access.host,
    )


def connect(
    access: HubAccess, addresses: list[Address], limits: Limits, cancellation: Cancellation
) -> tuple[socket.socket, str]:
    """A connection, non-blocking, and the evidence. Raises ProblemError, CancelledError.

    The addresses are tried in their order; all together have ``limits.connect``.
    """
    deadline = time.monotonic() + limits.connect
    failures: list[OSError] = []
    for place, address in enumerate(addresses):
        left = len(addresses) - place
        share = time.monotonic() + max(0.0, deadline - time.monotonic()) / left
        try:
            made = open_connection(address, share, cancellation)
        except OSError as error:  # TimeoutError is one too
            failures.append(error)
            continue
        evidence = f"{address.text} accepts connections on port {access.port}"
        return made, evidence + proxy_note(access.host)
    raise _not_connected(access, failures, limits)


def open_connection(address: Address, deadline: float, cancellation: Cancellation) -> socket.socket:
    """A non-blocking connection. Raises OSError, TimeoutError, CancelledError."""
    made = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        state = made.connect_ex(address.place)
        if state in _IN_PROGRESS:
            wait_for(made, selectors.EVENT_WRITE, deadline, cancellation)
            state = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if state:
            raise OSError(state, os.strerror(state))
    except BaseException:
        made.close()
        raise
    return made


def _not_connected(access: HubAccess, failures: list[OSError], limits: Limits) -> ProblemError:
    place: dict[str, Any] = {"host": access.host, "port": access.port}
    refused = [error for error in failures if isinstance(error, ConnectionRefusedError)]
    if refused:
        detail = f"{refused[0]}{proxy_note(access.host)}"
        return problem_error(Code.KAFKA_REFUSED, "kafka.bootstrap", detail, **place)
    told = [str(error) for error in failures if str(error)]
    detail = told[0] if told else ""
    if proxy := http_proxy(access.host):
        return problem_error(Code.KAFKA_PROXY_ONLY, "kafka.bootstrap", detail, proxy=proxy, **place)
    return problem_error(
        Code.KAFKA_NO_ANSWER, "kafka.bootstrap", detail, seconds=f"{limits.connect:g}", **place
    )
