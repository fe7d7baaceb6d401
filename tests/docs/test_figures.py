"""The numbers on the pages are those of the lists and of the benchmark, and the sums follow from them."""

from __future__ import annotations

import json

import jupytext
import pytest

from bench.stages import STAGES
from tests.docs import figures
from tests.docs.blocks import ROOT
from tests.docs.courses import course
from tests.docs.figures import DATA, STEPS, copied

KEPT = json.loads(DATA.read_text(encoding="utf-8"))


def test_what_is_copied_is_fresh():
    assert {name: KEPT[name] for name in copied()} == json.loads(json.dumps(copied())), (
        "run: python -m tests.docs.figures --copy"
    )


@pytest.mark.parametrize("kind", ["NumPy", "TensorFlow"])
def test_what_was_measured_hangs_together(kind):
    found = KEPT["measured"][kind]
    assert 0 < found["database_seconds_each"] < found["driver_seconds_each"] < 2
    assert 0 < found["worker_seconds_each"] < 5
    assert set(found["bytes_each"]) == {*STEPS, "gradebook"}
    assert min(found["bytes_each"]["submitted"], found["bytes_each"]["feedback"]) > 1_000
    assert sum(found["bytes_each"].values()) < 3_000_000


@pytest.fixture(scope="module")
def page():
    """Return the names of the page on large classes, its first cell run."""
    cells = jupytext.read(ROOT / "book" / "teach" / "mooc.md").cells
    code = next(cell.source for cell in cells if cell.cell_type == "code")
    space: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT / "book" / "teach")
        exec(code, space)
    return space


def test_hours_are_those_of_the_bottleneck(page):
    hours = page["hours"]
    assert hours(3600, 2, total=1.0, driver=0.1) == pytest.approx(0.5)
    assert hours(3600, 100, total=1.0, driver=0.1) == pytest.approx(0.1), "the driver is the limit"
    assert hours(3600, 2, total=1.0, driver=0.5, apart=True) == pytest.approx(0.5)
    assert hours(3600, 10, total=1.1, driver=0.1, apart=True) == pytest.approx(0.1)


def test_times_and_sizes_are_said_as_people_say_them(page):
    assert [page["spoken"](hours) for hours in (0.001, 0.5, 4.26, 41.3)] == [
        "under a minute",
        "30 min",
        "4.3 h",
        "41 h",
    ]
    assert [page["sized"](size) for size in (1500, 2.5e6, 1e11)] == ["1.5 kB", "2.5 MB", "100 GB"]


def test_the_stages_of_a_submission_are_timed(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "ROUNDS", 1)
    root = course(tmp_path / "course")
    figures.write_numpy_class(root, 1)
    (one,) = figures.one_by_one(root)
    assert set(STAGES) <= one.keys() and min(one.values()) >= 0 and one["database"] > 0
