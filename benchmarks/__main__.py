"""``make bench``: measure, print a table, write results.json."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks import machine
from benchmarks.measures import MEASURES, Figures, Plan
from benchmarks.report import table

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """All measures, or those that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure against the floor.")
    parser.add_argument("--items", type=int, default=100_000, help="comments in the city, a hundred to a post")
    parser.add_argument("--rounds", type=int, default=3, help="how often each command runs; medians are shown")
    parser.add_argument("--platform", choices=("bluesky", "mastodon"), default="bluesky")
    parser.add_argument("--only", choices=tuple(MEASURES), action="append", help="one measure; may be repeated")
    parser.add_argument("--folder", type=Path, help="where to work (default: the system's temporary folder)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file for the figures")
    given = parser.parse_args()
    about = machine.facts()
    print(f"{about['processor']}, {about['cores']} cores, {about['memory_gb']} GB, load {about['load']}", flush=True)
    results: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="benchmarks-") as folder:
        plan = Plan(Path(folder), given.items, given.rounds, given.platform)
        for name in given.only or MEASURES:
            results[name] = MEASURES[name](plan)
            print(table(name, results[name]), flush=True)
    asked = {"items": given.items, "rounds": given.rounds, "platform": given.platform}
    text = json.dumps({"machine": about, "asked": asked, "results": results}, indent=1)
    given.results.write_text(text + "\n", encoding="utf-8")
    print(f"All figures: {given.results}")


if __name__ == "__main__":
    main()
