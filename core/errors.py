"""Problems: what a user is told when something fails, always with its cause and its remedy.

Inside a package exceptions are free; at its edge they become a :class:`Problem`. Every
:class:`Code` has its own cause and remedy in ``resources/problems``; a test walks the enum.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import resources
from string import Template
from typing import Literal

Severity = Literal["error", "warning"]


class Code(StrEnum):
    """Every kind of problem that Isthmus can name."""

    PROFILE_NOT_FOUND = "profile_not_found"
    PROFILE_NOT_READABLE = "profile_not_readable"
    PROFILE_EXISTS = "profile_exists"
    PROFILE_NOT_WRITABLE = "profile_not_writable"
    PROFILE_NOT_TOML = "profile_not_toml"
    PROFILE_UNKNOWN_KEY = "profile_unknown_key"
    PROFILE_MISSING_KEY = "profile_missing_key"
    PROFILE_WRONG_TYPE = "profile_wrong_type"
    PROFILE_WRONG_VALUE = "profile_wrong_value"

    SECRET_REF_INVALID = "secret_ref_invalid"
    SECRET_MISSING = "secret_missing"
    SECRET_FILE_OPEN_TO_OTHERS = "secret_file_open_to_others"
    SECRET_STORE_UNAVAILABLE = "secret_store_unavailable"
    SECRET_NOT_WRITABLE = "secret_not_writable"

    APPLY_ALREADY_RUNNING = "apply_already_running"
    APPLY_STOPPED = "apply_stopped"
    PLAN_OUTDATED = "plan_outdated"
    JOURNAL_DAMAGED = "journal_damaged"
    NAME_NOT_CONFIRMED = "name_not_confirmed"
    REMOVAL_HELD_BACK = "removal_held_back"
    NOT_APPLIED = "not_applied"
    APPLIED_UNREADABLE = "applied_unreadable"
    SECRET_IN_TEXT = "secret_in_text"
    PROFILE_RENAMED_TOO_LATE = "profile_renamed_too_late"
    SETTINGS_UNREADABLE = "settings_unreadable"
    SETTINGS_NOT_WRITABLE = "settings_not_writable"
    BUNDLE_NOT_WRITABLE = "bundle_not_writable"
    STEP_FIELD_EMPTY = "step_field_empty"
    STEP_FIELD_INVALID = "step_field_invalid"
    DRAFT_DAMAGED = "draft_damaged"
    DRAFT_NEWER = "draft_newer"
    DRAFT_FILE_UNUSABLE = "draft_file_unusable"

    AZURE_NAMESPACE_BASIC = "azure_namespace_basic"
    AZURE_OUT_OF_BOUNDS = "azure_out_of_bounds"
    AZURE_NO_AUTO_INFLATE = "azure_no_auto_inflate"
    AZURE_ROOT_POLICY = "azure_root_policy"
    AZURE_POLICY_FOR_BOTH = "azure_policy_for_both"
    AZURE_NO_LOGS_CHOSEN = "azure_no_logs_chosen"
    AZURE_ENTRA_NEEDS_USER = "azure_entra_needs_user"
    AZURE_CATEGORY_GROUPS_MIXED = "azure_category_groups_mixed"
    AZURE_CATEGORY_TWICE = "azure_category_twice"
    AZURE_RESOURCE_ID_NOT_ASCII = "azure_resource_id_not_ascii"
    AZURE_SETTING_OF_OWN_NAMESPACE = "azure_setting_of_own_namespace"
    AZURE_SETTING_OTHER_REGION = "azure_setting_other_region"
    AZURE_SETTING_NAME_TWICE = "azure_setting_name_twice"
    AZURE_TOO_MANY_SETTINGS = "azure_too_many_settings"
    AZURE_SIGN_IN_NEEDED = "azure_sign_in_needed"
    AZURE_SIGN_IN_FAILED = "azure_sign_in_failed"
    AZURE_SIGN_IN_TIMED_OUT = "azure_sign_in_timed_out"
    AZURE_SIGN_IN_DECLINED = "azure_sign_in_declined"
    AZURE_DEVICE_CODE_EXPIRED = "azure_device_code_expired"
    AZURE_DEVICE_CODE_BLOCKED = "azure_device_code_blocked"
    AZURE_CONDITIONAL_ACCESS = "azure_conditional_access"
    AZURE_MFA_NEEDED = "azure_mfa_needed"
    AZURE_CONSENT_NEEDED = "azure_consent_needed"
    AZURE_APPLICATION_NOT_FOUND = "azure_application_not_found"
    AZURE_APPLICATION_NOT_PUBLIC = "azure_application_not_public"
    AZURE_REDIRECT_NOT_REGISTERED = "azure_redirect_not_registered"
    AZURE_CLIENT_SECRET_WRONG = "azure_client_secret_wrong"
    AZURE_CLIENT_SECRET_EXPIRED = "azure_client_secret_expired"
    AZURE_CERTIFICATE_UNUSABLE = "azure_certificate_unusable"
    AZURE_CERTIFICATE_REFUSED = "azure_certificate_refused"
    AZURE_TENANT_NEEDED = "azure_tenant_needed"
    AZURE_TENANT_NOT_FOUND = "azure_tenant_not_found"
    AZURE_USER_NOT_IN_TENANT = "azure_user_not_in_tenant"
    AZURE_CLI_MISSING = "azure_cli_missing"
    AZURE_CLI_NOT_SIGNED_IN = "azure_cli_not_signed_in"
    AZURE_CLI_FAILED = "azure_cli_failed"
    AZURE_BROWSER_UNAVAILABLE = "azure_browser_unavailable"
    AZURE_ACCOUNT_FILE_UNUSABLE = "azure_account_file_unusable"
    AZURE_UNREACHABLE = "azure_unreachable"
    AZURE_NO_ANSWER = "azure_no_answer"
    AZURE_CERTIFICATE_UNTRUSTED = "azure_certificate_untrusted"
    AZURE_TOKEN_REFUSED = "azure_token_refused"
    AZURE_FORBIDDEN = "azure_forbidden"
    AZURE_FORBIDDEN_AT_TARGET = "azure_forbidden_at_target"
    AZURE_DENIED_BY_POLICY = "azure_denied_by_policy"
    AZURE_PROVIDER_NOT_REGISTERED = "azure_provider_not_registered"
    AZURE_PROVIDER_STILL_REGISTERING = "azure_provider_still_registering"
    AZURE_SUBSCRIPTION_UNSEEN = "azure_subscription_unseen"
    AZURE_SUBSCRIPTION_DISABLED = "azure_subscription_disabled"
    AZURE_SUBSCRIPTION_NOT_FOUND = "azure_subscription_not_found"
    AZURE_SUBSCRIPTION_NOT_CHOSEN = "azure_subscription_not_chosen"
    AZURE_LOCKED = "azure_locked"
    AZURE_GROUP_BEING_DELETED = "azure_group_being_deleted"
    AZURE_GROUP_NOT_EMPTY = "azure_group_not_empty"
    AZURE_LOCATION_UNAVAILABLE = "azure_location_unavailable"
    AZURE_EXISTS_ELSEWHERE = "azure_exists_elsewhere"
    AZURE_NAMESPACE_NAME_TAKEN = "azure_namespace_name_taken"
    AZURE_QUOTA = "azure_quota"
    AZURE_THROTTLED = "azure_throttled"
    AZURE_CONFLICT = "azure_conflict"
    AZURE_NOT_FOUND = "azure_not_found"
    AZURE_REFUSED = "azure_refused"
    AZURE_DOWN = "azure_down"
    AZURE_OPERATION_FAILED = "azure_operation_failed"
    AZURE_OPERATION_SLOW = "azure_operation_slow"
    AZURE_NAME_INVALID = "azure_name_invalid"
    AZURE_LOCAL_AUTH_DISABLED = "azure_local_auth_disabled"
    AZURE_TRUSTED_SERVICES_OFF = "azure_trusted_services_off"
    AZURE_SETTING_NOT_OURS = "azure_setting_not_ours"
    AZURE_PERMISSION_MISSING = "azure_permission_missing"
    AZURE_POLICY_LACKS_RIGHTS = "azure_policy_lacks_rights"
    AZURE_POLICY_MAY_TOO_MUCH = "azure_policy_may_too_much"
    AZURE_SOURCE_NOT_FOUND = "azure_source_not_found"
    AZURE_CATEGORY_UNKNOWN = "azure_category_unknown"
    AZURE_KEY_NOT_OF_POLICY = "azure_key_not_of_policy"
    PRICES_UNREADABLE = "prices_unreadable"
    COSTS_RATE_UNKNOWN = "costs_rate_unknown"
    NO_RECORDS_TO_MEASURE = "no_records_to_measure"
    IMPORT_JOB_FAILED = "import_job_failed"
    IMPORT_JOB_NOT_BEGUN = "import_job_not_begun"
    SPLIT_JOB_FAILED = "split_job_failed"
    ROUTE_WITHOUT_ENGINE = "route_without_engine"
    SPLIT_CUTS_BATCHES = "split_cuts_batches"
    MANAGED_START_UNSUPPORTED = "managed_start_unsupported"
    LOG_SERVICE_OTHER_REGION = "log_service_other_region"
    LOG_SERVICE_QUERY_MODE = "log_service_query_mode"
    SECURITY_CENTER_OTHER_DATA_SOURCE = "security_center_other_data_source"
    SECURITY_CENTER_DEDICATED_NOT_WRITABLE = "security_center_dedicated_not_writable"
    SECURITY_CENTER_DEDICATED_PROJECT = "security_center_dedicated_project"
    SECURITY_CENTER_NO_PRESET_RULE = "security_center_no_preset_rule"

    CONNECTION_STRING_INVALID = "connection_string_invalid"
    CONNECTION_STRING_OTHER_HUB = "connection_string_other_hub"
    CONNECTION_STRING_OTHER_NAMESPACE = "connection_string_other_namespace"
    CA_FILE_UNUSABLE = "ca_file_unusable"
    KAFKA_HOST_UNKNOWN = "kafka_host_unknown"
    KAFKA_HOST_SUFFIX = "kafka_host_suffix"
    KAFKA_DNS_FAILED = "kafka_dns_failed"
    KAFKA_NAMESPACE_MISSING = "kafka_namespace_missing"
    KAFKA_ADDRESS_DIFFERS = "kafka_address_differs"
    KAFKA_REFUSED = "kafka_refused"
    KAFKA_NO_ANSWER = "kafka_no_answer"
    KAFKA_PROXY_ONLY = "kafka_proxy_only"
    KAFKA_STALLED = "kafka_stalled"
    KAFKA_NOT_TLS = "kafka_not_tls"
    KAFKA_CONNECTION_CLOSED = "kafka_connection_closed"
    KAFKA_TLS_INTERCEPTED = "kafka_tls_intercepted"
    KAFKA_AUTHORITY_MISSING = "kafka_authority_missing"
    KAFKA_CLIENT_LACKS_AUTHORITIES = "kafka_client_lacks_authorities"
    KAFKA_CERTIFICATE_NAME = "kafka_certificate_name"
    KAFKA_CERTIFICATE_DATES = "kafka_certificate_dates"
    KAFKA_NOT_KAFKA = "kafka_not_kafka"
    KAFKA_NOT_EVENT_HUBS = "kafka_not_event_hubs"
    KAFKA_SIGN_IN_REFUSED = "kafka_sign_in_refused"
    KAFKA_SIGN_IN_CUT = "kafka_sign_in_cut"
    KAFKA_WRONG_KEY = "kafka_wrong_key"
    KAFKA_KEY_ROTATED = "kafka_key_rotated"
    KAFKA_POLICY_MISSING = "kafka_policy_missing"
    KAFKA_LOCAL_AUTH_DISABLED = "kafka_local_auth_disabled"
    KAFKA_FIREWALL = "kafka_firewall"
    KAFKA_PUBLIC_ACCESS_DISABLED = "kafka_public_access_disabled"
    KAFKA_PERIMETER = "kafka_perimeter"
    KAFKA_BASIC_TIER = "kafka_basic_tier"
    KAFKA_HUB_NOT_FOUND = "kafka_hub_not_found"
    KAFKA_HUB_OTHER_CASE = "kafka_hub_other_case"
    KAFKA_HUB_DENIED = "kafka_hub_denied"
    KAFKA_NO_LISTEN = "kafka_no_listen"
    KAFKA_GROUP_DENIED = "kafka_group_denied"
    KAFKA_GROUP_UNAVAILABLE = "kafka_group_unavailable"
    KAFKA_CONNECTION_DROPS = "kafka_connection_drops"
    KAFKA_THROTTLED = "kafka_throttled"
    KAFKA_RECORDS_UNREADABLE = "kafka_records_unreadable"
    KAFKA_FAILED = "kafka_failed"
    PROBE_CANCELLED = "probe_cancelled"

    LOG_SERVICE_HOST_UNKNOWN = "log_service_host_unknown"
    LOG_SERVICE_UNREACHABLE = "log_service_unreachable"
    LOG_SERVICE_CERTIFICATE_UNTRUSTED = "log_service_certificate_untrusted"
    LOG_SERVICE_UNAUTHORIZED = "log_service_unauthorized"
    LOG_SERVICE_PROJECT_NOT_FOUND = "log_service_project_not_found"
    LOG_SERVICE_LOGSTORE_NOT_FOUND = "log_service_logstore_not_found"
    LOG_SERVICE_CLOCK_WRONG = "log_service_clock_wrong"
    LOG_SERVICE_REFUSED = "log_service_refused"
    LOG_SERVICE_DOWN = "log_service_down"
    LOG_SERVICE_THROTTLED = "log_service_throttled"
    LOG_SERVICE_NAME_INVALID = "log_service_name_invalid"
    LOG_SERVICE_PROJECT_TAKEN = "log_service_project_taken"
    LOG_SERVICE_QUOTA = "log_service_quota"
    LOG_SERVICE_INDEX_MISSING = "log_service_index_missing"
    LOG_SERVICE_JOB_NOT_FOUND = "log_service_job_not_found"
    LOG_SERVICE_JOB_REFUSED = "log_service_job_refused"
    LOG_SERVICE_IMPORT_UNAVAILABLE = "log_service_import_unavailable"
    LOG_SERVICE_CALL_REFUSED = "log_service_call_refused"
    LOG_SERVICE_NO_ANSWER = "log_service_no_answer"
    LOG_SERVICE_CALLS_THROTTLED = "log_service_calls_throttled"

    ALIBABA_PERMISSION_MISSING = "alibaba_permission_missing"
    ALIBABA_NO_CREDENTIALS = "alibaba_no_credentials"
    ALIBABA_KEY_REFUSED = "alibaba_key_refused"
    ALIBABA_TOKEN_EXPIRED = "alibaba_token_expired"
    ALIBABA_CLOCK_WRONG = "alibaba_clock_wrong"
    ALIBABA_UNREACHABLE = "alibaba_unreachable"
    ALIBABA_CERTIFICATE_UNTRUSTED = "alibaba_certificate_untrusted"
    ALIBABA_NO_ANSWER = "alibaba_no_answer"
    ALIBABA_CALL_REFUSED = "alibaba_call_refused"

    SECURITY_CENTER_NOT_ACTIVATED = "security_center_not_activated"
    SECURITY_CENTER_OLD_VERSION = "security_center_old_version"
    SECURITY_CENTER_ROLE_MISSING = "security_center_role_missing"
    SECURITY_CENTER_MEMBER_ACCOUNT = "security_center_member_account"
    SECURITY_CENTER_REGION_WRONG = "security_center_region_wrong"
    SECURITY_CENTER_NO_STORAGE = "security_center_no_storage"
    SECURITY_CENTER_QUOTA = "security_center_quota"
    SECURITY_CENTER_THROTTLED = "security_center_throttled"
    SECURITY_CENTER_DOWN = "security_center_down"
    SECURITY_CENTER_REFUSED = "security_center_refused"
    SECURITY_CENTER_ID_INVALID = "security_center_id_invalid"
    SECURITY_CENTER_NOT_FOUND = "security_center_not_found"
    SECURITY_CENTER_EXISTS = "security_center_exists"
    SECURITY_CENTER_IN_USE = "security_center_in_use"
    SECURITY_CENTER_PRESET = "security_center_preset"
    SECURITY_CENTER_PRODUCT_CLOSED = "security_center_product_closed"
    SECURITY_CENTER_LOGSTORE_UNUSABLE = "security_center_logstore_unusable"
    SECURITY_CENTER_SOURCE_ABNORMAL = "security_center_source_abnormal"
    SECURITY_CENTER_SCHEMA_MISSING = "security_center_schema_missing"
    SECURITY_CENTER_RULE_REJECTED = "security_center_rule_rejected"
    SECURITY_CENTER_RULE_FIELDS = "security_center_rule_fields"
    SECURITY_CENTER_RULE_MAKES_NOTHING = "security_center_rule_makes_nothing"
    SECURITY_CENTER_RULE_TOO_LONG = "security_center_rule_too_long"
    SECURITY_CENTER_RULE_NOT_FOR_SCAN = "security_center_rule_not_for_scan"
    SECURITY_CENTER_POLICY_REJECTED = "security_center_policy_rejected"
    SECURITY_CENTER_POLICY_ABNORMAL = "security_center_policy_abnormal"
    SECURITY_CENTER_SCAN_POLICIES = "security_center_scan_policies"
    SECURITY_CENTER_ALERTS_REALTIME_ONLY = "security_center_alerts_realtime_only"
    SECURITY_CENTER_DEDICATED_REALTIME_ONLY = "security_center_dedicated_realtime_only"
    SECURITY_CENTER_SPLIT_REALTIME_ONLY = "security_center_split_realtime_only"
    SECURITY_CENTER_LOG_MANAGEMENT_NEEDED = "security_center_log_management_needed"
    SECURITY_CENTER_DETECTION_REJECTED = "security_center_detection_rejected"
    SECURITY_CENTER_DETECTION_UNKNOWN = "security_center_detection_unknown"
    SECURITY_CENTER_DETECTION_UNREADABLE = "security_center_detection_unreadable"
    SECURITY_CENTER_QUERY_REJECTED = "security_center_query_rejected"

    ENGINE_ALREADY_RUNNING = "engine_already_running"
    ENGINE_NOT_RUNNING = "engine_not_running"
    ENGINE_NOT_ANSWERING = "engine_not_answering"
    ENGINE_STREAM_REFUSED = "engine_stream_refused"
    CONTROL_PORT_UNUSABLE = "control_port_unusable"
    HEALTH_ADDRESS_UNUSABLE = "health_address_unusable"
    FILTER_INVALID = "filter_invalid"
    STATE_FOLDER_UNUSABLE = "state_folder_unusable"
    DEAD_LETTERS_FULL = "dead_letters_full"
    DEAD_LETTERS_NOT_WRITABLE = "dead_letters_not_writable"
    DEAD_LETTERS_DAMAGED = "dead_letters_damaged"
    DEAD_LETTER_NOT_FOUND = "dead_letter_not_found"
    EXPORT_WOULD_OVERWRITE = "export_would_overwrite"
    EXPORT_NOT_WRITABLE = "export_not_writable"
    DATA_GAP = "data_gap"
    STOP_INCOMPLETE = "stop_incomplete"
    NEVER_RUN = "never_run"
    RECORDS_MISSING = "records_missing"
    PROOF_FAILED = "proof_failed"

    SANDBOX_PARTS_NOT_INSTALLED = "sandbox_parts_not_installed"
    SANDBOX_NOT_STARTED = "sandbox_not_started"
    SANDBOX_NOT_RUNNING = "sandbox_not_running"
    SANDBOX_FOLDER_IN_USE = "sandbox_folder_in_use"
    SCENARIO_UNKNOWN = "scenario_unknown"

    WINDOW_NOT_INSTALLED = "window_not_installed"
    WINDOW_NO_SCREEN = "window_no_screen"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong, in words.

    Attributes:
        code: its kind.
        severity: ``error`` stops what was asked for; ``warning`` does not.
        where: the field, file or stage it was found at.
        cause: one sentence: why.
        remedy: one sentence: what to do next.
        detail: the technical text behind it, already redacted; may be empty.
    """

    code: Code
    severity: Severity
    where: str
    cause: str
    remedy: str
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """The problem as the command line's JSON shows it."""
        return {key: str(value) for key, value in asdict(self).items()}


class ProblemError(Exception):
    """Carries a :class:`Problem` to the edge that shows it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.where}: {problem.cause}")
        self.problem = problem


def problem(code: Code, where: str, detail: str = "", **parameters: object) -> Problem:
    """Build the problem ``code``; ``parameters`` fill the ``$name`` places of its texts.

    ``detail`` must be redacted by the caller (``core.secrets.redaction.redact_text``).
    Raises KeyError when a text names a parameter that was not given.
    """
    entry = catalogue()[code]
    values = {"where": where, **parameters}
    return Problem(
        code=code,
        severity="warning" if entry.get("severity") == "warning" else "error",
        where=where,
        cause=Template(entry["cause"]).substitute(values),
        remedy=Template(entry["remedy"]).substitute(values),
        detail=detail,
    )


def problem_error(code: Code, where: str, detail: str = "", **parameters: object) -> ProblemError:
    """The exception that carries ``problem(code, where, detail, **parameters)``."""
    return ProblemError(problem(code, where, detail, **parameters))


@functools.cache
def catalogue(language: str = "en") -> dict[str, dict[str, str]]:
    """Code -> {cause, remedy[, severity]} from ``resources/problems/<language>.toml``."""
    text = resources.files("resources").joinpath("problems", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)
