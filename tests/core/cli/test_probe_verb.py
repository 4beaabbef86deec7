"""``isthmus probe``: six rows for people, one value for machines, and the verdict behind both."""

from __future__ import annotations

import json

import pytest
from helpers.azure_sandbox import open_azure
from typer.testing import CliRunner

from core.cli import app
from core.kafka.probe import STAGES

GROUP, HUB = "rg-sandbox", "azure-logs"


class Verb:
    """The command on a profile of a sandbox with both emulators."""

    def __init__(self, folder):
        self.sandbox = open_azure(folder)
        self.hubs, arm = self.sandbox.event_hubs, self.sandbox.arm
        arm.request("adopt_first", resource_group=GROUP, location="eastasia")
        self.hubs.request("create_hub", name=HUB, partitions=2)
        policy = self.hubs.request("put_policy", name="reader", rights=["Listen"], hub=HUB)
        secrets = {
            "kafka.secret": policy["connection_string"],
            "wrong.secret": policy["connection_string"].replace("AccessKey=", "AccessKey=AAAA"),
            "azure.secret": self.sandbox.client_secret,
        }
        for name, text in secrets.items():
            (folder / name).touch(0o600)
            (folder / name).write_text(text, "utf-8")
        kafka = f"""
            schema_version = 1
            name = "probed"
            [kafka]
            bootstrap = "{self.hubs.ready["bootstrap"]}"
            topic = "{HUB}"
            connection_string = "file:kafka.secret"
            [network]
            ca_file = "{self.sandbox.ca_file}"
        """
        azure = f"""
            [azure]
            tenant = "{self.sandbox.tenant}"
            subscription = "{self.sandbox.subscription}"
            resource_group = "{GROUP}"
            location = "eastasia"
            [azure.sign_in]
            method = "service_principal"
            client_id = "{self.sandbox.client_id}"
            client_secret = "file:azure.secret"
            [azure.namespace]
            name = "{self.hubs.request("describe")["name"]}"
            [azure.event_hub]
            name = "{HUB}"
            [endpoints]
            arm = "{self.sandbox.endpoint}"
            authority = "{self.sandbox.endpoint}"
        """
        self.plain = folder / "plain.toml"
        self.plain.write_text(kafka, "utf-8")
        self.wrong = folder / "wrong.toml"
        self.wrong.write_text(kafka.replace("kafka.secret", "wrong.secret"), "utf-8")
        self.with_azure = folder / "azure.toml"
        self.with_azure.write_text(kafka + azure, "utf-8")

    def __call__(self, profile, *words):
        done = CliRunner().invoke(app, ["probe", "--profile", str(profile), *words])
        assert "Traceback" not in done.output
        return done

    def value(self, profile):
        return json.loads(self(profile, "--json").stdout.splitlines()[-1])

    def scenario(self, name, on, **options):
        self.hubs.request("scenario", name=name, on=on, **options)


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    made = Verb(tmp_path_factory.mktemp("probed"))
    yield made
    made.sandbox.close()


@pytest.fixture
def scenario(probe):
    begun = []

    def begin(name):
        probe.scenario(name, True)
        begun.append(name)

    yield begin
    for name in begun:
        probe.scenario(name, False)


def rows(text):
    marks = ("ok", "FAILED", "-")
    return [line.split()[:2] for line in text.splitlines() if line.startswith(marks)]


def test_people_see_six_rows(probe):
    done = probe(probe.plain)
    assert done.exit_code == 0
    names = ["resolve", "connect", "tls", "sign", "hub", "records"]
    assert rows(done.stderr) == [["ok", name] for name in names]
    assert "no record yet" in done.stderr
    assert done.stdout == "The event hub azure-logs can be reached and read.\n"


def test_a_row_fails_where_the_fault_is_and_those_behind_it_are_not_reached(probe, scenario):
    scenario("no_listen")
    done = probe(probe.plain)
    assert done.exit_code == 1
    assert rows(done.stderr)[-2:] == [["FAILED", "hub"], ["-", "records"]]
    assert "  do: Take a policy that has Listen" in done.stderr
    assert "code: kafka_no_listen" in done.stderr


def test_machines_get_one_value(probe, scenario):
    scenario("missing_hub")
    value = probe.value(probe.plain)
    assert set(value) == {"verdict", "code", "stages", "problem"}
    assert [stage["stage"] for stage in value["stages"]] == list(STAGES)
    assert (value["verdict"], value["code"]) == ("failed", "kafka_hub_not_found")
    assert value["problem"]["code"] == value["code"]


def test_azure_decides_what_the_wire_cannot(probe, scenario):
    scenario("basic_tier")
    assert probe.value(probe.plain)["code"] == "kafka_hub_denied"
    assert probe.value(probe.with_azure)["code"] == "kafka_basic_tier"


def test_a_rotated_key_is_told_from_a_wrong_one(probe, scenario):
    assert probe.value(probe.plain)["verdict"] == "ok"
    scenario("key_rotated")
    assert probe.value(probe.plain)["code"] == "kafka_key_rotated"
    assert probe.value(probe.wrong)["code"] == "kafka_wrong_key"


def test_azure_that_cannot_be_asked_stops_nothing(probe, scenario, tmp_path):
    scenario("firewall")
    text = probe.with_azure.read_text("utf-8").replace("azure.secret", "wrong.secret")
    profile = probe.with_azure.with_name("no-azure.toml")
    profile.write_text(text, "utf-8")
    done = probe(profile)
    assert "Azure was not asked: " in done.stderr
    assert "code: kafka_firewall" in done.stderr
