"""Each kind of download is recognised by itself, and its files reach the right person and assignment."""

from __future__ import annotations

import pytest

from tests.collect.downloads import (
    DAY,
    FIVE,
    FOUR,
    MONDAY,
    SECOND,
    SIX,
    canvas,
    moodle,
    notebook,
    tarred,
    zip_bytes,
    zipped,
)

NAMES = {
    "Ann Lee": "Ann_Lee",
    "Conan O'Brien, Jr.": "Conan_O_Brien_Jr",
    "김민수": "김민수",
    "Zoë 🙂": "Zoë_🙂",
    "[a*b]?": "a_b",
}


@pytest.mark.parametrize(("folders", "trail"), [(True, ""), (True, "_"), (False, "")])
def test_moodle(collect, tmp_path, folders, trail):
    names = [moodle(name, 100 + i, f"{FOUR}.ipynb", folders) for i, name in enumerate(NAMES)]
    names = [name.replace("_file/", f"_file{trail}/") for name in names]
    entries = [(name, notebook(answer=str(i)), MONDAY + i * DAY / 4) for i, name in enumerate(names)]
    text = moodle("Bob Noname", 200, "onlinetext.html", folders, "onlinetext")
    result = collect(zipped(tmp_path / "CS101-Homework-77.zip", [*entries, (text, b"<p>", MONDAY)]))
    assert set(result.notebooks()) == {f"{one}/{FOUR}" for one in NAMES.values()}
    assert result.notebooks()[f"Zoë_🙂/{FOUR}"] == notebook(answer="3")
    assert result.times()[f"Conan_O_Brien_Jr/{FOUR}"] == "2024-11-18 15:30:00 UTC"
    assert result.results()["Bob_Noname", ""] == "no notebook"
    assert result.code == 1


def test_moodle_in_a_folder_of_its_own(collect, tmp_path):
    entries = [(f"unpacked/{moodle(who, 1, 'a.ipynb')}", notebook(FIVE), MONDAY) for who in ("Ann Lee", "Bob Ray")]
    assert set(collect(zipped(tmp_path / "x.zip", entries)).notebooks()) == {f"Ann_Lee/{FIVE}", f"Bob_Ray/{FIVE}"}


def test_a_moodle_download_of_one_person_keeps_the_person(collect, tmp_path):
    path = zipped(tmp_path / "x.zip", [(moodle("Ann Lee", 1, "deep/er/a.ipynb"), notebook(SIX), MONDAY)])
    assert set(collect(path).notebooks()) == {f"Ann_Lee/{SIX}"}


def test_people_of_one_name_are_told_apart_by_moodles_number(collect, tmp_path):
    entries = [(moodle("Ann Lee", number, f"{FOUR}.ipynb"), notebook(answer=str(number)), MONDAY) for number in (1, 2)]
    entries += [(moodle("Participant", 3, f"{FOUR}.ipynb"), notebook(), MONDAY)]
    result = collect(zipped(tmp_path / "x.zip", entries))
    assert set(result.notebooks()) == {f"{one}/{FOUR}" for one in ("Ann_Lee_1", "Ann_Lee_2", "Participant_3")}
    assert "Several people are called Ann Lee" in result.remark(moodle("Ann Lee", 1, f"{FOUR}.ipynb"))


def test_one_person_of_two_moodle_downloads_is_one_person(collect, tmp_path):
    """Moodle's number is another one in every assignment."""
    one = zipped(tmp_path / "4.zip", [(moodle("Ann Lee", 11, f"{FOUR}.ipynb"), notebook(FOUR), MONDAY)])
    two = zipped(tmp_path / "5.zip", [(moodle("Ann Lee", 57, f"{FIVE}.ipynb"), notebook(FIVE), MONDAY)])
    assert set(collect(one, two).notebooks()) == {f"Ann_Lee/{FOUR}", f"Ann_Lee/{FIVE}"}


def test_canvas(collect, tmp_path):
    entries = [
        (canvas("leeann", 11, 501, f"{FOUR}.ipynb"), notebook(answer="ann"), MONDAY),
        (canvas("smithbob", 12, 502, f"{FOUR}-2.ipynb", late=True), notebook(answer="bob"), MONDAY + SECOND),
        (canvas("민수김", 13, 503, "hw_1_2_3.ipynb"), notebook(answer="kim"), MONDAY + 2 * SECOND),
        ("LATE_anon_aB3xY_504_my work.ipynb", notebook(answer="anon"), MONDAY + 3 * SECOND),
        ("rayzoe_15_text.html", b"<p>", MONDAY),
    ]
    result = collect(zipped(tmp_path / "submissions.zip", entries))
    assert {who: data for who, data in result.notebooks().items()} == {
        f"11/{FOUR}": notebook(answer="ann"),
        f"12/{FOUR}": notebook(answer="bob"),
        f"13/{FOUR}": notebook(answer="kim"),
        f"anon_aB3xY/{FOUR}": notebook(answer="anon"),
    }
    assert [row["student_id"] for row in result.rows if row["late"]] == ["12", "anon_aB3xY"]
    assert result.results()["15", ""] == "no notebook"


