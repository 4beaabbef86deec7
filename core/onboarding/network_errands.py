"""Letting this machine past a namespace's network rules: what the rules are, and one rule more."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from core.azure.networks import NetworkRules, add_ip_rule, network_rules
from core.onboarding.applying import change_lock
from core.onboarding.azure_session import choose_subscription
from core.onboarding.draft import Draft
from core.onboarding.errands import Errands
from core.onboarding.journal import Journal, Thing


@dataclass(frozen=True)
class Door:
    """Who is let in, and as what this machine may be seen.

    Attributes:
        rules: of the namespace.
        own: the address that this machine goes out with, where that can be told from here; empty:
            it is behind a router that has another one.
        inside: its address in its own network.
    """

    rules: NetworkRules
    own: str
    inside: str


async def look_at_door(errands: Errands) -> Door:
    """The namespace's rules, and this machine's address. Raises ProblemError."""
    draft = errands.draft
    async with errands.session() as session:
        chosen, _ = await choose_subscription(session, draft.discovery.subscription)
        group, name = draft.resource_group.name, draft.namespace.name
        rules = await network_rules(session, chosen, group, name)
    result = draft.shared_access_policy.result
    bootstrap = result.value.bootstrap if result is not None else ""
    inside = own_address(bootstrap.rpartition(":")[0])
    return Door(rules, inside if _is_seen_outside(inside) else "", inside)


async def let_in(errands: Errands, address: str) -> NetworkRules:
    """Add ``address`` to the namespace's IP rules; the rules then. Changes the cloud.

    Its lines are in the journal. Raises ProblemError.
    """
    profile, draft = errands.profile(), errands.draft
    group, name = draft.resource_group.name, draft.namespace.name
    with change_lock(profile.state_folder):
        journal = Journal(profile.state_folder)
        async with errands.session() as session:
            chosen, _ = await choose_subscription(session, draft.discovery.subscription)
            thing = Thing("namespace", name, chosen, group, name, mark=address)
            action = f"azure/ip_rule/{name}/{address}"
            journal.write("begin", action, "change", thing)
            rules = await add_ip_rule(session, chosen, group, name, address)
            journal.write("done", action, "change", thing)
    return rules


def check_address(text: str) -> str:
    """What is wrong with ``text`` as an address of an IP rule; empty: nothing.

    Source: "Azure: Event Hubs IP firewall" (IPv4 addresses and ranges).
    """
    try:
        network = ipaddress.IPv4Network(text.strip(), strict=False)
    except ValueError:
        return "Enter an IPv4 address, such as 198.51.100.24, or a range such as 198.51.100.0/24."
    if network.prefixlen < 8:
        return "That range lets in a large part of the internet. Name a smaller one."
    return ""


def command(draft: Draft, address: str) -> str:
    """The line of azure-cli that lets ``address`` in."""
    return (
        f"az eventhubs namespace network-rule-set ip-rule add "
        f"--resource-group {draft.resource_group.name} --namespace-name {draft.namespace.name} "
        f"--ip-rule ip-address={address} action=Allow"
    )


def own_address(host: str) -> str:
    """This machine's address on the way to ``host``; nothing is sent. Empty: not known."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect((host or "192.0.2.1", 9))
            return str(way.getsockname()[0])
        except OSError:
            return ""


def _is_seen_outside(address: str) -> bool:
    """Whether the other end sees ``address`` as it is."""
    if not address:
        return False
    given = ipaddress.ip_address(address)
    return given.is_global or given.is_loopback
