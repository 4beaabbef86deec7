"""Rules that every account finds. The service publishes none of its own; these are made up."""

from __future__ import annotations

import hashlib

from core.sandbox.security_center.model import Product, Rule
from core.sandbox.security_center.model_detection import DetectionRule

_SECONDS = (
    "cast(date_diff('second', date_parse('1970-01-01 00:00:00', '%Y-%m-%d %H:%i:%s'), "
    "date_parse(replace(substr(time, 1, 19), 'T', ' '), '%Y-%m-%d %H:%i:%s')) as varchar)"
)
_LOGON = f"""\
* | where category = 'SignInLogs'
  | extend start_time = {_SECONDS}, event_name = operationName,
      event_id = json_extract_scalar(properties, '$.id'),
      account_id = json_extract_scalar(properties, '$.userId'),
      account_name = json_extract_scalar(properties, '$.userPrincipalName'),
      src_ip = coalesce(callerIpAddress, json_extract_scalar(properties, '$.ipAddress')),
      error_code = json_extract_scalar(properties, '$.status.errorCode'),
      error_message = json_extract_scalar(properties, '$.status.failureReason')"""
_AUDIT = f"""\
* | where category = 'AuditLogs'
  | extend start_time = {_SECONDS}, event_name = operationName,
      event_id = json_extract_scalar(properties, '$.id'),
      event_result = json_extract_scalar(properties, '$.result'),
      event_source = json_extract_scalar(properties, '$.loggedByService'),
      account_name = json_extract_scalar(properties, '$.initiatedBy.user.userPrincipalName')"""


def standardised_rules(salt: str, azure: Product, now: int) -> list[Rule]:
    """The standardised rules of a product: two of Azure Active Directory."""
    return [
        Rule(
            preset_id(salt, "nr", schema),
            name,
            azure.vendor_id,
            azure.id,
            "AUDIT_CATEGORY",
            schema,
            expression,
            "both",
            "predefined",
            "pack",
            packed=True,
            created=now,
            updated=now,
        )
        for schema, name, expression in (
            ("AZURE_AD_LOGON_ACTIVITY", "Azure Active Directory logon", _LOGON),
            ("AZURE_AD_AUDIT_ACTIVITY", "Azure Active Directory audit", _AUDIT),
        )
    ]


def detection_rules(salt: str, now: int) -> list[DetectionRule]:
    """A few detection rules, all off."""
    many_failures = (
        "* | SELECT src_ip, username, count(1) AS failures, min(start_time) AS start_time "
        "FROM log WHERE schema = 'HOST_LOGON_FAILED_ACTIVITY' GROUP BY src_ip, username "
        "HAVING count(1) > 20"
    )
    shells = (
        "* | SELECT uuid, host_name, proc_path, cmdline, start_time FROM log "
        "WHERE schema = 'PROCESS_START_ACTIVITY' AND proc_path LIKE '%/groups'"
    )
    return [
        DetectionRule(
            preset_id(salt, "dr", name),
            name,
            "preset",
            level=level,
            alert_type=alert_type,
            alert_name=name,
            log_category_id=category,
            log_schema_id=schema,
            expression=expression,
            schedule_expression="5m",
            aggregation_type="passthrough",
            created=now,
            updated=now,
        )
        for name, level, alert_type, category, schema, expression in (
            (
                "Many failed logons of a host",
                "4",
                "BruteForce",
                "LOGON_CATEGORY",
                "HOST_LOGON_FAILED_ACTIVITY",
                many_failures,
            ),
            (
                "Groups of a host are listed",
                "2",
                "Discovery",
                "HOST_CATEGORY",
                "PROCESS_START_ACTIVITY",
                shells,
            ),
        )
    ]


def preset_id(salt: str, prefix: str, name: str) -> str:
    """An id as the service gives them, always the same for one account."""
    digest = hashlib.sha256(f"{salt}/{prefix}/{name}".encode()).hexdigest()
    return f"{prefix}-{digest[:20]}"