def test_a_file_handed_in_again_on_canvas_has_the_greater_number(collect, tmp_path):
    first = (canvas("leeann", 11, 501, f"{FOUR}-1.ipynb"), notebook(answer="old"), MONDAY + DAY)
    second = (canvas("leeann", 11, 502, f"{FOUR}.ipynb"), notebook(answer="new"), MONDAY)
    result = collect(zipped(tmp_path / "submissions.zip", [second, first]))
    assert result.notebooks() == {f"11/{FOUR}": notebook(answer="new")}
    assert result.results()["11", first[0]] == "left out"
    assert result.code == 0


LAYOUTS = {
    "nbgrader": "{who}/{slug}/{slug}.ipynb",
    "wrapped": "class of 2026/{who}/{slug}/{slug}.ipynb",
    "by assignment": "{slug}/{who}/{slug}.ipynb",
    "one folder a student": "{who}/my notebook.ipynb",
    "loose": "{who} - {slug}.ipynb",
    "loose, other way round": "{slug}_{who}.ipynb",
    "loose in a folder": "{slug}/{who}.ipynb",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("packed", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "folder"])
def test_plain(collect, tmp_path, layout, packed):
    people = {"ann": MONDAY, "bob": MONDAY + DAY}
    entries = [(layout.format(who=who, slug=FOUR), notebook(answer=who), time) for who, time in people.items()]
    path = tmp_path / f"download.{packed}"
    if packed == "zip":
        zipped(path, entries)
    elif packed == "folder":
        for name, data, _ in entries:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
    else:
        tarred(path, entries, f"w:{packed[4:]}")
    result = collect(path)
    assert result.notebooks() == {f"{who}/{FOUR}": notebook(answer=who) for who in ("ann", "bob")}
    times = {f"ann/{FOUR}": "2024-11-18 09:30:00 UTC", f"bob/{FOUR}": "2024-11-19 09:30:00 UTC"}
    assert result.times() == ({} if packed == "folder" else times)
    assert result.code == 0


def test_a_single_notebook(collect, tmp_path):
    path = tmp_path / f"ann_{FOUR}.ipynb"
    path.write_bytes(notebook())
    assert set(collect(path).notebooks()) == {f"ann/{FOUR}"}


def test_a_notebook_that_says_not_whose_it_is(collect, tmp_path):
    path = tmp_path / f"{FOUR} (1).ipynb"
    path.write_bytes(notebook())
    result = collect(path)
    assert (result.notebooks(), result.code) == ({}, 1)
    assert "whose it is" in result.rows[0]["remark"]


@pytest.mark.parametrize("ending", [".ipynb", ".ipynb.txt", ".ipynb.json", ".IPYNB"])
def test_endings_of_browsers(collect, tmp_path, ending):
    path = zipped(tmp_path / "x.zip", [(f"ann/{FOUR}{ending}", notebook(), MONDAY)])
    assert set(collect(path).notebooks()) == {f"ann/{FOUR}"}


def test_a_zip_that_was_handed_in(collect, tmp_path):
    inner = zip_bytes(
        [
            ("work/hw.ipynb", notebook(answer="in the zip"), MONDAY - 9 * DAY),
            ("work/.ipynb_checkpoints/hw-checkpoint.ipynb", notebook(answer="old"), MONDAY),
            ("__MACOSX/work/._hw.ipynb", b"\0", MONDAY),
            ("work/data.csv", b"1", MONDAY),
        ]
    )
    entries = [
        (moodle("Ann Lee", 1, "all.zip"), inner, MONDAY),
        (moodle("Bob Ray", 2, f"{FOUR}.ipynb"), notebook(), MONDAY + DAY),
    ]
    result = collect(zipped(tmp_path / "x.zip", entries))
    assert result.notebooks()[f"Ann_Lee/{FOUR}"] == notebook(answer="in the zip")
    assert result.times()[f"Ann_Lee/{FOUR}"] == "2024-11-18 09:30:00 UTC"  # the platform's time, not the learner's
    assert "1 csv" in result.text and result.code == 0


