"""The profile that a sandbox writes into its folder; its secrets are files beside it."""

from __future__ import annotations

from typing import Any

from core.sandbox.options import (
    FIRST_NAMESPACE,
    HUB,
    LOCATION,
    LOGSTORE,
    NEW_NAMESPACE,
    PROJECT,
    RESOURCE_GROUP,
    RETENTION_HOURS,
    Options,
)

AZURE_SECRET, KAFKA_SECRET, ALIBABA_SECRET = "azure.secret", "kafka.secret", "alibaba.secret"
"""Files of the client secret, the connection string and the AccessKey secret."""

_HEAD = """\
# Written by the sandbox in this folder; its secrets are files beside it.
schema_version = 1
name = "sandbox"
"""

_WANTED_SETTINGS = """\

[[azure.diagnostic_settings]]
kind = "activity"
categories = ["Administrative", "Security", "Policy"]

[[azure.diagnostic_settings]]
kind = "entra"
categories = [
    "SignInLogs",
    "AuditLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
]
"""


def profile_text(info: dict[str, Any], options: Options) -> str:
    """The profile of the sandbox that ``info`` (``sandbox.json``) tells of.

    An empty sandbox's names what is to be made, and no address; another's fits what there is.
    """
    parts = [
        _HEAD,
        _azure(info, options),
        _kafka(info, options),
        _alibaba(info),
        _security_center(info),
        _places(info),
    ]
    return "\n".join(parts)


def _azure(info: dict[str, Any], options: Options) -> str:
    arm = info["arm"]
    partitions = "" if options.empty else f"partitions = {options.partitions}\n"
    settings = _WANTED_SETTINGS if options.empty else ""
    return f"""\
[azure]
tenant = "{arm["tenant"]}"
subscription = "{arm["subscription"]}"
resource_group = "{RESOURCE_GROUP}"
location = "{LOCATION}"

[azure.sign_in]
method = "service_principal"
client_id = "{arm["client_id"]}"
client_secret = "file:{AZURE_SECRET}"

[azure.namespace]
name = "{NEW_NAMESPACE if options.empty else FIRST_NAMESPACE}"

[azure.event_hub]
name = "{HUB}"
{partitions}retention_hours = {RETENTION_HOURS}
{settings}"""


def _kafka(info: dict[str, Any], options: Options) -> str:
    place = ""
    if not options.empty:
        place = f'bootstrap = "{info["event_hubs"]["bootstrap"]}"\ntopic = "{HUB}"\n'
    return f"""\
[kafka]
{place}start = "earliest"
session_timeout_s = 6
connection_string = "file:{KAFKA_SECRET}"
"""


def _alibaba(info: dict[str, Any]) -> str:
    logs = info["log_service"]
    return f"""\
[alibaba]
region = "cn-sandbox"
access_key_id = "{logs["access_key_id"]}"
access_key_secret = "file:{ALIBABA_SECRET}"

[log_service]
endpoint = "{logs["endpoint"]}"
project = "{PROJECT}"
logstore = "{LOGSTORE}"
"""


def _security_center(info: dict[str, Any]) -> str:
    center = info["security_center"]
    return f"""\
[security_center]
endpoint = "https://{center["endpoint"]}"
region_id = "{center["region_id"]}"
"""


def _places(info: dict[str, Any]) -> str:
    arm, logs = info["arm"], info["log_service"]
    center = info["security_center"]
    return f"""\
[network]
ca_file = "ca.pem"

[endpoints]
arm = "{arm["endpoint"]}"
authority = "{arm["authority"]}"
sts = "https://{center["endpoint"]}"
log_service_address = "{logs["address"]}"
"""
