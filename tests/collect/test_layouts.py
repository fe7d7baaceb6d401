"""Downloads of other makers, each made here as its maker lays it out (the sources are named in the readers)."""

from __future__ import annotations

import json

import pytest

from tests.collect.downloads import (
    DAY,
    FIVE,
    FOUR,
    HOUR,
    MONDAY,
    canvas,
    moodle,
    notebook,
    tarred,
    zip_bytes,
    zipped,
)

BOTH = {f"ann/{FOUR}", f"bob/{FOUR}"}


def written(folder, entries):
    """Write files into a folder and return it."""
    for name, data, *_ in entries:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


# ---------------------------------------------------------------- nbgrader's exchange
def inbound(user: str, slug: str, time: str, name: str, hashed: bool = True) -> str:
    """Return the name of a file in nbgrader's exchange."""
    return f"{user}+{slug}+{time}{'+Zm9vYmFyYmF6' if hashed else ''}/{name}"


@pytest.mark.parametrize("packed", ["zip", "folder", "in a folder"])
@pytest.mark.parametrize("hashed", [True, False])
def test_nbgraders_exchange(collect, tmp_path, packed, hashed):
    hand_ins = [
        ("ann", "2024-11-18 09:30:00.123456 UTC", "first"),
        ("ann", "2024-11-19 09:30:00.123456 UTC", "second"),
        ("b+ob@x.edu", "2024-11-20 10:30:00.5 CET", "bob"),
    ]
    entries = [
        entry
        for user, time, answer in hand_ins
        for entry in (
            (inbound(user, FOUR, time, f"{FOUR}.ipynb", hashed), notebook(answer=answer), MONDAY),
            (inbound(user, FOUR, time, "timestamp.txt", hashed), time.encode(), MONDAY),
            (inbound(user, FOUR, time, "submission_secret.txt", hashed), b"00", MONDAY),
        )
    ]
    path = zipped(tmp_path / "x.zip", entries) if packed == "zip" else written(tmp_path / "inbound", entries)
    path = written(tmp_path / "exchange", [(f"inbound/{n}", d) for n, d, _ in entries]) if "in" in packed else path
    result = collect(path)
    assert result.notebooks() == {
        f"ann/{FOUR}": notebook(answer="second"),
        f"b+ob@x.edu/{FOUR}": notebook(answer="bob"),
    }
    assert result.times() == {
        f"ann/{FOUR}": "2024-11-19 09:30:00 UTC",
        f"b+ob@x.edu/{FOUR}": "2024-11-20 09:30:00 UTC",
    }
    assert result.code == 0 and "nbgrader's exchange" in result.text


# ---------------------------------------------------------------- repositories
TITLES = [FOUR.replace("_", "-"), "homework-2"]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("inside", [True, False])
def test_github_classroom(collect, tmp_path, title, inside):
    entries = []
    for who in ("ann", "bob"):
        top = f"{title}-submissions/{title}-{who}"
        entries += [
            (f"{top}/{FOUR}.ipynb", notebook(answer=who)),
            (f"{top}/README.md", b"# hw"),
            (f"{top}/.github/classroom/autograding.json", b"{}"),
            (f"{top}/.git/config", b"[core]"),
            (f"{top}/.git/refs/heads/Main", b"0"),
            (f"{top}/.git/refs/heads/main", b"0"),
        ]
    folder = written(tmp_path / "clones", entries)
    (folder / f"{title}-submissions" / f"{title}-ann" / ".git" / "link").symlink_to("/etc")
    result = collect(folder if inside else folder / f"{title}-submissions")
    assert set(result.notebooks()) == BOTH and result.code == 0
    assert "read as repositories; 2 notebooks; 2 other files left out (2 md)." in result.text


def test_github_classrooms_roster_says_who_the_users_are(collect, tmp_path):
    (tmp_path / "roster.csv").write_text("identifier,github_username,github_id,name\ns1,ann-l,1,Ann\ns2,bob,2,Bob\n")
    entries = [(f"hw-{who}/{FOUR}.ipynb", notebook(answer=who)) for who in ("ann-l", "bob")]
    result = collect(written(tmp_path / "hw-submissions", entries), roster=tmp_path / "roster.csv")
    assert set(result.notebooks()) == {f"s1/{FOUR}", f"s2/{FOUR}"}


@pytest.mark.parametrize("packed", ["folder", "zip", "tar.gz"])
def test_plain_git_folders(collect, tmp_path, monkeypatch, packed):
    """What is in `.git` is nobody's work, however odd and however much it is."""
    monkeypatch.setattr("autograder.collect.archives.MOST_MEMBERS", 30)
    entries = []
    for i, who in enumerate(("ann", "bob")):
        entries += [(f"{who}/{FOUR}.ipynb", notebook(answer=who), MONDAY + i * DAY)]
        entries += [(f"{who}/.git/objects/{n:02x}/{'0' * 38}", b"x", MONDAY) for n in range(40)]
        entries += [(f"{who}/.git/refs/heads/{name}", b"x", MONDAY) for name in ("Aux", "aux", "a\tb")]
    if packed == "folder":
        path = written(tmp_path / "class", entries)
    else:
        path = zipped(tmp_path / "x.zip", entries) if packed == "zip" else tarred(tmp_path / "x.tgz", entries, "w:gz")
    result = collect(path)
    assert set(result.notebooks()) == BOTH and result.code == 0


