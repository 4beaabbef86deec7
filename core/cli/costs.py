"""``isthmus costs``: what the whole road costs a month, as far as prices are known."""

from __future__ import annotations

from typing import Annotated

import typer

from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.costs import CostLine
from core.kafka.flow_rate import APART_SECONDS, FlowRate, measure
from core.kafka.settings import hub_access
from core.onboarding.costs import WholeCost, whole_cost
from core.profile import load_profile

_NAMES = {"user": "your own Log Service", "dedicated": "the dedicated channel"}


def costs(
    profile: ProfileOption,
    records_per_s: Annotated[
        float,
        typer.Option("--records-per-s", min=0, max=1e7, help="Records a second; default: [costs]."),
    ] = 0.0,
    mean_bytes: Annotated[
        float,
        typer.Option(
            "--mean-bytes", min=0, max=1_048_576, help="Mean size of a record; default: [costs]."
        ),
    ] = 0.0,
    measured: Annotated[
        bool, typer.Option("--measure", help="Measure both at the hub: it takes a minute.")
    ] = False,
    apart: Annotated[
        float, typer.Option("--apart", min=1, help="Seconds between the two looks at the hub.")
    ] = APART_SECONDS,
    as_json: JsonFlag = False,
) -> None:
    """Estimate the costs of both clouds, line by line; nothing is asked of a price list online."""
    output = Output(as_json)
    with guarded(output):
        settings = load_profile(profile)
        if measured:
            output.note(f"measuring: two looks at the hub, {apart:g} s apart")
            flow = measure(hub_access(settings), apart)
            output.note(_told(flow))
            records_per_s = records_per_s or flow.records_per_s
            mean_bytes = mean_bytes or flow.mean_bytes
        found = whole_cost(settings, records_per_s, mean_bytes, measured)
        output.value(found.as_json())
        if not as_json:
            _show(found, output)


def _told(flow: FlowRate) -> str:
    return (
        f"{flow.messages:,} messages in {flow.seconds:.0f} s, {flow.records_per_message:.1f} "
        f"records each: {flow.records_per_s:,.1f} records/s of {flow.mean_bytes:,.0f} bytes "
        f"(mean of {flow.sampled_records:,})"
    )


def _show(found: WholeCost, output: Output) -> None:
    how = "measured" if found.measured else "as typed in"
    output.say(f"{found.records_per_s:,.1f} records/s of {found.mean_bytes:,.0f} bytes, {how}")
    _lines("Azure", found.azure, output)
    for kind, lines in found.by_type.items():
        _lines(f"Alibaba Cloud, with {_NAMES[kind]}", lines, output)
    if found.instead is not None:
        output.say(f"  {found.instead}")
    output.say()
    for each in found.sums:
        output.say(
            f"Known lines of this plan: {each.low:,.2f} to {each.high:,.2f} {each.currency} a month"
        )
    for line in found.unknown:
        output.say(f"Not in it: {line.what}")


def _lines(title: str, lines: tuple[CostLine, ...], output: Output) -> None:
    if lines:
        output.say()
        output.say(title)
    for line in lines:
        output.say(f"  {line}")
