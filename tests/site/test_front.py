"""The front page, the exercises that pages offer, glossary, bibliography, numbered formulas, and Korean text."""

from __future__ import annotations

import os
import re
import shutil
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbgrader.validator import Validator
from pybtex.database import parse_file

from tests.built_book import ROOT, BuiltBook, build
from tests.extensions import extension
from tests.site.browser import DESK, PHONE, Browser
from tests.site.pages import CHAPTERS, EXERCISES, PAGES

BOOK = ROOT / "book"
GITHUB = "https://raw.githubusercontent.com/somebody/attention/main/exercises"


exercise_zip, front, languages = map(extension, ("exercise_zip", "front", "languages"))


@cache
def source(page: str) -> str:
    """Return the source of a page."""
    return (BOOK / f"{page}.md").read_text(encoding="utf-8")


def soup(book: BuiltBook, page: str) -> BeautifulSoup:
    """Return a built page."""
    return BeautifulSoup((book.html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


def words(text: str) -> str:
    """Return text with single spaces."""
    return " ".join(text.split())


# --- the cards of the front page ----------------------------------------------------------------------------------

CHAPTER = """\
# Chapter 9. Things, and how

:::{admonition} What you will be able to do
:class: objectives note

- **Do** one thing, and say
  what it does.
- **Undo** it.

Reading takes about
25 minutes.
:::

```{exercise-card} 09_things
:minutes: 70
:difficulty: hard
```
"""


def test_a_card_takes_what_the_page_says() -> None:
    assert front.chapter_of("09_things", CHAPTER) == front.Chapter(
        "09_things", "Things, and how", ["**Do** one thing, and say what it does.", "**Undo** it."], 25, 70, "hard"
    )


@pytest.mark.parametrize("part", ["# Chapter", ":class: objectives", "minutes.", ":minutes:", ":difficulty:"])
def test_a_page_that_says_too_little_is_named(part: str) -> None:
    with pytest.raises(ValueError, match="09_things does not say its "):
        front.chapter_of("09_things", CHAPTER.replace(part, "?"))


@pytest.mark.slow
def test_front_page_has_a_card_for_each_chapter_in_reading_order(built_book: BuiltBook) -> None:
    cards = soup(built_book, "index").select("ol.chapter-cards > li")
    assert [card.a["href"] for card in cards] == [f"{slug}.html" for slug in CHAPTERS]
    for slug, card in zip(CHAPTERS, cards, strict=True):
        page = soup(built_book, slug)
        abilities = page.select(".objectives li")
        assert [words(item.text) for item in card.select("li")] == [words(item.text) for item in abilities]
        assert card.a.text in page.h1.text
        assert card.select_one(".card-facts").text.split()[0] in page.select_one(".objectives").text


@pytest.mark.slow
def test_cards_stand_in_one_column_on_a_phone_and_several_on_a_desk(built_book: BuiltBook, browser: Browser) -> None:
    columns = (
        "return new Set([...document.querySelectorAll('ol.chapter-cards > li')]"
        ".map(card => Math.round(card.getBoundingClientRect().left))).size"
    )
    browser.open(built_book.html / "index.html", DESK)
    assert browser.run(columns) >= 2
    browser.resize(PHONE)
    assert browser.wait(f"return (() => {{ {columns} }})() === 1")
    assert browser.run("return document.documentElement.scrollWidth") <= PHONE


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_focus_is_seen_on_a_card(theme: str, built_book: BuiltBook, browser: Browser) -> None:
    browser.open(built_book.html / "index.html")
    browser.theme(theme)
    for selector in ("ol.chapter-cards a", "ol.chapter-cards summary"):
        browser.run("document.querySelector(arguments[0]).focus({focusVisible: true})", selector)
        outline = browser.run(
            "const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]"
        )
        assert outline[0] == "solid" and outline[1] >= 2, f"{selector}: {outline}"


# --- getting the exercise -----------------------------------------------------------------------------------------


def test_the_same_files_give_the_same_zip(tmp_path: Path) -> None:
    made = []
    for n, folder in enumerate((tmp_path / "a" / "09_things", tmp_path / "b" / "09_things")):
        folder.mkdir(parents=True)
        for name in ("09_things.ipynb", "check.py", "reference.json"):
            (folder / name).write_text(name)
            os.utime(folder / name, (10**9 * (n + 1),) * 2)
            (folder / name).chmod(0o600 if n else 0o755)
        made.append(exercise_zip.zip_bytes(exercise_zip.exercise_files(folder.parent, "09_things")))
    assert made[0] == made[1]


def test_what_else_a_notebook_reads_comes_after_its_three_files(tmp_path: Path) -> None:
    folder = tmp_path / "09_things"
    (folder / "__pycache__").mkdir(parents=True)
    for name in ("model.py", "09_things.ipynb", "reference.json", "a.json", "check.py"):
        (folder / name).write_text(name)
    names = [path.name for path in exercise_zip.exercise_files(tmp_path, "09_things")]
    assert names == ["09_things.ipynb", "check.py", "reference.json", "a.json", "model.py"]


def test_colab_needs_a_repository_on_github() -> None:
    links = exercise_zip.launch_links(GITHUB, "02_topic")
    assert links == {
        "Open in Colab": "https://colab.research.google.com/github/somebody/attention/blob/main/exercises/02_topic/02_topic.ipynb",
    }
    assert exercise_zip.launch_links(GITHUB.replace("/main/", "/refs/heads/main/"), "02_topic") == links
    for address in ("", GITHUB.replace("raw.githubusercontent.com", "example.org"), GITHUB + '"><script>'):
        assert exercise_zip.launch_links(address, "02_topic") == {}


@pytest.mark.slow
@pytest.mark.parametrize("slug", CHAPTERS)
def test_a_chapter_offers_its_exercise_in_the_page_and_as_a_zip(slug: str, built_book: BuiltBook) -> None:
    links = soup(built_book, slug).select(".exercise-card a.exercise-button")
    here = {"Do it here": f"exercises/{slug}.html"} if EXERCISES else {}
    offered = here | {"Download the exercise ": f"exercises/{slug}.zip"}
    assert {link.text.split("(")[0]: link["href"] for link in links} == offered
    assert [link.text.split("(")[0] for link in links] == list(offered)
    with ZipFile(built_book.html / "exercises" / f"{slug}.zip") as archive:
        assert archive.testzip() is None
        for path in exercise_zip.exercise_files(ROOT / "exercises", slug):
            assert archive.read(f"{slug}/{path.name}") == path.read_bytes()
        assert len(archive.namelist()) == len(list((ROOT / "exercises" / slug).iterdir()))


def solution_cells(slug: str) -> dict[str, str]:
    """Return the solved cells of a chapter by their grade ids."""
    solved = nbformat.read(ROOT / "solutions" / slug / f"{slug}.ipynb", 4)
    graded = ((cell, cell.metadata.get("nbgrader", {})) for cell in solved.cells)
    return {about["grade_id"]: cell.source for cell, about in graded if about.get("solution")}


@pytest.mark.slow
def test_a_downloaded_exercise_is_wrong_at_first_and_right_when_solved(
    built_book: BuiltBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = "02_dot_product_attention"  # NumPy only
    with ZipFile(built_book.html / "exercises" / f"{slug}.zip") as archive:
        archive.extractall(tmp_path)
    monkeypatch.chdir(tmp_path / slug)  # as the kernel of JupyterLab does
    assert len(Validator().validate(f"{slug}.ipynb")["failed"]) >= 5, "nothing is solved yet"

    notebook, solved = nbformat.read(f"{slug}.ipynb", 4), solution_cells(slug)
    for cell in notebook.cells:
        cell.source = solved.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(notebook, f"{slug}.ipynb")
    assert Validator().validate(f"{slug}.ipynb") == {}


@pytest.mark.slow
def test_the_launch_button_appears_with_the_address(tmp_path: Path) -> None:
    slug = CHAPTERS[1]
    settings = (ROOT / "_config.yml").read_text(encoding="utf-8")
    assert 'exercises_url: ""' in settings
    (tmp_path / "_config.yml").write_text(settings.replace('exercises_url: ""', f'exercises_url: "{GITHUB}/"'))
    shutil.copytree(BOOK / "_ext", tmp_path / "book" / "_ext", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "exercises" / slug, tmp_path / "exercises" / slug)
    (tmp_path / "book" / "_toc.yml").write_text(f"format: jb-book\nroot: {slug}\n")
    card = re.search(r"```\{exercise-card\}.+?```\n", source(slug), re.DOTALL)[0]
    (tmp_path / "book" / f"{slug}.md").write_text(f"# A page\n\n{card}")
    built = build(tmp_path)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    page = BeautifulSoup((tmp_path / "_build/html" / f"{slug}.html").read_text(encoding="utf-8"), "html.parser")
    links = {link.text: link["href"] for link in page.select("a.exercise-button")}
    assert list(links)[1:] == ["Open in Colab"]
    assert links["Open in Colab"].endswith(f"/somebody/attention/blob/main/exercises/{slug}/{slug}.ipynb")


# --- glossary -----------------------------------------------------------------------------------------------------

ROLE = re.compile(r"\{term\}`(?:[^`<]*<)?([^`<>]+?)>?`")


def glossary_terms() -> list[str]:
    """Return the terms of the glossary."""
    inside = source("glossary").split("```{glossary}\n")[1].split("\n```")[0]
    return [line for line in inside.splitlines() if line and not line.startswith(" ")]


def test_glossary_is_sorted_and_says_where_a_term_comes_from() -> None:
    terms = glossary_terms()
    assert len(terms) > 40 and terms == sorted(set(terms), key=str.lower)
    for entry in source("glossary").split("```{glossary}\n")[1].split("\n\n")[:-1]:
        assert names_its_section(entry), f"book/glossary.md: say in which section the term is explained:\n{entry}"


def names_its_section(entry: str) -> bool:
    """Say whether an entry of the glossary links a section of the chapter that it names, by its number."""
    found = re.search(r"\[Chapter\s+(\d+)\]\((\d\d)_\w+\.md#[\w-]+\)", entry)
    return bool(found) and int(found[1]) == int(found[2])


def test_an_entry_may_name_any_chapter_but_no_other_than_it_links():
    assert names_its_section("[Chapter 9](09_b.md#c)") and names_its_section("[Chapter\n10](10_b.md#c)")
    assert not any(map(names_its_section, ["[Chapter 1](10_b.md#c)", "[Chapter 9](09_b.md)", "Chapter 9"]))


def test_every_term_is_used_and_no_page_links_a_missing_one() -> None:
    used = {words(term) for page in PAGES for term in ROLE.findall(source(page))}
    assert used == set(glossary_terms())


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_links_a_term_once(page: str) -> None:
    linked = [words(term) for term in ROLE.findall(source(page))]
    assert len(linked) >= 5, f"book/{page}.md links {len(linked)} terms of the glossary; five or more are needed"
    assert len(linked) == len(set(linked)), f"book/{page}.md links a term twice"


# --- bibliography -------------------------------------------------------------------------------------------------

ENTRIES = parse_file(str(BOOK / "references.bib")).entries
CITED = re.compile(r"\{cite(?::\w+)?\}`([\w,]+)`")
NAMED = re.compile(r"\{cite:t\}`(\w+)`,\s\*([^*]+)\*")


@pytest.mark.parametrize("key", ENTRIES)
def test_every_work_can_be_found(key: str) -> None:
    fields = ENTRIES[key].fields
    assert ENTRIES[key].persons.get("author") and fields.get("title")
    assert ("doi" in fields) != ("url" in fields), "a doi, or an address where there is none"
    assert re.fullmatch(r"10\.\d{4,9}/[\w.:/()-]*\w", fields.get("doi", "10.1000/x"))
    assert re.fullmatch(r"https://\S+", fields.get("url", "https://x"))
    assert key in {"cox_chatterbot"} or key.startswith(
        re.sub(r"\W", "", ENTRIES[key].persons["author"][0].last_names[-1]).lower() + fields["year"]
    )


def test_every_work_is_cited_and_every_citation_listed() -> None:
    cited = {key for page in PAGES for keys in CITED.findall(source(page)) for key in keys.split(",")}
    assert cited - set(ENTRIES) == set(), "add these works to book/references.bib, or mend what cites them"
    assert set(ENTRIES) - cited == set(), "no page cites these works of book/references.bib"


def test_dois_name_one_work_each() -> None:
    found = [fields.get("doi", fields.get("url")).lower() for fields in (entry.fields for entry in ENTRIES.values())]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("page", CHAPTERS)
def test_further_reading_cites_with_the_title_of_the_bibliography(page: str) -> None:
    _, heading, part = source(page).partition("## Further reading")
    assert heading, f"book/{page}.md has no section '## Further reading'"
    assert "http" not in part, "cite the bibliography, which has the addresses"
    named = NAMED.findall(part)
    assert len(named) == len(CITED.findall(part)) >= 5
    for key, title in named:
        assert key in ENTRIES, f"book/{page}.md cites {key}, which is not in book/references.bib"
        assert words(title) == words(ENTRIES[key].fields["title"])


def test_works_stand_in_the_order_of_their_names_and_no_sign_ends_a_title_twice() -> None:
    listed = list(extension("references").BookStyle().format_entries(ENTRIES.values()))
    first = [ENTRIES[one.key].persons["author"][0] for one in listed]
    names = [re.sub(r"[{}]", "", " ".join(one.prelast_names + one.last_names)).lower() for one in first]
    assert names == sorted(names)
    assert [one.key for one in listed if re.search(r"[.?!]\.", one.text.render_as("text"))] == []


@pytest.mark.slow
def test_the_bibliography_lists_each_work_once_with_its_link(built_book: BuiltBook) -> None:
    listed = soup(built_book, "bibliography").select("div.citation")
    assert len(listed) == len(ENTRIES)
    for entry in ENTRIES.values():
        doi = entry.fields.get("doi")
        address = f"https://doi.org/{doi}" if doi else entry.fields["url"]
        assert sum(bool(work.select(f'a[href="{address}"]')) for work in listed) == 1, address


# --- numbered formulas --------------------------------------------------------------------------------------------


def test_formulas_that_are_referred_to_have_labels_and_labels_are_used() -> None:
    labels = [label for page in PAGES for label in re.findall(r"^\$\$ \(([\w-]+)\)$", source(page), re.MULTILINE)]
    wanted = {label for page in PAGES for label in re.findall(r"\{eq\}`([\w-]+)`", source(page))}
    assert len(labels) == len(set(labels)) and wanted <= set(labels)
    assert len(wanted) >= 15


@pytest.mark.slow
def test_formulas_are_numbered_through_the_book_and_references_show_their_numbers(built_book: BuiltBook) -> None:
    numbers = [int(n) for page in CHAPTERS for n in re.findall(r'class="eqno">\((\d+)\)', html_of(built_book, page))]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) > 20
    link = soup(built_book, "glossary").select_one(
        'a[href="04_scaled_dot_product_attention.html#equation-eq-attention"]'
    )
    there = soup(built_book, "04_scaled_dot_product_attention").select_one("#equation-eq-attention")
    assert link and there and link.text.strip("()") in there.select_one(".eqno").text


def html_of(book: BuiltBook, page: str) -> str:
    """Return the text of a built page."""
    return (book.html / f"{page}.html").read_text(encoding="utf-8")


# --- languages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "marked"),
    [
        ("<p>Hello</p>", "<p>Hello</p>"),
        ("<p>See 영화 볼래 ? now</p>", '<p>See <span lang="ko">영화 볼래</span>\N{NO-BREAK SPACE}? now</p>'),
        ("<p>12시 땡 !</p>", '<p><span lang="ko">12시 땡</span>\N{NO-BREAK SPACE}!</p>'),
        ("<code>'땡 !'</code>", "<code>'<span lang=\"ko\">땡</span> !'</code>"),
        ('<a title="a > 고마워">고마워</a>', '<a title="a > 고마워"><span lang="ko">고마워</span></a>'),
        (
            "<svg><text>배고파</text></svg>고",
            '<svg><text><tspan lang="ko">배고파</tspan></text></svg><span lang="ko">고</span>',
        ),
        ("<script>x = '고' < 1</script><!-- 고 -->", "<script>x = '고' < 1</script><!-- 고 -->"),
        ("1 < 2 고마워", '1 < 2 <span lang="ko">고마워</span>'),
    ],
)
def test_korean_is_marked(page: str, marked: str) -> None:
    assert languages.mark_korean(page) == marked


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_pages_are_english_and_their_korean_is_marked(page: str, built_book: BuiltBook) -> None:
    built = soup(built_book, page)
    assert built.html["lang"] == "en"
    for string in built.article.find_all(string=re.compile("[가-힣]")):
        if string.parent.name not in ("script", "style"):
            assert string.find_parent(lang="ko"), f"not marked as Korean: {string}"
    for element in built.article.find_all(lang="ko"):
        assert re.search("[가-힣]", element.text)
    if page == "08_training_a_chatbot":
        assert len(built.article.find_all(lang="ko")) > 20
