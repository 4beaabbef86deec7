"""A gateway before a namespace: it passes Kafka on and plays faults that the emulator has not.

It ends TLS on both sides, so it sees requests by their API key ("Apache Kafka protocol guide",
"API Keys") and can close, hold back or answer them itself. Addresses in answers are its own, so
that clients stay with it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.sandbox.certificates import Authority, ServerCertificate

FETCH, FIND_COORDINATOR, JOIN_GROUP = 1, 10, 11
METADATA, LIST_OFFSETS = 3, 2
SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE = 17, 18, 36


class Gateway:
    """Listens on the loopback.

    Attributes:
        close_at: API keys at whose request the connection is closed.
        hold_at: API keys whose requests get no answer.
        answers: by API key, the body of the answer that it gets instead of the namespace's.
        greeting: what every client gets once TLS stands, before the connection is closed; empty:
            it is just closed. None: it is let through.
        held: set when a request is held.
    """

    def __init__(
        self, port: int, folder: Path, certificate: ServerCertificate | None = None
    ) -> None:
        """``port``: of the namespace; ``folder``: of the authority that signed for it.

        ``certificate``: the gateway's own; None: one of that authority.
        """
        self._upstream = port
        authority = Authority(folder)
        files = certificate or authority.server("gateway", ["127.0.0.1"])
        self._server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.load_cert_chain(files.chain_file, files.key_file)
        self._client = ssl.create_default_context(cafile=str(authority.ca_file))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.close_at: set[int] = set()
        self.hold_at: set[int] = set()
        self.answers: dict[int, bytes] = {}
        self.greeting: bytes | None = None
        self.held = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._start(self._accept)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _start(self, work: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(plain)
            self._start(self._serve, plain)

    def _serve(self, plain: socket.socket) -> None:
        with (
            contextlib.suppress(OSError, EOFError),
            plain,
            self._server.wrap_socket(plain, server_side=True) as client,
        ):
            self._open.add(client)
            if self.greeting is None:
                self._relay(client)
            elif self.greeting:
                client.sendall(self.greeting)
                client.recv(65536)

    def _relay(self, client: ssl.SSLSocket) -> None:
        with (
            socket.create_connection(("127.0.0.1", self._upstream)) as plain,
            self._client.wrap_socket(plain, server_hostname="127.0.0.1") as namespace,
        ):
            for frame in _frames(client):
                key, _, correlation = struct.unpack_from(">hhi", frame)
                if key in self.close_at:
                    return
                if key in self.hold_at:
                    self.held.set()
                    while client.recv(65536):
                        pass
                    return
                if key in self.answers:
                    _send(client, struct.pack(">i", correlation) + self.answers[key])
                    continue
                _send(namespace, frame)
                _send(client, self._with_own_port(_frame(namespace)))

    def _with_own_port(self, frame: bytes) -> bytes:
        theirs, ours = (b"127.0.0.1" + struct.pack(">i", p) for p in (self._upstream, self.port))
        return frame.replace(theirs, ours)


def _frames(connection: ssl.SSLSocket) -> Iterator[bytes]:
    while True:
        yield _frame(connection)


def _frame(connection: ssl.SSLSocket) -> bytes:
    (size,) = struct.unpack(">i", _exactly(connection, 4))
    return _exactly(connection, size)


def _exactly(connection: ssl.SSLSocket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _send(connection: ssl.SSLSocket, frame: bytes) -> None:
    connection.sendall(struct.pack(">i", len(frame)) + frame)
