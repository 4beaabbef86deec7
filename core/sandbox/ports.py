"""The listening sockets of the emulators: loopback only, on a port that is kept."""

from __future__ import annotations

import os
import random
import socket

HOST = "127.0.0.1"

# Below every system's range for outgoing connections: none of those can take the port, not even a
# client that connects to itself while an emulator is away.
_PORTS = range(20_000, 32_000)
_PORTS_TRIED = 100


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback, on ``port`` or, for 0, on a free one.

    Raises OSError if the port is taken.
    """
    if port:
        return _bound(port)
    for candidate in random.sample(_PORTS, _PORTS_TRIED):
        try:
            return _bound(candidate)
        except OSError:
            continue
    raise OSError("no free port found")


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(256)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
