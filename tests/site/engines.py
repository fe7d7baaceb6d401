"""Runs the tests that drive a browser in Chromium, Firefox and WebKit, one after the other: `make test-engines`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.built_book import ALREADY_BUILT, ROOT, build, copy_sources
from tests.site import browser, firefox, webkit
from tests.site.other_engines import ENGINE

WHERE = {"chromium": browser, "firefox": firefox, "webkit": webkit}
TESTS = ("tests/site", "tests/in_page")
NO_XVFB = "WebKit needs a display: install the package xvfb"


def missing(engine: str) -> str:
    """Return what has to be installed for an engine, or nothing where all is there."""
    if not WHERE[engine].programs():
        return WHERE[engine].MISSING
    return "" if engine != "webkit" or display() is not None else NO_XVFB


def display() -> list[str] | None:
    """Return what goes before a command that needs a display: nothing where one is, None where none can be had."""
    if os.environ.get("DISPLAY"):
        return []
    return ["xvfb-run", "-a"] if shutil.which("xvfb-run") else None


def tested(engine: str, book: Path) -> bool:
    """Run the tests in one engine; say whether all is well."""
    before = display() if engine == "webkit" else []
    command = [*(before or []), sys.executable, "-m", "pytest", "-q", "-rs", "-m", "browser", *TESTS]
    settings = {ENGINE: engine, ALREADY_BUILT: str(book)}
    return subprocess.run(command, cwd=ROOT, env=os.environ | settings, check=False).returncode == 0


def run(engines: list[str], test: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Test those engines that are there; give each with what came of it."""
    for engine in engines:
        lacks = missing(engine)
        yield engine, f"not run: {lacks}" if lacks else "passed" if test(engine) else "failed"


def main(engines: list[str]) -> int:
    """Build the book once and run the tests in the named engines, or in all; 0 where all were run and passed."""
    if unknown := set(engines) - set(WHERE):
        print(f"no such engine: {', '.join(sorted(unknown))}; there are {', '.join(WHERE)}", file=sys.stderr)
        return 2
    engines = engines or list(WHERE)
    with tempfile.TemporaryDirectory() as folder:
        if any(not missing(engine) for engine in engines):
            copy_sources(Path(folder))
            built = build(Path(folder), "--all")
            if built.returncode:
                print(built.stdout + built.stderr, file=sys.stderr)
                return 1
        came = dict(run(engines, lambda engine: tested(engine, Path(folder))))
    for engine, what in came.items():
        print(f"{engine}: {what}")
    return 0 if set(came.values()) == {"passed"} else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
