"""The Alibaba Cloud tables of a profile: account, Log Service, Security Center, detection, costs.

Sources: "SLS: basic resources" (names, TTL, shards); "Security Center API 2024-12-12: endpoints"
(a management centre's RegionId is cn-hangzhou or ap-southeast-1, its endpoint is in cn-shanghai
or ap-southeast-1: two different things).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.profile_parts import Part, Secret, SlsName

Route = Literal["managed", "engine", "both"]
"""Who imports: Log Service's own job, this program's engine, or one of each."""

_HOST = r"^(https://)?[A-Za-z0-9.-]+(:[0-9]{1,5})?$|^http://(127\.0\.0\.1|\[::1\]):[0-9]{1,5}$|^$"
_Name = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f]*$")]


class Alibaba(Part):
    """The account on Alibaba Cloud.

    Attributes:
        region: for example ``ap-southeast-1``; the default endpoint is made of it.
        access_key_id: the AccessKey's id (no secret); empty: the credentials chain's.
        access_key_secret: where the AccessKey's secret is kept; none: the credentials chain's.
        security_token: where an STS token is kept, if there is one.
    """

    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")]
    access_key_id: Annotated[str, Field(max_length=128)] = ""
    access_key_secret: Secret | None = None
    security_token: Secret | None = None

    @model_validator(mode="after")
    def _whole(self) -> Alibaba:
        if bool(self.access_key_id) != (self.access_key_secret is not None):
            raise ValueError("access_key_id and access_key_secret go together")
        if self.security_token is not None and not self.access_key_id:
            raise ValueError("a security_token needs its access_key_id")
        return self


class LogService(Part):
    """The Logstores that records are written to.

    Attributes:
        endpoint: host name without the project; empty: ``<alibaba.region>.log.aliyuncs.com``.
        project: the project's name.
        logstore: the Logstore's name; on the managed route it holds one log per Kafka message.
        record_logstore: the Logstore of single records; empty: the same.
        ttl_days: days that logs are kept in a Logstore that is made; 3650: for ever.
        shards: shards of a Logstore that is made.
        auto_split: let Log Service split its shards by itself.
        index: make an index of the fields that Isthmus writes, which queries need.
    """

    endpoint: Annotated[str, Field(pattern=r"^(https://)?[A-Za-z0-9.-]+$|^$")] = ""
    project: SlsName
    logstore: SlsName
    record_logstore: SlsName | Literal[""] = ""
    ttl_days: Annotated[int, Field(ge=1, le=3650)] = 30
    shards: Annotated[int, Field(ge=1, le=10)] = 2
    auto_split: bool = True
    index: bool = True


class SecurityCenter(Part):
    """What analyses the records. Empty names are chosen by the plan, which says them.

    Attributes:
        endpoint: host, and a port if it is not 443; empty: by ``region_id``.
        region_id: the management centre: cn-hangzhou (assets in the Chinese mainland) or
            ap-southeast-1; empty: by ``alibaba.region``.
        data_source: name of the data source.
        data_source_type: ``user``: a Logstore of the user's; ``dedicated``: Security Center's own
            channel.
        vendor: name of the vendor, preset or own.
        product: name of the product, preset or own.
        rule: name of the standardised rule; one that exists under this name is used as it is.
    """

    endpoint: Annotated[str, Field(pattern=_HOST)] = ""
    region_id: Literal["cn-hangzhou", "ap-southeast-1", ""] = ""
    data_source: _Name = ""
    data_source_type: Literal["user", "dedicated"] = "user"
    vendor: _Name = ""
    product: _Name = ""
    rule: _Name = ""


class Normalization(Part):
    """How Security Center standardises logs.

    Attributes:
        mode: ``realtime`` consumes the Logstore as it grows; ``scan`` queries it.
    """

    mode: Literal["realtime", "scan"] = "realtime"


class Detection(Part):
    """Which rules look at the standardised logs.

    Attributes:
        rules: names of Isthmus's own rules that are made.
        builtin: names of preset rules that are enabled.
    """

    rules: tuple[str, ...] = Field(default=("password_spray", "impossible_travel"), strict=False)
    builtin: tuple[str, ...] = Field(default=(), strict=False)


class Costs(Part):
    """What the estimate goes by.

    Attributes:
        records_per_s: records per second, averaged over a day; 0: not known.
        mean_bytes: mean size of one record, bytes; 0: not known.
    """

    records_per_s: Annotated[float, Field(ge=0, le=1e7, strict=False)] = 0.0
    mean_bytes: Annotated[int, Field(ge=0, le=1_048_576)] = 0
