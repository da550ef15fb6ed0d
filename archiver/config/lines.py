"""On which line of a TOML text a setting stands, so that a fault can say it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence


def line_of(where: Sequence[str], lines: Mapping[str, int]) -> int:
    """The line of a key given by its parts, or of the innermost table around it that is written; 0: of none."""
    for length in range(len(where), 0, -1):
        line = lines.get(".".join(where[:length]))
        if line:
            return line
    return 0


_TABLE = re.compile(r"\s*\[(\[?)\s*([A-Za-z0-9_.\"-]+)\s*\]")
_SETTING = re.compile(r"\s*([A-Za-z0-9_\"-]+(?:\s*\.\s*[A-Za-z0-9_\"-]+)*)\s*=")


def lines_of(text: str) -> dict[str, int]:
    """The line of each table and key (``accounts.0.handle``), as far as they stand at the start of a line."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if table := _TABLE.match(line):
            name = table[2].replace('"', "")
            if table[1]:
                counts[name] = counts.get(name, -1) + 1
                name = f"{name}.{counts[name]}"
            elif "." in name and name.split(".", 1)[0] in counts:
                head, tail = name.split(".", 1)
                name = f"{head}.{counts[head]}.{tail}"
            prefix = name + "."
            found.setdefault(name, number)
        elif key := _SETTING.match(line):
            found.setdefault(prefix + key[1].replace('"', "").replace(" ", ""), number)
    return found
