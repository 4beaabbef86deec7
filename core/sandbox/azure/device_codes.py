"""The device authorization grant: codes that wait for somebody to approve them (RFC 8628)."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

from core.sandbox.azure.grants import Asked
from core.sandbox.azure.sign_in_errors import SignInError
from core.sandbox.azure.store import Store

_KEY = "device/"
_LETTERS = "BCDFGHJKLMNPQRSTVWXYZ23456789"
_APPROVED, _DECLINED, _PENDING = "approved", "declined", "pending"


@dataclass(frozen=True)
class DeviceOptions:
    """How codes behave from now on.

    Attributes:
        polls: a code that nobody decided on is approved at this poll; 0: never by itself.
        interval: seconds that clients are asked to wait between polls.
        lifetime: seconds until a code expires.
    """

    polls: int = 2
    interval: int = 1
    lifetime: float = 900.0


class DeviceCodes:
    """The codes that are out."""

    def __init__(self, store: Store, endpoint: str) -> None:
        self._store = store
        self._endpoint = endpoint
        self.options = DeviceOptions()

    def new(self, asked: Asked) -> dict[str, Any]:
        """A code, and what the user is to be told."""
        code = secrets.token_urlsafe(40)
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(9))
        address = f"{self._endpoint}/common/oauth2/deviceauth"
        self._store.put(
            {
                _KEY + code: {
                    "client_id": asked.client_id,
                    "scope": asked.scope,
                    "state": _PENDING,
                    "polls": 0,
                    "expires": time.time() + self.options.lifetime,
                }
            }
        )
        return {
            "user_code": user_code,
            "device_code": code,
            "verification_uri": address,
            "expires_in": int(self.options.lifetime),
            "interval": self.options.interval,
            "message": f"To sign in, use a web browser to open the page {address} and enter the "
            f"code {user_code} to authenticate.",
        }

    def scope(self, code: str) -> str:
        """What a code was asked for; empty for one that is not known."""
        return str((self._store.get(_KEY + code) or {}).get("scope", ""))

    def poll(self, code: str, client_id: str) -> None:
        """Return if the code is approved, which uses it up; SignInError if it is not."""
        kept = self._store.get(_KEY + code)
        if kept is None or kept["client_id"] != client_id:
            raise SignInError(70019)
        if time.time() >= kept["expires"]:
            raise SignInError(70020)
        if kept["state"] == _DECLINED:
            raise SignInError(70018)
        kept["polls"] += 1
        if kept["state"] == _PENDING and not 0 < self.options.polls <= kept["polls"]:
            self._store.put({_KEY + code: kept})
            raise SignInError(70016)
        self._store.delete(_KEY + code)

    def decide(self, approve: bool) -> int:
        """Approve or decline every code that waits; how many did."""
        state = _APPROVED if approve else _DECLINED
        waiting = {
            key: {**kept, "state": state}
            for key, kept in self._store.under(_KEY)
            if kept["state"] == _PENDING
        }
        self._store.put(waiting)
        return len(waiting)
