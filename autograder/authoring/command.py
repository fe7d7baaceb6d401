"""The verbs `autograder build` and `autograder check`."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from autograder.authoring.pipeline import generated, render
from autograder.course.chapters import find_chapters, find_root

BUILD_HELP = "generate the notebooks and reference outputs from the hand-written sources"
CHECK_HELP = "compare the generated files with what the sources give; writes nothing"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the two verbs to the command line."""
    for verb, text, handler in [("build", BUILD_HELP, run_build), ("check", CHECK_HELP, run_check)]:
        parser = subparsers.add_parser(verb, help=text, description=f"{text[0].upper()}{text[1:]}.")
        parser.add_argument("chapters", nargs="*", metavar="SLUG", help="chapters, by slug (default: all)")
        parser.set_defaults(handler=handler)


def run_build(args: argparse.Namespace) -> int:
    """Render every chapter and write the files that changed."""
    root, console = find_root(), Console()
    with tempfile.TemporaryDirectory() as folder:
        rendered = render_all(root, args.chapters, Path(folder), console)
        changes = differences(root, rendered, args.chapters)
        for name, _ in changes:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            if name in rendered:
                shutil.copyfile(rendered[name], root / name)
            else:
                (root / name).unlink()
            console.print(f"  {'written' if name in rendered else 'removed'}: {name}", highlight=False, soft_wrap=True)
    console.print(f"{len(rendered)} generated files, {len(changes)} changed.", highlight=False, soft_wrap=True)
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Render every chapter to a temporary folder and name each file that differs."""
    root, console = find_root(), Console()
    with tempfile.TemporaryDirectory() as folder:
        rendered = render_all(root, args.chapters, Path(folder), console)
        changes = differences(root, rendered, args.chapters)
    for name, what in changes:
        console.print(f"  {what}: {name}", highlight=False, soft_wrap=True)
    if changes:
        console.print("Run `autograder build` and commit what it writes.", highlight=False, soft_wrap=True)
        return 1
    console.print(f"{len(rendered)} generated files, all as the sources give them.", highlight=False, soft_wrap=True)
    return 0


def render_all(root: Path, slugs: list[str], out: Path, console: Console) -> dict[str, Path]:
    """Render the chapters below `out` with a line a step, and return the files."""
    with console.status("starting") as status:
        for chapter in find_chapters(root, slugs):
            render(chapter, out, status.update)
    return generated(out)


def differences(root: Path, rendered: dict[str, Path], slugs: list[str]) -> list[tuple[str, str]]:
    """Return (path, "stale", "missing" or "orphaned") for each generated file that is not as it should be.

    With chapters named, the other chapters' files are left out.
    """
    present = {n: p for n, p in generated(root).items() if not slugs or n.split("/")[1] in slugs}
    found = []
    for name in sorted({*present, *rendered}):
        if name not in rendered:
            found.append((name, "orphaned"))
        elif name not in present:
            found.append((name, "missing"))
        elif present[name].read_bytes() != rendered[name].read_bytes():
            found.append((name, "stale"))
    return found
