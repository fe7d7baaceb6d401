"""The release's own figures are drawn only where they are asked for; a learner's own always."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.course.assignment import load_trusted
from autograder.grade.pipeline import make_plan, rebuilt
from autograder.grade.run.execute import carry_out
from autograder.grade.run.fork_client import Pool
from autograder.grade.run.ipython_shell import NOT_DRAWN
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit
from tests.grade.test_course import grade, page

pytestmark = pytest.mark.usefixtures("same_workers")
PNG = "image/png"
FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
WAYS = {"at the end of the cell": FIGURE, "by show": FIGURE + "plt.show()", "as its value": FIGURE + "plt.gcf()"}


@pytest.fixture(scope="module")
def pool():
    with Pool() as pool:
        yield pool


def shown(pool: Pool, *steps: Step) -> list[list[dict]]:
    """Return what each cell displayed."""
    records = carry_out(Plan(steps), pool, Limits(), Times())
    return [[o["data"] for o in records[step.number].outputs if "data" in o] for step in steps]


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_a_line_takes_the_place_of_a_figure(pool, text):
    hidden, drawn = shown(pool, Step(0, "run", text, draws=False), Step(1, "run", text))
    assert not any(PNG in data for data in hidden) and hidden[-1]["text/plain"] == NOT_DRAWN
    assert PNG in drawn[-1] and not any(data["text/plain"] == NOT_DRAWN for data in drawn)


def with_figure(root):
    """Add a cell that draws to the release of the course, and hand in a right answer whose first cell draws too."""
    path = root / "exercises" / SLUG / f"{SLUG}.ipynb"
    release = nbformat.read(path, as_version=4)
    release.cells.append(new_code_cell(FIGURE, id="figure"))
    nbformat.write(release, path)
    drawing = {**RIGHT, "mean_rows": FIGURE + RIGHT["mean_rows"]}
    return submit(root / "class", "ann", as_bytes(answered(root, **drawing)))


def test_only_cells_of_the_release_go_undrawn(tmp_path):
    root = make_course(tmp_path)
    submission = with_figure(root)
    trusted = load_trusted(root, SLUG)
    notebook = rebuilt(trusted, submission.read_bytes())
    for pictures in (False, True):
        steps = {
            notebook.cells[step.number].id: step.draws for step in make_plan(notebook, trusted, {}, pictures).steps
        }
        assert steps["solution-mean_rows"] is True
        assert steps["figure"] is pictures


def test_asking_for_pictures_grades_again_and_draws_them(tmp_path):
    root = make_course(tmp_path)
    with_figure(root)
    assert "1 graded, 0 unchanged" in grade(root)
    assert page(root, "ann").count(f"data:{PNG}") == 1 and page(root, "ann").count(NOT_DRAWN) == 1
    assert "1 graded, 0 unchanged" in grade(root, "--pictures")
    assert page(root, "ann").count(f"data:{PNG}") == 2 and NOT_DRAWN not in page(root, "ann")
    assert "0 graded, 1 unchanged" in grade(root, "--pictures")
