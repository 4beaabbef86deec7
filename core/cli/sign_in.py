"""``isthmus sign-in azure``."""

from __future__ import annotations

from typing import Annotated

import typer

from core.azure.sign_in import DeviceCode
from core.cli.output import JsonFlag, Output, ProfileOption, guarded
from core.onboarding.azure_session import azure_access, sign_in_to_azure
from core.profile import load_profile
from core.runtime import Runtime


def sign_in(
    cloud: Annotated[str, typer.Argument(help="azure.")],
    profile: ProfileOption,
    as_json: JsonFlag = False,
) -> None:
    """Sign in as the profile says; later commands use what is left of it."""
    if cloud != "azure":
        raise typer.BadParameter("azure", param_hint="cloud")
    output = Output(as_json)

    def on_device_code(code: DeviceCode) -> None:
        output.value({"device_code": {"uri": code.uri, "code": code.code}})
        output.note(f"Open {code.uri} in a browser and enter the code {code.code}")

    with guarded(output), Runtime() as runtime:
        access = azure_access(load_profile(profile))
        account = runtime.run(sign_in_to_azure(access, on_device_code))
        output.value(
            {"user": account.user, "tenant": account.tenant, "remembered": account.remembered}
        )
        output.say(f"Signed in: {account.user or 'service principal'}, tenant {account.tenant}.")
        if not account.remembered:
            output.say("This machine has no store for tokens: it holds for this command only.")
