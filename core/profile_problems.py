"""What is wrong with a profile, in words: which key, on which line, why, what fits."""

from __future__ import annotations

import difflib
import re
import typing
from typing import Any

from pydantic import BaseModel, ValidationError

from core.errors import Code, ProblemError, problem_error

_SECRETS = frozenset(
    {"connection_string", "access_key_secret", "security_token", "client_secret", "certificate"}
)
_EXPECTED = {
    "string_type": "text in double quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "model_type": "a table",
    "dict_type": "a table",
}
_MEANINGS = {
    "schema_version": "1, the version of this format",
    "name": "a name for this import",
    "azure": "a table [azure] with resource_group, location, namespace and event_hub",
    "azure.cloud": "public or china",
    "azure.tenant": "the tenant's id or its domain",
    "azure.subscription": "the subscription's id, 32 hexadecimal digits in five groups",
    "azure.resource_group": "a resource group's name: up to 90 letters, digits and - _ . ( )",
    "azure.location": "the region's short name, such as eastasia",
    "azure.sign_in.method": "browser, device_code, cli or service_principal",
    "azure.sign_in.client_id": "the application's id, 32 hexadecimal digits in five groups",
    "azure.sign_in.client_secret": "a reference such as store:contoso-azure",
    "azure.sign_in.certificate": "a reference such as file:isthmus.pem",
    "azure.sign_in": "a table [azure.sign_in] with method",
    "azure.namespace": "a table [azure.namespace] with name",
    "azure.namespace.name": "6 to 50 letters, digits and -, a letter first",
    "azure.namespace.sku": "Standard or Premium",
    "azure.namespace.throughput_units": "throughput units, 1 to 40",
    "azure.namespace.processing_units": "processing units, 1 to 16",
    "azure.namespace.auto_inflate": "true or false",
    "azure.namespace.max_throughput_units": "throughput units, up to 40; 0: the tier's bound",
    "azure.event_hub": "a table [azure.event_hub] with name",
    "azure.event_hub.name": "1 to 256 letters, digits and . _ -",
    "azure.event_hub.partitions": "partitions, 1 to 32 in a Standard namespace",
    "azure.event_hub.retention_hours": "hours, up to 168 in a Standard namespace",
    "azure.shared_access_policy.name": "up to 50 letters, digits and . _ -",
    "azure.shared_access_policy.scope": "hub or namespace",
    "azure.diagnostic_policy.name": "up to 50 letters, digits and . _ -",
    "azure.diagnostic_settings": "tables [[azure.diagnostic_settings]] with kind and categories",
    "kafka": "a table [kafka] with bootstrap, topic and connection_string",
    "kafka.bootstrap": "host:9093 of the namespace, such as contoso.servicebus.windows.net:9093",
    "kafka.topic": "the event hub's name",
    "kafka.group": "a consumer group's name that nothing else in the namespace uses",
    "kafka.start": "earliest, latest or a time such as 2026-11-24T00:00:00Z",
    "kafka.session_timeout_s": "seconds, 6 to 300",
    "kafka.connection_string": "a reference such as store:contoso-kafka",
    "alibaba": "a table [alibaba] with region; access_key_id and access_key_secret or neither",
    "alibaba.region": "a region's id, such as ap-southeast-1",
    "alibaba.access_key_id": "the AccessKey's id",
    "alibaba.access_key_secret": "a reference such as store:contoso-alibaba",
    "alibaba.security_token": "a reference to an STS token",
    "log_service": "a table [log_service] with project and logstore",
    "log_service.endpoint": "a host name such as ap-southeast-1.log.aliyuncs.com",
    "log_service.project": "the project's name: 3 to 63 of a-z, 0-9 and -",
    "log_service.logstore": "the Logstore's name: 3 to 63 of a-z, 0-9, - and _",
    "log_service.record_logstore": "a Logstore's name: 3 to 63 of a-z, 0-9, - and _",
    "log_service.ttl_days": "days, 1 to 3650; 3650 keeps logs for ever",
    "log_service.shards": "shards, 1 to 10; Log Service splits them further by itself",
    "log_service.auto_split": "true or false",
    "log_service.index": "true or false",
    "security_center": "a table [security_center]; it may be empty",
    "security_center.endpoint": "a host such as cloud-siem.ap-southeast-1.aliyuncs.com",
    "security_center.region_id": "cn-hangzhou or ap-southeast-1",
    "security_center.data_source": "a name for the data source",
    "security_center.data_source_type": "user or dedicated",
    "security_center.vendor": "a vendor's name",
    "security_center.product": "a product's name",
    "security_center.rule": "a standardised rule's name",
    "normalization.mode": "realtime or scan",
    "detection.rules": "a list of names of Isthmus's own rules, such as password_spray",
    "detection.builtin": "a list of names of preset rules",
    "costs.records_per_s": "records per second, 0 or more",
    "costs.mean_bytes": "bytes, 0 to 1048576",
    "import.route": "managed, engine or both",
    "import.managed_group": "a consumer group's name that nothing else in the namespace uses",
    "import.managed_split": "transformation or realtime_rule",
    "import.workers": "1; more processes come with a later version",
    "import.memory_mib": "MiB of records held in memory, 128 to 65536",
    "import.disk_mib": "MiB of dead letters kept on disk, 1 or more",
    "import.delivery": "at-least-once",
    "import.order": "partition or any",
    "monitor.tail_rows_per_s": "records a second in the live tail, 1 to 10000",
    "network.proxy": "http://host:port, or nothing",
    "network.ca_file": "the path of a PEM file",
    "endpoints.arm": "https://host:port, or nothing",
    "endpoints.authority": "https://host:port, or nothing",
    "endpoints.sts": "a host, and a port if it is not 443",
    "endpoints.log_service_address": "host:port (http:// before it only for 127.0.0.1 and [::1])",
}


