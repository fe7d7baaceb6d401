"""The modules of the package in_page, found as Sphinx finds them: beside the other extensions of the book."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from tests.built_book import ROOT

EXTENSIONS = ROOT / "book" / "_ext"


def load(name: str) -> ModuleType:
    """Import a module of in_page."""
    sys.path.insert(0, str(EXTENSIONS))
    try:
        return importlib.import_module(f"in_page.{name}")
    finally:
        sys.path.remove(str(EXTENSIONS))
