"""What can be wrong with the answers about the Logstore, as far as it can be told offline.

Source of the rules: "Log Service: endpoints", "Log Service: projects and Logstores" (by the
schema of the profile).
"""

from __future__ import annotations

from core.onboarding.draft import Draft
from core.onboarding.field_checks import Problems, check_ref, check_text
from core.profile_alibaba import Alibaba, LogService

_PLACE = "import_task"


def import_task(draft: Draft) -> Problems:
    """Account and Logstore, where any of it was answered; the AccessKey's place."""
    part = draft.import_task
    found = check_ref(f"{_PLACE}.access_key_secret", part.access_key_secret)
    if part.is_empty:
        return found
    meaning = "a region such as ap-southeast-1"
    found += check_text(Alibaba, "region", f"{_PLACE}.region", part.region, meaning)
    meaning = "a host name without the project, such as ap-southeast-1.log.aliyuncs.com"
    found += check_text(LogService, "endpoint", f"{_PLACE}.endpoint", part.endpoint, meaning)
    meaning = "the name of a project: 3 to 63 lower-case letters, digits and hyphens"
    found += check_text(LogService, "project", f"{_PLACE}.project", part.project, meaning)
    meaning = "the name of a Logstore: 3 to 63 lower-case letters, digits, hyphens and underscores"
    found += check_text(LogService, "logstore", f"{_PLACE}.logstore", part.logstore, meaning)
    meaning = "the AccessKey's id, such as LTAI5t..."
    return found + check_text(
        Alibaba, "access_key_id", f"{_PLACE}.access_key_id", part.access_key_id, meaning
    )
