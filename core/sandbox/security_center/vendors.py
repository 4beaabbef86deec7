"""Vendors: ListVendors, CreateVendor, UpdateVendor, DeleteVendor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.sandbox.security_center.model import Vendor
from core.sandbox.security_center.names import display_name
from core.sandbox.security_center.service import Service, check_free, matching, named, only_custom
from core.sandbox.security_center.state import new_id, now_ms
from core.sandbox.security_center.wire import Answer, ApiError, Call, invalid, missing, page


async def list_vendors(service: Service, call: Call) -> Answer:
    """ListVendors."""
    call.choice("VendorType", ("preset", "custom"))
    views = [_view(vendor) for vendor in service.state.vendors.all()]
    views = matching(call, views, ("VendorName", "VendorType"))
    if call.has("VendorIds"):
        views = [view for view in views if view["VendorId"] in call.strings("VendorIds")]
    return Answer(page(call, "Vendors", views))


async def create_vendor(service: Service, call: Call) -> Answer:
    """CreateVendor."""
    name = display_name(call, "VendorName")
    check_free(service.state.vendors, name, "VendorName")
    service.check_quota("vendors")
    made = Vendor(new_id("vendor"), name, "custom", now_ms(), now_ms())
    service.state.vendors.put(made)
    return Answer({"VendorId": made.id})


async def update_vendor(service: Service, call: Call) -> Answer:
    """UpdateVendor: its name."""
    old = named(service.state.vendors, call, "VendorId")
    only_custom(old.kind, "vendor")
    name = display_name(call, "VendorName")
    check_free(service.state.vendors, name, "VendorName", but=old.id)
    service.state.vendors.put(replace(old, name=name, updated=now_ms()))
    return Answer()


async def delete_vendor(service: Service, call: Call) -> Answer:
    """DeleteVendor, by id or name; not while it has products (SC-12)."""
    if call.has("VendorId"):
        old = named(service.state.vendors, call, "VendorId")
    elif call.has("VendorName"):
        old = vendor_named(service, call.text("VendorName"))
    else:
        raise missing("VendorId")
    only_custom(old.kind, "vendor")
    if any(product.vendor_id == old.id for product in service.state.products.all()):
        raise ApiError(400, "VendorReferenced", "The vendor still has products.")
    service.state.vendors.delete(old.id)
    return Answer()


def vendor_named(service: Service, name: str) -> Vendor:
    """The vendor of that name. Raises ApiError."""
    for vendor in service.state.vendors.all():
        if vendor.name == name:
            return vendor
    raise invalid("VendorName")


def _view(vendor: Vendor) -> dict[str, Any]:
    return {
        "VendorId": vendor.id,
        "VendorName": vendor.name,
        "VendorType": vendor.kind,
        "CreateTime": vendor.created,
        "UpdateTime": vendor.updated,
    }
