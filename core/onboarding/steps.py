"""The steps of the wizard, in the order of the documented procedure.

``number`` is the number of the documented step ("Security Center: Import Azure log data"): A is
the Azure half, B the import, C the analysis, D what comes after. A step that is not built yet has
its row already, and the road leads past it; to build one is to give it a part in the draft, a
check, and its place in ``BUILT``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Literal

from core.errors import Problem
from core.onboarding import alibaba_checks, checks, import_checks, setting_checks
from core.onboarding.draft import Draft

Group = Literal["azure", "alibaba", "finish"]


class StepId(StrEnum):
    """Every step, in order; the value names the step's part in the draft."""

    AZURE_SIGN_IN = "azure_sign_in"
    DISCOVERY = "discovery"
    RESOURCE_GROUP = "resource_group"
    NAMESPACE = "namespace"
    EVENT_HUB = "event_hub"
    SHARED_ACCESS_POLICY = "shared_access_policy"
    DIAGNOSTIC_SETTINGS = "diagnostic_settings"
    KAFKA_TEST = "kafka_test"
    ALIBABA_SIGN_IN = "alibaba_sign_in"
    IMPORT_ROUTE = "import_route"
    MULTI_CLOUD_GRANT = "multi_cloud_grant"
    DATA_SOURCE = "data_source"
    IMPORT_TASK = "import_task"
    INTEGRATION_POLICY = "integration_policy"
    DETECTION_RULES = "detection_rules"
    REVIEW = "review"
    APPLY = "apply"
    FIRST_EVENT = "first_event"

    @property
    def place(self) -> int:
        """Its place on the road, from 0."""
        return _ORDER.index(self)


_ORDER = tuple(StepId)

BUILT = (
    StepId.AZURE_SIGN_IN,
    StepId.DISCOVERY,
    StepId.RESOURCE_GROUP,
    StepId.NAMESPACE,
    StepId.EVENT_HUB,
    StepId.SHARED_ACCESS_POLICY,
    StepId.DIAGNOSTIC_SETTINGS,
    StepId.KAFKA_TEST,
    StepId.IMPORT_TASK,
    StepId.REVIEW,
    StepId.APPLY,
)
"""The steps that the window has a page for, in order; the first is where a flow starts."""

WHOLE_ROAD = (
    *BUILT[:8],
    StepId.ALIBABA_SIGN_IN,
    StepId.IMPORT_ROUTE,
    StepId.MULTI_CLOUD_GRANT,
    StepId.DATA_SOURCE,
    StepId.IMPORT_TASK,
    StepId.INTEGRATION_POLICY,
    StepId.DETECTION_RULES,
    StepId.REVIEW,
    StepId.APPLY,
    StepId.FIRST_EVENT,
)
"""Every step; a flow without a window can walk them all."""

Check = Callable[[Draft], tuple[Problem, ...]]


def _no_problem(draft: Draft) -> tuple[Problem, ...]:
    return ()


def _following(step: StepId, draft: Draft, road: tuple[StepId, ...] = BUILT) -> StepId | None:
    """The first step after ``step`` on ``road`` that ``draft`` needs; None at its end."""
    ahead = (each for each in road if each.place > step.place)
    return next((each for each in ahead if is_needed(each, draft)), None)


def is_needed(step: StepId, draft: Draft) -> bool:
    """Whether the answers leave something to do in ``step``.

    The grant is for an import task that is made by hand: a job of Log Service's own holds the
    hub's key itself. Without analysis there is no policy and no rule.
    """
    if step is StepId.MULTI_CLOUD_GRANT:
        return draft.import_route.console_task
    if step in (StepId.INTEGRATION_POLICY, StepId.DETECTION_RULES):
        return draft.data_source.analysed
    return True


@dataclass(frozen=True)
class StepSpec:
    """One step.

    Attributes:
        id: which.
        group: the half of the road that it belongs to.
        number: of the documented step; empty: the procedure has none.
        title_key: of its title in the catalogue of texts.
        fields: dotted places of its answers in the draft, in the order of the page.
        check: what is wrong with the answers, as far as it can be told without asking anybody.
        next: the step after it, for a draft and a road; None: it is the last.
    """

    id: StepId
    group: Group
    number: str
    fields: tuple[str, ...] = ()
    check: Check = _no_problem
    title_key: str = field(init=False)
    next: Callable[..., StepId | None] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title_key", f"step.{self.id}.title")
        object.__setattr__(self, "next", partial(_following, self.id))

    @property
    def built(self) -> bool:
        """Whether this version has it."""
        return self.id in BUILT


