"""The feedback page: it loads and runs nothing, shows formulas and verdicts, and nothing of the fresh cases."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import given, settings
from hypothesis import strategies as st
from myst_parser.parsers.docutils_ import Parser
from nbformat.v4 import new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from autograder.course.answer_key import AnswerKey
from autograder.course.book_links import section_url
from autograder.grade.feedback.exporter import FeedbackExporter
from autograder.grade.feedback.mathml import ATTRIBUTES, ELEMENTS, as_mathml
from autograder.grade.pipeline import Grader, rebuilt, run_and_judge
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from autograder.gradebook.nbgrader_config import configure
from tests.chapters import SLUGS, key_of, page_of
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes

ROOT = Path(__file__).parents[2]
SUMMARY = "autograder.grade.feedback.summary.Summary"


@pytest.fixture(scope="module")
def page(course, tmp_path_factory):
    """Return a function that makes the page of a marked notebook, as if the gradebook held what it says."""
    config = Config()
    configure(config, course, tmp_path_factory.mktemp("grading"))
    exporter = FeedbackExporter(config=config)
    exporter.register_preprocessor(SUMMARY, enabled=True)

    def make(notebook: nbformat.NotebookNode, late: float = 0) -> BeautifulSoup:
        about = {"notebook": SLUG, "assignment": SLUG, "score": 3.0, "max_score": 7.0, "late_penalty": late}
        return BeautifulSoup(exporter.from_notebook_node(notebook, resources={"nbgrader": about})[0], "html.parser")

    return make


def of_markdown(*texts: str) -> nbformat.NotebookNode:
    """Return a notebook of cells of Markdown."""
    return new_notebook(cells=[new_markdown_cell(text) for text in texts])


# ---------------------------------------------------------------- nothing is loaded, nothing runs
def test_the_page_loads_nothing_and_runs_nothing(page, grade):
    grade(mean_rows="def mean_rows(X): return X[0]")
    soup = page(grade.notebook)
    assert not soup.find_all(["script", "link", "iframe", "object", "base", "form"])
    assert all(image["src"].startswith("data:image/png;base64,") for image in soup.find_all("img"))
    styles = " ".join(style.get_text() for style in soup.find_all("style"))
    assert "url(" not in styles and "@import" not in styles
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'; img-src data:;") and "script" not in policy
    assert len(str(soup)) < 120_000


def test_what_python_said_is_folded_in_the_box_and_stands_in_its_text(page, grade):
    grade(mean_rows="def mean_rows(X): return X @ '<b>'")
    outputs = [cell.outputs[0].data for cell in grade.notebook.cells if "autograder" in cell.metadata]
    (said,) = [data for data in outputs if "Python said" in data["text/plain"]]
    assert "\n    Python said: " in said["text/plain"]
    folded = page(grade.notebook).find("details")
    assert folded.summary.get_text() == "Python said" and not folded.has_attr("open")
    assert folded.pre.get_text() in said["text/plain"] and "Error" in folded.pre.get_text()
    assert "Python said" not in "".join(div.get_text() for div in folded.parent.find_all("div"))


def test_every_formula_of_the_notebooks_is_shown_without_a_network(page):
    cells = [
        cell
        for path in sorted(ROOT.glob("exercises/*/*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown" and "$" in cell.source
    ]
    soup = page(new_notebook(cells=cells))
    assert len(soup.find_all("math")) > 50 and not soup.find("code", string=re.compile(r"^\$"))
    for code in soup.find_all(["pre", "code", "annotation"]):
        code.decompose()
    assert "$" not in soup.get_text() and "\\" not in soup.get_text(), re.findall(r".{30}[$\\].{30}", soup.get_text())


def test_a_formula_keeps_its_source_as_an_annotation(page):
    soup = page(of_markdown(r"Divide by $\sqrt{d_k}$ here."))
    assert soup.math.annotation.get_text() == r"\sqrt{d_k}" and soup.math.msqrt.msub
    assert soup.math.parent.get_text().startswith("Divide by ")


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\style{position:fixed}{x}",
        r"\class{modal}{x}",
        r"\color{red}x",
        r"\unknown{x}",
        r"\newcommand{\a}{xx}\a",
        "x_a_b",
        "{" * 900,
        "x" * 2000,
    ],
)
def test_what_is_no_plain_formula_is_shown_as_its_source(page, tex):
    soup = page(of_markdown(f"a ${tex}$ b"))
    assert not soup.find("math") and soup.find("code", string=f"${tex}$")


def test_text_in_a_formula_stays_text(page):
    soup = page(of_markdown(r"$\text{<img src=x onerror=alert(1)>} < y$"))
    assert not soup.main.find("img") and "<img src=x" in soup.math.mtext.get_text().replace("\xa0", " ")


PIECES = [
    *"{}^_&x1 '\"<>",
    *(f"\\{name}" for name in ("frac", "sqrt", "left(", "right)", "\\", "tilde", "sum", "newcommand")),
]
PIECES += ["\\text{", "\\begin{matrix}", "\\end{matrix}", "\\href{javascript:x}", "<img src=x onerror=a>", "&lt;b&gt;"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.booleans())
@settings(max_examples=300)
def test_any_formula_is_shown_and_runs_nothing(tex, display):
    for element in BeautifulSoup(as_mathml(tex, display), "html.parser").find_all(True):
        assert element.name in ELEMENTS | {"semantics", "annotation", "code", "p"}
        assert set(element.attrs) <= ATTRIBUTES | {"encoding"}


IN_TAGS = [
    '<img alt="$x$">',
    "<div title='$x$'>a</div>",
    "![the picture of $x$](data:image/png;base64,iVBORw0KGgo=)",
    "## About $x$",
    "[a](https://a.example '$x$')",
    '<b title="a $x$ b',
]


@pytest.mark.parametrize("text", IN_TAGS)
def test_a_formula_never_lands_inside_of_a_tag(page, text):
    soup = page(of_markdown(text + "\n\nand $y$"))
    for element in soup.main.find_all(True):
        for value in element.attrs.values():
            assert not re.search("math|semantics|[\ue000\ue001]", str(value)), element
    assert soup.find("annotation", string="y")


def test_places_of_formulas_cannot_be_forged(page):
    soup = page(of_markdown("\ue0000\ue001 \ue0007\ue001 and $y$"))
    assert len(soup.find_all("math")) == 1


# ---------------------------------------------------------------- what is on it
def test_each_check_has_its_points_its_diagnosis_and_where_to_read(page, grade):
    grade(mean_rows="def mean_rows(X): return X.mean(axis=1)")
    soup = page(grade.notebook)
    assert "(Score: 3.0 / 7.0)" in soup.h1.get_text()
    bar = soup.find(id="mean_rows-averages_over_rows")
    assert "The mean of the rows" in bar.get_text() and "Score: " in bar.get_text()
    text = bar.parent.get_text(" ")
    assert "You averaged over the columns." in text and "Read: Axes" in text
    row = soup.select_one(".summary").find("a", href="#mean_rows-averages_over_rows").find_parent("tr")
    assert "You averaged over the columns." in row.get_text() and "Read: Axes" in row.get_text()


def test_the_judges_number_is_not_shown_twice(page, grade):
    grade()
    assert not page(grade.notebook).select(".verdict .output_execute_result")


def test_a_persons_comment_is_shown_and_what_is_in_it_is_cleaned(page, grade):
    grade()
    written = next(cell for cell in grade.notebook.cells if cell.id == "written-why")
    written.metadata.nbgrader.update(comment="**Good**, $x$ <script>alert(1)</script>", score=1.5)
    soup = page(grade.notebook)
    assert soup.select_one(".remark strong").get_text() == "Good" and soup.select_one(".remark math")
    assert "alert(1)" not in str(soup) and "1.5 / 2" in soup.find(id="written-why").get_text()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_section_to_read_has_the_address_that_sphinx_gives_it(slug):
    headings = ["# The page", *(line for line in page_of(slug).splitlines() if re.match(r"#{2,3} \S", line))]
    document = publish_doctree("\n\n".join(headings), parser=Parser(), settings_overrides={"report_level": 5})
    ids = {section[0].astext(): section["ids"][0] for section in document.findall(nodes.section)}
    for check in key_of(slug).checks:
        for title in filter(None, (check.read, *(mistake.read for mistake in check.misconceptions))):
            address = section_url("https://book.example", slug, title)
            assert address == f"https://book.example/{slug}.html#{ids[title]}"


def test_points_taken_off_for_being_late_are_told(page):
    assert "1.5 points were taken off" in page(of_markdown("a"), late=1.5).header.get_text()
    assert "taken off" not in page(of_markdown("a")).header.get_text()


def test_formulas_in_outputs_are_shown_too(page):
    notebook = answered_with_output({"text/latex": "$x^2$"}, {"text/markdown": "**b** $y$"})
    assert [math.annotation.get_text() for math in page(notebook).select(".shown math")] == ["x^2", "y"]


def answered_with_output(*data: dict) -> nbformat.NotebookNode:
    """Return a notebook with one cell that showed something."""
    outputs = [new_output("display_data", data=one) for one in data]
    return new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)])


# ---------------------------------------------------------------- nothing of the fresh cases
FAR = 5000.0  # fresh numbers are all larger, public ones all smaller
MEMORY = "import numpy as np\ndef mean_rows(X):\n    return X.mean(axis=0) if abs(X).max() < 100 else X[0]"
ANSWERS = {
    "wrong everywhere": "def mean_rows(X): return X[0]",
    "a known mistake": "def mean_rows(X): return X.mean(axis=1)",
    "not a number": "def mean_rows(X): return X.mean(axis=0) * float('nan')",
    "another shape": "def mean_rows(X): return X",
    "right on the public case only": MEMORY,
    "wrong the second time": "n = [0]\ndef mean_rows(X):\n    n[0] += 1\n    return X.mean(0) + (n[0] > 2)",
}


@pytest.fixture(scope="module")
def graded_far(course, trusted, pool):
    """Return a function that grades an answer where every number of the fresh cases is larger than FAR."""
    check = trusted.key["mean_rows"]
    far = replace(check, inputs=lambda rng: {"five rows": {"X": rng.uniform(FAR + 1, 2 * FAR, size=(5, 3))}})
    other = replace(trusted, key=AnswerKey(trusted.key.chapter, (far, trusted.key["center"])))
    vars(other)["public"] = trusted.public
    grader = Grader(pool, b"secret", Limits(), Times())

    def run(text: str):
        notebook = rebuilt(other, as_bytes(answered(course, **{**RIGHT, "mean_rows": text})))
        return run_and_judge(notebook, other, "eve", grader)[0], notebook

    return run


@pytest.mark.parametrize("how", ANSWERS)
def test_no_number_of_a_fresh_case_is_on_the_page(graded_far, page, how):
    verdict, notebook = graded_far(ANSWERS[how])
    assert verdict.score == 0
    soup = page(notebook)
    for style in soup.find_all("style"):
        style.decompose()
    metadata = [cell.metadata for cell in notebook.cells]
    outputs = [cell.get("outputs") for cell in notebook.cells]
    text = re.sub(r"[0-9a-f]{32,}", "", f"{soup} {metadata} {outputs}")  # without checksums
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)]
    assert numbers and max(numbers) < FAR, max(numbers)
    assert ("On the public case" in text) == (how in ("wrong everywhere", "a known mistake", "not a number")), text


def test_a_fault_on_fresh_cases_only_is_told_in_a_sentence(graded_far):
    verdict, _ = graded_far(MEMORY)
    assert verdict.shows == "" and verdict.says[0].startswith("Right on the example that came with the notebook")
