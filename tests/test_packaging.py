"""The wheel: what a city installs is enough to run and to upgrade its store."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]

CONFIG = """
[archive]
name = "City of Example"

[[accounts]]
id       = "city"
platform = "mastodon"
handle   = "city@social.example"
"""


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the work tree without asking any index."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(root)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a new environment with our wheel; other people's packages are lent from the one we run in.

    A path file adds their folder behind the new environment's own, and path files inside it do not count,
    so the editable install of this work tree is not seen.
    """
    home = tmp_path_factory.mktemp("city")
    venv.create(home, with_pip=False, symlinks=True)
    lib = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        str(home / "bin" / "python"),
    ]
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    subprocess.run([*pip, *install], check=True, capture_output=True)
    (lib / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as the city would: in its folder, without our paths."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_carries_what_it_needs(root: Path, wheel: Path) -> None:
    """Every migration, the example configuration, the licence and the mark of being typed are inside."""
    names = set(zipfile.ZipFile(wheel).namelist())
    migrations = {
        f"archiver/_migrations/{path.relative_to(root / 'migrations')}"
        for path in (root / "migrations").rglob("*")
        if path.suffix in {".py", ".mako", ".sql"}
    }
    assert migrations
    assert migrations <= names
    assert {"archiver/_data/config.example.toml", "archiver/py.typed"} <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/")) or name.endswith(".pyc")]


def test_the_package_comes_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """The new environment has a package of its own, not this work tree's."""
    done = run(installed / "python", "-c", "import archiver; print(archiver.__file__)", cwd=tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(installed.parent), done.stdout + done.stderr


def test_an_installed_archiver_makes_and_upgrades_its_store(installed: Path, tmp_path: Path) -> None:
    """From a folder with nothing but a configuration, `db upgrade` makes the store, and again changes nothing."""
    (tmp_path / "config.toml").write_text(CONFIG)
    for _ in range(2):
        done = run(installed / "archiver", "db", "upgrade", "--config", "config.toml", cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "data" / "archive.sqlite").stat().st_size > 0


def test_an_installed_archiver_explains_itself(installed: Path, tmp_path: Path) -> None:
    """`archiver --help` works from any folder and needs no configuration."""
    done = run(installed / "archiver", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "backfill" in done.stdout
