"""The interactive figures as Python writes them: the numbers of the chapters, complete before any script runs."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"


def load_interactive():
    """Import the Sphinx extension, whose parts lie beside it."""
    sys.path.insert(0, str(BOOK / "_ext"))
    try:
        spec = importlib.util.spec_from_file_location("book_interactive", BOOK / "_ext" / "figures" / "interactive.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(BOOK / "_ext"))


interactive = load_interactive()
FIGURES = interactive.FIGURES
markup = sys.modules["figures.markup"]

# Table B of the curriculum (and of chapter 4): attention of three queries, and their outputs, scaled by the root of 4.
SCALED_WEIGHTS = [
    [3.38843552e-07, 9.60161968e-01, 3.98376935e-02],
    [1.55730194e-06, 7.12734969e-02, 9.28724946e-01],
    [0.06204187, 0.07059622, 0.86736191],
]
SCALED_OUTPUTS = [
    [0.97411966, -0.23738409, -0.72333202, -0.34413007],
    [1.59622051, -0.09516106, 3.70194096, 2.01339538],
    [1.32638014, 0.13062402, 3.02371664, 1.69024190],
]
UNSCALED_WEIGHTS = [
    [1.24326146e-13, 9.98281489e-01, 1.71851130e-03],
    [2.79525306e-12, 5.85506360e-03, 9.94144936e-01],
    [0.00505708, 0.00654776, 0.98839516],
]


class Reader(HTMLParser):
    """Reads the places, controls, labels and ids of a figure; `awake` are controls outside of a disabled fieldset."""

    VOID = {"input", "br"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.slots, self.tags, self.words, self.awake, self._open, self._asleep = [], [], [], [], [], []
        self.feed(html)
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if "data-slot" in attrs:
            self.slots.append([attrs["data-slot"], ""])
        if tag in ("input", "select", "button") and not any(self._asleep):
            self.awake.append(attrs)
        if tag == "fieldset":
            self._asleep.append("disabled" in attrs)
        if tag not in self.VOID:
            self._open.append((tag, len(self.slots) - 1 if "data-slot" in attrs else None))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        opened, _ = self._open.pop()
        if tag == "fieldset":
            self._asleep.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data):
        self.words += data.split()
        for _, number in self._open:
            if number is not None:
                self.slots[number][1] += data


def read(name: str) -> Reader:
    """Return a figure as a reader meets it."""
    return Reader(interactive.html_of(name, FIGURES[name]()))


def softmax(scores) -> np.ndarray:
    """Return the softmax of a row, by its formula."""
    powers = np.exp(np.asarray(scores) - np.max(scores))
    return powers / powers.sum()


def value(text: str) -> float:
    """Return the number that a text of the page stands for, powers of ten included."""
    mantissa, _, power = text.replace("−", "-").partition("·10")
    raised = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(mantissa) * 10.0 ** int(raised or 0)


def numbers_in(html: str, caption: str) -> list[list[str]]:
    """Return the cells of the table with this caption, without the heads of its rows."""
    body = html[html.index(f"<caption>{caption}") :].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body.partition("<tbody>")[2])
    return [[re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", range(3))
def test_attention_by_hand_shows_table_b(query: int) -> None:
    slots = dict(Reader(sys.modules["figures.attention"].figure(query).view).slots)
    weights = [value(slots[f"weight{n}"]) for n in range(3)]
    np.testing.assert_allclose(weights, SCALED_WEIGHTS[query], rtol=0.02, atol=5e-5)
    assert all(w > 0 for w in weights), "a small weight is not 0"
    output = [value(slots[f"output{i}"]) for i in range(4)]
    np.testing.assert_allclose(output, SCALED_OUTPUTS[query], atol=5.01e-4)


def test_the_facts_hold_every_weight_of_table_b() -> None:
    rows = numbers_in(FIGURES["attention"]().facts, "Attention weights of every query")
    expected = np.reshape([UNSCALED_WEIGHTS, SCALED_WEIGHTS], (2, 3, 3)).transpose(1, 0, 2).reshape(6, 3)
    np.testing.assert_allclose([[value(cell) for cell in row] for row in rows], expected, rtol=0.05, atol=5e-5)


def test_saturation_shows_what_its_generator_draws() -> None:
    rng = np.random.default_rng([1, 64])
    query, keys = rng.normal(size=64), rng.normal(size=(8, 64))
    rows = numbers_in(FIGURES["saturation"]().view, "One random query")
    scores = np.array([sum(q * k for q, k in zip(query, key, strict=True)) for key in keys])
    for column, logits in ((1, scores), (2, scores / 8)):
        expected = np.exp(logits) / np.exp(logits).sum()
        np.testing.assert_allclose([value(row[column]) for row in rows], expected, atol=1.1e-3)
    np.testing.assert_allclose([value(row[0]) for row in rows], scores, atol=6e-3)


def test_on_average_scores_spread_like_the_root_and_scaling_undoes_it() -> None:
    rows = numbers_in(FIGURES["saturation"]().facts, "Means over")
    spread, largest, bits, _, scaled_bits = np.array([[value(cell) for cell in row] for row in rows]).T
    widths = 2.0 ** np.arange(11)
    np.testing.assert_allclose(spread, np.sqrt(widths), rtol=0.1)
    assert largest[-1] > 0.95 and bits[-1] < 0.15
    assert (np.diff(bits) < 0).all() and np.ptp(scaled_bits) < 0.25


def test_masks_show_the_chapters_sentence_and_its_look_ahead_mask() -> None:
    chapter = (BOOK / "06_masks.md").read_text(encoding="utf-8")
    tokens = json.loads(re.search(r"^tokens = (\[.*\])$", chapter, flags=re.MULTILINE)[1])
    data = FIGURES["masks"]().data
    assert data["tokens"] == tokens
    slots = dict(read("masks").slots)
    for row in range(5):
        seen = [n for n in range(5) if n <= row and tokens[n] != "pad"]
        powers = np.exp([data["scores"][row][n] for n in seen])
        expected = np.zeros(5)
        expected[seen] = powers / powers.sum()
        np.testing.assert_allclose([value(slots[f"weight{row}-{n}"]) for n in range(5)], expected, atol=5.01e-3)
        said = f"{tokens[row]} (row {row}) sees {', '.join(tokens[n] for n in seen)}."
        assert said in re.findall(r"<li>(.*?)</li>", FIGURES["masks"]().facts)


def test_the_decoder_is_given_and_asked_what_chapter_8_says() -> None:
    chapter = (BOOK / "08_training_a_chatbot.md").read_text(encoding="utf-8")
    answer = json.loads(re.search(r"^answer = (\[.*\])$", chapter, flags=re.MULTILINE)[1])
    steps = FIGURES["training"]().data["steps"]
    assert [step["given"] for step in steps] == [answer[:-1]] * 5
    assert [step["answers"][n] for n, step in enumerate(steps)] == answer[1:]
    for n, step in enumerate(steps):
        assert step["sees"] == ["seen"] * (n + 1) + ["hidden"] * (4 - n)
        assert ("counts" in step["says"]) == (answer[n + 1] != "<pad>")


def test_writing_follows_the_logits_of_chapter_8() -> None:
    chapter = (BOOK / "08_training_a_chatbot.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| (token \| after `<start>.*|`[^|]*` \| \**[−-]?\d.*) \|$", chapter, flags=re.MULTILINE)
    head, *lines = ([cell.strip("`* ") for cell in line.split("|")] for line in found)
    words = [line[0] for line in lines]
    steps = FIGURES["writing"]().data["steps"]
    assert len(head) - 1 == len(steps) == 3
    for column, step in enumerate(steps, start=1):
        before, logits = head[column].removeprefix("after `"), [line[column] for line in lines]
        assert [value(text) for text in step["logits"]] == [value(logit) for logit in logits]
        given = [token for token, sees in zip(step["given"], step["sees"], strict=True) if sees == "seen"]
        assert given == before.split()
        assert step["answers"][step["now"]] == words[int(np.argmax([value(logit) for logit in logits]))]


def test_positions_show_the_encoding_and_its_dot_products() -> None:
    slots = dict(read("positions").slots)
    for k in range(8):
        angle = 3 / 10000 ** (2 * k / 16)
        assert value(slots[f"clock-sine{k}"]) == pytest.approx(np.sin(angle), abs=5.01e-3)
        assert value(slots[f"clock-cosine{k}"]) == pytest.approx(np.cos(angle), abs=5.01e-3)
    rows = numbers_in(FIGURES["positions"]().facts, "Dot product of two rows")
    for row, distance in zip(rows, (0, 1, 2, 3, 5, 10, 20, 50), strict=True):
        for cell, d in zip(row, (4, 8, 16, 32, 64), strict=True):
            angles = np.outer([20, 20 + distance], [10000 ** (-2 * k / d) for k in range(d // 2)])
            one, other = np.hstack([np.sin(angles), np.cos(angles)])
            assert value(cell) == pytest.approx(one @ other, abs=5.01e-3)


def test_numbers_are_written_as_in_a_book() -> None:
    assert [markup.number(x) for x in (-1.5, -0.0001, 0.0, 2)] == ["−1.500", "0.000", "0.000", "2.000"]
    assert [markup.weight(x) for x in (0.0, 1.0, 1.24326146e-13, 9.9e-5, 0.00012)] == [
        "0.0000", "1.0000", "1.2·10⁻¹³", "9.9·10⁻⁵", "0.0001",
    ]  # fmt: skip
    assert [markup.percent(x) for x in (0.96016, 0.0004, 1.0)] == ["96.0%", "less than 0.1%", "100.0%"]


def test_small_letters_of_unicode_are_in_an_element_that_enlarges_them() -> None:
    assert markup.legible("−10⁹ < dₖ") == '−10<span class="above">⁹</span> &lt; d<span class="below">ₖ</span>'
    small = re.compile("[⁰-ₜ¹²³ᵀ]")
    for name, make in FIGURES.items():
        figure = make()
        shown = re.sub(r'<span class="(above|below)">[^<]+</span>', "", figure.view + figure.facts)
        assert not small.search(shown), name


def test_the_arrows_begin_with_the_step_by_hand_of_chapter_2() -> None:
    chapter = (BOOK / "02_dot_product_attention.md").read_text(encoding="utf-8")
    places = {"np": np}
    exec(chapter[chapter.index('words = ["she"') :].partition("```")[0], places)
    slots = dict(read("arrows").slots)
    scores = [h[0] * places["s_t"][0] + h[1] * places["s_t"][1] for h in places["H"]]
    assert [value(slots[f"score{n}"]) for n in range(3)] == scores
    np.testing.assert_allclose([value(slots[f"weight{n}"]) for n in range(3)], softmax(scores), atol=5.01e-4)
    told = [float(text) for text in re.findall(r"[\d.]*\d", FIGURES["arrows"]().says.partition("value is")[2])]
    np.testing.assert_allclose(told, softmax(scores) @ places["H"], atol=5.01e-3)


def test_the_bottleneck_shows_what_was_measured() -> None:
    runs = json.loads((BOOK / "_data" / "01_seq2seq_limits.json").read_text(encoding="utf-8"))["runs"]
    rows = numbers_in(FIGURES["bottleneck"]().facts, "Letters right")
    for row, n in zip(rows, (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 20, 21, 22, 25, 30), strict=True):
        for cell, name in zip(row, ("without", "with"), strict=True):
            shares = [100 * run["letters"][n - 1] for run in runs if run["model"] == name]
            told = [float(text) for text in re.findall(r"\d+", cell)]
            np.testing.assert_allclose(told, [sum(shares) / 3, min(shares), max(shares)], atol=0.51)


def test_the_alignment_is_that_of_the_stored_states() -> None:
    stored = json.loads((BOOK / "_data" / "02_alignment.json").read_text(encoding="utf-8"))
    for name, label in (("left_to_right", "left to right"), ("both_directions", "both directions")):
        states = stored[name]["page"]
        rows = numbers_in(FIGURES["alignment"]().facts, f"The encoder reads {label}")
        for (cell,), state in zip(rows, states["S"], strict=True):
            weights = softmax(np.array(states["H"]) @ np.array(state))
            told = [float(text) for text in re.findall(r"\d\.\d\d", cell)]
            np.testing.assert_allclose(told, np.sort(weights)[:-4:-1], atol=5.1e-3)
            assert cell.startswith(f"“{stored['sentences']['page']['english'][weights.argmax()]}”")


def test_words_are_compared_by_their_letters() -> None:
    words = ["slow", "but", "steady", "wins", "the", "race"]
    rows = numbers_in(FIGURES["words"]().facts, "Scores")
    pairs = [[sum(a == b for a in one for b in other) for other in words] for one in words]
    assert [[value(cell) for cell in row] for row in rows] == pairs
    rows = numbers_in(FIGURES["words"]().facts, "Weights, scaled")
    width = len(set("".join(words)))
    expected = [softmax(np.array(row) / width**0.5) for row in pairs]
    np.testing.assert_allclose([[value(cell) for cell in row] for row in rows], expected, atol=5.01e-3)


def test_heads_hold_the_numbers_that_chapter_5_gives_them() -> None:
    x = np.array([[100 * t + j for j in range(6)] for t in range(4)])
    facts = FIGURES["heads"]().facts
    for heads in (2, 3):
        for how, owned in (("reshape, then", np.split(x, heads, axis=1)), ("reshape alone", x.reshape(heads, 4, -1))):
            rows = numbers_in(facts, f"{heads} heads, {how}")
            assert [[list(map(int, cell.split())) for cell in row] for row in rows] == [h.tolist() for h in owned]


def test_the_boxes_of_the_transformer_lead_to_sections_of_chapter_7() -> None:
    chapter = (BOOK / "07_transformer.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", chapter, flags=re.MULTILINE)
    for part in FIGURES["transformer"]().data["parts"].values():
        assert part["section"] in headings
        assert part["address"] == "#" + re.sub(r"[^a-z -]", "", part["section"].lower()).replace(" ", "-")


def test_every_sublayer_of_the_transformer_is_joined_to_its_norm() -> None:
    view = FIGURES["transformer"]().view
    number = r"([\d.]+)"
    frame = rf'data-part="norm"[^>]*><rect x="{number}" y="{number}" width="{number}" height="{number}"'
    norms = [[float(found) for found in match] for match in re.findall(frame, view)]
    assert len(norms) == 5
    for x, y, width, height in norms:
        assert f"M{x + width / 2:g} {y + height + 5:g}V{y + height:g}" in view


# --- pages --------------------------------------------------------------------------------------------------------


def test_every_figure_stands_in_one_chapter() -> None:
    used = [
        name
        for page in sorted(BOOK.glob("[0-9]*.md"))
        for name in re.findall(r"^```\{interactive\} (\w+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    ]
    assert sorted(used) == sorted(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_complete_and_labelled(name: str) -> None:
    html = read(name)
    names = [slot for slot, _ in html.slots]
    assert len(names) == len(set(names)), "a place is named twice"
    ids = [attrs["id"] for _, attrs in html.tags if "id" in attrs]
    labelled = {attrs["for"] for tag, attrs in html.tags if tag == "label" and "for" in attrs}
    assert sorted(labelled) == sorted(ids), "every control with an id has its label"
    free = [attrs for tag, attrs in html.tags if tag in ("input", "select") and "id" not in attrs]
    assert all(attrs["type"] in ("radio", "checkbox") for attrs in free), "these stand inside their labels"
    assert html.awake == [], "no control works before its script does"
    assert any(attrs.get("role") == "status" for _, attrs in html.tags)
    assert not [tag for tag, attrs in html.tags if tag in ("img", "link") or "src" in attrs or "onclick" in attrs]


def test_data_cannot_end_their_script() -> None:
    text = markup.json_for_script({"token": "</script><b>", "next": "<start>"})
    assert "<" not in text and json.loads(text) == {"token": "</script><b>", "next": "<start>"}


def test_nothing_moves_by_itself() -> None:
    for path in (BOOK / "_static" / "interactive").iterdir():
        text = path.read_text(encoding="utf-8")
        welcome = r"@media \(prefers-reduced-motion: no-preference\) \{(\s+[^{}]+\{[^{}]*\})+\s+\}"
        text = re.sub(welcome, "", text) if path.suffix == ".css" else text
        assert not re.search(r"transition|animat|setInterval|setTimeout|@keyframes", text), path.name
        assert not re.search(r"https?:|fetch\(|import\b|innerHTML", text), path.name