# ---------------------------------------------------------------- Gradescope
METADATA = """\
---
submission_11:
  :submitters:
  - :name: Ann Lee
    :sid: '1001'
    :email: ann@x.edu
  :created_at: 2024-11-18 09:30:00.000000000 Z
  :score: 0.0
  :history:
  - :id: 10
    :created_at: 2024-11-17 09:30:00.000000000 Z
submission_12:
  :submitters:
  - :name: Bob Ray
    :sid: ''
    :email: bob@x.edu
  - :name: Cho Kim
    :sid: '1003'
    :email: cho@x.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: &1 2024-11-19 17:30:00.000000000 Z
    time: *1
"""


def gradescope(metadata: bytes = METADATA.encode(), top: str = "assignment_7_export/") -> list:
    """Return an export of Gradescope's: a person's work, a group's, and that of nobody who is listed."""
    files = [(f"{top}submission_{n}/hw.ipynb", notebook(answer=str(n)), MONDAY) for n in (11, 12, 13)]
    return [(f"{top}submission_metadata.yml", metadata, MONDAY), *files]


@pytest.mark.parametrize("top", ["", "assignment_7_export/"])
def test_gradescope_with_a_group(collect, tmp_path, top):
    result = collect(zipped(tmp_path / "x.zip", gradescope(top=top)))
    assert result.notebooks() == {
        f"1001/{FOUR}": notebook(answer="11"),
        f"bob@x.edu/{FOUR}": notebook(answer="12"),
        f"1003/{FOUR}": notebook(answer="12"),
    }
    assert result.times()[f"1001/{FOUR}"] == "2024-11-18 09:30:00 UTC"
    assert result.times()[f"bob@x.edu/{FOUR}"] == result.times()[f"1003/{FOUR}"] == "2024-11-19 17:30:00 UTC"
    remarks = {row["student_id"]: row["remark"] for row in result.rows if row["result"] == "new"}
    assert remarks == {"1001": "", **dict.fromkeys(("1003", "bob@x.edu"), "Group work: 1003, bob@x.edu.")}
    (unclear,) = [row for row in result.rows if row["result"] == "unclear"]
    assert "submission_metadata.yml does not say whose it is" in unclear["remark"] and "_13/" in unclear["file"]


def test_gradescopes_people_are_found_in_the_roster_by_what_it_knows(collect, tmp_path):
    (tmp_path / "roster.csv").write_text("student_id,name,email\ns1,Ann Lee,\ns2,Bob,BOB@x.edu\ns3,C,cho@x.edu\n")
    result = collect(zipped(tmp_path / "x.zip", gradescope()), roster=tmp_path / "roster.csv")
    assert set(result.notebooks()) == {f"{who}/{FOUR}" for who in ("s1", "s2", "s3")}


