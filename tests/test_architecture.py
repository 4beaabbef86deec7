"""The walls of the house stand, and the rules that no linter knows are kept."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path for name in ("core", "gui", "resources") for path in (ROOT / name).rglob("*.py")
)
LONGEST_MODULE = 400


def test_no_module_is_too_long():
    long = {str(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_MODULE} == {}


def test_packaging_is_no_package():
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\bcommit\(\s*offsets\s*=", "a commit of explicit offsets works for partitions lost"),
        (r"verify\s*=\s*False|CERT_NONE", "nothing turns TLS checking off"),
        (r"^\s*(?:from|import)\s+(?:PySide6|shiboken6|qasync)\b", "core knows no Qt"),
    ],
)
def test_what_must_not_be_written(pattern, why):
    sources = [path for path in SOURCES if "Qt" not in why or "gui" not in path.parts]
    found = [
        f"{path}:{number}"
        for path in sources
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]
    assert found == [], why


def test_only_one_module_decides_where_log_service_is():
    """The connection uses the profile's address; the others read, name or check it."""
    users = {
        path.name
        for path in (ROOT / "core").rglob("*.py")
        if re.search(r"\baccess\.address\b|log_service_address", path.read_text("utf-8"))
        and "sandbox" not in path.parts
    }
    assert users == {
        "access.py",
        "check.py",
        "connection.py",
        "profile.py",
        "profile_problems.py",
        "reader.py",
        "sdk_session.py",
    }


def test_nobody_else_owns_our_top_level_names():
    owners = packages_distributions()
    for name in ("core", "gui", "resources"):
        assert set(owners.get(name, ["isthmus"])) == {"isthmus"}, name


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_an_emulator_that_imports_the_engine_is_found(tmp_path):
    """The planted import breaks the contract; without it the contract holds."""
    for name in ("core", "gui", "resources"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    clean = lint_imports(tmp_path)
    assert clean.returncode == 0, clean.stdout
    planted = tmp_path / "core" / "sandbox" / "planted.py"
    planted.write_text("from core.engine import tracker\n")
    broken = lint_imports(tmp_path)
    assert broken.returncode != 0
    assert "The sandbox shares nothing with what it tests" in broken.stdout
    assert "core.sandbox.planted" in broken.stdout
