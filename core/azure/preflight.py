"""Whether the account may do what is planned, asked before anything is changed.

Source: "Azure RBAC: Permissions - List" and "Understand Azure role definitions" (an action is
allowed if one permission has it in ``actions`` and not in ``notActions``; ``*`` stands for any
text, slashes too). Roles of Microsoft Entra ID are not seen there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.azure.session import AzureSession, azure_problems

_PATH = "/providers/Microsoft.Authorization/permissions"
_VERSION = "2022-04-01"
_WHERE = "azure.permissions"


@dataclass(frozen=True)
class Need:
    """One right that a step needs.

    Attributes:
        step: the wizard's step.
        action: such as ``Microsoft.EventHub/namespaces/write``.
        scope: resource id of where.
        role: the smallest built-in role that has it.
    """

    step: str
    action: str
    scope: str
    role: str


@dataclass(frozen=True)
class Missing:
    """A right that the account lacks; ``principal`` is its object id, empty if not known."""

    need: Need
    principal: str = ""


async def check(session: AzureSession, needs: Iterable[Need]) -> list[Missing]:
    """Which of ``needs`` the account lacks. Raises ProblemError.

    A scope that does not exist yet is judged by the one that it will be in.
    """
    wanted = list(needs)
    scopes = list(dict.fromkeys(need.scope for need in wanted))
    found = await asyncio.gather(*(_permissions(session, scope) for scope in scopes))
    held = dict(zip(scopes, found, strict=True))
    lacking = [need for need in wanted if not allows(held[need.scope], need.action)]
    if not lacking:
        return []
    principal = (await session.credential.account()).principal
    return [Missing(need, principal) for need in lacking]


def allows(permissions: Sequence[dict[str, Any]], action: str) -> bool:
    """Whether one of ``permissions``, as Azure lists them, allows ``action``."""
    return any(
        _matches(each.get("actions"), action) and not _matches(each.get("notActions"), action)
        for each in permissions
    )


def admin_request(missing: Sequence[Missing], assignee: str = "") -> str:
    """A text for an administrator: what is lacking, and the lines that grant it."""
    if not missing:
        return ""
    who = assignee or next((each.principal for each in missing if each.principal), "<account>")
    by_role: dict[tuple[str, str], list[str]] = {}
    for each in missing:
        actions = by_role.setdefault((each.need.role, each.need.scope), [])
        if each.need.action not in actions:
            actions.append(each.need.action)
    lines = ["Isthmus needs these rights in Azure, to send logs to an event hub:", ""]
    for (role, scope), actions in by_role.items():
        lines += [f"# {role} at {scope}", f"#   for {', '.join(actions)}"]
        lines += [f'az role assignment create --assignee "{who}" --role "{role}" --scope "{scope}"']
    return "\n".join(lines) + "\n"


async def _permissions(session: AzureSession, scope: str) -> list[dict[str, Any]]:
    from azure.core.exceptions import HttpResponseError

    with azure_problems(_WHERE):
        while True:
            try:
                return [each async for each in session.listed(f"{scope}{_PATH}", _VERSION)]
            except HttpResponseError as error:
                if error.status_code == 403:  # who may not even look, may nothing
                    return []
                outer = _outer(scope)
                if error.status_code != 404 or not outer:
                    raise
                scope = outer


def _outer(scope: str) -> str:
    """The scope that ``scope`` is in; empty: it is in none."""
    parts = scope.strip("/").split("/")
    at = len(parts) - 2
    if at < 2:
        return ""
    if parts[at - 2].lower() == "providers":  # the first type of a provider: leave that, too
        at -= 2
    return "/" + "/".join(parts[:at])


def _matches(patterns: Iterable[str] | None, action: str) -> bool:
    for pattern in patterns or ():
        form = ".*".join(re.escape(part) for part in pattern.split("*"))
        if re.fullmatch(form, action, re.IGNORECASE):
            return True
    return False
