"""Writes what is known of the translator, and its numbers, into one file of text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from experiments.common import write_whole


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a file of JSON with an entry in a line."""
    lines = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in content.items())
    write_whole(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())
