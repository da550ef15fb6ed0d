"""What the wheel carries beside the package: the migrations and the example configuration.

An editable install must not copy them (it would run old ones), so this is a hook and no setting.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = {
    "migrations": "archiver/_migrations",
    "config.example.toml": "archiver/_data/config.example.toml",
}


class CarryHook(BuildHookInterface[Any]):
    """Adds the files of `CARRIED` to a wheel that will be installed elsewhere."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel; `version` is "editable" for a development install."""
        if version != "editable":
            root = Path(self.root)
            build_data["force_include"].update({str(root / here): there for here, there in CARRIED.items()})
