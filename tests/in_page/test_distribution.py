"""What is taken of a Pyodide folder: all that NumPy and matplotlib need, nothing else, and no damaged file."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.in_page.extension import load
from tests.in_page.pyodide_folder import MISSING, pyodide_folder
from tests.in_page.small_pyodide import CORE, LOCK, NEEDED, WHEELS, content, lock, write_pyodide

distribution = load("distribution")
Incomplete, copy_to, read = distribution.Incomplete, distribution.copy_to, distribution.read_distribution


@pytest.fixture
def folder(tmp_path):
    return write_pyodide(tmp_path / "pyodide")


@pytest.fixture
def real():
    return pyodide_folder() or pytest.skip(MISSING)


def complaint(folder: Path) -> str:
    """Return what is said of a folder that is of no use, and check that it is one sentence."""
    with pytest.raises(Incomplete) as error:
        read(folder)
    said = str(error.value)
    assert said.endswith(".") and "\n" not in said and folder.name in said
    return said


def change_lock(folder: Path, change) -> None:
    said = lock()
    change(said)
    (folder / LOCK).write_text(json.dumps(said), encoding="utf-8")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# What is needed


def test_the_core_and_the_closure_of_both_packages_are_needed_and_nothing_else(folder):
    found = read(folder)
    assert set(found.files) == NEEDED
    assert all(size == len(content(name)) for name, size in found.files.items() if name != LOCK)


def test_what_the_packages_share_counts_for_the_first(folder):
    found = read(folder)
    assert list(found.parts) == ["core", "numpy", "matplotlib"]
    assert set(found.parts["core"]) == {*CORE, LOCK}
    assert set(found.parts["numpy"]) == {WHEELS["numpy"]}
    assert set(found.parts["matplotlib"]) == {WHEELS["matplotlib"], WHEELS["draw-tools"]}
    assert sum(found.sizes.values()) == sum(found.files.values())


def test_another_version_than_the_tested_one_is_used_and_told(folder):
    found = read(folder)
    assert found.version == "0.0.1" and not found.is_tested


def test_the_names_of_packages_are_compared_as_pep_503_says(folder):
    change_lock(folder, lambda said: said["packages"].update({"Draw.Tools": said["packages"].pop("draw-tools")}))
    assert set(read(folder).files) == NEEDED
    assert "draw-tools" in json.loads(read(folder).lock)["packages"]  # Pyodide looks for names in this form


# What is wrong with a folder


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert f"{name} is missing in {folder}" in complaint(folder)


def test_a_missing_file_that_no_page_needs_is_not_missed(folder):
    (folder / WHEELS["scipy"]).unlink()
    assert set(read(folder).files) == NEEDED


def test_no_folder_and_a_file_in_its_place(tmp_path):
    assert "There is no Pyodide in" in complaint(tmp_path / "none")
    (tmp_path / "file").write_text("")
    assert "There is no Pyodide in" in complaint(tmp_path / "file")


def test_the_command_that_fetches_into_this_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert complaint(Path(".pyodide")) == "There is no Pyodide in .pyodide: `make pyodide` fetches it."
    assert complaint(tmp_path / ".pyodide") == complaint(Path(".pyodide"))
    assert "`python book/_ext/in_page/fetch.py --to other` fetches it." in complaint(tmp_path / "other")


@pytest.mark.parametrize("name", [WHEELS["numpy"], WHEELS["draw-tools"]])
def test_one_other_byte_in_a_wheel_is_found(folder, name):
    (folder / name).write_bytes(content(name)[:-1] + b"!")
    assert f"{name} in {folder} is damaged" in complaint(folder)


@pytest.mark.parametrize("name", CORE)
def test_the_core_of_the_tested_version_is_compared_with_the_official_one(real, tmp_path, name):
    for path in real.iterdir():
        (tmp_path / path.name).symlink_to(path)
    assert read(tmp_path).is_tested
    (tmp_path / name).unlink()
    data = bytearray((real / name).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / name).write_bytes(data)
    assert f"{name} in {tmp_path} is damaged" in complaint(tmp_path)


def test_a_disk_that_cannot_be_read(folder, monkeypatch):
    def broken(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(distribution.hashlib, "file_digest", broken)
    assert "cannot be read: Input/output error" in complaint(folder)


DAMAGED = {
    "empty": b"",
    "half": json.dumps(lock()).encode()[:300],
    "bytes": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "list": b"[]",
    "number": b"7",
    "no packages": json.dumps({"info": {"version": "0.0.1"}}).encode(),
    "no info": json.dumps({"packages": {}}).encode(),
    "list of packages": json.dumps({"info": {"version": "0.0.1"}, "packages": ["numpy"]}).encode(),
    "version above": json.dumps(lock("../up")).encode(),
    "version dots": json.dumps(lock("..")).encode(),
    "version number": json.dumps(lock(1.0)).encode(),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_lock(folder, data):
    (folder / LOCK).write_bytes(data)
    assert f"The {LOCK} in {folder} is damaged: `" in complaint(folder)


ENTRIES = [
    {"file_name": "../numpy.whl"},
    {"file_name": ".."},
    {"file_name": "/etc/passwd"},
    {"file_name": "wheels/numpy.whl"},
    {"file_name": "..\\numpy.whl"},
    {"file_name": "https://example.org/numpy.whl"},
    {"file_name": ".hidden.whl"},
    {"file_name": "numpy.whl\n"},
    {"file_name": ""},
    {"file_name": None},
    {"file_name": "pyodide.mjs"},
    {"file_name": LOCK},
    {"sha256": None},
    {"sha256": "0" * 63},
    {"depends": "six"},
    {"depends": [1]},
    {"depends": None},
]


@pytest.mark.parametrize("entry", ENTRIES, ids=str)
@pytest.mark.parametrize("package", ["numpy", "draw-tools"])
def test_an_entry_of_another_shape_and_a_file_elsewhere(folder, package, entry):
    (folder.parent / "numpy.whl").write_bytes(content(WHEELS[package]))  # even where such a file is there
    change_lock(folder, lambda said: said["packages"][package].update(entry))
    assert f"is damaged where it names {package}" in complaint(folder)


def test_an_entry_that_is_no_mapping(folder):
    change_lock(folder, lambda said: said["packages"].update(numpy=["numpy.whl"]))
    assert "is damaged where it names numpy" in complaint(folder)


@pytest.mark.parametrize("package", ["numpy", "draw-tools"])
def test_a_package_that_the_lock_lacks_is_named(folder, package):
    change_lock(folder, lambda said: said["packages"].pop(package))
    assert f"does not have {package}" in complaint(folder)


# The copy


def test_the_copy_has_the_files_that_are_needed_and_a_lock_with_no_other(folder, tmp_path):
    there = tmp_path / "a" / "b"
    copy_to(read(folder), there)
    assert {path.name: path.stat().st_size for path in there.iterdir()} == read(folder).files
    assert names(there) == NEEDED and all((there / name).read_bytes() == content(name) for name in NEEDED - {LOCK})
    written, whole = json.loads((there / LOCK).read_text()), lock()
    assert written["info"] == whole["info"]
    assert written["packages"] == {name: entry for name, entry in whole["packages"].items() if name != "scipy"}


def test_the_copy_is_a_distribution_of_the_same_sizes(folder, tmp_path):
    copy_to(read(folder), tmp_path / "there")
    assert read(tmp_path / "there").parts == read(folder).parts
    assert read(tmp_path / "there").lock == read(folder).lock


@pytest.fixture
def copied(monkeypatch):
    """Return the list of the names of files that are copied from now on."""
    seen, copyfile = [], shutil.copyfile
    monkeypatch.setattr(shutil, "copyfile", lambda source, target: seen.append(source.name) or copyfile(source, target))
    return seen


def test_what_is_there_is_not_copied_again(folder, tmp_path, copied):
    there = tmp_path / "there"
    copy_to(read(folder), there)
    assert set(copied) == NEEDED - {LOCK}
    copied.clear()
    copy_to(read(folder), there)
    assert copied == []


def test_half_a_copy_and_another_file_of_the_same_length_are_copied_again(folder, tmp_path, copied):
    there = tmp_path / "there"
    copy_to(read(folder), there)
    copied.clear()
    os.truncate(there / "pyodide.mjs", 3)
    (there / WHEELS["numpy"]).write_bytes(b"x" * len(content(WHEELS["numpy"])))
    copy_to(read(folder), there)
    assert sorted(copied) == sorted(["pyodide.mjs", WHEELS["numpy"]])
    assert (there / "pyodide.mjs").read_bytes() == content("pyodide.mjs")


def test_a_folder_that_may_only_be_read_can_be_copied_twice(folder, tmp_path):
    there = tmp_path / "there"
    for path in folder.iterdir():
        path.chmod(0o444)
    copy_to(read(folder), there)
    assert all(os.stat(there / name).st_mode & 0o200 for name in NEEDED)


# A real folder


def test_the_real_folder(real, tmp_path):
    found = read(real)
    assert found.version == "0.27.7" and found.is_tested
    assert {"numpy", "matplotlib", "pillow", "six"} <= set(json.loads(found.lock)["packages"])
    assert {size // 1_000_000 for size in found.sizes.values()} == {13, 3, 9}
    copy_to(found, tmp_path)
    assert read(tmp_path).parts == found.parts and names(tmp_path) == set(found.files)