def _fields(step: StepId, *names: str) -> tuple[str, ...]:
    return tuple(f"{step}.{name}" for name in names)


_SPECS = (
    StepSpec(
        StepId.AZURE_SIGN_IN,
        "azure",
        "A0",
        (
            "name",
            "profile_file",
            *_fields(StepId.AZURE_SIGN_IN, "cloud", "method", "tenant", "client_id"),
            *_fields(StepId.AZURE_SIGN_IN, "client_secret", "certificate"),
        ),
        checks.azure_sign_in,
    ),
    StepSpec(
        StepId.DISCOVERY,
        "azure",
        "A0",
        _fields(StepId.DISCOVERY, "subscription"),
        checks.discovery,
    ),
    StepSpec(
        StepId.RESOURCE_GROUP,
        "azure",
        "A1",
        _fields(StepId.RESOURCE_GROUP, "name", "location"),
        checks.resource_group,
    ),
    StepSpec(
        StepId.NAMESPACE,
        "azure",
        "A2",
        (
            *_fields(StepId.NAMESPACE, "name", "sku", "throughput_units", "processing_units"),
            *_fields(StepId.NAMESPACE, "auto_inflate", "max_throughput_units"),
        ),
        checks.namespace,
    ),
    StepSpec(
        StepId.EVENT_HUB,
        "azure",
        "A3",
        _fields(StepId.EVENT_HUB, "name", "partitions", "retention_hours"),
        checks.event_hub,
    ),
    StepSpec(
        StepId.SHARED_ACCESS_POLICY,
        "azure",
        "A4",
        _fields(StepId.SHARED_ACCESS_POLICY, "name", "scope", "connection_string"),
        checks.shared_access_policy,
    ),
    StepSpec(
        StepId.DIAGNOSTIC_SETTINGS,
        "azure",
        "A5",
        _fields(StepId.DIAGNOSTIC_SETTINGS, "policy", "settings"),
        setting_checks.diagnostic_settings,
    ),
    StepSpec(StepId.KAFKA_TEST, "azure", ""),
    StepSpec(
        StepId.ALIBABA_SIGN_IN,
        "alibaba",
        "B0",
        _fields(StepId.ALIBABA_SIGN_IN, "method", "security_token"),
        alibaba_checks.alibaba_sign_in,
    ),
    StepSpec(
        StepId.IMPORT_ROUTE,
        "alibaba",
        "",
        _fields(StepId.IMPORT_ROUTE, "route", "managed_split", "managed_group", "console_task"),
        alibaba_checks.import_route,
    ),
    StepSpec(
        StepId.MULTI_CLOUD_GRANT,
        "alibaba",
        "B1",
        _fields(StepId.MULTI_CLOUD_GRANT, "ticked"),
    ),
    StepSpec(
        StepId.DATA_SOURCE,
        "alibaba",
        "B2.1",
        (
            *_fields(StepId.DATA_SOURCE, "analysed", "name", "kind", "record_logstore"),
            *_fields(StepId.DATA_SOURCE, "ttl_days", "shards"),
        ),
        alibaba_checks.data_source,
    ),
    StepSpec(
        StepId.IMPORT_TASK,
        "alibaba",
        "B2.2-4",
        (
            *_fields(StepId.IMPORT_TASK, "region", "endpoint", "project", "logstore"),
            *_fields(StepId.IMPORT_TASK, "access_key_id", "access_key_secret"),
        ),
        import_checks.import_task,
    ),
    StepSpec(
        StepId.INTEGRATION_POLICY,
        "alibaba",
        "C1",
        _fields(StepId.INTEGRATION_POLICY, "vendor", "product", "rule", "mode"),
        alibaba_checks.integration_policy,
    ),
    StepSpec(
        StepId.DETECTION_RULES,
        "alibaba",
        "C2",
        _fields(StepId.DETECTION_RULES, "rules", "builtin"),
        alibaba_checks.detection_rules,
    ),
    StepSpec(StepId.REVIEW, "finish", "D"),
    StepSpec(StepId.APPLY, "finish", "D"),
    StepSpec(StepId.FIRST_EVENT, "finish", "D"),
)

STEPS = {spec.id: spec for spec in _SPECS}
"""The table of steps, in order."""
