"""What an errorCode of PutLogs asks for. The status alone says nothing: quotas come as 403.

Codes: Alibaba Cloud, SLS "Error codes" and "Common error codes"; spellings differ between pages
(``ProjectNotExist`` and ``ProjectNotExists``), so they are compared without case.
"""

from __future__ import annotations

from enum import Enum


class Reaction(Enum):
    """How the delivery answers a refused LogGroup."""

    RETRY = "retry"
    """A passing fault: wait a little, send again."""
    SLOW_DOWN = "slow_down"
    """A quota: wait, send again, slower."""
    PARK = "park"
    """Wrong rights, names or keys: nothing gets through until somebody acts; keep trying slowly."""
    CLOCK = "clock"
    """The clock is off: keep trying slowly and say so."""
    SPLIT = "split"
    """Too large or partly invalid: halve it; what is left alone goes to the dead letters."""


_REACTIONS = {
    Reaction.RETRY: (
        "NoAnswer LogRequestError BadResponse InternalServerError ServerBusy RequestTimeout "
        "RequestError SocketTimeout PostBodyUncompressError InvalidContentMD5 ContentMD5NotMatch"
    ),
    Reaction.SLOW_DOWN: (
        "WriteQuotaExceed ShardWriteQuotaExceed ExceedQuota ProjectQuotaExceed TooManyRequests"
    ),
    Reaction.PARK: (
        "Unauthorized SignatureNotMatch InvalidAccessKeyId MissAccessKeyId ProjectForbidden "
        "ProjectNotExist ProjectNotExists LogStoreNotExist LogStoreNotExists SecurityTokenExpired "
        "LogStoreWithoutShard"
    ),
    Reaction.CLOCK: "RequestTimeTooSkewed RequestTimeExpired",
    Reaction.SPLIT: "PostBodyTooLarge PostBodyInvalid InvalidTimestamp InvalidEncoding InvalidKey",
}
_BY_CODE = {
    code.lower(): reaction for reaction, codes in _REACTIONS.items() for code in codes.split()
}


def reaction_to(code: str, status: int) -> Reaction:
    """The reaction to errorCode ``code``.

    An unknown code never drops anything: with a 5xx or 429 it counts as passing or as a quota,
    with any other status it is parked.
    """
    known = _BY_CODE.get(code.lower())
    if known is not None:
        return known
    if status >= 500 or status == 0:
        return Reaction.RETRY
    return Reaction.SLOW_DOWN if status == 429 else Reaction.PARK
