# SPDX-License-Identifier: MIT
"""Configuration templates: @NAME@ is replaced, and one that is left over is a mistake."""
from __future__ import annotations

import re
from pathlib import Path

DOCKER = Path(__file__).resolve().parent.parent


def fill(template: str, target: Path, **values: object) -> Path:
    """`template` is a path below docker/."""
    text = (DOCKER / template).read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name.upper()}@", str(value))
    left = re.findall(r"@[A-Z0-9_]+@", text)
    if left:
        raise ValueError(f"{template}: nothing to put in for {', '.join(sorted(set(left)))}")
    target.write_text(text, "utf-8")
    return target
