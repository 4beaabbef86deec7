# ruff: noqa: E501 - sample data reads better with a row on a line
"""The settings and the diagnostic bundle with invented data, in each of their states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from screens.samples import NOW, flow_at

from core.diagnostic_bundle import Entry
from core.errors import Code, problem
from core.onboarding.credentials import Credential
from core.onboarding.profile_shelf import OnShelf
from core.onboarding.steps import StepId
from core.secrets import SecretRef
from core.settings import Settings
from gui.bundle import BundleDialog
from gui.dialogs import Choice, TextQuestion
from gui.shell import MainWindow

HOME = Path("/home/lena/.config/isthmus")
PROFILES = (
    OnShelf(HOME / "contoso-to-soc.toml", "contoso-to-soc", "ehns-contoso-soc / azure-logs", "contoso-soc-sg / azure_raw", "running", NOW),
    OnShelf(HOME / "factory-logs.toml", "factory-logs", "ehns-plant-field-01 / plant-logs", "contoso-soc-sg / plant_raw", "applied", NOW - timedelta(days=12)),
    OnShelf(Path("/srv/isthmus/migration.toml"), "migration", "ehns-soc-migration-tmp / azure-logs", "", "new", NOW - timedelta(days=1)),
    OnShelf(HOME / "old.toml", "old", "", "", "unreadable", NOW - timedelta(days=90), problem(Code.PROFILE_UNKNOWN_KEY, "old.toml, line 14: kafka.grop", key="kafka.grop", hint="")),
)  # fmt: skip
CREDENTIALS = (
    Credential("kafka.connection_string", SecretRef("store", "contoso-to-soc-kafka"), "isthmus-listen", "kept", "7f3a91c2", NOW - timedelta(minutes=12)),
    Credential("azure.sign_in.client_secret", SecretRef("store", "contoso-to-soc-azure"), "9d1f6a20-0000-4000-8000-00000000002a", "kept", "b0c4e817", None),
    Credential("alibaba.access_key_secret", SecretRef("file", "alibaba.secret"), "LTAI5tExample", "missing"),
    Credential("alibaba.security_token", SecretRef("env", "ALIBABA_CLOUD_SECURITY_TOKEN"), "LTAI5tExample", "kept", "51d2aa09"),
)  # fmt: skip


def _window(jobs, choice, key: str, fill: Callable) -> Callable:
    def made():
        window = MainWindow(jobs)
        window.choose_theme(choice)
        window.saver.keep = lambda flow, at_once=False: None
        window.show_flow(flow_at(StepId.KAFKA_TEST))
        for page in (
            window.settings.profiles,
            window.settings.credentials,
            window.settings.network,
        ):
            page.entered = lambda: None
            page.look = lambda: None
        window.settings.credentials.look = lambda: None
        window.settings.network.load = lambda: None
        window.show_settings(key)
        fill(window.settings)
        return window

    return made


def _profiles(at: int) -> Callable:
    def fill(view):
        view.profiles.show_profiles(PROFILES)
        if PROFILES:
            view.profiles.table.select(PROFILES[at])

    return fill


def _credentials(view) -> None:
    view.credentials.choice.show_profiles(PROFILES)
    view.credentials.show_credentials(CREDENTIALS)


def _network(bad: bool) -> Callable:
    def fill(view):
        page = view.network
        page.choice.show_profiles(PROFILES)
        page.show_settings(Settings())
        page.proxy.show_value(
            "http://lena:hunter2@proxy.contoso.com:8080" if bad else "http://proxy.contoso.com:8080"
        )
        page._on_edited()
        if bad:
            page.proxy.reveal()
        page.ca_file.show_value("/etc/ssl/contoso-inspection.pem")
        from core.onboarding.network_settings import Authorities

        page._on_looked("/etc/ssl/contoso-inspection.pem", Authorities(2))
        page._offer()

    return fill


def _bundle():
    entries = (
        Entry("versions.json", "Versions of Isthmus, Python, the system and the SDKs", '{\n  "made_at": "2026-11-22T14:02:48+00:00",\n  "python": "3.11.7",\n  "isthmus": "0.1.0",\n  "confluent-kafka": "2.16.1"\n}\n'),
        Entry("problem.json", "The problem that was shown", '{"code": "kafka_key_rotated"}\n' * 3),
        Entry("profile.toml", "The profile; it names where secrets are kept", "schema_version = 1\n" * 40),
        Entry("state/journal.jsonl", "What apply set out to make and made", "{}\n" * 900),
        Entry("state/applied.json", "Where the event hub is, as applied", "{}\n" * 90),
        Entry("window.log", "What this program logged since its start", "x\n" * 9000),
    )  # fmt: skip
    return BundleDialog(None, entries)


def _ip_rule():
    text = (
        "The IP rules of contoso-security let in: 203.0.113.0/24. One rule more is added, and nothing else changes. "
        "The command isthmus remove leaves it there."
    )
    made = TextQuestion(
        None, "Let this machine into contoso-security?", text, "Add the IP rule", "cloud-up"
    )
    made.show_command(
        lambda typed: (
            f"az eventhubs namespace network-rule-set ip-rule add --resource-group rg-isthmus --namespace-name contoso-security --ip-rule ip-address={typed} action=Allow"
        )
    )
    made.ask("Address or range", "198.51.100.24", "This machine goes out with this address.")
    return made


def _closing():
    text = (
        "What was made stays and is written down. The next start offers to resume: Review then shows what is still "
        "missing, and only that is made. Stopping in the middle of an action leaves Azure to finish it; the next look finds it."
    )
    return Choice(
        None,
        "A plan is being carried out",
        text,
        ("Close after this action", "Stop now and close", "Leave it open"),
    )


def pictures(jobs, choice) -> dict[str, Callable]:
    """Name -> what makes the widget."""
    return {
        "settings-profiles": _window(jobs, choice, "profiles", _profiles(2)),
        "settings-profiles-applied": _window(jobs, choice, "profiles", _profiles(0)),
        "settings-profiles-unreadable": _window(jobs, choice, "profiles", _profiles(3)),
        "settings-profiles-none": _window(jobs, choice, "profiles", lambda view: view.profiles.show_profiles(())),
        "settings-credentials": _window(jobs, choice, "credentials", _credentials),
        "settings-network": _window(jobs, choice, "network", _network(False)),
        "settings-network-refused": _window(jobs, choice, "network", _network(True)),
        "settings-appearance": _window(jobs, choice, "appearance", lambda view: None),
        "bundle": _bundle,
        "question-ip-rule": _ip_rule,
        "question-apply": _closing,
    }  # fmt: skip
