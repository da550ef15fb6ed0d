"""The benchmarks still run; what they measure is nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_each_measure_gives_figures(tmp_path: Path) -> None:
    """A run on a very small city prints a line for each measure and writes all figures with the machine's facts."""
    results = tmp_path / "results.json"
    command = (sys.executable, "-m", "benchmarks", "--items", "200", "--rounds", "1", "--folder", str(tmp_path))
    done = subprocess.run(
        (*command, "--results", str(results)), cwd=ROOT, capture_output=True, text=True, check=False, timeout=150
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads(results.read_text())
    assert written["machine"]["cores"] >= 1
    assert set(written["results"]) == {"ingest", "rebuild", "search", "verify", "start-up"}
    assert written["results"]["ingest"]["records"] >= 200
    assert written["results"]["ingest"]["wall_ratio_to_floor"] > 0
    assert "archiver --help" in done.stdout
