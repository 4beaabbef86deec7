"""``verify`` on the managed route tells a split that cuts batches from one that makes every record.

The hub, the import job and the transformation job are the sandbox's; the jobs are made by the SDK.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers.log_region import REGION, LogRegion
from helpers.namespaces import Namespace, open_namespace
from helpers.waiting import eventually

from core.alibaba.log_service.access import log_service_access
from core.alibaba.log_service.control import KafkaImport, Logstore, Transformation
from core.alibaba.log_service.splitting import splitting_spl
from core.errors import Code, ProblemError
from core.monitor.managed import ManagedComparison, compare_managed

GROUP = "isthmus-managed-test"
LIMIT = 10
BATCHES = (3, 25, 1, 11)
"""Records in each message; two hold more than ``LIMIT``."""
NOT_STRICT = b'{"records": [{"category": "Audit\nLogs"}, {"category": "SignInLogs"}]}'
"""Two records that only a repair can tell apart: a line break stands inside a text."""


@dataclass(frozen=True)
class Route:
    """A managed route of a test's own: a hub, two Logstores, no jobs yet."""

    region: LogRegion
    namespace: Namespace
    project: str
    hub: str

    def send(self, *values: bytes) -> None:
        self.namespace.produce(self.hub, list(values))

    def start(self, spl: str) -> None:
        """Make both jobs, as ``apply`` does but for the script."""

        async def make(logs):
            for name in ("raw", "records"):
                await logs.create_logstore(self.project, Logstore(name, shards=1))
            job = Transformation("isthmus-split", "split", "", "raw", spl, self.project, "records")
            await logs.create_transformation(self.project, job)
            access = self.namespace.access(self.hub)
            wish = KafkaImport(
                *("isthmus-import", "import", "", "raw", access.bootstrap, self.hub, GROUP),
                "earliest",
                self.namespace.connection_string,
            )
            await logs.create_kafka_import(self.project, wish)

        self.region.run(make)

    def compare(self) -> ManagedComparison:
        profile = self.region.profile(log_service={"project": self.project})
        stores = [log_service_access(profile, name) for name in ("raw", "records")]
        return compare_managed(
            self.namespace.access(self.hub), stores[0], stores[1], GROUP, "transformation"
        )

    def compared(self, messages: int, stored: int) -> ManagedComparison:
        """The comparison, once the import has read and the split has made that many."""

        def look() -> ManagedComparison | None:
            try:
                found = self.compare()
            except ProblemError as error:
                if error.problem.code is not Code.IMPORT_JOB_NOT_BEGUN:
                    raise
                return None
            read = (found.messages, found.message_logs, found.stored)
            return found if read == (messages, messages, stored) else None

        return eventually(look)


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    made = LogRegion(tmp_path_factory.mktemp("managed-cut"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def namespace(region):
    made = open_namespace(region.authority)
    yield made
    made.child.stop()


@pytest.fixture
def route(region, namespace):
    project = region.name("managed")
    region.child.request("create_project", name=project)
    namespace.create_hub(project, partitions=2)
    yield Route(region, namespace, project, project)
    region.run(lambda logs: logs.delete_project(project))


def batch(records: int) -> bytes:
    rows = [{"category": "SignInLogs", "number": number} for number in range(records)]
    return json.dumps({"records": rows}).encode()


def cutting() -> str:
    """Our own script with a limit, which is what the service's unknown default would be."""
    script = splitting_spl()
    assert script.count("expand-values ") == 1
    return script.replace("expand-values ", f"expand-values -limit={LIMIT} ")


def test_a_split_that_cuts_batches_is_told_apart_from_lost_messages(route):
    route.send(*map(batch, BATCHES))
    route.start(cutting())
    kept = sum(min(each, LIMIT) for each in BATCHES)
    found = route.compared(len(BATCHES), kept)
    assert (found.sent, found.missing) == (sum(BATCHES), sum(BATCHES) - kept)
    assert found.missing_messages == found.duplicated == 0
    assert found.problem is not None
    assert found.problem.code is Code.SPLIT_CUTS_BATCHES
    assert str(found.missing) in found.problem.cause
    assert any(each["record_logs"] < each["records"] for each in found.as_json()["differing"])
    ended = verify(route)
    assert ended.returncode == 1, ended
    assert ended.stdout.startswith("NOT complete")
    assert found.problem.cause in ended.stderr
    assert found.problem.code in ended.stderr


@pytest.mark.slow
def test_a_split_that_makes_every_record_is_complete_and_names_what_it_cannot_split(route):
    route.send(*map(batch, BATCHES), NOT_STRICT)
    route.start(splitting_spl())
    found = route.compared(len(BATCHES) + 1, sum(BATCHES) + 1)
    assert found.problem is None
    assert (found.sent, found.missing, found.duplicated) == (sum(BATCHES) + 1, 0, 0)
    assert (found.unsplit_messages, found.unsplit_records) == (1, 2)
    assert found.as_json()["differing"] == []


def verify(route: Route) -> subprocess.CompletedProcess[str]:
    """``isthmus verify`` as a user starts it."""
    folder, ready = Path(route.region.folder), route.region.ready
    access = route.namespace.access(route.hub)
    secret = folder / "kafka.secret"
    secret.touch(0o600)
    secret.write_text(access.connection_string)
    profile = folder / "cut.toml"
    profile.write_text(
        f"""
        schema_version = 1
        name = "cut"
        [kafka]
        bootstrap = "{access.bootstrap}"
        topic = "{route.hub}"
        connection_string = "file:kafka.secret"
        [alibaba]
        region = "{REGION}"
        access_key_id = "{ready["access_key_id"]}"
        access_key_secret = "file:key.secret"
        [log_service]
        endpoint = "{ready["endpoint"]}"
        project = "{route.project}"
        logstore = "raw"
        record_logstore = "records"
        [import]
        route = "managed"
        managed_group = "{GROUP}"
        [network]
        ca_file = "{route.region.ca_file}"
        [endpoints]
        log_service_address = "{ready["address"]}"
        """
    )
    return subprocess.run(
        [sys.executable, "-P", "-m", "core", "verify", "--profile", str(profile)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
