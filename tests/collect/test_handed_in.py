"""When work was handed in: from Canvas's own data, from a table, and in which zone."""

from __future__ import annotations

import datetime as dt
import json
import time

import pytest

from autograder import cli
from tests.collect.downloads import DAY, FIVE, FOUR, HOUR, MONDAY, canvas, info, moodle, notebook, zipped

SUBMISSIONS = [
    {"id": 1, "assignment_id": 9, "user_id": 101, "submitted_at": "2024-11-18T21:30:00Z", "late": False},
    {"id": 2, "assignment_id": 9, "user_id": 102, "submitted_at": "2024-11-20T01:00:00Z", "late": True},
    {"id": 3, "assignment_id": 9, "user_id": 103, "submitted_at": None, "late": False},
]
WANTED = {"101": "2024-11-18 21:30:00 UTC", "102": "2024-11-20 01:00:00 UTC"}


@pytest.fixture
def submissions(tmp_path):
    """Return a download of Canvas's."""
    entries = [
        (canvas("leeann", 101, 501, "a.ipynb"), notebook(answer="ann"), MONDAY),
        (canvas("raybob", 102, 502, "a.ipynb", late=True), notebook(answer="bob"), MONDAY),
    ]
    return zipped(tmp_path / "submissions.zip", entries)


@pytest.fixture
def of_times(tmp_path):
    def write(data):
        path = tmp_path / "times"
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("pages", [SUBMISSIONS, [SUBMISSIONS[:1], SUBMISSIONS[1:]]], ids=["a list", "pages of it"])
def test_canvass_own_data_says_when(collect, submissions, of_times, pages):
    result = collect(submissions, times=of_times(pages))
    assert {who.split("/")[0]: when for who, when in result.times().items()} == WANTED
    assert "late without saying" not in result.text and result.code == 0


def test_without_it_late_ones_are_told_with_the_remedy(collect, submissions):
    result = collect(submissions)
    assert result.times() == {} and "give the times with --times" in result.text


TABLES = {
    "numbers": "user_id,submitted_at\n101,2024-11-18T21:30:00Z\n102,2024-11-20 02:00 +01:00\n",
    "ids": "student_id;handed_in\ns1;2024-11-18 21:30 UTC\ns2;2024-11-20 02:00 europe/berlin\n",
    "names": 'Student,Submission time\n"Lee, Ann",2024-11-18 22:30:00\nBob Ray,2024-11-20 02:00:00 CET\n',
    "German": "Matrikelnummer;Zuletzt geändert (Abgabe)\ns1;2024-11-18 22:30\ns2;2024-11-20 02:00\n",
    "Korean": "성명,최종 수정일 (제출)\nAnn Lee,2024-11-18 22:30\nBob Ray,2024-11-20 02:00\n",
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_says_when(collect, submissions, of_times, tmp_path, table):
    (tmp_path / "roster.csv").write_text("student_id,name,canvas id\ns1,Ann Lee,101\ns2,Bob Ray,102\n")
    result = collect(
        submissions, times=of_times(TABLES[table]), roster=tmp_path / "roster.csv", timezone="europe/berlin"
    )
    assert {who.split("/")[0]: when for who, when in result.times().items()} == {
        f"s{n}": when for n, when in enumerate(WANTED.values(), 1)
    }


WORKSHEET = """Identifier,Full name,Email address,Last modified (submission)
Participant 11,Ann Lee,ann@example.org,"Monday, 18 November 2024, 10:30 PM"
"""


def test_moodles_worksheet_says_when_beside_a_list_with_other_ids(collect, of_times, tmp_path):
    entries = [(moodle("Ann Lee", 11, "a.ipynb"), notebook(answer="a"), MONDAY)]
    (tmp_path / "roster.csv").write_text("student_id,name,email\n0412,Ann Lee,ann@example.org\n0413,Bob Ray,\n")
    entries += [(moodle("Bob Ray", 12, "b.ipynb"), notebook(answer="b"), MONDAY)]
    download = zipped(tmp_path / "moodle.zip", entries)
    how = {"roster": tmp_path / "roster.csv", "timezone": "europe/berlin"}
    result = collect(download, times=of_times(WORKSHEET), **how)
    assert result.times() == {f"0412/{FOUR}": "2024-11-18 21:30:00 UTC"}
    assert "moodle.zip: the time of 1 of 2 notebooks is not known; such work does not count as late." in result.text
    assert "none was noted" not in result.text
    again = collect(download, **how)
    assert again.times() == result.times() and "none was noted" in again.text
    assert {row["result"] for row in again.rows} == {"unchanged"}


def test_what_a_table_does_not_tell_clearly_is_told(collect, submissions, of_times):
    rows = ["user_id,submitted_at", "101,2024-11-18 21:30 CST", "102,05/06/2024 10:00"]
    result = collect(submissions, times=of_times("\n".join(rows)))
    assert result.times() == {}
    assert "entry 1 was not read: CST is a short name" in result.text and "may be two days" in result.text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("a,b\n1,2\n", "no column that says when"),
        ("user_id,x\n1,2\n", "no column that says when"),
        ("[", "is no JSON"),
        ([], "no column that says when"),
        ([{"user_id": 1, "assignment_id": 1}, {"user_id": 1, "assignment_id": 2}], "several assignments"),
    ],
)
def test_a_file_without_times_is_refused(collect, submissions, of_times, data, sentence):
    result = collect(submissions, times=of_times(data))
    assert result.code == 2 and sentence in result.text


