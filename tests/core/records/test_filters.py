"""A filter as an analyst types it: what each form finds, and what is said when it is wrong."""

from __future__ import annotations

import json

import pytest

from core.records.filters import FilterError, parse

SIGN_IN = {
    "time": "2026-11-24T10:00:00.1234567Z",
    "resourceId": "/tenants/4b2c8d7e-1111-2222-3333-444455556666/providers/Microsoft.aadiam",
    "operationName": "Sign-in activity",
    "category": "NonInteractiveUserSignInLogs",
    "resultType": "50126",
    "durationMs": "1200",
    "callerIpAddress": "203.0.113.9",
    "identity": "Zoë Weiß",
    "Level": "4",
    "correlationId": "null",
    "note": "",
    "ratio": "0.25",
    "a.b": "dotted",
    "two words": "spaced",
    "properties": json.dumps(
        {
            "userPrincipalName": "zoe@contoso.com",
            "status": {"errorCode": 50126, "failureReason": "Invalid password", "extra": None},
            "riskScore": 1.50,
            "isInteractive": False,
            "appliedPolicies": [
                {"displayName": "Require MFA", "result": "failure"},
                {"displayName": "Block legacy", "result": "notApplied"},
            ],
            "roles": ["Reader", "Owner"],
            "kubernetes.io/name": {"x": "y"},
        },
        separators=(",", ":"),
    ),
    "event_uid": "3f9ac0de.4.18231.m3vq1k2s.0/25",
    "event_service": "signinlogs",
    "event_time": "2026-11-24T10:00:00.1234567Z",
}

MATCHING = [
    "",
    "   ",
    # free text
    "sign-in",
    "SIGN-IN",
    "203.0.113",
    "weiss",
    '"Sign-in activity"',
    '"invalid PASSWORD"',
    "Sign*vity",
    "invalid password zoe",
    "zoe@contoso.com",
    "2026-11-24T10:00:00",
    # field:value
    "category:noninteractiveUSERsigninlogs",
    "CATEGORY:NonInteractiveUserSignInLogs",
    'operationName:"sign-in activity"',
    'operationName="sign-in activity"',
    "identity:zoë*weiss",
    "event_service:signinlogs",
    "event_uid:3f9ac0de.4.18231.m3vq1k2s.0/25",
    "correlationId:null",
    'note:""',
    '"two words":spaced',
    # wildcards
    "category:NonInteractive*",
    "category:*signinlogs",
    "category:*User*",
    "category:non*user*logs",
    'operationName:"sign-in "*',
    'resourceId:"/tenants/"*',
    "resourceId:*/providers/*",
    # numbers
    "durationMs>1000",
    "durationMs > 1000",
    "durationMs>=1200",
    "durationMs<=1200",
    "durationMs<1201",
    "durationMs=1200.0",
    "durationMs=1.2e3",
    "durationMs!=1201",
    "durationMs:>1000",
    "durationMs:1000..1200",
    "durationMs:1200..",
    "durationMs:..1200",
    "ratio:0.2..0.3",
    "ratio>-1",
    # regex
    "operationName:/^Sign-in/",
    "operationName:/^SIGN-in\\sact/i",
    "operationName:/activity$/",
    "/contoso\\.(com|org)/",
    "/^203\\.0\\.113\\.9$/",
    "resourceId:/^\\/tenants\\/[0-9a-f-]+\\//",
    # existence
    "note:*",
    "identity:*",
    "properties.status:*",
    # dotted paths
    "properties.status.errorCode:50126",
    "PROPERTIES.STATUS.ERRORCODE:50126",
    "properties.status.errorCode>50000",
    "properties.status.extra:null",
    "properties.riskScore:1.5",
    "properties.isInteractive:false",
    "properties.userPrincipalName:*@contoso.com",
    "properties.status.failureReason:/invalid/i",
    "properties.appliedPolicies.result:failure",
    'properties.appliedPolicies.1.displayName:"block legacy"',
    "properties.roles:owner",
    "properties.roles.0:reader",
    'properties."kubernetes.io/name".x:y',
    "properties.status:*Invalid*",
    "a.b:dotted",
    # and, or, not
    "sign-in category:*signinlogs",
    "sign-in AND category:*signinlogs",
    "nosuch or category:*signinlogs",
    "not nosuch",
    "NOT category:auditlogs",
    "-nosuch",
    "-category:auditlogs",
    "-(nosuch or category:auditlogs)",
    "not not sign-in",
    "nosuch and nosuch or sign-in",
    "sign-in or nosuch and nosuch",
    "(nosuch or sign-in) and -auditlogs",
    "-absent:value",
]

