"""A learner does exercises in the page, with a real browser and a real Python: types, checks, stops, comes back."""

from __future__ import annotations

import pytest
from selenium.webdriver import Keys

from tests.chapters import key_of
from tests.in_page.answers import NO_MAXIMUM, SAYS_NO_MAXIMUM, SLUG, released, solved

pytestmark = pytest.mark.slow

PLAY = "code-9467107d"  # a cell of chapter 2 to play with
ANSWER, CHECK = "solution-softmax", "check-softmax"
RIGHT = (
    "✓ A softmax that survives: 4 of 4 points\nRight, also for 1000 and -inf in one row, a row of nothing but -inf, "
    "rows of one score and rows without scores."
)
WRITE_WHEN_RUNNING = """
const [cell, editor, text] = arguments;
new MutationObserver((_, observer) => {  // called before Python can tell the page anything more
  if (cell.dataset.state !== "running") return;
  observer.disconnect();
  editor.focus();
  document.execCommand("selectAll");
  document.execCommand("insertText", false, text);
}).observe(cell, {attributes: true, attributeFilter: ["data-state"]});
"""
# Whether the browser draws each letter of a text in another way than one that has no name.
BROWSER_HAS = """
const drawn = letter => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 60, height: 60});
  const pen = canvas.getContext("2d");
  pen.font = "32px sans-serif";
  pen.fillText(letter, 10, 40);
  return canvas.toDataURL();
};
return [...arguments[0]].every(letter => drawn(letter) !== drawn("\u0378"));
"""
NO_FONT = (
    "The picture has boxes in place of “{}”: Python finds no font with them in this browser. Write these words in "
    "Latin letters, or open the page in another browser."
)
TICKED = "return [...document.querySelectorAll('.nb-tick')].map(one => one.nextElementSibling.hash)"
LIKE_JUPYTER = """\
import asyncio
await asyncio.sleep(0)
print("10%", end="\\r"); print("20%")
print("\\x1b[31mred\\x1b[0m")"""
ASKED = "return performance.getEntriesByType('resource').map(one => one.name)"


@pytest.fixture
def page(page_of):
    return page_of(SLUG).open()


def test_from_the_first_click_to_a_point_that_is_still_there_after_a_reload(page_of, browser, site):
    page = page_of(SLUG)
    browser.open(f"{site}/{SLUG}.html")
    browser.run("localStorage.clear()")
    asked = browser.run(ASKED)
    assert [one for one in asked if "pyodide" in one or "in_page" in one] == [], "before the click nothing is loaded"
    page.click("a.do-it-here")
    page.wait("return document.querySelector('.nb-says')?.textContent.includes('MB) loads when you run a cell')")
    assert [one for one in browser.run(ASKED) if "pyodide" in one or "worker" in one] == [], "nor before the first run"
    assert page.earned == 0
    assert "softmax is not finished yet" in page.run(CHECK)
    assert [one for one in browser.run(ASKED) if not one.startswith((f"{site}/", f"blob:{site}/"))] == []
    page.write(ANSWER, NO_MAXIMUM)
    assert SAYS_NO_MAXIMUM in page.run(CHECK)
    assert page.earned == 0
    page.write(ANSWER, solved(SLUG)[ANSWER])
    assert browser.run(TICKED) == []
    assert page.run(CHECK) == RIGHT
    assert page.earned == 4
    assert browser.run(TICKED) == ["#task-3"]
    page.reload()
    assert page.text(ANSWER) == solved(SLUG)[ANSWER]
    assert browser.run(TICKED) == ["#task-3"]
    assert page.earned == 4
    assert page.run(CHECK) == RIGHT
    page.write(PLAY, LIKE_JUPYTER)
    assert page.run(PLAY) == "20%\nred"
    assert browser.run("return [...document.querySelectorAll('.nb-text span')].map(one => one.textContent)") == ["red"]


