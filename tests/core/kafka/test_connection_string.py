from __future__ import annotations

import pytest

from core.errors import Code, ProblemError
from core.kafka.connection_string import parse_connection_string

KEY = "CANARYcanary0123456789+/CANARYcanary01234567="
GOOD = f"Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=listen;SharedAccessKey={KEY}"


@pytest.mark.parametrize(
    ("text", "host", "port", "entity"),
    [
        (GOOD, "contoso.servicebus.windows.net", 9093, ""),
        (GOOD + ";EntityPath=azure-logs", "contoso.servicebus.windows.net", 9093, "azure-logs"),
        (GOOD + ";\n", "contoso.servicebus.windows.net", 9093, ""),
        (GOOD.replace(".net/", ".net:443/"), "contoso.servicebus.windows.net", 9093, ""),
        (GOOD.replace("contoso.servicebus.windows.net", "127.0.0.1:4001"), "127.0.0.1", 4001, ""),
        (
            GOOD.replace("windows.net", "chinacloudapi.cn"),
            "contoso.servicebus.chinacloudapi.cn",
            9093,
            "",
        ),
    ],
)
def test_taken_apart(text, host, port, entity):
    parsed = parse_connection_string(text, "kafka.connection_string")
    assert (parsed.host, parsed.port, parsed.policy, parsed.entity_path) == (
        host,
        port,
        "listen",
        entity,
    )
    assert "CANARY" not in repr(parsed)
    assert parsed.text == text.strip()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "NAME=VALUE"),
        ("CANARY", "NAME=VALUE"),
        (GOOD.replace("Endpoint=", "Endpunkt="), "no Endpoint="),
        (GOOD.replace("SharedAccessKeyName", "Name"), "no SharedAccessKeyName="),
        (GOOD.partition(";SharedAccessKey=")[0], "no SharedAccessKey="),
        (GOOD.replace("sb://", "https://"), "sb://host/"),
        (GOOD.replace("sb://contoso.servicebus.windows.net", "sb://"), "sb://host/"),
        (GOOD.replace(".net/", ".net:CANARY/"), "no number"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_repeated(text, reason):
    with pytest.raises(ProblemError) as caught:
        parse_connection_string(text, "kafka.connection_string")
    problem = caught.value.problem
    assert problem.code == Code.CONNECTION_STRING_INVALID
    assert reason in problem.cause
    assert "CANARY" not in str(problem)
