"""What is measured: each a function that gives one `Figures`."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from archiver.domain.item import Kind
from archiver.store.search import Query, search
from benchmarks.archive import Archive, collected
from benchmarks.city import City, city
from benchmarks.process import ARCHIVER, Cost, python

START_UPS = 10
SEARCHES = 20
FLAT_AGAINST = 5
"""Memory is compared with a city of a fifth of the comments."""

Figures = dict[str, Any]


@dataclass(slots=True)
class Plan:
    """How much, how often and where; and the archive that the first measure leaves to the others."""

    folder: Path
    comments: int
    rounds: int
    platform: str
    archive: Archive | None = field(default=None)

    def filled(self) -> Archive:
        """An archive of the whole city, captured now unless that was measured before."""
        if self.archive is None:
            with city(self.platform, self.comments) as running:
                self.archive, _ = collected(self.folder / "archive", running)
        return self.archive


def ingest(plan: Plan) -> Figures:
    """``collect --all`` of a new archive against the floor on the same pages, one after the other, several times."""
    ours: list[Cost] = []
    floor: list[Cost] = []
    careful: list[Cost] = []
    urls: list[str] = []
    with city(plan.platform, plan.comments) as running:
        for number in range(plan.rounds):
            archive, cost = collected(plan.folder / f"ours-{number}", running)
            ours.append(cost)
            urls = archive.asked()
            floor.append(_floor(plan.folder, urls))
            careful.append(_floor(plan.folder, urls, "--fsync"))
            if plan.archive is None:
                plan.archive = archive
            else:
                shutil.rmtree(archive.home)
    held = plan.filled().records()
    figures = {
        "records": held,
        "exchanges": len(urls),
        "page_bytes": json.loads(floor[0].output)["bytes"],
        "items_per_s": round(held / _wall(ours)),
        **_costs("ours", ours),
        **_costs("floor", floor),
        **_costs("floor_with_fsync", careful),
        **_ratios("floor", ours, floor),
        **_ratios("floor_with_fsync", ours, careful),
        "peak_mb": _peak_mb(ours),
    }
    return figures | _flatness(plan, max(cost.peak_bytes for cost in ours))


def rebuild(plan: Plan) -> Figures:
    """The store made again from the WARC files, and compared with them; beside inflating and digesting these files."""
    archive = plan.filled()
    files = [str(path) for path in archive.warc_files()]
    made: list[Cost] = []
    compared: list[Cost] = []
    floor: list[Cost] = []
    for _ in range(plan.rounds):
        made.append(archive.run("rebuild", "--json"))
        compared.append(archive.run("rebuild", "--check", "--json"))
        floor.append(python("-m", "benchmarks.floor", "read", *files))
    held = archive.records()
    return {
        "records": held,
        "items_per_s": round(held / _wall(made)),
        "check_items_per_s": round(held / _wall(compared)),
        **_costs("ours", made),
        **_costs("check", compared),
        **_costs("floor", floor),
        "peak_mb": _peak_mb(made),
    }


def look_up(plan: Plan) -> Figures:
    """Queries as people type them, each a page of hits, in a process that has the store open."""
    store = plan.filled().store()
    took: dict[str, list[float]] = {}
    found: dict[str, int] = {}
    try:
        for _ in range(SEARCHES):
            for name, query in _queries(plan.filled().city).items():
                started = time.perf_counter()
                with store.read() as conn:
                    hits = search(conn, query)
                took.setdefault(name, []).append((time.perf_counter() - started) * 1000)
                found[name] = len(hits)
    finally:
        store.dispose()
    every = [one for times in took.values() for one in times]
    return {
        "records": plan.filled().records(),
        "median_ms": round(median(every), 2),
        "p95_ms": round(quantiles(every, n=20)[-1], 2),
        "slowest": max(took, key=lambda name: median(took[name])),
        "queries": {
            name: {
                "hits": found[name],
                "median_ms": round(median(times), 2),
                "p95_ms": round(quantiles(times, n=20)[-1], 2),
            }
            for name, times in took.items()
        },
    }


def verify(plan: Plan) -> Figures:
    """``verify --full`` against inflating and digesting the same files, in MB of what is in them."""
    archive = plan.filled()
    files = archive.warc_files()
    ours: list[Cost] = []
    floor: list[Cost] = []
    for _ in range(plan.rounds):
        ours.append(archive.run("verify", "--full", "--json"))
        floor.append(python("-m", "benchmarks.floor", "read", *map(str, files)))
    inflated_mb = json.loads(floor[0].output)["bytes"] / 1e6
    return {
        "files": len(files),
        "file_mb": round(sum(path.stat().st_size for path in files) / 1e6, 1),
        "inflated_mb": round(inflated_mb, 1),
        "mb_per_s": round(inflated_mb / _wall(ours), 1),
        "floor_mb_per_s": round(inflated_mb / _wall(floor), 1),
        **_costs("ours", ours),
        **_costs("floor", floor),
        **_ratios("floor", ours, floor),
    }


def start_up(plan: Plan) -> Figures:
    """``archiver --help`` against a Python that does nothing."""
    ours: list[Cost] = []
    floor: list[Cost] = []
    times = START_UPS if plan.rounds > 1 else 1
    for _ in range(times):
        ours.append(python(*ARCHIVER, "--help"))
        floor.append(python("-c", "pass"))
    return {"times": times, **_costs("ours", ours), **_costs("floor", floor)}


MEASURES: dict[str, Callable[[Plan], Figures]] = {
    "ingest": ingest,
    "rebuild": rebuild,
    "search": look_up,
    "verify": verify,
    "start-up": start_up,
}


def _floor(folder: Path, urls: Sequence[str], *options: str) -> Cost:
    work = folder / "floor"
    work.mkdir()
    try:
        return python("-m", "benchmarks.floor", "ingest", str(work), *options, given="\n".join(urls))
    finally:
        shutil.rmtree(work)


def _flatness(plan: Plan, peak_bytes: int) -> Figures:
    """The peak of a city of a fifth beside that of the whole."""
    fewer = max(plan.comments // FLAT_AGAINST, 1)
    with city(plan.platform, fewer) as running:
        archive, cost = collected(plan.folder / "smaller", running)
    shutil.rmtree(archive.home)
    return {
        "peak_of": fewer,
        "peak_of_fewer_mb": _peak_mb([cost]),
        "peak_growth": round(peak_bytes / cost.peak_bytes, 2),
    }


def _queries(town: City) -> dict[str, Query]:
    until = datetime.now(UTC)
    return {
        "a common word": Query(words="the"),
        "a rare word": Query(words="announced"),
        "no hit": Query(words="zanzibar"),
        "two words": Query(words="street plowed"),
        "a phrase": Query(words='"of 100"'),
        "a word and its account": Query(words="parking", account=town.account),
        "a word in a year": Query(words="street", since=until - timedelta(days=730), until=until - timedelta(days=365)),
        "comments without words": Query(kind=Kind.COMMENT),
        "the tenth page": Query(words="street", offset=450),
    }


def _wall(costs: Sequence[Cost]) -> float:
    return median(cost.wall_s for cost in costs)


def _peak_mb(costs: Sequence[Cost]) -> float:
    return round(max(cost.peak_bytes for cost in costs) / 1e6, 1)


def _costs(whose: str, costs: Sequence[Cost]) -> Figures:
    """Medians, and each single one."""
    return {
        f"{whose}_wall_s": round(_wall(costs), 3),
        f"{whose}_cpu_s": round(median(cost.cpu_s for cost in costs), 3),
        f"{whose}_each_wall_s": [round(cost.wall_s, 3) for cost in costs],
    }


def _ratios(name: str, ours: Sequence[Cost], floor: Sequence[Cost]) -> Figures:
    """The median of the ratios of neighbours in time: a noisy machine slows both."""
    pairs = list(zip(ours, floor, strict=True))
    return {
        f"wall_ratio_to_{name}": round(median(one.wall_s / other.wall_s for one, other in pairs), 2),
        f"cpu_ratio_to_{name}": round(median(one.cpu_s / other.cpu_s for one, other in pairs), 2),
    }
