"""Makes downloads as the learning platforms make them, and a course of three assignments that needs no building."""

from __future__ import annotations

import datetime as dt
import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

FOUR, FIVE, SIX = "04_scaled_dot_product_attention", "05_multi_head_attention", "06_masks"
SLUGS = (FOUR, FIVE, SIX)
MONDAY = dt.datetime(2024, 11, 18, 9, 30, 0, tzinfo=dt.UTC)
DAY, HOUR, SECOND = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(seconds=2)
LINK, PIPE, DEVICE = 0o120777, 0o010644, 0o020644

Entry = tuple[str, bytes, dt.datetime]  # name, bytes, time


def make_course(root: Path) -> Path:
    """Write a course: releases with ids in their cells, and keys that nobody reads here."""
    (root / "solutions").mkdir(parents=True)
    (root / "_config.yml").write_text("title: small\n")
    for slug in SLUGS:
        (root / "exercises" / slug).mkdir(parents=True)
        (root / "exercises" / slug / f"{slug}.ipynb").write_bytes(notebook(slug, "release"))
        (root / "solutions" / f"{slug}_key.py").write_text("")
    return root


def notebook(slug: str = FOUR, answer: str = "x = 1", ids: bool = True) -> bytes:
    """Return a notebook of an assignment with an answer in it."""
    cells = [cell("setup", "import numpy"), *(cell(f"{slug}-{number}" if ids else "", answer) for number in range(4))]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def cell(grade_id: str, text: str) -> dict:
    """Return a code cell, with nbgrader's id where one is given."""
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    return {"cell_type": "code", "source": text, "metadata": metadata, "outputs": [], "execution_count": None}


def info(name: str, time: dt.datetime = MONDAY, mode: int = 0o100644, flags: int = 0) -> zipfile.ZipInfo:
    """Return the description of a file in a zip, whose times are local ones."""
    made = zipfile.ZipInfo(name, time.astimezone().timetuple()[:6])
    made.compress_type, made.external_attr = zipfile.ZIP_DEFLATED, mode << 16
    made.flag_bits |= flags
    return made


def zipped(path: Path | io.BytesIO, entries: Iterable[Entry | tuple[zipfile.ZipInfo, bytes]]) -> Path | io.BytesIO:
    """Write a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for entry in entries:
            about = info(entry[0], entry[2]) if isinstance(entry[0], str) else entry[0]
            archive.writestr(about, entry[1])
    return path


def zip_bytes(entries: Iterable[Entry]) -> bytes:
    """Return the bytes of a zip."""
    return zipped(io.BytesIO(), entries).getvalue()


def in_code_page(path: Path, entries: Iterable[Entry], page: str) -> Path:
    """Write a zip as Windows' own does: names in a code page, without the flag for UTF-8."""
    names = {name: name.encode(page) for name, _, _ in entries}
    stand_ins = {name: f"{number:04}".ljust(len(data), "x") for number, (name, data) in enumerate(names.items())}
    about = {name: info(stand_in) for name, stand_in in stand_ins.items()}
    for name, _, time in entries:
        about[name].create_system, about[name].date_time = 0, time.astimezone().timetuple()[:6]
    data = zipped(io.BytesIO(), [(about[name], content) for name, content, _ in entries]).getvalue()
    for name, stand_in in stand_ins.items():
        data = data.replace(stand_in.encode(), names[name])
    if isinstance(path, Path):
        path.write_bytes(data)
        return path
    path.write(data)
    return path


def tarred(path: Path, entries: Iterable[Entry], mode: str = "w", more: Iterable[tarfile.TarInfo] = ()) -> Path:
    """Write a tar, with members that have no bytes at the end."""
    with tarfile.open(path, mode) as archive:
        for name, data, time in entries:
            about = tarfile.TarInfo(name)
            about.size, about.mtime = len(data), int(time.timestamp())
            archive.addfile(about, io.BytesIO(data))
        for about in more:
            archive.addfile(about)
    return path


def tar_bytes(entries: Iterable[Entry]) -> bytes:
    """Return the bytes of a tar."""
    with tempfile.TemporaryDirectory() as folder:
        return tarred(Path(folder) / "x.tar", entries).read_bytes()


def moodle(name: str, number: int, file: str, folders: bool = True, kind: str = "file") -> str:
    """Return the name that Moodle gives to a file."""
    return f"{name}_{number}_assignsubmission_{kind}{'/' if folders else '_'}{file}"


def canvas(name: str, user: int, attachment: int, file: str, late: bool = False) -> str:
    """Return the name that Canvas gives to a file."""
    return "_".join([name, *(["LATE"] if late else []), str(user), str(attachment), file])
