"""Whatever the bytes and names of a download are: nothing is written outside its folder, and nothing breaks down."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
import warnings
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder import cli
from autograder.collect.names import as_id, danger, is_safe_id
from tests.collect.downloads import FOUR, MONDAY, canvas, info, make_course, moodle, notebook, tarred, zip_bytes, zipped

EXAMPLES = settings(max_examples=40, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=400)
parts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "..",
            ".",
            "",
            "~",
            "con",
            "a.ipynb",
            f"{FOUR}.ipynb",
            FOUR,
            "ann",
            "*",
            "$(id)",
            "-rf",
            "C:",
            "\\..\\",
            "x.zip",
        ]
    ),
)
paths = st.lists(parts, min_size=1, max_size=5).map("/".join)
platforms = st.builds(
    lambda name, number, file, kind: moodle(name, number, file) if kind else canvas(name, number, 7, file),
    *(parts, st.integers(0, 10**30), paths, st.booleans()),
)
bytes_ = st.one_of(
    st.binary(max_size=30), st.just(notebook()), st.just(zip_bytes([("../a.ipynb", notebook(), MONDAY)])), st.just(b"{")
)
files = st.lists(st.tuples(st.one_of(paths, platforms), bytes_), max_size=6)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Return a course that all examples share."""
    return make_course(tmp_path_factory.mktemp("fuzz") / "course")


def collected(course: Path, write) -> None:
    """Collect a download; assert that nothing appears but below the folder, in the form that it should have."""
    with tempfile.TemporaryDirectory() as top:
        base, here = Path(top), Path.cwd()
        path = base / "in" / "download"
        path.parent.mkdir()
        path = write(path) or path
        out = base / "out" / "deep" / "submitted"
        before = snapshot(course)
        os.chdir(course)
        try:
            with redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()):
                code = cli.main(["collect", str(path), f"--out={out}"])
        finally:
            os.chdir(here)
        assert code in (0, 1, 2)
        assert "\x1b" not in printed.getvalue()
        assert snapshot(course) == before
        beside = {one.name for one in out.parent.iterdir()}
        assert beside <= {"submitted", "quarantine", "collected.csv", ".grading.lock"}, beside
        assert {one.name for one in base.iterdir()} == {"in", "out"} and len(list((base / "in").iterdir())) == 1
        assert [one.name for one in (base / "out").iterdir()] == ["deep"]
        for one in out.rglob("*") if out.exists() else ():
            assert not one.is_symlink()
            if one.is_file():
                student, slug, name = one.relative_to(out).parts
                assert is_safe_id(student) and slug == FOUR
                assert name in (f"{FOUR}.ipynb", "timestamp.txt", ".collected.json")


def snapshot(folder: Path) -> dict[Path, int]:
    """Return all files of a folder and when they were written."""
    return {one: one.stat().st_mtime_ns for one in folder.rglob("*")}


@EXAMPLES
@given(files, st.sampled_from([0o100644, 0o120777, 0o040755, 0]))
def test_any_zip(course, entries, mode):
    def write(path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return zipped(
                path.with_suffix(".zip"), [(info(encodable(name), mode=mode), data) for name, data in entries]
            )

    collected(course, write)


def encodable(name: str) -> str:
    """Return a name that a zip can hold."""
    return name.encode("utf-8", "replace").decode()[:60_000]


@EXAMPLES
@given(files, st.sampled_from(["w", "w:gz", "w:xz"]), st.sampled_from([b"0", b"1", b"2", b"6", b"S", b"7"]))
def test_any_tar(course, entries, mode, kind):
    def write(path):
        with tarfile.open(path.with_suffix(".tar"), mode, errors="surrogateescape") as archive:
            for name, data in entries:
                about = tarfile.TarInfo(encodable(name))
                about.size, about.type, about.linkname = len(data), kind, "/etc/passwd"
                archive.addfile(about, io.BytesIO(data))
        return path.with_suffix(".tar")

    collected(course, write)


@EXAMPLES
@given(st.binary(max_size=200), st.sampled_from([".zip", ".tar", ".tar.gz", ".ipynb", ""]))
def test_any_bytes(course, data, ending):
    def write(path):
        path = path.with_name(f"download{ending}")
        path.write_bytes(data)
        return path

    collected(course, write)


NAMED = [(f"{who}/{FOUR}.ipynb", notebook(), MONDAY) for who in ("ann", "bob")]
WHOLE = [zip_bytes(NAMED), tarred(Path(tempfile.mkdtemp()) / "x.tar", NAMED).read_bytes()]


@EXAMPLES
@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8), st.floats(0.3, 1))
def test_archives_with_some_bytes_changed_and_the_end_cut_off(course, data, changes, length):
    def write(path):
        mutated = bytearray(data)
        for place, value in changes:
            mutated[int(place * (len(mutated) - 1))] = value
        path = path.with_suffix(".zip" if data.startswith(b"PK") else ".tar")
        path.write_bytes(mutated[: int(length * len(mutated))])
        return path

    collected(course, write)


@MANY
@given(st.text(max_size=400))
def test_an_id_made_of_any_name_is_safe_and_stays_what_it_is(name):
    made = as_id(name)
    assert not made or (is_safe_id(made) and not made.startswith(("-", ".")))
    assert as_id(made) == made


@MANY
@given(paths)
def test_a_name_without_danger_stays_in_its_folder(path):
    if not danger(path):
        inside = os.path.normpath(os.path.join("/top", path))
        assert inside == "/top" or inside.startswith("/top/")
        assert zipfile.ZipInfo(path).filename == path
