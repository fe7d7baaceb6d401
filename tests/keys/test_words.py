"""What every key says: hints, sentences and sections of the page, ids of the cells, points."""

import re

import numpy as np

from autograder.authoring.agreement import JOINING, words_of
from autograder.learner.check import right_also_for
from tests.chapters import ROOT, page_of
from tests.keys.claims import KEYS, every_chapter, every_check


@every_check
def test_the_words_of_a_check_are_complete(slug, check):
    sections = re.findall(r"^#{2,3} (.+)$", page_of(slug), flags=re.MULTILINE)
    assert 2 <= len(check.hints) <= 4
    for sentence in (*check.hints, *(m.says for m in check.misconceptions), *(p.says for p in check.properties)):
        assert sentence.endswith((".", "?", ".)", "`.")), sentence
        assert len(sentence) < 260, sentence
    for place in (check.read, *(m.read for m in check.misconceptions)):
        assert place in sections, f"“{place}” is no section of book/{slug}.md"


@every_chapter
def test_grade_ids_are_unique_and_read_as_a_sentence(slug):
    ids = [check.grade_id for check in KEYS[slug].checks]
    assert len(ids) == len(set(ids)) > 0
    assert all(re.fullmatch(r"[a-z0-9_]+-[a-z_]{8,}", identity) for identity in ids)


@every_check
def test_every_part_has_points(slug, check):
    assert set(check.points) == set(check.returns) != set()
    assert all(points > 0 for points in check.points.values())


def test_every_solved_notebook_has_a_key():
    sources = {path.stem for path in ROOT.glob("solutions/[0-9][0-9]_*.py")}
    sources = {stem for stem in sources if not stem.endswith(("_key", "_wrong"))}
    assert sources == set(KEYS)


@every_check
def test_a_right_answer_is_praised_only_for_what_a_case_tests(slug, check):
    """What a box says was survived stands on the label of a case, each on another; cases are drawn fresh by labels."""
    public = check.inputs(np.random.default_rng(0))
    labels = [[label for label in public if words_of(odd) <= words_of(label) | JOINING] for odd in check.survives]
    assert all(labels)
    assert len({found[0] for found in labels}) == len(check.survives)
    assert all(words_of(odd) - JOINING for odd in check.survives)
    assert len(right_also_for(check.survives)) < 140


def test_every_check_tells_what_was_survived_where_a_label_tells_of_an_edge():
    edges = re.compile(r"\b(no|one(?! length)|single|empty|large|all padding|nothing|length [012])\b")
    silent = [
        f"{check.name}: {label}"
        for key in KEYS.values()
        for check in key.checks
        if not check.survives
        for label in check.inputs(np.random.default_rng(0))
        if edges.search(label)
    ]
    assert silent == []
