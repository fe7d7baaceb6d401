"""Heads (chapter 5): the numbers of four positions move into heads and back, with and without the swap of axes."""

from __future__ import annotations

import numpy as np

from figures.drawing import shape
from figures.markup import Figure, checkbox, radios, table

T, D = 4, 6  # positions, numbers of each: as on the page, 203 is number 3 of position 2
WIDTH, HEIGHT, GAP, TOP = 42, 22, 12, 24  # of a number, between two blocks, above a block
ROOM, TALL = D * WIDTH + 2 * GAP + 4, 2 * (TOP + 3 * HEIGHT) + 2  # the picture
STAGES = {"whole": "together", "cut": "cut", "heads": "by head"}
TITLE = "Try it: split and merge"
SENTENCES = {
    "whole": "Shape (T, d) = (4, 6): each row is a position. Colour and frame show to which head a number will go.",
    "cut": "Shape (T, H, d_k) = (4, {H}, {d}): the same numbers in the same order; each position is cut into {H} "
    "pieces.",
    "heads": "Shape (H, T, d_k) = ({H}, 4, {d}). The axes H and T have changed places: head 0 has its {d} numbers of "
    "every position, {first}.",
    "dealt": "Shape ({H}, 4, {d}) again, but wrong: no axes were swapped, so the numbers are still in the old order. "
    "“Head 0” has {first}: all that position 0 had, and some of position 1.",
}


def numbers() -> np.ndarray:
    """Return the numbers of the page, (T, D)."""
    return np.array([[100 * t + j for j in range(D)] for t in range(T)])


def in_heads(x: np.ndarray, heads: int, swapped: bool) -> np.ndarray:
    """Return x (T, D) in heads, (H, T, d_k); not swapped, it is dealt out in the order in which it lies in memory."""
    cut = x.reshape(T, heads, D // heads)
    return cut.swapaxes(0, 1) if swapped else cut.reshape(heads, T, D // heads)


def places() -> np.ndarray:
    """Return where each number stands at first, (T * D, 2): to the right and down."""
    rows, columns = np.divmod(np.arange(T * D), D)
    top = (TALL - T * HEIGHT - TOP) / 2 + TOP
    return np.stack([(ROOM - D * WIDTH) / 2 + columns * WIDTH, top + rows * HEIGHT], axis=-1)


def figure(heads: int = 3) -> Figure:
    """Return the figure with the numbers still together, which will go to three heads."""
    return Figure(
        title=TITLE,
        script="heads",
        data={
            "T": T,
            "D": D,
            "wide": ROOM,
            "tall": TALL,
            "width": WIDTH,
            "height": HEIGHT,
            "gap": GAP,
            "top": TOP,
            "labels": labels(),
        },
        controls=radios("stage", "Numbers", STAGES, "whole")
        + radios("heads", "Heads", {"2": "2", "3": "3"}, str(heads))
        + checkbox("dealt", "leave out the swap of axes (wrong)", checked=False),
        view=picture_of(heads),
        says=SENTENCES["whole"],
        facts="".join(heads_table(h, swapped) for h in (2, 3) for swapped in (True, False)),
        about="Which numbers each head gets, as tables",
        sentences=SENTENCES,
    )


def owners(heads: int, swapped: bool = True) -> np.ndarray:
    """Return the head to which each number goes, (T, D)."""
    owner = np.empty(T * D, dtype=int)
    for head, its in enumerate(in_heads(np.arange(T * D).reshape(T, D), heads, swapped)):
        owner[its.ravel()] = head
    return owner.reshape(T, D)


def picture_of(heads: int) -> str:
    """Return all numbers, each in the colours of its head."""
    owner = owners(heads).ravel()
    boxes = "".join(
        f'<g data-slot="number{n}" class="head{owner[n]}" style="transform: translate({x:g}px, {y:g}px)">'
        f'<rect x="2" y="2" width="{WIDTH - 4}" height="{HEIGHT - 4}" rx="3"/>'
        f'<text x="{WIDTH / 2:g}" y="{HEIGHT / 2 + 4.5:g}">{label}</text></g>'
        for n, ((x, y), label) in enumerate(zip(places(), labels(), strict=True))
    )
    names = "".join(shape("text", "", slot=f"name{n}", x=0, y=0) for n in range(T))
    return f'<svg class="seeing-numbers" viewBox="0 0 {ROOM} {TALL}" aria-hidden="true">{boxes}{names}</svg>'


def labels() -> list[str]:
    """Return the numbers as text, in the order in which they lie in memory."""
    return [f"{n:03d}" for n in numbers().ravel()]


def heads_table(heads: int, swapped: bool) -> str:
    """Return what each head holds."""
    rows = [
        [str(h), *(" ".join(f"{n:03d}" for n in row) for row in its)]
        for h, its in enumerate(in_heads(numbers(), heads, swapped))
    ]
    how = "reshape, then swap of axes" if swapped else "reshape alone (wrong)"
    return table(f"{heads} heads, {how}", ["head", *(f"row {n}" for n in range(T))], rows)
