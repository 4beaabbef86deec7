"""A new key for a policy, without a moment in which no key works.

The key that is not in use is made anew, whoever uses the policy goes over to it and proves that
with a fresh connection, and only then the other is made anew. Azure leaves open connections alone
when a key changes (Azure: "Event Hubs for Apache Kafka"), so an old key fails hours later, at the
next connection: hence the proof. Cut short at any point it can be run again: the key in use always
is one of the policy's two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core.azure.policies import WHERE, Which, list_keys, regenerate_key
from core.azure.session import AzureSession
from core.errors import Code, problem_error


@dataclass(frozen=True)
class PolicyPlace:
    """Where a policy is; ``hub`` None: it is the namespace's."""

    subscription: str
    resource_group: str
    namespace: str
    hub: str | None
    name: str


@dataclass(frozen=True)
class Rotation:
    """How it ended.

    Attributes:
        now: which of the two keys is in use now.
        connection_string: the one that is in use; not in the ``repr``.
        switched: whether the user of the policy went over to a new key.
        retired: whether the key that was in use before has been made anew, too.
    """

    now: Which
    connection_string: str = field(repr=False)
    switched: bool
    retired: bool


async def rotate(
    session: AzureSession,
    place: PolicyPlace,
    in_use: str,
    switch: Callable[[str], Awaitable[None]],
    on_progress: Callable[[str], None],
) -> Rotation:
    """Make both keys of the policy anew.

    ``in_use`` is the connection string that is kept now. ``switch`` is given the new one: it
    stores it and returns once a fresh connection has signed in with it; if it raises, the old key
    still works and nothing is lost. Raises ProblemError (azure_key_not_of_policy), and what
    ``switch`` raises.
    """
    current = await which_is_in_use(session, place, in_use)
    idle: Which = "secondary" if current == "primary" else "primary"
    on_progress(f"making the {idle} key of {place.name} anew")
    made = (await regenerate_key(session, *_arguments(place), idle)).of(idle)
    on_progress(f"going over to the {idle} key, and trying it")
    await switch(made)
    await retire(session, place, made, on_progress)
    return Rotation(idle, made, switched=True, retired=True)


async def retire(
    session: AzureSession,
    place: PolicyPlace,
    in_use: str,
    on_progress: Callable[[str], None],
) -> Rotation:
    """Make anew the key that is not in use: the last step alone, where a rotation was cut short.

    Raises ProblemError.
    """
    current = await which_is_in_use(session, place, in_use)
    idle: Which = "secondary" if current == "primary" else "primary"
    on_progress(f"making the {idle} key of {place.name} anew, which nobody uses any more")
    await regenerate_key(session, *_arguments(place), idle)
    return Rotation(current, in_use, switched=False, retired=True)


async def which_is_in_use(session: AzureSession, place: PolicyPlace, in_use: str) -> Which:
    """Which of the policy's two keys ``in_use`` holds. Raises ProblemError."""
    keys = await list_keys(session, *_arguments(place))
    for which, connection_string in (("primary", keys.primary), ("secondary", keys.secondary)):
        if _key(connection_string) and _key(connection_string) == _key(in_use):
            return "primary" if which == "primary" else "secondary"
    raise problem_error(Code.AZURE_KEY_NOT_OF_POLICY, WHERE, policy=place.name)


def _arguments(place: PolicyPlace) -> tuple[str, str, str, str | None, str]:
    return (place.subscription, place.resource_group, place.namespace, place.hub, place.name)


def _key(connection_string: str) -> str:
    """The key alone: the same key stands in strings with and without ``EntityPath=``."""
    for part in connection_string.strip().split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "sharedaccesskey":
            return value
    return ""
