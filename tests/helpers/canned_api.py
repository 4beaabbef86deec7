"""A plain HTTP server on loopback that answers what a test tells it, for answers that no emulator
gives: throttling, outages, pages of proxies."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Asked:
    """A request: its operation, headers in small letters, and form."""

    action: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass(frozen=True)
class Canned:
    """An answer; ``body``: JSON, or a text as it is. Status 0: the connection ends instead."""

    status: int = 200
    body: dict[str, object] | str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class CannedApi:
    """Gives its answers in turn, the last one for ever."""

    def __init__(self, *answers: Canned) -> None:
        self._answers = list(answers)
        self.asked: list[Asked] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                api._answer(self)

            def do_GET(self) -> None:
                api._answer(self)

            def do_PUT(self) -> None:
                api._answer(self)

            def log_message(self, *arguments: object) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.asked.append(Asked(headers.get("x-acs-action", ""), headers, form))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not answer.status:
            handler.close_connection = True
            return
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body or {})
        handler.send_response(answer.status)
        for name, value in answer.headers:
            handler.send_header(name, value)
        handler.send_header("content-type", "application/json;charset=utf-8")
        handler.send_header("content-length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def canned_api(*answers: Canned) -> Iterator[CannedApi]:
    made = CannedApi(*answers)
    try:
        yield made
    finally:
        made.close()
