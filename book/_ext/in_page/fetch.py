"""Fetches the official files of Pyodide that the pages "Do it here" need, and no others: `make pyodide`.

Each file has its size and sha256 in `pyodide-0.27.7.json`. What is there and right is not fetched again, so a run that
was stopped goes on where it was; a file gets its name only once it is whole and the right one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

if __name__ == "__main__":  # run as a file; its neighbours are parts of the package in_page here too
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from in_page.web import AGAIN, Failed, Passing, chunks, folder_address

PINNED = json.loads(Path(__file__).with_name("pyodide-0.27.7.json").read_text(encoding="utf-8"))
FOLDER = ".pyodide"  # the one that _config.yml names
COLUMNS = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())

Pin = Mapping[str, Any]  # the size of a file in bytes, and its sha256


def main(arguments: list[str] | None = None, pinned: Mapping[str, Any] = PINNED, **patience: float) -> int:
    """Fetch what is missing, say what to do next, and return the exit status."""
    args = parser(pinned).parse_args(arguments)
    try:
        fetched = fetch(args.address, args.to, pinned["files"], **patience)
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"Stopped: {AGAIN}.", file=sys.stderr)
        return 130
    size = sum(pin["size"] for pin in pinned["files"].values()) / 1e6
    print(f"Pyodide {pinned['version']} is in {args.to}: {len(pinned['files'])} files, {size:.1f} MB, ", end="")
    print(f"{len(fetched) or 'none'} of them fetched now. Next: {next_step(args.to)}")
    return 0


def parser(pinned: Mapping[str, Any]) -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(description=f"Fetch the files of Pyodide {pinned['version']} that the book needs.")
    made.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER", help="where to keep them (%(default)s)")
    made.add_argument("--from", dest="address", default=pinned["address"], help="where they lie (%(default)s)")
    return made


def next_step(to: Path) -> str:
    """Return what to do with the folder."""
    if to.resolve() == Path(FOLDER).resolve():
        return "`make book`."
    return f"write `pyodide: {to}` below `attention:` in _config.yml, then `make book`."


def fetch(address: str, to: Path, files: Mapping[str, Pin], **patience: Any) -> list[str]:
    """Fetch the pinned files that a folder lacks, and return their names. Raises Failed; `patience` is fetch_file's."""
    address = folder_address(address)
    try:
        to.mkdir(parents=True, exist_ok=True)
        missing = [name for name, pin in files.items() if not is_right(to / name, pin)]
        with Progress(*COLUMNS, transient=True) as progress:
            task = progress.add_task("", total=sum(files[name]["size"] for name in missing))
            for number, name in enumerate(missing, start=1):
                progress.update(task, description=f"{number} of {len(missing)} files")
                fetch_file(address + name, to / name, files[name], partial(progress.advance, task), **patience)
    except OSError as error:  # those of the network are Failed by now
        needed = sum(pin["size"] for pin in files.values()) / 1e6
        raise Failed(
            f"{error.filename or to} cannot be written ({error.strerror}): {needed:.0f} MB have to go there, "
            "or into another folder, which --to names."
        ) from None
    return missing


def fetch_file(
    address: str,
    target: Path,
    pin: Pin,
    seen: Callable[[int], None],
    timeout: float = 30,
    tries: int = 3,
    pause: float = 2,
) -> None:
    """Fetch one file, and again after `pause` seconds where the failure may pass; `seen` is told how many bytes came.

    The server may be silent for `timeout` seconds. Raises Failed after so many `tries`.
    """
    for left in reversed(range(tries)):
        try:
            return fetch_once(address, target, pin, seen, timeout)
        except Passing:
            if not left:
                raise
            time.sleep(pause)


def fetch_once(address: str, target: Path, pin: Pin, seen: Callable[[int], None], timeout: float) -> None:
    """Fetch one file under another name, and give it its own once it is whole and right. Raises Failed."""
    part, digest, size = target.with_name(f"{target.name}.part"), hashlib.sha256(), 0
    try:
        with part.open("wb") as file:
            for chunk in chunks(address, timeout):
                size += len(chunk)
                seen(len(chunk))
                digest.update(chunk)
                file.write(chunk)
                if size > pin["size"]:
                    break
        if (size, digest.hexdigest()) != (pin["size"], pin["sha256"]):
            raise Failed(
                f"{address} is not the official file (its size or sha256 is another), and nothing of it was kept: "
                "try without --from, or from another network."
            )
        part.replace(target)
    except BaseException:
        seen(-size)
        part.unlink(missing_ok=True)
        raise


def is_right(path: Path, pin: Pin) -> bool:
    """Say whether a file is there, whole and the pinned one."""
    if not path.is_file() or path.stat().st_size != pin["size"]:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == pin["sha256"]


if __name__ == "__main__":
    sys.exit(main())
