"""The extensions of the book, which are no package: imported from their files."""

import importlib.util
import sys
from types import ModuleType

from tests.chapters import ROOT


def extension(name: str, room: str = "pages") -> ModuleType:
    """Import `book/_ext/ROOM/NAME.py`."""
    spec = importlib.util.spec_from_file_location(f"book_{name}", ROOT / "book" / "_ext" / room / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # dataclasses look there
    spec.loader.exec_module(module)
    return module
