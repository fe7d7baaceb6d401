"""What stands in the figures of the trained translator: the words read and written, a map, and the words to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from figures.markup import button, number, radios, slider, slot, table, text_field

KINDS = {"encoder": "Encoder self-attention", "decoder": "Masked self-attention", "cross": "Cross-attention"}
LONGEST = 120  # letters of a sentence
DRAWS, HOTTEST = 20, 3
BLANK = 0.005  # a weight below it stands as an empty cell
MANY = 10  # columns with numbers in them that a phone has room for


def controls(sentence: str, examples: Sequence[str], size: str, zero: str) -> str:
    """Return the button that loads the model, and what is there when it is loaded."""
    ready = "".join(button("example", escape(text)) for text in examples)
    playing = (
        text_field("sentence", "Your sentence", sentence, LONGEST)
        + button("translate", "Translate")
        + slot("wrong", "", "p", class_="seeing-wrong", role="alert")
        + f'<div class="seeing-examples" role="group" aria-label="Examples">{ready}</div>'
        + slider("temperature", "temperature τ", 0, HOTTEST, 0, zero, step=0.25)
        + f'<div data-slot="drawing" hidden>{slider("draw", "draw", 1, DRAWS, 1, "1")}</div>'
    )
    asking = button("load", f"Load the model ({size}) to write a sentence of your own")
    return (
        f'<div data-slot="asking">{asking} {slot("loading", "", role="alert")}</div>'
        f'<div data-slot="playing" class="seeing-playing" hidden>{playing}</div>'
    )


def reads(told: Mapping[str, Any]) -> str:
    """Return the tokens that the encoder reads, with their ids."""
    items = "".join(
        f"<li><span>{escape(word)}</span><small>{number}</small></li>"
        for word, number in zip(told["question"], told["ids"], strict=True)
    )
    return f'<div class="seeing-tokens"><b class="key">reads</b><ol class="seeing-reads">{items}</ol></div>'


def writes(told: Mapping[str, Any], step: int) -> str:
    """Return the reply, and the words that were written as radio buttons, one for each step."""
    buttons = "".join(
        f'<label><input type="radio" name="step" value="{n}" autocomplete="off"{" checked" if n == step else ""}> '
        f'<span lang="fr">{escape(word)}</span></label>'
        for n, word in enumerate(told["words"])
    )
    return (
        '<div class="seeing-tokens"><b class="query">writes</b>'
        f'<div class="seeing-steps" role="radiogroup" aria-label="Step">{buttons}</div></div>'
        f'<p class="seeing-reply">{slot("reply", told["text"], lang="fr")}</p>'
    )


def map_controls(kind: str, layer: int, head: int, layers: int = 2, heads: int = 4) -> str:
    """Return the choice of a map."""
    short = {"encoder": "encoder", "decoder": "masked", "cross": "cross"}
    counted = (("layer", layers, layer), ("head", heads, head))
    numbered = [radios(name, name, {str(n): str(n) for n in range(count)}, str(now)) for name, count, now in counted]
    return f'<div class="seeing-controls">{radios("kind", "attention", short, kind)}{"".join(numbered)}</div>'


def heat_map(
    weights: Sequence[Sequence[float]], asking: Sequence[str], asked: Sequence[str], now: int, caption: str
) -> str:
    """Return weights (T_q, T_k) as a table with a row for each word that asks; row `now` is framed."""
    tops = "".join(f'<th scope="col"><span>{escape(word)}</span></th>' for word in asked)
    rows = ""
    for n, (word, row) in enumerate(zip(asking, weights, strict=True)):
        cells = "".join(f'<td style="--share: {weight:.4f}"><span>{per_cent(weight)}</span></td>' for weight in row)
        look = ' class="now"' if n == now else ""
        rows += f'<tr{look}><th scope="row">{escape(word)}</th>{cells}</tr>'
    many = " many" if len(asked) > MANY else ""
    return (
        f'<table class="seeing-table seeing-heat{many}" style="--columns: {len(asked)}">'
        f"<caption>{slot('map', caption)}</caption>"
        f"<thead><tr><td></td>{tops}</tr></thead><tbody>{rows}</tbody></table>"
    )


def per_cent(weight: float) -> str:
    """Return a weight in per cent; a very small one is left out."""
    return f"{100 * weight:.0f}" if weight >= BLANK else ""


def next_words(step: Mapping[str, Any], caption: str, others: str, temperature: str) -> str:
    """Return the likeliest words of a step, each with its logit and two probabilities, and all others in one row."""
    rows = []
    for n, (word, logit, *shares) in enumerate(step["rows"]):
        name = slot(f"word{n}", word, "th", scope="row", class_="now" if n == step["chosen"] else "")
        rows.append([name, slot(f"logit{n}", number(logit, 2)), *bars(f"{{}}{n}", shares)])
    rows.append([slot("others", others), "", *bars("rest-{}", step["rest"])])
    head = ["word", "logit", "τ = 1", slot("tau", temperature)]
    return table(slot("next", caption), head, rows, "drawn seeing-next")


def bars(name: str, shares: Sequence[float]) -> list[str]:
    """Return two cells with a probability each, in words and as a bar."""
    columns = zip(("share", "drawn"), shares, strict=True)
    return [slot(name.format(of), number(share), "td", share=share, class_="bar") for of, share in columns]


def where_heads_look(told: Mapping[str, Any]) -> str:
    """Return for each layer the word that each head looks at most, in cross-attention."""
    tables = []
    for layer, heads in enumerate(told["maps"]["cross"]):
        rows = [
            [escape(word), *(most(head[n], told["question"]) for head in heads)] for n, word in enumerate(told["words"])
        ]
        caption = f"Cross-attention, layer {layer}: the word with the largest weight"
        tables.append(table(caption, ["writes", *(f"head {n}" for n in range(len(heads)))], rows))
    return "".join(tables)


def most(weights: Sequence[float], words: Sequence[str]) -> str:
    """Return the word with the largest weight, and the weight."""
    best = max(range(len(weights)), key=weights.__getitem__)
    return f"{escape(words[best])} {number(weights[best], 2)}"


def likeliest(told: Mapping[str, Any]) -> str:
    """Return the three likeliest words of each step."""
    rows = [
        [str(n), *(f"{escape(word)} {number(share)}" for word, _, share, _ in step["rows"][:3])]
        for n, step in enumerate(told["steps"], 1)
    ]
    return table("The likeliest words of each step, temperature 1", ["step", "first", "second", "third"], rows)
