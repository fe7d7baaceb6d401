"""Writing results down."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from experiments.seq2seq.settings import Settings


def save(path: Path, text: str) -> None:
    """Write a file that is whole at every moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def write(out: Path, settings: Settings, runs: list[dict[str, Any]], command: str) -> None:
    """Write all results to one file, a line for each run, with what they depend on."""
    head = {
        "command": command,
        "settings": dataclasses.asdict(settings),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("keras", "numpy")}
        | {"tensorflow": tensorflow_version()},
        "processors": os.cpu_count(),
        "seconds": round(sum(run["seconds"] for run in runs)),
    }
    lines = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    each = ",\n".join(f"  {json.dumps(rounded(run))}" for run in runs)
    save(out, "{\n" + ",\n".join([*lines, f' "runs": [\n{each}\n ]']) + "\n}\n")


def tensorflow_version() -> str:
    """Return the version, whichever of its packages is installed."""
    import tensorflow as tf

    return tf.__version__


def rounded(value: Any) -> Any:
    """Return the same with fewer decimals."""
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value
