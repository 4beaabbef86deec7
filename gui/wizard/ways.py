"""Where a problem is put right, as buttons: another step, the settings, the Azure portal.

A page adds these to the remedies that it can carry out itself. Only places that exist are offered:
a step that the flow can go to, and of the portal its own address ("Azure: clouds"), since a deep
link would be a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from core.errors import Code, Problem
from core.onboarding.steps import StepId
from gui.widgets.problem_panel import Remedy
from gui.wizard.guide import guide
from gui.words import tr

if TYPE_CHECKING:
    from gui.wizard.page import Page

PORTAL = "portal"
_STEPS = frozenset(StepId)


@dataclass(frozen=True)
class Way:
    """A button that leads to where something is put right.

    Attributes:
        text: of the button.
        to: a StepId, or a page of the settings as ``settings:KEY``, or ``portal``.
        icon: of the button.
    """

    text: str
    to: str
    icon: str = ""


_BY_CODE: dict[StepId, tuple[str, frozenset[Code]]] = {
    StepId.AZURE_SIGN_IN: (
        "Sign in again",
        frozenset(
            {
                Code.AZURE_SIGN_IN_NEEDED,
                Code.AZURE_SIGN_IN_FAILED,
                Code.AZURE_SIGN_IN_TIMED_OUT,
                Code.AZURE_TOKEN_REFUSED,
                Code.AZURE_MFA_NEEDED,
                Code.AZURE_CONSENT_NEEDED,
                Code.AZURE_CONDITIONAL_ACCESS,
                Code.AZURE_CLIENT_SECRET_WRONG,
                Code.AZURE_CLIENT_SECRET_EXPIRED,
                Code.AZURE_CERTIFICATE_UNUSABLE,
                Code.AZURE_CERTIFICATE_REFUSED,
                Code.AZURE_CLI_NOT_SIGNED_IN,
                Code.AZURE_CLI_MISSING,
                Code.AZURE_USER_NOT_IN_TENANT,
                Code.AZURE_TENANT_NOT_FOUND,
                Code.AZURE_ENTRA_NEEDS_USER,
                Code.AZURE_FORBIDDEN,
            }
        ),
    ),
    StepId.DISCOVERY: (
        "Choose another subscription",
        frozenset(
            {
                Code.AZURE_SUBSCRIPTION_DISABLED,
                Code.AZURE_SUBSCRIPTION_NOT_CHOSEN,
                Code.AZURE_SUBSCRIPTION_NOT_FOUND,
                Code.AZURE_SUBSCRIPTION_UNSEEN,
            }
        ),
    ),
    StepId.RESOURCE_GROUP: (
        "Choose another resource group",
        frozenset({Code.AZURE_GROUP_BEING_DELETED, Code.AZURE_LOCATION_UNAVAILABLE}),
    ),
    StepId.NAMESPACE: (
        "Choose another namespace",
        frozenset(
            {
                Code.AZURE_EXISTS_ELSEWHERE,
                Code.AZURE_NAMESPACE_BASIC,
                Code.AZURE_NAMESPACE_NAME_TAKEN,
                Code.AZURE_QUOTA,
                Code.KAFKA_BASIC_TIER,
                Code.KAFKA_HOST_SUFFIX,
                Code.KAFKA_HOST_UNKNOWN,
                Code.KAFKA_NAMESPACE_MISSING,
                Code.CONNECTION_STRING_OTHER_NAMESPACE,
            }
        ),
    ),
    StepId.EVENT_HUB: (
        "Choose another event hub",
        frozenset({Code.KAFKA_HUB_NOT_FOUND, Code.KAFKA_HUB_OTHER_CASE}),
    ),
    StepId.SHARED_ACCESS_POLICY: (
        "Choose another policy",
        frozenset(
            {
                Code.AZURE_POLICY_LACKS_RIGHTS,
                Code.CONNECTION_STRING_INVALID,
                Code.CONNECTION_STRING_OTHER_HUB,
                Code.CONNECTION_STRING_OTHER_NAMESPACE,
                Code.KAFKA_HUB_DENIED,
                Code.KAFKA_KEY_ROTATED,
                Code.KAFKA_NO_LISTEN,
                Code.KAFKA_POLICY_MISSING,
                Code.KAFKA_SIGN_IN_REFUSED,
                Code.KAFKA_WRONG_KEY,
            }
        ),
    ),
    StepId.DIAGNOSTIC_SETTINGS: (
        "Change the diagnostic settings",
        frozenset(
            {
                Code.AZURE_CATEGORY_UNKNOWN,
                Code.AZURE_ENTRA_NEEDS_USER,
                Code.AZURE_PERMISSION_MISSING,
                Code.AZURE_SETTING_NOT_OURS,
                Code.AZURE_SETTING_OTHER_REGION,
                Code.AZURE_SOURCE_NOT_FOUND,
                Code.AZURE_TOO_MANY_SETTINGS,
            }
        ),
    ),
}
_NETWORK = frozenset(
    {
        Code.ALIBABA_CERTIFICATE_UNTRUSTED,
        Code.ALIBABA_UNREACHABLE,
        Code.AZURE_CERTIFICATE_UNTRUSTED,
        Code.AZURE_UNREACHABLE,
        Code.CA_FILE_UNUSABLE,
        Code.KAFKA_AUTHORITY_MISSING,
        Code.KAFKA_CLIENT_LACKS_AUTHORITIES,
        Code.KAFKA_TLS_INTERCEPTED,
        Code.LOG_SERVICE_CERTIFICATE_UNTRUSTED,
        Code.LOG_SERVICE_UNREACHABLE,
    }
)
_IN_PORTAL = frozenset(
    {
        Code.AZURE_DENIED_BY_POLICY,
        Code.AZURE_LOCAL_AUTH_DISABLED,
        Code.AZURE_LOCKED,
        Code.AZURE_PERMISSION_MISSING,
        Code.AZURE_QUOTA,
        Code.AZURE_SUBSCRIPTION_DISABLED,
        Code.AZURE_TRUSTED_SERVICES_OFF,
        Code.KAFKA_FIREWALL,
        Code.KAFKA_LOCAL_AUTH_DISABLED,
        Code.KAFKA_PERIMETER,
        Code.KAFKA_PUBLIC_ACCESS_DISABLED,
        Code.KAFKA_THROTTLED,
    }
)


def ways(problem: Problem, here: StepId) -> tuple[Way, ...]:
    """Where ``problem`` is put right, seen from the step ``here``; the likeliest first."""
    found = [
        Way(tr(words), step, "chevron-left" if step.place < here.place else "arrow-right")
        for step, (words, codes) in _BY_CODE.items()
        if problem.code in codes and step is not here
    ]
    if problem.code.startswith("kafka_") and here.place > StepId.KAFKA_TEST.place:
        words = tr("Open {title}", title=guide(StepId.KAFKA_TEST).title)
        found.insert(0, Way(words, StepId.KAFKA_TEST, "chevron-left"))
    if problem.code is Code.SECRET_MISSING and problem.where.startswith("kafka"):
        policy = StepId.SHARED_ACCESS_POLICY
        found.append(Way(tr("Open {title}", title=guide(policy).title), policy, "chevron-left"))
    if problem.code in _NETWORK:
        found.append(Way(tr("Open network settings"), "settings:network", "gear"))
    if problem.code in _IN_PORTAL:
        found.append(Way(tr("Open the Azure portal"), PORTAL, "external"))
    return tuple(found)


def remedies_on(page: Page, problem: Problem) -> tuple[Remedy, ...]:
    """Buttons that lead from ``page`` to where ``problem`` is put right, as far as one can go."""
    return tuple(
        Remedy(each.text, partial(go_to, page, each.to), each.icon)
        for each in ways(problem, page.step)
        if each.to not in _STEPS or page.can_jump(StepId(each.to))
    )


def go_to(page: Page, place: str) -> None:
    """From ``page`` to a step, a page of the settings or the portal."""
    if place in _STEPS:
        page.jump_asked.emit(StepId(place))
    elif place == PORTAL:
        open_portal(page.draft.azure_sign_in.cloud)
    else:
        page.settings_asked.emit(place.partition(":")[2])


def open_portal(cloud: str) -> None:
    """Open the portal of ``cloud`` (public or china) in the browser."""
    from core.azure.clouds import cloud as known

    QDesktopServices.openUrl(QUrl(known(cloud).portal))
