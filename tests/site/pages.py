"""Which pages the built book has, known before it is built."""

from __future__ import annotations

import yaml

from tests.built_book import ROOT
from tests.in_page.pyodide_folder import pyodide_folder

CONTENTS = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [CONTENTS["root"]] + [entry["file"] for part in CONTENTS["parts"] for entry in part["chapters"]]
CHAPTERS = [name for name in PAGES if name[:2].isdigit()]
# Sphinx writes these by itself.
ALL_PAGES = [*PAGES, "search", "genindex"]
# The pages on which exercises are done; the built book has them where the tests have a Pyodide.
EXERCISES = [f"exercises/{slug}" for slug in CHAPTERS] if pyodide_folder() else []
