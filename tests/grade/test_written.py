"""Written answers are seen wherever they stand, with their pictures, and nothing is said of them that is not so."""

from __future__ import annotations

import base64
import io
import os
import re
import struct
import zlib

import nbformat
import numpy as np
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.server_extensions.formgrader import handlers
from PIL import Image
from traitlets.config import Config

from autograder.grade.feedback.page import PageMaker
from autograder.grade.intake import pictures
from autograder.grade.pipeline import rebuilt
from autograder.gradebook.nbgrader_config import configure
from autograder.gradebook.scores import NO_ANSWER, OnPage, scores_of
from tests.attacks.record import assert_runs_nothing
from tests.grade.fake_course import RIGHT, answered, as_bytes
from tests.grade.test_rebuild import cell

WRITTEN = "written-why"
TEXT = "Because the weights sum to one."
SECRET = b"where the photograph was taken"


def notebook_with(course, *below, above=(), answer=None):
    """Return the solved notebook with cells around the written answer, and a text in it."""
    notebook = answered(course, **RIGHT)
    own = cell(notebook, WRITTEN)
    own.source = own.source if answer is None else answer
    place = notebook.cells.index(own)
    notebook.cells[place : place + 1] = [*above, own, *below]
    return notebook


def made_of(trusted, notebook, draws=True):
    """Return the rebuilt notebook and the notes about it."""
    made = rebuilt(trusted, as_bytes(notebook), draws=draws)
    nbformat.validate(made)
    return made, made.metadata["autograder"]["notes"]


def waits(made):
    """Say whether the written answer waits for a person."""
    return scores_of(made).grades[WRITTEN][0] is None


BESIDE = {
    "below": {"below": [new_markdown_cell(TEXT)]},
    "above": {"above": [new_markdown_cell(TEXT)]},
    "in two cells": {"below": [new_markdown_cell(TEXT), new_markdown_cell("And more.")]},
    "in a cell with code": {"below": [new_code_cell(TEXT)]},
    "as a comment": {"below": [new_code_cell(f"# {TEXT}")]},
    "as a string": {"below": [new_code_cell(f'"{TEXT}"')]},
    "below a program": {"below": [new_code_cell("x = 1"), new_markdown_cell(TEXT)]},
    "below an answer that was deleted": {"below": [new_markdown_cell(TEXT)], "answer": ""},
    "below an answer of what is not seen": {"below": [new_markdown_cell(TEXT)], "answer": " \n\u200b"},
}


@pytest.mark.parametrize("around", BESIDE.values(), ids=BESIDE)
def test_what_was_written_beside_the_cell_is_put_into_it_and_waits(trusted, course, around):
    notebook = notebook_with(
        course, *around.get("below", ()), above=around.get("above", ()), answer=around.get("answer")
    )
    made, notes = made_of(trusted, notebook)
    assert TEXT in cell(made, WRITTEN).source and waits(made)
    assert sum(TEXT in one.source for one in made.cells) == 1
    assert notes == [f"The answer to “{WRITTEN}” was written above or below its cell; it was put into the cell."]
    assert "blank" not in made.metadata["autograder"]


def test_what_is_written_below_an_answer_stays_there(trusted, course):
    made, notes = made_of(trusted, notebook_with(course, new_markdown_cell("A remark."), answer=TEXT))
    place = made.cells.index(cell(made, WRITTEN))
    assert [one.source for one in made.cells[place : place + 2]] == [TEXT, "A remark."] and notes == []


BLANK = {
    "as it was": None,
    "with a blank line more": "*Write your answer here, in place of this line.*\n\n",
    "deleted": "",
    "blanks": "  \n \xa0",
    "what is not seen": "\u200b\ufeff",
}


@pytest.mark.parametrize("answer", BLANK.values(), ids=BLANK)
def test_an_answer_that_was_left_blank_is_said_to_be(trusted, course, answer):
    made, _ = made_of(trusted, notebook_with(course, new_code_cell("x = 1"), answer=answer))
    scores = scores_of(made)
    assert scores.grades[WRITTEN] == (0, False) and scores.comments[WRITTEN] == NO_ANSWER
    assert made.metadata["autograder"]["blank"] == [WRITTEN]


