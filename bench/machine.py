"""What a figure depends on: the machine, the versions, and how busy the machine was."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = ("nbgrader", "numpy", "tensorflow-cpu", "matplotlib", "ipykernel", "distributed")
BUSY = 2.5  # load before a measurement from which its figures are doubtful on two processors


def machine() -> dict[str, Any]:
    """Return processors, memory, versions and the date."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "processors": os.cpu_count(),
        "processor": field("/proc/cpuinfo", "model name"),
        "memory_gb": round(int(field("/proc/meminfo", "MemTotal").split()[0]) / 2**20),
        "system": platform.system(),
        "versions": {"python": platform.python_version()} | {name: version_of(name) for name in LIBRARIES},
    }


def field(path: str, name: str) -> str:
    """Return the value of the first line `name: value` of a file."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "0")


def version_of(name: str) -> str:
    """Return the version of a library."""
    try:
        return version(name)
    except ImportError:
        return "none"


def load() -> float:
    """Return how many processes wanted a processor in the last minute."""
    return round(os.getloadavg()[0], 2)
