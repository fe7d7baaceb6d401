"""The front page: its two buttons, and the cards: what each chapter's own page says about it, in reading order."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from pages.exercise_zip import FOLDER
from pages.pictures import picture


@dataclass(frozen=True)
class Chapter:
    """One chapter: its page, title, abilities (Markdown), minutes to read and to work, and its level."""

    page: str
    title: str
    abilities: list[str]
    reading: int
    exercise: int
    level: str


def chapter_of(page: str, text: str) -> Chapter:
    """Return what the page of a chapter says about itself; raise ValueError where it says too little."""
    return Chapter(
        page,
        said(r"^# (?:Chapter \d+\. )?(.+)$", text, page, "title"),
        abilities_of(said(r"^:class: objectives note$([\s\S]+?)^:::$", text, page, "objectives")),
        int(said(r"Reading\s+takes\s+about\s+(\d+)\s+minutes", text, page, "time for reading")),
        int(said(r"^:minutes: (\d+)$", text, page, "time for the exercise")),
        said(r"^:difficulty: (\w+)$", text, page, "level"),
    )


def said(pattern: str, text: str, page: str, what: str) -> str:
    """Return the first group of a pattern that must be found."""
    match = re.search(pattern, text, re.MULTILINE)
    if not match:
        raise ValueError(f"{page} does not say its {what}")
    return match[1]


def abilities_of(box: str) -> list[str]:
    """Return the items of the list in the box "What you will be able to do", each on one line."""
    return [" ".join(item.split()) for item in re.findall(r"^- (.+(?:\n  .+)*)", box, re.MULTILINE)]


def chapters_in(source: Path) -> list[str]:
    """Return the pages of the contents that are chapters, in reading order: their names begin with two digits."""
    contents = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf-8"))
    entries = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    return [file for file in entries if re.match(r"\d\d_", file)]


def hours(minutes: int) -> str:
    """Return a long time in words, to the half hour."""
    halves = round(minutes / 30)
    return f"{halves // 2}{'½' * (halves % 2)} hours"


class ChapterCards(SphinxDirective):
    """`{chapter-cards}`: a list with one card for each chapter."""

    def run(self) -> list[nodes.Node]:
        """Return a line on the whole and the list; report an error when a page says too little about itself."""
        source = Path(self.env.srcdir)
        found = []
        for page in chapters_in(source):
            path = source / f"{page}.md"
            self.env.note_dependency(str(path))
            try:
                found.append(chapter_of(page, path.read_text(encoding="utf-8")))
            except ValueError as error:
                raise self.error(str(error)) from None
        reading, working = sum(chapter.reading for chapter in found), sum(chapter.exercise for chapter in found)
        whole = f"{len(found)} chapters, {hours(reading)} of reading and {hours(working)} of exercises, in this order:"
        cards = nodes.enumerated_list("", *map(self.card, found), classes=["chapter-cards"], enumtype="arabic")
        return [nodes.paragraph(text=whole), cards]

    def card(self, chapter: Chapter) -> nodes.list_item:
        """Return one card: picture, number, title, one sentence, times, and what one will be able to do, folded."""
        drawing, sentence = picture(chapter.page) or ("", "")
        title = self.parse_text_to_nodes(f"**[{chapter.title}]({chapter.page}.md)**")[0]
        assert isinstance(title, nodes.Element)
        title["classes"].append("card-title")
        facts = f"{chapter.reading} min reading · {chapter.exercise} min exercise · {chapter.level}"
        name = html.escape(chapter.title)
        summary = f'<summary>What you will be able to do<span class="visually-hidden"> after {name}</span></summary>'
        card = nodes.list_item("", nodes.raw("", drawing, format="html")) if drawing else nodes.list_item()
        card += nodes.paragraph(text=f"Chapter {int(chapter.page[:2])}", classes=["chapter-number"])
        card += title
        card += nodes.paragraph(text=sentence, classes=["card-sentence"]) if sentence else []
        card += nodes.paragraph(text=facts, classes=["card-facts"])
        card += nodes.raw("", f"<details>{summary}", format="html")
        card += self.abilities(chapter.abilities)
        card += nodes.raw("", "</details>", format="html")
        return card

    def abilities(self, items: list[str]) -> list[nodes.Node]:
        """Return a list of abilities; their verbs stay as they stand on the page of the chapter."""
        return self.parse_text_to_nodes("\n".join(f"- {item}" for item in items))


class FrontButtons(SphinxDirective):
    """`{front-buttons} 01_topic 02_topic`: what the book is in a few words, the chapter to start with, an exercise."""

    required_arguments = 2
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the words and the buttons; the exercise is the page on which it is done, where there is one."""
        chapter, exercise = self.arguments
        here = bool(getattr(self.config, "do_it_here", ""))
        links = {
            "Start reading": f"{chapter}.html",
            "Do an exercise": f"{FOLDER}/{exercise}.html" if here else f"{exercise}.html#exercise",
        }
        opening = nodes.container(classes=["front-opening"])
        self.state.nested_parse(self.content, self.content_offset, opening)
        buttons = nodes.paragraph(classes=["front-buttons"])
        for text, address in links.items():
            buttons += [nodes.reference("", text, refuri=address, classes=["exercise-button"]), nodes.Text(" ")]
        opening += buttons
        return [opening]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives with Sphinx."""
    app.add_directive("chapter-cards", ChapterCards)
    app.add_directive("front-buttons", FrontButtons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