NOT_MATCHING = [
    "nosuch",
    '"activity sign-in"',
    "vity*Sign",
    '"NonInteractiveUserSignInLogs\n50126"',
    "category:NonInteractive",
    "category:signinlogs",
    'category:"NonInteractive*"',
    "resultType:5012",
    "absent:*",
    "absent:value",
    "absent>0",
    "durationMs>1200",
    "durationMs<1200",
    "durationMs:1201..1300",
    "category>0",
    "note>=0",
    "operationName:/^activity/",
    "operationName:/SIGN/",
    "/^contoso/",
    "properties.status.errorcode:50127",
    "properties.status.absent:*",
    "properties.status.errorCode.more:*",
    "properties.appliedPolicies.2.displayName:*",
    "properties.appliedPolicies:failure",
    "category.x:*",
    "sign-in and nosuch",
    "not sign-in",
    "-sign-in",
    "sign-in -category:*signinlogs",
    "(nosuch or sign-in) and auditlogs",
    "durationMs!=1200",
]


@pytest.mark.parametrize("query", MATCHING)
def test_found(query):
    assert parse(query).matches(SIGN_IN)


@pytest.mark.parametrize("query", NOT_MATCHING)
def test_not_found(query):
    assert not parse(query).matches(SIGN_IN)


@pytest.mark.parametrize("query", [*MATCHING, *NOT_MATCHING])
def test_the_canonical_form_says_the_same(query):
    found = parse(query)
    again = parse(found.text)
    assert again == found
    assert again.text == found.text


@pytest.mark.parametrize(
    "query",
    [
        "https://login.contoso.com/x",
        "fe80::1",
        "C:\\Windows",
        "10.0.0.1:443",
        "x/y",
        "a://",
        "what?",
    ],
)
def test_addresses_and_paths_are_text_without_quotes(query):
    assert parse(query).matches({"any": f"before {query} behind"})
    assert not parse(query).matches({"any": "another"})


@pytest.mark.parametrize(
    ("query", "column", "message"),
    [
        ("durationMs>abc", 12, "a number should follow durationMs>"),
        ("durationMs>", 12, "a number should follow durationMs>"),
        ('durationMs>"5"', 12, "a number should follow durationMs>"),
        ("category:", 10, "a value should follow category: at once"),
        ("category: x", 10, "a value should follow category: at once"),
        ("a:(b or c)", 3, "a value should follow a: at once"),
        ("(a or b", 1, "this ( is not closed"),
        ("a or b)", 7, "there is no ( for this )"),
        ("a and", 6, "a term is missing at the end"),
        ("a and or b", 7, "a term should stand here, not or"),
        ("or b", 1, "a term should stand here, not or"),
        ("()", 2, "a term should stand here, not )"),
        ("x -", 3, "a term should follow - at once"),
        ('x "abc', 3, 'this " is not closed'),
        (":x", 1, "a field's name is missing before :"),
        ('"":x', 1, "a field's name is empty"),
        ("!x", 1, "! is no sign of this language"),
        ("a:/x", 3, "this regular expression is not closed"),
        ("a:/subscriptions/1", 18, "a regular expression ended before this place"),
        ("a:/x/q", 6, "a regular expression has no flag q"),
        ("//", 1, "this regular expression is empty"),
        ("a:20..10", 3, "this range is empty"),
        (
            "a:/(?=x)y/",
            3,
            "the regular expression /(?=x)y/ is refused: invalid perl operator: (?=",
        ),
        ("b or /(/", 6, "the regular expression /(/ is refused: missing ): ("),
        ("/(x)\\1/", 1, r"the regular expression /(x)\1/ is refused: invalid escape sequence: \1"),
    ],
)
def test_an_error_names_its_place_and_what_was_expected(query, column, message):
    with pytest.raises(FilterError) as caught:
        parse(query)
    error = caught.value
    assert (error.column, error.message) == (column, message)
    assert error.position == column - 1
    assert error.hint.endswith(".")
    lines = error.show().splitlines()
    assert lines[0] == query
    assert lines[1] == " " * (column - 1) + "^"
    assert lines[2] == f"column {column}: {message}"
    assert lines[3] == error.hint


