"""The settings in the real window: profiles, credentials, network, appearance."""

from __future__ import annotations

import json
import os
import ssl
from pathlib import Path

import pytest
from helpers.view_loop import dialog_of, view_loop
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QWidget
from screens.samples import flow_at

from core.onboarding.credentials import FILE_NAME, credentials
from core.onboarding.draft import Draft
from core.onboarding.errands import Errands
from core.onboarding.journal import Journal, Thing
from core.onboarding.profile_shelf import shelf
from core.onboarding.steps import StepId
from core.paths import config_folder, state_folder
from core.profile import load_profile
from core.settings import Settings, load_settings, save_settings
from gui.dialogs import Question, TextQuestion
from gui.shell import MainWindow
from gui.theme import Choice

CANARY = "Zm9yLXRlc3RzLW9ubHktY2FuYXJ5LWtleS0wMQ=="
STRING = (
    "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=isthmus-listen;"
    f"SharedAccessKey={CANARY};EntityPath=azure-logs"
)
PROFILE = """\
schema_version = 1
name = "{name}"

[kafka]  # how the hub is read
bootstrap = "contoso.servicebus.windows.net:9093"
topic = "azure-logs"
group = "soc"
connection_string = "file:{name}.secret"

[alibaba]
region = "ap-southeast-1"
access_key_id = "LTAIexample"
access_key_secret = "env:ISTHMUS_TEST_SECRET"

[log_service]
project = "contoso-soc"
logstore = "azure-raw"
"""


@pytest.fixture(autouse=True)
def _loop(qapp):
    with view_loop(qapp):
        yield


def profile(name: str, folder: Path | None = None) -> Path:
    folder = folder or config_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(PROFILE.format(name=name), "utf-8")
    return path


def secret(path: Path, value: str = STRING) -> Path:
    file = path.with_name(f"{path.stem}.secret")
    file.touch(0o600)
    file.write_text(value)
    return file


def until(qtbot, condition) -> None:
    qtbot.waitUntil(condition, timeout=10_000)


def shown(qtbot, page, names: list[str]) -> None:
    until(qtbot, lambda: [each.name for each in page.table.model.shown] == names)


def answer(qtbot, kind: type, act) -> None:
    until(qtbot, lambda: dialog_of(kind) is not None)
    act(dialog_of(kind))
    until(qtbot, lambda: dialog_of(kind) is None)


def test_a_start_does_not_wait_for_the_settings(window):
    window.show_flow(flow_at(StepId.RESOURCE_GROUP))
    window.choose_theme(Choice.DARK)
    window.show_welcome()
    assert "settings" not in vars(window)
    window.show_settings("appearance")
    assert window.settings.appearance.radios[Choice.DARK].isChecked()


def test_settings_open_by_key_and_by_mouse_and_lead_back(window, qtbot):
    window.show_flow(flow_at(StepId.RESOURCE_GROUP))
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert window._stack.currentWidget() is window.settings
    assert window.focusWidget() is window.settings.nav
    qtbot.keyClick(window.settings.nav, Qt.Key.Key_Down)
    assert window.settings.page is window.settings.credentials
    qtbot.keyClick(window.settings.nav, Qt.Key.Key_Escape)
    assert window._stack.currentWidget() is window.wizard
    window.show_welcome()
    qtbot.mouseClick(window.welcome.settings_button, Qt.MouseButton.LeftButton)
    assert window._stack.currentWidget() is window.settings
    qtbot.mouseClick(window.settings.back_button, Qt.MouseButton.LeftButton)
    assert window._stack.currentWidget() is window.welcome


def test_profiles_are_listed_with_what_they_are(window, qtbot, tmp_path):
    profile("alpha")
    applied = profile("beta")
    (config_folder() / "gamma.toml").write_text("schema_version = 1\nname = 3\n")
    journal = Journal(load_profile(str(applied)).state_folder)
    journal.write("begin", "azure/x", "create", Thing("namespace", "x"))
    page = window.settings.profiles
    window.show_settings("profiles")
    shown(qtbot, page, ["alpha", "beta", "gamma"])
    assert [each.state for each in page.table.model.shown] == ["new", "applied", "unreadable"]
    assert page.table.model.shown[0].source == "contoso / azure-logs"
    assert page.table.model.shown[0].target == "contoso-soc / azure-raw"
    page.table.select(page.table.model.shown[1])
    assert not page.rename_button.isEnabled()
    assert "keeps its name" in page.reason.text()
    page.table.select(page.table.model.shown[2])
    assert not page.open_button.isEnabled()
    assert page.table.selected.problem is not None
    assert "put right" in page.reason.text()


