"""What things of the Alibaba half are called where the profile leaves it open."""

from __future__ import annotations

import hashlib
import re

from core.alibaba.security_center.sign_in_rule import BATCH_RULE_NAME, RULE_NAME
from core.profile import Profile

PRESET_VENDORS = ("Microsoft", "Microsoft Cloud")
"""Preset vendors that Azure's products belong to (Alibaba Cloud: "Standardised access rules")."""

PRESET_PRODUCTS = ("Microsoft Entra ID", "Azure Active Directory")
"""Preset products that sign-ins belong to; which of them an account has is looked up."""

OWN_VENDOR, OWN_PRODUCT = "Microsoft Azure", "Entra ID sign-ins"
"""What is made where no preset vendor or product is found."""


def data_source_name(profile: Profile) -> str:
    """Of the data source."""
    return profile.analysis.data_source or f"isthmus-{_plain(profile.name)}"


def rule_name(profile: Profile, batches: bool) -> str:
    """Of the standardised rule; it belongs to the account, not to a profile."""
    return profile.analysis.rule or (BATCH_RULE_NAME if batches else RULE_NAME)


def job_name(profile: Profile, kind: str) -> str:
    """Of a job of Log Service: 2 to 64 of a-z, 0-9, - and _ ("SLS: job names")."""
    digest = hashlib.sha256(profile.state_folder.name.encode()).hexdigest()[:8]
    return f"isthmus-{kind}-{digest}"


def _plain(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-").lower()[:40]
    return plain or hashlib.sha256(name.encode()).hexdigest()[:8]
