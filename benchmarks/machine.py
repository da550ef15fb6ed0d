"""Facts of the machine, without which a figure says nothing."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import archiver
from archiver.store.sqlite import driver


def facts() -> dict[str, object]:
    """Processor, memory, versions; ``load`` is what else was going on when the run began."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "archiver": archiver.__version__,
        "python": platform.python_version(),
        "sqlite": ".".join(map(str, driver().version)),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load": [round(one, 1) for one in os.getloadavg()],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
