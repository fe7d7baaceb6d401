"""The wrong answers of every chapter that has a file of them: enough are named rightly, and hardly any misnamed."""

import pytest

from autograder.authoring.rate import good_enough, lines_of, rates
from tests.chapters import ROOT
from tests.keys.claims import every_chapter


@every_chapter
def test_wrong_answers_are_named(slug):
    if not (ROOT / "solutions" / f"{slug}_wrong.py").is_file():
        pytest.skip("the chapter has no file of wrong answers")
    ((_, told),) = found = list(rates(ROOT, [slug]))
    assert told
    assert good_enough(found), "\n".join(lines_of(told))