def test_a_profile_is_opened_from_the_list(window, qtbot):
    path = profile("alpha")
    window.show_settings("profiles")
    shown(qtbot, window.settings.profiles, ["alpha"])
    with qtbot.waitSignal(window.profile_chosen) as asked:
        window.settings.profiles.open_button.click()
    assert asked.args == [path]


def test_renaming_keeps_comments_the_secret_and_what_is_being_edited(window, qtbot):
    from core.onboarding.profile_text import draft_of

    path = profile("alpha")
    kept = secret(path)
    state = load_profile(str(path)).state_folder
    state.mkdir(parents=True)
    (state / "azure-account.json").write_text("{}")
    draft = draft_of(load_profile(str(path)))
    flow = flow_at(StepId.RESOURCE_GROUP)
    window.show_flow(type(flow)(flow.current, flow.history, flow.visited, draft))
    window.show_settings("profiles")
    page = window.settings.profiles
    shown(qtbot, page, ["alpha"])
    page.rename_button.click()

    def type_it(box: TextQuestion) -> None:
        assert box.field.line.selectedText() == "alpha"
        qtbot.keyClick(box.field.line, Qt.Key.Key_Backspace)
        assert not box.verb.isEnabled()
        qtbot.keyClicks(box.field.line, "omega")
        box.verb.click()

    answer(qtbot, TextQuestion, type_it)
    shown(qtbot, page, ["omega"])
    assert not path.exists()
    text = (config_folder() / "omega.toml").read_text()
    assert "# how the hub is read" in text
    renamed = load_profile("omega")
    assert (renamed.name, renamed.group) == ("omega", "soc")
    assert renamed.kafka_secret.name == kept.name
    assert (renamed.state_folder / "azure-account.json").exists()
    assert window.wizard.flow.draft.profile_file == str(renamed.file)
    assert window.wizard.flow.draft.name == "omega"


def test_a_name_that_is_taken_or_none_is_said_and_nothing_is_changed(window, qtbot):
    first, _ = profile("alpha"), profile("beta")
    window.show_settings("profiles")
    page = window.settings.profiles
    shown(qtbot, page, ["alpha", "beta"])
    for name in ("beta", "a/b"):
        page.rename_button.click()
        answer(qtbot, TextQuestion, lambda box, name=name: _name(qtbot, box, name))
        until(qtbot, lambda: page.problem_panel.problem is not None)
        page.problem_panel.clear()
    assert first.exists()
    assert sorted(each.name for each in config_folder().glob("*.toml")) == [
        "alpha.toml",
        "beta.toml",
    ]


def _name(qtbot, box: TextQuestion, name: str) -> None:
    box.field.line.clear()
    qtbot.keyClicks(box.field.line, name)
    box.verb.click()


def test_a_duplicate_takes_no_records_from_the_first(window, qtbot):
    path = profile("alpha")
    window.show_settings("profiles")
    page = window.settings.profiles
    shown(qtbot, page, ["alpha"])
    page.duplicate_button.click()
    answer(qtbot, TextQuestion, lambda box: box.verb.click())
    shown(qtbot, page, ["alpha", "alpha-2"])
    assert page.table.selected.name == "alpha-2"
    first, second = load_profile(str(path)), load_profile("alpha-2")
    assert first.group != second.group
    assert first.state_folder != second.state_folder


def test_off_the_list_is_not_gone_and_comes_back(window, qtbot):
    path = profile("alpha")
    window.show_settings("profiles")
    page = window.settings.profiles
    shown(qtbot, page, ["alpha"])
    page.remove_button.click()
    shown(qtbot, page, [])
    assert path.exists()
    assert page.table.empty.isVisibleTo(page)
    assert page.add_button.isVisible()
    assert not page.open_button.isVisible(), "nothing is off without a reason"
    page.put_back(path)
    shown(qtbot, page, ["alpha"])


def test_profiles_from_elsewhere_stay_on_the_list(window, tmp_path, qtbot):
    other = profile("delta", tmp_path / "elsewhere")
    window.known.note(other)
    window.show_settings("profiles")
    shown(qtbot, window.settings.profiles, ["delta"])
    window.known.hide(other)
    window.known.note(other)  # opened once more
    assert other not in window.known.hidden
    other.unlink()
    assert shelf(window.known.opened) == ()


# Credentials


