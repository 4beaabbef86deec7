"""Where normalised logs are kept: GetDataStorage."""

from __future__ import annotations

from core.sandbox.security_center.ground import TTL_DAYS
from core.sandbox.security_center.names import data_project
from core.sandbox.security_center.presets import CATEGORIES, DATASETS
from core.sandbox.security_center.service import Service
from core.sandbox.security_center.wire import Answer, Call

_CAPACITY_GB = 1000


async def get_data_storage(service: Service, call: Call) -> Answer:
    """GetDataStorage."""
    region = service.logs.region
    project = data_project(service.state.account, region)
    is_made = project in await service.logs.projects()
    existing = await service.logs.logstores(project) if is_made else []
    stores = [
        {"LogStoreName": name, "LogStoreTtl": TTL_DAYS, "UsedCapacity": 0.0}
        for name in DATASETS
        if name in existing
    ]
    views = [
        {
            "LogViewName": schema.name,
            "ActivityName": schema.id,
            "CategoryName": CATEGORIES.get(schema.category_id, ""),
            "LogStoreName": schema.dataset,
            "LogSearchConditions": f"schema: {schema.id}",
            "LogViewExisted": schema.dataset in existing,
        }
        for schema in service.state.schemas.all()
        if schema.type == "log"
    ]
    return Answer(
        {
            "Data": {
                "LogProject": project,
                "DataStorageRegionId": region,
                "DataStorageRegionPermission": "deny",
                "DataStorageTotalCapacity": _CAPACITY_GB,
                "DataStorageUsedCapacity": 0.0,
                "NormalizationLogStores": stores,
                "NormalizationLogViews": views,
            }
        }
    )
