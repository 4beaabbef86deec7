"""The listeners of an emulator that speaks HTTP: TLS, and plain HTTP where it has that."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from core.sandbox.certificates import ServerCertificate

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
_READ_BUFFER = 64 * 1024
_STOP_SECONDS = 1.0
_SILENT = logging.Logger("http_listeners")
"""For what aiohttp says of requests that are no HTTP: it would quote them on standard error."""
_SILENT.addHandler(logging.NullHandler())


class HttpListeners:
    """Takes connections and has one function answer every request."""

    def __init__(self, handle: Handle, max_body: int, read_buffer: int = _READ_BUFFER) -> None:
        """``max_body``, ``read_buffer``: bytes.

        When it is read, a larger body raises ``web.HTTPRequestEntityTooLarge``, and one that
        does not end or unpack as its headers say ``web.RequestPayloadError``.
        """

        def request(
            message: Any, payload: Any, protocol: Any, writer: Any, task: Any
        ) -> web.BaseRequest:
            loop = task.get_loop()
            return web.BaseRequest(
                message, payload, protocol, writer, task, loop, client_max_size=max_body
            )

        self._web = web.Server(
            handle,
            request_factory=request,
            access_log=None,
            logger=_SILENT,
            read_bufsize=read_buffer,
        )
        self._runner = web.ServerRunner(self._web, shutdown_timeout=_STOP_SECONDS)

    async def start(
        self,
        certificate: ServerCertificate,
        tls: socket.socket,
        plain: socket.socket | None = None,
    ) -> None:
        """Serve on listening sockets."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate.chain_file, certificate.key_file)
        await self._runner.setup()
        await web.SockSite(self._runner, tls, ssl_context=context).start()
        if plain is not None:
            await web.SockSite(self._runner, plain).start()

    async def stop(self) -> None:
        """Close the listeners and the connections."""
        await self._runner.cleanup()

    @property
    def connections(self) -> int:
        """Connections open now."""
        return len(self._web.connections)
