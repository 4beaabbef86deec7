"""Vendors and products: whose logs they are. Preset ones are looked up, own ones are made."""

from __future__ import annotations

from dataclasses import dataclass

from core.alibaba.security_center.calls import Group
from core.errors import Code, problem_error

_VENDOR = "security_center.vendor"
_PRODUCT = "security_center.product"


@dataclass(frozen=True)
class Vendor:
    """Who makes products that write logs.

    Attributes:
        preset: whether it is the service's own; those cannot be changed.
    """

    id: str
    name: str
    preset: bool


@dataclass(frozen=True)
class Product:
    """What writes logs.

    Attributes:
        preset: whether it is the service's own.
        takes_policies: whether integration policies can be added to it.
        enabled_policies: how many are enabled.
        abnormal_policies: how many are abnormal.
    """

    id: str
    name: str
    vendor_id: str
    vendor_name: str
    preset: bool
    takes_policies: bool = True
    enabled_policies: int = 0
    abnormal_policies: int = 0


class Vendors(Group):
    """Vendors and products."""

    async def vendors(self, name: str | None = None) -> tuple[Vendor, ...]:
        """All, or those whose name is ``name`` in any case. Raises ProblemError."""
        listed = self._calls.listed("ListVendors", "vendors", _VENDOR)
        found = [
            Vendor(each.vendor_id, each.vendor_name or "", each.vendor_type == "preset")
            async for each in listed
        ]
        return tuple(each for each in found if name is None or _same(each.name, name))

    async def vendor(self, name: str) -> Vendor | None:
        """The vendor of that name, a preset one before an own one. Raises ProblemError."""
        found = await self.vendors(name)
        return min(found, key=lambda each: not each.preset, default=None)

    async def create_vendor(self, name: str) -> Vendor:
        """Make a vendor. Raises ProblemError."""
        body = await self._calls.call("CreateVendor", _VENDOR, vendor_name=name)
        return Vendor(body.vendor_id, name, preset=False)

    async def delete_vendor(self, identity: str) -> None:
        """Delete an own vendor. Raises ProblemError."""
        await self._calls.call("DeleteVendor", _VENDOR, vendor_id=identity)

    async def products(self, vendor: Vendor, name: str | None = None) -> tuple[Product, ...]:
        """The vendor's products, or those whose name is ``name`` in any case.

        Raises ProblemError.
        """
        listed = self._calls.listed("ListProducts", "products", _PRODUCT, vendor_id=vendor.id)
        found = [
            Product(
                id=each.product_id,
                name=each.product_name or each.product_alias or "",
                vendor_id=each.vendor_id or vendor.id,
                vendor_name=each.vendor_name or vendor.name,
                preset=each.product_type == "preset",
                takes_policies=each.allow_add_data_ingestion is not False,
                enabled_policies=each.enabled_data_ingestion_count or 0,
                abnormal_policies=each.abnormal_data_ingestion_count or 0,
            )
            async for each in listed
        ]
        return tuple(each for each in found if name is None or _same(each.name, name))

    async def product(self, vendor: Vendor, name: str) -> Product | None:
        """The vendor's product of that name; None if there is none. Raises ProblemError."""
        return next(iter(await self.products(vendor, name)), None)

    async def create_product(self, vendor: Vendor, name: str) -> Product:
        """Make a product of ``vendor``, which the API takes by name. Raises ProblemError."""
        body = await self._calls.call(
            "CreateProduct", _PRODUCT, product_name=name, vendor_name=vendor.name
        )
        return Product(body.product_id, name, vendor.id, vendor.name, preset=False)

    async def delete_product(self, identity: str) -> None:
        """Delete an own product. Raises ProblemError."""
        await self._calls.call("DeleteProduct", _PRODUCT, product_id=identity)


def check_takes_policies(product: Product) -> None:
    """Raises ProblemError (security_center_product_closed) if it takes no policies."""
    if not product.takes_policies:
        raise problem_error(Code.SECURITY_CENTER_PRODUCT_CLOSED, _PRODUCT, name=product.name)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
