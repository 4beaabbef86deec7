"""Products: ListProducts, CreateProduct, UpdateProduct, DeleteProduct."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.sandbox.security_center.model import Product
from core.sandbox.security_center.names import display_name
from core.sandbox.security_center.service import Service, matching, named, only_custom
from core.sandbox.security_center.state import new_id, now_ms
from core.sandbox.security_center.vendors import vendor_named
from core.sandbox.security_center.wire import Answer, ApiError, Call, page


async def list_products(service: Service, call: Call) -> Answer:
    """ListProducts."""
    call.choice("ProductType", ("preset", "custom"))
    views = [_view(service, product) for product in service.state.products.all()]
    views = matching(call, views, ("ProductName", "ProductType", "VendorId"))
    if call.has("ProductIds"):
        views = [view for view in views if view["ProductId"] in call.strings("ProductIds")]
    return Answer(page(call, "Products", views))


async def create_product(service: Service, call: Call) -> Answer:
    """CreateProduct: the vendor is given by its name."""
    name = display_name(call, "ProductName")
    vendor = vendor_named(service, call.needed("VendorName"))
    _check_free(service, name, vendor.id)
    service.check_quota("products")
    made = Product(new_id("product"), name, vendor.id, "custom", now_ms(), now_ms())
    service.state.products.put(made)
    return Answer({"ProductId": made.id})


async def update_product(service: Service, call: Call) -> Answer:
    """UpdateProduct: name, vendor. Of a preset one: 403."""
    old = named(service.state.products, call, "ProductId")
    only_custom(old.kind, "product")
    name = display_name(call, "ProductName") if call.has("ProductName") else old.name
    vendor_id = old.vendor_id
    if call.has("VendorName"):
        vendor_id = vendor_named(service, call.text("VendorName")).id
    _check_free(service, name, vendor_id, but=old.id)
    changed = replace(old, name=name, vendor_id=vendor_id, updated=now_ms())
    service.state.products.put(changed)
    return Answer()


async def delete_product(service: Service, call: Call) -> Answer:
    """DeleteProduct: not while a rule or a policy names it (SC-12)."""
    old = named(service.state.products, call, "ProductId")
    only_custom(old.kind, "product")
    users = [each.product_id for each in service.state.policies.all()]
    users += [each.product_id for each in service.state.rules.all()]
    if old.id in users:
        raise ApiError(
            400, "ProductReferenced", "The product is used by a rule or a data ingestion."
        )
    service.state.products.delete(old.id)
    return Answer()


def _check_free(service: Service, name: str, vendor_id: str, but: str = "") -> None:
    """That the vendor has no other product of this name (SC-09). Raises ApiError."""
    for product in service.state.products.all():
        if (product.name, product.vendor_id) == (name, vendor_id) and product.id != but:
            raise ApiError(400, "ProductNameExists", "The specified ProductName already exists.")


def _view(service: Service, product: Product) -> dict[str, Any]:
    policies = [each for each in service.state.policies.all() if each.product_id == product.id]
    enabled = [policy for policy in policies if policy.enabled]
    vendor = service.state.vendors.get(product.vendor_id)
    return {
        "ProductId": product.id,
        "ProductName": product.name,
        "ProductType": product.kind,
        "VendorId": product.vendor_id,
        "VendorName": vendor.name if vendor else "",
        "AllowAddDataIngestion": True,
        "DataIngestionStatus": bool(enabled),
        "TotalDataIngestionCount": len(policies),
        "EnabledDataIngestionCount": len(enabled),
        "AbnormalDataIngestionCount": sum(each.state == "abnormal" for each in enabled),
        "ActiveTime": max((each.activated for each in enabled), default=0),
        "CreateTime": product.created,
        "UpdateTime": product.updated,
    }
