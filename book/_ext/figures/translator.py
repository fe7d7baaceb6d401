"""The trained translator of chapter 12, live, in chapters 7 and 8: a page loads it when it is asked to.

In its first state a figure shows one sentence, computed when the book is built; heads, layers and steps of it can be
chosen without the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from figures import trained_model
from figures import translator_view as parts
from figures.markup import Figure, percent

OFF = "Scripts are off, so the figure stands still, at one sentence. What is not seen of it is in the tables below it."
EXAMPLES = (
    "I do not see the red car.",
    "Tom loves Mary.",
    "Do you like coffee?",
    "My sister wants to buy a new house.",
)
UNSURE = (
    "I can't eat bread in the garden in the evening.",
    "She is tired and hungry.",
    "Where is your young bird?",
    "Tom loves Mary.",
)
SENTENCES = {
    "reply": "“{sentence}” becomes “{reply}” in {steps} steps. Step {step}: “{word}” {how}.",
    "greedy": "is the likeliest, with {share}",
    "drawn": "was drawn, with {share} at this temperature",
    "step": "For it, head {head} of layer {layer} looks most at “{best}” ({share}), then at “{second}” "
    "({second_share}).",
    "alone": "For it, head {head} of layer {layer} can look at “{best}” only.",
    "encoder": "In the encoder, head {head} of layer {layer} has its largest weight where “{row}” looks at “{best}” "
    "({share}).",
    "map": "{kind}, layer {layer}, head {head}: weights in per cent",
    "next": "Step {step}: which word comes next?",
    "others": "{count} others",
    "temperature": "τ = {value}",
    "zero": "0: greedy",
    "empty": "Write a sentence in English.",
    "unknown": "Write a sentence without {words}, which the model has never read.",
    "long": "Write a shorter sentence: of its {count} words and marks the model reads {longest}.",
    "loading": "The model is being loaded …",
    "failed": "The model could not be loaded. Press the button again.",
}


def figure() -> Figure:
    """Return the figure of chapter 7: where every head looks, and which word may come next."""
    told, (kind, layer, head) = trained_model.example(EXAMPLES[0]), ("cross", 1, 3)
    step = told["words"].index("rouge")
    caption = SENTENCES["map"].format(kind=parts.KINDS[kind], layer=layer, head=head)
    weights = told["maps"][kind][layer][head]
    maps = parts.heat_map(weights, told["words"], told["question"], step, caption)
    return made(
        "Try it: the trained model, live",
        told,
        step,
        examples=EXAMPLES,
        view=f'{parts.map_controls(kind, layer, head)}<div class="seeing-pair">{maps}{next_words(told, step)}</div>',
        says=f"{reply_says(told, step)} {map_says(weights[step], told['question'], layer, head)}",
        facts=parts.where_heads_look(told) + parts.likeliest(told),
        maps=told["maps"],
    )


def sampling() -> Figure:
    """Return the figure of chapter 8: the next word, chosen or drawn."""
    told = trained_model.example(UNSURE[0])
    step = least_sure(told)
    return made(
        "Try it: a trained model, more or less daring",
        told,
        step,
        examples=UNSURE,
        view=next_words(told, step),
        says=reply_says(told, step),
        facts=parts.likeliest(told),
        maps={},
    )


def made(
    title: str, told: Mapping[str, Any], step: int, *, examples: Sequence[str], view: str, says: str, facts: str,
    maps: Mapping[str, Any],
) -> Figure:  # fmt: skip
    """Return a figure: what is read, what is written, and a view of its own."""
    return Figure(
        title=title,
        script="translator",
        needs=("fit", "heatmap", "layers", "speaks"),
        fetched=(trained_model.SCRIPT,),
        data={
            "example": {**told, "maps": maps},
            "model": trained_model.address(),
            "kinds": parts.KINDS,
            "many": parts.MANY,
        },
        controls=parts.controls(told["sentence"], examples, trained_model.size(), SENTENCES["zero"]),
        view=parts.reads(told) + parts.writes(told, step) + view,
        handled=True,
        says=says,
        facts=facts,
        about="What else there is to see of this sentence, as tables",
        sentences=SENTENCES,
        off=OFF,
    )


def next_words(told: Mapping[str, Any], step: int) -> str:
    """Return the words that may come next at a step, chosen greedily; what is said counts steps from 1."""
    caption, temperature = SENTENCES["next"].format(step=step + 1), SENTENCES["temperature"].format(value=0)
    others = SENTENCES["others"].format(count=f"{told['others']:,}")
    return parts.next_words(told["steps"][step], caption, others, temperature)


def least_sure(told: Mapping[str, Any]) -> int:
    """Return the step whose likeliest word has the smallest probability."""
    shares = [step["rows"][0][2] for step in told["steps"]]
    return shares.index(min(shares))


def reply_says(told: Mapping[str, Any], step: int) -> str:
    """Return the reply and one of its steps in words."""
    word, _, share, _ = told["steps"][step]["rows"][told["steps"][step]["chosen"]]
    how = SENTENCES["greedy"].format(share=percent(share))
    values = {"sentence": told["sentence"], "reply": told["text"], "steps": len(told["steps"]), "step": step + 1}
    return SENTENCES["reply"].format(**values, word=word, how=how)


def map_says(weights: Sequence[float], names: Sequence[str], layer: int, head: int) -> str:
    """Return in words where a head of the decoder looks when a word is chosen, given as that row of its map."""
    best, second = sorted(range(len(weights)), key=lambda n: -weights[n])[:2]
    shares = {"share": percent(weights[best]), "second_share": percent(weights[second])}
    return SENTENCES["step"].format(head=head, layer=layer, best=names[best], second=names[second], **shares)
