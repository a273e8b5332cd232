# SPDX-License-Identifier: MIT
"""Builds stoxd for the lab, out of the tree."""
from __future__ import annotations

import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent


class BuildFailed(RuntimeError):
    """The text holds the end of the build's output."""


def build(directory: Path) -> Path:
    """The executable, built in `directory` (kept, so that the next time is quick)."""
    log = directory.parent / "build.log"
    with open(log, "w") as out:
        if not (directory / "build.ninja").exists():
            _run(["meson", "setup", "--buildtype=release", str(directory), str(TOP)], out, log)
        _run(["ninja", "-C", str(directory), "component/stoxd"], out, log)
    return directory / "component" / "stoxd"


def _run(command: list[str], out, log: Path) -> None:
    out.write("$ " + " ".join(command) + "\n")
    out.flush()
    if subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, timeout=1200).returncode != 0:
        end = "\n".join("    | " + line for line in log.read_text(errors="replace").splitlines()[-25:])
        raise BuildFailed(f"{command[0]} failed ({log}):\n{end}")
