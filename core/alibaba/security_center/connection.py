"""The SDK's client for Security Center, and the one place that decides how its requests travel.

TLS is always checked, against the profile's authorities if it names a file. The proxy is the
profile's, or none: the SDK would take one from the environment too. The SDK's own retries are off;
:mod:`core.alibaba.security_center.calls` decides about every answer.
"""

from __future__ import annotations

import logging
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.alibaba.credentials import KeySource
from core.alibaba.security_center.places import Place
from core.errors import Code, problem_error

if TYPE_CHECKING:
    import requests

CONNECT_MS = 8_000
READ_MS = 30_000
"""For each request, milliseconds; a validation of a rule runs the rule before it answers."""
_USER_AGENT = "isthmus"
_steering = threading.Lock()


def open_client(place: Place, keys: KeySource, ca_file: Path | None, proxy: str) -> Any:
    """The SDK's client. Raises ProblemError (ca_file_unusable)."""
    from alibabacloud_cloud_siem20241212.client import Client
    from alibabacloud_tea_openapi.utils_models import Config

    # With DEBUG=sdk in the environment it would write every header, tokens among them.
    sdk_log = logging.getLogger("darabonba-core")
    sdk_log.handlers.clear()
    sdk_log.setLevel(logging.WARNING)
    client = Client(
        Config(
            credential=_SdkCredential(keys),
            endpoint=place.host,
            region_id=place.region_id,
            protocol=place.scheme,
            connect_timeout=CONNECT_MS,
            read_timeout=READ_MS,
            user_agent=_USER_AGENT,
            ca=str(ca_file) if ca_file else None,
        )
    )
    _steer(place, ca_file, proxy)
    return client


def runtime_options() -> Any:
    """Options of one request: bounded waits, no retry."""
    from darabonba.runtime import RuntimeOptions

    return RuntimeOptions(autoretry=False, connect_timeout=CONNECT_MS, read_timeout=READ_MS)


class _SdkCredential:
    """Our keys in the form in which the SDK asks for them, with each request."""

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys

    def get_credential(self) -> Any:
        """Called by the SDK."""
        from alibabacloud_credentials.models import CredentialModel

        keys = self._keys.keys()
        return CredentialModel(
            access_key_id=keys.access_key_id,
            access_key_secret=keys.access_key_secret,
            security_token=keys.security_token or None,
            type="sts" if keys.security_token else "access_key",
        )


def _steer(place: Place, ca_file: Path | None, proxy: str) -> None:
    """Put our own session where the SDK looks for the one of this host.

    The SDK keeps one session for each host and would make one that trusts the system's
    authorities besides the profile's, and that takes a proxy from the environment.
    """
    from darabonba.core import DEFAULT_POOL_MAXSIZE, DaraCore

    key = f"{place.scheme.lower()}://{place.host}:80:pool={DEFAULT_POOL_MAXSIZE}"
    way = (str(ca_file or ""), proxy)
    with _steering:
        known = DaraCore._sessions.get(key)
        if getattr(known, "way", None) == way:
            return
        DaraCore._sessions[key] = _session(ca_file, proxy, way)
    if known is not None:
        known.close()


def close_idle(place: Place) -> None:
    """Close the connections to ``place`` that nobody uses at the moment."""
    from darabonba.core import DaraCore

    beginning = f"{place.scheme.lower()}://{place.host}:"
    for key, session in list(DaraCore._sessions.items()):
        if key.startswith(beginning):
            session.close()


def _session(ca_file: Path | None, proxy: str, way: tuple[str, str]) -> requests.Session:
    import requests
    from requests.adapters import HTTPAdapter

    context = _tls_context(ca_file)

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs, ssl_context=context)

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            return super().proxy_manager_for(*args, **kwargs, ssl_context=context)

        def cert_verify(self, *args: Any, **kwargs: Any) -> None:
            """Nothing to add: the context verifies, and knows the authorities."""

    class Session(requests.Session):
        way: tuple[str, str]

        def send(self, request: Any, **kwargs: Any) -> requests.Response:
            kwargs["proxies"] = {"https": proxy} if proxy else {}
            kwargs["allow_redirects"] = False
            return super().send(request, **kwargs)

    session = Session()
    session.way = way
    session.trust_env = False
    adapter = Adapter(pool_maxsize=8)
    session.mount("https://", adapter)
    session.mount("http://", HTTPAdapter())
    return session


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:
        reason = error.strerror or str(error)
        raise problem_error(Code.CA_FILE_UNUSABLE, "network.ca_file", reason=reason) from None
