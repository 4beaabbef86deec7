"""Which scene allows which instruction, how long a script may be, and whose names ignore case."""

from __future__ import annotations

import pytest

from core.sandbox.spl import Scene, SplError, parse

S = Scene
EXAMPLES = {
    "where": "where a = 'x'",
    "extend": "extend a = 'x'",
    "project": "project a",
    "project-away": "project-away a",
    "project-rename": "project-rename a=b",
    "parse-json": "parse-json a",
    "parse-regexp": "parse-regexp a, '(x)' as b",
    "parse-csv": "parse-csv a as b",
    "parse-kv": "parse-kv -delims='&' a",
    "expand-values": "expand-values a as b",
    "pack-fields": "pack-fields as a",
}
# Documents "SPL instructions and functions" (crosses) and "Add a product to Agentic SOC 2.0".
REFUSED = {
    ("expand-values", S.INGEST): "one row in, none or one row out",
    ("expand-values", S.COLLECTOR): "one row in, none or one row out",
    ("expand-values", S.SCAN): "scan queries do not support it",
    ("expand-values", S.SIEM_SCAN): "scan mode of an integration policy",
    ("pack-fields", S.INGEST): "one row in, none or one row out",
    ("pack-fields", S.COLLECTOR): "one row in, none or one row out",
    ("parse-json", S.SIEM_SCAN): "scan mode of an integration policy",
    ("parse-regexp", S.SIEM_SCAN): "scan mode of an integration policy",
    ("parse-csv", S.SIEM_SCAN): "scan mode of an integration policy",
    ("parse-kv", S.SIEM_SCAN): "scan mode of an integration policy",
}
NOT_RUN = {
    ".let": {S.TRANSFORM, S.SCAN},
    "stats": {S.SCAN},
    "sort": {S.SCAN},
    "limit": {S.SCAN},
    "log-to-metric": {S.TRANSFORM},
    "metric-to-metric": {S.TRANSFORM},
}


@pytest.mark.parametrize("scene", list(Scene))
@pytest.mark.parametrize("word", list(EXAMPLES))
def test_the_matrix(word, scene):
    script = f"* | project a, b\n| {EXAMPLES[word]}"
    reason = REFUSED.get((word, scene))
    if reason is None:
        assert parse(script, scene).run([]).rows == []
        return
    with pytest.raises(SplError) as caught:
        parse(script, scene)
    assert f"{word} is not allowed in a {scene.value}: " in caught.value.message
    assert reason in caught.value.message
    assert (caught.value.line, caught.value.column) == (2, 3)


@pytest.mark.parametrize("scene", list(Scene))
@pytest.mark.parametrize("word", list(NOT_RUN))
def test_instructions_that_are_not_run_here(word, scene):
    with pytest.raises(SplError) as caught:
        parse(f"* | {word} a", scene)
    outside = f"outside the documented subset: {word}"
    assert (caught.value.message == outside) == (scene in NOT_RUN[word])
    if scene not in NOT_RUN[word]:
        assert f"{word} is not allowed in a {scene.value}" in caught.value.message


@pytest.mark.parametrize("scene", list(Scene))
def test_sixteen_levels(scene):
    sixteen = "*" + " | project a" * 16
    parse(sixteen, scene)
    with pytest.raises(SplError, match=r"17 levels, 16 at most") as caught:
        parse(sixteen + " | project a", scene)
    assert (caught.value.line, caught.value.column) == (1, len(sixteen) + len(" | ") + 1)
    assert "join neighbouring" in caught.value.hint


@pytest.mark.parametrize(
    ("scene", "most"),
    [
        (S.TRANSFORM, 10_240),
        (S.INGEST, 4_000),
        (S.CONSUMER, 10_240),
        (S.SCAN, 65_536),
        (S.COLLECTOR, 65_536),
        (S.SIEM_REALTIME, 10_240),
    ],
)
def test_the_size_of_a_script(scene, most):
    head = "* | extend a = '"
    parse(head + "x" * (most - len(head) - 1) + "'", scene)
    with pytest.raises(SplError, match=f"{most + 1} .*, {most} at most"):
        parse(head + "x" * (most - len(head)) + "'", scene)


def test_an_ingest_processor_counts_characters_and_the_others_bytes():
    script = "* | extend a = '" + "é" * 3_900 + "'"
    parse(script, S.INGEST)
    parse(script, S.TRANSFORM)
    with pytest.raises(SplError, match="bytes"):
        parse("* | extend a = '" + "é" * 5_200 + "'", S.TRANSFORM)


def test_names_ignore_case_in_a_scan_only(spl):
    row = {"Status": "x", "other": "y"}
    scan = "* | where STATUS = 'x' | extend sTATUS = 'new' | project status, a=OTHER"
    assert spl(scan, row, scene=S.SCAN) == [{"Status": "new", "a": "y"}]
    assert spl("* | where STATUS = 'x'", row) == []
    assert spl("* | extend status = 'new'", row) == [{**row, "status": "new"}]
    assert spl('* | project-away -wildcard "STAT*"', row, scene=S.SIEM_SCAN) == [{"other": "y"}]
    assert spl("* | project-rename b=STATUS", row, scene=S.SCAN) == [{"other": "y", "b": "x"}]
