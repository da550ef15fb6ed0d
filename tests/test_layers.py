"""The import contract of pyproject.toml holds, and fails when it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BREAKS = {
    "domain may not ask the operating system": ("domain/keys.py", "import os"),
    "domain may not use a library": ("domain/keys.py", "import msgspec"),
    "a platform may not open a connection": ("platforms/adapter.py", "import socket"),
    "a platform may not know the store": ("platforms/adapter.py", "import archiver.store"),
    "the store may not know the exports": ("store/__init__.py", "import archiver.exports"),
    "WARC may not know the store": ("warc/__init__.py", "import archiver.store"),
    "a service may not speak SQL": ("services/__init__.py", "import sqlalchemy.orm"),
    "a service may not speak HTTP": ("services/__init__.py", "import httpx"),
    "a service may not know how it is wired": ("services/__init__.py", "import archiver.wiring"),
    "a service may not know the sandbox": ("services/__init__.py", "import archiver.sandbox"),
    "the sandbox may not know how we write WARC": ("sandbox/__init__.py", "import archiver.warc"),
    "a service may not wait on sockets": ("services/__init__.py", "import asyncio"),
    "the receiver may not know the store": ("listener/__init__.py", "import archiver.store"),
    "the receiver may not know a platform": ("listener/__init__.py", "import archiver.platforms"),
    "a part without a place may not be added": ("utils.py", ""),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contract over the package in `folder`."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True)


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """The package and its contract, to be broken."""
    shutil.copytree(root / "archiver", tmp_path / "archiver", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contract_holds(copy: Path) -> None:
    """Imports point down, and each library has its one home."""
    done = lint_imports(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("module", "line"), BREAKS.values(), ids=BREAKS)
def test_a_broken_contract_is_noticed(copy: Path, module: str, line: str) -> None:
    """An import that points the wrong way fails the checks."""
    with (copy / "archiver" / module).open("a") as source:
        source.write(f"\n{line}\n")
    done = lint_imports(copy)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout, done.stdout
