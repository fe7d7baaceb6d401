"""Build, check and grade the fill-in notebooks of the attention book. `autograder.api` is for programs of your own."""

import sys
from importlib import import_module
from typing import Any

# nbformat's validator would read a grammar of web addresses for two seconds, to check a format no notebook uses
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: it cannot be imported


def __getattr__(name: str) -> Any:
    """Import `autograder.api` when it is first asked for, so that `import autograder` costs nothing.

    Its functions are not names of this package: `autograder.grade` and others are folders of modules.
    """
    if name == "api":
        return import_module("autograder.api")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
