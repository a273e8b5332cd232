# SPDX-License-Identifier: MIT
"""What `up` has left running: written down with pid and start time, so that `down` ends exactly that."""
from __future__ import annotations

import json
from pathlib import Path

from .process import Process


class State:
    def __init__(self, directory: Path) -> None:
        self.path = directory / "up.json"

    def save(self, processes: list[Process], about: dict[str, str]) -> None:
        data = {"about": about, "processes": [
            {"name": p.name, "pid": p.pid, "started": p.started, "log": str(p.log)} for p in processes]}
        self.path.write_text(json.dumps(data, indent=1))

    def load(self) -> tuple[list[Process], dict[str, str]]:
        """Nothing when there is no lab."""
        try:
            data = json.loads(self.path.read_text())
        except FileNotFoundError:
            return [], {}
        return [Process(p["name"], p["pid"], p["started"], Path(p["log"])) for p in data["processes"]], data["about"]

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)
