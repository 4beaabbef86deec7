"""The tree of sources: what is ticked is what the draft says; categories come on demand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.drafts import GOOD
from helpers.wizard_road import Road
from PySide6.QtCore import Qt

from core.onboarding.draft import SettingDraft
from core.onboarding.steps import StepId
from core.sandbox.sandbox import Options, Sandbox
from gui.wizard.pages.source_choice import Source, chosen, toggled, totals, with_chosen
from gui.wizard.pages.source_tree import SourceTree

CHECKED, PARTLY = Qt.CheckState.Checked, Qt.CheckState.PartiallyChecked
ACTIVITY = Source("activity", "Activity log")
VAULT = Source("resource", "keys", "/subscriptions/s/resourceGroups/g/providers/a/b/keys", "a/b")


def test_groups_and_single_categories_exclude_each_other():
    assert toggled(("AuditEvent",), "group:audit", True) == ("group:audit",)
    assert toggled(("group:audit",), "group:allLogs", True) == ("group:allLogs",)
    assert toggled(("group:allLogs",), "group:audit", True) == ("group:audit",)
    assert toggled(("group:audit",), "AuditEvent", True) == ("AuditEvent",)
    assert toggled(("A", "B"), "A", False) == ("B",)


def test_a_choice_changes_the_setting_of_its_source_and_no_other():
    settings = (
        SettingDraft("entra", categories=("SignInLogs",)),
        SettingDraft("resource", "mine", ("AuditEvent",), VAULT.resource_id.upper()),
    )
    more = with_chosen(settings, ACTIVITY, ("Policy",))
    assert [each.kind for each in more] == ["activity", "entra", "resource"]
    assert totals(more) == (3, 3)
    other = with_chosen(more, VAULT, ("group:audit",))
    assert (other[2].name, other[2].categories) == ("mine", ("group:audit",))
    assert with_chosen(other, VAULT, ()) == more[:2]


def test_a_second_setting_of_a_source_keeps_its_name_and_what_it_sends():
    settings = (
        SettingDraft("activity", "first", ("Policy",)),
        SettingDraft("activity", "second", ("Security", "Alert")),
    )
    assert chosen(settings, ACTIVITY) == ("Policy", "Security", "Alert")
    fewer = with_chosen(settings, ACTIVITY, ("Policy", "Alert"))
    assert [(each.name, each.categories) for each in fewer] == [
        ("first", ("Policy",)),
        ("second", ("Alert",)),
    ]


@pytest.fixture
def tree(qtbot):
    made = SourceTree()
    qtbot.addWidget(made)
    made.add_fixed(ACTIVITY, ("Administrative", "Security", "Policy"))
    return made


def test_ticking_a_source_takes_all_its_categories_and_one_of_them_only_that(tree, qtbot):
    with qtbot.waitSignal(tree.changed) as told:
        tree.item_of("activity").setCheckState(0, CHECKED)
    assert told.args[0][0].categories == ("Administrative", "Security", "Policy")
    with qtbot.waitSignal(tree.changed) as told:
        tree.item_of("activity").child(1).setCheckState(0, Qt.CheckState.Unchecked)
    assert told.args[0][0].categories == ("Administrative", "Policy")
    assert tree.item_of("activity").checkState(0) is PARTLY
    assert tree.item_of("activity").text(2) == "Administrative, Policy"


def test_a_resource_whose_categories_are_not_known_is_asked_about(tree, qtbot):
    tree.add_resources((VAULT,))
    with qtbot.waitSignal(tree.categories_wanted) as told:
        tree.item_of(VAULT.key).setCheckState(0, CHECKED)
    assert told.args == [VAULT, True]
    tree.set_categories(VAULT, ("group:allLogs", "AuditEvent"))
    tree.choose(VAULT, ("group:allLogs",))
    assert tree.item_of(VAULT.key).checkState(0) is CHECKED
    tree.set_categories(VAULT, ())
    assert tree.item_of(VAULT.key).text(2) == "sends no logs"
    assert not tree.item_of(VAULT.key).flags() & Qt.ItemFlag.ItemIsUserCheckable


def test_a_chosen_resource_that_nobody_found_is_there_with_its_name(tree):
    tree.show_settings(GOOD.diagnostic_settings.settings)
    assert tree.found_resources == 1
    vault = GOOD.diagnostic_settings.settings[2].resource_id
    assert tree.item_of(vault.lower()).text(0) == "contoso-keys"
    assert tree.item_of(vault.lower()).text(2) == "Audit logs"


def test_two_thousand_resources_are_searched_and_stay_in_place(tree):
    pages = [
        [
            Source("resource", f"vault-{n:04d}", f"/subscriptions/s/{n}", "a/vaults", "eastasia")
            for n in range(at, at + 100)
        ]
        for at in range(0, 2000, 100)
    ]
    for page in pages:
        tree.add_resources(page)
    tree.sort_resources()
    assert tree.found_resources == 2000
    tree.keep_only(["vault-19"], False)
    assert tree.shown_resources == 100
    tree.keep_only([], True)
    assert tree.shown_resources == 0
    tree.keep_only([], False)
    assert tree.shown_resources == 2000


@pytest.mark.slow
def test_the_subscriptions_resources_arrive_while_the_page_is_used(jobs, qtbot, tmp_path):
    with Sandbox(tmp_path / "sandbox", Options(empty=True, logstore=True)) as sandbox:
        sandbox.child("azure").request(
            "add_resources", count=2000, type="Microsoft.KeyVault/vaults", location="eastasia"
        )
        road = Road(sandbox, jobs, qtbot)
        page = road.open(StepId.DIAGNOSTIC_SETTINGS)
        road.until(lambda: page.tree.found_resources >= 100)
        assert page.search.isEnabled()
        road.until(lambda: page.tree.found_resources >= 2000)
        road.until(lambda: jobs.running("diagnostic_settings.resources") is None)
        road.shot("settings-listed")
        assert road.writes() == []

        resources = page.tree._resources
        first = resources.child(0)
        first.setCheckState(0, CHECKED)
        road.until(lambda: len(road.draft.diagnostic_settings.settings) == 3)
        setting = road.draft.diagnostic_settings.settings[2]
        assert setting.kind == "resource"
        assert setting.location == "eastasia"
        assert setting.categories
        assert "3 sources" in page.counts.text()
        first.setExpanded(True)
        road.settle()
        road.shot("settings-chosen")

        page.search.setText(resources.child(7).text(0))
        road.until(lambda: page.tree.shown_resources == 1)
        road.shot("settings-searched")

        crowded = replace(setting, location="westeurope")
        part = replace(
            road.draft.diagnostic_settings,
            settings=(*road.draft.diagnostic_settings.settings[:2], crowded),
        )
        road.window.wizard.edit(replace(road.draft, diagnostic_settings=part))
        page.search.clear()
        road.until(lambda: page.notices.count() > 0)
        road.shot("settings-warned")
