"""What Azure refuses, in words: each cause has a code of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest
from helpers.azure_things import REGION, TAGS, make_group, make_namespace, nothing

from core.azure.names import RESOURCE_GROUP, check_name
from core.azure.namespaces import NamespaceWish, create_namespace, find_namespace
from core.azure.resource_groups import create_resource_group, find_resource_group
from core.azure.session import azure_problems
from core.errors import Code, ProblemError


def test_a_right_that_is_lacking_is_named_with_its_scope(azure):
    async def work(session):
        await make_group(azure, session)

    with azure.scenario("no_permission"):
        problem = azure.refusal(work)
    assert problem.code is Code.AZURE_FORBIDDEN
    assert "Microsoft.Resources/subscriptions/resourceGroups/write" in problem.cause
    assert f"/subscriptions/{azure.subscription}" in problem.cause


def test_an_azure_policy_that_forbids_it(azure):
    async def work(session):
        await make_namespace(azure, session)

    with azure.scenario("policy_denied"):
        assert azure.refusal(work).code is Code.AZURE_DENIED_BY_POLICY


def test_a_group_in_another_region_is_reused_and_an_unknown_region_refused(azure):
    async def work(session):
        await create_resource_group(session, azure.subscription, azure.name("rg"), "atlantis", TAGS)

    assert azure.refusal(work).code is Code.AZURE_LOCATION_UNAVAILABLE


def test_a_tier_that_cannot_be_had_there(azure):
    async def work(session):
        await make_namespace(azure, session)

    with azure.scenario("basic_only"):
        assert azure.refusal(work).code is Code.AZURE_LOCATION_UNAVAILABLE


def test_throttling_is_waited_out_and_told(azure):
    async def work(session):
        return await find_resource_group(session, azure.subscription, "rg-none")

    with azure.scenario("throttled", requests=1, retry_after=1):
        assert azure.run(work) is None
    assert azure.waits == ["Azure asks for fewer requests; going on in 1 s"]


def test_a_group_that_is_gone_has_no_namespace(azure):
    async def work(session):
        return await find_namespace(session, azure.subscription, "rg-none", "contoso-logs")

    assert azure.run(work) is None


def test_a_token_whose_time_is_over_is_renewed(azure):
    """The emulator's tokens end at once: each request needs, and gets, a new one."""

    async def work(session):
        return await find_resource_group(session, azure.subscription, "rg-none")

    azure.sandbox.arm.request("token_lifetime", seconds=60)
    try:
        assert azure.run(work) is None
    finally:
        azure.sandbox.arm.request("token_lifetime", seconds=3600)


def test_a_page_that_points_to_another_host_is_not_followed(azure):
    async def work(session):
        with azure_problems("azure"):
            session._check_link("https://127.0.0.1:1/subscriptions?page=2")

    assert azure.refusal(work).code is Code.AZURE_REFUSED


@pytest.mark.slow
def test_an_emulator_that_dies_while_it_creates_takes_on_after_its_restart(azure):
    async def begin(session):
        group = await make_group(azure, session)
        return NamespaceWish(azure.name("ns"), group, REGION)

    async def create(session):
        return await create_namespace(session, azure.subscription, wish, TAGS, kill_once)

    def kill_once(_: str) -> None:
        if not killed:
            killed.append(True)
            azure.sandbox.kill_arm()

    killed: list[bool] = []
    wish = azure.run(begin)
    with azure.scenario("slow_create", seconds=7.0):
        made = azure.run(create)
    assert killed
    assert made.state == "Succeeded"


@pytest.mark.slow
def test_throttling_that_does_not_end_is_a_problem(azure):
    async def work(session):
        return await find_resource_group(session, azure.subscription, "rg-none")

    with azure.scenario("throttled", retry_after=1):
        problem = azure.refusal(work)
    assert problem.code is Code.AZURE_THROTTLED
    assert problem.severity == "error"


def test_names_are_checked_by_their_own_rules():
    for fine in ("rg", "rg-1", "Größe_(1)", "a.b"):
        assert check_name(RESOURCE_GROUP, fine, "x") == fine
    for wrong in ("", "a.", "a/b", "a b", "x" * 91, "rg\n"):
        with pytest.raises(ProblemError):
            check_name(RESOURCE_GROUP, wrong, "x")


def test_importing_it_all_does_not_load_the_sdks():
    code = (
        "import pkgutil, importlib, sys, core.azure\n"
        "late = {'core.azure.pipeline'}\n"
        "for each in pkgutil.iter_modules(core.azure.__path__, 'core.azure.'):\n"
        "    if each.name not in late: importlib.import_module(each.name)\n"
        "heavy = ('azure', 'msal', 'aiohttp')\n"
        "sys.exit(', '.join(m for m in sys.modules if m.split('.')[0] in heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_progress_is_told_in_sentences(azure):
    told: list[str] = []

    async def work(session):
        namespace = await make_namespace(azure, session)
        from core.azure.namespaces import delete_namespace
        from core.azure.resource_groups import delete_resource_group

        place = (azure.subscription, namespace.resource_group)
        await delete_namespace(session, *place, namespace.name, told.append)
        await delete_resource_group(session, *place, nothing)
        return await find_resource_group(session, *place)

    assert azure.run(work) is None
