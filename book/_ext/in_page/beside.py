"""What lies beside the pages in the built book: scripts in a folder named after their digest, the released files."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

HERE = Path(__file__).parent


def script_files() -> dict[str, Path]:
    """Return the files that the pages load, by the names under which they lie in one folder."""
    scripts = {path.relative_to(HERE / "js").as_posix(): path for path in (HERE / "js").rglob("*") if path.is_file()}
    others = {path.name: path for pattern in ("*.css", "python/*.py") for path in HERE.glob(pattern)}
    return dict(sorted((scripts | others).items()))


def digest_of_files(files: Mapping[str, Path]) -> str:
    """Return one digest of all these files: their folder is called so, and no browser mixes old ones with new ones."""
    whole = hashlib.sha256()
    for name, path in files.items():
        whole.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def copy_files(files: Mapping[str, Path], there: Path) -> None:
    """Copy files, byte for byte."""
    for name, path in files.items():
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, there / name)


def remove_others(folder: Path, kept: Iterable[Path]) -> None:
    """Remove all that is in a folder but what is kept, and the folder where nothing is left."""
    if not folder.is_dir():
        return
    for path in set(folder.iterdir()) - set(kept):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
