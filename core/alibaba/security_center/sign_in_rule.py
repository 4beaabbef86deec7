"""The standardised rule for sign-ins of Microsoft Entra ID, written by hand.

Its texts stand in ``resources/standardised_rules``. For single records it uses only instructions
that both modes know; batches need ``expand-values`` and with it real time. Times are reckoned from
two texts that are parsed in the same zone, since the zone of ``date_parse`` differs from document
to document. A field that a log lacks counts as NULL (SC-46). ``cloud_code`` stays unset: its
documented values do not have Azure (SC-48).
"""

from __future__ import annotations

import functools
from importlib import resources

from core.alibaba.security_center.limits import mode_problem
from core.alibaba.security_center.policies import PolicyMode
from core.alibaba.security_center.standardised_rules import RuleMode
from core.errors import ProblemError

RULE_NAME = "Isthmus: Microsoft Entra sign-ins"
"""Name of the rule unless the profile gives one."""
BATCH_RULE_NAME = "Isthmus: Microsoft Entra sign-ins, batches"
STANDARD_FIELDS = (
    "start_time",
    "end_time",
    "log_time",
    "event_id",
    "event_name",
    "event_source",
    "service_name",
    "account_id",
    "account_name",
    "account_type",
    "src_ip",
    "error_code",
    "error_message",
    "region_id",
    "request_id",
    "user_agent",
    "cloud_user_id",
)
"""What the rule fills of fields that standard structures share; its others depend on them."""


def sign_in_rule(batches: bool, mode: PolicyMode = "realtime") -> str:
    """The rule's SPL.

    ``batches``: a log is a whole message with many records. Raises ProblemError
    (security_center_split_realtime_only) for batches in scan mode.
    """
    found = mode_problem(mode, splits_batches=batches)
    if found is not None:
        raise ProblemError(found)
    rule = _text("entra_sign_in.spl")
    if not batches:
        return rule
    return f"{_text('entra_batches.spl')}\n{rule.removeprefix('*').lstrip()}"


def rule_mode(batches: bool) -> RuleMode:
    """The mode that the rule is made with: as wide as it can be."""
    return "realtime" if batches else "both"


@functools.cache
def _text(name: str) -> str:
    """A text without the comment lines at its top, which the service need not be sent."""
    whole = resources.files("resources").joinpath("standardised_rules", name).read_text("utf-8")
    return "\n".join(line for line in whole.splitlines() if not line.startswith("--")).strip()
