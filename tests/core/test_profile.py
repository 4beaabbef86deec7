"""A wrong profile is answered with one problem: its file, line, key, cause and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Code, ProblemError
from core.profile import Profile, load_profile, parse_profile

GOOD = """\
schema_version = 1
name = "contoso to soc"

[kafka]
bootstrap = "contoso.servicebus.windows.net:9093"
topic = "azure-logs"
connection_string = "env:CONTOSO_KAFKA"

[alibaba]
region = "ap-southeast-1"
access_key_id = "LTAI0"
access_key_secret = "file:key.secret"

[log_service]
project = "contoso-soc"
logstore = "azure_raw"

[import]
memory_mib = 256
"""


def parsed(text: str) -> Profile:
    return parse_profile(text, Path("contoso.toml"))


def refused(text: str):
    with pytest.raises(ProblemError) as caught:
        parsed(text)
    return caught.value.problem


def test_defaults():
    profile = parsed(GOOD)
    assert profile.group.startswith("isthmus-contoso-to-soc-")
    assert profile.kafka.start == "earliest"
    assert profile.kafka.session_timeout_s == 30
    assert profile.log_service_endpoint == "ap-southeast-1.log.aliyuncs.com"
    assert (profile.import_.workers, profile.import_.memory_mib) == (1, 256)
    assert (profile.import_.disk_mib, profile.import_.order) == (1024, "partition")


@pytest.mark.parametrize(
    ("old", "new", "code", "where", "in_text"),
    [
        ("topic =", "topik =", Code.PROFILE_UNKNOWN_KEY, "line 6: kafka.topik", "mean topic?"),
        ("[import]", "[imports]", Code.PROFILE_UNKNOWN_KEY, "line 18: imports", "mean import?"),
        (
            "memory_mib = 256",
            'memory_mib = "a"',
            Code.PROFILE_WRONG_TYPE,
            "line 19",
            "whole number",
        ),
        (
            "memory_mib = 256",
            "memory_mib = true",
            Code.PROFILE_WRONG_TYPE,
            "line 19",
            "whole number",
        ),
        (
            "memory_mib = 256",
            "memory_mib = 1.5",
            Code.PROFILE_WRONG_TYPE,
            "line 19",
            "whole number",
        ),
        (
            "memory_mib = 256",
            "memory_mib = 1",
            Code.PROFILE_WRONG_VALUE,
            "import.memory_mib",
            "128",
        ),
        ("memory_mib = 256", "workers = 2", Code.PROFILE_WRONG_VALUE, "import.workers", "workers"),
        ("memory_mib = 256", 'order = "x"', Code.PROFILE_WRONG_VALUE, "import.order", "partition"),
        ('name = "contoso to soc"', "name = 5", Code.PROFILE_WRONG_TYPE, "line 2: name", "text"),
        ("azure-logs", "azure logs", Code.PROFILE_WRONG_VALUE, "line 6: kafka.topic", "azure logs"),
        ("net:9093", "net", Code.PROFILE_WRONG_VALUE, "line 5: kafka.bootstrap", ":9093"),
        ("net:9093", "net:99999", Code.PROFILE_WRONG_VALUE, "kafka.bootstrap", "no port 99999"),
        ("schema_version = 1", "schema_version = 2", Code.PROFILE_WRONG_VALUE, "line 1", "2"),
        ("contoso-soc", "Contoso_SOC!", Code.PROFILE_WRONG_VALUE, "log_service.project", "a-z"),
        ('topic = "azure-logs"', "", Code.PROFILE_MISSING_KEY, "line 4: kafka.topic", "hub's name"),
        ("[kafka]", "[kafka", Code.PROFILE_NOT_TOML, "contoso.toml", "line 4"),
    ],
)
def test_one_wrong_thing_is_named(old, new, code, where, in_text):
    assert old in GOOD
    problem = refused(GOOD.replace(old, new, 1))
    assert problem.code == code
    assert where in problem.where
    assert "contoso.toml" in problem.where
    assert in_text in f"{problem.cause} {problem.remedy}"


@pytest.mark.parametrize(
    "start", ["earliest", "latest", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00+08:00"]
)
def test_starts(start):
    text = GOOD.replace("topic =", f'start = "{start}"\ntopic =')
    assert parsed(text).kafka.start == start


@pytest.mark.parametrize("start", ["newest", "2026-11-24", "2026-11-24T00:00:00", ""])
def test_starts_that_are_none(start):
    problem = refused(GOOD.replace("topic =", f'start = "{start}"\ntopic ='))
    assert problem.code == Code.PROFILE_WRONG_VALUE
    assert "kafka.start" in problem.where


def test_a_secret_typed_in_place_of_its_reference_is_not_repeated():
    secret = "Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=CANARY123456"
    problem = refused(GOOD.replace("env:CONTOSO_KAFKA", secret))
    assert problem.code == Code.SECRET_REF_INVALID
    assert "kafka.connection_string" in problem.where
    assert "CANARY" not in str(problem)


def test_two_names_never_become_one_group():
    names = ["prod 1", "prod-1", "日本", "中文", "a"]
    groups = {parsed(GOOD.replace("contoso to soc", name)).group for name in names}
    assert len(groups) == len(names)
    assert "isthmus-prod-1" in groups


def test_a_secret_pasted_into_another_key_is_not_repeated():
    secret = "Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=CANARY123456"
    for old in ("contoso.servicebus.windows.net:9093", "azure-logs", "contoso-soc"):
        problem = refused(GOOD.replace(old, secret))
        assert problem.code == Code.PROFILE_WRONG_VALUE
        assert "CANARY" not in str(problem)
    problem = refused(GOOD + '\n[network]\nproxy = "http://me:CANARY@proxy:3128"\n')
    assert problem.code == Code.PROFILE_WRONG_VALUE
    assert "CANARY" not in str(problem)


def test_the_name_of_a_field_of_ours_is_unknown_too():
    assert refused('file = "x"\n' + GOOD).code == Code.PROFILE_UNKNOWN_KEY


def test_the_other_wrong_keys_stand_in_the_detail():
    problem = refused(GOOD.replace("topic =", "topik =").replace("256", '"x"'))
    assert problem.code == Code.PROFILE_UNKNOWN_KEY
    assert "import.memory_mib" in problem.detail


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("127.0.0.1:4443", True),
        ("log.internal.example:443", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost:8080", False),
        ("http://10.0.0.1:8080", False),
        ("https://127.0.0.1:8080", False),
        ("127.0.0.1", False),
    ],
)
def test_plain_http_is_for_loopback_literals_only(address, fits):
    text = GOOD + f'\n[endpoints]\nlog_service_address = "{address}"\n'
    if fits:
        assert parsed(text).endpoints.log_service_address == address
    else:
        assert refused(text).code == Code.PROFILE_WRONG_VALUE


def test_a_profile_is_found_by_path_and_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("ISTHMUS_CONFIG_DIR", str(tmp_path))
    (tmp_path / "contoso.toml").write_text(GOOD, "utf-8")
    by_path, by_name = load_profile(str(tmp_path / "contoso.toml")), load_profile("contoso")
    assert by_path == by_name
    assert by_path.state_folder == by_name.state_folder


def test_no_profile_there(tmp_path):
    with pytest.raises(ProblemError) as caught:
        load_profile(str(tmp_path / "none.toml"))
    assert caught.value.problem.code == Code.PROFILE_NOT_FOUND
    assert "none.toml" in caught.value.problem.cause


def test_a_profile_that_is_not_text(tmp_path):
    (tmp_path / "p.toml").write_bytes(b"name = '\xff\xfe'")
    with pytest.raises(ProblemError) as caught:
        load_profile(str(tmp_path / "p.toml"))
    assert caught.value.problem.code == Code.PROFILE_NOT_READABLE


def test_two_files_of_one_name_have_two_state_folders(tmp_path):
    one = parse_profile(GOOD, tmp_path / "a" / "p.toml")
    two = parse_profile(GOOD, tmp_path / "b" / "p.toml")
    assert one.state_folder != two.state_folder


AZURE = """\
schema_version = 1
name = "contoso"