# ---------------------------------------------------------------- pictures
def picture(kind="PNG", size=(30, 20), **how):
    """Return a red picture as a file."""
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, kind, **how)
    return file.getvalue()


def based(data):
    return base64.b64encode(data).decode()


def attached(data, kind="image/png", name="photo.png", text="![mine](attachment:photo.png)"):
    """Return a cell with an attached picture."""
    return {"source": text, "attachments": {name: {kind: based(data)}}}


def with_picture(course, source, attachments=None):
    """Return the solved notebook with a picture in the written answer."""
    notebook = notebook_with(course, answer=source)
    if attachments:
        cell(notebook, WRITTEN).attachments = attachments
    return notebook


def page_of(made):
    """Return the feedback page of a rebuilt notebook."""
    grades = {
        c.metadata.nbgrader.grade_id: (0.0, 2.0) for c in made.cells if c.metadata.get("nbgrader", {}).get("grade")
    }
    comments = {
        c.metadata.nbgrader.grade_id: None for c in made.cells if c.metadata.get("nbgrader", {}).get("solution")
    }
    return PageMaker().page(made, "90_fake", "ann", OnPage(0.0, 7.0, 0.0, grades, comments, [WRITTEN]), "")


def formgraders_page_of(made, course, folder):
    """Return the page that formgrader makes."""
    config = Config()
    configure(config, course, folder)
    config.HTMLExporter.template_name = "formgrade"  # as nbgrader's extension sets it
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    names = {"base_url": "/x", "notebook_id": "n", "assignment_id": "a", "submission_id": "s", "student": "e"}
    numbers = {"index": 0, "total": 1, "mathjax_url": ""}
    page, _ = HTMLExporter(config=config).from_notebook_node(made, resources={**names, **numbers, "filename": "f"})
    return page


