"""Pages of a hostile notebook, in nbgrader's formgrader too: nothing runs, nothing takes long, nothing stops them."""

from __future__ import annotations

import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.grade.feedback import sanitize
from autograder.gradebook.nbgrader_config import configure
from tests.attacks.attack_list import ATTACKS
from tests.attacks.conftest import student_of
from tests.attacks.grader import SCRIPTS
from tests.attacks.record import assert_runs_nothing

SCRIPTED = [attack for attack in ATTACKS if attack.name == "script in feedback and formgrader"]
ODD = st.text(st.sampled_from("<>/&;:\"'=()[]{}!-*_`$\\#|~ \n\tabmpscript01\x00\x1b\u202e"), max_size=80)


@pytest.mark.parametrize("attack", SCRIPTED, ids=[attack.id for attack in SCRIPTED])
def test_formgrader_runs_nothing_of_a_learner(graded, tmp_path, attack):
    config = Config()
    configure(config, graded.root, tmp_path)
    config.HTMLExporter.template_name = "formgrade"  # as nbgrader's extension sets it
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    names = {"base_url": "/x", "notebook_id": "n", "assignment_id": "a", "submission_id": "s", "student": "e"}
    numbers = {"index": 0, "total": 1, "mathjax_url": ""}
    path = graded.outcome(student_of(attack)).place("autograded", "ipynb")
    page, _ = HTMLExporter(config=config).from_filename(str(path), resources={**names, **numbers, "filename": "f"})
    soup = BeautifulSoup(page, "html.parser")
    notebook = soup.select_one("#notebook-container")
    for own in notebook.select(".panel-heading, .panel-footer, .nbgrader_label, textarea, .save-icon"):
        own.decompose()  # nbgrader's own fields for points and comments
    text = str(notebook)
    assert "alert(" in text
    assert_runs_nothing(f"<body>{text}</body>")


def test_the_page_loads_mathjax_with_its_safe_extension(graded):
    for attack in SCRIPTED:
        page = graded.outcome(student_of(attack)).page
        assert "mathjax" not in page.lower() or "Safe" in page


@pytest.mark.parametrize("render", [sanitize.safe_html, sanitize.safe_markdown, sanitize.coloured])
@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_a_hostile_text_is_shown_soon_and_runs_nothing(render, number):
    start = time.thread_time()
    made = render(SCRIPTS[number])
    assert time.thread_time() - start < 3
    assert_runs_nothing(f"<body>{made}</body>")


@given(ODD)
@settings(max_examples=150, deadline=None)
def test_any_text_is_shown_and_runs_nothing(text):
    for render in (sanitize.safe_html, sanitize.safe_markdown, sanitize.coloured):
        assert_runs_nothing(f"<body>{render(text)}</body>")


def test_a_page_whose_texts_take_long_shows_the_rest_as_it_is(monkeypatch):
    monkeypatch.setattr(sanitize.PATIENCE, "left", 0.0, raising=False)
    assert sanitize.safe_markdown("**a** <b>") == "<pre>**a** &lt;b&gt;</pre>"


def test_what_honest_people_write_is_still_shown():
    table = '<table border="1" class="dataframe"><tr style="text-align: right;"><td>1</td></tr></table>'
    assert 'class="dataframe"' in sanitize.safe_html(table) and "<td>1</td>" in sanitize.safe_html(table)
    assert "<strong>a</strong>" in sanitize.safe_markdown("**a** $x$") and "$x$" in sanitize.safe_markdown("$x$")
    assert 'href="https://a.example"' in sanitize.safe_markdown("[a](https://a.example)")
    assert 'class="kn"' in sanitize.coloured("import numpy")