def all_texts(root: QWidget) -> str:
    """Whatever a screen, a screen reader or a tooltip could tell."""
    found = []
    for each in (root, *root.findChildren(QWidget)):
        found += [each.accessibleName(), each.accessibleDescription(), each.toolTip()]
        if isinstance(each, (QLabel, QLineEdit)):
            found.append(each.text())
        if isinstance(each, QPlainTextEdit):
            found.append(each.toPlainText())
    return "\n".join(found)


def credential_page(window, qtbot):
    window.show_settings("credentials")
    page = window.settings.credentials
    until(qtbot, lambda: "kafka.connection_string" in page.fields)
    return page


def test_a_secret_shows_whose_it_is_its_fingerprint_and_age_and_never_its_value(
    window, qtbot, monkeypatch
):
    monkeypatch.setenv("ISTHMUS_TEST_SECRET", CANARY)
    path = profile("alpha")
    secret(path)
    page = credential_page(window, qtbot)
    field = page.fields["kafka.connection_string"]
    (found,) = [
        each
        for each in credentials(load_profile(str(path)))
        if each.field == "kafka.connection_string"
    ]
    until(qtbot, lambda: "isthmus-listen" in field.shown.text())
    assert found.fingerprint[:4] in field.shown.text()
    assert "put there" in field.shown.text()
    of_environment = page.fields["alibaba.access_key_secret"]
    assert "LTAIexample" in of_environment.shown.text()
    assert "age not known" in of_environment.shown.text()
    assert not of_environment.replace.isEnabled()
    assert "ISTHMUS_TEST_SECRET" in of_environment._note.text()
    assert CANARY not in all_texts(window)


@pytest.mark.parametrize("at", [5, None, "yesterday", "0001-01-01", "2026-11-22T14:02:00"])
def test_what_was_noted_of_a_secret_may_be_damaged(window, qtbot, at):
    path = profile("alpha")
    secret(path)
    read = load_profile(str(path))
    known = {
        str(each.ref): {"fingerprint": each.fingerprint, "at": at} for each in credentials(read)
    }
    read.state_folder.mkdir(parents=True)
    (read.state_folder / FILE_NAME).write_text(json.dumps(known))
    page = credential_page(window, qtbot)
    field = page.fields["kafka.connection_string"]
    until(qtbot, lambda: "isthmus-listen" in field.shown.text())
    assert page.problem_panel.problem is None


def test_a_secret_is_replaced_and_what_is_no_connection_string_is_refused(window, qtbot):
    path = profile("alpha")
    kept = secret(path)
    page = credential_page(window, qtbot)
    field = page.fields["kafka.connection_string"]
    until(qtbot, lambda: field.replace.isVisible())
    before = field.shown.text()
    field.replace.click()
    qtbot.keyClicks(field.entry, "no connection string")
    field.take.click()
    until(qtbot, lambda: "connection string" in field._note.text().lower())
    assert kept.read_text() == STRING
    other = STRING.replace(CANARY, "QW5vdGhlci1jYW5hcnkta2V5LWZvci10ZXN0cw==")
    field.entry.setText(other)
    field.take.click()
    until(qtbot, lambda: field.shown.text() not in ("", before) and field.replace.isVisible())
    assert kept.read_text().strip() == other
    assert os.name != "posix" or kept.stat().st_mode & 0o077 == 0
    assert "put there" in field.shown.text()
    assert other not in all_texts(window)


def test_a_secret_is_forgotten_only_after_a_question(window, qtbot):
    path = profile("alpha")
    kept = secret(path)
    page = credential_page(window, qtbot)
    field = page.fields["kafka.connection_string"]
    until(qtbot, lambda: field.forget.isVisible())
    field.forget.click()
    answer(qtbot, Question, lambda box: box.leave.click())
    assert kept.exists()
    field.forget.click()
    answer(qtbot, Question, lambda box: box.verb.click())
    until(qtbot, lambda: not kept.exists())
    until(qtbot, lambda: "Nothing is kept" in field._note.text())


def test_where_there_is_no_profile_the_page_says_so(window, qtbot):
    window.show_settings("credentials")
    page = window.settings.credentials
    until(qtbot, lambda: page.nothing.isVisible())
    assert not page.choice.field.isVisible()


# Network


def network_page(window, qtbot):
    window.show_settings("network")
    page = window.settings.network
    until(qtbot, page.proxy.line.isEnabled)
    return page


def authorities(path: Path) -> Path:
    found = ssl.get_default_verify_paths().cafile
    certificate = Path(found).read_text() if found and Path(found).exists() else ""
    begin, end = certificate.find("-----BEGIN"), certificate.find("-----END CERTIFICATE-----")
    path.write_text(certificate[begin:end] + "-----END CERTIFICATE-----\n")
    return path