def test_the_caret_stands_below_wide_and_unprintable_characters_and_in_long_queries():
    with pytest.raises(FilterError) as caught:
        parse("日本\x1b[2J e\u0301 durationMs>x")
    first, second, *_ = caught.value.show().splitlines()
    assert first == "日本.[2J e\u0301 durationMs>x"
    assert second.index("^") == 4 + len(".[2J e durationMs>")
    with pytest.raises(FilterError) as caught:
        parse("word " * 200 + "durationMs>x " + "word " * 100)
    first, second, *_ = caught.value.show().splitlines()
    assert len(first) < 100
    assert first[second.index("^")] == "x"


def test_a_query_is_bounded():
    assert parse("x" * 4096)
    for query in ("x" * 4097, "é" * 2049):
        with pytest.raises(FilterError, match="longer than 4,096 bytes"):
            parse(query)
    assert parse("(" * 64 + "x" + ")" * 64).matches({"a": "x"})
    assert parse("-" * 64 + "x").matches({"a": "x"})
    for query in ("(" * 65 + "x" + ")" * 65, "(" * 4000, "-" * 65 + "x", "not " * 1000 + "x"):
        with pytest.raises(FilterError, match="nests more than 64 deep"):
            parse(query)
    assert parse(" ".join(["/x/"] * 16))
    with pytest.raises(FilterError, match="more than 16 regular expressions"):
        parse(" ".join(["/x/"] * 17))
    with pytest.raises(FilterError, match="more than 32 parts"):
        parse(".".join("a" * 33) + ":x")
    with pytest.raises(FilterError, match="when written out"):
        parse("- ".join(["x"] * 10).replace("- ", " -") + " -y" * 1300)


def test_an_expression_that_would_take_much_memory_is_refused():
    with pytest.raises(FilterError, match="is refused: pattern too large"):
        parse("/((x{100}){9}y{100}){1}((x{900}){1}){1}(\\pL{300}){3}/i")


def test_whole_numbers_are_compared_exactly():
    huge = "9007199254740993"
    assert parse(f"id={huge}").matches({"id": huge})
    assert not parse(f"id={huge}").matches({"id": "9007199254740992"})
    assert parse("id>1e300").matches({"id": "1e400"})
    assert parse(f"id>{'9' * 4000}").matches({"id": "1" + "0" * 5000})


@pytest.mark.parametrize("text", ["1_000", "0x10", " 5", "nan", "inf", "५", "5 ms", ""])
def test_what_only_looks_like_a_number_is_none(text):
    assert not parse("n>=0 or n<=0").matches({"n": text})


def test_equal_names_in_another_case_prefer_the_one_that_was_written():
    fields = {"level": "low", "Level": "high"}
    assert parse("Level:high").matches(fields)
    assert parse("level:low").matches(fields)


def test_the_objects_of_a_record_are_read_once_and_only_when_asked_for(monkeypatch):
    from core.records import filter_match

    asked: list[str] = []
    decode = filter_match._decode

    def counting(text):
        asked.append(text)
        return decode(text)

    monkeypatch.setattr(filter_match, "_decode", counting)
    query = "properties.a:x or properties.b:y or PROPERTIES.c:z or other.a:x"
    fields = {"properties": '{"a":1}', "other": "no object"}
    assert not parse(query).matches(fields)
    assert asked == ['{"a":1}']
    assert parse("properties:* and other:no* and 1").matches(fields)
    assert len(asked) == 1