def test_a_learner_cannot_speak_for_another(collect, tmp_path):
    """A file with a name like another platform's is still the work of whoever handed it in."""
    entries = [
        (canvas("leeann", 11, 501, moodle("Bob Ray", 2, "x.ipynb", folders=False)), notebook(answer="a"), MONDAY),
        (canvas("smithbob", 12, 502, "x.ipynb"), notebook(answer="b"), MONDAY),
    ]
    assert set(collect(zipped(tmp_path / "submissions.zip", entries)).notebooks()) == {f"11/{FOUR}", f"12/{FOUR}"}
    entries = [
        (f"ann/{canvas('smithbob', 12, 502, 'x.ipynb')}", notebook(answer="a"), MONDAY),
        (f"bob/{moodle('Ann Lee', 1, 'x.ipynb', folders=False)}", notebook(answer="b"), MONDAY),
    ]
    result = collect(zipped(tmp_path / "plain.zip", entries), out=tmp_path / "o" / "submitted")
    assert result.notebooks() == {f"ann/{FOUR}": notebook(answer="a"), f"bob/{FOUR}": notebook(answer="b")}
    entries = [
        (moodle("Ann Lee", 1, canvas("smithbob", 12, 502, "x.ipynb")), notebook(answer="a"), MONDAY),
        (moodle("Bob Ray", 2, moodle("Ann Lee", 1, "x.ipynb", folders=False)), notebook(answer="b"), MONDAY),
    ]
    result = collect(zipped(tmp_path / "m.zip", entries), out=tmp_path / "p" / "submitted")
    assert result.notebooks() == {f"Ann_Lee/{FOUR}": notebook(answer="a"), f"Bob_Ray/{FOUR}": notebook(answer="b")}


def test_a_learners_own_timestamp_is_not_believed(collect, tmp_path):
    early = b"2020-01-01 00:00:00 UTC"
    entries = [(f"{who}/{FOUR}/{FOUR}.ipynb", notebook(), MONDAY + i * DAY) for i, who in enumerate(("ann", "bob"))]
    entries += [(f"ann/{FOUR}/timestamp.txt", early, MONDAY)]
    entries += [(f"ann/{FOUR}/.collected.json", b"{}", MONDAY)]
    path = zipped(tmp_path / "x.zip", entries)
    assert collect(path).times()[f"ann/{FOUR}"] == "2024-11-18 09:30:00 UTC"


def test_timestamps_are_believed_where_the_course_says_so(collect, course, tmp_path):
    (course / "_config.yml").write_text("attention:\n  trust_timestamps: true\n")
    noted = b"2024-11-03 12:00:00.5 UTC"
    entries = [(f"{who}/{FOUR}/{FOUR}.ipynb", notebook(), MONDAY) for who in ("ann", "bob")]
    path = zipped(tmp_path / "x.zip", [*entries, (f"ann/{FOUR}/timestamp.txt", noted, MONDAY)])
    assert collect(path).times() == {f"ann/{FOUR}": "2024-11-03 12:00:00 UTC"}


def test_a_download_inside_a_folder_is_not_taken_for_one_persons(collect, tmp_path):
    """Nor for a platform's: whoever made it may have put other people's names into it."""
    (tmp_path / "week").mkdir()
    forged = [(moodle("Bob Ray", 2, "a.ipynb"), notebook(answer="forged"), MONDAY)]
    zipped(tmp_path / "week" / "ann.zip", forged)
    zipped(tmp_path / "week" / "carl.zip", [("a.ipynb", notebook(answer="carl"), MONDAY)])
    result = collect(tmp_path / "week")
    assert result.notebooks() == {f"carl/{FOUR}": notebook(answer="carl")} and result.code == 1
    assert "by itself" in result.remark("ann.zip")


def test_group_work_on_moodle(collect, tmp_path, course):
    names = ["Group A_15_assignsubmission_file_/a.ipynb", "Default group_assignsubmission_file/a.ipynb"]
    result = collect(zipped(tmp_path / "x.zip", [(name, notebook(answer=name), MONDAY) for name in names]))
    assert set(result.notebooks()) == {f"Group_A/{FOUR}", f"Default_group/{FOUR}"}


def test_ids_that_look_like_canvass_names(collect, tmp_path):
    """Canvas has no folders."""
    people = ("uni_1_2_ann", "uni_1_3_bob")
    path = zipped(tmp_path / "x.zip", [(f"{who}/a.ipynb", notebook(answer=who), MONDAY) for who in people])
    assert set(collect(path).notebooks()) == {f"{who}/{FOUR}" for who in people}