def test_times_are_of_one_assignment(collect, tmp_path, of_times):
    entries = [
        (canvas("leeann", 101, n, f"{slug}.ipynb"), notebook(slug), MONDAY) for n, slug in ((1, FOUR), (2, FIVE))
    ]
    result = collect(zipped(tmp_path / "x.zip", entries), times=of_times(SUBMISSIONS))
    assert result.times() == {} and "collect each by itself" in result.text


# ---------------------------------------------------------------- zones
@pytest.fixture
def in_berlin(monkeypatch):
    """Set the clock of this machine."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def local(*times: dt.datetime) -> list:
    """Return files of a zip with these local times."""
    made = []
    for number, when in enumerate(times):
        about = info(moodle(f"P{number}", number, "a.ipynb"))
        about.date_time = when.timetuple()[:6]
        made.append((about, notebook(answer=str(number))))
    return made


@pytest.mark.parametrize(("zone", "hour"), [("europe/berlin", 10), ("UTC+1", 11), ("Asia/Kolkata", 6)])
def test_the_local_times_of_a_zip_are_those_of_the_zone_that_is_given(collect, tmp_path, zone, hour):
    path = zipped(tmp_path / "x.zip", local(dt.datetime(2024, 7, 1, 12), dt.datetime(2024, 7, 3, 12)))
    times = collect(path, timezone=zone).times()
    assert times[f"P0/{FOUR}"] == f"2024-07-01 {hour:02}:{'30' if 'Asia' in zone else '00'}:00 UTC"


@pytest.mark.parametrize("zone", ["CST", "Europe/Atlantis"])
def test_a_zone_that_is_none_is_refused(course, tmp_path, capsys, zone):
    path = zipped(tmp_path / "x.zip", local(dt.datetime(2024, 7, 1, 12)))
    assert cli.main(["collect", str(path), f"--timezone={zone}"]) == 2
    assert f"--timezone {zone}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "when", [dt.datetime(2024, 10, 27, 2, 30), dt.datetime(2024, 3, 31, 2, 30)], ids=["twice", "never"]
)
def test_a_time_that_clocks_show_twice_or_never_is_told_and_the_earlier_taken(collect, tmp_path, in_berlin, when):
    path = zipped(tmp_path / "x.zip", local(when, when + 9 * DAY))
    result = collect(path)
    assert "x.zip: 1 notebook came at a time that the clocks show twice or never" in " ".join(result.text.split())
    assert result.times()[f"P0/{FOUR}"] == f"{when - 2 * HOUR:%Y-%m-%d %H:%M:%S} UTC"


def test_so_it_is_in_a_worksheet(collect, tmp_path, in_berlin):
    (tmp_path / "roster.csv").write_text(
        "Identifier,Full name,ID number,Last modified (submission)\n"
        'Participant 0,P0,s0,"Sunday, 27 October 2024, 2:30 AM"\n'
        'Participant 1,P1,s1,"Monday, 28 October 2024, 2:30 AM"\n'
    )
    result = collect(
        zipped(tmp_path / "x.zip", local(*[dt.datetime(2024, 11, 1, 12)] * 2)), roster=tmp_path / "roster.csv"
    )
    assert result.times() == {f"s1/{FOUR}": "2024-10-28 01:30:00 UTC"}
    assert "worksheet's time of s0 was not read: 2024-10-27 02:30 comes twice there" in result.text


def test_a_believed_timestamp_that_is_not_read_is_told(collect, course, tmp_path):
    (course / "_config.yml").write_text("attention:\n  trust_timestamps: true\n")
    noted = {"ann": b"2024-11-03 12:00:00 CST", "bob": b"2024-11-03 12:00:00 CET"}
    entries = [(f"{who}/{FOUR}/{FOUR}.ipynb", notebook(answer=who), MONDAY) for who in noted]
    entries += [(f"{who}/{FOUR}/timestamp.txt", text, MONDAY) for who, text in noted.items()]
    result = collect(zipped(tmp_path / "x.zip", entries))
    assert result.times() == {f"bob/{FOUR}": "2024-11-03 11:00:00 UTC"}
    assert f"ann/{FOUR}/timestamp.txt was not read as a time: CST is a short name" in result.text
