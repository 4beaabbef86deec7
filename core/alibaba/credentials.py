"""The AccessKey that calls to Alibaba Cloud are signed with, and where it comes from.

A profile names an AccessKey, or an AccessKey with its STS token. If it names none, Alibaba Cloud's
own chain decides: environment variables, OIDC, the aliyun command line's configuration, the
credentials file, the RAM role of an ECS instance, ALIBABA_CLOUD_CREDENTIALS_URI (alibabacloud-
credentials, ``DefaultCredentialsProvider``). Keys of a role end after an hour or so; the chain has
new ones ready before that, so whoever runs for long asks :meth:`KeySource.keys` for each request.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.errors import Code, ProblemError, problem_error
from core.logs import event
from core.profile import Profile
from core.secrets.redaction import know_secret, redact_text

_ASK_AGAIN_SECONDS = 60.0
"""Keys of the chain are taken for good this long; it renews them a quarter of an hour early."""
_TRY_AGAIN_SECONDS = 10.0
_LONGEST_SECONDS = 20.0
"""The chain's own waits: 2 s for a metadata service that is not there, 15 s for a role."""
_WHERE = "alibaba.access_key_id"


@dataclass(frozen=True)
class Keys:
    """What a request is signed with.

    Attributes:
        access_key_id: the AccessKey's id, no secret.
        access_key_secret: its secret.
        security_token: the STS token that belongs to it; empty: none.
    """

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)


class KeySource:
    """Gives the keys of the moment. Thread-safe."""

    def __init__(self, first: Keys, renew: Callable[[], Keys] | None = None) -> None:
        """``renew`` asks the chain; None: ``first`` are the keys for good."""
        self._keys = first
        self._renew = renew
        self._lock = threading.Lock()
        self._due = time.monotonic() + _ASK_AGAIN_SECONDS

    @property
    def changes(self) -> bool:
        """Whether the keys may be others later."""
        return self._renew is not None

    def keys(self) -> Keys:
        """The keys of the moment. May wait for the chain; never raises.

        If the chain fails, the last keys are given again: should they have ended, the service
        says so, and the next call asks the chain once more.
        """
        # Only one thread asks the chain; the others go on with the keys that are there.
        if self._renew is None or time.monotonic() < self._due:
            return self._keys
        if not self._lock.acquire(blocking=False):
            return self._keys
        try:
            self._keys = self._renew()
            self._due = time.monotonic() + _ASK_AGAIN_SECONDS
        except ProblemError as error:
            self._due = time.monotonic() + _TRY_AGAIN_SECONDS
            event("alibaba.keys", logging.WARNING, code=error.problem.code)
        finally:
            self._lock.release()
        return self._keys


def key_source(profile: Profile) -> KeySource:
    """The keys of ``profile``. Blocking: secrets are read, the chain is asked.

    Raises ProblemError: a secret cannot be read, or there is no AccessKey at all.
    """
    account = profile.account
    if account.access_key_secret is None:
        chain = _Chain()
        return KeySource(chain.keys(), chain.keys)
    token = account.security_token
    return KeySource(
        Keys(
            account.access_key_id,
            profile.read_secret(account.access_key_secret, "alibaba.access_key_secret"),
            profile.read_secret(token, "alibaba.security_token") if token else "",
        )
    )


class _Chain:
    """alibabacloud-credentials' default chain, with an end to its waiting."""

    def __init__(self) -> None:
        self._provider: Any = None

    def keys(self) -> Keys:
        """Raises ProblemError (alibaba_no_credentials)."""
        answer: list[Keys | BaseException] = []
        asking = threading.Thread(target=self._ask, args=(answer,), daemon=True)
        asking.start()
        asking.join(_LONGEST_SECONDS)
        found = answer[0] if answer else TimeoutError()
        if isinstance(found, Keys):
            return found
        if isinstance(found, TimeoutError):
            reason = f"the credentials chain gave no answer within {_LONGEST_SECONDS:.0f} seconds"
            raise problem_error(Code.ALIBABA_NO_CREDENTIALS, _WHERE, reason=reason)
        detail = redact_text(str(found))[:800]
        reason = "the profile names none, and neither the environment nor a configuration has one"
        raise problem_error(Code.ALIBABA_NO_CREDENTIALS, _WHERE, detail, reason=reason)

    def _ask(self, answer: list[Keys | BaseException]) -> None:
        try:
            answer.append(self._find())
        except Exception as error:
            answer.append(error)

    def _find(self) -> Keys:
        if self._provider is None:
            self._provider = _default_chain()
        found = self._provider.get_credentials()
        keys = Keys(
            found.get_access_key_id() or "",
            found.get_access_key_secret() or "",
            found.get_security_token() or "",
        )
        if not (keys.access_key_id and keys.access_key_secret):
            raise ValueError("the credentials chain gave an AccessKey without its secret")
        for secret in (keys.access_key_secret, keys.security_token):
            if secret:
                know_secret(secret)
        return keys


def _default_chain() -> Any:
    from alibabacloud_credentials.provider import DefaultCredentialsProvider

    # The package writes answers with keys in them to standard error; what matters of its errors
    # comes back as exceptions, which pass our redaction.
    logging.getLogger("credentials").disabled = True
    return DefaultCredentialsProvider()
