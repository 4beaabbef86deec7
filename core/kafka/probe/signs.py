"""What a Kafka client's errors and log lines mean.

``list_topics()`` and its like report every fault as the same ``_TRANSPORT``; the reason stands in
the error callback, and of a connection that is just closed only in the log. The words matched here
are librdkafka's own (``rdkafka_broker.c``), never the server's: what Azure says is shown, and only
its code counts (EH-04).
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass, field
from typing import Any

from core.errors import Code, ProblemError, problem_error
from core.kafka.settings import HubAccess
from core.secrets.redaction import redact_text

_STATE = re.compile(r"\bin state ([A-Z_]+)")
_FAILED_LINE = re.compile(r"\bFAIL\b|Disconnected|Receive failed|Connect to|timed out|ApiVersion")
_SIGNING_IN = ("AUTH_REQ", "AUTH_LEGACY")
_AGAIN = 2
_GRACE_SECONDS = 1.0
_DROPS = 3


@dataclass
class Signs:
    """What one client has said; ``access`` names the places in problems.

    Attributes:
        throttled_ms: how long the namespace held answers back, in all.
        raw: the last thing that was said, redacted.
        drops: how often a connection that was signed in has ended.
    """

    access: HubAccess
    throttled_ms: float = 0.0
    raw: str = ""
    drops: int = 0
    _cause: ProblemError | None = None
    _suspected: dict[Code, tuple[int, float, ProblemError]] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """Settings that make a client tell."""
        return {
            "error_cb": self._on_error,
            "throttle_cb": self._on_throttle,
            "log_level": 6,  # lines of closed connections
        }

    def logger(self) -> logging.Logger:
        """Where the client's log lines go: nowhere but here."""
        made = logging.Logger("isthmus-probe", logging.DEBUG)
        made.addHandler(_Listener(self))
        return made

    def cause(self) -> ProblemError | None:
        """The cause, as soon as it is known.

        A connection that was cut once may have met a restart; twice, or once and then nothing for
        a while, it has a cause.
        """
        if self._cause is not None:
            return self._cause
        for count, since, found in self._suspected.values():
            if count >= _AGAIN or time.monotonic() - since > _GRACE_SECONDS:
                return found
        if self.drops >= _DROPS:
            return self._problem(Code.KAFKA_CONNECTION_DROPS, self.raw)
        return None

    def settle(self) -> None:
        """A question was answered: what was suspected before was not it."""
        self._suspected.clear()
        self.drops = 0

    def _on_throttle(self, event: Any) -> None:
        self.throttled_ms += event.throttle_time * 1000

    def _on_error(self, error: Any) -> None:
        from confluent_kafka import KafkaError

        text = redact_text(error.str())
        state = _state(text)
        code = error.code()
        if code != KafkaError._ALL_BROKERS_DOWN:
            self.raw = text
        at_handshake = state == "AUTH_HANDSHAKE" or "mechanism handshake failed" in text
        if code == KafkaError._AUTHENTICATION and at_handshake:
            self._found(self._problem(Code.KAFKA_NOT_EVENT_HUBS, text))
        elif code == KafkaError._AUTHENTICATION or (code > 0 and state in _SIGNING_IN):
            self._found(self._refused(code, text))
        elif code == KafkaError._RESOLVE:
            self._suspect(self._problem(Code.KAFKA_HOST_UNKNOWN, text))
        elif code == KafkaError._SSL and "certificate verify failed" in text:
            self._found(self._lacks_authorities(text))

    def _refused(self, code: int, text: str) -> ProblemError:
        from confluent_kafka import KafkaError

        if code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            return problem_error(Code.KAFKA_FIREWALL, "azure.namespace", text)
        return problem_error(Code.KAFKA_SIGN_IN_REFUSED, "kafka.connection_string", text)

    def _lacks_authorities(self, text: str) -> ProblemError:
        import ssl

        paths = ssl.get_default_verify_paths()
        bundle = self.access.ca_file or paths.cafile or paths.openssl_cafile
        return self._problem(Code.KAFKA_CLIENT_LACKS_AUTHORITIES, text, bundle=bundle)

    def on_line(self, text: str) -> None:
        """Take in a log line of the client."""
        state = _state(text)
        if not state or not _FAILED_LINE.search(text):
            return
        self.raw = text = redact_text(text)
        if state == "UP":
            self.drops += "Disconnected" in text
        elif state == "APIVERSION_QUERY":
            if "Disconnected" in text:
                self._suspect(self._closed(text, "as soon as TLS stands"))
            else:
                self._suspect(self._problem(Code.KAFKA_NOT_KAFKA, text))
        elif state == "AUTH_HANDSHAKE":
            self._suspect(self._problem(Code.KAFKA_NOT_EVENT_HUBS, text))
        elif state in _SIGNING_IN and ("Disconnected" in text or "timed out" in text):
            self._suspect(self._problem(Code.KAFKA_SIGN_IN_CUT, text))
        elif state == "SSL_HANDSHAKE" and "Disconnected" in text:
            self._suspect(self._closed(text, "during the TLS handshake"))

    def _closed(self, text: str, when: str) -> ProblemError:
        return self._problem(Code.KAFKA_CONNECTION_CLOSED, text, when=when)

    def _problem(self, code: Code, text: str, **more: object) -> ProblemError:
        place = {"host": self.access.host, "port": self.access.port}
        return problem_error(code, "kafka.bootstrap", text, **place, **more)

    def _found(self, cause: ProblemError) -> None:
        self._cause = self._cause or cause

    def _suspect(self, found: ProblemError) -> None:
        code = found.problem.code
        count, since, first = self._suspected.get(code, (0, time.monotonic(), found))
        self._suspected[code] = (count + 1, since, first)


def _state(text: str) -> str:
    found = _STATE.search(text)
    return found[1] if found else ""


class _Listener(logging.Handler):
    """Gives log lines to :class:`Signs`."""

    def __init__(self, signs: Signs) -> None:
        super().__init__()
        self._signs = signs

    def emit(self, record: logging.LogRecord) -> None:
        """Take in a line."""
        self._signs.on_line(record.getMessage())
