"""What the wizard's pages have done for them: the verbs of core, on a draft instead of a profile.

A page hands over its draft and a callback; everything here is free of widgets and may be cancelled.
Only ``apply`` (and ``do``) change a cloud, and ``save_profile`` the user's files.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.azure.discovery import Discovery, DiscoveryProgress, discover
from core.azure.event_hubs import EventHub, list_event_hubs
from core.azure.namespaces import NameCheck, Namespace, find_namespace, name_check
from core.azure.resource_groups import ResourceGroup, list_resource_groups
from core.azure.session import AzureSession
from core.azure.sign_in import DeviceCode, SignIn
from core.azure.subscriptions import Location, locations
from core.errors import Code, ProblemError, problem_error
from core.kafka.connection_string import key_fingerprint, parse_connection_string
from core.kafka.known_key import remember_key, worked_before
from core.kafka.probe import Cancellation, Probe, Stage, probe_hub
from core.kafka.settings import hub_access
from core.onboarding.action import Action, Plan
from core.onboarding.applying import OnAction, change_lock
from core.onboarding.applying import apply as carry_out
from core.onboarding.azure_half import look_at_azure
from core.onboarding.azure_session import (
    ACCOUNT_FILE,
    AzureAccess,
    azure_access,
    azure_session,
    azure_world,
    choose_subscription,
    open_azure,
    sign_in_to_azure,
)
from core.onboarding.credentials import fingerprint_of, note_kept
from core.onboarding.diagnosis import Verdict, control_plane_decides, diagnose
from core.onboarding.diagnosis_facts import ControlPlaneFacts, control_plane_facts
from core.onboarding.draft import Draft, SignedIn
from core.onboarding.pasted_key import take_connection_string
from core.onboarding.profile_text import profile_text
from core.onboarding.task import Progress
from core.onboarding.toml_text import toml_text
from core.paths import config_folder, state_folder
from core.profile import Profile, load_profile, parse_profile
from core.secrets import SecretRef, read_secret, write_secret
from core.secrets.stores import delete_secret
from core.settings import load_settings

_ASK_SECONDS = 15.0


class Errands:
    """The verbs for one draft.

    Attributes:
        draft: the answers.
        file: where its profile is, or will be.
        base: the profile that is edited, None for a new one; it holds the tables that the draft
            has no fields for.
        on_wait: told in a sentence when Azure asks to wait.
    """

    def __init__(self, draft: Draft, on_wait: Callable[[str], None] | None = None) -> None:
        """Raises ProblemError when the profile that is edited cannot be read."""
        self.draft = draft
        self.on_wait = on_wait
        self.base: Profile | None = None
        self.file = config_folder() / f"{draft.name}.toml"
        if draft.profile_file:
            self.file = Path(draft.profile_file)
            self.base = load_profile(draft.profile_file)

    # Profile

    def profile(self) -> Profile:
        """The profile that the draft describes. Raises ProblemError: its first error."""
        return parse_profile(self._text(), self.file)

    def save_profile(self) -> Path:
        """Write the profile to :attr:`file`, whole or not at all. Raises ProblemError."""
        text = self._text()
        if self.base is None and self.file.exists():
            raise problem_error(Code.PROFILE_EXISTS, "name", path=self.file)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.file.with_name(self.file.name + ".new")
            temporary.write_text(text, "utf-8")
            temporary.replace(self.file)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise problem_error(
                Code.PROFILE_NOT_WRITABLE, "name", path=self.file, reason=reason
            ) from None
        return self.file

    # Azure, looking only

    async def sign_in(self, on_device_code: Callable[[DeviceCode], None]) -> SignedIn:
        """Sign in as the draft says. Raises ProblemError."""
        account = await sign_in_to_azure(self.access(), on_device_code)
        return SignedIn(account.user or "service principal", account.tenant)

    async def who(self) -> SignedIn:
        """Who an earlier sign-in left. Raises ProblemError (azure_sign_in_needed)."""
        async with self.session() as session:
            account = await session.credential.account()
            return SignedIn(account.user or "service principal", account.tenant)

    async def sign_out(self) -> None:
        """Forget who signed in, on this machine only. Raises ProblemError."""
        async with self.session() as session:
            await asyncio.to_thread(session.credential.forget)

    async def discover(self, on_progress: Callable[[DiscoveryProgress], None]) -> Discovery:
        """All namespaces that the account can see. Raises ProblemError."""
        async with self.session() as session:
            return await discover(session, on_progress)

    async def locations(self) -> tuple[Location, ...]:
        """Regions of the chosen subscription. Raises ProblemError."""
        async with self.session() as session:
            chosen, _ = await choose_subscription(session, self.draft.discovery.subscription)
            return tuple([each async for each in locations(session, chosen)])

    async def resource_groups(self) -> tuple[ResourceGroup, ...]:
        """Resource groups of the chosen subscription. Raises ProblemError."""
        async with self.session() as session:
            chosen, _ = await choose_subscription(session, self.draft.discovery.subscription)
            return tuple([each async for each in list_resource_groups(session, chosen)])

    async def name_check(self) -> NameCheck:
        """Whether the namespace's name is free. Raises ProblemError."""
        async with self.session() as session:
            chosen, _ = await choose_subscription(session, self.draft.discovery.subscription)
            return await name_check(session, chosen, self.draft.namespace.name)

    async def find_namespace(self) -> Namespace | None:
        """The namespace, if it is there already. Raises ProblemError."""
        group, name = self.draft.resource_group.name, self.draft.namespace.name
        async with self.session() as session:
            chosen, _ = await choose_subscription(session, self.draft.discovery.subscription)
            return await find_namespace(session, chosen, group, name)

    async def event_hubs(self) -> tuple[EventHub, ...]:
        """The namespace's event hubs; none where it is not there yet. Raises ProblemError."""
        group, name = self.draft.resource_group.name, self.draft.namespace.name
        async with self.session() as session:
            chosen, _ = await choose_subscription(session, self.draft.discovery.subscription)
            if await find_namespace(session, chosen, group, name) is None:
                return ()
            return tuple([each async for each in list_event_hubs(session, chosen, group, name)])

    async def plan(self, on_action: Callable[[Action], None] | None = None) -> Plan:
        """What ``apply`` would do. Raises ProblemError."""
        async with azure_world(self.profile(), self.on_wait) as world:
            _, found = await look_at_azure(world, on_action)
            return found

    # Secrets

    def keep_secret(self, ref: SecretRef, value: str, where: str) -> None:
        """Keep ``value`` at ``ref``; blocking. Raises ProblemError."""
        if ref.scheme == "file":
            self.file.parent.mkdir(parents=True, exist_ok=True)
        write_secret(ref, value, self.file.parent, where)
        note_kept(state_folder(self.draft.name, self.file), ref, fingerprint_of(where, value))

    def keep_connection_string(self, ref: SecretRef, text: str) -> Draft:
        """Keep ``text`` at ``ref``, and the draft with its parts; blocking.

        Raises ProblemError (connection_string_invalid: nothing was kept).
        """
        where = "shared_access_policy.connection_string"
        parse_connection_string(text, where)
        self.keep_secret(ref, text.strip(), where)
        policy = self.draft.shared_access_policy
        if ref != self.draft.kafka_secret:
            policy = replace(policy, connection_string=ref)
        draft = replace(self.draft, shared_access_policy=policy)
        at = datetime.now().astimezone()
        return take_connection_string(draft, text, at, key_fingerprint(text))

    def forget_secret(self, ref: SecretRef, where: str) -> None:
        """Delete what is kept at ``ref``; blocking. Raises ProblemError."""
        delete_secret(ref, self.file.parent, where)

    # Verbs

    async def apply(
        self, shown: Plan, on_action: OnAction, progress: Progress
    ) -> tuple[Action, ...]:
        """Save the profile and carry out ``shown``, as the user saw it. Raises ProblemError."""
        self.save_profile()
        profile = load_profile(str(self.file))
        with change_lock(profile.state_folder):
            async with azure_world(profile, progress) as world:
                planned, _ = await look_at_azure(world)
                agreed = {action.id: action.kind for action in shown.actions}
                chosen = tuple(each for each in planned if each.task.id in agreed)
                return await carry_out(chosen, world, world.journal, on_action, progress, agreed)

    async def probe(self, on_stage: Callable[[Stage], None]) -> tuple[Probe, Verdict]:
        """Test the way to the hub and say what the result means; cancelling ends it at once.

        ``on_stage`` is called on another thread. Raises ProblemError when there is nothing to
        test yet.
        """
        profile = self.profile()
        access = hub_access(profile)
        cancellation = Cancellation()
        ended: asyncio.Future[Probe] = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()

        def settle(result: Probe) -> None:
            if not ended.done():
                ended.set_result(result)

        def work() -> None:
            result = probe_hub(access, on_stage, cancellation=cancellation)
            with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile
                loop.call_soon_threadsafe(settle, result)

        threading.Thread(target=work, name="probe", daemon=True).start()
        try:
            result = await ended
        finally:
            cancellation.cancel()
        folder = profile.state_folder
        if result.signed_in:
            remember_key(folder, access.connection_string)
        if result.problem is None:
            return result, Verdict(None)
        facts = None
        if control_plane_decides(result):
            with contextlib.suppress(ProblemError, TimeoutError):
                facts = await self._facts(profile)
        before = worked_before(folder, access.connection_string)
        return result, diagnose(result, access, facts, before)

    # Inside

    def access(self) -> AzureAccess:
        """The way to Azure, of a draft that may have no more than its first answers yet.

        Raises ProblemError.
        """
        part = self.draft.azure_sign_in
        secret = self._secret(part.client_secret, "azure_sign_in.client_secret")
        certificate = self._secret(part.certificate, "azure_sign_in.certificate")
        service = part.method == "service_principal"
        sign_in = SignIn(
            method=part.method,
            tenant=part.tenant,
            client_id=part.client_id,
            client_secret=secret if service else "",
            certificate=certificate.encode() if service else b"",
        )
        if self.base is not None and self.base.azure is not None:
            known = azure_access(self.base)
            return AzureAccess(known.cloud, sign_in, known.record_file, known.ca_file, known.proxy)
        from core.azure.clouds import cloud

        record = state_folder(self.draft.name, self.file) / ACCOUNT_FILE
        settings = load_settings()
        ca_file = Path(settings.ca_file) if settings.ca_file else None
        return AzureAccess(cloud(part.cloud), sign_in, record, ca_file, settings.proxy)

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[AzureSession]:
        """A session with what the sign-in left. Raises ProblemError."""
        async with open_azure(self.access(), self.on_wait) as session:
            yield session

    def _text(self) -> str:
        """The profile's text; a new one takes proxy and CA file from the machine's settings."""
        text = profile_text(self.draft, self.base)
        network = load_settings().network if self.base is None else {}
        return f"{text}\n{toml_text({'network': network})}" if network else text

    def _secret(self, ref: SecretRef | None, where: str) -> str:
        return read_secret(ref, self.file.parent, where) if ref is not None else ""

    async def _facts(self, profile: Profile) -> ControlPlaneFacts:
        azure = profile.azure_half
        async with asyncio.timeout(_ASK_SECONDS), azure_session(profile) as session:
            chosen, _ = await choose_subscription(session, azure.subscription)
            return await control_plane_facts(
                session, chosen, azure.resource_group, azure.namespace.name, hub_access(profile)
            )
