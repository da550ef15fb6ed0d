"""The figures that people ask for, as lines of text; results.json has all of them."""

from __future__ import annotations

from benchmarks.measures import Figures


def table(name: str, figures: Figures) -> str:
    """One measure."""
    return "\n".join(f"{label:<34}{value:>16}{rest}" for label, value, rest in _LINES[name](figures))


Line = tuple[str, str, str]


def _ingest(f: Figures) -> list[Line]:
    return [
        ("ingest", f"{f['items_per_s']:,} items/s", f"   {f['records']:,} records in {f['exchanges']:,} exchanges"),
        _cost("  archiver collect --all", f, "ours"),
        _cost("  floor", f, "floor", ratio=True),
        _cost("  floor with an fsync a page", f, "floor_with_fsync", ratio=True),
        ("  peak memory", f"{f['peak_mb']:.0f} MB", f"   {f['peak_of_fewer_mb']:.0f} MB for {f['peak_of']:,} comments"),
    ]


def _rebuild(f: Figures) -> list[Line]:
    return [
        ("rebuild", f"{f['items_per_s']:,} items/s", f"   peak {f['peak_mb']:.0f} MB"),
        _cost("  archiver rebuild", f, "ours"),
        _cost("  archiver rebuild --check", f, "check"),
        _cost("  gunzip and sha-256 of the files", f, "floor"),
    ]


def _search(f: Figures) -> list[Line]:
    lines = [("search", f"{f['median_ms']:.1f} ms", f"   p95 {f['p95_ms']:.1f} ms, {f['records']:,} records")]
    return lines + [
        (f"  {name}", f"{one['median_ms']:.1f} ms", f"   p95 {one['p95_ms']:.1f} ms, {one['hits']} hits")
        for name, one in f["queries"].items()
    ]


def _verify(f: Figures) -> list[Line]:
    return [
        (
            "verify",
            f"{f['mb_per_s']:.1f} MB/s",
            f"   {f['inflated_mb']} MB inflated, {f['file_mb']} MB in {f['files']} files",
        ),
        _cost("  archiver verify --full", f, "ours"),
        _cost(f"  floor ({f['floor_mb_per_s']:.1f} MB/s)", f, "floor", ratio=True),
    ]


def _start_up(f: Figures) -> list[Line]:
    return [_cost("archiver --help", f, "ours"), _cost("  an empty Python", f, "floor")]


_LINES = {"ingest": _ingest, "rebuild": _rebuild, "search": _search, "verify": _verify, "start-up": _start_up}


def _cost(label: str, f: Figures, whose: str, *, ratio: bool = False) -> Line:
    rest = f"   {f[f'{whose}_cpu_s']:.2f} s CPU"
    if ratio:
        rest += f"   ours: {f[f'wall_ratio_to_{whose}']}x time, {f[f'cpu_ratio_to_{whose}']}x CPU"
    return label, f"{f[f'{whose}_wall_s']:.2f} s", rest