def test_a_proxy_is_checked_as_one_types(window, qtbot):
    page = network_page(window, qtbot)
    line = page.proxy.line
    qtbot.keyClicks(line, "http://lena:hunter2@proxy:8080")
    until(qtbot, lambda: "password" in page.proxy.shown_problem)
    assert not page.save.isEnabled()
    assert "hunter2" not in page.proxy.shown_problem
    line.clear()
    qtbot.keyClicks(line, "https://proxy:8080")
    until(qtbot, lambda: "http://host:port" in page.proxy.shown_problem)
    line.clear()
    qtbot.keyClicks(line, "http://proxy.contoso.com:8080")
    until(qtbot, lambda: page.save.isEnabled())
    page.save.click()
    until(qtbot, lambda: load_settings() == Settings("http://proxy.contoso.com:8080"))
    until(qtbot, lambda: page.reason.text() == "Nothing is changed")


def test_a_ca_file_is_read_before_it_is_kept(window, qtbot, tmp_path):
    page = network_page(window, qtbot)
    nothing = tmp_path / "no.pem"
    nothing.write_text("not a certificate")
    page.ca_file.line.setFocus()
    qtbot.keyClicks(page.ca_file.line, str(nothing))
    until(qtbot, lambda: "cannot be used" in page.ca_file.note.text())
    assert not page.save.isEnabled()
    page.ca_file.line.clear()
    qtbot.keyClicks(page.ca_file.line, str(authorities(tmp_path / "ca.pem")))
    until(qtbot, lambda: "is trusted" in page.ca_file.note.text())
    page.save.click()
    until(qtbot, lambda: load_settings().ca_file == str(tmp_path / "ca.pem"))


def test_the_settings_of_the_machine_go_into_a_new_import():
    save_settings(Settings("http://proxy.contoso.com:8080", "/etc/ssl/contoso.pem"))
    errands = Errands(Draft())
    access = errands.access()
    assert access.proxy == "http://proxy.contoso.com:8080"
    assert access.ca_file == Path("/etc/ssl/contoso.pem")
    from helpers.drafts import GOOD

    assert Errands(GOOD).profile().network.proxy == "http://proxy.contoso.com:8080"


def test_a_profile_has_its_own_proxy_and_its_comments_stay(window, qtbot):
    path = profile("alpha")
    page = network_page(window, qtbot)
    page.choice.field.show_value(str(path))
    page.choice.field.edited.emit()
    assert not page.proxy.line.isEnabled()
    until(qtbot, page.proxy.line.isEnabled)
    qtbot.keyClicks(page.proxy.line, "http://proxy:3128")
    until(qtbot, lambda: page.save.isEnabled())
    page.save.click()
    until(qtbot, lambda: load_profile(str(path)).network.proxy == "http://proxy:3128")
    assert "# how the hub is read" in path.read_text()
    assert load_settings() == Settings()
    until(qtbot, page.proxy.line.isEnabled)
    page.proxy.line.selectAll()
    qtbot.keyClick(page.proxy.line, Qt.Key.Key_Backspace)
    until(qtbot, lambda: page.save.isEnabled())
    page.save.click()
    until(qtbot, lambda: load_profile(str(path)).network.proxy == "")


# Appearance


def test_a_theme_is_chosen_and_remembered(window, jobs, qtbot):
    window.show_settings("appearance")
    page = window.settings.appearance
    qtbot.mouseClick(page.radios[Choice.DARK], Qt.MouseButton.LeftButton)
    assert window.welcome.theme_box.currentData() == "dark"
    window.choose_theme(Choice.HIGH_CONTRAST)
    assert page.radios[Choice.HIGH_CONTRAST].isChecked()
    window.close()
    second = MainWindow(jobs)
    qtbot.addWidget(second)
    assert second.settings.appearance.radios[Choice.HIGH_CONTRAST].isChecked()
    second.close()


@pytest.mark.parametrize("text", ['{"proxy": 3}', "[]", "{", "[" * 100_000, '{"colour": "red"}'])
def test_damaged_settings_are_said(window, qtbot, text):
    from core.settings import settings_file

    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text(text)
    window.show_settings("network")
    page = window.settings.network
    until(qtbot, lambda: page.problem_panel.problem is not None)
    assert page.problem_panel.problem.code == "settings_unreadable"


def test_state_folders_are_apart_for_profiles_of_one_name(tmp_path):
    one, two = profile("alpha"), profile("alpha", tmp_path / "b")
    assert state_folder("alpha", one) != state_folder("alpha", two)