def test_typing_python_by_hand(page):
    page.click_into(PLAY)
    page.press("a", Keys.CONTROL)
    page.type("for n in range(4, 6):\nprint(n / 2, '/', n//2)")  # the editor indents, the book's key "/" stays out
    page.press(Keys.ENTER, Keys.SHIFT)
    assert page.done(PLAY) == "2.0 / 2\n2.5 / 2"
    assert page.text(PLAY) == "for n in range(4, 6):\n    print(n / 2, '/', n//2)"


def test_an_answer_that_was_changed_has_to_be_checked_again(page):
    page.write(ANSWER, solved(SLUG)[ANSWER])
    page.run(CHECK)
    page.write(ANSWER, NO_MAXIMUM)
    assert page.earned == 0
    assert "changed since the check" in page.cell(CHECK).text
    page.press("z", Keys.CONTROL)
    assert page.earned == 4


def test_points_belong_to_the_text_that_python_has_run(page):
    page.write(ANSWER, solved(SLUG)[ANSWER])
    page.browser.run(WRITE_WHEN_RUNNING, page.cell(CHECK), page.editor(ANSWER), "softmax = None")
    assert page.run(CHECK).startswith("✓")
    assert page.text(ANSWER) == "softmax = None"
    assert page.earned == 0


def test_an_answer_that_others_build_on_takes_their_points_with_it(page):
    for name in ("softmax", "dot_attention"):
        page.write(f"solution-{name}", solved(SLUG)[f"solution-{name}"])
    page.run("check-dot_attention")
    assert page.earned == 5
    page.write(ANSWER, NO_MAXIMUM)
    assert page.earned == 0
    assert "changed since the check" in page.cell("check-dot_attention").text


def test_a_name_that_is_defined_further_down_earns_nothing(page):
    page.run(CHECK)
    page.write(PLAY, solved(SLUG)[ANSWER])
    page.run(PLAY)
    assert page.run(CHECK).startswith("✗")


def test_points_of_another_release_do_not_count(page):
    page.write(ANSWER, solved(SLUG)[ANSWER])
    page.run(CHECK)
    page.wait("return localStorage.getItem(arguments[0])?.includes('release')", page.key)
    change = "const all = JSON.parse(localStorage[arguments[0]]); all.results[arguments[1]].release = 'another';"
    page.browser.run(f"{change} localStorage[arguments[0]] = JSON.stringify(all)", page.key, CHECK)
    page.reload()
    assert page.earned == 0


def test_points_of_the_parts_that_are_right_count(page):
    page.write(
        "solution-dot_attention",
        "def dot_attention(S, H):\n    scores = S @ H.swapaxes(-1, -2)\n"
        "    weights = softmax(scores)\n    return weights @ H + 1, weights",
    )
    page.write(ANSWER, solved(SLUG)[ANSWER])
    assert page.run("check-dot_attention").startswith("◐ All steps, all sentences at once: 3 of 5 points\n")
    assert "◐ 3 of 5" in page.cell("check-dot_attention").text
    points = key_of(SLUG)["dot_attention"].points
    assert page.earned == points["weights"] + points["error_for_other_sizes"] < sum(points.values())


def test_an_answer_that_is_broken_later_is_not_right_any_more(page):
    """The function of the earlier answer is still there in Jupyter, and its check stays green."""
    page.write(ANSWER, solved(SLUG)[ANSWER])
    assert page.run(CHECK).startswith("✓")
    page.write(ANSWER, solved(SLUG)[ANSWER].replace("):", ":", 1))
    title, stopped = page.run(CHECK).split("\n")[:2]
    assert title == "✗ A softmax that survives: 0 of 4 points"
    assert stopped.startswith("The cell with your answer stopped with an error (line 1): SyntaxError")
    page.write(ANSWER, solved(SLUG)[ANSWER].replace("def softmax", "def soft_max"))
    assert "No variable called softmax exists here" in page.run(CHECK)
    page.write(ANSWER, "import no_such_thing\n" + solved(SLUG)[ANSWER])
    assert page.run(CHECK).startswith("The cell with your answer stopped with an error (line 1): ModuleNotFoundError")
    assert page.earned == 0
    page.write(ANSWER, solved(SLUG)[ANSWER])
    assert page.run(CHECK).startswith("✓")
    assert page.earned == 4


def test_what_passed_before_a_reload_has_passed(page):
    page.write(ANSWER, solved(SLUG)[ANSWER])
    page.run(CHECK)
    page.reload()
    assert "Not passed yet" not in page.run("check-dot_attention")
    page.write(PLAY, "progress()")
    assert "1 of 8 checks passed" in page.run(PLAY)
    page.write(ANSWER, NO_MAXIMUM)
    page.run(CHECK)
    assert "Not passed yet in this session: “A softmax that survives”" in page.run("check-dot_attention")


def test_what_came_of_a_cell_is_in_sight(page):
    for name, press in ((CHECK, lambda: page.run(CHECK)), (PLAY, lambda: page.press(Keys.ENTER, Keys.SHIFT))):
        page.write(name, "print('x\\n' * 5)") if name == PLAY else page.click_into(name)
        cell = page.cell(name)
        page.browser.run("scrollTo(0, scrollY + arguments[0].getBoundingClientRect().bottom - innerHeight)", cell)
        press()
        page.done(name)
        seen = "const box = arguments[0].querySelector('.nb-output').getBoundingClientRect(); "
        assert page.wait(seen + "return box.height > 30 && box.top > 0 && box.bottom <= innerHeight", cell)


def test_a_check_runs_what_it_needs_above_it_and_nothing_else(page):
    page.write(ANSWER, solved(SLUG)[ANSWER])
    page.write(PLAY, "print('not asked for')")
    page.write("solution-attentional_state", solved(SLUG)["solution-attentional_state"])
    page.write("solution-attention_value", solved(SLUG)["solution-attention_value"])
    assert page.run("check-attention_value").startswith("✓")
    assert page.shown(PLAY) == ""
    ran = page.browser.run("return [...document.querySelectorAll('[data-state=done]')].map(one => one.dataset.id)")
    above = ["solution-dot_scores", "solution-general_scores", ANSWER, "solution-attention_value"]
    assert ran == ["setup", "locked-libraries", *above, "check-attention_value"]


def test_an_endless_loop_is_stopped_and_nothing_typed_is_lost(page):
    page.write(ANSWER, solved(SLUG)[ANSWER])
    page.run(CHECK)
    page.write(PLAY, "while True:\n    pass")
    page.click(f'[data-id="{PLAY}"] .nb-run')
    page.wait("return document.querySelector('[data-state=running]')")
    page.write("solution-dot_scores", solved(SLUG)["solution-dot_scores"])  # the page stays usable meanwhile
    page.bar("Stop")
    page.ready()
    assert "The cell was stopped. Python starts again." in page.notices
    assert page.text(PLAY) == "while True:\n    pass"
    assert page.text("solution-dot_scores") == solved(SLUG)["solution-dot_scores"]
    assert page.run(CHECK).startswith("✓"), "what the check needs is run again"
    assert page.notices == "", "and what was said of the stop has gone"
    assert page.run("check-dot_scores").startswith("✓")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        # Python counts its calls; where the browser's stack ends before that, as Chromium's does, it breaks down.
        (
            "class Endless:\n    def __getattr__(self, name): return getattr(self, name + 'x')\nEndless().a",
            "(Python broke down: calls went|The calls go) too deep",
        ),
        ("import os\nos._exit(1)", "Python broke down: the cell ended it"),
    ],
)
def test_python_that_breaks_down_says_why_and_starts_again(page, source, why):
    page.write(ANSWER, solved(SLUG)[ANSWER])
    page.write(PLAY, source)
    page.click(f'[data-id="{PLAY}"] .nb-run')
    (told, *_) = page.wait("return arguments[0].innerText.match(arguments[1])", page.cell(PLAY), why)
    page.ready()
    broke = told.startswith("Python broke down")
    assert (told in page.notices) == ("what you wrote is not" in page.notices) == broke
    assert page.text(PLAY) == source
    assert page.run(CHECK) == RIGHT


def test_a_cell_that_takes_its_time_offers_to_stop(page):
    page.write(PLAY, "while True:\n    pass")
    page.click(f'[data-id="{PLAY}"] .nb-run')
    page.wait("return arguments[0].querySelector('.nb-run').textContent === 'Stop'", page.cell(PLAY))
    page.click(f'[data-id="{PLAY}"] .nb-run')
    page.ready()
    assert page.cell(PLAY).find_element("css selector", ".nb-run").text == "Run"
    page.write(PLAY, "print('well')")
    assert page.run(PLAY) == "well"


def test_endless_printing_neither_freezes_nor_fills_the_page(page):
    page.write(PLAY, "while True:\n    print('spam')")
    page.click(f'[data-id="{PLAY}"] .nb-run')
    page.wait(
        "return document.querySelector('[data-state=running] .nb-output').innerText.includes('rest is not shown')"
    )
    page.bar("Stop")
    page.ready()
    assert len(page.shown(PLAY)) < 101_000


def test_endless_boxes_and_values_do_not_freeze_the_page(page):
    page.write(PLAY, "from check import Box\nwhile True:\n    display(1)\n    display(Box('t', True, ['x']))")
    page.click(f'[data-id="{PLAY}"] .nb-run')
    output = "return document.querySelector('[data-state=running] .nb-output')"
    page.wait(f"{output}.innerText.includes('boxes and pictures')")
    page.bar("Stop")
    page.ready()
    assert page.browser.run("return document.querySelectorAll('.nb-output *').length") < 1000


def test_an_error_shows_the_learners_lines_and_marks_one(page):
    page.write(PLAY, "x = 1\ny = [x][3]\n")
    shown = page.run(PLAY)
    assert "line 2, in <module>\n    y = [x][3]" in shown
    assert shown.endswith("IndexError: list index out of range")
    assert "/home/" not in shown
    assert page.browser.find(f'[data-id="{PLAY}"] .cm-errorLine').text == "y = [x][3]"
    page.write(PLAY, "y = 2")
    assert page.browser.driver.find_elements("css selector", ".cm-errorLine") == []


def test_nothing_from_python_becomes_markup(page):
    evil = "<img src=x onerror=\"document.title='caught'\">"
    page.write(
        PLAY,
        f"""from check import Box
evil = '''{evil}'''
print(evil)
class Evil:
    def __repr__(self): return evil
    def _repr_html_(self): return evil
display(Evil(), Box(evil, False, [evil], evil))
raise ValueError(evil)""",
    )
    shown = page.run(PLAY)
    assert shown.count("<img src=x") >= 5
    assert page.browser.run("return document.querySelectorAll('.nb-output img').length") == 0
    assert page.browser.run("return document.title") != "caught"


def test_pictures_of_matplotlib(page):
    page.write(
        PLAY,
        "import matplotlib.pyplot as plt\nprint('before')\nplt.plot([1, 3, 2])\nplt.title('Three steps')\n"
        "plt.show()\nprint('after')",
    )
    assert page.run(PLAY).split() == ["before", "after"]
    inside = "return [...arguments[0].querySelectorAll('.nb-output > *')].map(one => one.tagName + (one.alt ?? ''))"
    assert page.browser.run(inside, page.cell(PLAY)) == ["PRE", "IMGPicture: Three steps", "PRE"]
    sharp = "const image = arguments[0].querySelector('img'); return image.complete && image.naturalWidth / image.width"
    assert page.wait(sharp, page.cell(PLAY)) == pytest.approx(2, abs=0.02)
    dark = (
        "document.documentElement.dataset.theme = 'dark';"
        "const {filter, backgroundColor} = getComputedStyle(arguments[0].querySelector('img'));"
        "return [filter, backgroundColor]"
    )
    assert page.browser.run(dark, page.cell(PLAY)) == ["none", "rgba(0, 0, 0, 0)"], "the theme puts nothing behind it"


