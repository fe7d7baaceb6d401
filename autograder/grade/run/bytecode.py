"""Compiles what a notebook imports from beside it, once for all submissions."""

from __future__ import annotations

import py_compile
import sys
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path


def with_bytecode(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files by their names and, for each Python source, its code where an import looks for it first.

    Every run has a folder of its own, so without this each would compile `check.py` anew, which takes longer than to
    run its checks.
    """
    sources = {name: data for name, data in files.items() if name.endswith(".py")}
    tag = sys.implementation.cache_tag
    made = {f"__pycache__/{Path(name).stem}.{tag}.pyc": compiled(name, data) for name, data in sources.items()}
    return {**files, **{name: code for name, code in made.items() if code}}


@lru_cache(maxsize=64)
def compiled(name: str, source: bytes) -> bytes:
    """Return the code of a source for this Python, which an import takes without looking at the source; or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(source)
        code = path.with_suffix(".pyc")
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        try:
            py_compile.compile(str(path), str(code), dfile=name, doraise=True, invalidation_mode=mode)
        except (py_compile.PyCompileError, ValueError):  # the import will say what is wrong with it
            return b""
        return code.read_bytes()