def missing_key(key: str, file_name: str, text: str = "") -> ProblemError:
    """The problem that ``key`` is needed for what was asked and does not stand in ``text``."""
    line = _line_of(text, key.split("."))
    where = f"{file_name}, line {line}: {key}" if line else f"{file_name}: {key}"
    meaning = _MEANINGS.get(key, "see the README")
    return problem_error(Code.PROFILE_MISSING_KEY, where, key=key, meaning=meaning)


def profile_problem(
    error: ValidationError, text: str, file_name: str, schema: type[BaseModel]
) -> ProblemError:
    """The first error of ``error`` as a problem; the keys of the others stand in its detail."""
    errors = error.errors(include_url=False, include_context=False)
    # An unknown key is the likelier slip: a missing one beside it is often the same key misspelt.
    errors.sort(key=lambda each: each["type"] != "extra_forbidden")
    first = errors[0]
    location, told = _placed(first)
    key = ".".join(location)
    line = _line_of(text, location)
    where = f"{file_name}, line {line}: {key}" if line else f"{file_name}: {key}"
    others = ", ".join(".".join(map(str, each["loc"])) for each in errors[1:])
    detail = f"also wrong: {others}" if others else ""
    meaning = _MEANINGS.get(key, "see the README")
    kind = first["type"]
    if kind == "extra_forbidden":
        hint = _hint(location, schema)
        return problem_error(Code.PROFILE_UNKNOWN_KEY, where, detail, key=key, hint=hint)
    if kind == "missing":
        return problem_error(Code.PROFILE_MISSING_KEY, where, detail, key=key, meaning=meaning)
    if location[-1] in _SECRETS:
        # What was typed may be the secret itself, so it is not repeated.
        return problem_error(Code.SECRET_REF_INVALID, where, detail)
    if kind in _EXPECTED:
        return problem_error(
            Code.PROFILE_WRONG_TYPE,
            where,
            detail,
            key=key,
            expected=_EXPECTED[kind],
            found=_found(first["input"]),
        )
    return problem_error(
        Code.PROFILE_WRONG_VALUE,
        where,
        detail,
        key=key,
        value=_short(_value_at(first, location)),
        reason=_reason(told),
        meaning=meaning,
    )


def _placed(error: Any) -> tuple[list[str], str]:
    """The key that ``error`` is about, and its message.

    A check over several tables has no place of its own; its message begins with the key's name.
    """
    location = [str(part) for part in error["loc"]]
    named = re.match(r"Value error, ([a-z_]+(?:\.[a-z_]+)+): ", error["msg"])
    if location or named is None:
        return location or ["schema_version"], error["msg"]
    return named.group(1).split("."), error["msg"][named.end() :]


def _value_at(error: Any, location: list[str]) -> object:
    """What was typed there; nothing, where a whole table was looked at."""
    value: object = error["input"]
    if not isinstance(value, dict):
        return value
    for part in () if error["loc"] else location:
        value = value.get(part, "") if isinstance(value, dict) else value
    return "" if isinstance(value, dict) else value


def _line_of(text: str, location: list[str]) -> int:
    """The line of the key in ``text`` (from 1); of its table if the key is missing; else 0."""
    *tables, key = location
    inside = not tables
    table_line = 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if header:
            names = [name.strip().strip("\"'") for name in header.group(1).split(".")]
            if names == location:
                return number
            inside = names == tables
            table_line = number if inside else table_line
        elif inside and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return table_line


def _hint(location: list[str], schema: type[BaseModel]) -> str:
    """`` (did you mean ...?)`` where a known key is close to the unknown one."""
    model: Any = schema
    for part in location[:-1]:
        if part.isdecimal():  # one of a list of tables; the model is the list's
            continue
        field = next((f for name, f in model.model_fields.items() if part in (name, f.alias)), None)
        model = _model_in(field.annotation) if field is not None else None
        if model is None:
            return ""
    known = [field.alias or name for name, field in model.model_fields.items() if name != "file"]
    close = difflib.get_close_matches(location[-1], known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The table's model in ``Model``, ``Model | None`` or ``list[Model]``; None if none is."""
    candidates = (annotation, *typing.get_args(annotation))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)


def _found(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text"}
    return kinds.get(type(value), "a list" if isinstance(value, list) else "a table")


def _short(value: object) -> str:
    text = str(value)
    if re.search(r"(?i)key\s*=|password|://[^/]*@", text):
        return "(not shown: it looks like a secret)"
    return text if len(text) <= 60 else text[:57] + "..."


def _reason(message: str) -> str:
    """pydantic's sentence, without its capital and its class names."""
    message = message.removeprefix("Value error, ").rstrip(".")
    return message[:1].lower() + message[1:]
