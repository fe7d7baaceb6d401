"""What every key says: hints, sentences and sections of the page, ids of the cells, points."""

import re

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
