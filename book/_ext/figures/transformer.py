"""The Transformer as a drawing (chapter 7): each box says what is in it, and leads to the section that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from figures.drawing import shape
from figures.markup import Figure, legible, slot, table

LEFT, RIGHT, HALF, LOWER = 72, 218, 57, 87  # the two towers, half a box, from one sublayer to the next
TITLE = "Try it: open a box"
SAYS = "{name}: {what} Section: {section}."


@dataclass(frozen=True)
class Part:
    """A box: its name, what it is for, the steps inside, and the section about it."""

    name: str
    what: str
    inside: tuple[str, ...]
    section: str

    @property
    def address(self) -> str:
        """Return the address of the section on the page."""
        return "#" + self.section.lower().replace(",", "").replace(" ", "-")


ATTEND, JOIN = "H heads: softmax(QKᵀ / √dₖ) V", "the heads side by side, times Wₒ"
PARTS = {
    "vectors": Part("Word vectors and positions", "an id becomes d numbers that also say where it stands.",
                    ("look up the vector of each id", "times √d", "plus sines and cosines of its position", "dropout"),
                    "Where the positions go"),
    "self": Part("Self-attention of the encoder", "every source word looks at all source words.",
                 ("queries, keys and values: from the source", "mask: hides the padding of the source", ATTEND, JOIN),
                 "The encoder layer"),
    "masked": Part("Masked self-attention", "every target word looks at itself and at those before it.",
                   ("queries, keys and values: from the target", "mask: hides the future and padding", ATTEND, JOIN),
                   "The decoder layer"),
    "cross": Part("Cross-attention", "every target word looks at all source words.",
                  ("queries: from the target", "keys and values: from the encoder; mask: its padding", ATTEND, JOIN),
                  "The decoder layer"),
    "feed": Part("Feed-forward network", "every position is worked on by itself.",
                 ("times W₁, plus b₁: more numbers", "ReLU: negative numbers become 0", "times W₂, plus b₂: d numbers"),
                 "Think at every position"),
    "norm": Part("Add & norm", "nothing is lost, and numbers stay in range.",
                 ("what went in, plus what came out", "each position: mean 0, variance 1", "times γ, plus β"),
                 "Add, then norm"),
    "dense": Part("Dense to V words", "each position scores every word that might come next.",
                  ("times a matrix (d, V)", "plus V biases", "no softmax: the loss computes it"),
                  "The whole model"),
}  # fmt: skip
STEPS = max(len(part.inside) for part in PARTS.values())


def figure(opened: str = "cross") -> Figure:
    """Return the figure with one box open."""
    part = PARTS[opened]
    return Figure(
        title=TITLE,
        script="transformer",
        data={
            "opened": opened,
            "parts": {key: {**vars(part), "address": part.address} for key, part in PARTS.items()},
        },
        controls="",
        view=f'<div class="seeing-pair">{towers(opened)}{inside(part)}</div>',
        says=SAYS.format(name=part.name, what=part.what, section=part.section),
        facts=table(
            "The parts", ["part", "what is in it"], [[p.name, legible("; ".join(p.inside))] for p in PARTS.values()]
        ),
        about="All parts as a table",
        sentences={"says": SAYS},
    )


def inside(part: Part) -> str:
    """Return the steps inside a box, in the order in which they are taken, and the way to its section."""
    steps = [*part.inside, *[""] * (STEPS - len(part.inside))]
    listed = "".join(slot(f"step{n}", step, "li") for n, step in enumerate(steps))
    link = f'<a data-slot="link" href="{part.address}">{escape(part.section)}</a>'
    return f'<div class="seeing-inside">{slot("part", part.name, "b")}<ol>{listed}</ol><p>Section: {link}</p></div>'


def towers(opened: str) -> str:
    """Return the drawing, to be read from below: left the encoder, right the decoder."""
    boxes = [box(x, 412, "vectors", ("word vectors", "+ positions")) for x in (LEFT, RIGHT)]
    boxes += sublayer(LEFT, 0, "self", ("self-attention",)) + sublayer(LEFT, 1, "feed", ("feed-forward",))
    boxes += sublayer(RIGHT, 0, "masked", ("masked", "self-attention")) + sublayer(
        RIGHT, 1, "cross", ("cross-attention",)
    )
    boxes += [*sublayer(RIGHT, 2, "feed", ("feed-forward",)), box(RIGHT, 84, "dense", ("Dense layer", "to V words"))]
    svg = "".join(boxes).replace(f'data-part="{opened}"', f'data-part="{opened}" class="open"')
    return (
        '<svg class="seeing-towers" viewBox="0 16 290 450" role="group" aria-label="The Transformer, read from below">'
        f"{lines()}{svg}"
        '<text x="72" y="460" class="key">source ids</text>'
        '<text x="218" y="460" class="query">target ids, so far</text>'
        '<text x="218" y="34">logits: a score for</text><text x="218" y="50">each next word</text>'
        '<text x="68" y="190" class="key">keys, values</text><text x="10" y="206" class="small">N ×</text>'
        '<text x="280" y="116" class="small">N ×</text></svg>'
    )


def lines() -> str:
    """Return the arrows upwards, the residuals, the bridge, and the frames of what is repeated."""
    up = "M72 444V432M218 444V432M72 393V365M218 393V365M218 124V104M218 66V56"
    up += "".join(f"M{x} {302 - LOWER * n}V{278 - LOWER * n}" for x, n in ((LEFT, 0), (RIGHT, 0), (RIGHT, 1)))
    sublayers = (LEFT, -1, 0), (LEFT, -1, 1), (RIGHT, 1, 0), (RIGHT, 1, 1), (RIGHT, 1, 2)
    up += "".join(f"M{x} {327 - LOWER * n}V{322 - LOWER * n}" for x, _, n in sublayers)
    around = "".join(
        f"M{x} {372 - LOWER * n}H{x + side * 65}V{312 - LOWER * n}H{x + side * HALF}" for x, side, n in sublayers
    )
    frames = "".join(
        shape("rect", class_="frame", x=x - 69, y=top, width=138, height=380 - top, rx=5)
        for x, top in ((LEFT, 210), (RIGHT, 121))
    )
    return (
        frames
        + shape("path", class_="flow", d=up)
        + shape("path", class_="around", d=around)
        + shape("path", class_="bridge", d=f"M72 215V197H145V258H{RIGHT - HALF - 5}l-5 -4m5 4l-5 4")
    )


def sublayer(x: float, n: int, part: str, words: tuple[str, ...]) -> list[str]:
    """Return sublayer n of a tower, and add & norm above it."""
    return [box(x, 345 - LOWER * n, part, words), box(x, 312 - LOWER * n, "norm", ("add & norm",), 20)]


def box(x: float, y: float, part: str, words: tuple[str, ...], height: float = 36) -> str:
    """Return a box around (x, y) that leads to the section about it."""
    first = y + 4.5 - 8 * (len(words) - 1)
    text = "".join(f'<text x="{x}" y="{first + 16 * n:g}">{escape(word)}</text>' for n, word in enumerate(words))
    frame = shape("rect", x=x - HALF, y=y - height / 2, width=2 * HALF, height=height, rx=5)
    return f'<a href="{PARTS[part].address}" data-part="{part}">{frame}{text}</a>'
