"""Whether a name is one that Log Service takes, found out before the call.

Sources: SLS "CreateProject" (3 to 63 of a-z, 0-9 and -), "CreateLogStore" (3 to 63, also _),
"CreateKafkaIngestion" and its siblings (job: 2 to 64 of a-z, 0-9, - and _). Each begins and ends
with a letter or a digit. Names that begin with ``aliyun-cloudsiem-`` are Security Center's own.
"""

from __future__ import annotations

import re

from core.errors import Code, Problem, problem

_PROJECT = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_LOGSTORE = re.compile(r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]")
_JOB = re.compile(r"[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])")
RESERVED = "aliyun-cloudsiem-"
"""Projects of Security Center begin so; nobody else makes one."""


def project_name_problem(name: str, where: str = "log_service.project") -> Problem | None:
    """Why no project can be made under ``name``; None if one can."""
    if name.startswith(RESERVED):
        rule = f"names that begin with {RESERVED} are Security Center's own"
        return _problem("project", name, where, rule)
    rule = "it has 3 to 63 of a-z, 0-9 and -, a letter or a digit at both ends"
    return None if _PROJECT.fullmatch(name) else _problem("project", name, where, rule)


def logstore_name_problem(name: str, where: str = "log_service.logstore") -> Problem | None:
    """Why no Logstore can be made under ``name``; None if one can."""
    rule = "it has 3 to 63 of a-z, 0-9, - and _, a letter or a digit at both ends"
    return None if _LOGSTORE.fullmatch(name) else _problem("Logstore", name, where, rule)


def job_name_problem(name: str, where: str = "log_service.job") -> Problem | None:
    """Why no job (import or transformation) can be made under ``name``; None if one can."""
    rule = "it has 2 to 64 of a-z, 0-9, - and _, a letter or a digit at both ends"
    return None if _JOB.fullmatch(name) else _problem("job", name, where, rule)


def _problem(kind: str, name: str, where: str, rule: str) -> Problem:
    shown = name if len(name) <= 80 else name[:77] + "..."
    return problem(Code.LOG_SERVICE_NAME_INVALID, where, kind=kind, name=shown, rule=rule)
