"""Data import tasks: ListDataConnectors, UpdateDataConnector, and what the console does.

There is no call that makes or deletes one. A connector is an import job of Log Service underneath,
whose name and state the list shows. The JSON of a Kafka connector's configuration is documented
nowhere; the emulator's holds what the console asks for, without the password (SC-19).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from core.sandbox.security_center.model import Connector
from core.sandbox.security_center.service import Service, check_free, matching, named
from core.sandbox.security_center.state import new_id, now_ms
from core.sandbox.security_center.wire import Answer, Call, invalid, json_parameter, page

_TYPES = ("oss", "s3", "kafka")
_STATUSES = ("enabled", "disabled")
_AUTH = ("AuthConfigId", "AuthConfigVendor", "AuthConfigProduct")


@dataclass(frozen=True)
class ConsoleForm:
    """What a user types into the console's forms "Grant Permission" and "Add Data"."""

    name: str
    project: str
    logstore: str
    bootstrap: str
    topic: str
    connection_string: str = field(repr=False)
    source_id: str = ""
    group: str = ""
    start: str = "earliest"


async def list_data_connectors(service: Service, call: Call) -> Answer:
    """ListDataConnectors. No status means the disabled ones: "default" in the SDK (SC-08)."""
    call.choice("DataConnectorType", _TYPES)
    status = call.choice("DataConnectorStatus", _STATUSES, "disabled")
    connectors = service.state.connectors.all()
    connectors = [each for each in connectors if each.enabled == (status == "enabled")]
    if call.has("DataConnectorIds"):
        wanted = call.strings("DataConnectorIds")
        connectors = [each for each in connectors if each.id in wanted]
    if call.has("OrderField"):
        call.choice("OrderField", ("updateTime",))
        is_descending = call.choice("OrderType", ("asc", "desc"), "desc") == "desc"
        connectors.sort(key=lambda each: each.updated, reverse=is_descending)
    states = await service.live.job_states(connectors)
    names = (
        "DataConnectorName",
        "DataConnectorType",
        "DestDataSourceId",
        "SlsIngestionJobName",
        "SrcDataType",
    )
    views = matching(call, [_view(each, states[each.id]) for each in connectors], names)
    return Answer(page(call, "DataConnector", views, size=1000))


async def update_data_connector(service: Service, call: Call) -> Answer:
    """UpdateDataConnector: pause, resume, edit."""
    old = named(service.state.connectors, call, "DataConnectorId")
    changes: dict[str, Any] = {"updated": now_ms()}
    if call.has("DataConnectorConfig"):
        if not isinstance(json_parameter(call, "DataConnectorConfig"), dict):
            raise invalid("DataConnectorConfig")
        changes["config"] = call.text("DataConnectorConfig")
    for parameter, attribute in zip(_AUTH, ("auth_id", "auth_vendor", "auth_product"), strict=True):
        if call.has(parameter):
            changes[attribute] = call.text(parameter)
    enabled = call.choice("DataConnectorStatus", _STATUSES, "")
    if enabled and (enabled == "enabled") != old.enabled:
        changes["enabled"] = enabled == "enabled"
        await service.logs.switch_import(old.project, old.job, changes["enabled"])
        old = named(service.state.connectors, call, "DataConnectorId")
    service.state.connectors.put(replace(old, **changes))
    return Answer()


async def make_in_console(service: Service, form: ConsoleForm) -> Connector:
    """What the console does at "Add Data": an import job, and the connector. Raises ApiError."""
    source = service.state.sources.get(form.source_id)
    if form.source_id and source is None:
        raise invalid("DataSourceId")
    check_free(service.state.connectors, form.name, "DataConnectorName")
    await service.logs.check(form.project, form.logstore)
    identity, now = new_id("dc"), now_ms()
    job = f"ingest-kafka-{identity.removeprefix('dc-')}"
    await service.logs.create_import(form.project, _job(job, form))
    made = Connector(
        identity,
        form.name,
        "kafka",
        True,
        json.dumps({"endpoint": form.bootstrap, "topic": form.topic, "format": {"type": "JSON"}}),
        job,
        form.source_id,
        service.logs.region,
        form.project,
        form.logstore,
        f"{form.bootstrap}_$ConnectionString",
        created=now,
        updated=now,
    )
    service.state.connectors.put(made)
    return made


def _job(name: str, form: ConsoleForm) -> dict[str, Any]:
    """The import job in the older form (aliyun-log-go-sdk, its Kafka sample)."""
    login = {
        "mechanism": "plain",
        "username": "$ConnectionString",
        "password": form.connection_string,
    }
    return {
        "name": name,
        "displayName": form.name,
        "description": "Made by Security Center",
        "type": "Ingestion",
        "schedule": {"type": "Resident", "runImmediately": True},
        "configuration": {
            "version": "v2.0",
            "logstore": form.logstore,
            "numberOfInstance": 0,
            "source": {
                "type": "Kafka",
                "bootstrapServers": form.bootstrap,
                "topics": form.topic,
                "consumerGroup": form.group,
                "fromPosition": form.start,
                "valueType": "json",
                "parseArray": False,
                "encoding": "UTF-8",
                "communication": json.dumps({"protocol": "sasl_ssl", "sasl": login}),
            },
        },
    }


def _view(connector: Connector, job_state: str) -> dict[str, Any]:
    return {
        "DataConnectorId": connector.id,
        "DataConnectorName": connector.name,
        "DataConnectorType": connector.type,
        "DataConnectorStatus": "enabled" if connector.enabled else "disabled",
        "DataConnectorConfig": connector.config,
        "DestDataSourceId": connector.source_id,
        "LogRegionId": connector.region,
        "LogProjectName": connector.project,
        "LogStoreName": connector.logstore,
        "SlsIngestionJobName": connector.job,
        "SlsIngestionJobState": job_state,
        "SrcDataType": connector.type,
        "AuthConfigId": connector.auth_id,
        "AuthConfigVendor": connector.auth_vendor,
        "AuthConfigProduct": connector.auth_product,
        "CreationTime": connector.created,
        "UpdateTime": connector.updated,
    }
