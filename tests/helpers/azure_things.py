"""Resource groups and namespaces for tests of the Azure half; ``azure`` is their fixture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.azure.namespaces import Namespace, NamespaceWish, create_namespace
from core.azure.resource_groups import create_resource_group
from core.azure.session import AzureSession

REGION = "eastasia"
TAGS = {"isthmus": "test"}


def nothing(_: str) -> None:
    """Progress that nobody looks at."""


async def make_group(azure: Any, session: AzureSession) -> str:
    name: str = azure.name("rg")
    await create_resource_group(session, azure.subscription, name, REGION, TAGS)
    return name


async def make_namespace(
    azure: Any, session: AzureSession, group: str = "", **changes: Any
) -> Namespace:
    group = group or await make_group(azure, session)
    wish = replace(NamespaceWish(azure.name("ns"), group, REGION), **changes)
    return await create_namespace(session, azure.subscription, wish, TAGS, nothing)


def place(azure: Any, namespace: Namespace) -> tuple[str, str, str]:
    return azure.subscription, namespace.resource_group, namespace.name
