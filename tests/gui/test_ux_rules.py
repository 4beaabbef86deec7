"""docs/window.md names a test for each of the fifteen rules of use; each of them is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) [^|]+ \| `([^`]+)::([^`]+)` \|$", re.MULTILINE)


def test_each_rule_has_its_test():
    rows = ROW.findall((ROOT / "docs" / "window.md").read_text("utf-8"))
    assert [int(number) for number, _, _ in rows] == list(range(1, 16))
    for number, file, name in rows:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        names = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
        assert name in names, f"rule {number}: {file} has no {name}"
