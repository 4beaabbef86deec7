"""What this machine does to connections: HTTP proxies, and files of certificate authorities.

A Kafka client can use no HTTP proxy (Azure: Event Hubs "Connectivity": Kafka needs TCP 9093, there
is no way over 443). Authorities of a company often stand in a file that an environment variable
names for other programs.
"""

from __future__ import annotations

import os
import ssl
import urllib.parse
import urllib.request
from pathlib import Path

_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_SCHEMES = ("https", "all", "socks", "http")


def http_proxy(host: str) -> str:
    """The proxy, ``scheme://host:port``, that this machine uses for ``host``; empty: none.

    A user name and password in it are left out.
    """
    proxies = urllib.request.getproxies()
    found = next((proxies[scheme] for scheme in _SCHEMES if proxies.get(scheme)), "")
    if not found or urllib.request.proxy_bypass(host):
        return ""
    text = found if "://" in found else f"http://{found}"
    try:
        parts = urllib.parse.urlsplit(text)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "one that is written wrongly"
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def proxy_note(host: str) -> str:
    """A clause for the evidence of a stage, empty if the machine has no proxy for ``host``."""
    proxy = http_proxy(host)
    return f"; this machine's proxy {proxy} is not used, Kafka cannot" if proxy else ""


def authority_files() -> dict[Path, str]:
    """Files of certificate authorities that this machine's programs use, and who names each."""
    found: dict[Path, str] = {}
    for variable in _CA_VARIABLES:
        value = os.environ.get(variable)
        if value and Path(value).is_file():
            found.setdefault(Path(value), variable)
    default = ssl.get_default_verify_paths().cafile
    if default and Path(default).is_file():
        found.setdefault(Path(default), "the system")
    return found
