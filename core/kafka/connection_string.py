"""The connection string of a shared access policy, which is the Kafka password.

Form (Azure: Event Hubs, "Get an Event Hubs connection string"):
``Endpoint=sb://<host>/;SharedAccessKeyName=<policy>;SharedAccessKey=<key>[;EntityPath=<hub>]``.
"""

from __future__ import annotations

import hashlib
import urllib.parse
from dataclasses import dataclass, field

from core.errors import Code, problem_error

KAFKA_PORT = 9093
"""Port of the Kafka endpoint of every namespace."""


@dataclass(frozen=True)
class ConnectionString:
    """A connection string taken apart; its ``repr`` does not show the key.

    Attributes:
        host: host name of the namespace.
        port: the Kafka port: 9093, or the one that stands in the endpoint.
        policy: name of the shared access policy.
        entity_path: the one event hub it is for; empty: all of the namespace.
        text: the whole string, the password.
    """

    host: str
    port: int
    policy: str
    entity_path: str
    text: str = field(repr=False)


def parse_connection_string(text: str, where: str) -> ConnectionString:
    """Take ``text`` apart; ``where`` names its place in problems.

    Raises ProblemError (connection_string_invalid); no part of the text is repeated in it.
    """
    parts: dict[str, str] = {}
    for piece in text.strip().strip(";").split(";"):
        name, equals, value = piece.partition("=")
        if not equals or not value:
            raise _invalid(where, "it has a part that is not NAME=VALUE")
        parts[name.strip().lower()] = value
    for needed in ("Endpoint", "SharedAccessKeyName", "SharedAccessKey"):
        if needed.lower() not in parts:
            raise _invalid(where, f"it has no {needed}=")
    endpoint = urllib.parse.urlsplit(parts["endpoint"])
    try:
        port = endpoint.port
    except ValueError:
        raise _invalid(where, "the port of its Endpoint= is no number") from None
    if endpoint.scheme != "sb" or not endpoint.hostname:
        raise _invalid(where, "its Endpoint= is not of the form sb://host/")
    return ConnectionString(
        host=endpoint.hostname,
        port=KAFKA_PORT if port in (None, 443) else port,
        policy=parts["sharedaccesskeyname"],
        entity_path=parts.get("entitypath", ""),
        text=text.strip(),
    )


def key_fingerprint(connection_string: str) -> str:
    """The beginning of the SHA-256 of the key in ``connection_string``, for comparing keys only.

    Strings of one key with and without ``EntityPath=`` have the same one.
    """
    parts = dict(part.partition("=")[::2] for part in connection_string.strip().split(";"))
    key = next((value for name, value in parts.items() if name.lower() == "sharedaccesskey"), "")
    return hashlib.sha256((key or connection_string).encode()).hexdigest()[:16]


def _invalid(where: str, reason: str) -> Exception:
    return problem_error(Code.CONNECTION_STRING_INVALID, where, reason=reason)
