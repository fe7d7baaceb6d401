"""Writing results down."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from experiments.common import rounded, write_whole
from experiments.seq2seq.settings import Settings


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
    text = "{\n" + ",\n".join([*lines, f' "runs": [\n{each}\n ]']) + "\n}\n"
    write_whole(out, text.encode())


def tensorflow_version() -> str:
    """Return the version, whichever of its packages is installed."""
    import tensorflow as tf

    return tf.__version__
