"""A small picture for the card of each chapter, drawn from the squares of an attention grid.

Squares that ask are blue and those that are asked orange, as in the chapters; shape, place and hatching say the same as
colour does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.course.steps import softmax
from pages.shapes import (
    HEIGHT,
    INK,
    KEY,
    QUERY,
    SIZE,
    VALUE,
    WIDTH,
    arc,
    arrow,
    bar,
    bubble,
    column,
    grid,
    line,
    square,
    squares,
    stack,
    words,
)


def bottleneck() -> str:
    """All words go through one square."""
    read, written = column(26, KEY), column(WIDTH - 26 - SIZE, QUERY)
    lines = [line(26 + SIZE + 2, y, 112, HEIGHT / 2, KEY) + line(128, HEIGHT / 2, 199, y, QUERY) for y, _ in read]
    middle = square(112, HEIGHT / 2 - 8, INK, 0.25, 16)
    return "".join([*lines, middle, *(drawn for _, drawn in read + written)])


def lookup() -> str:
    """One query, five keys, and the shares that they get."""
    weights = softmax(np.array([0.2, 2.6, 0.5, 1.7, -0.4]))
    asked = column(118, KEY)
    lines = [line(46, HEIGHT / 2, 116, y, QUERY, 0.8 + 7 * w) for (y, _), w in zip(asked, weights, strict=True)]
    bars = [bar(142, y - 4, 100 * w, 8, VALUE) for (y, _), w in zip(asked, weights, strict=True)]
    return "".join([*lines, square(30, HEIGHT / 2 - 8, QUERY, 1, 16), *(drawn for _, drawn in asked), *bars])


def additive() -> str:
    """A query and a key are added, and bent by tanh."""
    points = np.linspace(-3, 3, 31)
    curve = " ".join(f"{145 + 20 * x:.4g},{42 - 28 * y:.4g}" for x, y in zip(points, np.tanh(points), strict=True))
    axes = line(82, 42, 208, 42, INK, 0.7) + line(145, 8, 145, 76, INK, 0.7)
    both = square(28, 20, QUERY, 0.75, 16) + words(36, 48, "+") + square(28, 54, KEY, 0.75, 16)
    return both + arrow(54, 42, 74, 42) + axes + f'<polyline points="{curve}" stroke="{VALUE}" stroke-width="3"/>'


def scaled() -> str:
    """Four shares, of scores as they are and of scores divided."""
    scores = np.array([3.0, 8.0, 5.5, 1.5])
    drawn = []
    for left, parts, text in ((24, softmax(scores), "q·k"), (136, softmax(scores / 4), "q·k ÷ √d")):
        drawn.append(line(left, 64, left + 80, 64, INK, 1) + words(left + 40, 79, text))
        drawn += [bar(left + 5 + 19 * n, 64 - 58 * part, 13, 58 * part, QUERY) for n, part in enumerate(parts)]
    return "".join(drawn) + arrow(110, 40, 130, 40)


def heads() -> str:
    """One row of numbers, cut into three, each with a grid of its own."""
    looks: list[list[list[float]]] = [
        [[1, 0.1, 0.1], [0.1, 1, 0.1], [0.1, 0.1, 1]],
        [[0.6, 0.3, 0.1], [1, 0.1, 0.1], [0.1, 1, 0.1]],
        [[0.1, 0.1, 0.9], [0.1, 0.1, 0.9], [0.1, 0.1, 0.9]],
    ]
    drawn = []
    for n, (look, hue) in enumerate(zip(looks, (QUERY, KEY, VALUE), strict=True)):
        middle = 48 + 72 * n
        drawn += [square(middle - 21 + 15 * m, 2, hue, (0.7, 0.3, 0.5)[m], 12) for m in range(3)]
        drawn += [line(middle, 17, middle, 32, hue), grid(middle - 22, 36, look, hue)]
    return "".join(drawn)


def masks() -> str:
    """Two grids of five words: padding is hidden in the last two columns, the future above the diagonal."""
    causal = [[1 / (row + 1) if key <= row else None for key in range(5)] for row in range(5)]
    padding = [[1 / 3 if key < 3 else None for key in range(5)] for _ in range(5)]
    return grid(28, 5, padding, QUERY) + grid(138, 5, causal, QUERY)


def transformer() -> str:
    """An encoder of two boxes, a decoder of three, and the bridge."""
    bridge = arrow(86, 49, 149, 49, KEY)
    below = arrow(55, 84, 55, 78, KEY) + arrow(182, 84, 182, 78, QUERY)
    return below + stack(24, (KEY, INK)) + bridge + stack(151, (QUERY, KEY, INK)) + arrow(182, 20, 182, 8)


def chatbot() -> str:
    """A question of four words, and a reply whose third word comes next."""
    asks = [square(32 + 20 * n, 11, KEY, 0.75) for n in range(4)]
    says = [square(146 + 20 * n, 47, QUERY, 0.75 if n < 2 else 0, dashed=n == 2) for n in range(3)]
    return bubble(20, 2, 100, 34, asks) + bubble(134, 38, 84, 148, says)


def next_word() -> str:
    """Six words, of which the last looks back at the others, and the word that follows."""
    places = [20 + 32 * n for n in range(7)]
    weights = softmax(np.array([0.3, 1.2, -0.5, 2.1, 0.1]))
    arcs = [arc(x + 8, places[5] + 8, 58, QUERY, 0.8 + 7 * w) for x, w in zip(places, weights, strict=False)]
    seen = [square(x, 60, KEY, 0.75, 16) for x in places[:5]] + [square(places[5], 60, QUERY, 1, 16)]
    return "".join(
        [*arcs, *seen, arrow(places[5] + 18, 68, places[6] - 2, 68), square(places[6], 60, QUERY, 0, 16, dashed=True)]
    )


def cost() -> str:
    """Grids of two, four and eight words."""
    drawn = []
    for count, left in ((2, 30), (4, 82), (8, 150)):
        corners = [(left + 8 * n, 66 - 8 * (m + 1)) for n in range(count) for m in range(count)]
        drawn += [
            squares(corners, 6.5, f'fill="{QUERY}" fill-opacity="0.75"'),
            words(left + 4 * count, 80, str(count**2)),
        ]
    return "".join(drawn)


def inside() -> str:
    """After the second A: back to what followed the first one, and that again."""
    places = [26 + 38 * n for n in range(6)]
    seen = [square(x, 54, KEY, 0.15, 22) + words(x + 11, 69, name) for x, name in zip(places, "ABCDA", strict=False)]
    says = square(places[5], 54, QUERY, 0, 22, dashed=True) + words(places[5] + 11, 69, "B", QUERY)
    back = arc(places[4] + 11, places[1] + 11, 52, QUERY, 2.5) + arrow(places[1] + 15, 45, places[1] + 11, 52, QUERY)
    return "".join([*seen, says, back])


def speaks() -> str:
    """A model of three boxes, and what it says in four words."""
    says = [square(126 + 20 * n, 25, QUERY, 0.75) for n in range(4)]
    return stack(24, (QUERY, KEY, INK)) + arrow(90, 36, 108, 33) + bubble(114, 16, 100, 128, says)


# What the card of a chapter shows, and says under it.
PICTURES: dict[str, tuple[Callable[[], str], str]] = {
    "01_seq2seq_limits": (bottleneck, "A sentence of any length has to pass through one vector."),
    "02_dot_product_attention": (lookup, "One query, a few keys: scores become shares."),
    "03_bahdanau_attention": (additive, "Query and key are added, bent by tanh, and summed to a score."),
    "04_scaled_dot_product_attention": (scaled, "Divided by √d, the scores let more than one key be heard."),
    "05_multi_head_attention": (heads, "Several heads look at the same words, each in its own way."),
    "06_masks": (masks, "What must not be seen is covered: padding, and the future."),
    "07_transformer": (transformer, "Encoder, decoder, and the bridge between them."),
    "08_training_a_chatbot": (chatbot, "A sentence goes in, and a reply comes out word by word."),
    "09_decoder_only": (next_word, "Every word looks back, and the model names the next one."),
    "10_what_attention_costs": (cost, "Twice as many words need four times as many weights."),
    "11_looking_inside": (inside, "After an A it looks up what followed the last A, and says it again."),
    "12_your_transformer_speaks": (speaks, "Your functions run a trained model, and it translates."),
}


def picture(page: str) -> tuple[str, str] | None:
    """Return a chapter's picture as SVG, and its sentence; None for a chapter that has none."""
    if page not in PICTURES:
        return None
    draw, sentence = PICTURES[page]
    opening = f'<svg class="card-picture" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">'
    return f"{opening}{draw()}</svg>", sentence
