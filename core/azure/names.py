"""Names from users, checked before a request is made of them: the SDK would send an empty one.

Source: "Azure: naming rules and restrictions for resources" (Microsoft.Resources,
Microsoft.EventHub, Microsoft.Insights). Microsoft's pages differ on a namespace's length; 6 to 50
is what both allow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import Code, problem_error

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Rule:
    """What a name of one kind looks like.

    Attributes:
        what: the kind, in words.
        form: the whole name must match.
        words: the same for people.
    """

    what: str
    form: re.Pattern[str]
    words: str


SUBSCRIPTION = Rule("subscription", GUID, "a GUID, 8-4-4-4-12 hexadecimal digits")
TENANT = Rule("tenant", re.compile(r"[A-Za-z0-9.-]{1,100}"), "the tenant's id or a domain of it")
RESOURCE_GROUP = Rule(
    "resource group",
    re.compile(r"[\w\-.()]{0,89}[\w\-()]"),
    "1 to 90 letters, digits and - _ . ( ), no period at the end",
)
NAMESPACE = Rule(
    "namespace",
    re.compile(r"[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]"),
    "6 to 50 letters, digits and hyphens, a letter first, no hyphen at the end",
)
EVENT_HUB = Rule(
    "event hub",
    re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?"),
    "1 to 256 letters, digits and . _ -, a letter or digit first and last",
)
POLICY = Rule(
    "shared access policy",
    re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,48}[A-Za-z0-9])?"),
    "1 to 50 letters, digits and . _ -, a letter or digit first and last",
)
SETTING = Rule(
    "diagnostic setting",
    re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,259}"),
    "1 to 260 letters, digits and _ . -, a letter or digit first",
)
LOCATION = Rule("region", re.compile(r"[a-z0-9]{2,40}"), "its short name, such as eastasia")
PROVIDER = Rule(
    "resource provider",
    re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+"),
    "words joined by a period, such as Microsoft.EventHub",
)
RESOURCE_ID = Rule(
    "resource",
    re.compile(
        r"/subscriptions/[^/]+(/resourceGroups/[^/]+)?/providers/[^/]+(/[^/]+/[^/]+)+",
        re.IGNORECASE,
    ),
    "a resource id, /subscriptions/.../providers/...",
)


def check_name(rule: Rule, name: str, where: str) -> str:
    """``name``, if ``rule`` allows it. Raises ProblemError (azure_name_invalid)."""
    if not rule.form.fullmatch(name):
        raise problem_error(Code.AZURE_NAME_INVALID, where, what=rule.what, rule=rule.words)
    return name


def short_location(name: str) -> str:
    """``East Asia`` -> ``eastasia``: what providers list, as resources have it."""
    return "".join(name.lower().split())
