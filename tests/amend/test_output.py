"""What `autograder amend` prints for programs, and when it prints nothing."""

from __future__ import annotations

import json

from tests.amend.conftest import SLUG, amend, run, submitted
from tests.grade.fake_course import as_bytes, released

DROP = ("amend", "drop", SLUG, "center", "--to", "everybody", "--reason", "Two readings.")


def test_a_decision_for_a_program(course, capsys):
    run(course, *DROP, "--dry-run", "--json")
    tried, told = capsys.readouterr()
    assert not told and tried.count("\n") == 1 and not json.loads(tried)["applied"]
    run(course, *DROP, "--json", code=2)
    printed, told = capsys.readouterr()
    assert printed == "" and "say --yes to do it" in told and "drop center" in told
    run(course, *DROP, "--yes", "--json")
    done = json.loads(capsys.readouterr().out)
    assert done["applied"] and done["plan"]["changes"] == json.loads(tried)["plan"]["changes"]
    assert done["plan"]["decision"]["number"] == 1 and {one["student"] for one in done["plan"]["changes"]} == {"cat"}
    amend(course, "undo", "1")
    capsys.readouterr()
    run(course, "amend", "list", "--json")
    found = json.loads(capsys.readouterr().out)["decisions"]
    assert [(one["what"], one["undone"], one["reason"]) for one in found] == [
        ("drop", True, "Two readings."),
        ("undo", False, ""),
    ]


def test_quietly_it_says_only_what_is_to_be_known_besides(course, capsys):
    amend(course, *DROP[1:], "--quiet")
    assert capsys.readouterr() == ("", "")
    submitted(course, "ann", as_bytes(released(course)))  # handed in since: grading anew leaves it as it is
    amend(course, "regrade", SLUG, "mean_rows", "--quiet")
    printed, told = capsys.readouterr()
    assert printed == "" and "Left as they are, for `autograder grade` to see to: ann." in told
