"""A stored sign-in, written by hand after docs/record.md, and what must become of it."""

from __future__ import annotations

import json
from typing import Any

PROPERTIES: dict[str, Any] = {
    "id": "0d6b6e6e-1c1c-4d4f-9a51-0d2ac5a20b00",
    "createdDateTime": "2026-03-29T00:59:58.1234567+00:00",
    "userDisplayName": "Zoë Lindqvist",
    "userPrincipalName": "zoe.lindqvist@contoso.example",
    "userId": "7e1b0f2a-95a1-4c2f-9b8e-6d2f8f6f1f11",
    "appId": "5f0c9a44-1111-4b6c-8a3b-2f2f2f2f2f2f",
    "appDisplayName": "Contoso Portal",
    "ipAddress": "203.0.113.7",
    "status": {
        "errorCode": 50126,
        "failureReason": "Error validating credentials due to invalid username or password.",
        "additionalDetails": "",
    },
    "clientAppUsed": "Browser",
    "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/131.0",
    "deviceDetail": {"deviceId": "", "operatingSystem": "Windows10", "browser": "Edge 131.0.0"},
    "location": {
        "city": "München",
        "state": "Bayern",
        "countryOrRegion": "DE",
        "geoCoordinates": {"latitude": 48.137, "longitude": 11.575},
    },
    "correlationId": "c0ffee00-0000-4000-8000-000000000001",
    "conditionalAccessStatus": "notApplied",
    "isInteractive": True,
    "riskLevelDuringSignIn": "none",
    "riskState": "none",
    "resourceDisplayName": "Contoso Mail",
    "tenantId": "11111111-2222-4333-8444-555555555555",
    "authenticationRequirement": "singleFactorAuthentication",
    "userType": "Member",
    "sessionId": "00000000-1111-4222-8333-444444444444",
}
RECORD: dict[str, Any] = {
    "time": "2026-03-29T01:01:15.0000000Z",
    "resourceId": "/tenants/11111111-2222-4333-8444-555555555555/providers/Microsoft.aadiam",
    "operationName": "Sign-in activity",
    "operationVersion": "1.0",
    "category": "SignInLogs",
    "tenantId": "11111111-2222-4333-8444-555555555555",
    "resultType": "50126",
    "resultSignature": "FAILURE",
    "resultDescription": "Invalid username or password.",
    "durationMs": 0,
    "callerIpAddress": "203.0.113.7",
    "correlationId": "c0ffee00-0000-4000-8000-000000000001",
    "identity": "Zoë Lindqvist",
    "Level": 4,
    "location": "DE",
    "properties": PROPERTIES,
}
GOLDEN = {
    # 29 March 2026 00:59:58 UTC is 20,541 days and 3,598 seconds after the epoch.
    "start_time": "1774745998",
    "end_time": "1774745998",
    "log_time": "1774745998",
    "event_id": "0d6b6e6e-1c1c-4d4f-9a51-0d2ac5a20b00",
    "event_name": "Sign-in activity",
    "event_source": "Contoso Portal",
    "service_name": "Contoso Mail",
    "account_id": "7e1b0f2a-95a1-4c2f-9b8e-6d2f8f6f1f11",
    "account_name": "zoe.lindqvist@contoso.example",
    "account_type": "Member",
    "src_ip": "203.0.113.7",
    "error_code": "50126",
    "error_message": "Error validating credentials due to invalid username or password.",
    "region_id": "DE",
    "request_id": "c0ffee00-0000-4000-8000-000000000001",
    "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/131.0",
    "cloud_user_id": "11111111-2222-4333-8444-555555555555",
    "tenant_id": "11111111-2222-4333-8444-555555555555",
    "country": "DE",
    "city": "München",
    "latitude": "48.137",
    "longitude": "11.575",
    "app_id": "5f0c9a44-1111-4b6c-8a3b-2f2f2f2f2f2f",
    "app_name": "Contoso Portal",
    "client_app": "Browser",
    "session_id": "00000000-1111-4222-8333-444444444444",
    "device_id": "",
    "os": "Windows10",
    "risk_level": "none",
    "risk_state": "none",
    "conditional_access_status": "notApplied",
    "authentication_requirement": "singleFactorAuthentication",
    "is_interactive": "true",
    "sign_in_type": "SignInLogs",
}
ADDED = {
    "event_uid": "3f9ac0de.4.18231.m3vq1k2s.0/25",
    "event_service": "signinlogs",
    "event_time": "2026-03-29T00:59:58.1234567+00:00",
}
"""What the engine adds to a record."""


def stored(record: dict[str, Any], **added: str) -> dict[str, str]:
    """The record as Log Service holds it: text as it is, objects as compact JSON."""
    return {name: _text(value) for name, value in record.items()} | added


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
