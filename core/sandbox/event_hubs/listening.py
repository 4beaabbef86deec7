"""How a listener meets a client that has just connected, and connections that do not speak Kafka.

Beside the ordinary TLS there are faults of the way to Azure: a middlebox that takes the connection
and says nothing, a server that does not speak TLS, a proxy that presents its own certificate.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from enum import Enum, auto
from pathlib import Path

from core.sandbox.certificates import Authority, ServerCertificate
from core.sandbox.ports import HOST

_NOT_TLS = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_STAY_SECONDS = 5.0
_CHUNK = 65536


class Front(Enum):
    """What stands before the broker."""

    TLS = auto()
    INTERCEPTED = auto()
    SILENT = auto()
    NOT_TLS = auto()


def tls_context(files: ServerCertificate) -> ssl.SSLContext:
    """A server's side of TLS, 1.2 or newer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.chain_file, files.key_file)
    return context


def intercepting_context(folder: Path) -> ssl.SSLContext:
    """TLS as a corporate proxy offers it: the right host name, from an authority of its own.

    The authority lives in ``folder``; a client that trusts its ``ca.pem`` gets through.
    """
    authority = Authority(folder, "Contoso TLS inspection proxy")
    return tls_context(authority.server("intercepting", [HOST, "localhost"]))


async def say_nothing(client: socket.socket) -> None:
    """Keep the connection, take what comes, answer nothing, until the client goes."""
    with client:
        while await _received(client):
            pass


async def answer_without_tls(client: socket.socket) -> None:
    """Answer the first bytes as an HTTP server would, and close."""
    loop = asyncio.get_running_loop()
    with client, contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_STAY_SECONDS):
            if not await _received(client):
                return
            with contextlib.suppress(OSError):
                await loop.sock_sendall(client, _NOT_TLS)
                client.shutdown(socket.SHUT_WR)
            while await _received(client):  # closing with bytes unread would reset the answer
                pass


async def _received(client: socket.socket) -> bytes:
    try:
        return await asyncio.get_running_loop().sock_recv(client, _CHUNK)
    except OSError:
        return b""
