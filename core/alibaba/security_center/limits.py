"""What Security Center would refuse, told before any call; and what it charges apart.

Sources: "Add a product to Agentic SOC 2.0" (modes, scan policies, dedicated channel), "SPL syntax"
(stages, length), the purchase page (what needs log storage).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.alibaba.security_center.data_sources import SourceKind
from core.alibaba.security_center.policies import IntegrationPolicy, PolicyMode
from core.alibaba.security_center.schemas import Schema
from core.errors import Code, Problem, problem

MOST_SCAN_POLICIES = 5
"""For each dataset."""
MOST_STAGES = 16
MOST_BYTES = 10 * 1024
BARRED_IN_SCAN = ("parse-json", "parse-kv", "parse-regexp", "parse-csv", "expand-values", "let")
"""Instructions that scan mode has not."""
_MODE = "normalization.mode"
_RULE = "security_center.rule"
_NOT_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"", re.DOTALL)


@dataclass(frozen=True)
class FeatureGate:
    """What a choice costs apart or rules out; to be shown before it is made.

    Attributes:
        choice: ``user`` or ``dedicated``, or a mode.
        sentences: in the order to be read.
    """

    choice: str
    sentences: tuple[str, ...]


FEATURE_GATES = (
    FeatureGate(
        "dedicated",
        (
            "Security Center makes and pays for the Logstore; it can be read in real time only.",
            "Both ingestion and its storage and writes draw on the Log Ingestion Traffic that you"
            " buy; by how much more is not published.",
            "Own detection rules see logs that are read in real time only with Log Storage"
            " Capacity or pay-as-you-go Log Management. With ingestion traffic alone they never"
            " make an alert.",
            "Whether a program other than Security Center's own import may write there is not"
            " documented; isthmus apply tries it with one log first.",
        ),
    ),
    FeatureGate(
        "user",
        (
            "The Logstore is yours: Log Service bills writing, index and storage, Security Center"
            " bills ingestion only.",
            "It can be read in real time or by scan queries. Alert logs are read in real time"
            " only.",
        ),
    ),
    FeatureGate(
        "realtime",
        (
            "Own detection rules see these logs only if the account has Log Storage Capacity or"
            " pay-as-you-go Log Management.",
            "Rules may use every instruction, so they can take batches of records apart.",
        ),
    ),
    FeatureGate(
        "scan",
        (
            "Own detection rules see these logs with ingestion traffic alone.",
            "At most five policies for each dataset may scan; alert logs, the dedicated channel"
            " and member accounts cannot be scanned.",
            "Rules may not use parse-json, parse-kv, parse-regexp, parse-csv, expand-values, let.",
        ),
    ),
    FeatureGate(
        "purchase",
        (
            "Untick one-click ingestion when you buy: it reads the logs of WAF, Cloud Firewall,"
            " ActionTrail and Security Center at once, and each costs.",
        ),
    ),
)


def feature_gate(choice: str) -> FeatureGate:
    """What to show before ``choice``: user, dedicated, realtime, scan or purchase."""
    return next(gate for gate in FEATURE_GATES if gate.choice == choice)


def mode_problem(
    mode: PolicyMode,
    *,
    kind: SourceKind = "user",
    splits_batches: bool = False,
    schema: Schema | None = None,
) -> Problem | None:
    """Why logs of that kind cannot be read in ``mode``; None: they can.

    ``splits_batches``: the standardised rule takes batches of records apart.
    """
    if mode == "realtime":
        return None
    if kind == "dedicated":
        return problem(Code.SECURITY_CENTER_DEDICATED_REALTIME_ONLY, _MODE)
    if schema is not None and schema.for_alerts:
        return problem(Code.SECURITY_CENTER_ALERTS_REALTIME_ONLY, _MODE, schema=schema.name)
    if splits_batches:
        return problem(Code.SECURITY_CENTER_SPLIT_REALTIME_ONLY, _MODE)
    return None


def scan_policies_problem(
    dataset: str, policies: Iterable[IntegrationPolicy], datasets: dict[str, str]
) -> Problem | None:
    """Why one more scan policy cannot be enabled for ``dataset``; None: it can.

    ``datasets``: rule id -> dataset, as far as known.
    """
    count = sum(
        policy.enabled and policy.mode == "scan" and datasets.get(policy.rule_id) == dataset
        for policy in policies
    )
    if count < MOST_SCAN_POLICIES:
        return None
    return problem(Code.SECURITY_CENTER_SCAN_POLICIES, _MODE, dataset=dataset, count=count)


def log_management_problem(
    mode: PolicyMode, own_rules: int, log_management: bool
) -> Problem | None:
    """The warning that own detection rules will see nothing; None: they will."""
    if mode == "scan" or not own_rules or log_management:
        return None
    return problem(Code.SECURITY_CENTER_LOG_MANAGEMENT_NEEDED, "detection.rules")


def expression_problem(expression: str, mode: str) -> Problem | None:
    """Why the SPL ``expression`` cannot be a rule for ``mode``; None: nothing to see from here.

    ``mode``: ``realtime``, ``scan`` or ``both``.
    """
    size = len(expression.encode("utf-8"))
    if size > MOST_BYTES:
        reason = f"it has {size} bytes of {MOST_BYTES}"
        return problem(Code.SECURITY_CENTER_RULE_TOO_LONG, _RULE, reason=reason)
    stages = pipeline_stages(expression)
    if len(stages) > MOST_STAGES:
        reason = f"it has {len(stages)} stages of {MOST_STAGES}"
        return problem(Code.SECURITY_CENTER_RULE_TOO_LONG, _RULE, reason=reason)
    if mode == "realtime":
        return None
    for stage in stages:
        word = stage.partition(" ")[0].lstrip(".").lower()
        if word in BARRED_IN_SCAN:
            return problem(Code.SECURITY_CENTER_RULE_NOT_FOR_SCAN, _RULE, instruction=word)
    return None


def pipeline_stages(expression: str) -> tuple[str, ...]:
    """The stages after the data source, each on one line, without its texts and comments."""
    bare = _NOT_CODE.sub("''", expression)
    bare = bare.replace("||", "  ")  # concatenation of texts, no pipe
    source, *stages = bare.split("|")
    if source.strip().startswith("."):  # ``.let name = * | ...``
        stages.insert(0, source)
    return tuple(" ".join(stage.split()) for stage in stages)
