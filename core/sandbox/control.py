"""The sandbox's own door: a small HTTP server on loopback that switches scenarios.

``POST /v1/scenario {"name", "on", "seconds", "options"}``, ``POST /v1/send {"records"}``,
``POST /v1/rate {"records_per_second"}``, ``GET /v1/state``; ``Authorization: Bearer <token>``.
"""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], Any]
_LARGEST_BODY = 65536


class ControlServer:
    """Serves ``routes`` (``"POST /v1/scenario"`` -> function of the JSON body) with a token."""

    def __init__(self, port: int, token: str, routes: dict[str, Answer]) -> None:
        """``port`` 0: any free one. Raises OSError."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(token, routes))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Close the door."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(token: str, routes: dict[str, Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            self._serve({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > _LARGEST_BODY:
                self._answer(413, {"error": "the body is too large"})
                return
            try:
                body = json.loads(self.rfile.read(length) or b"{}")
            except ValueError:
                self._answer(400, {"error": "the body is not JSON"})
                return
            self._serve(body)

        def _serve(self, body: dict[str, Any]) -> None:
            given = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), token.encode()):
                self._answer(401, {"error": "the token is wrong"})
                return
            route = routes.get(f"{self.command} {self.path}")
            if route is None:
                self._answer(404, {"error": f"there is no {self.command} {self.path}"})
                return
            try:
                self._answer(200, {"result": route(body)})
            except (KeyError, ValueError, TypeError) as error:
                self._answer(400, {"error": f"{type(error).__name__}: {error}"})
            except Exception as error:  # an emulator that died: say so, keep the door open
                self._answer(500, {"error": f"{type(error).__name__}: {error}"})

        def _answer(self, status: int, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: requests are not logged."""

    return Handler
