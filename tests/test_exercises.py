"""What holds for every exercise: nbgrader accepts it, its table of tasks is true, and its tasks point to the page."""

import ast
import re
import shutil
from itertools import zip_longest

import nbformat
import pytest
from traitlets.config import Config

from autograder.authoring.source import read_source
from autograder.course.rubric import COMMENTS, RUBRIC, rubrics_of
from tests.chapters import ROOT, SLUGS, graded_cells, key_of, let_notebooks_find, page_of, release_of, source_of
from tests.waiting import PATIENT

WITHOUT_TRAINING = {"03_bahdanau_attention"}  # its training is left out, as when it is graded
MEDIUM_FIRST = {"05_multi_head_attention"}  # heads are split before anything can be done with them
EDITOR = 120  # letters in a line of the page's editor on a desktop; what is longer it wraps
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


def test_every_chapter_of_the_book_has_an_exercise_and_every_exercise_a_chapter():
    named = re.findall(r"file: (\d\d_\w+)$", (ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert named == SLUGS != [], "book/_toc.yml lists one `- file: NN_topic` for each chapter in solutions/, in order"


@pytest.mark.slow
@EXERCISES
def test_nbgrader_validates_the_solved_notebook(slug, tmp_path, monkeypatch):
    assert failing_cells(slug, "solutions", tmp_path, monkeypatch)[1] == {}


@pytest.mark.slow
@EXERCISES
def test_nbgrader_fails_the_blank_one_in_every_check(slug, tmp_path, monkeypatch):
    checks = [cell for cell in nbformat.read(release_of(slug), as_version=4).cells if cell.id.startswith("check-")]
    failed, _ = failing_cells(slug, "exercises", tmp_path, monkeypatch)
    assert len(checks) == len(key_of(slug).checks) > 0
    assert [cell.id for cell in checks if cell.source.strip() not in failed] == []


@EXERCISES
def test_the_table_of_tasks_has_the_points_names_and_minutes_of_the_notebook(slug):
    notebook = nbformat.read(release_of(slug), as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    rows = re.findall(r"^\| (\d+) (.+?) \| \w+ \| (\d+) \| (\d+) \|$", text, flags=re.MULTILINE)
    headings = re.findall(r"^### Task (\d+): (.+)$", text, flags=re.MULTILINE)
    for row, heading in zip_longest([row[:2] for row in rows], headings):
        assert row == heading, f"solutions/{slug}.py: the table of tasks has {row} where a task is headed {heading}"
    names = [name for _, name, _, _ in rows if not name.startswith("In your own words")]
    for name, title in zip_longest(names, [check.title for check in key_of(slug).checks]):
        assert name == title, f'solutions/{slug}.py has the task "{name}" where {slug}_key.py has the title "{title}"'
    assert [float(row[3]) for row in rows] == [cell.metadata.nbgrader.points for cell in graded_cells(slug)]
    minutes = sum(int(row[2]) for row in rows)
    assert f":minutes: {minutes}\n" in page_of(slug), f"the tasks take {minutes} minutes; the exercise card says other"


@EXERCISES
def test_every_task_points_to_one_section_of_the_page(slug):
    sections = set(re.findall(r"^#{2,3} (.+)$", page_of(slug), flags=re.MULTILINE))
    text = "\n".join(cell.text for cell in read_source(source_of(slug)) if cell.kind == "markdown")
    tasks = re.split(r"^### Task \d+: ", text, flags=re.MULTILINE)[1:]
    pointers = [re.findall(r"^\*([^*\n]+)\*$", task, flags=re.MULTILINE) for task in tasks]
    assert len(pointers) == len(graded_cells(slug)) > 0
    for task, found in zip(tasks, pointers, strict=True):
        heading, example = task.splitlines()[0], sorted(sections)[0]
        says = f"solutions/{slug}.py: below “{heading}” one line has to name a section of the page, as *{example}*"
        assert len(found) == 1 and found[0] in sections, f"{says}; it has {found}"


@EXERCISES
def test_what_need_not_be_read_is_folded(slug):
    """A learner sees prose, tasks, checks and pictures; of given code what is short, such as a bug to be found."""
    source = read_source(source_of(slug))
    most = {"locked": 21, "check": 13}
    long = [cell.id for cell in source if not cell.folded and len(cell.text.splitlines()) > most.get(cell.role, 1000)]
    assert not long, f"solutions/{slug}.py: write folded=true behind the role, or shorten what a check needs: {long}"
    released = nbformat.read(release_of(slug), as_version=4).cells
    folded = [cell.id for cell in released if cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert folded == [cell.id for cell in source if cell.folded] != []


def rows_of_data(code):
    """Return the numbers of the lines on which a name is given a text, such as rows of sentences, or arrays in JSON."""
    given = [node for node in ast.parse(code).body if isinstance(node, ast.Assign)]
    texts = [node for node in given if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)]
    return {number for node in texts for number in range(node.lineno, node.end_lineno + 1)}


def too_long(cell):
    """Return the lines of a cell that the editor wraps; of a folded cell, which need not be read, without data."""
    lines = enumerate(cell.source.splitlines(), 1)
    long = {number: line for number, line in lines if len(line) > EDITOR}
    data = rows_of_data(cell.source) if long and cell.metadata.get("jupyter", {}).get("source_hidden") else set()
    return [f"{cell.id}: {line}" for number, line in long.items() if number not in data]


@EXERCISES
def test_no_line_of_code_is_wrapped_in_the_editor(slug):
    for notebook in (release_of(slug), ROOT / "solutions" / slug / f"{slug}.ipynb"):
        code = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
        assert [line for cell in code for line in too_long(cell)] == [], f"break these lines in solutions/{slug}.py"


def test_only_data_in_a_folded_cell_may_be_longer():
    hidden = {"metadata": {"jupyter": {"source_hidden": True}}}
    data, comment, doc = f"ROWS = '{'1,' * 60}'", "# " + "a " * 60, f'def f():\n    """{"a " * 60}"""'
    for source, metadata, wrapped in (
        (data, hidden, 0),
        (f'ROWS = """\n{"1," * 61}\n"""', hidden, 0),
        (data, {}, 1),
        (f"{data}\n{comment}", hidden, 1),
        (doc, hidden, 1),
        ("#" * EDITOR, {}, 0),
        ("#" * (EDITOR + 1), {}, 1),
    ):
        assert len(too_long(nbformat.v4.new_code_cell(source, **metadata))) == wrapped, source


@EXERCISES
def test_an_easy_task_comes_first(slug):
    text = next(cell.text for cell in read_source(source_of(slug)) if "| task | difficulty |" in cell.text)
    levels = re.findall(r"^\| \d+ .+? \| (\w+) \|", text, flags=re.MULTILINE)
    assert levels[0] == "easy" or slug in MEDIUM_FIRST


@EXERCISES
def test_every_written_question_has_a_rubric_and_comments_which_no_learner_gets(slug):
    rubrics = rubrics_of(ROOT, slug)
    written = [cell.metadata.nbgrader.grade_id for cell in graded_cells(slug) if cell.cell_type == "markdown"]
    assert list(rubrics) == written != []
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "exercises" / slug).iterdir() if path.is_file()]
    cells = [cell.source for cell in nbformat.read(release_of(slug), as_version=4).cells]
    handed_out = " ".join("\n".join([*files, *cells]).split())
    for rubric in rubrics.values():
        assert 2 <= len(rubric.levels) <= 4 and 3 <= len(rubric.comments) <= 5
        for text in (RUBRIC, COMMENTS, *(level.text for level in rubric.levels[:-1]), *rubric.comments):
            assert text not in handed_out


def ground_and_letters(slug):
    """Return how a notebook draws: the assignments to PICTURES in its first cell, carried out."""
    (cell,) = [cell for cell in read_source(source_of(slug)) if (cell.role, cell.name) == ("locked", "libraries")]
    space = {}
    let_notebooks_find(slug)
    exec(cell.text, space)
    return space["PICTURES"]


def test_pictures_can_be_seen_on_a_light_and_on_a_dark_ground():
    """No grey reaches 4.5 on both; 4 is all that one colour can have on white and on the dark of VS Code."""
    from matplotlib import pyplot as plt
    from matplotlib_inline.backend_inline import _fetch_figure_metadata

    style, *others = map(ground_and_letters, SLUGS)
    assert [other for other in others if other != style] == []
    assert (style.pop("figure.facecolor"), style.pop("axes.facecolor")) == ("none", "none")
    for ground in ("#ffffff", "#1f1f1f", "#111111"):  # of JupyterLab and VS Code
        assert min(contrast(letters, ground) for letters in style.values()) > 3.9
    with plt.rc_context(ground_and_letters(SLUGS[0])):
        figure, ax = plt.subplots()
        ax.plot([1, 2])
        assert _fetch_figure_metadata(figure) is None, "the notebook would put a ground behind it"
        plt.close(figure)


def contrast(one, other):
    """Return the contrast of two colours, as the guidelines for accessible pages define it."""
    from matplotlib.colors import to_rgb

    def luminance(colour):
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@EXERCISES
def test_every_cell_that_draws_draws_so(slug):
    drawing = [cell for cell in read_source(source_of(slug)) if "import matplotlib.pyplot as plt" in cell.text]
    assert drawing
    for cell in drawing:
        imports = cell.text.count("import matplotlib.pyplot as plt\n")
        assert imports == cell.text.count("plt.rcParams.update(PICTURES)\n"), cell.id
