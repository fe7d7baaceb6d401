"""The made-up class of chapter 04: right answers of every style earn all, and each mistake costs what it should."""

from __future__ import annotations

import csv
from pathlib import Path

import nbformat
import pytest

from autograder.cli import main
from tests.sample_class import CLASS, EINSUM, SLUG, write_class

pytestmark = pytest.mark.usefixtures("same_workers")
ROOT = Path(__file__).parents[2]
NAMED = {
    "dia_dropped_scale": ("scaled_self_attention", "unscaled"),
    "eli_swapped": ("self_attention", "key n"),
    "fay_wrong_axis": ("softmax_cols", "rows"),
    "gus_transposed": ("cross_attention", "exchanged"),
    "hal_endless": ("softmax_cols", "come to an end"),
    "kim_prints_numbers": ("softmax", "not defined"),
    "oto_cut_off": ("softmax", "cut off"),
    "cho_blank": ("softmax", "not finished yet"),
}


@pytest.fixture(scope="module")
def checks(tmp_path_factory) -> dict[tuple[str, str], dict]:
    """Grade the class and return the rows of checks.csv by student and check."""
    folder = tmp_path_factory.mktemp("sample")
    release = nbformat.read(ROOT / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)
    write_class(release, folder / "class")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        assert main(["grade", str(folder / "class"), "--out", str(folder / "out"), "--timeout", "3"]) == 0
    with (folder / "out" / "checks.csv").open(encoding="utf-8", newline="") as file:
        return {(row["student_id"], row["check"]): row for row in csv.DictReader(file)}


@pytest.mark.slow
@pytest.mark.parametrize("student", CLASS)
def test_each_learner_loses_the_checks_that_are_wrong_and_no_others(checks, student):
    assert set(EINSUM) <= {name for who, name in checks if who == student}
    expected = CLASS[student].loses
    lost = {name for (who, name), row in checks.items() if who == student and row["status"] != "right"}
    lost &= set(EINSUM)  # a check that nobody in the class answers yet is nobody's loss
    assert lost == (set(EINSUM) if expected is None else set(expected))


@pytest.mark.slow
@pytest.mark.parametrize("student", NAMED)
def test_each_mistake_is_called_by_its_name(checks, student):
    check, words = NAMED[student]
    assert words in checks[student, check]["diagnosis"]
