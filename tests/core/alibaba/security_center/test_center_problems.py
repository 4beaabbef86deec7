"""Each answer of the service has its own problem."""

from __future__ import annotations

import pytest

from core.alibaba.security_center.answers import SecurityCenterError
from core.alibaba.security_center.problems import center_problem
from core.alibaba.security_center.standardised_rules import FieldCheck, Validation
from core.errors import Code, Problem
from core.secrets.redaction import know_secret

HOST = "cloud-siem.ap-southeast-1.aliyuncs.com"


def told(
    status: int, code: str, message: str, operation: str = "CreateVendor", **more: str
) -> Problem:
    error = SecurityCenterError(
        operation, HOST, status=status, code=code, message=message, request_id="R-1", **more
    )
    return center_problem(error, "security_center.vendor")


@pytest.mark.parametrize(
    ("status", "code", "message", "operation", "wanted"),
    [
        (403, "ServiceNotActivated", "The service is not activated.", "", "NOT_ACTIVATED"),
        (400, "OperationDenied", "You have not purchased; not purchased.", "", "NOT_ACTIVATED"),
        (
            400,
            "AssumeRoleError",
            'Specified role "AliyunServiceRoleForSasCloudSiem" is not exists.',
            "CreateDataSource",
            "ROLE_MISSING",
        ),
        (
            403,
            "SomethingElse",
            "The role AliyunServiceRoleForSasCloudSiem is not granted.",
            "",
            "ROLE_MISSING",
        ),
        (403, "Forbidden.UserDenied.RdAccount", "Forbidden User.", "", "MEMBER_ACCOUNT"),
        (400, "InvalidRegionId", "The specified RegionId is invalid.", "", "REGION_WRONG"),
        (
            400,
            "InvalidParameter",
            "The specified parameter RegionId is not valid.",
            "",
            "REGION_WRONG",
        ),
        (400, "QuotaExceeded", "The number has reached the upper limit.", "", "QUOTA"),
        (
            400,
            "ScanDataIngestionQuotaExceeded",
            "At most 5 of the dataset audit_activity can use scan query.",
            "EnableDataIngestion",
            "SCAN_POLICIES",
        ),
        (
            400,
            "InvalidDataSourceId",
            "The specified DataSourceId is invalid.",
            "CreateDataIngestion",
            "ID_INVALID",
        ),
        (
            400,
            "InvalidLogProjectName",
            "The specified LogProjectName is invalid.",
            "CreateDataSource",
            "LOGSTORE_UNUSABLE",
        ),
        (400, "Whatever", "Cannot be read.", "ValidateLogStore", "LOGSTORE_UNUSABLE"),
        (
            400,
            "InvalidNormalizationRuleExpression",
            "The specified NormalizationRuleExpression is invalid. line 3, column 7: no pars-json",
            "CreateNormalizationRule",
            "RULE_REJECTED",
        ),
        (400, "Whatever", "No.", "ValidateNormalizationRule", "RULE_REJECTED"),
        (400, "Whatever", "No.", "CreateDetectionRule", "DETECTION_REJECTED"),
        (400, "Whatever", "No.", "EnableDataIngestion", "POLICY_REJECTED"),
        (400, "Whatever", "No.", "ExecuteLogQuery", "QUERY_REJECTED"),
        (400, "VendorNameExists", "The specified VendorName already exists.", "", "EXISTS"),
        (400, "DataSourceReferenced", "It is used by a data ingestion.", "", "IN_USE"),
        (403, "OperationDenied.Preset", "A preset vendor cannot be changed.", "", "PRESET"),
        (404, "Gone", "No such thing.", "DeleteVendor", "NOT_FOUND"),
        (400, "Throttling.User", "Request was denied due to throttling.", "", "THROTTLED"),
        (429, "TooMany", "Slow down.", "", "THROTTLED"),
        (500, "InternalError", "Some unknown error.", "", "DOWN"),
        (503, "ServiceUnavailable", "Later.", "", "DOWN"),
        (400, "NeverHeardOf", "Something odd.", "", "REFUSED"),
    ],
)
def test_an_answer_of_the_service(status, code, message, operation, wanted):
    found = told(status, code, message, operation or "CreateVendor")
    assert found.code.name == f"SECURITY_CENTER_{wanted}"
    assert found.detail.endswith("; request R-1")
    assert code in found.detail


