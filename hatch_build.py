"""Builds the pages into the package, so that installing Ringback brings them along and needs no Node of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebBuildHook(BuildHookInterface[Any]):
    """Runs the script behind `make web` before a wheel is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages; an sdist without `web/` keeps those that it was shipped with."""
        if self.target_name == "wheel":
            subprocess.run([sys.executable, str(Path(self.root) / "scripts" / "build_web.py")], check=True)
