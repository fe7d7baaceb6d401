"""The report on a class that was graded once: its numbers by another route, who is named, what is harmless."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import shutil
import warnings
from collections import Counter
from contextlib import chdir, closing, redirect_stdout
from dataclasses import replace
from pathlib import Path
from statistics import mean, median

import pytest
from bs4 import BeautifulSoup
from rich.console import Console
from sqlalchemy.exc import SAWarning

from autograder.cli import main
from autograder.collect.submission_store import Shelf
from autograder.gradebook.gradebook import open_gradebook
from autograder.report.figures import spread
from autograder.report.making import Settings, make_report
from autograder.report.page import Part, duration, sentence, visible
from autograder.report.page import page as write_page
from autograder.report.pairs import Pair
from autograder.report.submissions import Class, Submission
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, released, submit
from tests.report.variants import odd_code

NOW = datetime.datetime(2026, 3, 1, 12, 30)
HOSTILE = "<img src=x onerror=alert(1)>"
BAD_CODE = "'''</pre></figure><script>alert(2)</script><a href='javascript:alert(3)'>'''\n\u202e# \x1b[31m\n"
LINKED = '"><svg onload=alert(4)>.ipynb'
WRONG_AXIS = "def mean_rows(X):\n    return X.mean(axis=1)"
SUM = "def mean_rows(X):\n    return X.sum(axis=0)"
UNSCALED = "def center(X, scale):\n    c = X - X.mean(0)\n    return c, abs(c).max()"
ENDLESS = "def mean_rows(X):\n    while True:\n        pass"
ANSWERS = {
    "ann": {},
    "ben": {"mean_rows": WRONG_AXIS},
    "cat": {"mean_rows": WRONG_AXIS, "center": UNSCALED},
    "dan": {"mean_rows": SUM},
    "eve": {"mean_rows": "def mean_rows(X):\n    return X.nonsense"},
    "fay": {"center": "def center(X, scale):\n    c = scale * (X - X.mean(0))\n    return c, 0.0"},
    "gus": {"mean_rows": RIGHT["mean_rows"] + "\n\n" + odd_code(1)},
    HOSTILE: {"mean_rows": RIGHT["mean_rows"] + "\n" + BAD_CODE + odd_code(1).replace("value", "mine")},
    "ida": {"mean_rows": RIGHT["mean_rows"] + "\n\n" + odd_code(2)},
    "jon": {"mean_rows": ENDLESS},
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Grade a class; return the root of its course."""
    root = make_course(tmp_path_factory.mktemp("report"))
    out = root / "_build" / "grading"
    folder = out / "submitted"
    for student, answers in ANSWERS.items():
        notebook = answered(root, **{**RIGHT, **answers})
        if student in ("ann", "ben"):
            notebook.cells[-2].source = "Because every row counts the same."
        submit(folder, student, as_bytes(notebook))
    submit(folder, "blank", as_bytes(released(root)))
    submit(folder, "broken", b"{")
    (folder / "linked" / SLUG).mkdir(parents=True)
    (folder / "linked" / SLUG / LINKED).symlink_to("/etc/hostname")
    (folder / "ann" / SLUG / "timestamp.txt").write_text("2026-01-31 10:00:00 UTC")
    (folder / "ben" / SLUG / "timestamp.txt").write_text("2026-02-02 13:00:00 UTC")
    with chdir(root), redirect_stdout(io.StringIO()):
        assert main(["grade", "--timeout", "2"]) == 0
    submit(folder, "kim", b"handed in after the others were graded")
    with closing(open_gradebook(f"sqlite:///{out / 'gradebook.db'}")) as gradebook:
        gradebook.update_or_create_assignment(SLUG, duedate=datetime.datetime(2026, 2, 1))
        gradebook.update_or_create_student("zoe")
    return root


def report(root, *flags, now=NOW, **settings):
    """Write a report with a given date; return the page."""
    return make_report(Settings(root, **settings), Console(quiet=True), now).path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(course):
    return report(course)


@pytest.fixture(scope="module")
def soup(page):
    return BeautifulSoup(page, "html.parser")


