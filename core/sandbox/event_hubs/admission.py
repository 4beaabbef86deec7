"""Whom a namespace lets in, beyond names and keys: network rules, local authentication, tier.

A namespace of the Basic tier has no Kafka endpoint. What a client of one sees is told by "Azure:
Apache Kafka troubleshooting guide for Event Hubs": TOPIC_AUTHORIZATION_FAILED for its hubs; that
the sign-in itself passes is EH-11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.sandbox.event_hubs.codes import ErrorCode
from core.sandbox.event_hubs.policies import WRONG_KEY, Grant, Right, SignInError
from core.sandbox.event_hubs.tiers import Attributes

FIREWALL = "The request was rejected by firewall checks."
"""Azure's own words for an address (azure-event-hubs-for-kafka, issue 253); for public access that
is switched off it is EH-10."""
LOCAL_AUTH_OFF = "signing in with a connection string is switched off here"
"""Our own text: Azure's is not known (EH-12)."""


@dataclass(frozen=True)
class Admission:
    """The rules for the next sign-in; connections that stand are not looked at again.

    Attributes:
        attributes: of the namespace.
        firewall: refuse every address (the scenario).
        no_key_fits: refuse every key (the scenario wrong_key).
        basic: behave as the Basic tier (the scenario).
        send_only: whatever a policy allows, Send is all that counts (the scenario no_listen).
    """

    attributes: Attributes
    firewall: bool = False
    no_key_fits: bool = False
    basic: bool = False
    send_only: bool = False

    def grant(self, client_host: str, sign_in: Callable[[], Grant]) -> Grant:
        """What a client at ``client_host`` gets; ``sign_in`` checks its name and key.

        The network comes first: an outsider learns nothing of a key. Raises ``SignInError``.
        """
        if self.firewall or not self.attributes.admits(client_host):
            raise SignInError(FIREWALL, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
        if self.attributes.disable_local_auth:
            raise SignInError(LOCAL_AUTH_OFF)
        grant = sign_in()
        if self.no_key_fits:
            raise SignInError(WRONG_KEY)
        if self.basic or not self.attributes.tier.kafka:
            return replace(grant, rights=frozenset())
        if self.send_only:
            return replace(grant, rights=frozenset({Right.SEND}))
        return grant