[azure]
subscription = "aaaaaaaa-0000-4000-8000-000000000001"
resource_group = "rg-soc"
location = "eastasia"

[azure.sign_in]
method = "cli"

[azure.namespace]
name = "contoso-logs"

[azure.event_hub]
name = "azure-logs"

[[azure.diagnostic_settings]]
kind = "activity"
categories = ["Administrative"]
"""


def test_a_profile_with_names_only():
    profile = parsed(AZURE)
    azure = profile.azure_half
    assert (azure.cloud, azure.namespace.sku, azure.event_hub.partitions) == (
        "public",
        "Standard",
        4,
    )
    assert (azure.shared_access_policy.name, azure.shared_access_policy.scope) == (
        "isthmus-listen",
        "hub",
    )
    assert azure.diagnostic_settings[0].name == "isthmus"
    assert str(profile.kafka_secret) == "store:contoso-kafka"
    with pytest.raises(ProblemError) as caught:
        profile.account  # noqa: B018
    assert (caught.value.problem.code, caught.value.problem.where) == (
        Code.PROFILE_MISSING_KEY,
        "contoso.toml: alibaba",
    )


@pytest.mark.parametrize(
    ("old", "new", "code", "where", "in_text"),
    [
        ("eastasia", "East Asia", Code.PROFILE_WRONG_VALUE, "line 7: azure.location", "eastasia"),
        ('"aaaaaaaa-', '"zz-', Code.PROFILE_WRONG_VALUE, "azure.subscription", "hexadecimal"),
        ("contoso-logs", "logs_", Code.PROFILE_WRONG_VALUE, "azure.namespace.name", "6 to 50"),
        ('"cli"', '"magic"', Code.PROFILE_WRONG_VALUE, "azure.sign_in.method", "device_code"),
        ('"cli"', '"service_principal"', Code.PROFILE_WRONG_VALUE, "azure.sign_in", "client_id"),
        (
            "[azure.event_hub]",
            "[azure.event_hubs]",
            Code.PROFILE_UNKNOWN_KEY,
            "azure.event_hubs",
            "mean event_hub?",
        ),
        (
            '"activity"',
            '"disk"',
            Code.PROFILE_WRONG_VALUE,
            "diagnostic_settings.0.kind",
            "defender",
        ),
        (
            '["Administrative"]',
            '["Policy", "Policy"]',
            Code.PROFILE_WRONG_VALUE,
            "azure.diagnostic_settings.0",
            "twice",
        ),
        (
            '"activity"',
            '"resource"',
            Code.PROFILE_WRONG_VALUE,
            "azure.diagnostic_settings.0",
            "resource_id",
        ),
        (
            '["Administrative"]',
            "[]",
            Code.PROFILE_WRONG_VALUE,
            "azure.diagnostic_settings.0.categories",
            "at least 1",
        ),
    ],
)
def test_one_wrong_thing_of_the_azure_half_is_named(old, new, code, where, in_text):
    assert old in AZURE
    problem = refused(AZURE.replace(old, new, 1))
    assert problem.code == code
    assert where in problem.where
    assert in_text in f"{problem.cause} {problem.remedy}"


def test_a_pasted_client_secret_is_not_repeated():
    text = AZURE.replace('"cli"', '"service_principal"\nclient_secret = "hunter2-hunter2"')
    problem = refused(text)
    assert problem.code == Code.SECRET_REF_INVALID
    assert "hunter2" not in str(problem)


ALIBABA = (
    GOOD.replace(
        'logstore = "azure_raw"',
        'logstore = "azure_raw"\nrecord_logstore = "azure_records"\nttl_days = 90',
    )
    + """\
