"""A built page as text: what it links to and loads, its names, headings, pictures and formulas."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

LOADING = {"src", "srcset", "poster", "data", "background"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass
class Page(HTMLParser):
    """One page, read once."""

    path: Path
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)  # what a reader may follow
    loaded: list[str] = field(default_factory=list)  # what the browser fetches by itself
    blocking: list[str] = field(default_factory=list)  # scripts that hold up the first sight
    headings: list[int] = field(default_factory=list)  # levels within the article
    nameless: list[str] = field(default_factory=list)  # pictures that say nothing
    classes: dict[str, int] = field(default_factory=dict)  # how often each class is used
    following: dict[str, str] = field(default_factory=dict)  # rel "next" and "prev"
    language: str = ""
    articles: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        for name in said.get("class", "").split():
            self.classes[name] = self.classes.get(name, 0) + 1
        self.ids |= {said[name] for name in ("id", "name") if name in said}
        self.loaded += [said[name] for name in LOADING & said.keys()]
        self.articles += tag == "article"
        if tag == "html":
            self.language = said.get("lang", "")
        elif tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif tag == "link":
            self.link(said)
        elif (
            tag == "script" and "src" in said and said.get("type") != "module" and not {"defer", "async"} & said.keys()
        ):
            self.blocking.append(said["src"])
        elif tag in HEADINGS and self.articles:
            self.headings.append(int(tag[1]))
        elif (tag == "img" and "alt" not in said) or (
            said.get("role") == "img" and len(said.get("aria-label", "")) < 10
        ):
            self.nameless.append(f"{tag} {said}"[:200])

    def link(self, said: dict[str, str]) -> None:
        if said.get("rel") in ("next", "prev"):
            self.following[said["rel"]] = said["href"].removesuffix(".html")
        if said.get("rel") in (
            "stylesheet",
            "preload",
            "icon",
            "shortcut icon",
            "modulepreload",
            "preconnect",
            "dns-prefetch",
        ):
            self.loaded.append(said["href"])

    def handle_endtag(self, tag: str) -> None:
        self.articles -= tag == "article"


@cache
def read(path: Path) -> Page:
    """Return a page; it is read once."""
    return Page(path)
