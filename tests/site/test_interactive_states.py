"""The interactive figures in a browser are right in every state, by a second route: NumPy, or counting."""

from __future__ import annotations

import itertools
import json
import unicodedata

import numpy as np
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.site.playing import Page
from tests.site.test_interactive import BOOK, FIGURES, SCALED_OUTPUTS, UNSCALED_WEIGHTS, softmax, value

pytestmark = pytest.mark.slow


def test_attention_is_right_in_every_state(figure) -> None:
    page = figure("attention")
    np.random.seed(3)
    X = np.stack([np.random.normal(size=(4, 1)) for _ in range(3)])[..., 0]
    np.random.seed(0)
    omegas = [np.random.normal(size=(4, 4)) for _ in range(3)]
    Q, K, V = (X @ omega.T + np.random.normal(size=(4, 1)).T for omega in omegas)
    for query, scale, temperature in itertools.product(range(3), (True, False), (0.25, 1.0, 2.0, 4.0)):
        page.choose(query=str(query), scale=scale, temperature=temperature)
        divisor = (2 if scale else 1) * temperature
        scores = K @ Q[query]
        weights = softmax(scores / divisor)
        np.testing.assert_allclose(page.values("score{}", 3), scores, atol=5.01e-4)
        np.testing.assert_allclose(page.values("scaled{}", 3), scores / divisor, atol=5.01e-4)
        np.testing.assert_allclose(page.values("weight{}", 3), weights, rtol=0.05, atol=5.01e-5)
        np.testing.assert_allclose(page.values("output{}", 4), weights @ V, atol=5.01e-4)
        for n in range(3):
            np.testing.assert_allclose(page.values(f"part{n}-{{}}", 4), weights[n] * V[n], atol=5.01e-4)
        assert page.says().startswith(f"Query {query}: scores divided by {divisor:.2f}. Input {weights.argmax()} gets ")
    page.choose(query="0", scale=False, temperature=1)
    np.testing.assert_allclose(page.values("weight{}", 3), UNSCALED_WEIGHTS[0], rtol=0.05)
    page.choose(scale=True)
    np.testing.assert_allclose(page.values("output{}", 4), SCALED_OUTPUTS[0], atol=5.01e-4)


def test_saturation_is_right_at_every_width(figure) -> None:
    page = figure("saturation")
    for draw in (1, 2, 3, 4, 5):
        for step, temperature in ((0, 1.0), (4, 4.0), (10, 0.5)):
            page.choose(width=step, sharpness=temperature)
            rng = np.random.default_rng([draw, 2**step])
            query, keys = rng.normal(size=2**step), rng.normal(size=(8, 2**step))
            scores = np.einsum("d,kd->k", query, keys)
            raw, scaled = softmax(scores / temperature), softmax(scores / temperature / 2 ** (step / 2))
            np.testing.assert_allclose(page.values("drawn{}", 8), scores, atol=6e-3)
            np.testing.assert_allclose(page.values("raw{}", 8), raw, atol=1.5e-3)
            np.testing.assert_allclose(page.values("soft{}", 8), scaled, atol=1.5e-3)
            bits = -(scaled * np.log2(scaled)).sum()
            assert float(page.says().rstrip(".").split()[-1]) == pytest.approx(bits, abs=0.01)
            assert f"draw {draw} of 5" in page.says()
        page.run("document.getElementsByName('again')[0].click()")
    assert "draw 1 of 5" in page.says()


@pytest.mark.parametrize("name", ["training", "writing"])
def test_the_decoder_steps_to_its_end_and_back_by_keyboard(figure, name: str) -> None:
    page = figure(name)
    steps = FIGURES[name]().data["steps"]
    page.run("document.querySelector('.seeing-controls button[name=back]').focus()")
    page.press(Keys.TAB)
    for n in [*range(len(steps)), len(steps) - 1]:  # once more than there are steps: it stays at the last
        assert page.says() == steps[n]["says"]
        slots = page.slots()
        for row in ("given", "sees", "answers"):
            assert [slots[f"{row}{i}"] for i in range(len(steps[n][row]))] == steps[n][row]
        assert page.run("return document.querySelectorAll('.seeing td.now').length") == 3
        assert page.focus() == "next", "the button keeps the focus"
        page.press(Keys.ENTER)
    page.browser.driver.switch_to.active_element.send_keys(Keys.SHIFT + Keys.TAB)
    page.press(Keys.SPACE)
    assert page.focus() == "back" and page.says() == steps[-2]["says"]


