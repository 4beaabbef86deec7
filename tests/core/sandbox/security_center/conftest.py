"""Both emulators, and the unchanged SDK with short ways to call it."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from alibabacloud_cloud_siem20241212 import models as m
from alibabacloud_cloud_siem20241212.client import Client
from alibabacloud_tea_openapi import utils_models as u
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions
from helpers.security_center_sandbox import SecurityCenterSandbox, open_security_center
from helpers.waiting import eventually

PROJECT = "isthmus-tests"
SPL = "* | extend start_time = at, event_name = what, account_name = who, src_ip = origin"
_numbers = itertools.count(1)


@dataclass
class Center:
    """The emulator seen through the SDK. Every call has Lang and RegionId unless it says so."""

    box: SecurityCenterSandbox
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.box.sdk()

    def ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer's body."""
        common = {"lang": "en", "region_id": "ap-southeast-1"}
        if operation == "ListLogRegions":
            del common["region_id"]
        request = getattr(m, f"{operation}Request")(**{**common, **parameters})
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        body: dict[str, Any] = getattr(self.client, method)(request).body.to_map()
        return body

    def refused(self, operation: str, **parameters: Any) -> AlibabaCloudException:
        """The refusal of a call that must be refused."""
        with pytest.raises(AlibabaCloudException) as caught:
            self.ask(operation, **parameters)
        return caught.value

    def generic(self, version: str, action: str, client: Any = None, **body: str) -> dict[str, Any]:
        """An operation that the SDK package does not know."""
        params = u.Params(
            action=action,
            version=version,
            protocol="HTTPS",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        told = (client or self.client).call_api(
            params, u.OpenApiRequest(body=body), RuntimeOptions()
        )
        answer: dict[str, Any] = told["body"]
        return answer

    def command(self, do: str, **arguments: Any) -> Any:
        return self.box.center.request(do, **arguments)

    @contextlib.contextmanager
    def playing(self, scenario: str) -> Iterator[None]:
        self.command("scenario", name=scenario, on=True)
        try:
            yield
        finally:
            self.command("scenario", name=scenario, on=False)

    def schema(self, name: str = "Azure Active Directory Logon Log") -> dict[str, Any]:
        """A preset structure by its name."""
        listed = self.ask("ListNormalizationSchemas", max_results=100)["NormalizationSchemas"]
        return next(each for each in listed if each["NormalizationSchemaName"] == name)

    def product(self) -> str:
        """Id of a new product of a new vendor."""
        name = new_name("Contoso")
        self.ask("CreateVendor", vendor_name=name)
        return str(self.ask("CreateProduct", product_name=name, vendor_name=name)["ProductId"])

    def source(self, logstore: str = "", project: str = PROJECT) -> str:
        """Id of a new data source, with a new Logstore if none is named."""
        store = m.CreateDataSourceRequestDataSourceStores(
            log_region_id=self.box.region,
            log_project_name=project,
            log_store_name=logstore or self.box.logstore(),
        )
        name = new_name("source")
        made = self.ask("CreateDataSource", data_source_name=name, data_source_stores=[store])
        return str(made["DataSourceId"])

    def rule(self, product: str, mode: str = "both", spl: str = SPL, schema: str = "") -> str:
        """Id of a new standardised rule."""
        made = self.ask(
            "CreateNormalizationRule",
            normalization_rule_name=new_name("rule"),
            product_id=product,
            normalization_schema_id=schema or self.schema()["NormalizationSchemaId"],
            normalization_rule_mode=mode,
            normalization_rule_expression=spl,
        )
        return str(made["NormalizationRuleId"])

    def policy(self, mode: str = "realtime", **chosen: str) -> str:
        """Id of a new integration policy; what is not chosen is new."""
        product = chosen.get("product_id") or self.product()
        made = self.ask(
            "CreateDataIngestion",
            data_ingestion_mode=mode,
            product_id=product,
            data_source_id=chosen.get("data_source_id") or self.source(),
            normalization_rule_id=chosen.get("normalization_rule_id") or self.rule(product),
        )
        return str(made["DataIngestionId"])


def new_name(what: str) -> str:
    return f"{what} {next(_numbers)}"


@pytest.fixture(scope="session")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with open_security_center(tmp_path_factory.mktemp("security-center")) as box:
        made = Center(box)
        data = f"aliyun-cloudsiem-data-{box.center.ready['account_id']}-{box.region}"
        eventually(lambda: data in made.ask("ListLogProjects")["LogProjects"])
        yield made
