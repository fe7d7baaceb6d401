"""What holds for every exercise: nbgrader accepts it, its table of tasks is true, and its tasks point to the page."""

import re
import shutil

import nbformat
import pytest
from traitlets.config import Config

from autograder.authoring.source import read_source
from tests.chapters import ROOT, SLUGS, key_of, page_of, release_of, source_of
from tests.waiting import PATIENT

# Checks, graded tasks and points of each exercise, so that none of them goes missing unnoticed.
COUNTS = {
    "01_seq2seq_limits": (6, 8, 23),
    "02_dot_product_attention": (8, 10, 28),
    "03_bahdanau_attention": (9, 11, 28),
    "04_scaled_dot_product_attention": (12, 14, 30),
    "05_multi_head_attention": (6, 8, 21),
    "06_masks": (8, 10, 28),
    "07_transformer": (13, 14, 30),
    "08_training_a_chatbot": (7, 9, 23),
}
WITHOUT_TRAINING = {"03_bahdanau_attention"}  # its training is left out, as when it is graded
EXERCISES = pytest.mark.parametrize("slug", SLUGS)


def failing_cells(slug, folder, tmp_path, monkeypatch):
    """Return what nbgrader's validator finds in a copy of a folder: the sources of the cells that fail."""
    from nbgrader.validator import Validator

    shutil.copytree(ROOT / folder / slug, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    if slug in WITHOUT_TRAINING:
        monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    patient = Config({"Execute": PATIENT})  # its 30 s for a cell are too few to import TensorFlow on a busy machine
    found = Validator(config=patient).validate(f"{slug}.ipynb")
    return [cell["source"].strip() for cell in found.get("failed", [])], found


def test_the_counts_are_those_of_all_exercises():
    assert list(COUNTS) == SLUGS


@pytest.mark.slow
@EXERCISES
def test_nbgrader_validates_the_solved_notebook(slug, tmp_path, monkeypatch):
    assert failing_cells(slug, "solutions", tmp_path, monkeypatch)[1] == {}


@pytest.mark.slow
@EXERCISES
def test_nbgrader_fails_the_blank_one_in_every_check(slug, tmp_path, monkeypatch):
    checks = [cell for cell in nbformat.read(release_of(slug), as_version=4).cells if cell.id.startswith("check-")]
    failed, _ = failing_cells(slug, "exercises", tmp_path, monkeypatch)
    assert len(checks) == len(key_of(slug).checks) == COUNTS[slug][0]
    assert [cell.id for cell in checks if cell.source.strip() not in failed] == []


@EXERCISES
def test_the_table_of_tasks_has_the_points_names_and_minutes_of_the_notebook(slug):
    notebook = nbformat.read(release_of(slug), as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    rows = re.findall(r"^\| (\d+) (.+?) \| \w+ \| (\d+) \| (\d+) \|$", text, flags=re.MULTILINE)
    assert [row[:2] for row in rows] == re.findall(r"^### Task (\d+): (.+)$", text, flags=re.MULTILINE)
    names = [name for _, name, _, _ in rows if not name.startswith("In your own words")]
    assert names == [check.title for check in key_of(slug).checks]
    graded = [c.metadata.nbgrader.points for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert [float(row[3]) for row in rows] == graded
    assert (len(graded), sum(graded)) == COUNTS[slug][1:]
    assert f":minutes: {sum(int(row[2]) for row in rows)}\n" in page_of(slug)


@EXERCISES
def test_every_task_points_to_one_section_of_the_page(slug):
    sections = set(re.findall(r"^#{2,3} (.+)$", page_of(slug), flags=re.MULTILINE))
    text = "\n".join(cell.text for cell in read_source(source_of(slug)) if cell.kind == "markdown")
    tasks = re.split(r"^### Task \d+: ", text, flags=re.MULTILINE)[1:]
    pointers = [re.findall(r"^\*([^*\n]+)\*$", task, flags=re.MULTILINE) for task in tasks]
    assert len(pointers) == COUNTS[slug][1]
    assert all(len(found) == 1 and found[0] in sections for found in pointers), pointers
