"""Which assignment each notebook is for, and which of several that somebody handed in counts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from autograder.collect.assignments import Assignments, plainly
from autograder.collect.members import Refused
from autograder.collect.names import cut
from autograder.collect.scan import Notebook
from autograder.collect.submission_store import Version, digest_of

ONE_ASSIGNMENT = ("Moodle", "Canvas")  # a download of theirs is of one assignment
UNKNOWN = "Neither its name nor its cells say which assignment it is for; collect it again with --assignment."


@dataclass
class Chosen:
    """What became of the notebooks: which count, which do not, and which a person has to look at."""

    winners: list[Notebook] = field(default_factory=list)
    left_out: list[tuple[Notebook, str]] = field(default_factory=list)
    unclear: list[tuple[Notebook, str]] = field(default_factory=list)
    refused: list[tuple[Notebook, str]] = field(default_factory=list)


def read_once(notebook: Notebook, assignments: Assignments, given: str | None, chosen: Chosen) -> bool:
    """Read a notebook, note its digest and its assignment; say whether it goes on."""
    try:
        data = notebook.member.read()
    except Refused as error:
        chosen.refused.append((notebook, str(error)))
        return False
    notebook.digest = digest_of(data)
    by_name = assignments.by_name(notebook.member.name) or assignments.by_name(notebook.claim.file)
    by_cells = assignments.by_contents(data)
    said = given or notebook.claim.slug
    if said:
        notebook.slug = said
        if by_cells not in ("", said):
            notebook.notes.append(f"Its cells are those of {by_cells}.")
    elif by_name and by_cells and by_name != by_cells:
        why = f"Its name says {by_name}, its cells are those of {by_cells}; collect it again with --assignment."
        chosen.unclear.append((notebook, why))
        return False
    else:
        notebook.slug = by_name or by_cells
        by_download = assignments.by_name(notebook.parcel.name)
        if by_download and not notebook.slug:
            notebook.slug = by_download
            notebook.notes.append(f"Taken for {by_download}, as the download is called.")
    return True


def settle_assignments(notebooks: list[Notebook], chosen: Chosen) -> list[Notebook]:
    """Return the notebooks whose assignment is known, after a look at what else is in the same download."""
    slugs, hand_ins = defaultdict(set), set()
    for one in notebooks:
        if one.slug:
            slugs[one.parcel.batch].add(one.slug)
            hand_ins.add((one.parcel.batch, one.claim.folder))
    for one in (one for one in notebooks if not one.slug):
        others = slugs[one.parcel.batch]
        if (one.parcel.batch, one.claim.folder) in hand_ins:
            chosen.left_out.append((one, "It is another notebook beside the one that counts."))
        elif one.claim.kind in ONE_ASSIGNMENT and len(others) == 1:
            one.slug = next(iter(others))
            one.notes.append(f"Taken for {one.slug}, as all else in this download is.")
        else:
            chosen.unclear.append((one, UNKNOWN))
    return [one for one in notebooks if one.slug]


def choose(notebooks: list[Notebook], chosen: Chosen) -> None:
    """Choose for each person and assignment the notebook that counts."""
    groups: dict[tuple[str, str], list[Notebook]] = defaultdict(list)
    for one in notebooks:
        groups[one.student, one.slug].append(one)
    for group in groups.values():
        best = [one for hand_in in by_hand_in(group) for one in likeliest(hand_in, chosen)]
        winner = newest(best)
        if winner is None:
            names = ", ".join(sorted({cut(one.member.path) for one in best})[:4])
            why = f"Several notebooks were handed in and nothing says which counts: {names}."
            chosen.unclear += [(one, why) for one in best]
            continue
        chosen.winners.append(winner)
        chosen.left_out += [(one, why_not(one, winner)) for one in best if one is not winner]


def by_hand_in(group: list[Notebook]) -> list[list[Notebook]]:
    """Return the notebooks by hand-in: those in one folder of one download belong together."""
    hand_ins: dict[tuple[str, str], list[Notebook]] = defaultdict(list)
    for one in group:
        hand_ins[one.parcel.batch, one.claim.folder].append(one)
    return list(hand_ins.values())


def likeliest(hand_in: list[Notebook], chosen: Chosen) -> list[Notebook]:
    """Return the notebooks of one hand-in whose names fit the assignment best; the rest is left out."""
    best = min(rank(one) for one in hand_in)
    why = "Another notebook beside it has the name of the assignment."
    chosen.left_out += [(one, why) for one in hand_in if rank(one) > best]
    return [one for one in hand_in if rank(one) == best]


def rank(notebook: Notebook) -> int:
    """Return how little the name of a notebook fits its assignment: 0 where it is the same."""
    name, slug = plainly(notebook.claim.file.rsplit("/", 1)[-1]), plainly(notebook.slug)
    return 0 if name == slug else 1 if slug in name else 2


def newest(notebooks: list[Notebook]) -> Notebook | None:
    """Return the notebook that was handed in last; None where there is no way to tell."""
    different = list({one.digest: one for one in reversed(notebooks)}.values())
    for one in reversed(different):
        if all(version(one).newer_than(version(other)) for other in different if other is not one):
            return one
    return None


def version(notebook: Notebook) -> Version:
    """Return what is known of when a notebook was handed in."""
    parcel, seen = notebook.parcel, notebook.member.time or notebook.parcel.made
    return Version(notebook.digest, notebook.handed_in, seen, notebook.claim.kind, notebook.claim.order, parcel.batch)


def why_not(notebook: Notebook, winner: Notebook) -> str:
    """Return why a notebook does not count."""
    if notebook.digest == winner.digest:
        return "The same notebook was found twice."
    return f"A newer one was handed in: {cut(winner.member.path)}."
