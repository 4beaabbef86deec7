"""Diagnostic settings of each kind, and what stands in the way of one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.azure_things import REGION, make_namespace, place

from core.azure.diagnostic_settings import (
    DiagnosticSetting,
    DiagnosticTarget,
    delete_setting,
    find_setting,
    list_settings,
    put_setting,
    setting_request,
    setting_url,
)
from core.azure.diagnostic_sources import (
    categories_of,
    find_resource,
    obstacle,
    resources,
    source_scope,
)
from core.azure.event_hubs import EventHubWish, create_event_hub
from core.azure.policies import create_policy, list_keys
from core.errors import Code

RIGHTS = ("Manage", "Send", "Listen")
CATEGORIES = {"activity": "Administrative", "entra": "AuditLogs", "defender": "Alerts"}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """The namespace that the module's tests share."""
    return {}


@pytest.fixture
def target(azure, made) -> DiagnosticTarget:
    """A hub that settings may send to, with the policy that they need."""

    async def work(session):
        namespace = await make_namespace(azure, session)
        where = place(azure, namespace)
        await create_event_hub(session, *where, EventHubWish("logs"))
        await create_policy(session, *where, None, "isthmus-diagnostics", RIGHTS)
        return namespace

    if not made:
        namespace = azure.run(work)
        made.update(id=namespace.id, group=namespace.resource_group, name=namespace.name)
    return DiagnosticTarget(f"{made['id']}/authorizationRules/isthmus-diagnostics", "logs")


def setting(azure, made, target, kind, **changes) -> DiagnosticSetting:
    scope = source_scope(kind, subscription=azure.subscription, resource_group=made["group"])
    wished = DiagnosticSetting(
        kind, azure.name("isthmus"), scope, (CATEGORIES.get(kind, ""),), target
    )
    return replace(wished, **changes)


def vault(azure, location: str = REGION) -> str:
    """The id of a key vault that is there."""
    group = azure.name("estate")
    azure.sandbox.arm.request("add_resources", count=1, location=location, resource_group=group)

    async def work(session):
        return [
            each.id
            async for each in resources(session, azure.subscription)
            if each.resource_group == group
        ]

    (found,) = azure.run(work)
    return found


@pytest.mark.parametrize("kind", ["activity", "entra", "defender"])
def test_a_setting_is_made_found_again_and_deleted(azure, made, target, kind):
    wished = setting(azure, made, target, kind)
    where = (wished.kind, wished.scope, wished.name)

    async def work(session):
        before = await find_setting(session, *where)
        way_is_free = await obstacle(session, wished, REGION) is None
        await put_setting(session, wished)
        with azure.writes() as again:
            await put_setting(session, wished)
        found = await find_setting(session, *where)
        listed = [each.name async for each in list_settings(session, *where[:2])]
        await delete_setting(session, *where)
        await delete_setting(session, *where)
        return before, way_is_free, again, found, listed, await find_setting(session, *where)

    before, way_is_free, again, found, listed, after = azure.run(work)
    assert (before, way_is_free, after) == (None, True, None)
    assert again == []
    assert found.categories == wished.categories
    assert found.target.is_same_hub(target)
    assert wished.name in listed


def test_a_resource_sends_a_category_group(azure, made, target):
    wished = setting(
        azure, made, target, "resource", scope=vault(azure), categories=("group:audit",)
    )

    async def work(session):
        offered = await categories_of(session, wished.scope)
        assert await obstacle(session, wished, REGION) is None
        await put_setting(session, wished)
        return offered, await find_setting(session, "resource", wished.scope, wished.name)

    offered, found = azure.run(work)
    assert "AuditEvent" in offered.logs
    assert "audit" in offered.groups
    assert found == wished
    flow = [each for each in azure.sandbox.arm.request("flows") if each["hub"] == "logs"]
    assert any(each["namespace"] == made["name"] for each in flow)


def test_a_setting_that_grows_keeps_what_it_sent_before(azure, made, target):
    wished = setting(azure, made, target, "activity")
    more = replace(wished, categories=("Security",))

    async def work(session):
        await put_setting(session, wished)
        await put_setting(session, more)
        found = await find_setting(session, "activity", wished.scope, wished.name)
        await delete_setting(session, "activity", wished.scope, wished.name)
        return found

    assert set(azure.run(work).categories) == {"Administrative", "Security"}


