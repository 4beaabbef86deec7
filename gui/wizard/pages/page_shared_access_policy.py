"""The policy whose key reads the hub: made with Listen only, the root one, or a pasted string."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from typing_extensions import override

from core.errors import Code, Problem
from core.onboarding.checks import ROOT_POLICY
from core.onboarding.draft import AccessPolicyDraft, Draft
from core.onboarding.steps import StepId
from core.secrets import SecretRef
from gui import dialogs, view_tasks
from gui.jobs import Jobs
from gui.widgets.banner import Banner
from gui.widgets.choice_card import ChoiceCards, Fact, Option
from gui.widgets.fields import TextField
from gui.widgets.layouts import holder, row
from gui.widgets.problem_panel import Remedy
from gui.widgets.secret_field import KnownSecret, SecretField
from gui.wizard.footer import Offer
from gui.wizard.pages.errand_page import ErrandPage
from gui.wizard.pages.secrets_shown import beside_profile, place_in_words
from gui.words import tr

_LISTEN = AccessPolicyDraft.name
_WHERE = "shared_access_policy.connection_string"
_HUB, _NAMESPACE, _ROOT, _PASTED = "hub", "namespace", "root", "pasted"


class SharedAccessPolicyPage(ErrandPage):
    """Four cards; the policy's name, or the connection string."""

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._pasting = False
        self._known: KnownSecret | None = None
        self.cards = ChoiceCards(tr("Policy"), _options())
        self.cards.picked.connect(self._on_picked)
        self.name_field = TextField(
            tr("Name of the policy"),
            tr("If it is there already it is used as it is."),
            machine=True,
        )
        self.name_field.line.setMinimumWidth(420)
        self.name_field.edited.connect(lambda: self.change(name=self.name_field.value().strip()))
        self.add_field("shared_access_policy.name", self.name_field)
        self.named = holder(row(self.name_field, None))
        self.secret = SecretField(
            tr("Connection string"), placeholder=tr("Endpoint=sb://… paste all of it")
        )
        self.secret.given.connect(self.keep)
        self.secret.forget_asked.connect(lambda: view_tasks.start(self._ask_to_forget()))
        self.root = Banner(
            "warn",
            tr("{policy} may do everything in the namespace", policy=ROOT_POLICY),
            tr(
                "Whoever has its key can also send, and delete event hubs. The documented "
                "procedure uses it; a policy with Listen only is enough."
            ),
        )
        self.body.addWidget(self.cards)
        self.body.addWidget(self.named)
        self.body.addWidget(self.secret)
        self.body.addWidget(self.root)
        self.body.addLayout(self.fixes)
        self.before_fixes = self.cards.cards[-1].radio

    @override
    def show_draft(self, draft: Draft) -> None:
        super().show_draft(draft)
        part = draft.shared_access_policy
        kept = part.result is not None and bool(part.result.value.fingerprint)
        pasted = kept or self._pasting
        root = part.name == ROOT_POLICY
        choice = _PASTED if pasted else _ROOT if root else part.scope
        self.cards.pick(choice)
        if self.name_field.value().strip() != part.name:
            self.name_field.show_value(part.name)
        self.named.setVisible(not pasted and not root)
        self.secret.setVisible(pasted)
        self.root.setVisible(root)
        self._show_known(draft)
        waits = pasted and not kept
        self.set_offer(Offer(reason=tr("Paste the connection string first") if waits else ""))

    @override
    def show_problems(self, problems: tuple[Problem, ...]) -> None:  # type: ignore[override]
        super().show_problems(each for each in problems if each.code is not Code.AZURE_ROOT_POLICY)

    def keep(self, text: str, ref: SecretRef | None = None) -> None:
        """Keep the connection string ``text``; nothing of it stays on the page."""
        place = ref or self.draft.kafka_secret
        job = self.run(
            "keep",
            lambda errands, _: asyncio.to_thread(errands.keep_connection_string, place, text),
            tr("Keeping the connection string"),
        )
        job.done.connect(self._on_kept)
        job.failed.connect(lambda problem: self._on_not_kept(problem, text))

    def forget(self) -> None:
        """Delete the connection string where it is kept."""
        ref = self.draft.kafka_secret
        job = self.run(
            "forget",
            lambda errands, _: asyncio.to_thread(errands.forget_secret, ref, _WHERE),
            tr("Forgetting the connection string"),
        )
        job.done.connect(lambda _: self._on_forgotten())
        job.failed.connect(
            lambda problem: self.fail(problem, tr("The connection string is still there"))
        )

    # Inside

    def _on_picked(self, value: str) -> None:
        part = self.draft.shared_access_policy
        self._pasting = value == _PASTED
        if value == _PASTED:
            self.show_draft(self.draft)
            self.secret.entry.setFocus()
            return
        name = _LISTEN if part.name == ROOT_POLICY or part.result else part.name
        if value == _ROOT:
            name = ROOT_POLICY
        scope = "hub" if value == _HUB else "namespace"
        self.change(name=name, scope=scope, result=None)

    def _on_kept(self, draft: Draft) -> None:
        kept, hub = draft.shared_access_policy, self.draft.event_hub
        self._pasting = True
        if not hub.name:
            hub = replace(hub, name=draft.event_hub.name)
        self.edited.emit(replace(self.draft, shared_access_policy=kept, event_hub=hub))
        self.secret.replace.setFocus()

    def _on_not_kept(self, problem: Problem, text: str) -> None:
        if problem.code is Code.CONNECTION_STRING_INVALID:
            self.secret.show_problem(f"{problem.cause} {problem.remedy}")
            self.secret.entry.setFocus()
            return
        file = beside_profile(self.draft.name, "kafka")
        words = tr("Keep it in a file that only you can read")
        remedy = Remedy(words, lambda: self.keep(text, file), "lock")
        offered = (remedy,) if problem.code is Code.SECRET_STORE_UNAVAILABLE else ()
        self.fail(problem, tr("The connection string could not be kept"), *offered)

    def _on_forgotten(self) -> None:
        self._pasting = True
        self.change(result=None, name=_LISTEN, scope="hub")
        self.secret.entry.setFocus()

    async def _ask_to_forget(self) -> None:
        title = tr("Forget the connection string?")
        text = tr("It is deleted where it is kept. The policy in Azure and its key stay.")
        if await dialogs.confirmed(self, title, text, tr("Forget it"), danger=True):
            self.forget()

    def _show_known(self, draft: Draft) -> None:
        result = draft.shared_access_policy.result
        known = None
        if result is not None and result.value.fingerprint:
            digest = result.value.fingerprint
            shown = " ".join(digest[at : at + 4] for at in range(0, min(len(digest), 8), 4))
            known = KnownSecret(
                result.value.policy, shown, result.at, place_in_words(draft.kafka_secret)
            )
        if known != self._known:
            self._known = known
            self.secret.show_known(known)


def _options() -> tuple[Option, ...]:
    return (
        Option(
            _HUB, tr("Listen on this hub"), tr("A policy of the event hub"),
            (Fact(tr("Reads this hub and nothing else")),
             Fact(tr("Made when you apply, its key fetched then"), "plain")),
            suggested=True,
        ),
        Option(
            _NAMESPACE, tr("Listen on the namespace"), tr("A policy of the namespace"),
            (Fact(tr("Reads every hub in it, also later ones")),
             Fact(tr("For an import that takes a namespace's policy only"), "plain")),
        ),
        Option(
            _ROOT, tr("Root policy"), ROOT_POLICY,
            (Fact(tr("May send, and delete event hubs"), "bad"),
             Fact(tr("As in the documented procedure, there already"), "plain")),
        ),
        Option(
            _PASTED, tr("Paste a connection string"), tr("From somebody else, or the portal"),
            (Fact(tr("Needs no right to read keys in Azure")),
             Fact(tr("Goes to the secret store at once"), "plain")),
        ),
    )  # fmt: skip
