"""What must never earn a point, leak, or hurt anyone else: each line of the list, tried in a class of honest people."""

from __future__ import annotations

import pytest

from tests.attacks.attack_list import ATTACKS, GROUPS
from tests.attacks.conftest import student_of

# What must have been tried, so that no kind of attack goes missing unnoticed. A new one needs no line here.
LIST = {
    "judgement": [
        "objects always equal",
        "array subclasses with `__array_function__`",
        "patched `np.allclose`",
        "patched `assert`",
        "patched `check`",
        "patched test framework",
        "AST and input transformers",
        "swallowed exceptions",
        "forged results",
        "partial grades",
        "messages",
        "`ipykernel_launcher.py`",
        "`numpy.py`",
        "`check.py`",
        "`sitecustomize.py`",
        "poisoned random generator",
        "inputs changed in place",
        "empty arrays",
        "broadcastable shapes",
        "NaN",
        "result files written by hand",
        "edited or deleted check cells",
        "early exit, clean or not",
        "patched pickling",
        "points by memory",
        "Python's machinery",
        "odd values",
        "hidden source",
    ],
    "stealing": [
        "own notebook",
        "source folder",
        "key",
        "reference",
        "other submissions",
        "running cell text",
        "frames",
        "`gc`",
        "`/proc/self/mem`",
        "environment",
        "detecting that grading is on",
        "network",
        "covert channels between submissions",
        "the kernel's files",
        "other programs",
        "more rights",
        "what Python remembers",
        "the channel",
    ],
    "grader and gradebook": [
        "database writes",
        "late daemons",
        "persistence",
        "killing or tracing parents",
        "poisoning the fork server or siblings",
        "pickle through results",
        "pickle through submitted files",
        "header bombs in array files",
        "script in feedback and formgrader",
        "links, devices, fifos",
        "terminal escapes",
        "formula injection in CSV",
        "forged timestamps",
        "reaching the Dask scheduler",
        "what is in the file",
    ],
    "resources": [
        "endless loops",
        "memory",
        "fork and thread bombs",
        "disk and `/dev/shm`",
        "60 MB lines",
        "200,000 lines",
        "nested archives",
        "zip paths that escape",
        "deeply nested JSON",
        "`input()` and `breakpoint()`",
        "what a user has so many of",
    ],
}


def test_every_line_of_the_list_is_tried():
    listed = {name for names in LIST.values() for name in names}
    assert listed <= {attack.name for attack in ATTACKS}
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)
    assert set(GROUPS) == set(LIST)


def test_what_one_attack_leaves_behind_is_looked_for_by_a_second():
    halves = [attack for attack in ATTACKS if attack.name == "covert channels between submissions"]
    assert [attack.how for attack in halves] == ["first", "second"]
    assert halves[0].text == halves[1].text and all(attack.after for attack in halves)


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.id for attack in ATTACKS])
def test_an_attack_earns_and_hurts_nothing(graded, attack):
    outcome = graded.outcome(student_of(attack))
    assert tuple(outcome.points.values()) == attack.points, outcome.rows("checks.csv")
    assert [row["status"] for row in outcome.rows("grades.csv")] != ["no verdict"]
    assert outcome.page
    if attack.after:
        attack.after(outcome)


def test_neighbours_have_all_their_points(graded, neighbours):
    assert len(neighbours) > 10
    assert {name: graded.outcome(name).points for name in neighbours} == {
        name: {"mean_rows": 2.0, "center": 3.0} for name in neighbours
    }


def test_the_class_is_finished(graded):
    assert graded.code == 0, graded.said
    assert "the grader failed" not in graded.said
