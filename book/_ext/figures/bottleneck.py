"""The bottleneck (chapter 1): longer strings through a vector that does not grow; the shares were measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from figures.drawing import picture, shape
from figures.markup import Figure, checkbox, number, slider, slot, table

FILE = Path(__file__).parents[2] / "_data" / "01_seq2seq_limits.json"  # `python -m experiments.seq2seq_limits`
MODELS = ("without", "with")
WIDE, TILE, BOX = 300, 22, 84  # the picture, a letter at most, the vector
TITLE = "Try it: one vector for a longer and longer string"
SENTENCES = {
    "says": "{n} letters through {units} numbers: {each} numbers for each. Without attention {without} of the letters "
    "come out right, with it {with}.{beyond}",
    "looking": "{n} letters, {n} states of {units} numbers: the decoder can look at each of them. Without attention "
    "{without} of the letters come out right, with it {with}.{beyond}",
    "beyond": " No string in the training was longer than {longest}.",
    "one": "1 letter has all {units} numbers to itself. Without attention {without} of the letters come out right, "
    "with it {with}.",
}


def measured() -> tuple[dict[str, np.ndarray], dict]:
    """Return the share of letters right, (seeds, lengths), of both models; and the settings of the experiment."""
    record = json.loads(FILE.read_text(encoding="utf-8"))
    shares = {name: np.array([run["letters"] for run in record["runs"] if run["model"] == name]) for name in MODELS}
    return shares, record["settings"]


def percent(share: float) -> str:
    """Return a share as the page writes it."""
    return f"{100 * share:.0f}%"


def figure(n: int = 10) -> Figure:
    """Return the figure for strings of `n` letters, without attention."""
    shares, settings = measured()
    means = {name: share.mean(axis=0).round(4) for name, share in shares.items()}
    now = {name: float(mean[n - 1]) for name, mean in means.items()}
    lengths = len(means["with"])
    return Figure(
        title=TITLE,
        script="bottleneck",
        data={
            "means": {name: mean.tolist() for name, mean in means.items()},
            "units": settings["units"],
            "longest": settings["max_length"],
            "wide": WIDE,
            "tile": TILE,
            "box": BOX,
        },
        controls=slider("length", "letters", 1, lengths, n, str(n))
        + checkbox("attention", "let the decoder look at every state", checked=False),
        view=f'<div class="seeing-pair">{hourglass(n, now["without"], settings["units"])}{shares_table(now)}</div>',
        says=SENTENCES["says"].format(
            n=n,
            units=settings["units"],
            each=number(settings["units"] / n, 1),
            beyond="",
            **{name: percent(share) for name, share in now.items()},
        ),
        facts=all_lengths(shares),
        about="All lengths as a table",
        sentences=SENTENCES,
    )


def edges(n: int) -> tuple[float, float]:
    """Return where a row of `n` letters begins, and how wide a letter is."""
    tile = min(TILE, (WIDE - 8) / n)
    return (WIDE - n * tile) / 2, tile


def row_of_letters(n: int, top: float) -> str:
    """Return the path of `n` boxes side by side."""
    left, tile = edges(n)
    return "".join(f"M{left + i * tile + 1:.1f} {top}h{tile - 2:.1f}v{TILE - 2}h{2 - tile:.1f}z" for i in range(n))


def hourglass(n: int, share: float, units: int) -> str:
    """Return the string that is read, the vector, and the string that is written, filled as far as it is right."""
    left, tile = edges(n)
    right, middle, filled = WIDE - left, WIDE / 2, share * (n * tile - 2)
    inward, outward = (
        f"M{left:.1f} {top}L{middle - BOX / 2} {near}H{middle + BOX / 2}L{right:.1f} {top}z"
        for top, near in ((44, 86), (174, 132))
    )
    across = "".join(f"M{left + (i + 0.5) * tile:.1f} 44V174" for i in range(n))
    return picture(
        f"0 0 {WIDE} 218",
        "seeing-bottleneck",
        shape("text", "read", x=middle, y=13),
        shape("path", class_="letters", slot="read", d=row_of_letters(n, 21)),
        shape("path", class_="funnel", slot="inward", d=inward),
        shape("path", class_="funnel", slot="outward", d=outward),
        shape("path", class_="across", slot="across", d=across, visibility="hidden"),
        shape("rect", class_="vector", x=middle - BOX / 2, y=86, width=BOX, height=46, rx=4),
        slot("size", str(units), "text", x=f"{middle:g}", y="106"),
        shape("text", "numbers", x=middle, y=123),
        shape("rect", class_="right", slot="right", x=right - 1 - filled, y=177, width=filled, height=TILE - 2),
        shape("path", class_="letters", slot="written", d=row_of_letters(n, 177)),
        shape("text", "written, from right to left", x=middle, y=214),
    )


def shares_table(now: dict[str, float]) -> str:
    """Return the measured shares of both models as bars."""
    rows = [
        [f"{name} attention", slot(f"share-{name}", percent(share), "td", share=share, class_="bar")]
        for name, share in now.items()
    ]
    return table("Letters right, measured", ["network", "mean of three trainings"], rows, "drawn")


def span(shares: np.ndarray) -> str:
    """Return the mean of some trainings, and the worst and the best of them."""
    return f"{percent(shares.mean())} ({percent(shares.min())} to {percent(shares.max())})"


def all_lengths(shares: dict[str, np.ndarray]) -> str:
    """Return mean, worst and best of the trainings for some lengths."""
    rows = [
        [str(n), *(span(share[:, n - 1]) for share in shares.values())]
        for n in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 20, 21, 22, 25, 30)
    ]
    return table(
        "Letters right: mean (worst to best of three trainings)", ["letters", "without", "with attention"], rows
    )
