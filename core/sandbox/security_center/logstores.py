"""What Security Center sees of Log Service: regions, projects, Logstores; its dedicated channel."""

from __future__ import annotations

from core.sandbox.security_center.names import is_logstore
from core.sandbox.security_center.service import Service
from core.sandbox.security_center.wire import Answer, ApiError, Call, invalid, page

_OTHER_REGIONS = ("ap-southeast-1", "cn-hangzhou", "cn-shanghai", "eu-central-1")


async def list_log_regions(service: Service, call: Call) -> Answer:
    """ListLogRegions. Only Log Service's own region has projects."""
    return Answer({"LogRegions": list(dict.fromkeys([service.logs.region, *_OTHER_REGIONS]))})


async def list_log_projects(service: Service, call: Call) -> Answer:
    """ListLogProjects: of one region."""
    region = call.text("LogRegionId", service.logs.region)
    found = await service.logs.projects() if region == service.logs.region else []
    return Answer(page(call, "LogProjects", sorted(found)))


async def list_log_stores(service: Service, call: Call) -> Answer:
    """ListLogStores: of one project."""
    _check_region(service, call)
    project = call.needed("LogProjectName")
    return Answer(page(call, "LogStores", sorted(await service.logs.logstores(project))))


async def validate_log_store(service: Service, call: Call) -> Answer:
    """ValidateLogStore: that the service's role can read it."""
    logstore = call.needed("LogStoreName")
    project = call.needed("LogProjectName")
    _check_region(service, call)
    await service.logs.check(project, logstore)
    return Answer()


async def create_log_store(service: Service, call: Call) -> Answer:
    """CreateLogStore: in the dedicated channel, whose project is made at the first one."""
    logstore = _channel_logstore(service, call)
    if not is_logstore(logstore):
        raise invalid("LogStoreName")
    service.check_quota("Logstores")
    await service.logs.create_in_channel(logstore)
    return Answer()


async def delete_log_store(service: Service, call: Call) -> Answer:
    """DeleteLogStore: of the dedicated channel, and not while a data source has it (SC-12)."""
    logstore = _channel_logstore(service, call)
    project = service.logs.channel
    for source in service.state.sources.all():
        if any((each.project, each.logstore) == (project, logstore) for each in source.stores):
            raise ApiError(400, "LogStoreReferenced", "The Logstore is used by a data source.")
    await service.logs.delete_in_channel(logstore)
    return Answer()


def _channel_logstore(service: Service, call: Call) -> str:
    _check_region(service, call)
    if call.text("LogProjectName", service.logs.channel) != service.logs.channel:
        raise invalid("LogProjectName")
    return call.needed("LogStoreName")


def _check_region(service: Service, call: Call) -> None:
    service.logs.check_region(call.text("LogRegionId", service.logs.region))
