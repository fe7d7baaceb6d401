"""Which of several notebooks that somebody handed in counts: the newest that has answers."""

from __future__ import annotations

from collections import defaultdict

from autograder.collect.answers import BLANK
from autograder.collect.assignments import plainly
from autograder.collect.chosen import Chosen, leave_out
from autograder.collect.names import cut
from autograder.collect.scan import Notebook
from autograder.collect.submission_store import Shelf, Version
from autograder.collect.taking import Taken
from autograder.collect.times import as_nbgrader

CHOSEN = "Another one was chosen to count, with --take."
SEVERAL = "One of {} notebooks with different answers, and nothing says for sure which counts; this one is {}, {}."
FULLER = "It is older than the one that counts, which is {}, and has more answers: {}, not {}."


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
