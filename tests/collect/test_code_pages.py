"""Zips of Windows: names in a code page, and backslashes between folders. A name that decides nothing stops nothing."""

from __future__ import annotations

import io

import pytest

from tests.collect.downloads import DAY, FOUR, MONDAY, canvas, in_code_page, info, moodle, notebook, tarred, zipped

IDA, ZOE = "Ida Björk", "Zoë Núñez"
PEOPLE = ((IDA, 101), (ZOE, 102))


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("student_id,name,canvas id\ns1,Ida Björk,101\ns2,Zoë Núñez,102\ns3,김민준,103\n", encoding="utf-8")
    return path


def a_class(called) -> list:
    """Return a notebook of each person, handed in on different days."""
    return [(called(*one), notebook(answer=one[0]), MONDAY + i * DAY) for i, one in enumerate(PEOPLE)]


LAYOUTS = {
    "Moodle": lambda name, number: moodle(name, number, "a.ipynb"),
    "folders": lambda name, number: f"{name}/{FOUR}/{FOUR}.ipynb",
    "loose": lambda name, number: f"{name}_{FOUR}.ipynb",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_names_that_the_roster_knows_are_matched_and_the_remark_says_how_they_were_read(
    collect, tmp_path, roster, layout
):
    path = in_code_page(tmp_path / "x.zip", a_class(layout), "cp437")
    result = collect(path, roster=roster)
    assert result.notebooks() == {f"s1/{FOUR}": notebook(answer=IDA), f"s2/{FOUR}": notebook(answer=ZOE)}
    assert {row["remark"] for row in result.rows} == {
        "The names in this archive are not in UTF-8; they were read as CP437."
    }
    assert result.code == 0 and not (result.out.parent / "quarantine").exists()


@pytest.mark.parametrize("page", ["cp1252", "cp949"])
def test_the_roster_tells_other_code_pages_too(collect, tmp_path, roster, page):
    name = "김민준" if page == "cp949" else IDA
    entries = [(f"{name}/a.ipynb", notebook(), MONDAY), ("s2/a.ipynb", notebook(answer="2"), MONDAY + DAY)]
    result = collect(in_code_page(tmp_path / "x.zip", entries, page), roster=roster)
    assert set(result.notebooks()) == {f"{'s3' if page == 'cp949' else 's1'}/{FOUR}", f"s2/{FOUR}"}
    assert f"read as {page.upper()}" in str(result.rows)


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize("with_roster", [True, False])
def test_a_name_that_nobody_can_read_is_listed_and_nothing_is_quarantined(collect, tmp_path, roster, kind, with_roster):
    if kind == "zip":
        entries = [("Þóra/a.ipynb", notebook(), MONDAY), ("s2/a.ipynb", notebook(answer="2"), MONDAY + DAY)]
        path = in_code_page(tmp_path / "x.zip", entries, "cp861")
    else:
        entries = [("\udcfe\udcf3ra/a.ipynb", notebook(), MONDAY), ("s2/a.ipynb", notebook(answer="2"), MONDAY + DAY)]
        path = tarred(tmp_path / "x.tar", entries)
    result = collect(path, **({"roster": roster} if with_roster else {}))
    assert set(result.notebooks()) == {f"s2/{FOUR}"} and result.code == 1
    (told,) = [row["remark"] for row in result.rows if row["result"] == "unclear"]
    assert "not in UTF-8, so its letters are not known" in told and ("--roster" in told) is not with_roster
    assert not (result.out.parent / "quarantine").exists()


def test_canvas_knows_people_by_numbers_whatever_their_letters(collect, tmp_path):
    entries = a_class(lambda name, number: canvas(name.casefold().replace(" ", ""), number, number, "a.ipynb"))
    result = collect(in_code_page(tmp_path / "submissions.zip", entries, "cp437"))
    assert set(result.notebooks()) == {f"101/{FOUR}", f"102/{FOUR}"} and result.code == 0


@pytest.mark.parametrize("page", ["cp437", "cp949"])
def test_letters_of_a_file_that_decide_nothing_are_not_asked_for(collect, tmp_path, page):
    """The person's own part of the name is plain, what the file was called is not."""
    file = "과제.ipynb" if page == "cp949" else "Übung.ipynb"
    entries = [(moodle(name, number, file), notebook(answer=name), MONDAY) for name, number in (("Ann", 1), ("Bo", 2))]
    result = collect(in_code_page(tmp_path / "x.zip", entries, page))
    assert set(result.notebooks()) == {f"Ann/{FOUR}", f"Bo/{FOUR}"} and result.code == 0


def backslashed(name: str, system: int) -> tuple:
    """Return a file of a zip whose name has backslashes."""
    about = info(name.replace("/", "\\"))
    about.create_system = system
    return about, notebook(answer=name)


INNER = {
    "code page": lambda: in_code_page(io.BytesIO(), [(f"Übung 2/{FOUR}.ipynb", notebook(), MONDAY)], "cp437"),
    "Korean": lambda: in_code_page(io.BytesIO(), [(f"과제/{FOUR}.ipynb", notebook(), MONDAY)], "cp949"),
    "backslashes": lambda: zipped(io.BytesIO(), [backslashed(f"Abgabe/{FOUR}.ipynb", 0)]),
    "backslashes elsewhere": lambda: zipped(io.BytesIO(), [backslashed(f"Abgabe/{FOUR}.ipynb", 3)]),
}


@pytest.mark.parametrize("what", INNER)
def test_in_somebodys_own_zip_a_folders_name_decides_nothing(collect, tmp_path, what):
    entries = [
        (moodle("Ann", 1, "hw.zip"), INNER[what]().getvalue(), MONDAY),
        (moodle("Bo", 2, "a.ipynb"), notebook(answer="Bo"), MONDAY + DAY),
    ]
    result = collect(zipped(tmp_path / "x.zip", entries))
    assert set(result.notebooks()) == {f"Ann/{FOUR}", f"Bo/{FOUR}"} and result.code == 0


def test_a_whole_zip_with_backslashes_of_windows_is_read(collect, tmp_path):
    path = zipped(tmp_path / "x.zip", [backslashed(f"{who}/{FOUR}/{FOUR}.ipynb", 0) for who in ("ann", "bob")])
    assert set(collect(path).notebooks()) == {f"ann/{FOUR}", f"bob/{FOUR}"}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("..\\..\\evil.ipynb", "leads out"), ("C:\\evil.ipynb", "drive"), ("\\evil.ipynb", "absolute")],
)
def test_a_backslash_leads_nowhere_else(collect, tmp_path, name, sentence):
    about = info(name)
    about.create_system = 0
    entries = [backslashed(f"{who}/{FOUR}/{FOUR}.ipynb", 0) for who in ("ann", "bob")]
    result = collect(zipped(tmp_path / "x.zip", [*entries, (about, notebook())]))
    assert set(result.notebooks()) == {f"ann/{FOUR}", f"bob/{FOUR}"} and result.code == 1
    assert [sentence in row["remark"] for row in result.rows if row["result"] == "quarantined"] == [True]
