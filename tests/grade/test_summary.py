"""The head of a feedback page, and what is left out of it."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.grade.summary import Summary


def cell(grade_id, score, points, found=None, make=new_code_cell):
    about = {"grade": True, "grade_id": grade_id, "score": score, "points": points}
    return make("text", id=grade_id, metadata={"nbgrader": about, **({"autograder": found} if found else {})})


def summary(*cells):
    notebook, resources = Summary().preprocess(new_notebook(cells=list(cells)), {})
    return notebook, resources


def test_each_check_has_its_title_points_and_diagnosis():
    found = {"title": "Softmax <b>", "diagnosis": "You divided by the <script>largest</script>."}
    notebook, _ = summary(cell("softmax-sums", 0.5, 2, found))
    text = notebook.cells[0].source
    assert '<a href="#softmax-sums">Softmax &lt;b&gt;</a>' in text
    assert "0.5 / 2" in text and "&lt;script&gt;" in text and "<script>" not in text


def test_a_written_answer_is_named_in_words():
    notebook, _ = summary(cell("written-why_divide", None, 2, make=new_markdown_cell))
    assert "Why divide" in notebook.cells[0].source and "0 / 2" in notebook.cells[0].source
    assert "Read by a person" in notebook.cells[0].source


def test_hints_set_up_and_given_code_are_left_out_and_the_rest_stays():
    ids = ["setup", "hints-softmax", "locked-data", "solution-softmax", "text-1"]
    notebook, resources = summary(*(new_code_cell("x", id=name) for name in ids))
    assert [c.id for c in notebook.cells] == ["summary", "solution-softmax", "text-1"]
    assert any("#toc" in css for css in resources["inlining"]["css"])
