"""Who the caller is, and whether Security Center was bought and may read logs.

2022-06-16 is the API of the version before; three of its checks still have no successor. (Alibaba
Cloud SDK ``cloud-siem20220616``; STS "GetCallerIdentity".)
"""

from __future__ import annotations

from core.sandbox.security_center.names import SERVICE_ROLE
from core.sandbox.security_center.scenarios import Scenario
from core.sandbox.security_center.service import Service
from core.sandbox.security_center.state import now_ms
from core.sandbox.security_center.wire import Answer, ApiError, Call

_VERSION = "2.0"
_CAPACITY_GB = 1000
_YEAR_MS = 365 * 86_400_000
_USER = ("isthmus-sandbox", "200000000000000001")
_ROLE = ("isthmus-sandbox-role", "300000000000000001")


async def get_user_config(service: Service, call: Call) -> Answer:
    """GetUserConfig."""
    return Answer({"User": {"CtdrVersion": _VERSION, "DataStorageVersion": _VERSION}})


async def describe_service_status(service: Service, call: Call) -> Answer:
    """DescribeServiceStatus (2022-06-16): whether the service-linked role was granted."""
    return _old(not service.plays(Scenario.NO_ROLE) and not service.plays(Scenario.NOT_ACTIVATED))


async def describe_auth(service: Service, call: Call) -> Answer:
    """DescribeAuth (2022-06-16)."""
    return await describe_service_status(service, call)


async def describe_user_buy_status(service: Service, call: Call) -> Answer:
    """DescribeUserBuyStatus (2022-06-16)."""
    bought = not service.plays(Scenario.NOT_ACTIVATED)
    return _old(
        {
            "Capacity": _CAPACITY_GB if bought else 0,
            "EndTime": now_ms() + _YEAR_MS if bought else 0,
            "MainUserId": int(service.state.account),
            "CanBuy": not bought,
        }
    )


async def get_caller_identity(service: Service, call: Call) -> Answer:
    """GetCallerIdentity (STS 2015-04-01); temporary credentials are those of a role (SC-11)."""
    account = service.state.account
    if call.token:
        name, number = _ROLE
        return Answer(
            {
                "IdentityType": "AssumedRoleUser",
                "AccountId": account,
                "RoleId": number,
                "PrincipalId": f"{number}:isthmus",
                "UserId": f"{number}:isthmus",
                "Arn": f"acs:ram::{account}:assumed-role/{name}/isthmus",
            }
        )
    name, number = _USER
    return Answer(
        {
            "IdentityType": "RAMUser",
            "AccountId": account,
            "PrincipalId": number,
            "UserId": number,
            "Arn": f"acs:ram::{account}:user/{name}",
        }
    )


def check_activated(service: Service) -> None:
    """Before every operation of the API. Raises ApiError (SC-06)."""
    if service.plays(Scenario.NOT_ACTIVATED):
        raise ApiError(
            403,
            "ServiceNotActivated",
            "The Agentic SOC service of Security Center is not activated.",
        )


def check_role(service: Service) -> None:
    """Before what needs to read the user's logs. Raises ApiError (SC-06)."""
    if service.plays(Scenario.NO_ROLE):
        raise ApiError(
            403,
            "ServiceRoleNotAuthorized",
            f"The service-linked role {SERVICE_ROLE} is not granted.",
        )


def _old(data: object) -> Answer:
    return Answer({"Code": 200, "Success": True, "Message": "successful", "Data": data})