def test_positions_are_right_in_every_state(figure) -> None:
    page = figure("positions")
    for d, here, there, pair in ((4, 0, 99, 1), (8, 50, 47, 3), (16, 20, 20, 0), (64, 99, 0, 31)):
        page.choose(model=str(d), here=here, there=there, pair=pair)
        speeds = np.array([10000 ** (-2 * k / d) for k in range(d // 2)])
        rows = [np.hstack([np.sin(p * speeds), np.cos(p * speeds)]) for p in (here, there)]
        slots = page.slots()
        for row, name in zip(rows, ("here", "there"), strict=True):
            assert value(slots[f"{name}-sine"]) == pytest.approx(row[pair], abs=5.01e-4)
            assert value(slots[f"{name}-cosine"]) == pytest.approx(row[d // 2 + pair], abs=5.01e-4)
        assert f"is {rows[0] @ rows[1]:.2f} of at most {d // 2}." in page.says().replace("−", "-")
        shown = range(min(8, d // 2))
        every = max(1, d // 16)
        np.testing.assert_allclose(
            page.values("clock-sine{}", len(shown)), [rows[0][n * every] for n in shown], atol=5.01e-3
        )
        points = page.run("return document.querySelector('[data-slot=curve]').getAttribute('points')").split()
        height = float(points[there].split(",")[1])  # 10 is the largest dot product, 102 is 0
        assert (102 - height) / 92 * d / 2 == pytest.approx(rows[0] @ rows[1], abs=0.03)


def test_the_arrows_follow_a_pointer_and_the_keys(figure) -> None:
    page = figure("arrows")
    points = np.array([[1, 2], [2, 0], [1, 1], [-2, 1]], dtype=float)
    unit = page.run("return document.querySelector('.seeing-plane').getScreenCTM().a") * 52
    pointer = page.pointer("[data-slot=handle0]").click_and_hold()
    pointer.move_by_offset(round(-3 * unit), round(unit)).release().perform()
    points[0] += [-3, -1]
    check_arrows(page, points)
    for number, keys, way in ((3, [Keys.ARROW_UP] * 2, [0, 0.5]), (1, [Keys.SHIFT + Keys.ARROW_LEFT], [-1, 0])):
        page.run("document.querySelector(`[data-slot=handle${arguments[0]}]`).focus()", number)
        page.press(*keys)
        points[number] += way
        check_arrows(page, points)
    page.run("document.querySelector('[data-slot=handle2]').focus()")
    page.press(*[Keys.ARROW_DOWN] * 20)
    points[2, 1] = -2.5
    check_arrows(page, points)
    label = "return document.activeElement.getAttribute('aria-valuetext')"
    assert page.run(label) == "1.00 to the right, \u22122.50 up"
    page.run("document.getElementsByName('again')[0].click()")
    assert page.says() == FIGURES["arrows"]().says


def check_arrows(page: Page, points: np.ndarray) -> None:
    """Compare what is written and drawn with NumPy."""
    query, *states = points
    weights = softmax(np.array(states) @ query)
    np.testing.assert_allclose(page.values("score{}", 3), np.array(states) @ query, atol=5.01e-3)
    np.testing.assert_allclose(page.values("weight{}", 3), weights, atol=5.01e-4)
    tips = page.run(
        "return [...document.querySelectorAll('.seeing-plane line')].map(l => [l.x2, l.y2].map(v => v.baseVal.value))"
    )
    np.testing.assert_allclose(np.array(tips)[[3, 0, 1, 2]] / [52, -52], points, atol=1e-3)
    where = page.run("return document.querySelector('[data-slot=value]').getAttribute('transform').match(/-?[\\d.]+/g)")
    np.testing.assert_allclose(np.array(where, dtype=float) / [52, -52], weights @ np.array(states), atol=2e-3)


@pytest.mark.parametrize(
    "sentence",
    [
        "the cat and the dog",
        "one",
        "  Été à Paris, 42 times?  ",
        "오늘 하늘 오늘",
        "a b c d e f g h i j k l",
        "supercalifragilisticexpialidocious is long",
    ],
)
def test_words_look_for_letters_in_any_sentence(figure, sentence: str) -> None:
    page = figure("words")
    page.choose(sentence=sentence, scaled=False, softness=2)
    words = [w[:16] for w in sentence.split() if any(c.isalpha() for c in w)][:10]
    letters = [[c for c in unicodedata.normalize("NFD", w.lower()) if c.isalpha()] for w in words]
    shown = page.run("return [...document.querySelectorAll('.seeing-to li > span')].map(e => e.textContent)")
    assert (
        shown == words == page.run("return [...document.querySelectorAll('.seeing-from span')].map(e => e.textContent)")
    )
    for n, asking in enumerate(letters):
        page.choose(word=str(n))
        for scaled in (True, False):
            page.choose(scaled=scaled)
            scores = np.array([sum(a == b for a in asking for b in other) for other in letters])
            divisor = 2 * (len({c for word in letters for c in word}) ** 0.5 if scaled else 1)
            np.testing.assert_allclose(page.values("weight{}", len(words)), softmax(scores / divisor), atol=5.01e-3)
        assert f"{scores[n]}" in page.says()
    page.choose(sentence="?")
    assert page.says() == "Write a word or two."
    page.choose(sentence="and back")
    assert "2 words" in page.says() and page.browser.complaints() == []


def test_masks_are_painted_by_keyboard_and_by_mouse(figure) -> None:
    page = figure("masks")
    S = np.array(FIGURES["masks"]().data["scores"])
    page.choose(future=False, padding=False)
    page.run("document.querySelector('[name=\"cell0-0\"]').focus()")
    page.press(Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.SPACE)
    assert page.focus() == "cell1-1" and page.says().startswith("sing (row 1) sees we, now, pad, pad. Your mask hides")
    start, end = (page.browser.find(f"[name='cell{i}-{j}']") for i, j in ((3, 1), (3, 4)))
    ActionChains(page.browser.driver).click_and_hold(start).move_to_element(end).release().perform()
    painted = np.zeros((5, 5), dtype=bool)
    painted[1, 1] = True
    painted[3] = page.run(
        "return [0, 1, 2, 3, 4].map(j => document.getElementsByName(`cell3-${j}`)[0].ariaPressed === 'true')"
    )
    assert painted[3, [1, 4]].all() and not painted[3, 0]
    for j in range(5):
        if not painted[3, j]:
            page.browser.find(f"[name='cell3-{j}']").click()
    painted[3] = True
    shown = [page.values(f"weight{i}-{{}}", 5) for i in range(5)]
    np.testing.assert_allclose(
        shown, [softmax(np.where(m, -1e9, s)) for m, s in zip(painted, S, strict=True)], atol=5.01e-3
    )
    assert "pad (row 3) sees nothing" in page.says() and f"{painted.sum()} of 25 cells" in page.says()
    page.choose(when="after")
    np.testing.assert_allclose(
        page.values("sum{}", 5), (np.array([*map(softmax, S)]) * ~painted).sum(axis=1), atol=5.01e-3
    )


def test_who_presses_elsewhere_and_comes_over_the_masks_paints_nothing(figure) -> None:
    page = figure("masks")
    page.choose(future=False, padding=False)
    hidden = "return [...document.querySelectorAll('[name^=cell][aria-pressed=true]')].map(one => one.name)"
    start, end, away = (page.browser.find(one) for one in ("[name=cell3-1]", "[name=cell3-2]", ".seeing-title"))
    ActionChains(page.browser.driver).click_and_hold(start).move_to_element(end).release().perform()
    assert page.run(hidden) == ["cell3-1", "cell3-2"]
    ActionChains(page.browser.driver).click_and_hold(away).move_to_element(
        page.browser.find("[name=cell1-1]")
    ).perform()
    ActionChains(page.browser.driver).release().perform()
    assert page.run(hidden) == ["cell3-1", "cell3-2"]


def test_every_step_of_the_alignment_is_that_of_the_states(figure) -> None:
    page = figure("alignment")
    stored = json.loads((BOOK / "_data" / "02_alignment.json").read_text(encoding="utf-8"))
    for model in ("left_to_right", "both_directions"):
        page.choose(reader=model)
        for n, state in enumerate(stored[model]["page"]["S"]):
            page.choose(step=str(n))
            weights = softmax(np.array(stored[model]["page"]["H"]) @ np.array(state))
            np.testing.assert_allclose(page.values("weight{}", 9), weights, atol=5.2e-3)
            assert f"looks most at “{stored['sentences']['page']['english'][weights.argmax()]}”" in page.says()
    ActionChains(page.browser.driver).move_to_element(page.browser.find(".seeing-from label:nth-child(3)")).perform()
    assert page.says().startswith("When it writes “rouge”"), "pointing is enough"


def test_numbers_move_to_where_numpy_puts_them(figure) -> None:
    page = figure("heads")
    still = "return getComputedStyle(document.querySelector('.seeing-numbers g')).transitionDuration"
    assert page.run(still) == "0s", "the browser of the tests asks for less motion"
    x = np.array([[100 * t + j for j in range(6)] for t in range(4)])
    for heads, dealt in itertools.product((2, 3), (False, True)):
        cut = x.reshape(4, heads, 6 // heads)
        arrays = {"whole": x[None], "cut": cut, "heads": cut.reshape(heads, 4, -1) if dealt else cut.swapaxes(0, 1)}
        for stage, expected in arrays.items():
            page.choose(stage=stage, heads=str(heads), dealt=dealt)
            boxes = page.run(
                "return [...document.querySelectorAll('.seeing-numbers g')].map(g => ["
                "Number(g.textContent), ...g.style.transform.match(/-?[\\d.]+/g).map(Number)])"
            )
            assert read_in_blocks(boxes, expected.shape) == expected.tolist(), (stage, heads, dealt)
            first = " ".join(f"{n:03d}" for n in np.sort(arrays["heads"][0], axis=None))
            assert stage != "heads" or first in page.says()


def read_in_blocks(boxes: list[list[float]], shape: tuple[int, ...]) -> list:
    """Return the numbers as one reads them: block after block, in each row after row."""
    count, rows, wide = shape
    lines: dict[float, list[tuple[float, int]]] = {}
    for number, x, y in boxes:
        lines.setdefault(y, []).append((x, int(number)))
    read_rows = [[number for _, number in sorted(lines[y])] for y in sorted(lines)]
    side = len(read_rows[0]) // wide  # blocks side by side
    blocks = [
        [row[n * wide : (n + 1) * wide] for row in read_rows[top : top + rows]]
        for top in range(0, len(read_rows), rows)
        for n in range(side)
    ]
    assert len(blocks) == count
    return blocks


def test_a_box_of_the_transformer_opens_and_leads_to_its_section(figure) -> None:
    page = figure("transformer")
    parts = FIGURES["transformer"]().data["parts"]
    for name, part in parts.items():
        page.pointer(f"[data-part={name}]").perform()
        assert page.slots()["part"] == part["name"] and part["what"] in page.says()
        steps = page.run("return [...document.querySelectorAll('.seeing-inside li')].map(e => e.textContent)")
        assert steps[: len(part["inside"])] == list(part["inside"]) and not any(steps[len(part["inside"]) :])
        assert page.run("return document.querySelector('[data-slot=link]').getAttribute('href')") == part["address"]
    page.run("document.querySelector('[data-part=vectors]').focus()")
    assert page.slots()["part"] == parts["vectors"]["name"]
    page.press(Keys.ENTER)
    assert page.run("return location.hash") == parts["vectors"]["address"]
    touch = "dispatchEvent(new PointerEvent('pointerdown', { pointerType: 'touch' }))"
    for expected in ("", parts["feed"]["address"]):  # a finger opens first, and follows the link then
        page.run("history.replaceState(null, '', location.pathname)")
        page.run(
            f"const box = document.querySelector('[data-part=feed]'); box.{touch};"
            "box.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, view: window }))"
        )
        assert page.run("return location.hash") == expected and page.slots()["part"] == parts["feed"]["name"]


def test_the_bottleneck_is_right_at_every_length(figure) -> None:
    page = figure("bottleneck")
    runs = json.loads((BOOK / "_data" / "01_seq2seq_limits.json").read_text(encoding="utf-8"))["runs"]
    for n, attention in itertools.product((1, 5, 20, 21, 30), (False, True)):
        page.choose(length=n, attention=attention)
        shares = {
            name: np.mean([run["letters"][n - 1] for run in runs if run["model"] == name])
            for name in ("without", "with")
        }
        for name, share in shares.items():
            assert float(page.slots()[f"share-{name}"].rstrip("%")) == pytest.approx(100 * share, abs=0.51)
        filled, letters = page.run(
            "const width = slot => document.querySelector(`[data-slot=${slot}]`).getBBox().width;"
            "return [width('right'), width('written')]"
        )
        assert filled / letters == pytest.approx(shares["with" if attention else "without"], abs=0.02)
        assert ("No string in the training was longer than 20" in page.says()) == (n > 20)
        assert (
            page.run("return document.querySelector('[data-slot=written]').getAttribute('d').split('M').length - 1")
            == n
        )


def test_a_narrow_model_moves_the_hand_into_its_range_and_both_positions_stay_on_the_scale(figure) -> None:
    page = figure("positions")
    page.choose(model="64", pair=31)
    page.choose(model="8")
    assert page.slots()["pair"] == "3" and "Hand 3," in page.says()
    page.choose(here=97, there=98)
    for _ in range(3):
        page.run("document.getElementsByName('along')[0].click()")
    assert page.says().startswith("Positions 98 and 99 are 1 apart")
