"""The remedies of a failed Kafka test that Isthmus carries out: each a button, the first filled."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from core.onboarding.action import Plan
from gui import dialogs, view_tasks
from gui.jobs import Context, Job
from gui.widgets.problem_panel import Remedy
from gui.wizard.memory import memory_of
from gui.wizard.pages.errand_page import Verb, errand
from gui.wizard.pages.kafka_words import action_of
from gui.wizard.pages.plan_view import verb_of
from gui.words import tr

if TYPE_CHECKING:
    from core.onboarding.diagnosis import Verdict
    from core.onboarding.errands import Errands
    from core.onboarding.network_errands import Door
    from gui.wizard.pages.page_kafka_test import KafkaTestPage

_KEY = "azure/connection_string"
_CREATE = ("create_namespace", "create_event_hub")


def remedies(page: KafkaTestPage, verdict: Verdict | None) -> tuple[Remedy, ...]:
    """What can be done about ``verdict`` from the page; Test again is always among it."""
    again = Remedy(tr("Test again"), page.look, "reload")
    action = action_of(verdict) if verdict is not None else ""
    argument = verdict.argument if verdict is not None else ""
    plan = page.found_plan
    if action == "fetch_key_again":
        key = _key_part(plan)
        if key is not None:
            text = tr("Fetch key and test again")
            return Remedy(text, lambda: page.apply(key), "key", leads=True), again
    elif action == "use_other_hub":
        text = tr("Use {hub}", hub=argument)
        return Remedy(text, lambda: _use_hub(page, argument), leads=True), again
    elif action == "use_namespace_address":
        text = tr("Use {address}", address=argument)
        return Remedy(text, lambda: _use_address(page, argument), leads=True), again
    elif action == "add_ip_rule":
        text = tr("Let this machine in…")
        return Remedy(text, lambda: _ask_address(page), "cloud-up", leads=True), again
    elif action in _CREATE and plan is not None and plan.changes:
        return Remedy(verb_of(plan), lambda: page.apply(plan), "cloud-up", leads=True), again
    return (again,)


def _key_part(plan: Plan | None) -> Plan | None:
    """The part of ``plan`` that fetches the key; None: it is not needed, or not possible."""
    actions = plan.actions if plan is not None else ()
    chosen = tuple(each for each in actions if each.id.startswith(_KEY) and each.changes)
    return Plan(chosen) if chosen else None


def _use_hub(page: KafkaTestPage, name: str) -> None:
    hub = replace(page.draft.event_hub, name=name)
    page.edited.emit(replace(page.draft, event_hub=hub))
    page.look()


def _use_address(page: KafkaTestPage, address: str) -> None:
    """Have the profile connect to the namespace's own address."""

    async def verb(errands: Errands, context: Context) -> None:
        from core.onboarding.profile_edit import edit_profile

        file = await asyncio.to_thread(errands.save_profile)
        await asyncio.to_thread(edit_profile, file, {("kafka", "bootstrap"): address})

    job = _run(page, "address", verb, tr("Writing the address to the profile"))
    job.done.connect(page.look)
    job.failed.connect(lambda problem: page.fail(problem, tr("The profile was not changed")))


# Letting this machine past the network rules


def _ask_address(page: KafkaTestPage) -> None:
    async def verb(errands: Errands, context: Context) -> Door:
        from core.onboarding.network_errands import look_at_door

        return await look_at_door(errands)

    job = _run(page, "door", verb, tr("Reading the network rules of the namespace"))
    job.done.connect(lambda door: view_tasks.start(_ask(page, door)))
    job.failed.connect(
        lambda problem: page.fail(problem, tr("The network rules could not be read"))
    )


async def _ask(page: KafkaTestPage, door: Door) -> None:
    from core.onboarding.network_errands import check_address, command

    namespace = page.draft.namespace.name
    let_in = ", ".join(door.rules.ip_rules) or tr("no address")
    text = tr(
        "The IP rules of {namespace} let in: {rules}. One rule more is added, and nothing else "
        "changes. The command isthmus remove leaves it there.",
        namespace=namespace, rules=let_in,
    )  # fmt: skip
    draft = page.draft
    hint = (
        tr("This machine goes out with this address.")
        if door.own
        else tr(
            "Inside its own network this machine is {inside}; Azure sees another one, which the "
            "network team knows.",
            inside=door.inside or tr("not known yet"),
        )
    )
    address = await dialogs.named(
        page,
        tr("Let this machine into {namespace}?", namespace=namespace),
        text,
        tr("Add the IP rule"),
        door.own,
        label=tr("Address or range"),
        hint=hint,
        check=check_address,
        icon="cloud-up",
        command=lambda typed: command(draft, typed or "ADDRESS"),
    )
    if address is not None:
        _let_in(page, address)


def _let_in(page: KafkaTestPage, address: str) -> None:
    async def verb(errands: Errands, context: Context) -> object:
        from core.onboarding.network_errands import let_in

        return await let_in(errands, address)

    memory = memory_of(page.jobs, page.draft)
    page.changed_clouds.emit(memory.changes(running=True))
    job = _run(page, "let_in", verb, tr("Adding the IP rule {address}", address=address))
    job.done.connect(lambda _: _on_let_in(page))
    job.failed.connect(lambda problem: page.fail(problem, tr("The IP rule was not added")))
    job.ended.connect(lambda: page.changed_clouds.emit(memory.changes()))


def _on_let_in(page: KafkaTestPage) -> None:
    memory_of(page.jobs, page.draft).azure += 1
    page.look()


def _run(page: KafkaTestPage, key: str, verb: Verb, waiting: str) -> Job:
    """Start ``verb``; the problem stays in view, since the user may leave it at that."""
    job = page.jobs.start(f"{page.step}.{key}", errand(page.draft, verb), waiting)
    page.progress.follow(job)
    return job
