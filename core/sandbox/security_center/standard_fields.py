"""Fields of the standard structures, in a short notation.

A field is its name; ``:bigint`` or ``:double`` gives its type, ``*`` says that it is required,
``^`` that the service fills it, ``=a|b`` which values there are. Names and values: Security Center,
"CTDR 1.0 to 2.0 upgrade: standardized log field changes"; types, what is required, and the two
structures of Azure Active Directory are not published there (SC-13).
"""

from __future__ import annotations

import re

from core.sandbox.security_center.model import SchemaField

COMMON = """
    log_code^ log_uuid^ log_time start_time* end_time product_code^ user_id^ cloud_user_id
    cloud_code=alibaba_cloud|huawei_cloud|tencent_cloud category^ schema^ extend_content
"""
_PROCESS = """
    uuid* host_name host_ip uid username pid ppid proc_path* cmdline parent_proc_path pcmdline
    stime pstime cmd_chain container_id container_name container_hostname container_image_id
    container_image_name container_pid
"""
_ENDS = "src_ip src_port dst_ip dst_port"
_REQUEST = """
    src_ip* real_client_ip dst_ip dst_port host request_method request_uri request_path querystring
    request_body http_user_agent http_referer http_cookie http_x_forwarded_for
"""
_ALERT = """
    alert_uuid alert_name* alert_type alert_level*=1|2|3|4|5 alert_description
    action=pass|alert|drop att_ck rule_id confidence_score relate_alert_uuids payload
"""
_SQL = "sql_type sql* user src_ip db table_name schema_name affect_rows"
_BASELINE = """
    instance_id instance_name instance_type instance_sub_type region_id vendor risk_name* risk_type
    risk_level=1|2|3|4|5 risk_detail risk_criterion status=1|2|3|4
"""

