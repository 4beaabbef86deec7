"""Why Kafka does not connect: what the connection test saw, and what the control plane knows.

On the wire many causes look alike: of a wrong key, a rotated one, a deleted policy and a namespace
without local authentication Event Hubs says the same. Azure Resource Manager knows which it is.
Where it cannot be asked, the verdict is the best that the wire tells. docs/diagnosis.md lists what
leads to which code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from core.errors import Code, Problem, ProblemError, problem
from core.kafka.connection_string import (
    ConnectionString,
    key_fingerprint,
    parse_connection_string,
)
from core.kafka.probe import Probe
from core.kafka.settings import HubAccess
from core.onboarding.diagnosis_facts import ControlPlaneFacts


class Action(StrEnum):
    """A remedy that Isthmus can carry out itself, once the user says so."""

    FETCH_KEY_AGAIN = "fetch_key_again"
    CREATE_NAMESPACE = "create_namespace"
    CREATE_EVENT_HUB = "create_event_hub"
    USE_OTHER_HUB = "use_other_hub"
    USE_OTHER_POLICY = "use_other_policy"
    USE_NAMESPACE_ADDRESS = "use_namespace_address"
    CHOOSE_STANDARD_NAMESPACE = "choose_standard_namespace"
    ADD_IP_RULE = "add_ip_rule"
    ALLOW_PUBLIC_ACCESS = "allow_public_access"
    ALLOW_LOCAL_AUTH = "allow_local_auth"
    RAISE_UNITS = "raise_units"


@dataclass(frozen=True)
class Verdict:
    """What is wrong.

    Attributes:
        problem: cause and remedy; None: nothing is wrong.
        action: the remedy as something that Isthmus can do; None: it cannot.
        argument: what the action needs: a hub's name, an address; may be empty.
        decided_by: who told the cause.
    """

    problem: Problem | None
    action: Action | None = None
    argument: str = ""
    decided_by: Literal["wire", "control plane"] = "wire"


_LOOK_UP = frozenset({Code.KAFKA_HOST_UNKNOWN, Code.KAFKA_HOST_SUFFIX, Code.KAFKA_DNS_FAILED})
_REACH = frozenset(
    {
        Code.KAFKA_REFUSED,
        Code.KAFKA_NO_ANSWER,
        Code.KAFKA_PROXY_ONLY,
        Code.KAFKA_STALLED,
        Code.KAFKA_NOT_TLS,
        Code.KAFKA_CONNECTION_CLOSED,
        Code.KAFKA_CERTIFICATE_NAME,
        Code.KAFKA_NOT_KAFKA,
        Code.KAFKA_NOT_EVENT_HUBS,
    }
)
_SIGN_IN = frozenset({Code.KAFKA_SIGN_IN_REFUSED, Code.KAFKA_SIGN_IN_CUT})
_RIGHTS = frozenset({Code.KAFKA_HUB_DENIED, Code.KAFKA_NO_LISTEN, Code.KAFKA_GROUP_DENIED})
_HUB = frozenset({Code.KAFKA_HUB_NOT_FOUND, Code.KAFKA_HUB_OTHER_CASE})
_DECIDABLE = frozenset(
    {*_LOOK_UP, *_REACH, *_SIGN_IN, *_RIGHTS, *_HUB, Code.KAFKA_FIREWALL, Code.KAFKA_THROTTLED}
)


def control_plane_decides(probe: Probe) -> bool:
    """Whether it is worth asking the control plane: what failed may have several causes."""
    return probe.problem is not None and probe.problem.code in _DECIDABLE


def diagnose(
    probe: Probe,
    access: HubAccess,
    facts: ControlPlaneFacts | None = None,
    worked_before: bool = False,
) -> Verdict:
    """The verdict on ``probe``, the test of ``access``.

    ``facts``: None if the control plane could not be asked. ``worked_before``: whether this key has
    signed in earlier (:func:`core.kafka.known_key.worked_before`).
    """
    found = probe.problem
    if found is None:
        return Verdict(None)
    try:
        parsed = parse_connection_string(access.connection_string, "kafka.connection_string")
    except ProblemError:
        return Verdict(found)
    return _Case(found, access, parsed, facts, worked_before).verdict()


@dataclass(frozen=True)
class _Case:
    """One problem of the wire with all that may decide it."""

    seen: Problem
    access: HubAccess
    parsed: ConnectionString
    facts: ControlPlaneFacts | None
    worked_before: bool

    def verdict(self) -> Verdict:
        code = self.seen.code
        if self.facts is not None and not self.facts.found and code in _DECIDABLE:
            return self._says(Code.KAFKA_NAMESPACE_MISSING, Action.CREATE_NAMESPACE)
        if code in _LOOK_UP:
            return self._looked_up()
        if code in _REACH:
            return self._reached()
        if code is Code.KAFKA_FIREWALL:
            return self._kept_out() or self._stays()
        if code in _SIGN_IN:
            return self._signed_in()
        if code in _RIGHTS:
            return self._allowed()
        if code in _HUB:
            return self._hub()
        if code is Code.KAFKA_THROTTLED:
            return self._stays(Action.RAISE_UNITS)
        return self._stays()

    def _looked_up(self) -> Verdict:
        if self.facts is None:
            return self._stays()
        reason = "Azure has the namespace under this name, the name service does not know it"
        return self._other_address() or self._says(Code.KAFKA_DNS_FAILED, reason=reason)

    def _reached(self) -> Verdict:
        return self._other_address() or self._basic() or self._stays()

    def _signed_in(self) -> Verdict:
        other = self._other_namespace() or self._basic()
        if other is not None:
            return other
        facts = self.facts
        refused = self.seen.code is Code.KAFKA_SIGN_IN_REFUSED
        if facts is None:
            return self._key() if refused else self._stays()
        if not facts.local_auth:
            return self._says(Code.KAFKA_LOCAL_AUTH_DISABLED, Action.ALLOW_LOCAL_AUTH)
        if facts.policy_read and facts.policy is None:
            return self._says(Code.KAFKA_POLICY_MISSING, Action.USE_OTHER_POLICY)
        prints = facts.policy.key_fingerprints if facts.policy else None
        if prints is None:
            return self._kept_out() or (self._key() if refused else self._stays())
        if key_fingerprint(self.parsed.text) not in prints:
            return self._key()
        return self._kept_out() or self._stays()

    def _key(self) -> Verdict:
        code = Code.KAFKA_KEY_ROTATED if self.worked_before else Code.KAFKA_WRONG_KEY
        return self._says(code, Action.FETCH_KEY_AGAIN)

    def _kept_out(self) -> Verdict | None:
        """The verdict if the network rules of the namespace keep somebody out."""
        facts = self.facts
        if facts is None:
            return None
        if facts.public_access == "SecuredByPerimeter":
            return self._says(Code.KAFKA_PERIMETER)
        if facts.public_access == "Disabled":
            return self._says(Code.KAFKA_PUBLIC_ACCESS_DISABLED, Action.ALLOW_PUBLIC_ACCESS)
        if facts.has_network_rules:
            return self._says(Code.KAFKA_FIREWALL, Action.ADD_IP_RULE)
        return None

    def _allowed(self) -> Verdict:
        other = self._other_namespace() or self._basic()
        if other is not None:
            return other
        facts = self.facts
        if facts is not None and facts.policy is not None:
            of_hub = facts.policy.hub
            if of_hub is not None and of_hub != self.access.hub:
                return self._says(
                    Code.CONNECTION_STRING_OTHER_HUB, Action.USE_OTHER_POLICY, entity=of_hub
                )
        if self.seen.code is Code.KAFKA_HUB_DENIED and self._lacks_hub():
            return self._hub()
        return self._stays(Action.USE_OTHER_POLICY)

    def _hub(self) -> Verdict:
        hubs = (self.facts.hubs if self.facts else None) or ()
        wanted = self.access.hub
        other = next((name for name in hubs if name.lower() == wanted.lower()), "")
        if other and other != wanted:
            return self._says(
                Code.KAFKA_HUB_OTHER_CASE, Action.USE_OTHER_HUB, argument=other, other=other
            )
        if self.seen.code is Code.KAFKA_HUB_OTHER_CASE or not self._lacks_hub():
            return Verdict(self.seen)
        return self._says(Code.KAFKA_HUB_NOT_FOUND, Action.CREATE_EVENT_HUB, argument=wanted)

    def _lacks_hub(self) -> bool:
        hubs = self.facts.hubs if self.facts else None
        return hubs is not None and self.access.hub not in hubs

    def _other_address(self) -> Verdict | None:
        """The verdict if the profile connects elsewhere than to the namespace's endpoint."""
        address = self.facts.address if self.facts else ""
        if not address or address.lower() == self.access.bootstrap.lower():
            return None
        return self._says(
            Code.KAFKA_ADDRESS_DIFFERS,
            Action.USE_NAMESPACE_ADDRESS,
            argument=address,
            address=address,
        )

    def _other_namespace(self) -> Verdict | None:
        """The verdict if the connection string is of another namespace.

        An alias may stand in ``bootstrap``: the string is compared with the namespace's own host
        where that is known.
        """
        address = self.facts.address if self.facts else ""
        own = address.rpartition(":")[0] or self.access.host
        if self.parsed.host.lower() in (own.lower(), self.access.host.lower()):
            return None
        return self._says(
            Code.CONNECTION_STRING_OTHER_NAMESPACE,
            Action.FETCH_KEY_AGAIN,
            entity=self.parsed.host,
        )

    def _basic(self) -> Verdict | None:
        if self.facts is None or not self.facts.basic:
            return None
        return self._says(Code.KAFKA_BASIC_TIER, Action.CHOOSE_STANDARD_NAMESPACE)

    def _stays(self, action: Action | None = None) -> Verdict:
        """What the wire says; an action only where the control plane was there to carry it out."""
        if self.facts is None:
            return Verdict(self.seen)
        return Verdict(self.seen, action)

    def _says(
        self, code: Code, action: Action | None = None, argument: str = "", **more: object
    ) -> Verdict:
        """``code``, told by the control plane if it was asked."""
        known: dict[str, object] = {
            "host": self.access.host,
            "port": self.access.port,
            "bootstrap": self.access.bootstrap,
            "hub": self.access.hub,
            "policy": self.parsed.policy,
            "namespace": self.facts.namespace if self.facts else "",
        }
        made = problem(code, _PLACES.get(code, self.seen.where), self.seen.detail, **known | more)
        if self.facts is None:
            return Verdict(made)
        return Verdict(made, action, argument, "control plane")


_PLACES = {
    Code.KAFKA_NAMESPACE_MISSING: "azure.namespace",
    Code.KAFKA_BASIC_TIER: "azure.namespace",
    Code.KAFKA_LOCAL_AUTH_DISABLED: "azure.namespace",
    Code.KAFKA_FIREWALL: "azure.namespace",
    Code.KAFKA_PUBLIC_ACCESS_DISABLED: "azure.namespace",
    Code.KAFKA_PERIMETER: "azure.namespace",
    Code.KAFKA_ADDRESS_DIFFERS: "kafka.bootstrap",
    Code.KAFKA_DNS_FAILED: "kafka.bootstrap",
    Code.KAFKA_HUB_NOT_FOUND: "kafka.topic",
    Code.KAFKA_HUB_OTHER_CASE: "kafka.topic",
    Code.CONNECTION_STRING_OTHER_HUB: "kafka.topic",
}
