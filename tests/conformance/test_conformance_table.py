"""docs/conformance.md tells users of every difference, and of none that is not tested."""

from __future__ import annotations

from pathlib import Path

from conformance.differences import DIFFERENCES

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "conformance.md"


def test_the_page_lists_the_differences_as_the_tests_know_them() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    told = [line for line in rows[1:] if not line.startswith("| ---")]
    assert told == [
        f"| {each.what} | {each.isthmus_text} | {each.apache_text} | {each.reason} |"
        for each in DIFFERENCES.values()
    ]


def test_every_difference_is_one_and_a_test_meets_it() -> None:
    tests = "".join(file.read_text("utf-8") for file in HERE.glob("test_conformance_*.py"))
    for name, each in DIFFERENCES.items():
        assert f'"{name}"' in tests
        assert each.isthmus != each.apache or "if google-crc32c is installed" in each.isthmus_text
