"""How Security Center reaches logs: over the wire, with the unchanged SDK, as any client does.

What it must know stands in a private file that the sandbox writes: ``{"address", "endpoint",
"http_proxy", "access_key_id", "access_key_secret", "region"}``. It is read when it is needed, so
that nobody waits for Log Service at the start.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.sandbox.certificates import write_private

_KEYS = ("endpoint", "http_proxy", "access_key_id", "access_key_secret", "region")


class NotReadyError(Exception):
    """The file is not there yet."""


@dataclass(frozen=True)
class Keys:
    """The content of the file.

    Attributes:
        endpoint: host name that clients sign for, without the project.
        http_proxy: where plain HTTP requests for it are taken, ``http://127.0.0.1:PORT``.
        region: the one region whose Logstores there are.
    """

    endpoint: str
    http_proxy: str
    access_key_id: str
    access_key_secret: str = field(repr=False)
    region: str


def write_access(file: Path, ready: dict[str, Any]) -> None:
    """Write the file from what the Log Service emulator said when it was ready."""
    region = str(ready["endpoint"]).partition(".")[0]
    write_private(file, json.dumps({**ready, "region": region}).encode())


class LogAccess:
    """Log Service, seen from Security Center. Thread-safe."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def keys(self) -> Keys:
        """What the file says now. Raises NotReadyError."""
        try:
            content = json.loads(self._file.read_text("utf-8"))
            return Keys(**{name: str(content[name]) for name in _KEYS})
        except (OSError, ValueError, KeyError, TypeError):
            raise NotReadyError(f"{self._file.name} cannot be read") from None

    @contextlib.contextmanager
    def client(self) -> Iterator[Any]:
        """An ``aliyun.log.LogClient`` of its own; its calls block: use them in a thread.

        Raises NotReadyError. A connection is reused within the block.
        """
        made = client_of(self.keys())
        try:
            yield made
        finally:
            made._session.close()


def client_of(keys: Keys) -> Any:
    """An unchanged ``LogClient`` that goes to the emulator whatever the environment says."""
    from aliyun.log import LogClient

    client: Any = LogClient(
        f"http://{keys.endpoint}", keys.access_key_id, keys.access_key_secret, source="127.0.0.1"
    )
    session = client._session  # the SDK has no setting for a proxy
    session.proxies = {"http": keys.http_proxy}
    session.trust_env = False
    return client
