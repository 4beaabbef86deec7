"""The lines of ``aliyun`` that do by hand what the tasks of the Alibaba half do.

Names of commands and options: "SLS CLI: create-project, create-log-store" (kebab-case plugin);
for the other operations the CLI's general form, operation and parameters as in the API. They were
not run here (SC-60). No line holds a secret.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from core.onboarding.journal import Thing

if TYPE_CHECKING:
    from core.alibaba.log_service.index import Index
    from core.alibaba.log_service.transformation import Transformation
    from core.onboarding.alibaba_world import AlibabaWorld

_CONNECTION_STRING = "<the connection string>"


def create_project(world: AlibabaWorld) -> str:
    """Create the project."""
    return _sls(
        "create-project",
        project_name=world.project,
        description=world.description,
        region=world.region,
    )


def create_logstore(world: AlibabaWorld, name: str) -> str:
    """Create a Logstore."""
    logs = world.profile.logstore
    return _sls(
        "create-log-store",
        project=world.project,
        logstore_name=name,
        ttl=str(logs.ttl_days),
        shard_count=str(logs.shards),
        auto_split=str(logs.auto_split).lower(),
        max_split_shard="64",
        mode="standard",
    )


def create_index(world: AlibabaWorld, logstore: str, wish: Index) -> str:
    """Create the index of a Logstore."""
    body = json.dumps(wish.document)
    return _sls("create-index", project=world.project, logstore=logstore, body=body)


def create_kafka_import(world: AlibabaWorld, name: str) -> str:
    """Create the Kafka import job."""
    profile = world.profile
    login = {
        "protocol": "sasl_ssl",
        "sasl": {
            "mechanism": "plain",
            "username": "$ConnectionString",
            "password": _CONNECTION_STRING,
        },
    }
    source = {
        "bootstrapServers": world.bootstrap or "<namespace>.servicebus.windows.net:9093",
        "topics": world.hub,
        "valueType": "json",
        "fromPosition": "latest" if profile.kafka.start == "latest" else "earliest",
        "consumerGroup": profile.managed_group,
        "communication": json.dumps(login),
    }
    configuration = {"logstore": profile.logstore.logstore, "source": source}
    return _sls(
        "create-kafka-ingestion",
        project=world.project,
        name=name,
        schedule=json.dumps({"type": "Resident", "runImmediately": True}),
        configuration=json.dumps(configuration),
    )


def create_transformation(world: AlibabaWorld, wish: Transformation) -> str:
    """Create the data transformation job."""
    sink = {"name": "records", "project": wish.sink_project, "logstore": wish.sink_logstore}
    configuration = {"logstore": wish.source, "script": wish.spl, "lang": "SPL", "sinks": [sink]}
    return _sls(
        "create-etl",
        project=world.project,
        name=wish.name,
        configuration=json.dumps(configuration),
    )


def create_data_source(world: AlibabaWorld, name: str) -> str:
    """Create the data source."""
    from core.onboarding.alibaba_world import analysed_logstore

    return _siem(
        world,
        "CreateDataSource",
        DataSourceName=name,
        DataSourceType="custom",
        LogRegionId=world.region,
        LogProjectName=world.project,
        LogStoreName=analysed_logstore(world.profile),
    )


def create_dedicated_logstore(world: AlibabaWorld, name: str) -> str:
    """Create a Logstore in the dedicated channel."""
    return _siem(
        world,
        "CreateLogStore",
        LogRegionId=world.region,
        LogProjectName=world.project,
        LogStoreName=name,
    )


def create_vendor(world: AlibabaWorld) -> str:
    """Create the vendor."""
    name = world.vendor.name if world.vendor else world.analysis.vendor
    return _siem(world, "CreateVendor", VendorName=name)


def create_product(world: AlibabaWorld) -> str:
    """Create the product."""
    vendor = world.vendor.name if world.vendor else world.analysis.vendor
    name = world.product.name if world.product else world.analysis.product
    return _siem(world, "CreateProduct", ProductName=name, VendorName=vendor)


def create_rule(world: AlibabaWorld, name: str, expression: str) -> str:
    """Create the standardised rule."""
    schema = world.schema.id if world.schema else ""
    return _siem(
        world,
        "CreateNormalizationRule",
        NormalizationRuleName=name,
        NormalizationSchemaId=schema,
        NormalizationRuleFormat="SPL",
        NormalizationRuleExpression=expression,
    )


def create_policy(world: AlibabaWorld) -> str:
    """Create the integration policy; it is enabled by ``EnableDataIngestion``."""
    return _siem(
        world,
        "CreateDataIngestion",
        DataSourceId=world.data_source.id if world.data_source else "",
        ProductId=world.product.id if world.product else "",
        NormalizationRuleId=world.rule.id if world.rule else "",
        DataIngestionMode=world.profile.normalization.mode,
        DataIngestionType="custom",
    )


def create_detection_rule(world: AlibabaWorld, name: str, sql: str) -> str:
    """Create a detection rule of our own."""
    return _siem(
        world,
        "CreateDetectionRule",
        DetectionRuleName=name,
        DetectionRuleType="custom",
        DetectionExpressionType="sql",
        DetectionExpressionContent=sql,
    )


def enable_preset_rule(world: AlibabaWorld, name: str) -> str:
    """Enable a preset detection rule; its id is told by ``ListDetectionRules``."""
    return _siem(
        world,
        "UpdateDetectionRule",
        DetectionRuleId=f"<id of {name}>",
        DetectionRuleType="preset",
        DetectionRuleStatus="enabled",
    )


def delete(world: AlibabaWorld, thing: Thing) -> str:
    """Take ``thing`` away."""
    place = {"project": thing.project}
    by_name = f"<id of {thing.name}>"
    if thing.type == "logstore" and thing.inside == "dedicated":
        return _siem(world, "DeleteLogStore", LogProjectName=thing.project, LogStoreName=thing.name)
    return {
        "project": _sls("delete-project", project=thing.name),
        "logstore": _sls("delete-log-store", **place, logstore=thing.name),
        "index": _sls("delete-index", **place, logstore=thing.logstore),
        "kafka_import": _sls("delete-kafka-ingestion", **place, name=thing.name),
        "transformation": _sls("delete-etl", **place, name=thing.name),
        "data_source": _siem(world, "DeleteDataSource", DataSourceId=by_name),
        "vendor": _siem(world, "DeleteVendor", VendorId=by_name),
        "product": _siem(world, "DeleteProduct", ProductId=by_name),
        "standardised_rule": _siem(world, "DeleteNormalizationRule", NormalizationRuleId=by_name),
        "integration_policy": _siem(
            world, "DeleteDataIngestion", DataIngestionId=f"<id of the policy of {thing.inside}>"
        ),
        "detection_rule": _siem(world, "DeleteDetectionRule", DetectionRuleId=by_name),
        "preset_rule": _siem(
            world, "UpdateDetectionRule", DetectionRuleId=by_name, DetectionRuleStatus="disabled"
        ),
    }.get(thing.type, "")


def _sls(command: str, **options: str) -> str:
    words = ["aliyun", "sls", command]
    for name, value in options.items():
        words.append(f"--{name.replace('_', '-')}={value}")
    return shlex.join(words)


def _siem(world: AlibabaWorld, operation: str, **parameters: str) -> str:
    words = ["aliyun", "cloud-siem", operation, "--version", "2024-12-12", "--Lang", "en"]
    words += ["--RegionId", world.security.region_id]
    for name, value in parameters.items():
        if value:
            words += [f"--{name}", value]
    return shlex.join(words)
