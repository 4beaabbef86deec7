"""An answer is judged by its errorCode (promise G3): no code means "drop it"."""

from __future__ import annotations

import pytest

from core.alibaba.log_service.reaction import Reaction, reaction_to


@pytest.mark.parametrize(
    ("code", "status", "reaction"),
    [
        ("InternalServerError", 500, Reaction.RETRY),
        ("ServerBusy", 503, Reaction.RETRY),
        ("NoAnswer", 0, Reaction.RETRY),
        ("BadResponse", 502, Reaction.RETRY),
        ("WriteQuotaExceed", 403, Reaction.SLOW_DOWN),
        ("ShardWriteQuotaExceed", 403, Reaction.SLOW_DOWN),
        ("ExceedQuota", 403, Reaction.SLOW_DOWN),
        ("Unauthorized", 401, Reaction.PARK),
        ("SignatureNotMatch", 401, Reaction.PARK),
        ("ProjectNotExist", 404, Reaction.PARK),
        ("ProjectNotExists", 404, Reaction.PARK),
        ("LogstoreNotExist", 404, Reaction.PARK),
        ("LogStoreNotExist", 404, Reaction.PARK),
        ("RequestTimeTooSkewed", 400, Reaction.CLOCK),
        ("PostBodyTooLarge", 400, Reaction.SPLIT),
        ("PostBodyInvalid", 400, Reaction.SPLIT),
        ("SomethingNew", 403, Reaction.PARK),
        ("SomethingNew", 429, Reaction.SLOW_DOWN),
        ("SomethingNew", 500, Reaction.RETRY),
    ],
)
def test_each_code_has_its_reaction(code, status, reaction):
    assert reaction_to(code, status) is reaction


def test_a_403_is_a_quota_or_a_refusal_by_its_code_alone():
    assert reaction_to("WriteQuotaExceed", 403) is not reaction_to("ProjectForbidden", 403)
