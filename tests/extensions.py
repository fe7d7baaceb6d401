"""The extensions of the book, which are no package: imported from their files."""

import importlib.util
import sys
from types import ModuleType

from tests.chapters import ROOT


def extension(name: str, room: str = "pages") -> ModuleType:
    """Import `book/_ext/ROOM/NAME.py`."""
    spec = importlib.util.spec_from_file_location(f"book_{name}", ROOT / "book" / "_ext" / room / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # dataclasses look there
    sys.path.insert(0, str(ROOT / "book" / "_ext"))  # extensions import each other from there
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module