def test_the_request_that_people_are_shown_holds_no_secret(azure, made, target):
    async def keys(session):
        return await list_keys(
            session, *(azure.subscription, made["group"], made["name"]), None, "isthmus-diagnostics"
        )

    secret = azure.run(keys).primary
    for kind in ("activity", "entra", "defender"):
        wished = setting(azure, made, target, kind)
        url, body = setting_request(wished)
        assert url == setting_url(wished.kind, wished.scope, wished.name)
        assert url.startswith("/")
        assert "?api-version=" in url
        assert secret not in str(body)
        assert "SharedAccessKey=" not in str(body)


def test_what_a_policy_without_the_rights_is_refused(azure, made, target):
    async def work(session):
        where = (azure.subscription, made["group"], made["name"])
        await create_policy(session, *where, None, "listen-only", ["Listen"])
        weak = DiagnosticTarget(f"{made['id']}/authorizationRules/listen-only", "logs")
        await put_setting(session, setting(azure, made, weak, "activity"))

    problem = azure.refusal(work)
    assert problem.code is Code.AZURE_REFUSED
    assert "Manage, Send and Listen" in problem.detail


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        ("activity", {"categories": ("Administratif",)}, Code.AZURE_CATEGORY_UNKNOWN),
        ("defender", {"categories": ("Alarms",)}, Code.AZURE_CATEGORY_UNKNOWN),
        ("resource", {"categories": ("group:nothing",)}, Code.AZURE_CATEGORY_UNKNOWN),
    ],
)
def test_a_category_that_the_source_does_not_offer(azure, made, target, kind, changes, code):
    if kind == "resource":
        changes = changes | {"scope": vault(azure)}
    wished = setting(azure, made, target, kind, **changes)
    problem = azure.run(lambda session: obstacle(session, wished, REGION))
    assert problem.code is code
    assert wished.categories[0] in problem.cause


def test_resources_that_cannot_send_here(azure, made, target):
    elsewhere = setting(
        azure,
        made,
        target,
        "resource",
        scope=vault(azure, "westeurope"),
        categories=("AuditEvent",),
    )
    gone = replace(elsewhere, scope=elsewhere.scope + "-gone")
    own = replace(elsewhere, scope=made["id"])
    strange = replace(elsewhere, scope=elsewhere.scope + "-日志")

    async def work(session):
        assert await find_resource(session, gone.scope) is None
        return [
            (await obstacle(session, each, REGION)).code for each in (elsewhere, gone, own, strange)
        ]

    assert azure.run(work) == [
        Code.AZURE_SETTING_OTHER_REGION,
        Code.AZURE_SOURCE_NOT_FOUND,
        Code.AZURE_SETTING_OF_OWN_NAMESPACE,
        Code.AZURE_RESOURCE_ID_NOT_ASCII,
    ]


@pytest.mark.slow
def test_a_source_takes_five_settings_and_no_category_twice(azure, made, target):
    scope = vault(azure)
    first = setting(azure, made, target, "resource", scope=scope, categories=("AuditEvent",))

    async def work(session):
        await put_setting(session, first)
        twice = await obstacle(session, replace(first, name="another"), REGION)
        refused = None
        where = (azure.subscription, made["group"], made["name"])
        for number in range(4):
            await create_event_hub(session, *where, EventHubWish(f"logs-{number}"))
            other = DiagnosticTarget(target.rule_id, f"logs-{number}")
            await put_setting(session, replace(first, name=f"other-{number}", target=other))
        sixth = replace(first, name="sixth", target=DiagnosticTarget(target.rule_id, "logs-9"))
        refused = await obstacle(session, sixth, REGION)
        return twice, refused

    twice, refused = azure.run(work)
    assert twice.code is Code.AZURE_CATEGORY_TWICE
    assert "AuditEvent" in twice.cause
    assert refused.code is Code.AZURE_TOO_MANY_SETTINGS


def test_azures_own_refusals_without_an_error_envelope_are_read(azure, made, target):
    first = setting(azure, made, target, "resource", scope=vault(azure), categories=("AuditEvent",))

    async def work(session):
        await put_setting(session, first)
        await put_setting(session, replace(first, name="another"))

    problem = azure.refusal(work)
    assert problem.code is Code.AZURE_CATEGORY_TWICE
    assert "AuditEvent" in problem.cause


@pytest.mark.slow
def test_two_thousand_resources_come_page_by_page(azure):
    group = azure.name("estate")
    azure.sandbox.arm.request("add_resources", count=2000, resource_group=group)
    azure.sandbox.arm.request("page_size", size=500)

    async def work(session):
        seen = 0
        async for each in resources(session, azure.subscription):
            if each.resource_group == group:
                seen += 1
                assert each.type == "Microsoft.KeyVault/vaults"
        return seen

    try:
        assert azure.run(work) == 2000
    finally:
        azure.sandbox.arm.request("page_size", size=100)
