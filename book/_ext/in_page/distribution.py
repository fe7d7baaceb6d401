"""Which files of a Pyodide folder the pages need: the core, and NumPy and matplotlib with all that they depend on.

Nothing of Sphinx is in here.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from in_page.lock import CORE, LOCK, Incomplete, existing, incomplete, read_lock, shown

__all__ = ["TESTED", "Distribution", "Incomplete", "copy_to", "read_distribution"]

PINNED = json.loads(Path(__file__).with_name("pyodide-0.27.7.json").read_text(encoding="utf-8"))
TESTED = PINNED["version"]  # the version that the pages are tested with


@dataclass(frozen=True)
class Distribution:
    """A folder that has all the files that the pages need.

    `parts` has the sizes in bytes by the file's name, for "core" and for each package that was asked for; what two
    packages share counts for the first. `lock` is the text of a pyodide-lock.json that names these packages only.
    """

    folder: Path
    version: str
    parts: Mapping[str, Mapping[str, int]]
    lock: str = field(repr=False)

    @cached_property
    def files(self) -> dict[str, int]:
        """Return the size of every file, by its name."""
        return {name: size for part in self.parts.values() for name, size in part.items()}

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Return the bytes of each part: what a progress bar counts."""
        return {part: sum(files.values()) for part, files in self.parts.items()}

    @property
    def is_tested(self) -> bool:
        """Say whether this is the version that the pages are tested with."""
        return self.version == TESTED


def read_distribution(folder: Path, packages: Iterable[str] = ("numpy", "matplotlib")) -> Distribution:
    """Return what the pages need of a folder. Raises Incomplete where a file is missing or is not the right one."""
    try:
        if not folder.is_dir():
            raise incomplete(folder, f"There is no Pyodide in {shown(folder)}")
        lock = read_lock(folder)
        needed: dict[str, dict[str, Any]] = {}
        parts = {"core": {name: size_of_core(folder, name, lock.version) for name in CORE}}
        for package in packages:
            new = {name: entry for name, entry in lock.closure(package).items() if name not in needed}
            wanted = {entry["file_name"]: entry["sha256"] for entry in new.values()}
            parts[package] = {name: size_of(folder, name, sha256) for name, sha256 in wanted.items()}
            needed |= new
    except OSError as error:
        raise Incomplete(f"{shown(folder)} cannot be read: {error.strerror}.") from None
    text = lock.text(needed)
    parts["core"][LOCK] = len(text.encode())
    return Distribution(folder, lock.version, parts, text)


def size_of(folder: Path, name: str, sha256: str) -> int:
    """Return the size of a file. Raises Incomplete where it is missing or has another digest."""
    with existing(folder, name).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise incomplete(folder, f"{name} in {shown(folder)} is damaged (its sha256 is another)")
        return file.tell()


def size_of_core(folder: Path, name: str, version: str) -> int:
    """Return the size of a core file. A lock has no digests of these; those of the tested version are known."""
    if version == TESTED:
        return size_of(folder, name, PINNED["files"][name]["sha256"])
    return existing(folder, name).stat().st_size


def copy_to(distribution: Distribution, there: Path) -> None:
    """Copy the files that the pages need, except those that are there already, and write the shorter lock."""
    there.mkdir(parents=True, exist_ok=True)
    for name in distribution.files.keys() - {LOCK}:
        source, target = distribution.folder / name, there / name
        if not (target.is_file() and stamp(target) == stamp(source)):
            shutil.copyfile(source, target)
            os.utime(target, ns=(stamp(source)[1],) * 2)  # at last: half a copy has another time
    (there / LOCK).write_text(distribution.lock, encoding="utf-8", newline="\n")


def stamp(path: Path) -> tuple[int, int]:
    """Return the size of a file, and when it was written (in ns)."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns
