"""Proxy and certificate authorities as settings: what is wrong with them, and where they are kept.

Of the machine (for imports that are new) or of one profile (its ``[network]`` table).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import Code, Problem, ProblemError, problem
from core.kafka.tls import client_context
from core.onboarding.field_checks import fits
from core.onboarding.profile_edit import edit_profile
from core.profile import Network, load_profile
from core.settings import Settings, load_settings, save_settings

CA_FILE = "network.ca_file"


@dataclass(frozen=True)
class Authorities:
    """What a CA file holds.

    Attributes:
        count: authorities that are trusted.
        problem: why the file cannot be used.
    """

    count: int = 0
    problem: Problem | None = None


def check_proxy(text: str) -> str:
    """What is wrong with ``text`` as a proxy; empty: nothing. It repeats nothing of ``text``."""
    if "@" in text:
        return "A user name and a password cannot stand here: it is kept as plain text."
    port = text.rstrip("/").rpartition(":")[2]
    if not text or (fits(Network, "proxy", text) and 0 < int(port) < 65536):
        return ""
    return "That is no proxy's address. Enter http://host:port, or nothing."


def look_at_authorities(text: str, folder: Path) -> Authorities:
    """The CA file ``text``, relative to ``folder``; blocking."""
    if not text:
        return Authorities()
    path = folder / text
    if path.is_dir():
        reason = "it is a folder"
        return Authorities(problem=problem(Code.CA_FILE_UNUSABLE, CA_FILE, reason=reason))
    try:
        context = client_context(path)
    except ProblemError as error:
        return Authorities(problem=error.problem)
    count = context.cert_store_stats()["x509_ca"]
    if not count:
        reason = "it holds no certificate authority"
        return Authorities(problem=problem(Code.CA_FILE_UNUSABLE, CA_FILE, reason=reason))
    return Authorities(count)


def network_of(profile: Path | None) -> Settings:
    """Proxy and CA file of the profile, or of the machine. Raises ProblemError."""
    if profile is None:
        return load_settings()
    found = load_profile(str(profile)).network
    return Settings(found.proxy, found.ca_file)


def keep_network(profile: Path | None, settings: Settings) -> None:
    """Keep them in the profile, or for the machine. Raises ProblemError."""
    if profile is None:
        save_settings(settings)
        return
    changes: dict[tuple[str, ...], str | None] = {
        ("network", "proxy"): settings.proxy or None,
        ("network", "ca_file"): settings.ca_file or None,
    }
    edit_profile(profile, changes)
