"""Which assignment each notebook is for, and which of several that somebody handed in counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.collect.answers import BLANK, Handout, marks_in
from autograder.collect.assignments import Assignments, plainly
from autograder.collect.members import Refused
from autograder.collect.names import cut
from autograder.collect.scan import Notebook
from autograder.collect.submission_store import Shelf, Version, digest_of
from autograder.collect.taking import Taken
from autograder.collect.times import as_nbgrader

ONE_ASSIGNMENT = ("Moodle", "Canvas")  # a download of theirs is of one assignment
CHOSEN = "Another one was chosen to count, with --take."
SEVERAL = "One of {} notebooks with different answers, and nothing says for sure which counts; this one is {}, {}."
FULLER = "It is older than the one that counts, which is {}, and has more answers: {}, not {}."
BESIDE_BLANK = "Nothing says which assignment it is for, and what lies beside it is blank; with --take it counts."
UNKNOWN = "Neither its name nor its cells say which assignment it is for; collect it again with --assignment."


@dataclass
class Chosen:
    """What became of the notebooks: which count, which do not, and which a person has to look at.

    attempts  those of the unclear ones among which a person has to choose
    """

    winners: list[Notebook] = field(default_factory=list)
    left_out: list[tuple[Notebook, str]] = field(default_factory=list)
    unclear: list[tuple[Notebook, str]] = field(default_factory=list)
    refused: list[tuple[Notebook, str]] = field(default_factory=list)
    attempts: list[Notebook] = field(default_factory=list)


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


def choose(notebooks: list[Notebook], chosen: Chosen, shelf: Shelf, taken: Taken) -> None:
    """Choose for each person and assignment the notebook that counts: the newest that has answers.

    taken  what somebody has chosen instead
    """
    groups: dict[tuple[str, str], list[Notebook]] = defaultdict(list)
    for one in notebooks:
        groups[one.student, one.slug].append(one)
    for where, group in groups.items():
        there = shelf.there(*where)
        if not take_one(group, chosen, there, taken):
            settle(without_chosen(group, chosen, there), chosen)


def weigh(notebooks: list[Notebook], handouts: dict[str, Handout]) -> list[Notebook]:
    """Note of each notebook, whose assignment is known by now, what of it is the learner's."""
    for one in notebooks:
        one.work = handouts.get(one.slug, Handout()).work(one.marks)
    return notebooks


def take_one(group: list[Notebook], chosen: Chosen, there: Version | None, taken: Taken) -> bool:
    """Let the notebook count that somebody has chosen, if one of these is meant; it is noted instead of which."""
    winner = newest([one for one in group if taken.means(one)])
    if winner is None:
        return False
    others = {one.digest for one in group} | ({there.digest, *there.over} if there else set())
    winner.taken, winner.over = True, tuple(sorted(others - {winner.digest}))
    chosen.winners.append(winner)
    chosen.left_out += [(one, CHOSEN) for one in group if one is not winner]
    return True


def without_chosen(group: list[Notebook], chosen: Chosen, there: Version | None) -> list[Notebook]:
    """Return the notebooks without those instead of which somebody has chosen the one that is there."""
    over = there.over if there else ()
    for one in group:
        one.over = over
    return leave_out(group, lambda one: one.digest in over, CHOSEN, chosen)


def settle(group: list[Notebook], chosen: Chosen) -> None:
    """Choose one of the notebooks of a person for an assignment, or list them where it is not certain."""
    if any(not one.work.blank for one in group):
        group = leave_out(group, lambda one: one.work.blank, BLANK, chosen)
    best = newest(group)
    if best is None or (not best.work.count and any(one.work.count for one in group)):
        chosen.unclear += [(one, SEVERAL.format(len(group), dated(one), answered(one))) for one in group]
        chosen.attempts += group
        return
    fuller = [one for one in group if one.work.count > best.work.count]
    chosen.unclear += [(one, FULLER.format(dated(best), one.work.count, best.work.count)) for one in fuller]
    chosen.attempts += [best, *fuller] if fuller else []
    chosen.winners.append(best)
    chosen.left_out += [(one, why_not(one, best)) for one in group if one is not best and one not in fuller]


def leave_out(group: list[Notebook], test: Callable[[Notebook], bool], why: str, chosen: Chosen) -> list[Notebook]:
    """Return the notebooks of a group for which a test does not hold; the others do not count."""
    chosen.left_out += [(one, why) for one in group if test(one)]
    return [one for one in group if not test(one)]


def newest(notebooks: list[Notebook]) -> Notebook | None:
    """Return the notebook that was handed in last; None where there is none, or no way to tell.

    Where nothing tells which of several with the same answers is newer, the one with the likeliest name stands for all.
    """
    latest: dict[str, Notebook] = {}
    for one in notebooks:
        other = latest.setdefault(one.digest, one)
        if version(one).newer_than(version(other)):
            latest[one.digest] = one
    if len(latest) == 1:
        return min(notebooks, key=lambda one: (one.handed_in is None, one.handed_in))  # as early as the same was there
    last = [one for one in latest.values() if all(beats(one, other) for other in latest.values() if other is not one)]
    return min(last, key=rank) if last else None


def beats(one: Notebook, other: Notebook) -> bool:
    """Say whether a notebook is newer than another, or holds the same answers and is not older."""
    newer = version(one).newer_than(version(other))
    return one.work == other.work and one.work.readable if newer is None else newer


def rank(notebook: Notebook) -> tuple[int, str]:
    """Return how little the name of a notebook fits its assignment: 0 where it is the same; then the path."""
    name, slug = plainly(notebook.claim.file.rsplit("/", 1)[-1]), plainly(notebook.slug)
    return 0 if name == slug else 1 if slug in name else 2, notebook.member.path


def version(notebook: Notebook) -> Version:
    """Return what is known of when a notebook was handed in."""
    parcel, seen = notebook.parcel, notebook.member.time or notebook.parcel.made
    order, over, group = notebook.claim.order, notebook.over, notebook.group
    return Version(notebook.digest, notebook.handed_in, seen, notebook.claim.kind, order, parcel.batch, over, group)


def why_not(notebook: Notebook, winner: Notebook) -> str:
    """Return why a notebook does not count."""
    if notebook.digest == winner.digest:
        return "The same notebook was found twice."
    if notebook.work == winner.work and notebook.work.readable:
        return f"Its answers are those of {cut(winner.member.path)}."
    return f"A newer one was handed in: {cut(winner.member.path)}."


def dated(notebook: Notebook) -> str:
    """Return when a notebook was handed in, in words."""
    return f"of {as_nbgrader(notebook.handed_in)}" if notebook.handed_in else "without a known date"


def answered(notebook: Notebook) -> str:
    """Return in words how many of its cells are answered."""
    if not notebook.work.readable:
        return "and it cannot be read"
    return f"with {notebook.work.count} answer{'' if notebook.work.count == 1 else 's'}"
