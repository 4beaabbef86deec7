"""Whether the data transformation job makes a record of each element of a batch, on a first one.

The default limit of ``expand-values`` is not confirmed (SLS-46). One message with many records is
followed into the Logstore of single records; fewer than it holds is told at once, not when somebody
runs ``verify``.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from core.errors import Code, problem_error
from core.onboarding.alibaba_world import AlibabaWorld, split_of
from core.onboarding.own_records import correlation_of, records_in

SETTLED_SECONDS = 120.0
"""A message younger than this may still be on its way (an index needs a minute to begin)."""

_LOOKED_AT = 50
_MANY = 10
"""The limit that is most often named; a smaller batch proves nothing."""

_TERMS = 25
_AROUND_SECONDS = 3600


@dataclass(frozen=True)
class BatchCheck:
    """What became of one message.

    Attributes:
        elements: records in it that can be told by their correlation id.
        rows: logs of single records with one of those ids.
    """

    elements: int
    rows: int


async def check_first_batch(world: AlibabaWorld, settled: float) -> BatchCheck | None:
    """Follow one message; None: there is none to follow, or nothing splits messages there.

    ``settled``: seconds that the message must be old. Raises ProblemError (split_cuts_batches).
    """
    profile = world.profile
    if split_of(profile) != "transformation" or not profile.logstore.index:
        return None
    newest = await world.logs.newest(world.project, profile.logstore.logstore, _LOOKED_AT)
    for log in reversed(newest):  # the oldest of them is the likeliest to be through
        ids = Counter(correlation_of(each) for each in records_in(log) if correlation_of(each))
        at = int(log.get("__time__", "0") or 0)
        if ids.total() <= _MANY or len(ids) > _TERMS:
            continue
        begin, end = at - _AROUND_SECONDS, at + _AROUND_SECONDS
        query = " or ".join(f'correlationId: "{each}"' for each in ids)
        found = await world.logs.count(world.project, profile.record_logstore, begin, end, query)
        check = BatchCheck(ids.total(), found)
        if found < check.elements and time.time() - at >= settled:
            raise problem_error(
                Code.SPLIT_CUTS_BATCHES,
                "import.managed_split",
                missing=check.elements - found,
                sent=check.elements,
            )
        return check
    return None
