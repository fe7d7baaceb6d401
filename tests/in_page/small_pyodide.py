"""A made-up folder with a Pyodide of a few bytes, in the shape of a real one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
# matplotlib -> numpy, Draw_Tools; draw-tools -> matplotlib again (a circle); nothing that is needed -> scipy.
DEPENDS = {"numpy": [], "matplotlib": ["numpy", "Draw_Tools"], "draw-tools": ["matplotlib"], "scipy": ["numpy"]}
WHEELS = {name: f"{name.replace('-', '_')}-1.0-py3-none-any.whl" for name in DEPENDS}
NEEDED = {*CORE, LOCK, *(wheel for name, wheel in WHEELS.items() if name != "scipy")}


def content(name: str) -> bytes:
    """Return the bytes of a file; each has another length."""
    return f"the bytes of {name}\n".encode()


def sha256(data: bytes) -> str:
    """Return the digest as a lock writes it."""
    return hashlib.sha256(data).hexdigest()


def lock(version: str = "0.0.1") -> dict[str, Any]:
    """Return what the lock says."""
    packages = {
        name: {"name": name, "file_name": wheel, "depends": DEPENDS[name], "imports": [name]}
        | {"sha256": sha256(content(wheel)), "install_dir": "site", "version": "1.0"}
        for name, wheel in WHEELS.items()
    }
    return {"info": {"version": version, "python": "3.12.7"}, "packages": packages}


def write_pyodide(folder: Path, said: Any = None) -> Path:
    """Write the files into a folder, with this lock where one is given, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*CORE, *WHEELS.values()):
        (folder / name).write_bytes(content(name))
    (folder / LOCK).write_text(json.dumps(said or lock()), encoding="utf-8")
    return folder
