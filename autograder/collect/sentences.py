"""What is said of whole downloads."""

from __future__ import annotations

from autograder.collect.archives import Parcel
from autograder.collect.scan import Contents, Notebook

DOWNLOAD_TIMES = (
    "{}: the times are those of the download or lie too close together to tell when the work was handed in, so none "
    "was noted; without a time nobody counts as late."
)
MOST_NAMES = 10
SOME_TIMES = "{}: the time of {} of {} notebooks is not known; such work does not count as late."
WORKSHEET = (
    " Moodle's grading worksheet has the true times; give it with --roster, or with --times where the ids of the "
    "class are from another list."
)
LATE = "Canvas calls {} late without saying by how much; give the times with --times."
DOUBTED = (
    "{}: {} came at a time that the clocks show twice or never, for they are put back or forward then; the earlier one "
    "was taken."
)


def said_of(found: Contents) -> list[str]:
    """Return what is to be said of a whole download."""
    parcel: Parcel = found.parcel
    if not parcel.members:
        return [] if parcel.trouble else [f"{parcel.name} is empty."]
    files = {one.member.path for one in [*found.notebooks, *(notebook for notebook, _ in found.unclear)]}
    said = [f"{parcel.name}: read as {parcel.kind or 'files'}; {counted(len(files), 'notebook')}"]
    if found.others:
        kinds = ", ".join(f"{count} {ending}" for ending, count in found.others.most_common(5))
        said[0] += f"; {counted(found.others.total(), 'other file')} left out ({kinds})"
    said[0] += "."
    with_zips_time = [one.member for one in found.notebooks if one.handed_in and one.handed_in == one.member.time]
    if doubted := {member.path for member in with_zips_time if member.doubted}:
        said.append(DOUBTED.format(parcel.name, counted(len(doubted), "notebook")))
    return said


def without_times(contents: list[Contents]) -> list[str]:
    """Return what is to be said of the downloads that do not tell when work was handed in."""
    found = [one for one in contents if any(notebook.handed_in is None for notebook in one.notebooks)]
    if not found:
        return []
    names = ", ".join(one.parcel.name for one in found)
    times = {(one.parcel.name, notebook.member.path): notebook.handed_in for one in found for notebook in one.notebooks}
    known = [time for time in times.values() if time]
    some = SOME_TIMES.format(names, len(times) - len(known), len(times))
    told = some if known else DOWNLOAD_TIMES.format(names)
    more = WORKSHEET if any(one.parcel.kind == "Moodle" for one in found) else ""
    late = len({nb.who for one in found for nb in one.notebooks if nb.claim.late and nb.handed_in is None})
    return [told + more] + ([LATE.format(counted(late, "hand-in"))] if late else [])


def said_of_blank(notebooks: list[Notebook]) -> list[str]:
    """Return who handed in what was handed out, and nothing of their own."""
    blank = sorted({one.student for one in notebooks if one.work.blank})
    if not blank:
        return []
    more = f" and {len(blank) - MOST_NAMES} more" if len(blank) > MOST_NAMES else ""
    return [f"{counted(len(blank), 'student')} handed in nothing but blanks: {', '.join(blank[:MOST_NAMES])}{more}."]


def counted(count: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{count} {what}{'' if count == 1 else 's'}"
