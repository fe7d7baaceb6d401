"""What the long experiments share: errors for people, files that an interruption cannot halve, progress."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESUME_HINT = "say --fresh to start again, or keep it and choose another folder with --work"


class InputError(Exception):
    """Something that was given cannot be used; the message is one sentence for the person who gave it."""


def read_progress(path: Path, settings: dict) -> tuple[list[dict], str]:
    """Return history and checkpoint of an earlier run with these settings, or ``([], "")`` where there was none."""
    if not path.is_file():
        return [], ""
    progress = read_json(path)
    try:
        earlier, history, checkpoint = progress["settings"], progress["history"], progress["checkpoint"]
    except (KeyError, TypeError) as error:
        raise InputError(f"{path} is not the progress of a run: {RESUME_HINT}.") from error
    differing = [name for name in sorted({*earlier, *settings}) if earlier.get(name) != settings.get(name)]
    if differing:
        was, now = (", ".join(f"{name} {of.get(name)}" for name in differing) for of in (earlier, settings))
        raise InputError(f"{path.parent} holds a run with {was}, not with {now}: {RESUME_HINT}.")
    return history, checkpoint


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is damaged ({error}): {RESUME_HINT}.") from error


def write_json(path: Path, content: dict) -> None:
    """Write a JSON file in one step: an interruption leaves the old file or the new one, never half of one."""
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n")


def write_runs(path: Path, record: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    """Write a JSON file with a line for each run, so that a change can be read."""
    lines = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in record.items()]
    lines.append(' "runs": [\n  ' + ",\n  ".join(json.dumps(run) for run in runs) + "\n ]")
    write_whole(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is whole at every moment, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    os.replace(partial, path)


def to_four_decimals(number: float) -> float:
    """Return what most results are worth."""
    return round(number, 4)


def rounded(value: Any, number: Callable[[float], float] = to_four_decimals) -> Any:
    """Return the same with ``number`` applied to every floating-point number in dictionaries and lists."""
    if isinstance(value, dict):
        return {name: rounded(item, number) for name, item in value.items()}
    if isinstance(value, list):
        return [rounded(item, number) for item in value]
    return number(value) if isinstance(value, float) else value


def carried_out(run: Callable[[argparse.Namespace], int], args: argparse.Namespace) -> int:
    """Do what a command line asks for and return the exit code; what went wrong is one sentence, and no traceback."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it is imported
    try:
        return run(args)
    except (InputError, OSError) as error:  # OSError: a folder that cannot be written to
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on at the epoch it had reached.", file=sys.stderr)
        return 130


def quick_or_whole(
    program: str, description: str, quick: str, chapter: int, book_file: Path, other_file: Path
) -> argparse.ArgumentParser:
    """Return the command line of an experiment of minutes: whole, for the book's file, or quick, for another."""
    root = Path(__file__).parents[1]
    book, other = book_file.relative_to(root), other_file.relative_to(root)
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument(
        "--out",
        type=Path,
        help=f"the file to write (default: {book}, which chapter {chapter} reads; with --quick {other})",
    )
    return parser


def versions() -> dict[str, str]:
    """Return the versions that the numbers depend on."""
    found = {"python": platform.python_version()}
    for package in ("keras", "tensorflow", "tensorflow-cpu", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def natural(text: str) -> int:
    """Return a whole number from 1 on; argparse reports the others."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number