def test_letters_that_the_font_of_matplotlib_lacks_come_from_the_browser(page):
    """Boxes would make two words of one length the same picture; what no font has is named."""
    draw = "import matplotlib.pyplot as plt\nplt.figure(figsize=(2, 1)).text(0.1, 0.1, {!r});"
    pictures = []
    for text in ("가나다", "라마바", "\u0378"):
        page.write(PLAY, draw.format(text))
        said = page.run(PLAY)
        pictures.append(page.cell(PLAY).find_element("css selector", "img").get_attribute("src"))
        has = page.browser.run(BROWSER_HAS, text)
        assert has or said == NO_FONT.format(text)
        assert not has or said == ""
    assert said, "nobody has a letter without a name"
    assert page.browser.run(BROWSER_HAS, "가") == (pictures[0] != pictures[1])


def test_hints_and_progress_come_as_boxes(page):
    page.write(PLAY, 'hint("softmax")\nprogress()')
    shown = page.run(PLAY)
    assert "Hint 1 of 4: A softmax that survives\nBegin with ordinary scores" in shown
    assert "0 of 8 checks passed" in shown


def test_the_box_leads_to_the_section_of_the_book(page, site):
    page.run(CHECK)
    link = page.browser.find(f'[data-id="{CHECK}"] .nb-box a')
    assert link.text == "A softmax that survives"
    assert link.get_attribute("href") == f"{site}/{SLUG}.html#a-softmax-that-survives"


FOLDED = "return [...arguments[0].querySelectorAll('.nb-editor, textarea')].map(code => code.checkVisibility())"


def test_given_code_is_folded_and_a_mistake_without_a_name_leads_to_the_known_ones(page, site):
    assert "Given code" in page.cell("locked-trained_states").text
    assert page.browser.run(FOLDED, page.cell("locked-trained_states")) == [False]
    page.write("solution-dot_scores", "def dot_scores(s_t, H):\n    return H @ s_t + 3.25 * s_t[0] ** 3")
    assert page.run("check-dot_scores").endswith("Which mistake is this?")
    link = page.browser.find('[data-id="check-dot_scores"] .nb-box .nb-read:last-child a')
    assert link.get_attribute("href") == f"{site}/which_mistake.html?q=dot_scores"


def test_what_needs_tensorflow_says_so_and_the_rest_goes_on(page_of):
    slug = "04_scaled_dot_product_attention"
    page = page_of(slug).open(work=solved(slug))
    assert page.run("check-project_qkv").endswith("needs TensorFlow: run this part locally or in Colab.")
    assert "5 points need TensorFlow" in page.reached
    assert "needs TensorFlow" in page.cell("check-project_qkv").text
    plain = page.browser.find("[data-kind=plain]").get_attribute("data-id")
    page.write(plain, "import tensorflow as tf")
    assert page.run(plain).startswith("needs TensorFlow: run this part locally or in Colab.")
    assert page.run("check-softmax").startswith("✓")
    assert page.earned == 1


def test_resetting_a_cell_can_be_undone(page):
    page.write(ANSWER, NO_MAXIMUM)
    page.wait("return localStorage.getItem(arguments[0])?.includes('exps')", page.key)
    page.click(f'[data-id="{ANSWER}"] button[aria-label^="Reset"]')
    assert page.text(ANSWER) == released(SLUG, ANSWER)
    page.wait("return !localStorage.getItem(arguments[0]).includes('exps')", page.key)
    page.press("z", Keys.CONTROL)
    assert page.text(ANSWER) == NO_MAXIMUM


def test_starting_over_asks_and_can_be_undone(page):
    page.write(ANSWER, solved(SLUG)[ANSWER])
    page.run(CHECK)
    page.bar("Reset exercise")
    page.press(Keys.ESCAPE)
    assert page.earned == 4, "Escape changes nothing"
    page.bar("Reset exercise")
    page.click('.nb-dialog button[value="Reset"]')
    assert page.text(ANSWER) == released(SLUG, ANSWER)
    assert page.earned == 0
    page.click("#nb-notices button")
    assert page.text(ANSWER) == solved(SLUG)[ANSWER]
    assert page.earned == 4
    page.reload()
    assert page.earned == 4