FIELDS = {
    "FIVE_TUPLE_ACTIVITY": """
        net_connect_dir=in|out src_ip* src_port dst_ip* dst_port l3_protocol=ipv4|ipv6
        l4_protocol=tcp|udp|icmp l7_protocol action=pass|alert|drop traffic_type=0|1|2
    """,
    "DNS_ACTIVITY": f"{_ENDS} domain* l4_protocol=tcp|udp",
    "HTTP_ACTIVITY": f"""
        {_REQUEST} request_length request_content_length content_type status duration
        response_content_type response_content_length response_set_cookie response_info
        final_action=block|captcha_strict|captcha|sigchl|js final_plugin final_rule_id
        final_rule_type
    """,
    "PROCESS_CONNECT_ACTIVITY": f"{_PROCESS} {_ENDS} net_connect_dir=in|out status",
    "PROCESS_FILE_WRITE_ACTIVITY": f"{_PROCESS} file_path",
    "PROCESS_START_ACTIVITY": f"{_PROCESS} file_path",
    "PROCESS_DNS_ACTIVITY": f"{_PROCESS} domain",
    "API_RISK_ACTIVITY": _BASELINE,
    "CLOUD_BASELINE_ACTIVITY": _BASELINE,
    "HOST_BASELINE_ACTIVITY": f"{_BASELINE} uuid* host_name host_ip",
    "CLOUD_OPERATION_ALERT_ACTIVITY": f"{_ALERT} src_ip",
    "API_ALERT_ACTIVITY": f"{_ALERT} src_ip",
    "EDR_ALERT_ACTIVITY": _ALERT,
    "FIREWALL_ALERT_ACTIVITY": f"""
        {_ALERT} net_connect_dir=in|out {_ENDS} l4_protocol=tcp|udp|icmp l7_protocol
        traffic_type=0|1|2 file_name md5
    """,
    "NETWORK_ALERT_ACTIVITY": f"{_ALERT} {_ENDS}",
    "WAF_ALERT_ACTIVITY": f"{_ALERT} {_REQUEST}",
    "ALERT_ACTIVITY": _ALERT,
    "CRAWLER_ALERT_ACTIVITY": f"{_ALERT} src_ip",
    "VULNERABILITY_ACTIVITY": """
        vul_code* vul_name vul_alias_name vul_type vul_level=1|2|3|4|5 vul_detail cwe_id cvss
        status=1|2|3|4 asset_ip asset_url asset_port uuid
    """,
    "BASTIONHOST_AUDIT_ACTIVITY": """
        event_type* event_detail event_result instance_id resource_name resource_ip session_id
        src_ip uid user_name
    """,
    "NOSQL_AUDIT_ACTIVITY": _SQL,
    "CLOUD_OPERATION_AUDIT_ACTIVITY": """
        event_id event_name* event_source event_version region_id request_id account_id account_name
        account_type principal_id access_id service_name service_domain error_code error_message
        request_paramters response_detail src_ip user_agent
    """,
    "K8S_AUDIT_ACTIVITY": """
        audit_id level kind api_version stage request_uri* verb* username impersonated_user
        source_ip_list user_agent object_ref response_status request_object response_object
    """,
    "WINDOWS_EVENT_ACTIVITY": "event_id* host_name username",
    "API_GATEWAY_AUDIT_ACTIVITY": """
        instance_id api_name api_id app_id app_key app_name api_user_id region_code request_id host
        request_method request_path* querystring request_body status response_info error_code
        error_message src_ip
    """,
    "RDS_AUDIT_ACTIVITY": _SQL,
    "OSS_AUDIT_ACTIVITY": """
        request_id http_user_agent error_code access_id bucket* object operation owner_id sign_type
        host request_method request_uri request_path src_ip
    """,
    "AZURE_AD_AUDIT_ACTIVITY": """
        event_id event_name* event_source event_result account_id account_name account_type
        service_name target_id target_name target_type error_code error_message request_id src_ip
        user_agent tenant_id
    """,
    "AZURE_AD_LOGON_ACTIVITY": """
        event_id event_name* account_id account_name* account_type service_name app_id app_name
        client_app src_ip region_id country city error_code error_message request_id session_id
        user_agent device_id os risk_level risk_state conditional_access_status
        authentication_requirement tenant_id
    """,
    "ACCOUNT_SNAPSHOT_ACTIVITY": """
        uuid* username* groups perm=0|1 account_expire last_logon domain home_dir status=0|1
        login_ip host_name host_ip
    """,
    "PROCESS_SNAPSHOT_ACTIVITY": _PROCESS,
    "CONNECTION_SNAPSHOT_ACTIVITY": f"{_PROCESS} {_ENDS} l4_protocol=tcp|udp proc_name",
    "CLOUD_LOGON_ACTIVITY": "account_name* account_id src_ip event_name error_code",
    "HOST_LOGON_FAILED_ACTIVITY": """
        uuid* dst_ip dst_port src_ip username* login_type login_count invalid_user
    """,
    "HOST_LOGON_ACTIVITY": "uuid* dst_ip dst_port src_ip username* login_type",
}
"""Structure -> its own fields; each has the common ones besides."""

ENTITIES = {
    "host": "uuid* host_name host_ip",
    "ip": "ip* net_connect_dir=in|out",
    "domain": "domain*",
    "file": "file_path* md5",
    "process": "uuid pid* proc_path cmdline",
    "cloud_account": "user_id account_id account_name*",
}

_FIELD = re.compile(r"([a-z0-9_]+)(?::([a-z]+))?([*^]?)(?:=(.+))?", re.ASCII)


def fields(notation: str) -> tuple[SchemaField, ...]:
    """The fields that a notation tells of; the first of two with one name counts."""
    found: dict[str, SchemaField] = {}
    for text in notation.split():
        matched = _FIELD.fullmatch(text)
        if matched is None:
            raise ValueError(f"not a field: {text}")
        name, kind, mark, values = matched.groups()
        found.setdefault(
            name,
            SchemaField(
                name,
                kind or "varchar",
                required=mark == "*",
                reserved=mark == "^",
                tokenize=name == "extend_content",
                values=tuple(values.split("|")) if values else (),
            ),
        )
    return tuple(found.values())
