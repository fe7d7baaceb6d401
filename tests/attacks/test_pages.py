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

from autograder.grade.feedback import clean_html, sanitize
from autograder.gradebook.nbgrader_config import configure
from tests.attacks import written
from tests.attacks.attack_list import ATTACKS
from tests.attacks.conftest import student_of
from tests.attacks.grader import SCRIPTS
from tests.attacks.record import assert_runs_nothing

SCRIPTED = [attack for attack in ATTACKS if attack.name == "script in feedback and formgrader"]
ODD = st.text(st.sampled_from("<>/&;:\"'=()[]{}!-*_`$\\#|~ \n\tabmpscript01\x00\x1b\u202e"), max_size=80)

OPEN = "".join(f"<b title={i}>" for i in range(98))  # no two are alike, so that each is opened again in each paragraph
GROWING = {
    "in every paragraph": f"<p>{OPEN}" + "<p>x" * 4000,
    "in quotes": "<p>" + "".join(f"<i title='{i}>'>" for i in range(98)) + "<p>x" * 4000,
    "between comments": "<p>" + OPEN.replace(">", "><!--</b>-->") + "<p>x" * 4000,
    "a long value": f"<p><code title='{'y' * 60_000}'>" + "<p>x" * 4000,
    "inside each other": "<p>" * 2 + "<b>" * 98 + "<div>x" * 4000,
}
ENDS = {
    "before as many beginnings": "</div>" * 2400 + "<div>" * 2400,
    "of paragraphs": "</p>" * 300 + "<b>" * 4300,
    "of nothing": ("<div>" * 7 + "</b>" * 300) * 15,
    "of all kinds": "</b></i></div></table>" * 1200,
}


@pytest.fixture(scope="module")
def formgrader(graded, tmp_path_factory):
    """Return what shows a marked notebook as nbgrader's formgrader does, without its own fields."""
    config = Config()
    configure(config, graded.root, tmp_path_factory.mktemp("formgrader"))
    config.HTMLExporter.template_name = "formgrade"  # as nbgrader's extension sets it
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    names = {"base_url": "/x", "notebook_id": "n", "assignment_id": "a", "submission_id": "s", "student": "e"}
    numbers = {"index": 0, "total": 1, "mathjax_url": ""}

    def shown(path) -> str:
        exporter = HTMLExporter(config=config)
        page, _ = exporter.from_filename(str(path), resources={**names, **numbers, "filename": "f"})
        notebook = BeautifulSoup(page, "html.parser").select_one("#notebook-container")
        for own in notebook.select(".panel-heading, .panel-footer, .nbgrader_label, textarea, .save-icon"):
            own.decompose()  # for points and comments
        return str(notebook)

    return shown


@pytest.mark.parametrize("attack", SCRIPTED, ids=[attack.id for attack in SCRIPTED])
def test_formgrader_runs_nothing_of_a_learner(graded, formgrader, attack):
    text = formgrader(graded.outcome(student_of(attack)).place("autograded", "ipynb"))
    assert "alert(" in text
    assert_runs_nothing(f"<body>{text}</body>")


@pytest.mark.parametrize("attack", written.ATTACKS, ids=[attack.id for attack in written.ATTACKS])
def test_formgrader_runs_nothing_of_a_written_answer(graded, formgrader, attack):
    assert_runs_nothing(f"<body>{formgrader(graded.outcome(student_of(attack)).place('autograded', 'ipynb'))}</body>")


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


@pytest.mark.parametrize("how", GROWING)
def test_a_short_text_that_would_become_a_large_page_is_shown_as_it_is(monkeypatch, how):
    if how == "in every paragraph":
        assert len(clean_html.CLEANER.clean(GROWING[how])) > 7_000_000  # so it is worth a bound
    made = sanitize.safe_html(GROWING[how])
    assert made == sanitize.plain(GROWING[how])
    monkeypatch.setattr(clean_html, "CLEANER", None)
    if how != "inside each other":  # that is seen in what was made
        with pytest.raises(ValueError, match="too many"):  # and not: AttributeError, for it was not even begun
            clean_html.cleaned(GROWING[how])


def test_no_tag_takes_the_prose_behind_it_along():
    # nh3 drops the text of an element whose name is one of MathML's or SVG's
    names = "int vector matrix sum mean max exp set list mask text path line use filter mi svg math key query"
    for name in [*names.split(), "INT", "mask id=1"]:
        assert "after" in sanitize.safe_markdown(f"a <{name}> after"), name
    assert sanitize.safe_markdown("the list<int> type") == "<p>the list type</p>\n"
    assert "code" not in sanitize.safe_html("<script>code</script><style>code</style><scr<int>ipt>code</scr<int>ipt>")


@pytest.mark.parametrize("how", ENDS)
def test_ends_without_a_beginning_hide_no_depth(how):
    made = sanitize.safe_html(ENDS[how])
    assert made == sanitize.plain(ENDS[how]) or (len(made) < 60_000 and clean_html.is_flat(made))
    assert len(made) < 60_000


def test_what_was_made_is_measured_by_its_depth_and_its_number_of_elements():
    deep, many = "<div>" * 101 + "</div>" * 101, "<br>x<b>y</b>" * 3000
    assert sanitize.safe_html(deep[5:-6]) == deep[5:-6] and sanitize.safe_html(deep) == sanitize.plain(deep)
    assert not clean_html.is_flat("<b>y</b>" * 5001) and sanitize.safe_html(many) == sanitize.plain(many)


@given(ODD)
@settings(max_examples=150)
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
    many = "<tr><td><b>1</b></td><td><code>x</code></td><td><a href='https://a.example'>y</a></td></tr>" * 300
    assert sanitize.safe_html(f"<table>{many}</table>").count("<a href") == 300


def test_code_on_a_page_reads_as_it_runs():
    """What turns the direction of reading can make a comment look like code; line ends of Windows stay such."""
    shown = sanitize.coloured('x = 1\r\nif admin != "user\u202e \u2066# right\u2069 \u2066":\r\n    pass')
    assert "\\u202e" in shown and "\\u2066" in shown and "\u202e" not in shown and "\\r" not in shown
