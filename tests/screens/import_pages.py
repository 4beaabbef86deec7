# ruff: noqa: E501 - sample data reads better with a row on a line
"""The pages from diagnostic settings to Apply with invented data, in each of their states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

from helpers.drafts import LOGSTORE
from screens.samples import NOW, RECORD, flow_at

from core.engine.running import RunningEngine
from core.errors import Code, problem
from core.kafka.probe import Probe, SampleRow, Stage
from core.onboarding.action import Action, Kind, Plan, State
from core.onboarding.diagnosis import Action as Remedy
from core.onboarding.diagnosis import Verdict
from core.onboarding.draft import Probed, Verified
from core.onboarding.flow import Flow
from core.onboarding.steps import StepId
from gui.wizard.cloud_changes import CloudChanges
from gui.wizard.pages.page_apply import ApplyPage
from gui.wizard.pages.page_diagnostic_settings import DiagnosticSettingsPage
from gui.wizard.pages.page_import_task import ImportTaskPage
from gui.wizard.pages.page_kafka_test import KafkaTestPage
from gui.wizard.pages.page_review import ReviewPage
from gui.wizard.pages.plan_work import Carried, PlanFound
from gui.wizard.pages.source_choice import Source

WHO = "lena.ortiz@contoso.com"
SAMPLE = (
    SampleRow("2026-11-22T14:00:57.0200000Z", 0, 17988, "activitylogs", 1412, (("operationName", "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE"), ("resultType", "Success"))),
    SampleRow("2026-11-22T14:00:57.6440000Z", 0, 17988, "auditlogs", 2210, (("operationName", "Add service principal credentials"), ("resultType", "Success"))),
    SampleRow("2026-11-22T14:01:22.4810000Z", 2, 18204, "signinlogs", 3420, (("operationName", "Sign-in activity"), ("resultType", "0"))),
    SampleRow("2026-11-22T14:01:22.9030000Z", 2, 18204, "signinlogs", 3391, (("operationName", "Sign-in activity"), ("resultType", "50126"))),
    SampleRow("2026-11-22T14:01:23.1160000Z", 2, 18204, "signinlogs", 812, (("operationName", "Sign-in activity"), ("resultType", "0"))),
)  # fmt: skip


def plan(*, made: bool = False, blocked: bool = False) -> Plan:
    """The Azure part of contoso."""
    create = Kind.REUSE if made else Kind.CREATE
    command = "az eventhubs eventhub create --name azure-logs --resource-group rg-isthmus --partition-count 4"
    lacking = problem(
        Code.AZURE_PERMISSION_MISSING, "azure/diagnostic_setting", action="microsoft.aadiam/diagnosticSettings/write",
        role="Security Administrator", scope="/providers/microsoft.aadiam",
    )  # fmt: skip
    entra = Action(
        "azure/diagnostic_setting/entra/isthmus", "diagnostic_settings", Kind.CREATE,
        "send SignInLogs, AuditLogs of Entra ID to the hub (setting isthmus)", "usage", "az rest --method put --url https://management.azure.com/...",
        State.BLOCKED if blocked else State.PLANNED, lacking if blocked else None,
    )  # fmt: skip
    actions = (
        Action("azure/provider/Microsoft.EventHub", "namespace", Kind.REUSE, "resource provider Microsoft.EventHub is registered"),
        Action("azure/resource_group/rg-isthmus", "resource_group", create, "create the resource group rg-isthmus in eastasia", "none", "az group create --name rg-isthmus --location eastasia"),
        Action("azure/namespace/contoso-security", "namespace", create, "create the namespace contoso-security: Standard, 1 throughput unit, in eastasia", "running", "az eventhubs namespace create --name contoso-security --sku Standard --capacity 1"),
        Action("azure/event_hub/contoso-security/azure-logs", "event_hub", create, "create the event hub azure-logs: 4 partitions, 24 h retention", "usage", command),
        Action("azure/policy/azure-logs/isthmus-listen", "shared_access_policy", create, "create the shared access policy isthmus-listen (Listen) of the event hub", "none", "az eventhubs eventhub authorization-rule create --name isthmus-listen --rights Listen"),
        Action("azure/connection_string/store:contoso-to-soc-kafka", "shared_access_policy", create, "keep the connection string of policy isthmus-listen at store:contoso-to-soc-kafka"),
        Action("azure/diagnostic_setting/activity/isthmus", "diagnostic_settings", Kind.CHANGE, "let setting isthmus of the activity log send Administrative, Security to the hub", "usage", "az monitor diagnostic-settings subscription create --name isthmus"),
        entra,
    )  # fmt: skip
    costs = (
        "namespace contoso-security, Standard, 1 throughput unit: 21.90 USD a month (730 h; prices of 2026-11-22)",
    )
    request = "Please grant Security Administrator to lena.ortiz@contoso.com" if blocked else ""
    return Plan(actions, costs, request)


class NotThere(KafkaTestPage):
    """Nothing exists yet."""

    def entered(self) -> None:
        self._on_plan(PlanFound(plan(), WHO, 21.9))


class Tested(KafkaTestPage):
    """All stages passed."""

    seen = (
        ("parse", "policy isthmus-listen"), ("resolve", "20.43.132.17"), ("connect", "accepts connections on port 9093"),
        ("tls", "TLSv1.2, issuer Microsoft Azure RSA TLS Issuing CA 04"), ("sign_in", "signed in with policy isthmus-listen"),
        ("hub", "azure-logs has 4 partitions"), ("rights", "may read"), ("watermarks", "18,204 messages"),
        ("records", "5 records in the newest 2 messages: signinlogs 3, activitylogs 2; newest event 14:01:23"),
    )  # fmt: skip
    failing: tuple[str, Verdict] | None = None

    def entered(self) -> None:
        self.stages.begin()
        stages = []
        for place, (name, evidence) in enumerate(self.seen):
            failed = self.failing is not None and self.failing[0] == name
            stage = Stage(name, "failed" if failed else "ok", 0.04 + place * 0.05, evidence)
            stages.append(stage)
            self.stages.take(stage)
            if failed:
                break
        verdict = self.failing[1] if self.failing else Verdict(None)
        probe = Probe(stages, verdict.problem, sample=() if self.failing else SAMPLE)
        self._found = PlanFound(self.rest(), WHO, 21.9)
        self._on_tested((probe, verdict), self.draft)
        self._offer_way()

    def rest(self) -> Plan:
        return Plan(())


class Refused(Tested):
    """The key was regenerated."""

    failing = (
        "sign_in",
        Verdict(
            problem(Code.KAFKA_KEY_ROTATED, "kafka.connection_string", "SASL authentication error: Authentication failed (after 212 ms in state AUTH_REQ)",
                    policy="isthmus-listen", namespace="contoso-security", host="contoso-security.servicebus.windows.net", hub="azure-logs"),
            Remedy.FETCH_KEY_AGAIN, decided_by="control plane",
        ),
    )  # fmt: skip

    def rest(self) -> Plan:
        return Plan((replace(plan().actions[5], kind=Kind.CHANGE),))


class Kept(Tested):
    """Network rules keep this machine out."""

    failing = (
        "sign_in",
        Verdict(
            problem(Code.KAFKA_FIREWALL, "azure.namespace", "Ip has been prevented to connect to the endpoint",
                    policy="isthmus-listen", namespace="contoso-security", host="contoso-security.servicebus.windows.net", hub="azure-logs"),
            Remedy.ADD_IP_RULE, decided_by="control plane",
        ),
    )  # fmt: skip


class Busy(KafkaTestPage):
    """A job runs."""

    _is_busy = True
    makes = False

    def entered(self) -> None:
        self._job = SimpleNamespace(key="kafka_test.apply" if self.makes else "kafka_test.test")
        self._offer_way()


class Testing(Busy):
    """Under way."""

    def entered(self) -> None:
        super().entered()
        self.stages.begin()
        for name, evidence in Tested.seen[:4]:
            self.stages.take(Stage(name, "ok", 0.1, evidence))


class Making(Busy):
    """The Azure part is being made."""

    makes = True

    def entered(self) -> None:
        super().entered()
        _half_way(self.applying)
        self.applying.show()
        self.lead.set_prose("Making the Azure part. The test follows by itself.")


def _half_way(applying) -> None:
    actions = plan().actions
    applying.begin(plan())
    for each in actions[:4]:
        applying.on_action(replace(each, state=State.RUNNING))
        applying.on_action(replace(each, state=State.DONE))
    applying.on_action(replace(actions[4], state=State.RUNNING))
    applying.on_waiting("waiting for Azure to report the policy as made")
    applying._tick.stop()


class Sources(DiagnosticSettingsPage):
    """Resources have been found."""

    def entered(self) -> None:
        kinds = (
            "KeyVault/vaults",
            "Network/azureFirewalls",
            "ContainerService/managedClusters",
            "Sql/servers",
        )
        names = ("contoso-keys-prod", "fw-hub-sea", "aks-payments", "sql-crm")
        found = [
            Source("resource", f"{names[at % 4]}-{at:02d}", f"/subscriptions/s/resourceGroups/g/providers/Microsoft.{kinds[at % 4]}/{at}", f"Microsoft.{kinds[at % 4]}", "eastasia", "rg")
            for at in range(214)
        ]  # fmt: skip
        self.tree.add_resources(found)
        self.tree.sort_resources()
        self._listed_for = "x"
        vault = found[0]
        self.tree.set_categories(
            vault, ("group:allLogs", "group:audit", "AuditEvent", "AzurePolicyEvaluationDetails")
        )
        self.tree.choose(vault, ("AuditEvent",))
        self.tree.item_of(vault.key).setExpanded(True)
        self._say_shown()


class Running(ImportTaskPage):
    """Records arrive."""

    state = "running"

    def entered(self) -> None:
        self._engine = RunningEngine(48213, 0.0, 1, "x")
        self.view.begin("contoso-security / azure-logs \u2192 contoso-soc / azure_raw", 48213)
        self.stack.setCurrentWidget(self.view)
        for at in range(60):
            self.view.show_status(_status(at, self.state))
        rows = [_row(at) for at in range(1440) if at % 6 != 5 and at % 3][:480]
        self.view.tail.take({"rows": rows, "shown": 480, "hits": 480, "total": 480, "dropped": 0})
        self.view.tail.table.stop()
        self.view.tail.table.set_filter("event_service:signinlogs and resultType:50126")
        self.view.tail.table.freeze()
        self.view.tail.take(
            {"rows": rows[:412], "shown": 892, "hits": 892, "total": 892, "dropped": 0}
        )
        self.view.tail.table.stop()
        self.view.tail.table.view.selectRow(8)
        self._offer_way()


class Behind(Running):
    """More comes than is stored."""

    state = "behind"


class Partitions(Running):
    """The other tab."""

    def entered(self) -> None:
        super().entered()
        self.view.tabs.setCurrentIndex(1)


class Setup(ImportTaskPage):
    """Nothing runs."""

    def entered(self) -> None:
        self._fingerprint = "7f3a91c2"
        self.setup.show_secret(self.draft, self._fingerprint)
        self._offer_way()


class Empty(ImportTaskPage):
    """Nothing was answered."""

    def entered(self) -> None:
        self._offer_way()


def _status(at: int, state: str) -> dict:
    behind = state == "behind"
    lag = 48_210 if behind else 0
    return {
        "state": "running", "reason": "", "since": NOW.timestamp() - 3600, "workers": 1,
        "records": {"received": 9_412_000 + at * 648, "stored": 9_411_098 + at * 647, "repaired": 3, "dead_lettered": 2},
        "repairs": {}, "messages": 312_000, "rate_records_per_s": 640.0 + (at * 7 % 5) * 4,
        "lag": {"records": lag, "seconds": 74.0 if behind else None, "messages": lag // 30},
        "partitions": [
            {"id": each, "low": 0, "high": 18_204_117 + each, "committed": 18_204_117 - each * 9, "stored": 18_204_117, "lag": 312 if behind and each < 2 else 0}
            for each in range(4)
        ],
        "memory_bytes": 140 * 2**20, "problem": None,
    }  # fmt: skip


def _row(at: int) -> dict:
    users = ("m.tan", "d.okafor", "p.novak", "a.rossi", "j.weber")
    sign_in = at % 6 != 5
    fields = {name: value for name, value in RECORD.items() if isinstance(value, str)}
    fields |= {
        "operationName": "Sign-in activity" if sign_in else "Microsoft.Network/networkSecurityGroups/write",
        "Level": "3" if at % 9 == 7 else "4",
        "resultType": "50126" if at % 3 else "0",
        "properties": f'{{"userPrincipalName":"{users[at % 5]}@contoso.com","isInteractive":true,"status":{{"errorCode":50126}}}}',
    }  # fmt: skip
    time = f"2026-11-22T14:{at // 60:02d}:{at % 60:02d}.{at * 37 % 1000:03d}Z"
    return {
        "event_uid": f"486562d5.{at % 4}.{18_000 + at}.mwv8u5dm.0/3", "matches": [], "fields": fields,
        "event_service": "signinlogs" if sign_in else "activitylogs", "event_time": time,
    }  # fmt: skip


class Reviewed(ReviewPage):
    """The plan is made."""

    blocked = False

    def entered(self) -> None:
        self._show_found(PlanFound(plan(blocked=self.blocked), WHO, 21.9))
        self._offer_way()


class ReviewBlocked(Reviewed):
    """A right is missing."""

    blocked = True


class Applying(ApplyPage):
    """Half of it is done."""

    def entered(self) -> None:
        self.nothing.hide()
        _half_way(self.applying)
        self.applying.show()


class ApplyFailed(ApplyPage):
    """An action was refused."""

    def entered(self) -> None:
        self.nothing.hide()
        _half_way(self.applying)
        actions = [replace(each, state=State.DONE) for each in plan().actions]
        why = plan(blocked=True).actions[-1].problem
        actions[-1] = replace(actions[-1], state=State.FAILED, problem=why)
        self.applying.show()
        self.applying.end(tuple(actions))
        self._on_carried(Carried(tuple(actions), self.draft))


PICTURES: dict[str, tuple[StepId, Callable, CloudChanges | None]] = {
    "settings-tree": (StepId.DIAGNOSTIC_SETTINGS, Sources, None),
    "settings-looking": (StepId.DIAGNOSTIC_SETTINGS, type("Looking", (DiagnosticSettingsPage,), {"entered": lambda self: None}), None),
    "kafka-not-there": (StepId.KAFKA_TEST, NotThere, None),
    "kafka-making": (StepId.KAFKA_TEST, Making, CloudChanges(3, running=True)),
    "kafka-testing": (StepId.KAFKA_TEST, Testing, CloudChanges(7)),
    "kafka-passed": (StepId.KAFKA_TEST, Tested, CloudChanges(7)),
    "kafka-refused": (StepId.KAFKA_TEST, Refused, CloudChanges(7)),
    "kafka-kept-out": (StepId.KAFKA_TEST, Kept, CloudChanges(7)),
    "import-empty": (StepId.IMPORT_TASK, Empty, None),
    "import-setup": (StepId.IMPORT_TASK, Setup, CloudChanges(7)),
    "import-running": (StepId.IMPORT_TASK, Running, CloudChanges(7)),
    "import-behind": (StepId.IMPORT_TASK, Behind, CloudChanges(7)),
    "import-partitions": (StepId.IMPORT_TASK, Partitions, CloudChanges(7)),
    "review-plan": (StepId.REVIEW, Reviewed, None),
    "review-blocked": (StepId.REVIEW, ReviewBlocked, None),
    "apply-running": (StepId.APPLY, Applying, CloudChanges(3, running=True)),
    "apply-failed": (StepId.APPLY, ApplyFailed, CloudChanges(6)),
}  # fmt: skip
"""Name -> step, page and what the footer says."""


def flow_of(name: str) -> Flow:
    """The flow at the step of picture ``name``."""
    flow = flow_at(PICTURES[name][0])
    draft = flow.draft
    if not name.endswith("-empty"):
        draft = replace(draft, import_task=LOGSTORE)
    if name.startswith(("import", "apply")):
        passed = Verified(Probed("ok", "", 5, NOW), NOW)
        draft = replace(draft, kafka_test=replace(draft.kafka_test, result=passed))
    return replace(flow, draft=draft)
