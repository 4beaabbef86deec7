"""One window for each user: a second start raises the first one and hands its request over."""

from __future__ import annotations

import getpass
import hashlib
import json
import time
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from core.paths import config_folder

_WAIT_MS = 1000
_LONGEST = 65536
_POLL_MS = 20
_PATIENCE_S = 5.0


class Instance(QObject):
    """The first instance listens; ``claim`` tells the others that they are not the first.

    Signals:
        asked: with what a later start was asked for, a dictionary.
    """

    asked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = server_name()
        self._server: QLocalServer | None = None
        self._callers: dict[QLocalSocket, float] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    def claim(self, request: dict[str, Any]) -> bool:
        """Become the one instance; False: there is one, and it has ``request`` now."""
        if self._hand_over(request):
            return False
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not server.listen(self._name):
            if self._hand_over(request):  # another start was quicker
                return False
            QLocalServer.removeServer(self._name)  # left by a process that was killed
            server.listen(self._name)
        server.newConnection.connect(self._on_connection)
        self._server = server
        return True

    def release(self) -> None:
        """Listen no more."""
        for socket in tuple(self._callers):
            self._let_go(socket, b"")
        self._timer.stop()
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None

    def _hand_over(self, request: dict[str, Any]) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_WAIT_MS):
            return False
        socket.write(json.dumps(request).encode() + b"\n")
        socket.waitForBytesWritten(_WAIT_MS)
        socket.disconnectFromServer()
        return True

    def _on_connection(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            self._callers[self._server.nextPendingConnection()] = time.monotonic()
        self._timer.start()

    def _poll(self) -> None:
        """Read what has come; a caller that says nothing, or too much, is let go."""
        for socket, since in tuple(self._callers.items()):
            if socket.canReadLine():
                self._let_go(socket, bytes(socket.readLine().data()))
            elif socket.bytesAvailable() > _LONGEST or time.monotonic() - since > _PATIENCE_S:
                self._let_go(socket, b"")
        if not self._callers:
            self._timer.stop()

    def _let_go(self, socket: QLocalSocket, line: bytes) -> None:
        del self._callers[socket]
        socket.abort()
        socket.deleteLater()
        try:
            request = json.loads(line)
        except ValueError:
            return
        if isinstance(request, dict):
            self.asked.emit(request)


def server_name() -> str:
    """The name of the socket: one for each user and config folder."""
    whose = f"{getpass.getuser()} {config_folder().absolute()}"
    return f"isthmus-{hashlib.sha256(whose.encode()).hexdigest()[:16]}"
