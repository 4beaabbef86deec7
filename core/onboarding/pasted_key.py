"""A connection string that was pasted whole: its parts go to the draft, the string to its store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.kafka.connection_string import parse_connection_string
from core.onboarding.draft import Draft, KeyKept, Verified


def take_connection_string(draft: Draft, text: str, at: datetime, fingerprint: str) -> Draft:
    """``draft`` with the policy, its scope, and the hub if none was named, from ``text``.

    The draft does not hold ``text``: the caller writes it to ``draft.kafka_secret`` first and says
    when (``at``, with its zone) and by which ``fingerprint`` it is known. Raises ProblemError
    (connection_string_invalid), in which no part of ``text`` is repeated.
    """
    found = parse_connection_string(text, "shared_access_policy.connection_string")
    kept = KeyKept(
        policy=found.policy,
        bootstrap=f"{found.host}:{found.port}",
        entity_path=found.entity_path,
        fingerprint=fingerprint,
    )
    policy = replace(
        draft.shared_access_policy,
        name=found.policy,
        scope="hub" if found.entity_path else "namespace",
        result=Verified(kept, at),
    )
    hub = replace(draft.event_hub, name=draft.event_hub.name or found.entity_path)
    return replace(draft, shared_access_policy=policy, event_hub=hub)
