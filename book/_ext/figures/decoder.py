"""The decoder step by step (chapter 8): in training, with the answer shifted by one; and writing, on its own words.

Both are a row of steps, prepared here; the script only leafs through them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from figures.markup import Figure, button, number, slot, table

ANSWER = ["<start>", "i", "am", "fine", "<end>", "<pad>"]
# The logits of the table in "Write: one token at a time", a row for each beginning.
WORDS = ["yes", "you", "can", "!", "<end>"]
LOGITS = [[2.0, 1.5, -1.0, -2.0, 0.5], [-3.0, 0.4, -0.5, 1.1, 0.2], [-1.0, -0.2, -2.0, -4.0, -0.1]]
AHEAD = "–"  # not there yet


def training() -> Figure:
    """Return the steps of teacher forcing: every position sees the right tokens up to its own."""
    given, wanted = ANSWER[:-1], ANSWER[1:]
    steps = []
    for t in range(len(given)):
        counted = "It counts in the loss." if wanted[t] != "<pad>" else "This is padding: the loss leaves it out."
        says = f"Position {t} of {len(given) - 1}. It sees {', '.join(given[: t + 1])} and is asked for {wanted[t]}."
        asked = [*wanted[: t + 1], *["?"] * (len(given) - t - 1)]
        steps.append(step(t, given, asked, f"{says} {counted}"))
    return stepper("training", "Try it: the shift, position by position", "wanted", steps)


def writing() -> Figure:
    """Return the steps of greedy decoding: each position sees what was written, and nothing else exists."""
    written, steps, T = ["<start>"], [], len(LOGITS)
    for t, row in enumerate(LOGITS):
        best = WORDS[row.index(max(row))]
        then = (
            "So the reply is done: yes !" if best == "<end>" else "It is put behind the ids, and the model asked again."
        )
        says = f"Call {t + 1} of {T}. Given: {' '.join(written)}. "
        says += f"The largest logit, {number(max(row), 1)}, is that of {best}. {then}"
        steps.append(step(t, filled(written, T), filled([*written[1:], best], T), says, row))
        written.append(best)
    return stepper("writing", "Try it: one call after the other", "says", steps)


def filled(tokens: Sequence[str], length: int) -> list[str]:
    """Return tokens followed by what is not there yet."""
    return [*tokens, *[AHEAD] * (length - len(tokens))]


def step(t: int, given: Sequence[str], answers: Sequence[str], says: str, logits: Sequence[float] = ()) -> dict:
    """Return one step as the script reads it: what stands in each place, which positions are seen, the words."""
    return {
        "now": t,
        "given": list(given),
        "sees": ["seen" if n <= t else "hidden" if given[n] != AHEAD else "not yet" for n in range(len(given))],
        "answers": list(answers),
        "logits": [number(value, 1) for value in logits],
        "best": max(range(len(logits)), key=logits.__getitem__) if logits else -1,
        "says": says,
    }


def stepper(name: str, title: str, answer: str, steps: Sequence[Mapping]) -> Figure:
    """Return a figure that steps through `steps`, at the first of them."""
    facts = [[str(n), " ".join(seen_tokens(now)), now["answers"][now["now"]]] for n, now in enumerate(steps)]
    return Figure(
        title=title,
        script="decoder",
        data={"steps": list(steps)},
        controls=button("back", "Back") + button("next", "Next"),
        view=view(steps[0], answer),
        says=steps[0]["says"],
        facts=table("All steps", ["step", "sees", answer], [[escaped(cell) for cell in row] for row in facts]),
        about="All steps as a table",
    )


def seen_tokens(now: Mapping) -> list[str]:
    """Return the tokens that a step sees."""
    return [token for token, state in zip(now["given"], now["sees"], strict=True) if state == "seen"]


def escaped(text: str) -> str:
    """Return text for HTML."""
    return text.replace("<", "&lt;").replace(">", "&gt;")


def view(now: Mapping, answer: str) -> str:
    """Return the table of positions, and that of the logits where there are any."""
    rows = []
    for label, kind, name in (("given", "given", "given"), ("visible", "", "sees"), (answer, "asked", "answers")):
        cells = [
            slot(f"{name}{n}", text, "td", class_=f"{kind} {look(now, n)}".strip()) for n, text in enumerate(now[name])
        ]
        rows.append([label, *cells])
    positions = table("Positions of the decoder", ["position", *map(str, range(len(now["given"])))], rows, "steps")
    if not now["logits"]:
        return positions
    cells = [
        slot(f"logit{n}", text, "td", class_="best" if n == now["best"] else "") for n, text in enumerate(now["logits"])
    ]
    return positions + table("What the model returns", ["token", *map(escaped, WORDS)], [["logit", *cells]], "steps")


def look(now: Mapping, n: int) -> str:
    """Return how position n looks in a step: the one at work, one that it sees, or one hidden from it."""
    return "now" if n == now["now"] else "seen" if now["sees"][n] == "seen" else "hide"
