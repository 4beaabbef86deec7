"""The generator: the same records again, each with its own id, in the shapes that Azure writes."""

from __future__ import annotations

import ipaddress
import json
import re
from collections import Counter
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from core.sandbox.traffic import Generator, Span

pytestmark = pytest.mark.slow

BASE = 1_790_000_000
RECORDS = 9_000

Record = dict[str, Any]


def strict(text: bytes) -> Any:
    """JSON as RFC 8259 has it: no name twice, no NaN, UTF-8 without lone surrogates."""

    def unique(pairs: list[tuple[str, Any]]) -> Record:
        assert len({name for name, _ in pairs}) == len(pairs), [name for name, _ in pairs]
        return dict(pairs)

    def refuse(constant: str) -> Any:
        raise AssertionError(constant)

    value = json.loads(text.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


@cache
def generator(seed: int = 1, base: int = BASE) -> Generator:
    return Generator(seed, [Span(0, base)])


@cache
def sample() -> list[Record]:
    return [strict(generator().record(ordinal)) for ordinal in range(RECORDS)]


def kind(record: Record) -> str:
    return record.get("category", "Defender")


def of_kind(*kinds: str) -> list[Record]:
    return [record for record in sample() if kind(record) in kinds]


SIGN_INS = (
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
)

ENTRA: dict[str, type | tuple[type, ...]] = {
    "time": str,
    "resourceId": str,
    "operationName": str,
    "operationVersion": str,
    "category": str,
    "tenantId": str,
    "resultSignature": str,
    "durationMs": int,
    "correlationId": str,
    "Level": int,
    "properties": dict,
}
TOP_LEVEL: dict[str, dict[str, type | tuple[type, ...]]] = {
    "SignInLogs": ENTRA
    | {"resultType": str, "callerIpAddress": str, "identity": str, "location": str},
    "NonInteractiveUserSignInLogs": ENTRA
    | {"resultType": str, "callerIpAddress": str, "identity": str, "location": str},
    "ServicePrincipalSignInLogs": ENTRA
    | {"resultType": str, "callerIpAddress": str, "location": str},
    "ManagedIdentitySignInLogs": ENTRA | {"resultType": str},
    "AuditLogs": ENTRA
    | {"callerIpAddress": str, "identity": (str, type(None)), "resultDescription": str},
    "MicrosoftGraphActivityLogs": {
        **{name: ENTRA[name] for name in ENTRA if name not in ("Level", "durationMs")},
        "durationMs": str,
        "callerIpAddress": str,
        "location": str,
    },
    "Administrative": {
        **dict.fromkeys(("time", "resourceId", "operationName", "category"), str),
        **dict.fromkeys(("resultType", "resultSignature", "callerIpAddress", "level"), str),
        **dict.fromkeys(("correlationId", "tenantId", "ReleaseVersion", "Stamp"), str),
        "durationMs": (int, str),
        "identity": dict,
        "location": (str, type(None)),
        "properties": dict,
    },
    "Alert": {"Level": int, "level": str, "identity": dict, "durationMs": int, "properties": dict},
    "AuditEvent": {
        **dict.fromkeys(("time", "resourceId", "operationName", "category", "Level"), str),
        **dict.fromkeys(("resultType", "resultSignature", "resultDescription"), str),
        **dict.fromkeys(("durationMs", "callerIpAddress", "location", "tenantId"), str),
        "identity": dict,
        "properties": dict,
    },
    "AZFWNetworkRule": {"time": str, "resourceId": str, "properties": dict},
    "AZFWApplicationRule": {"time": str, "resourceId": str, "properties": dict},
    "Defender": {
        **dict.fromkeys(("VendorName", "AlertType", "StartTimeUtc", "TimeGenerated"), str),
        **dict.fromkeys(("AlertDisplayName", "Severity", "SystemAlertId", "Intent"), str),
        "IsIncident": bool,
        "ProductComponentName": type(None),
        "ConfidenceScore": float,
        "RemediationSteps": list,
        "Entities": list,
        "ExtendedProperties": dict,
    },
}


def test_a_record_depends_on_seed_number_and_base_time_alone():
    other = Generator(1, [Span(0, BASE)])
    backwards = [other.record(ordinal) for ordinal in reversed(range(0, 9_000, 7))]
    assert backwards[::-1] == [generator().record(ordinal) for ordinal in range(0, 9_000, 7)]
    assert generator(2).record(5) != generator().record(5)
    assert generator(1, BASE + 60).record(5) != generator().record(5)


def test_every_record_carries_an_id_of_its_own():
    ids = [record["correlationId"] for record in sample()]
    assert ids == [generator().identifier(ordinal) for ordinal in range(RECORDS)]
    assert len(set(ids)) == RECORDS
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", each) for each in ids)
    assert not {generator(2).identifier(ordinal) for ordinal in range(RECORDS)} & set(ids)


@pytest.mark.parametrize("category", TOP_LEVEL)
def test_a_category_has_the_fields_and_types_that_azure_writes(category):
    records = of_kind(category)
    assert records
    for record in records:
        for name, expected in TOP_LEVEL[category].items():
            assert name in record, (category, name)
            expected = expected if isinstance(expected, tuple) else (expected,)
            assert type(record[name]) in expected, (category, name, record[name])
        for name in record:
            assert len(name.encode()) <= 128
            assert not name.startswith(("__", "event_"))


@pytest.mark.parametrize("category", SIGN_INS[:2])
def test_a_sign_in_has_the_properties_that_rules_look_at(category):
    for record in of_kind(category)[:500]:
        properties = record["properties"]
        assert len(properties) >= 50
        assert properties["status"]["errorCode"] == int(record["resultType"])
        assert properties["ipAddress"] == record["callerIpAddress"]
        assert properties["location"]["countryOrRegion"] == record["location"]
        assert properties["isInteractive"] is (category == "SignInLogs")
        assert properties["appServicePrincipalId"] is None
        assert type(properties["location"]["geoCoordinates"]["latitude"]) is float
        assert properties["createdDateTime"].endswith("+00:00")


def test_the_categories_come_in_realistic_proportions():
    counts = Counter(kind(record) for record in sample())
    share = {name: count / RECORDS for name, count in counts.items()}
    assert set(share) == set(TOP_LEVEL)
    bounds = {
        "MicrosoftGraphActivityLogs": (0.2, 0.36),
        "NonInteractiveUserSignInLogs": (0.16, 0.3),
        "SignInLogs": (0.06, 0.13),
        "ServicePrincipalSignInLogs": (0.04, 0.12),
        "ManagedIdentitySignInLogs": (0.02, 0.08),
        "AZFWNetworkRule": (0.08, 0.19),
        "AZFWApplicationRule": (0.03, 0.12),
        "AuditEvent": (0.02, 0.08),
        "Administrative": (0.008, 0.04),
        "AuditLogs": (0.007, 0.035),
        "Defender": (0.0005, 0.005),
    }
    outside = {
        name: share[name] for name, (low, high) in bounds.items() if not low <= share[name] <= high
    }
    assert outside == {}


def test_times_lie_in_the_minutes_before_the_base_time():
    for record in sample():
        text = record.get("time") or record["TimeGenerated"]
        written = datetime.fromisoformat(re.sub(r"(\.\d{6})\d", r"\1", text)).timestamp()
        assert BASE - 300 <= written < BASE, text


def test_a_sign_in_happened_one_to_two_minutes_before_it_was_written():
    for record in of_kind(*SIGN_INS):
        written, happened = (
            datetime.fromisoformat(re.sub(r"(\.\d{6})\d", r"\1", text))
            for text in (record["time"], record["properties"]["createdDateTime"])
        )
        assert 59.9 <= (written - happened).total_seconds() <= 120.1


def test_a_new_span_reckons_from_its_own_base_time():
    both = Generator(1, [Span(0, BASE)])
    both.begin_span(Span(100, BASE + 3600))
    assert both.record(99) == generator().record(99)
    assert both.record(100) == generator(1, BASE + 3600).record(100)
    assert both.identifier(100) == generator().identifier(100)
    with pytest.raises(ValueError, match="span"):
        both.begin_span(Span(100, BASE + 7200))


def test_addresses_and_domains_are_reserved_for_documentation():
    networks = [
        ipaddress.ip_network(text)
        for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    ]
    seen = 0
    for record in sample():
        properties = record.get("properties", {})
        texts = [record.get("callerIpAddress"), properties.get("ipAddress")]
        texts += [properties.get("SourceIp"), properties.get("DestinationIp")]
        texts += [each.get("Address") for each in record.get("Entities", [])]
        for text in texts:
            if text and text != "<null>":
                address = ipaddress.ip_address(text)
                assert any(address in network for network in networks), text
                seen += 1
    assert seen > RECORDS
    principals = {record["properties"]["userPrincipalName"] for record in of_kind(*SIGN_INS[:2])}
    assert len(principals) > 100
    assert all(each.endswith("@contoso.example") for each in principals)


def test_the_quirks_of_real_records_are_there():
    every = [generator().record(ordinal) for ordinal in range(RECORDS)]
    text = b"\n".join(every)
    assert b"\\ud83d\\ude80" in text  # escaped, as some services write it
    assert "🚀".encode() in text
    assert "עדי".encode() in text
    assert re.search(rb'"latitude":-?\d+\.\d{10,}', text)
    assert b'"durationMs": "' in text
    assert b'"durationMs": 0' in text
    assert b'"location":null' in text
    assert b'"IsIncident":false' in text
    assert b'"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"' in text
    assert b'"smallest":1.5e-07' in text
    assert re.search(rb'"time": "[^"]+\.\d{7}Z"', text)
    assert re.search(rb'"time":"[^"]+\.\d{3}Z"', text)
    assert re.search(rb'"time":"[^"]+\.\d{6}\+00:00"', text)
    assert any({"Level", "level"} <= set(record) for record in sample())
    operations = {record["operationName"] for record in of_kind("Administrative")}
    assert any(name.isupper() for name in operations)
    assert not all(name.isupper() for name in operations)


def test_json_inside_texts_is_json():
    checked = 0
    for record in of_kind("AuditLogs"):
        for change in record["properties"]["targetResources"][0]["modifiedProperties"]:
            for value in (change["oldValue"], change["newValue"]):
                if value is not None:
                    json.loads(value)
                    checked += 1
    for record in of_kind("Administrative"):
        assert json.loads(record["properties"]["requestbody"])["tags"]["owner"] == "équipe"
        checked += 1
    assert checked > 500
