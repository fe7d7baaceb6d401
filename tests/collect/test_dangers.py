"""What is dangerous in a download is told in a sentence, touches nothing, and keeps nobody else's work back."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile

import pytest

from autograder.collect import archives, scan, tars, zips
from autograder.storage.safe_files import MOST_BYTES
from tests.collect.downloads import (
    DAY,
    DEVICE,
    FOUR,
    LINK,
    MONDAY,
    PIPE,
    info,
    moodle,
    notebook,
    tar_bytes,
    tarred,
    zip_bytes,
    zipped,
)

GOOD = [(f"{who}/{FOUR}/{FOUR}.ipynb", notebook(answer=who), MONDAY + i * DAY) for i, who in enumerate(("ann", "bob"))]
BOTH = {f"ann/{FOUR}", f"bob/{FOUR}"}
CARL = f"carl/{FOUR}/{FOUR}.ipynb"

BAD_NAMES = {
    "../../evil.ipynb": "leads out",
    f"carl/../../{FOUR}/{FOUR}.ipynb": "leads out",
    "/etc/evil.ipynb": "absolute",
    "C:/evil.ipynb": "drive letter",
    "carl\\..\\evil.ipynb": "backslash",
    f"carl/{FOUR}/a\x1b[31m.ipynb": "control characters",
    f"carl/{FOUR}/a\u202egpj.ipynb": "control characters",
    f"carl/{FOUR}/a\nb.ipynb": "control characters",
    f"carl/{FOUR}/{'x' * 300}.ipynb": "too long",
    f"carl/{'x/' * 600}a.ipynb": "too long",
    f"carl/{FOUR}/AUX.ipynb": "Windows",
    f"con/{FOUR}/a.ipynb": "Windows",
    "./": "no name",
    "..": "leads out",
}


def only_the_good(result, sentence: str) -> None:
    """Assert that the good submissions came through and that one row tells of the bad one."""
    assert set(result.notebooks()) == BOTH
    told = [row for row in result.rows if row["result"] == "quarantined"]
    assert [sentence in row["remark"] for row in told] == [True], told
    assert result.code == 1


@pytest.mark.parametrize("name", [name for name in BAD_NAMES if not name.endswith("/")])
def test_names_in_a_zip(collect, tmp_path, name):
    result = collect(zipped(tmp_path / "x.zip", [*GOOD, (name, notebook(), MONDAY)]))
    only_the_good(result, BAD_NAMES[name])
    (copy,) = (result.out.parent / "quarantine").iterdir()
    assert copy.read_bytes() == notebook() and copy.name.endswith(".not-taken")
    assert "\x1b[31m" not in result.text and "\x1b" not in (result.out.parent / "collected.csv").read_text()


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_in_a_tar(collect, tmp_path, name):
    only_the_good(collect(tarred(tmp_path / "x.tar", [*GOOD, (name, notebook(), MONDAY)])), BAD_NAMES[name])


@pytest.mark.parametrize(
    ("bad", "sum_"),
    [
        ((info(CARL, mode=LINK), b"/etc/passwd"), "2 with answers + 1 quarantined."),
        ((CARL.replace(".ipynb", ".zip"), b"PK no zip", MONDAY), "2 with answers + 1 quarantined."),
        ((f"carl/{FOUR}/AUX.ipynb", notebook(), MONDAY), "2 with answers + 1 quarantined."),
        ((f"carl/../../{FOUR}.ipynb", notebook(), MONDAY), "2 with answers + 1 absent. Besides: 1 file to look at"),
    ],
    ids=["a link", "a broken zip", "a name of Windows'", "a name that leads out"],
)
def test_whose_it_is_counts_as_quarantined_and_not_as_absent(collect, tmp_path, bad, sum_):
    (tmp_path / "roster.csv").write_text("student_id,name\nann,Ann Lee\nbob,Bob Ray\ncarl,Carl Day\n")
    result = collect(zipped(tmp_path / "x.zip", [*GOOD, bad]), roster=tmp_path / "roster.csv")
    assert f"{FOUR}: 3 in the class = {sum_}" in result.text
    assert [row["student_id"] for row in result.rows if row["result"] == "quarantined"] == [
        "carl" if "quarantined" in sum_ else ""
    ]


@pytest.mark.parametrize("mode", [LINK, PIPE, DEVICE], ids=["link", "pipe", "device"])
def test_what_is_no_file_in_a_zip(collect, tmp_path, mode):
    result = collect(zipped(tmp_path / "x.zip", [*GOOD, (info(CARL, mode=mode), b"/etc/passwd")]))
    only_the_good(result, "and no file")
    assert not (result.out.parent / "quarantine").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_what_is_no_file_in_a_tar(collect, tmp_path, kind):
    about = tarfile.TarInfo(CARL)
    about.type, about.linkname = kind, GOOD[0][0]
    only_the_good(collect(tarred(tmp_path / "x.tar.gz", GOOD, "w:gz", [about])), "no plain file")


def test_what_is_no_file_in_a_folder(collect, tmp_path):
    (tmp_path / "secret.ipynb").write_bytes(notebook(answer="secret"))
    folder = tmp_path / "class"
    for name, data, _ in GOOD:
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(data)
    (folder / "carl").symlink_to(tmp_path)
    (folder / "dora").mkdir()
    (folder / "dora" / "a.ipynb").symlink_to(tmp_path / "secret.ipynb")
    os.mkfifo(folder / "dora" / "b.ipynb")
    result = collect(folder)
    assert set(result.notebooks()) == BOTH
    told = {row["file"]: row["remark"] for row in result.rows if row["result"] == "quarantined"}
    assert set(told) == {"carl", "dora/a.ipynb", "dora/b.ipynb"}
    assert told["carl"] == told["dora/a.ipynb"] == "It is a link; links are not followed."


def test_encrypted(collect, tmp_path):
    path = zipped(tmp_path / "x.zip", [*GOOD, (CARL, notebook(), MONDAY)])
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(mark) + place] |= 1
    path.write_bytes(data)
    only_the_good(collect(path), "encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_in_a_way_that_has_no_limit(collect, tmp_path, method):
    about = info(CARL)
    about.compress_type = method
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, data, time in GOOD:
            archive.writestr(info(name, time), data)
        archive.writestr(about, b"\0" * (1 << 20), compress_type=method)
    only_the_good(collect(tmp_path / "x.zip"), "packed in a way")


def test_names_that_are_there_twice(collect, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(tmp_path / "x.zip", [*GOOD, (CARL, notebook(answer="1"), MONDAY), (CARL, notebook(), MONDAY)])
    result = collect(path)
    assert set(result.notebooks()) == BOTH
    assert [row["remark"][:22] for row in result.rows if row["result"] == "quarantined"] == [
        "There are several file"
    ] * 2
    assert len(list((result.out.parent / "quarantine").iterdir())) == 2


@pytest.mark.parametrize(
    "pair", [("carl/A.ipynb", "carl/a.ipynb"), ("Carl/a.ipynb", "carl/a.ipynb"), ("é/a.ipynb", "e\u0301/a.ipynb")]
)
def test_names_that_some_file_systems_take_for_one(collect, tmp_path, pair):
    path = zipped(tmp_path / "x.zip", [*GOOD, *((name, notebook(answer=name), MONDAY) for name in pair)])
    result = collect(path)
    assert set(result.notebooks()) == BOTH
    assert len([row for row in result.rows if row["result"] == "quarantined"]) == 2


def test_utf8_without_the_flag_is_read(collect, tmp_path):
    """So write macOS and many a server."""
    path = zipped(tmp_path / "x.zip", [*GOOD, ("xxxxxx/a.ipynb", notebook(), MONDAY)])
    path.write_bytes(path.read_bytes().replace(b"xxxxxx", "김민".encode()))
    assert set(collect(path).notebooks()) == BOTH | {f"김민/{FOUR}"}


@pytest.mark.parametrize("packed", ["zip", "tar.gz", "folder"])
def test_a_notebook_that_is_too_large(collect, tmp_path, packed):
    large = b" " * (MOST_BYTES + 1)
    if packed == "folder":
        for name, data in [*((name, data) for name, data, _ in GOOD), (CARL, large)]:
            (tmp_path / "class" / name).parent.mkdir(parents=True)
            (tmp_path / "class" / name).write_bytes(data)
        path = tmp_path / "class"
    elif packed == "zip":
        path = zipped(tmp_path / "x.zip", [*GOOD, (CARL, large, MONDAY)])
    else:
        path = tarred(tmp_path / "x.tar.gz", [*GOOD, (CARL, large, MONDAY)], "w:gz")
    only_the_good(collect(path), "too large")


def test_a_size_that_is_a_lie(collect, tmp_path):
    """What a zip says of a size is no limit on what comes out; reading stops all the same."""
    path = zipped(tmp_path / "x.zip", [*GOOD, (CARL, notebook() + b" " * 100_000, MONDAY)])
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 24, 50)
    path.write_bytes(data)
    only_the_good(collect(path), "broken")


def test_a_tar_that_is_a_bomb(collect, tmp_path, monkeypatch):
    monkeypatch.setattr(tars, "MOST_TIMES", 2)
    monkeypatch.setattr(tars, "SPARE", 100_000)
    zeros = ("carl/zeros.bin", bytes(1 << 20), MONDAY)
    result = collect(tarred(tmp_path / "x.tar.gz", [*GOOD, zeros, (CARL, notebook(), MONDAY)], "w:gz"))
    assert set(result.notebooks()) == BOTH  # they came before it
    assert [row["remark"] for row in result.rows if row["result"] == "broken"] == [
        "It unpacks to far more than its size allows: an archive bomb. The rest was not read."
    ]


def test_a_header_that_asks_for_all_memory(collect, tmp_path):
    """A long name is read whole, so a forged length must not be believed."""
    about = tarfile.TarInfo("././@LongLink")
    about.type, about.size = tarfile.GNUTYPE_LONGNAME, 4 << 30
    path = tmp_path / "x.tar"
    tarred(path, GOOD)
    whole = path.read_bytes().rstrip(b"\0")
    whole += bytes(-len(whole) % 512)
    path.write_bytes(whole + about.tobuf() + bytes(2048))
    result = collect(path)
    assert set(result.notebooks()) == BOTH
    assert "far too much memory" in result.rows[-1]["remark"]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_far_too_many_files(collect, tmp_path, monkeypatch, kind):
    monkeypatch.setattr(zips, "MOST_ENTRIES", 5)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    entries = [*GOOD, *((f"carl/{n}.txt", b"", MONDAY) for n in range(9))]
    path = zipped(tmp_path / "x.zip", entries) if kind == "zip" else tarred(tmp_path / "x.tar", entries)
    result = collect(path)
    assert result.rows[-1]["result"] == "broken" and "more than 5 files" in result.rows[-1]["remark"]
    assert result.code == (2 if kind == "zip" else 1)


INSIDE = {
    "broken": (b"PK\x03\x04 and no more", "broken"),
    "empty": (b"", "broken"),
    "many": (zip_bytes([(f"{n}.txt", b"", MONDAY) for n in range(30)]), "more than 20"),
    "huge": (zip_bytes([(f"{n}.ipynb", bytes(1 << 19), MONDAY) for n in range(9)]), "MB of notebooks"),
    "nested": (zip_bytes([("more.zip", zip_bytes([("a.ipynb", notebook(), MONDAY)]), MONDAY)]), "inside a zip"),
    "escaping": (zip_bytes([("../../../evil.ipynb", notebook(), MONDAY)]), "leads out"),
    "link": (zipped(io.BytesIO(), [(info("a.ipynb", mode=LINK), b"/etc/passwd")]).getvalue(), "a link"),
}


@pytest.mark.parametrize("what", INSIDE)
def test_zips_that_were_handed_in(collect, tmp_path, monkeypatch, what):
    monkeypatch.setattr(zips, "MOST_INNER", 20)
    monkeypatch.setattr(zips, "MOST_INNER_BYTES", 4 << 20)
    data, sentence = INSIDE[what]
    entries = [
        (moodle(who, n, "a.ipynb"), notebook(answer=who), MONDAY + n * DAY) for n, who in enumerate(["ann", "bob"])
    ]
    result = collect(zipped(tmp_path / "x.zip", [*entries, (moodle("carl", 9, "all.zip"), data, MONDAY)]))
    only_the_good(result, sentence)


def test_more_notebooks_than_one_person_can_mean(collect, tmp_path, monkeypatch):
    monkeypatch.setattr(scan, "MOST_EACH", 2)
    inner = zip_bytes([(f"{n}.ipynb", notebook(answer=str(n)), MONDAY) for n in range(4)])
    result = collect(zipped(tmp_path / "x.zip", [*GOOD, ("carl/all.zip", inner, MONDAY)]))
    assert set(result.notebooks()) == BOTH
    assert sorted(row["result"] for row in result.rows if row["file"].startswith("carl")) == [
        *["quarantined"] * 2,
        *["unclear"] * 2,
    ]


BROKEN = {
    "empty.zip": b"",
    "empty.tar.gz": b"",
    "rubbish.zip": b"rubbish" * 99,
    "rubbish.tar.gz": b"rubbish" * 99,
    "rubbish.bin": b"rubbish" * 99,
    "page.zip": b"<!DOCTYPE html><html>Please log in</html>",
    "cut.tar.xz": b"\xfd7zXZ\x00\x00\x04",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_download_does_not_stop_the_others(collect, tmp_path, name):
    (tmp_path / name).write_bytes(BROKEN[name])
    good = zipped(tmp_path / "good.zip", GOOD)
    result = collect(tmp_path / name, good)
    assert set(result.notebooks()) == BOTH and result.code == 1
    assert [row["download"] for row in result.rows if row["result"] == "broken"] == [name]
    alone = collect(tmp_path / name, out=tmp_path / "o" / "submitted")
    assert alone.code == 2 and alone.notebooks() == {}


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_a_download_that_was_cut_off(collect, tmp_path, kind):
    many = [
        (f"s{n:02}/{FOUR}/{FOUR}.ipynb", notebook(answer=os.urandom(2000).hex()), MONDAY + n * DAY) for n in range(9)
    ]
    path = tmp_path / f"x.{kind}"
    zipped(path, many) if kind == "zip" else tarred(path, many, f"w:{kind[4:]}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    result = collect(path)
    assert [row["remark"].startswith("It is broken") for row in result.rows if row["result"] == "broken"] == [True]
    whole = {f"{name.split('/')[0]}/{FOUR}": data for name, data, _ in many}
    assert result.notebooks().items() <= whole.items()
    assert len(result.notebooks()) >= (0 if kind == "zip" else 2)


def test_notebooks_that_are_bombs(collect, tmp_path, monkeypatch):
    """Only where they are too much together, for an innocent loop that prints one line packs as well."""
    path = zipped(tmp_path / "x.zip", [*GOOD, (CARL, notebook() + b" " * (8 << 20), MONDAY)])
    assert set(collect(path, out=tmp_path / "o" / "submitted").notebooks()) == BOTH | {f"carl/{FOUR}"}
    monkeypatch.setattr(zips, "SPARE", 1 << 20)
    only_the_good(collect(path), "as a bomb does")


def hidden_by(how: str) -> bytes:
    """Return a tar in which a forged header of carl's makes others' files part of his own, or of its name."""
    about = tarfile.TarInfo(CARL)
    tail = tar_bytes(GOOD[1:]).rstrip(b"\0")
    tail += bytes(-len(tail) % tarfile.BLOCKSIZE)
    about.size = len(tail)
    if how == "in a name":
        about.type = tarfile.GNUTYPE_LONGNAME
    head = about.tobuf()
    if how == "by a pax header":
        about.size, record = 0, f" size={len(tail)}\n".encode()
        record = b"%d%s" % (len(record) + 2, record)
        extra = tarfile.TarInfo("pax")
        extra.type, extra.size = tarfile.XHDTYPE, len(record)
        head = extra.tobuf() + record + bytes(-len(record) % tarfile.BLOCKSIZE) + about.tobuf()
    first = tar_bytes(GOOD[:1]).rstrip(b"\0")  # without the end of it
    last = tar_bytes([(f"dora/{FOUR}/{FOUR}.ipynb", notebook(answer="dora"), MONDAY + 3 * DAY)])
    return first + bytes(-len(first) % tarfile.BLOCKSIZE) + head + tail + last


@pytest.mark.parametrize("how", ["in a file", "in a name", "by a pax header"])
@pytest.mark.parametrize("kind", ["tar", "tar.gz"])
def test_a_forged_size_hides_nobody(collect, tmp_path, how, kind):
    path = tmp_path / f"x.{kind}"
    path.write_bytes(gzip.compress(hidden_by(how)) if kind == "tar.gz" else hidden_by(how))
    result = collect(path)
    assert {f"ann/{FOUR}"} <= set(result.notebooks()) <= {f"ann/{FOUR}", f"dora/{FOUR}"} and result.code == 1
    (told,) = [row["remark"] for row in result.rows if row["result"] == "quarantined"]
    assert told.startswith("It holds a file as a tar does, the first of them 'bob/")


def test_a_size_below_nothing_ends_the_reading_in_a_sentence(collect, tmp_path):
    """It leads back to what was read, again and again."""
    about = tarfile.TarInfo(CARL)
    about.size = -1024
    first = tar_bytes(GOOD).rstrip(b"\0")
    path = tmp_path / "x.tar"
    path.write_bytes(first + bytes(-len(first) % tarfile.BLOCKSIZE) + about.tobuf() + bytes(4096))
    result = collect(path)
    assert set(result.notebooks()) == BOTH and result.code == 1
    assert "what came before that was read" in result.rows[-1]["remark"] and "bob/" in result.rows[-1]["remark"]


def test_a_zip_with_a_bad_header_before_one_file_keeps_nobody_else_back(collect, tmp_path):
    path = zipped(tmp_path / "x.zip", [GOOD[0], (CARL, notebook(), MONDAY), GOOD[1]])
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x03\x04", 10)
    data[at : at + 30] = b"rubbish of thirty bytes, ab..."
    path.write_bytes(data)
    only_the_good(collect(path), "broken")


ODD_PEOPLE = {  # whose folders a download calls so, and under which id they are filed
    "ann.": "ann",
    "ann ": "ann",
    "carl\u200b": "carl",
    "COM1.x": None,
    "e\u0301ve": "éve",
    "=1+1": "=1+1",
}


@pytest.mark.parametrize("name", ODD_PEOPLE)
def test_people_with_odd_folders_are_filed_under_plain_names_or_told(collect, tmp_path, name):
    result = collect(tarred(tmp_path / "x.tar", [*GOOD[1:], (f"{name}/{FOUR}/{FOUR}.ipynb", notebook(), MONDAY + DAY)]))
    expected = {f"bob/{FOUR}"} | ({f"{ODD_PEOPLE[name]}/{FOUR}"} if ODD_PEOPLE[name] else set())
    assert set(result.notebooks()) == expected
    assert result.code == (0 if ODD_PEOPLE[name] else 1)


@pytest.mark.parametrize("pair", [("ann.", "ann"), ("ann\u200b", "ann"), ("Ann", "ann"), ("e\u0301", "é")])
def test_two_people_who_would_be_one_are_told_and_neither_is_taken(collect, tmp_path, pair):
    folder = tmp_path / "class"
    for number, name in enumerate([*pair, "bob"]):
        (folder / name / FOUR).mkdir(parents=True)
        (folder / name / FOUR / f"{number}.ipynb").write_bytes(notebook(answer=name))
    result = collect(folder)
    assert set(result.notebooks()) == {f"bob/{FOUR}"} and result.code == 1
    told = [row["remark"] for row in result.rows if row["result"] == "unclear"]
    assert len(told) == 2 and all("would get the same id" in remark for remark in told)


def test_rubbish_in_the_middle_of_a_tar_is_no_silent_end(collect, tmp_path):
    """Python's reader takes any rubbish for the end, and whoever comes after it would be lost without a word."""
    path = tarred(tmp_path / "x.tar", [*GOOD, (CARL, notebook(), MONDAY)])
    data = bytearray(path.read_bytes())
    start = data.index(CARL.encode())
    data[start : start + 512] = b"rubbish!" * 64
    path.write_bytes(data)
    result = collect(path)
    assert set(result.notebooks()) == BOTH and result.code == 1
    assert "what came before that was read" in result.rows[-1]["remark"]
