"""The head of a feedback page, and what is left out of it."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from autograder.errors import UserError
from autograder.grade.feedback.summary import Summary

SIGNS = {"right": "✓", "partial": "◐", "wrong": "✗", "timeout": "✗"}


def cell(grade_id, score, points, found=None, make=new_code_cell):
    about = {"grade": True, "grade_id": grade_id, "score": score, "points": points}
    return make("text", id=grade_id, metadata={"nbgrader": about, **({"autograder": found} if found else {})})


def summary(*cells):
    return Summary().preprocess(new_notebook(cells=list(cells)), {})[0]


def test_each_check_has_its_title_points_and_diagnosis():
    found = {"title": "Softmax <b>", "diagnosis": "You divided by the <script>largest</script>."}
    notebook = summary(cell("softmax-sums", 0.5, 2, found))
    text = notebook.cells[0].source
    assert '<a href="#softmax-sums">Softmax &lt;b&gt;</a>' in text
    assert "0.5 / 2" in text and "&lt;script&gt;" in text and "<script>" not in text


def test_a_written_answer_is_named_in_words():
    notebook = summary(cell("written-why_divide", None, 2, make=new_markdown_cell))
    assert "Why divide" in notebook.cells[0].source and "– / 2" in notebook.cells[0].source
    assert "<td>Waits for a person.</td>" in notebook.cells[0].source


def test_hints_set_up_and_given_code_are_left_out_and_the_rest_stays():
    ids = ["setup", "hints-softmax", "locked-data", "solution-softmax", "text-1"]
    notebook = summary(*(new_code_cell("x", id=name) for name in ids))
    assert [c.id for c in notebook.cells] == ["summary", "solution-softmax", "text-1"]


BOX = "<div>You divided.</div><div>Read: Rows &amp; columns</div>"
FOUND = {"title": "Softmax", "diagnosis": "You divided.", "read": "Rows & columns", "status": "wrong"}


def box_and_table(root, url, **more):
    """Return the box of a verdict and the table, with the book at an address."""
    (root / "_config.yml").write_text(f"attention:\n  book_url: {url!r}\n")
    one = cell("softmax-sums", 0, 2, FOUND | more)
    one.outputs = [new_output("display_data", data={"text/html": BOX})]
    steps = Summary(config=Config({"GraderPreprocessor": {"course_root": str(root)}}))
    notebook, _ = steps.preprocess(new_notebook(cells=[one]), {"nbgrader": {"assignment": "04_x"}})
    return one.outputs[0].data["text/html"], notebook.cells[0].source


def test_where_to_read_is_a_link_where_the_book_has_an_address(tmp_path):
    for text in box_and_table(tmp_path, "https://book.example/a/"):
        assert 'Read: <a href="https://book.example/a/04_x.html#rows-columns">Rows &amp; columns</a>' in text


def test_where_to_read_is_text_where_the_book_has_none(tmp_path):
    box, table = box_and_table(tmp_path, "")
    assert box == BOX and "<div>Read: Rows &amp; columns</div>" in table


WHICH = '<div><a href="https://book.example/which_mistake.html?q=soft%3Cmax">Which mistake is this?</a></div>'


@pytest.mark.parametrize(
    ("more", "linked"),
    [
        ({}, True),
        ({"status": "partial", "names": []}, True),
        ({"status": "right"}, False),
        ({"status": "unfinished"}, False),
        ({"names": ["no_softmax"]}, False),
        ({"function": ""}, False),
    ],
)
def test_a_mistake_without_a_name_may_be_found_among_the_known_ones(tmp_path, more, linked):
    page = tmp_path / "book" / "which_mistake.md"
    page.parent.mkdir()
    page.touch()
    box, table = box_and_table(tmp_path, "https://book.example", **{"function": "soft<max"} | more)
    assert box.endswith(WHICH) == linked and ("which_mistake" in box + table) == linked
    page.unlink()
    assert "which_mistake" not in box_and_table(tmp_path, "https://book.example", function="soft<max")[0]


def test_a_book_without_https_is_refused(tmp_path):
    with pytest.raises(UserError, match="begins with https://"):
        box_and_table(tmp_path, "javascript:alert(1)")


def test_the_signs_say_what_is_right_without_colours():
    sources = {status: summary(cell("a-b", 1, 2, {"title": "T", "status": status})).cells[0].source for status in SIGNS}
    assert {status: sign for status, text in sources.items() for sign in "✓◐✗" if f"<td>{sign} 1 / 2" in text} == SIGNS


def test_a_comment_is_mentioned():
    one = cell("written-why", 1, 2, make=new_markdown_cell)
    one.metadata.nbgrader.update(comment="Good.", waits=True)
    assert "Waits for a person. There is a comment below." in summary(one).cells[0].source
    one.metadata.nbgrader["waits"] = False  # formgrader sets it when somebody gives points
    assert "Read by a person. There is a comment below." in summary(one).cells[0].source
    one.metadata.nbgrader["comment"] = "No response."
    assert "<td>No response.</td>" in summary(one).cells[0].source


@pytest.mark.parametrize("name", ["unreadable", "lost", "aside"])
def test_where_nothing_could_be_read_nobody_is_said_to_have_answered_nothing(name):
    one = cell("written-why", 0, 2, make=new_markdown_cell)
    one.metadata.nbgrader.update(comment="No response.", waits=False)
    about = {"autograder": {name: "The submitted file is empty."}}
    made, _ = Summary().preprocess(new_notebook(cells=[one], metadata=about), {})
    assert "<td>The submitted file is empty.</td>" in made.cells[0].source
    assert made.cells[1].metadata.nbgrader["comment"] is None
