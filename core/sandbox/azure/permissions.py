"""What the caller may do at a scope. Source: "Azure REST API: Authorization - Permissions"."""

from __future__ import annotations

from core.sandbox.azure.service import Service
from core.sandbox.azure.wire import Answer, Call


async def list_permissions(service: Service, call: Call, scope: str) -> Answer:
    """Actions and notActions; nobody needs a right to ask."""
    return Answer(200, {"value": [service.access.rights("/" + scope).as_json()]})


async def list_at_root(service: Service, call: Call) -> Answer:
    """The same at the tenant's root."""
    return Answer(200, {"value": [service.access.rights("/").as_json()]})
