"""Signing in to Azure: which cloud, which way, and who it turned out to be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from core.errors import Code, Problem
from core.onboarding.draft import Draft
from core.onboarding.steps import StepId
from core.secrets import SecretRef
from gui import dialogs, view_tasks
from gui.jobs import Jobs
from gui.widgets.choice_card import ChoiceCards, Fact, Option
from gui.widgets.fields import ChoiceField, TextField
from gui.widgets.layouts import column, holder, row
from gui.widgets.problem_panel import Remedy
from gui.widgets.secret_field import KnownSecret, SecretField
from gui.widgets.text import Label
from gui.wizard.footer import Offer
from gui.wizard.pages.device_code_box import DeviceCodeBox
from gui.wizard.pages.errand_page import ErrandPage
from gui.wizard.pages.secrets_shown import beside_profile, place_in_words
from gui.wizard.pages.signed_in_box import SignedInBox
from gui.words import tr

_PLACE = "azure_sign_in.client_secret"


class AzureSignInPage(ErrandPage):
    """Cards for the ways, the fields that each needs, and who is signed in."""

    def __init__(self, step: StepId, jobs: Jobs) -> None:
        super().__init__(step, jobs)
        self._lost: Problem | None = None
        self._checked = False
        self._kept_at: datetime | None = None
        self.account = SignedInBox()
        self.account.again.clicked.connect(self.sign_in)
        self.account.out.clicked.connect(self._sign_out)
        self.cards = ChoiceCards(tr("Way to sign in"), _ways())
        self.cards.picked.connect(lambda value: self.change(method=value))
        self.name_field = TextField(tr("Name of this import"), width=240)
        self.name_field.edited.connect(self._on_name)
        self.cloud = ChoiceField(tr("Cloud"), width=240)
        self.cloud.show_choices(
            {"public": tr("Azure"), "china": tr("Azure China, run by 21Vianet")}
        )
        self.cloud.edited.connect(lambda: self.change(cloud=self.cloud.value()))
        self.tenant = TextField(tr("Tenant"), machine=True, width=240)
        self.tenant.edited.connect(lambda: self.change(tenant=self.tenant.value().strip()))
        self.client = TextField(tr("Application (client) id"), machine=True, width=240)
        self.client.edited.connect(lambda: self.change(client_id=self.client.value().strip()))
        self.secret = SecretField(tr("Client secret"), placeholder=tr("Paste it"))
        self.secret.given.connect(self._keep)
        self.secret.forget_asked.connect(lambda: view_tasks.start(self._ask_to_forget()))
        for where, field in (
            ("name", self.name_field),
            ("azure_sign_in.cloud", self.cloud),
            ("azure_sign_in.tenant", self.tenant),
            ("azure_sign_in.client_id", self.client),
        ):
            self.add_field(where, field)
        self._beside = QWidget()  # keeps the name half as wide where it stands alone
        self.code = DeviceCodeBox()
        first, second = (
            row(self.name_field, self.client, self._beside, gap=16),
            row(self.tenant, self.cloud, gap=16),
        )
        for part in (first, second):
            for at in range(part.count()):
                part.setStretch(at, 1)
        self.body.addWidget(self.account)
        self.body.addWidget(self.code)
        self.body.addWidget(holder(column(Label(tr("Way to sign in"), "name"), 4, self.cards)))
        self.body.addLayout(second)
        self.body.addLayout(first)
        self.body.addWidget(self.secret)

    # What the host asks for

    @override
    def show_draft(self, draft: Draft) -> None:
        super().show_draft(draft)
        part = draft.azure_sign_in
        service = part.method == "service_principal"
        self.name_field.show_value(draft.name)
        self.cloud.show_value(part.cloud)
        self.cards.pick(part.method)
        if self.tenant.value().strip() != part.tenant:
            self.tenant.show_value(part.tenant)
        self.tenant.set_hint(
            tr("Its id or a domain of it.")
            if service
            else tr("Its id or a domain of it. Empty: the account's own.")
        )
        if self.client.value().strip() != part.client_id:
            self.client.show_value(part.client_id)
        self.client.setVisible(service)
        self._beside.setVisible(not service)
        self.secret.setVisible(service)
        self._show_secret(part.client_secret)
        self._show_account()

    @override
    def show_problems(self, problems: Iterable[Problem]) -> None:
        found = tuple(problems)
        super().show_problems([each for each in found if each.where != _PLACE])
        self.errors = tuple(each for each in found if each.severity == "error")

    @override
    def entered(self) -> None:
        if self._is_fresh and not self._checked:
            job = self.run("who", _who, tr("Looking whether the sign-in still holds"))
            job.done.connect(lambda _: self._on_known(None))
            job.failed.connect(self._on_known)

    @override
    def go_on(self) -> None:
        if self._is_signed_in:
            super().go_on()
        elif self.errors:
            if not self.reveal_problems():
                self.secret.show_problem(tr("Paste the application's secret, then keep it."))
                self.secret.entry.setFocus()
        else:
            self.sign_in()

    @override
    def first_control(self) -> QWidget | None:
        """Who is signed in has nothing to do here but go on."""
        return None if self._is_signed_in else super().first_control()

    # Verbs

    def sign_in(self) -> None:
        """Sign in the chosen way."""
        asked = self.draft
        job = self.run(
            "sign_in",
            lambda errands, context: errands.sign_in(context.partial),
            _waits(asked.azure_sign_in.method),
        )
        job.arrived.connect(self.code.show_code)
        job.done.connect(lambda value: self._on_signed_in(value, asked))
        job.failed.connect(self._on_refused)
        job.ended.connect(self._on_ended)
        self.set_offer(Offer(reason=tr("Waiting for the sign-in")))

    def _sign_out(self) -> None:
        job = self.run("sign_out", lambda errands, _: errands.sign_out(), tr("Signing out"))
        job.done.connect(lambda _: self._on_signed_out())
        job.failed.connect(lambda problem: self.fail(problem, tr("The sign-in is still known")))

    def _keep(self, value: str, ref: SecretRef | None = None) -> None:
        part = self.draft.azure_sign_in
        place = ref or part.client_secret or SecretRef("store", f"{self.draft.name}-azure")
        job = self.run(
            "keep",
            lambda errands, _: asyncio.to_thread(errands.keep_secret, place, value, _PLACE),
            tr("Keeping the client secret"),
        )
        job.done.connect(lambda _: self._on_kept(place))
        job.failed.connect(lambda problem: self._on_not_kept(problem, value))

    async def _ask_to_forget(self) -> None:
        title = tr("Forget the client secret?")
        text = tr("It is deleted where it is kept. The application in Entra ID keeps it.")
        if await dialogs.confirmed(self, title, text, tr("Forget it"), danger=True):
            self._forget()

    def _forget(self) -> None:
        ref = self.draft.azure_sign_in.client_secret
        if ref is None:
            return
        job = self.run(
            "forget",
            lambda errands, _: asyncio.to_thread(errands.forget_secret, ref, _PLACE),
            tr("Forgetting the client secret"),
        )
        job.done.connect(lambda _: self.change(client_secret=None))
        job.failed.connect(
            lambda problem: self.fail(problem, tr("The client secret is still there"))
        )

    # What came of them

    def _on_signed_in(self, value: object, asked: Draft) -> None:
        self._lost, self._checked = None, True
        self.recorded.emit(value, asked)

    def _on_refused(self, problem: Problem) -> None:
        self.fail(problem, tr("Azure did not let you in"), *self._other_ways(problem))

    def _other_ways(self, problem: Problem) -> tuple[Remedy, ...]:
        again = Remedy(tr("Try again"), self.sign_in, "reload")
        if problem.code is Code.AZURE_BROWSER_UNAVAILABLE:
            use = Remedy(tr("Use a device code"), lambda: self._use("device_code"))
            return use, again
        if problem.code is Code.AZURE_DEVICE_CODE_BLOCKED:
            return Remedy(tr("Use the browser"), lambda: self._use("browser")), again
        return (again,)

    def _use(self, method: str) -> None:
        self.change(method=method)
        self.sign_in()

    def _on_ended(self) -> None:
        self.code.end()
        self._show_account()

    def _on_signed_out(self) -> None:
        self.change(result=None)

    def _on_known(self, problem: Problem | None) -> None:
        self._lost, self._checked = problem, True
        self._show_account()

    def _on_kept(self, ref: SecretRef) -> None:
        self._kept_at = datetime.now().astimezone()
        if ref == self.draft.azure_sign_in.client_secret:
            self._show_secret(ref, again=True)
        self.change(client_secret=ref)
        self.secret.replace.setFocus()

    def _on_not_kept(self, problem: Problem, value: str) -> None:
        file = beside_profile(self.draft.name, "azure")
        words = tr("Keep it in a file that only you can read")
        remedy = Remedy(words, lambda: self._keep(value, file), "lock")
        offered = (remedy,) if problem.code is Code.SECRET_STORE_UNAVAILABLE else ()
        self.fail(problem, tr("The client secret could not be kept"), *offered)

    # Shown

    @property
    def _is_fresh(self) -> bool:
        result = self.draft.azure_sign_in.result
        return result is not None and not result.stale

    @property
    def _is_signed_in(self) -> bool:
        return self._is_fresh and self._lost is None

    def _show_account(self) -> None:
        part = self.draft.azure_sign_in
        self.account.show_account(part, self._lost)
        if self.is_busy("sign_in"):
            return
        self.set_offer(Offer() if self._is_signed_in else Offer(tr("Sign in")))

    def _show_secret(self, ref: SecretRef | None, again: bool = False) -> None:
        known = None
        if ref is not None:
            name = tr("Client secret of this application")
            known = KnownSecret(name, "", self._kept_at, place_in_words(ref))
        if known != getattr(self, "_known", None) or again:
            self._known = known
            self.secret.show_known(known)

    def _on_name(self) -> None:
        self.edited.emit(replace(self.draft, name=self.name_field.value()))


async def _who(errands, context):  # type: ignore[no-untyped-def]
    return await errands.who()


def _waits(method: str) -> str:
    return {
        "browser": tr("Waiting for you to sign in in the browser"),
        "device_code": tr("Waiting for you to enter the code"),
        "cli": tr("Asking azure-cli for its sign-in"),
        "service_principal": tr("Signing in as the application"),
    }[method]


def _ways() -> tuple[Option, ...]:
    return (
        Option(
            "browser", tr("Browser"), tr("The sign-in page that you know"),
            (Fact(tr("Password, second factor and passkey as always")),
             Fact(tr("Needs a browser on this machine"), "plain")),
            suggested=True,
        ),
        Option(
            "device_code", tr("Device code"), tr("A code, entered on another device"),
            (Fact(tr("Works where there is no browser")),
             Fact(tr("Some tenants forbid it"), "plain")),
        ),
        Option(
            "cli", tr("Azure CLI"), tr("What az login left on this machine"),
            (Fact(tr("No second sign-in")), Fact(tr("Needs azure-cli"), "plain")),
        ),
        Option(
            "service_principal", tr("Service principal"), tr("An application's own identity"),
            (Fact(tr("For runs that nobody watches")),
             Fact(tr("Logs of Entra ID need a user instead"), "plain")),
        ),
    )  # fmt: skip
