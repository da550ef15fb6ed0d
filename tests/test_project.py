"""The project's own files: they build anywhere, and say nothing of the machine they were written on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|Users|home/\w+)/")
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|crates)\.(?:org|com|io)\b")
INDEX = re.compile(r"^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links|--trusted-host)\b|://", re.MULTILINE)
REQUIREMENTS = ("runtime", "dev", "pywb", "datasette")
COMMANDS = ("help", "demo", "all", "check", "test", "test-real", "bench", "requirements", "clean")


def committed(root: Path) -> list[Path]:
    """The files under version control that hold text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=root, capture_output=True, check=False, text=True
    )
    if listed.returncode:
        pytest.skip("not a clone: nothing says which files belong to the project")
    paths = [root / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


def test_no_file_names_a_machine(root: Path) -> None:
    """Folders of one person's machine, and hosts that packages come from, are nowhere in the files."""
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()[:100]}"
        for path in committed(root)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if MACHINE_PATH.search(line) or REGISTRY.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_exact_hashed_and_name_no_index(root: Path, name: str) -> None:
    """Each line is one exact version with a hash, and the installing machine says where from."""
    text = (root / "requirements" / f"{name}.txt").read_text()
    assert not INDEX.search(text)
    blocks = text.replace("\\\n", " ").strip().splitlines()
    assert blocks
    wrong = [block for block in blocks if "==" not in block or "--hash=sha256:" not in block]
    assert not wrong


def test_what_we_depend_on_is_in_the_requirements(root: Path) -> None:
    """A dependency that was added to pyproject.toml was also resolved: `make requirements`."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    name_of = re.compile(r"[A-Za-z0-9._-]+")
    for wanted, name in (
        (project["project"]["dependencies"], "runtime"),
        (project["project"]["dependencies"] + project["dependency-groups"]["dev"], "dev"),
    ):
        names = {_name.group() for item in wanted if (_name := name_of.match(item))}
        pinned = set(
            re.findall(r"^([A-Za-z0-9._-]+)==", (root / "requirements" / f"{name}.txt").read_text(), re.MULTILINE)
        )
        assert not names - pinned


def test_the_commands_that_people_rely_on_exist(root: Path) -> None:
    """`make help` lists them, each with what it does."""
    said = subprocess.run(["make", "help"], cwd=root, capture_output=True, check=True, text=True).stdout
    listed = dict(re.findall(r"^make (\S+)\s+(\S.*)$", said, re.MULTILINE))
    assert set(COMMANDS) <= set(listed)


def test_ci_runs_what_a_person_runs(root: Path) -> None:
    """CI has no commands of its own: it calls make."""
    script = root / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    said = script.read_text()
    assert "set -euo pipefail" in said
    for command in ("make check", "make test", "make test-real"):
        assert re.search(rf"{command}$", said, re.MULTILINE)


def test_every_rule_of_the_linter_that_is_off_has_its_reason(root: Path) -> None:
    """A rule is switched off in pyproject.toml only with a comment beside it."""
    lines = (root / "pyproject.toml").read_text().splitlines()
    rules = [line for line in lines if re.match(r'\s+"[A-Z]{1,4}\d{0,4}",', line)]
    assert rules
    assert not [line for line in rules if "#" not in line]
