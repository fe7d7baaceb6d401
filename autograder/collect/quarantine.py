"""Where files go that are not taken but can be looked at: copied as mere bytes, under names of our own.

Only what is dangerous for its name alone is copied. Links and devices have nothing to copy, encrypted and broken
files cannot be read, and unpacking bombs and huge files is what must not be done: these are only listed.
"""

from __future__ import annotations

from pathlib import Path

from autograder.collect.members import Member, Refused
from autograder.collect.names import as_id, cut
from autograder.collect.submission_store import digest_of
from autograder.storage.safe_files import write_new

FOLDER = "quarantine"
MOST_COPIES = 100
ENDING = ".not-taken"  # no program opens it by itself


def set_aside(folder: Path, members: list[Member]) -> int:
    """Copy those of the files that are nothing but oddly named; return how many lie in quarantine now."""
    count = 0
    for member in [member for member in members if member.inert][:MOST_COPIES]:
        try:
            data = member.read()
        except Refused:
            continue
        name = f"{digest_of(data)[:12]}-{cut(as_id(member.path.replace('/', '-')), 60) or 'file'}{ENDING}"
        if not (folder / name).exists():
            write_new(folder / name, data)
        count += 1
    return count