def pictures_on(page):
    """Return the pictures of a page, opened."""
    found = re.findall(r'<img[^>]* src="data:image/(png|jpeg);base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(data))) for _, data in found]


WITH = {
    "attached": attached(picture()),
    "a photograph": attached(picture("JPEG"), "image/jpeg"),
    "named as another kind": attached(picture("JPEG")),
    "in lines": {
        "source": "![mine](attachment:photo.png)",
        "attachments": {"photo.png": {"image/png": re.findall(".{1,40}", based(picture()))}},
    },
    "a name with a space": attached(picture(), name="my photo.png", text="![](attachment:my%20photo.png)"),
    "a name with a space, in brackets": attached(picture(), name="my photo.png", text="![](<attachment:my photo.png>)"),
    "as HTML": attached(picture(), text='See <img width="40" src="attachment:photo.png" alt="mine"> here.'),
    "written out, as Colab does": {"source": f"See\n\n![mine](data:image/png;base64,{based(picture())})\n\nhere."},
    "written out in HTML": {"source": f'<img src="data:image/jpeg;base64,{based(picture("JPEG"))}">'},
}


@pytest.mark.parametrize("way", WITH.values(), ids=WITH)
def test_a_picture_in_a_written_answer_is_on_the_page(trusted, course, way):
    notebook = with_picture(course, way["source"])
    cell(notebook, WRITTEN).update({"attachments": way["attachments"]} if "attachments" in way else {})
    made, notes = made_of(trusted, notebook)
    assert notes == [] and waits(made)
    assert [(one.size, one.format) for one in pictures_on(page_of(made))] == [((30, 20), "PNG")]


def test_a_picture_is_in_formgrader(trusted, course, tmp_path):
    made, _ = made_of(trusted, with_picture(course, **attached(picture())))
    assert [one.size for one in pictures_on(formgraders_page_of(made, course, tmp_path))] == [(30, 20)]


def test_a_picture_below_the_cell_comes_with_the_text(trusted, course):
    below = [new_markdown_cell("One"), new_markdown_cell(**attached(picture()))]
    made, _ = made_of(trusted, notebook_with(course, *below))
    assert len(pictures_on(page_of(made))) == 1 and "One" in cell(made, WRITTEN).source


def test_nothing_of_a_picture_is_handed_on_but_its_dots(trusted, course):
    about = Image.Exif()
    about[0x010E], about[0x0112] = SECRET.decode(), 6  # a description; and turned by a quarter, as telephones do
    for data in (picture("JPEG", (60, 20), exif=about, comment=SECRET), picture("PNG", (60, 20), exif=about) + SECRET):
        assert SECRET in data
        made, _ = made_of(trusted, with_picture(course, **attached(data)))
        (kinds,) = cell(made, WRITTEN).attachments.values()
        shown = base64.b64decode(kinds["image/png"])
        assert SECRET not in shown and Image.open(io.BytesIO(shown)).size == (20, 60)


def test_a_large_picture_is_made_smaller(trusted, course):
    noise = np.random.default_rng(1).integers(0, 255, (1700, 1800, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=50)
    made, notes = made_of(trusted, with_picture(course, **attached(file.getvalue())))
    (kinds,) = cell(made, WRITTEN).attachments.values()
    shown = Image.open(io.BytesIO(base64.b64decode(kinds["image/jpeg"])))
    assert max(shown.size) == pictures.MOST_SIDE and notes == []


def only_the_head(side):
    """Return the beginning of a PNG that claims so many dots on each side."""
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 9) + b"IDAT" + bytes(9)


UNSHOWN = {
    "no picture": (b"<script>alert(1)</script>", pictures.UNREADABLE),
    "cut off": (picture(size=(200, 200))[:120], pictures.UNREADABLE),
    "a GIF": (picture("GIF"), pictures.UNREADABLE),
    "too many dots": (only_the_head(8000), "it has 8000 times 8000 dots, which is too many"),
    "far too many": (only_the_head(1 << 16), "it has too many dots"),
    "nothing in base64": (b"", "names a picture that is not in the notebook"),
}


@pytest.mark.parametrize(("data", "why"), UNSHOWN.values(), ids=UNSHOWN)
def test_a_picture_that_cannot_be_shown_is_told(trusted, course, data, why):
    made, notes = made_of(trusted, with_picture(course, **attached(data)))
    assert len(notes) == 1 and notes[0].startswith(f"The cell “{WRITTEN}”") and why in notes[0]
    assert "attachments" not in cell(made, WRITTEN) and waits(made)
    assert based(data) == "" or based(data) not in page_of(made)


@pytest.mark.parametrize("text", ["![](photo.png)", '<img src="https://photo.example/photo.png">'])
def test_a_picture_that_is_not_in_the_notebook_is_told(trusted, course, text):
    _, notes = made_of(trusted, with_picture(course, text))
    assert len(notes) == 1 and "is not in the notebook" in notes[0] and "photo.png" in notes[0]


def test_pictures_are_limited_in_number_and_each_is_shown_once(trusted, course):
    many = {f"{i}.png": {"image/png": based(picture())} for i in range(pictures.MOST_PICTURES + 2)}
    text = "\n".join(f"![](attachment:{name}) ![](attachment:{name})" for name in many)
    made, notes = made_of(trusted, with_picture(course, text, many))
    assert len(pictures_on(page_of(made))) == pictures.MOST_PICTURES
    assert notes == [f"The cell “{WRITTEN}” has a picture that is not shown here: only the first 8 of a notebook are."]


def test_where_no_picture_may_be_read_that_is_told(trusted, course):
    made, notes = made_of(trusted, with_picture(course, **attached(picture())), draws=False)
    assert "attachments" not in cell(made, WRITTEN) and "`autograder grade` shows them" in notes[0]


def test_a_learners_own_address_is_no_picture_of_ours(trusted, course):
    text = "<img src='data:image/png;base64,=picture-9-1'> ![](attachment:picture-9-1) <img src='attachment:x.png'>"
    made, _ = made_of(trusted, with_picture(course, text))
    assert pictures_on(page_of(made)) == []


def test_the_release_reads_no_picture_before_a_submission_has_one(trusted, course, monkeypatch):
    monkeypatch.setattr(pictures, "opened", lambda data: os.abort())
    assert made_of(trusted, notebook_with(course, answer=TEXT))[1] == []


def test_what_stands_around_a_picture_runs_nothing(trusted, course):
    text = (
        "![<script>alert(1)</script>](attachment:photo.png) <img src='attachment:photo.png' onerror=alert(2)> "
        '![x](attachment:photo.png "><script>alert(3)</script>")'
    )
    page = page_of(made_of(trusted, with_picture(course, **attached(picture(), text=text)))[0])
    assert_runs_nothing(page)
    assert len(pictures_on(page)) == 1