def rows(course, name):
    """Return the rows of a CSV file that grading wrote."""
    with (course / "_build" / "grading" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(table):
    """Return the texts of a table, row by row, without its head."""
    return [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in table.find_all("tr") if row.td]


def after(soup, heading):
    """Return all elements of the part of the page below a heading."""
    start = soup.find(["h2", "h3"], string=re.compile(heading))
    found = []
    for element in start.find_next_siblings():
        if element.name in ("h2", "h3"):
            break
        found.append(element)
    return BeautifulSoup("".join(map(str, found)), "html.parser")


# ---------------------------------------------------------------- the numbers, from the CSV files
def test_head_says_how_many_and_when(course, soup):
    grades = rows(course, "grades.csv")
    shares = [float(row["score"]) / float(row["max_score"]) for row in grades]
    facts = [item.get_text(" ", strip=True) for item in soup.select(".facts li")]
    assert facts == [
        f"{len(grades)} graded",
        f"{100 * mean(shares):.0f} % mean",
        f"{100 * median(shares):.0f} % median",
        f"{sum(row['needs_manual_grade'] == 'True' for row in grades)} wait for a person",
        "1 missing",
    ]
    assert facts[3] == "2 wait for a person"
    assert "1 March 2026, 12:30" in soup.header.get_text()
    assert "fake" in soup.header.get_text()


def test_distribution_counts_every_submission_once(course, soup):
    shares = [float(row["score"]) / float(row["max_score"]) for row in rows(course, "grades.csv")]
    expected = Counter(min(9, int(10 * share + 1e-9)) for share in shares)
    table = cells(soup.select_one("table.scores"))
    assert [int(count) for _, count in table] == [expected[n] for n in range(10)]
    assert len(expected) > 2


def test_full_marks_and_more_are_in_the_last_step_and_a_penalty_in_the_first():
    scores = [-1, 0, 0.99, 1, 5, 9, 10, 12]
    found = spread([Submission(f"s{n}", score, 10, False, 0, "", (), {}) for n, score in enumerate(scores)])
    assert found.counts == (3, 1, 0, 0, 0, 1, 0, 0, 0, 3)
    assert spread([Submission("s", 0, 0, False, 0, "", (), {})]) is None


def test_checks_are_as_in_the_csv_file_and_the_hardest_is_first(course, soup):
    by_check = {}
    for row in rows(course, "checks.csv"):
        by_check.setdefault(row["check"], []).append(row)
    heads = [cell.get_text() for cell in soup.select("table.checks thead th")][3:]
    words = {"right": "right", "partial": "partly right", "timeout": "out of time", "not_run": "not run"}
    seen = []
    for text, points, share, *counts in cells(soup.select_one("table.checks")):
        found = by_check[text.split()[-1]]
        expected = Counter(words.get(row["status"], row["status"]) for row in found)
        assert {head: int(count) for head, count in zip(heads, counts, strict=True) if int(count)} == expected
        seen.append(mean(float(row["score"]) / float(row["max_score"]) for row in found))
        assert share == f"{100 * seen[-1]:.0f} %"
        assert float(points) == float(found[0]["max_score"])
    assert seen == sorted(seen) and len(seen) == len(by_check) == 2
    assert {"right", "partly right", "wrong", "unfinished", "error", "out of time"} <= set(heads)


def test_misconceptions_are_counted_with_their_sentence_place_and_people(soup):
    found = {row[0].split(" who ")[0]: row for row in cells(soup.select("table.mistakes")[0])}
    assert list(found) == [
        "You averaged over the columns.",
        "You forgot the scale.",
        "You added up and did not divide.",
    ]
    axis = found["You averaged over the columns."]
    assert axis[0].endswith("who ben, cat")
    assert axis[1] == f"The mean of the rows book/{SLUG}.md, “Axes”"
    assert axis[2] == f"2 ({100 * 2 / 13:.0f} %)"
    assert found["You forgot the scale."][0].endswith("who cat")


def test_whoever_marks_finds_the_rubric_of_a_written_answer(soup):
    (how,) = [one.parent for one in soup.find_all("summary") if one.text == "Why"]
    assert [cell.get_text(strip=True) for cell in how.select(".number")] == ["2", "1", "0"]
    assert how.math and how.li.strong.text == "why"


def test_late_failed_unreadable_and_missing_people_are_named(soup):
    odd = {row.th.get_text(): row.find_all("td")[0].get_text(" ", strip=True) for row in soup.select("table.odd tr")}
    assert odd["late"].endswith("who ben (1 day 13 hours)")
    assert odd["failed"].endswith("who kim")
    assert "broken (" in odd["not readable"] and "linked (" in odd["not readable"]
    assert odd["missing"].endswith("who zoe")
    counts = [int(row.find_all("td")[1].get_text()) for row in soup.select("table.odd tr")]
    assert counts == [1, 1, 2, 1]


def test_drawings_say_the_same_in_words(soup):
    drawings = [svg["aria-label"] for svg in soup.find_all("svg") if svg.parent.name != "svg"]
    assert len(drawings) == 2
    hardest = cells(soup.select_one("table.checks"))[0]
    assert f"hardest check first: {hardest[0].rsplit(' ', 1)[0]} {hardest[2]}" in drawings[1]
    assert not [svg for svg in soup.find_all("svg") if svg.get("role") != "img"]


# ---------------------------------------------------------------- pairs
def test_the_copy_is_shown_side_by_side_and_nothing_else(soup):
    part = after(soup, "Nearly the same")
    assert [h.get_text() for h in part.find_all("h4")] == [f"{HOSTILE} and gus"]
    one, other = part.select(".two pre")
    assert "<script>alert(2)</script>" in one.get_text() and "mine0 = mine." in one.get_text()
    assert odd_code(1).strip() in other.get_text()
    assert "proves nothing by itself" in part.get_text()


def test_members_of_a_group_are_no_pair_if_both_notes_say_so(course, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(course, root, symlinks=True)
    shelf = Shelf(root / "_build" / "grading" / "submitted")
    for student in ("gus", HOSTILE):
        assert "1 nearly the same pair" in run(root)  # one note alone is not believed
        there = shelf.there(student, SLUG)
        shelf.put_time(student, SLUG, replace(there, seen=NOW, group=("gus", HOSTILE)))
    assert "nearly the same" not in run(root)


def test_a_copy_of_a_groups_work_is_listed_with_the_group():
    class_ = Class(SLUG, (), (), {}, groups={"ann": ("ben",), "ben": ("ann",)})
    text = write_page("c", [Part(class_, None, (), (), (Pair("ann", "dan", ()),))], NOW)
    assert "ann has handed in as a group, with" in text and "dan has handed" not in text


# ---------------------------------------------------------------- who may see it
def test_anonymous_page_holds_no_name_and_no_code(course):
    page = report(course, anonymous=True)
    text = BeautifulSoup(page, "html.parser").get_text(" ")
    named = [*ANSWERS, "blank", "broken", "linked", "kim", "zoe"]
    assert [name for name in named if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", page)] == []
    assert "How to mark" not in text and "def " not in text and "odd" not in text and "alert" not in page
    assert "You averaged over the columns." in text and "without names" in text
    assert str(course) not in page


# ---------------------------------------------------------------- nothing of a learner's runs
def test_page_runs_nothing_and_asks_nobody(page, soup):
    assert not soup.find_all(["script", "iframe", "object", "embed", "form", "link", "base", "img", "foreignobject"])
    for element in soup.find_all(True):
        for name, value in element.attrs.items():
            assert not name.lower().startswith("on"), (element.name, name)
            assert name not in ("src", "srcset", "action", "formaction", "ping", "background")
            if name in ("href", "xlink:href"):
                assert re.fullmatch(r"#[\w-]+", value), value
            if not name.startswith("xmlns"):
                assert "http:" not in str(value) and "https:" not in str(value) and "javascript:" not in str(value)
    assert "@import" not in page and "url(h" not in page
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")


def test_hostile_names_and_texts_are_shown_as_text(page, soup):
    assert HOSTILE not in page and LINKED not in page
    assert HOSTILE in soup.get_text() and LINKED in soup.get_text()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


def test_hostile_sentences_and_titles_are_shown_as_text(course, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(course, root, symlinks=True)
    reference = root / "exercises" / SLUG / "reference.json"
    data = json.loads(reference.read_text())
    data["checks"]["mean_rows"]["misconceptions"]["wrong_axis"]["says"] = "Use `<b>a</b>` <script>alert(7)</script>"
    reference.write_text(json.dumps(data))
    (root / "_config.yml").write_text(
        "title: <script>alert(8)</script>\nattention: {book_url: 'https://book.test/x'}\n"
    )
    marked = root / "_build" / "grading" / "autograded" / "ann" / SLUG / f"{SLUG}.ipynb"
    notebook = json.loads(marked.read_text())
    about = next(cell["metadata"]["autograder"] for cell in notebook["cells"] if "autograder" in cell["metadata"])
    about["title"] = "$x$ </text><script>alert(9)</script>"
    marked.write_text(json.dumps(notebook))
    soup = BeautifulSoup(report(root), "html.parser")
    assert not soup.find_all("script")
    assert "<b>a</b>" in [code.get_text() for code in soup.find_all("code")]
    links = {a["href"] for a in soup.find_all("a")}
    assert f"https://book.test/x/{SLUG}.html#axes" in links
    assert all(link.startswith(("#", "https://book.test/x/")) for link in links)


# ---------------------------------------------------------------- one page, the same each time
def test_same_results_give_the_same_bytes_but_for_the_date(course, page):
    assert report(course) == page
    other = report(course, now=NOW + datetime.timedelta(days=400))
    assert other != page
    assert other.replace("5 April 2027, 12:30", "1 March 2026, 12:30") == page


def test_one_gradebook_with_two_assignments_gives_a_table_and_two_parts(course, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(course, root, symlinks=True)
    with closing(open_gradebook(f"sqlite:///{root / '_build' / 'grading' / 'gradebook.db'}")) as gradebook:
        gradebook.add_assignment("91_other")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way of adding a submission causes them
            gradebook.add_submission("91_other", "ann")
    soup = BeautifulSoup(report(root), "html.parser")
    assert [a["href"] for a in soup.table.find_all("a")] == [f"#part-{SLUG}", "#part-91_other"]
    assert [h.get_text() for h in soup.find_all("h2")] == [SLUG, "91_other"]
    assert {section["id"] for section in soup.find_all("section")} == {f"part-{SLUG}", "part-91_other"}
    failed = soup.select("table.odd")[1].find_all("tr")[1]
    assert "ann" in failed.get_text()  # no marked notebook
    one = BeautifulSoup(report(root, assignment="91_other"), "html.parser")
    assert [h.get_text() for h in one.find_all("h2")] == ["91_other"]


# ---------------------------------------------------------------- the command
def run(root, *arguments, code=0):
    with chdir(root), redirect_stdout(io.StringIO()) as printed, pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        assert main(["report", *map(str, arguments)]) == code
    return printed.getvalue()


def test_terminal_names_the_hardest_check_the_mistake_and_the_page(course, tmp_path):
    printed = run(course, "--html", tmp_path / "for class.html")
    assert (tmp_path / "for class.html").read_text().startswith("<!DOCTYPE html>")
    assert str(tmp_path / "for class.html") in printed
    first = next(line for line in printed.splitlines() if line.startswith("hardest"))
    assert "The mean of the rows" in first
    mistake = next(line for line in printed.splitlines() if line.startswith("most frequent"))
    assert re.search(r"\b2 +You averaged over the columns", mistake)
    assert "1 nearly the same pair" in printed


def test_no_gradebook_is_one_sentence(tmp_path, course, capsys):
    run(course, "--out", tmp_path / "nothing", code=2)
    assert "run `autograder grade` first" in only_line(capsys)
    assert not (tmp_path / "nothing").exists()


def test_empty_gradebook_is_one_sentence(tmp_path, course, capsys):
    open_gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}").close()
    run(course, "--out", tmp_path, code=2)
    assert "holds no submissions yet" in only_line(capsys)
    assert not (tmp_path / "report.html").exists()


def test_unknown_assignment_is_one_sentence(course, capsys):
    run(course, "--assignment", "99_nothing", code=2)
    assert f"no submissions to 99_nothing; it has some to: {SLUG}" in only_line(capsys)


def test_page_that_cannot_be_written_is_one_sentence(course, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    run(course, "--html", tmp_path / "file" / "report.html", code=2)
    assert "cannot be written" in only_line(capsys)


def only_line(capsys):
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


# ---------------------------------------------------------------- texts
@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 minute"),
        (3600, "1 hour"),
        (90000, "1 day 1 hour"),
        (172800, "2 days"),
        (172800 + 300, "2 days 5 minutes"),
    ],
)
def test_duration_in_words(seconds, words):
    assert duration(seconds) == words


def test_sentences_keep_code_and_escape_all():
    assert sentence("a `b<c` & <d>") == "a <code>b&lt;c</code> &amp; &lt;d&gt;"
    assert visible("a\x1b[31m\u202eb\nc\td\ud800") == "a\\x1b[31m\\u202eb\nc\td\\ud800"


def test_page_is_written_in_one_step(course, tmp_path, monkeypatch):
    html = tmp_path / "report.html"
    html.write_text("before")

    def stop(*ignored):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    assert run(course, "--html", html, code=130) is not None
    assert html.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
