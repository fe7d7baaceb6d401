"""What a Pyodide folder's `pyodide-lock.json` says of its packages; judged before it is believed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCK = "pyodide-lock.json"
CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")  # no slash, and no dot in front
SHA256 = re.compile(r"[0-9a-f]{64}")


class Incomplete(Exception):
    """The folder holds no Pyodide that the pages can use; one sentence says why, and what to do."""


@dataclass(frozen=True)
class Lock:
    """A lock: the version of Pyodide, what else it says of itself, and its packages by their normalised names."""

    folder: Path
    version: str
    info: Mapping[str, Any]
    packages: Mapping[str, Any]

    def closure(self, package: str) -> dict[str, dict[str, Any]]:
        """Return the entries of a package and of all that it depends on. Raises Incomplete where one is missing."""
        found, ahead = {}, [package]
        while ahead:
            name = normalised(ahead.pop())
            if name not in found:
                found[name] = self.entry(name)
                ahead += found[name]["depends"]
        return found

    def entry(self, name: str) -> dict[str, Any]:
        """Return the entry of a package. Raises Incomplete where there is none, or none that can be believed."""
        if name not in self.packages:
            raise incomplete(self.folder, f"The {LOCK} in {shown(self.folder)} does not have {name}")
        if not is_entry(self.packages[name]):
            raise incomplete(self.folder, f"The {LOCK} in {shown(self.folder)} is damaged where it names {name}")
        return self.packages[name]

    def text(self, packages: Mapping[str, Any]) -> str:
        """Return the lock with these packages only, as Pyodide reads it."""
        return json.dumps({"info": self.info, "packages": dict(sorted(packages.items()))}, indent=1) + "\n"


def read_lock(folder: Path) -> Lock:
    """Return the lock of a folder. Raises Incomplete where there is none, or none that can be believed."""
    try:
        lock = json.loads(existing(folder, LOCK).read_text(encoding="utf-8"))
        packages = {normalised(name): entry for name, entry in lock["packages"].items()}
        if not PLAIN_NAME.fullmatch(lock["info"]["version"]):  # it becomes the name of a folder
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise incomplete(folder, f"The {LOCK} in {shown(folder)} is damaged") from None
    return Lock(folder, lock["info"]["version"], lock["info"], packages)


def is_entry(entry: Any) -> bool:
    """Say whether the entry of a package has the shape that Pyodide gives it, and names a file of this folder."""
    match entry:
        case {"file_name": str(name), "sha256": str(sha256), "depends": list(depends)}:
            plain = PLAIN_NAME.fullmatch(name) and name not in (*CORE, LOCK)
            return bool(plain and SHA256.fullmatch(sha256)) and all(isinstance(one, str) for one in depends)
    return False


def existing(folder: Path, name: str) -> Path:
    """Return the path of a file. Raises Incomplete where there is none."""
    if not (folder / name).is_file():
        raise incomplete(folder, f"{name} is missing in {shown(folder)}")
    return folder / name


def incomplete(folder: Path, what: str) -> Incomplete:
    """Return the error that says what is wrong with a folder, and how to get a right one."""
    command = "make pyodide"
    if Path(os.path.abspath(folder)) != Path.cwd() / ".pyodide":
        command = f"python book/_ext/in_page/fetch.py --to {shown(folder)}"
    return Incomplete(f"{what}: `{command}` fetches it.")


def normalised(name: str) -> str:
    """Return the name of a package as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def shown(folder: Path) -> str:
    """Return a folder as it is said to people: from here, where it lies here."""
    folder = Path(os.path.abspath(folder))
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)
