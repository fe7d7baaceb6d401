"""Makes what a learner's process showed into outputs that are safe to store in a notebook."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, from_dict

from autograder.storage.safe_text import HIDDEN

TEXT_LIMIT = 200_000
HTML_LIMIT = 500_000
PICTURE_LIMIT = 3_000_000
OUTPUT_LIMIT = 200
MOST_FACTS = 20  # about an exception
CELL_LIMIT = 5_000_000  # characters of all outputs of one cell
NOTEBOOK_LIMIT = 20_000_000  # characters of all outputs of one notebook
NOTEBOOK_HTML_LIMIT = 1_000_000  # of these, HTML and Markdown, which take long to make safe
SLOW = ("text/html", "text/markdown", "text/latex")
CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\ud800-\udfff]"
)  # all but tab, newline, CR and ESC
NOT_IN_A_LINE = re.compile(rf"\x1b(?:\[[0-?]*[ -/]*[@-~])?|\s+|{HIDDEN.pattern}")
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Budget:
    """What may still be kept of a notebook's outputs, in characters."""

    text: int = NOTEBOOK_LIMIT
    html: int = NOTEBOOK_HTML_LIMIT

    def take(self, outputs: list[NotebookNode]) -> None:
        """Count outputs that are kept."""
        self.text -= sum(len(str(output)) for output in outputs)
        self.html -= sum(len(output.get("data", {}).get(mime, "")) for output in outputs for mime in SLOW)


def clean_text(text: Any, limit: int = TEXT_LIMIT) -> str:
    """Return text without control characters and lone surrogates, cut at the limit; nothing for what is no text."""
    return CONTROL.sub("", text[:limit]) if isinstance(text, str) else ""


def clean_line(text: Any, limit: int) -> str:
    """Return text for a sentence, a table or a terminal: one line, without escapes and what hides."""
    return NOT_IN_A_LINE.sub(lambda found: " " if found[0].isspace() else "", clean_text(text, limit)).strip()


def clean_outputs(outputs: Any, left: Budget | None = None) -> list[NotebookNode]:
    """Return the outputs that have a known form, in nbformat's; anything else, or beyond what is left, is not kept."""
    left = left or Budget()
    kept, size, html = [], 0, 0
    for output in outputs[:OUTPUT_LIMIT] if isinstance(outputs, list) else []:
        kind = output.get("output_type") if isinstance(output, dict) else None
        made = MAKERS[kind](output) if isinstance(kind, str) and kind in MAKERS else None
        data = made.get("data", {}) if made is not None else {}
        html += sum(len(data.get(mime, "")) for mime in SLOW)
        if html > left.html:
            for mime in SLOW:
                data.pop(mime, None)
        size += len(str(made))
        if made is not None and size <= min(CELL_LIMIT, left.text):
            kept.append(made)
    return kept


def clean_error(error: Any) -> dict[str, Any] | None:
    """Return an exception's description with nothing in it but short text."""
    if not isinstance(error, dict) or not isinstance(error.get("raises"), list):
        return None
    names = [clean_line(name, 100) for name in error["raises"][:20]] or ["Exception"]
    where = {"where": clean_line(error["where"], 100)} if isinstance(error.get("where"), str) else {}
    facts = error["facts"].items() if isinstance(error.get("facts"), dict) else ()
    kept = {name: clean_line(text, 200) for name, text in list(facts)[:MOST_FACTS] if isinstance(name, str) and text}
    told = {"facts": {clean_line(name, 30): text for name, text in kept.items()}} if kept else {}
    return {"raises": names, "text": clean_line(error.get("text"), 1000), **where, **told}


def output_node(kind: str, **fields: Any) -> NotebookNode:
    """Return an output. nbformat's own way compares each with the schema; the notebook is, when it is written."""
    return from_dict({"output_type": kind, **fields})


def stream(output: dict) -> NotebookNode | None:
    """Return printed text."""
    name, text = output.get("name"), output.get("text")
    if name not in ("stdout", "stderr") or not isinstance(text, str):
        return None
    return output_node("stream", name=name, text=clean_text(text))


def display_data(output: dict) -> NotebookNode | None:
    """Return a displayed object: text, HTML (made safe when the page is made) and PNG pictures."""
    data = output.get("data")
    if not isinstance(data, dict):
        return None
    kept = {mime: KINDS[mime](value) for mime, value in data.items() if mime in KINDS and isinstance(value, str)}
    kept = {mime: value for mime, value in kept.items() if value}
    about = {"image/png": {"alt": "a figure drawn by this cell"}} if "image/png" in kept else {}
    return output_node("display_data", data=kept, metadata=about) if kept else None


def error(output: dict) -> NotebookNode | None:
    """Return an exception."""
    lines = output.get("traceback")
    traceback = (
        [clean_text(line, 5000) for line in lines[:300] if isinstance(line, str)] if isinstance(lines, list) else []
    )
    name, value = (clean_line(output.get(field), 1000) for field in ("ename", "evalue"))
    return output_node("error", ename=name, evalue=value, traceback=traceback)


def checked_png(value: str) -> str:
    """Return a PNG in base64, or nothing where it is none."""
    try:
        good = len(value) <= PICTURE_LIMIT and base64.b64decode(value, validate=False).startswith(PNG)
    except (binascii.Error, ValueError):
        return ""
    return re.sub(r"[^A-Za-z0-9+/=]", "", value) if good else ""


KINDS: dict[str, Callable[[str], str]] = {
    "text/plain": clean_text,
    "text/html": lambda value: clean_text(value, HTML_LIMIT),
    "text/markdown": clean_text,
    "text/latex": clean_text,
    "image/png": checked_png,
}
# a learner's last value becomes display_data: only the judge writes an execute_result, which nbgrader reads as a score
MAKERS = {"stream": stream, "display_data": display_data, "execute_result": display_data, "error": error}