route = "managed"
managed_split = "transformation"

[security_center]
region_id = "ap-southeast-1"
data_source_type = "user"

[normalization]
mode = "scan"

[detection]
rules = ["password_spray"]

[costs]
records_per_s = 200
mean_bytes = 1800
"""
)


def test_the_alibaba_half():
    profile = parsed(ALIBABA)
    assert profile.record_logstore == "azure_records"
    assert profile.managed_group == f"{profile.group}-managed"
    assert profile.analysis.data_source_type == "user"
    assert profile.detection.rules == ("password_spray",)
    assert profile.costs.records_per_s == 200.0


def test_without_a_security_center_there_is_no_analysis():
    with pytest.raises(ProblemError) as caught:
        _ = parsed(GOOD).analysis
    assert caught.value.problem.code is Code.PROFILE_MISSING_KEY


def test_keys_of_the_credentials_chain():
    text = GOOD.replace('access_key_id = "LTAI0"\naccess_key_secret = "file:key.secret"\n', "")
    assert parsed(text).account.access_key_id == ""


@pytest.mark.parametrize(
    ("old", "new", "where", "in_text"),
    [
        ('record_logstore = "azure_records"', "", "log_service.record_logstore", "whole messages"),
        ('"azure_records"', '"azure_raw"', "log_service.record_logstore", "azure_raw"),
        ('"transformation"', '"realtime_rule"', "normalization.mode", "realtime only"),
        ('"managed"', '"both"\nmanaged_group = "g"', "", ""),
        ('route = "managed"', 'route = "pull"', "import.route", "managed, engine or both"),
        ("ttl_days = 90", "ttl_days = 0", "log_service.ttl_days", "3650"),
        ('"user"', '"center"', "security_center.data_source_type", "user or dedicated"),
        ('"user"', '"dedicated"', "security_center.data_source_type", "realtime_rule"),
        ('region_id = "ap', 'region_id = "cn', "security_center.region_id", "cn-hangzhou"),
        ('rules = ["password_spray"]', "rules = 3", "detection.rules", "password_spray"),
        ("records_per_s = 200", "records_per_s = -1", "costs.records_per_s", "0 or more"),
        ('access_key_id = "LTAI0"', "", "alibaba", "go together"),
    ],
)
def test_one_wrong_thing_of_the_alibaba_half_is_named(old, new, where, in_text):
    assert old in ALIBABA
    text = ALIBABA.replace(old, new)
    if not where:
        assert parsed(text).managed_group == "g"
        return
    found = refused(text)
    assert found.where.endswith(where)
    assert in_text in f"{found.cause} {found.remedy}"


def test_the_managed_job_has_its_own_group():
    text = ALIBABA.replace('route = "managed"', 'route = "managed"\nmanaged_group = "isthmus-x"')
    found = refused(text.replace("[kafka]", '[kafka]\ngroup = "isthmus-x"'))
    assert found.where.endswith("import.managed_group")
