"""Which assignment each notebook is for: by its name, its cells, or what else lies in the same download."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from autograder.collect.answers import Handout, marks_in
from autograder.collect.assignments import Assignments
from autograder.collect.chosen import Chosen
from autograder.collect.members import Refused
from autograder.collect.scan import Notebook
from autograder.collect.submission_store import digest_of

ONE_ASSIGNMENT = ("Moodle", "Canvas")  # a download of theirs is of one assignment
BESIDE_BLANK = "Nothing says which assignment it is for, and what lies beside it is blank; with --take it counts."
UNKNOWN = "Neither its name nor its cells say which assignment it is for; collect it again with --assignment."


def read_once(notebook: Notebook, assignments: Assignments, given: str | None, chosen: Chosen) -> bool:
    """Read a notebook, note its digest and its assignment; say whether it goes on."""
    try:
        data = notebook.member.read()
    except Refused as error:
        chosen.refused.append((notebook, str(error)))
        return False
    notebook.digest, notebook.marks = digest_of(data), marks_in(data)
    by_name = assignments.by_name(notebook.member.name) or assignments.by_name(notebook.claim.file)
    by_cells = assignments.by_contents(notebook.marks)
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


def settle_assignments(
    notebooks: list[Notebook], handouts: dict[str, Handout], chosen: Chosen, is_chosen: Callable[[Notebook], bool]
) -> list[Notebook]:
    """Return the notebooks whose assignment is known, after a look at what else is in the same download.

    is_chosen  says whether somebody has chosen a notebook to count, now or before
    """
    slugs, hand_ins = defaultdict(set), defaultdict(list)
    for one in weigh([one for one in notebooks if one.slug], handouts):
        slugs[one.parcel.batch].add(one.slug)
        hand_ins[one.parcel.batch, one.claim.folder].append(one)
    known = [one for one in notebooks if one.slug]
    for one in (one for one in notebooks if not one.slug):
        others, beside = slugs[one.parcel.batch], hand_ins[one.parcel.batch, one.claim.folder]
        if beside:
            known += [one] if counts_beside(one, beside, handouts, chosen, is_chosen) else []
        elif one.claim.kind in ONE_ASSIGNMENT and len(others) == 1:
            one.slug = next(iter(others))
            one.notes.append(f"Taken for {one.slug}, as all else in this download is.")
            known.append(one)
        else:
            chosen.unclear.append((one, UNKNOWN))
    return weigh(known, handouts)


def counts_beside(
    one: Notebook,
    beside: list[Notebook],
    handouts: dict[str, Handout],
    chosen: Chosen,
    is_chosen: Callable[[Notebook], bool],
) -> bool:
    """Say whether a notebook of no known assignment is to count, because it was chosen; else tell what it is."""
    wanted = {other.slug for other in beside}
    one.slug = next(iter(wanted)) if len(wanted) == 1 else ""
    weigh([one], handouts)
    if one.slug and is_chosen(one):
        return True
    if all(other.work.blank for other in beside) and not one.work.blank:
        chosen.unclear.append((one, BESIDE_BLANK))
        chosen.attempts += [one] if one.slug else []
    else:
        chosen.left_out.append((one, "It is another notebook beside the one that counts."))
    return False


def weigh(notebooks: list[Notebook], handouts: dict[str, Handout]) -> list[Notebook]:
    """Note of each notebook, whose assignment is known by now, what of it is the learner's."""
    for one in notebooks:
        one.work = handouts.get(one.slug, Handout()).work(one.marks)
    return notebooks
