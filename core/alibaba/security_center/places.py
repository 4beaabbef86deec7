"""Where Security Center is: its endpoint and its management centre, which are two things.

Endpoints exist in cn-shanghai and ap-southeast-1 only; the management centre that a request names
is cn-hangzhou (assets in China; Hong Kong among them, SC-40) or ap-southeast-1 (all others).
Sources: "Security Center API 2024-12-12: endpoints"; the parameter RegionId of its operations.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.profile import Profile

CHINA = "cn-hangzhou"
ABROAD = "ap-southeast-1"
_ENDPOINTS = {
    CHINA: "cloud-siem.cn-shanghai.aliyuncs.com",
    ABROAD: "cloud-siem.ap-southeast-1.aliyuncs.com",
}


@dataclass(frozen=True)
class Place:
    """Where requests go, and which management centre they name.

    Attributes:
        host: host name, and a port if it is not the scheme's own.
        scheme: ``HTTPS``, or ``HTTP`` for a loopback address.
        region_id: the management centre.
    """

    host: str
    scheme: str
    region_id: str


def management_centre(region: str) -> str:
    """The management centre of assets in ``region``."""
    return CHINA if region.startswith("cn-") else ABROAD


def place_of(profile: Profile) -> Place:
    """Where the profile's Security Center is.

    Raises ProblemError (profile_missing_key) without ``[security_center]`` or ``[alibaba]``.
    """
    given = profile.analysis
    region_id = given.region_id or management_centre(profile.account.region)
    if not given.endpoint:
        return Place(_ENDPOINTS[region_id], "HTTPS", region_id)
    scheme, separator, host = given.endpoint.rpartition("://")
    plain = bool(separator) and scheme == "http"
    return Place(host, "HTTP" if plain else "HTTPS", region_id)
