"""Data sources: CreateDataSource, UpdateDataSource, DeleteDataSource, Refresh..., List..."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from core.sandbox.security_center.live.reach import NO_PERMISSION, reading_refused
from core.sandbox.security_center.model import DataSource, Store
from core.sandbox.security_center.names import display_name
from core.sandbox.security_center.service import Service, check_free, matching, named, only_custom
from core.sandbox.security_center.state import new_id, now_ms
from core.sandbox.security_center.wire import Answer, ApiError, Call, invalid, missing, page

_MOST_STORES = 100


async def create_data_source(service: Service, call: Call) -> Answer:
    """CreateDataSource."""
    name = display_name(call, "DataSourceName")
    if call.choice("DataSourceType", ("preset", "custom"), "custom") == "preset":
        raise invalid("DataSourceType")
    service.check_quota("data sources")
    stores = await _stores(service, call)
    origin = _origin(service, call, stores)
    check_free(service.state.sources, name, "DataSourceName")  # after the last await
    now = now_ms()
    made = DataSource(
        new_id("ds"),
        name,
        "custom",
        origin,
        call.number("LogUserId", int(service.state.account)),
        stores,
        call.flag("DataSourceRecognizeEnabled"),
        now,
        now,
    )
    service.state.sources.put(made)
    return Answer({"DataSourceId": made.id})


async def update_data_source(service: Service, call: Call) -> Answer:
    """UpdateDataSource: name, Logstores."""
    old = named(service.state.sources, call, "DataSourceId")
    only_custom(old.kind, "data source")
    stores = None
    if call.has("DataSourceStores") or call.has("LogStoreName"):
        stores = await _stores(service, call)
        _origin(service, call, stores)
        old = named(service.state.sources, call, "DataSourceId")
    stores = old.stores if stores is None else stores
    name = display_name(call, "DataSourceName") if call.has("DataSourceName") else old.name
    check_free(service.state.sources, name, "DataSourceName", but=old.id)
    changed = replace(old, name=name, stores=stores, updated=now_ms())
    service.state.sources.put(changed)
    return Answer()


async def delete_data_source(service: Service, call: Call) -> Answer:
    """DeleteDataSource: only of the user's own, and not while a policy reads it (SC-12)."""
    old = named(service.state.sources, call, "DataSourceId")
    only_custom(old.kind, "data source")
    if any(policy.source_id == old.id for policy in service.state.policies.all()):
        raise ApiError(400, "DataSourceReferenced", "The data source is used by a data ingestion.")
    service.state.sources.delete(old.id)
    return Answer()


async def refresh_data_source(service: Service, call: Call) -> Answer:
    """RefreshDataSource: its Logstores are looked at again soon."""
    old = named(service.state.sources, call, "DataSourceId")
    stores = tuple(replace(store, checked=0) for store in old.stores)
    service.state.sources.put(replace(old, stores=stores, updated=now_ms()))
    return Answer()


async def list_data_sources(service: Service, call: Call) -> Answer:
    """ListDataSources."""
    found = service.state.sources.all()
    if call.has("DataSourceIds"):
        found = [source for source in found if source.id in call.strings("DataSourceIds")]
    views = [_view(service, source) for source in found]
    views = matching(
        call, views, ("DataSourceFrom", "DataSourceName", "DataSourceStatus", "DataSourceType")
    )
    for name in ("LogProjectName", "LogRegionId", "LogStoreName", "DataSourceStoreStatus"):
        if value := call.text(name):
            views = [
                view
                for view in views
                if any(store.get(name) == value for store in view["DataSourceStores"])
            ]
    if call.choice("Order", ("asc", "desc"), "asc") == "desc":
        views.reverse()
    return Answer(page(call, "DataSources", views))


async def _stores(service: Service, call: Call) -> tuple[Store, ...]:
    """The Logstores that a call names, in the list or in the form for a single one."""
    given = call.objects("DataSourceStores")
    if not given:
        if not call.has("LogStoreName"):
            return ()
        names = ("LogRegionId", "LogProjectName", "LogStoreName")
        given = [{name: call.text(name) for name in names}]
    if len(given) > _MOST_STORES:
        raise invalid("DataSourceStores")
    return tuple([await _store(service, item) for item in given])


async def _store(service: Service, item: Any) -> Store:
    region, project, logstore = (
        _place(item, name) for name in ("LogRegionId", "LogProjectName", "LogStoreName")
    )
    service.logs.check_region(region)
    await service.logs.check(project, logstore)
    origin: Literal["center", "custom"]
    origin = "center" if project == service.logs.channel else "custom"
    if item.get("DataSourceStoreFrom") not in (None, "", origin):
        raise invalid("DataSourceStoreFrom")
    now = now_ms()
    return Store(new_id("dss"), region, project, logstore, origin, created=now, updated=now)


def _place(item: Any, name: str) -> str:
    value = item.get(name)
    if not value:
        raise missing(name)
    if not isinstance(value, str):
        raise invalid(name)
    return value


def _origin(service: Service, call: Call, stores: tuple[Store, ...]) -> Any:
    """``center`` for the dedicated channel, ``custom`` for user Log Service; never both (SC-05)."""
    origins = {store.origin for store in stores}
    if len(origins) > 1:
        raise invalid("DataSourceStores")
    is_ours = origins.pop() if origins else "custom"
    if call.choice("DataSourceFrom", ("center", "custom"), is_ours) != is_ours:
        raise invalid("DataSourceFrom")
    return is_ours


def _view(service: Service, source: DataSource) -> dict[str, Any]:
    # A scenario shows at once, not when the Logstores are looked at next.
    refused = bool(source.stores) and reading_refused(service.state) is not None
    stores = [_store_view(store, refused) for store in source.stores]
    policies = [each.id for each in service.state.policies.all() if each.source_id == source.id]
    first = source.stores[0] if source.stores else None
    place = (
        {
            "LogRegionId": first.region,
            "LogProjectName": first.project,
            "LogStoreName": first.logstore,
        }
        if first
        else {}
    )
    return {
        "DataSourceId": source.id,
        "DataSourceName": source.name,
        "DataSourceType": source.kind,
        "DataSourceFrom": source.origin,
        "DataSourceStatus": "abnormal" if refused else source.status,
        "DataSourceRecognizeEnabled": source.recognize,
        "DataSourceStores": stores,
        "DataSourceReferences": [{"DataIngestionId": policy} for policy in policies],
        "LogUserId": source.user_id,
        "CreateTime": source.created,
        "UpdateTime": source.updated,
        **place,
    }


def _store_view(store: Store, refused: bool) -> dict[str, Any]:
    status, code = ("abnormal", NO_PERMISSION) if refused else (store.status, store.status_code)
    view: dict[str, Any] = {
        "DataSourceStoreId": store.id,
        "DataSourceStoreFrom": store.origin,
        "LogRegionId": store.region,
        "LogProjectName": store.project,
        "LogStoreName": store.logstore,
        "CreateTime": store.created,
        "UpdateTime": store.updated,
    }
    if status:
        view |= {
            "DataSourceStoreStatus": status,
            "DataSourceStoreStatusCode": code or "success",
            "CheckTime": store.checked or now_ms(),
        }
    return view