BAD = {
    "cut off": b"a: [",
    "a list": b"- 1",
    "empty": b"",
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,  # which takes the whole process down, where it is read to its end
    "an object": b'a: !!python/object/apply:os.system ["id"]',
    "large": METADATA.encode(),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_of_gradescopes_that_cannot_be_read_makes_nobody_up(collect, tmp_path, monkeypatch, what):
    if what == "large":
        monkeypatch.setattr("autograder.collect.gradescope.MOST_BYTES", 100)
    result = collect(zipped(tmp_path / "x.zip", gradescope(BAD[what])))
    assert result.notebooks() == {} and result.code == 1
    assert [row["result"] for row in result.rows] == ["unclear"] * 3
    assert all("submission_metadata.yml" in row["remark"] for row in result.rows)


def test_a_learners_own_metadata_speaks_for_nobody(collect, tmp_path):
    forged = METADATA.replace("submission_11", "bob").encode()
    entries = [(f"{who}/hw.ipynb", notebook(answer=who), MONDAY + n * DAY) for n, who in enumerate(("ann", "bob"))]
    result = collect(zipped(tmp_path / "x.zip", [*entries, ("ann/submission_metadata.yml", forged, MONDAY)]))
    assert set(result.notebooks()) == BOTH


# ---------------------------------------------------------------- Google
@pytest.mark.parametrize("outer", ["", "Homework 2/"])
def test_google_classrooms_folder(collect, tmp_path, outer):
    names = ["ann - {}.ipynb", "bob - Copy of {} (1).ipynb", "Copy of {}.ipynb", "Copy of {}(1).ipynb"]
    entries = [(outer + name.format(FOUR), notebook(answer=name), MONDAY + n * HOUR) for n, name in enumerate(names)]
    result = collect(zipped(tmp_path / "drive-download-20241120T100000Z-001.zip", entries))
    assert set(result.notebooks()) == BOTH
    unclear = [row["file"] for row in result.rows if row["result"] == "unclear"]
    assert unclear == sorted(outer + name.format(FOUR) for name in names[2:]), "nothing says whose a bare copy is"


@pytest.mark.parametrize(
    "file",
    [
        "Copy of {}.ipynb",
        "Copy of Copy of {}.ipynb",
        "Kopie von {}.ipynb",
        "Copie de {}.ipynb",
        "{}의 사본.ipynb",
        "{} のコピー.ipynb",
        "{} - Copy.ipynb",
        "{}-Copy1.ipynb",
    ],
)
def test_a_copy_in_ones_own_folder_is_ones_own(collect, tmp_path, file):
    entries = [(f"{who}/{file.format(FOUR)}", notebook(answer=who), MONDAY) for who in ("ann", "bob")]
    assert set(collect(zipped(tmp_path / "x.zip", entries)).notebooks()) == BOTH
    loose = tmp_path / "loose"
    loose.mkdir()
    (loose / file.format(FOUR)).write_bytes(notebook())
    result = collect(loose, out=tmp_path / "o" / "submitted")
    assert result.notebooks() == {} and "whose it is" in result.rows[0]["remark"]


# ---------------------------------------------------------------- a download in something else
def a_download(kind: str) -> bytes:
    """Return the bytes of a whole download."""
    called = moodle if kind == "Moodle" else lambda name, number, file: canvas(name, number, number, file)
    return zip_bytes([(called(who, n, "a.ipynb"), notebook(answer=who), MONDAY) for n, who in ((1, "ann"), (2, "bob"))])


@pytest.mark.parametrize("kind", ["Moodle", "Canvas"])
@pytest.mark.parametrize("around", ["folder", "zip", "zipped folder", "zip in a folder"])
def test_a_download_inside_of_something(collect, tmp_path, kind, around):
    ids = BOTH if kind == "Moodle" else {f"1/{FOUR}", f"2/{FOUR}"}
    data = a_download(kind)
    if around == "folder":
        path = written(tmp_path / "week 3", [("submissions.zip", data), (".DS_Store", b"")])
    elif around == "zip in a folder":
        path = written(tmp_path / "week 3", [("all.zip", zip_bytes([("submissions.zip", data, MONDAY)]))])
    else:
        name = "submissions.zip" if around == "zip" else "week 3/submissions.zip"
        path = zipped(tmp_path / "week 3.zip", [(name, data, MONDAY), ("__MACOSX/x", b"", MONDAY)])
    result = collect(path)
    assert set(result.notebooks()) == ids and result.code == 0
    assert f"submissions.zip: read as {kind}" in result.text


def test_a_folder_of_downloads(collect, tmp_path):
    other = zip_bytes([(moodle("carl", 3, "a.ipynb"), notebook(FIVE), MONDAY)])
    path = written(tmp_path / "downloads", [("4.zip", a_download("Moodle")), ("5.zip", other)])
    assert set(collect(path).notebooks()) == {*BOTH, f"carl/{FIVE}"}


def test_what_somebody_handed_in_is_no_download_however_it_looks(collect, tmp_path):
    """Alone in the download of a platform as well: it may be forged."""
    forged = zip_bytes([(moodle("bob", 2, "a.ipynb"), notebook(answer="forged"), MONDAY)])
    for n, name in enumerate((moodle("ann", 1, "hw.zip"), canvas("ann", 1, 2, "hw.zip"), "ann/hw.zip")):
        result = collect(zipped(tmp_path / f"{n}.zip", [(name, forged, MONDAY)]), out=tmp_path / str(n) / "submitted")
        assert len(result.notebooks()) == 1 and not any(one.startswith("bob") for one in result.notebooks())


# ---------------------------------------------------------------- other endings
def test_a_notebook_that_was_saved_as_json(collect, tmp_path):
    """And what else ends so is none."""
    entries = [
        (f"ann/{FOUR}.json", notebook(answer="ann"), MONDAY),
        ("ann/settings.json", json.dumps({"a": 1}).encode(), MONDAY),
        (f"bob/{FOUR}.ipynb.txt", notebook(answer="bob"), MONDAY + DAY),
        (f"bob/data/{FIVE}.json", b"{}", MONDAY + DAY),
    ]
    result = collect(zipped(tmp_path / "x.zip", entries))
    assert set(result.notebooks()) == BOTH and "2 other files left out (2 json)" in result.text
    inner = zip_bytes([("hw.json", notebook(answer="dora"), MONDAY), ("more.json", b"[]", MONDAY)])
    entries = [("dora/all.zip", inner, MONDAY), (f"{FOUR}_eve.json", notebook(answer="eve"), MONDAY)]
    result = collect(zipped(tmp_path / "y.zip", entries), out=tmp_path / "o" / "submitted")
    assert set(result.notebooks()) == {f"dora/{FOUR}", f"eve/{FOUR}"}
