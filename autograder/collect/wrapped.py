"""Finds a whole download that lies inside something else: a zip in a folder, or a zip in a zip.

So it is where somebody keeps downloads in a folder, or packs one again. It is read as a download only where nothing but
whole downloads lies there, and under no person's name: among others' files, a zip that looks like one may be forged by
whoever handed it in.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from autograder.collect import zips
from autograder.collect.archives import Parcel, open_parcel
from autograder.collect.members import Refused
from autograder.collect.platforms import by_platform, is_whole_download
from autograder.collect.screening import screened
from autograder.storage.left_out import LEFT_BEHIND
from autograder.storage.safe_files import entries, is_folder, is_plain_file

MOST_BYTES = 200 << 20  # of a download inside a zip, which is read into memory


def unwrapped(path: Path) -> list[Path]:
    """Return the downloads in a folder that holds nothing else; else the path itself."""
    inside = [one for one in entries(path) if not LEFT_BEHIND.match(one.name)] if is_folder(path) else []
    if not inside or by_platform([(one.name,) for one in inside])[0] or not all(map(is_download, inside)):
        return [path]
    return inside


def is_download(path: Path) -> bool:
    """Say whether a file is a zip that a platform made."""
    if not is_plain_file(path) or not path.name.lower().endswith(".zip"):
        return False
    with ExitStack() as stack:
        parcel = without_wrapping(open_parcel(path, stack))
        return is_whole_download([one for one in parcel.members if not one.danger])


def without_wrapping(parcel: Parcel) -> Parcel:
    """Return a zip as the download that is the only thing in it, if there is one."""
    handed = [member for member in parcel.members if not member.left_behind]
    if parcel.trouble or len(handed) != 1 or handed[0].danger or not handed[0].is_zip:
        return parcel
    around = handed[0].parts[:-1]  # as the folder that was packed is called
    if around not in ((), (parcel.path.stem,)) or is_whole_download(handed):
        return parcel
    try:
        members = zips.inside(handed[0], MOST_BYTES, zips.MOST_ENTRIES)
    except Refused:
        return parcel  # it is told when it is looked into
    if not is_whole_download([one for one in members if not one.danger]):
        return parcel
    return replace(parcel, name=f"{parcel.name}/{handed[0].path}", members=screened(members))
