"""What a cell prints: its lines are whole, however many messages they came in."""

from __future__ import annotations

from myst_nb.core import render
from nbformat.v4 import new_output

from tests.built_book import ROOT
from tests.extensions import extension

streams = extension("streams")


def printed(*texts: str) -> list:
    """Return what a kernel sends for texts on standard output, one message each."""
    return [new_output("stream", name="stdout", text=text) for text in texts]


def test_a_line_that_came_in_two_messages_is_one_line():
    (output,) = streams.in_whole_lines(printed("wanted:", " (2, 6, 5)", "\nfound: (2,", " 6)\n"))
    assert output["text"] == "wanted: (2, 6, 5)\nfound: (2, 6)\n"


def test_what_stands_between_texts_and_other_streams_stays_apart():
    figure, warned = (
        new_output("display_data", {"text/plain": "a figure"}),
        new_output("stream", name="stderr", text="w"),
    )
    found = streams.in_whole_lines([*printed("a", "b\n"), figure, *printed("c\n"), warned])
    assert [one.get("text") for one in found] == ["ab\nc\n", None, "w\n"]


def test_the_book_is_built_with_it(monkeypatch):
    monkeypatch.setattr(render, "coalesce_streams", None)
    streams.setup(None)
    assert render.coalesce_streams is streams.in_whole_lines
    assert "pages.streams:" in (ROOT / "_config.yml").read_text(encoding="utf-8")