@pytest.mark.parametrize(
    ("status", "code", "wanted"),
    [
        (404, "InvalidAccessKeyId.NotFound", Code.ALIBABA_KEY_REFUSED),
        (400, "SignatureDoesNotMatch", Code.ALIBABA_KEY_REFUSED),
        (400, "InvalidSecurityToken.Expired", Code.ALIBABA_TOKEN_EXPIRED),
        (400, "InvalidTimeStamp.Expired", Code.ALIBABA_CLOCK_WRONG),
    ],
)
def test_what_every_api_of_alibaba_cloud_answers(status, code, wanted):
    assert told(status, code, "Refused.").code is wanted


def test_a_missing_right_is_named_as_the_details_name_it():
    found = told(403, "NoPermission", "No.", auth_action="yundun-sas:CreateVendor")
    assert found.code is Code.ALIBABA_PERMISSION_MISSING
    assert "yundun-sas:CreateVendor on *" in found.cause


def test_a_missing_right_is_named_by_the_message():
    message = "Action: yundun-sas:CreateVendor. Resource: acs:yundun-sas::1000:vendor/*, sorry."
    found = told(403, "Forbidden.RAM", message)
    assert "yundun-sas:CreateVendor on acs:yundun-sas::1000:vendor/*" in found.cause


def test_a_missing_right_that_nobody_names_is_that_of_the_operation():
    found = told(403, "Forbidden", "You don't have permission.", "ListAlerts")
    assert "yundun-sas:ListAlerts" in found.cause


def test_the_place_of_a_rules_fault_is_told():
    message = "The specified NormalizationRuleExpression is invalid. line 3, column 7: no pars-json"
    found = told(400, "InvalidNormalizationRuleExpression", message, "CreateNormalizationRule")
    assert "line 3, column 7: no pars-json" in found.cause
    assert "NormalizationRuleExpression is invalid" not in found.cause


@pytest.mark.parametrize(
    ("message", "code", "wanted"),
    [
        ("[Errno -2] Name or service not known", "", Code.ALIBABA_UNREACHABLE),
        ("Connection refused", "", Code.ALIBABA_UNREACHABLE),
        ("Cannot connect to proxy.", "", Code.ALIBABA_UNREACHABLE),
        ("certificate verify failed: self-signed", "", Code.ALIBABA_CERTIFICATE_UNTRUSTED),
        ("Read timed out. (read timeout=30)", "", Code.ALIBABA_NO_ANSWER),
        ("Expecting value: line 1", "unreadable", Code.ALIBABA_NO_ANSWER),
    ],
)
def test_no_answer_at_all(message, code, wanted):
    error = SecurityCenterError("ListVendors", HOST, code=code, message=message)
    found = center_problem(error, "security_center")
    assert found.code is wanted
    assert HOST in found.cause


def test_no_secret_is_in_a_problem():
    secret = "LTAI-never-show-this-secret-4711"
    know_secret(secret)
    found = told(400, "NeverHeardOf", f"The key {secret} is odd.")
    assert secret not in str(found.as_json())


def check(name: str, state: str, message: str = "") -> FieldCheck:
    return FieldCheck(name, state, message)  # type: ignore[arg-type]


def test_a_validation_tells_the_fields_that_fail():
    fine = Validation((check("start_time", "pass"), check("city", "warn", "x.TheValueIsNull")))
    assert fine.ok
    assert fine.problem() is None
    bad = Validation(
        (
            check("start_time", "fail", "OperationDenied.TheValueIsRequired"),
            *(check(f"f{number}", "fail", "OperationDenied.TheValueIsNull") for number in range(4)),
        )
    )
    found = bad.problem()
    assert not bad.ok
    assert found is not None
    assert found.code is Code.SECURITY_CENTER_RULE_FIELDS
    assert "start_time: OperationDenied.TheValueIsRequired" in found.cause
    assert "and 2 more" in found.cause
    assert "f3" in found.detail


def test_a_rule_that_makes_nothing_is_not_fine():
    found = Validation(()).problem()
    assert found is not None
    assert found.code is Code.SECURITY_CENTER_RULE_MAKES_NOTHING
