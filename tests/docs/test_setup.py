"""What is installed: the locks, the Makefile, pyproject.toml and the pages say the same."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.docs.blocks import PAGES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PYTHONS = SpecifierSet(PROJECT["requires-python"])
ENTRY = re.compile(
    r"^(?P<pin>[^\s#-][^\\\n]*?) ?\\\n(?P<hashes>(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", re.MULTILINE
)
NEEDED_BY_OTHERS = {"jsonschema", "beautifulsoup4"}  # by nbformat and nbconvert, so that they are in every lock
LOCKS = {  # each file, and the extras that it holds besides the dependencies
    "requirements.txt": ("book", "tensorflow"),
    "requirements-machines.txt": ("book", "tensorflow", "cluster", "postgresql"),
    "requirements-dev.txt": tuple(EXTRAS),
}


def entries(name: str) -> dict[tuple[str, str], set[str]]:
    """Return the digests of each package and version; the whole file must be made of such entries."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert ENTRY.sub("", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).strip() == "", f"{name}: more than entries"
    found = {}
    for entry in ENTRY.finditer(text):
        needed = Requirement(entry["pin"])
        (exact,) = needed.specifier
        assert exact.operator == "==" and "*" not in exact.version
        digests = set(re.findall(r"sha256:([0-9a-f]{64})", entry["hashes"]))
        found[canonicalize_name(needed.name), exact.version] = digests
    return found


def wanted(extras: tuple[str, ...]) -> list[Requirement]:
    """Return what pyproject.toml asks for by name, with some of its extras."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    return [one for one in map(Requirement, lines) if one.name != PROJECT["name"]]


# ---------------------------------------------------------------- the locks
@pytest.mark.parametrize("name", [*LOCKS, "requirements-uv.txt", "requirements-oldest.txt", "requirements-pyodide.txt"])
def test_a_lock_is_exact_and_names_no_index(name):
    assert len(entries(name)) >= 1 and all(entries(name).values())
    assert not re.search(r"://|--index|--find-links|--trusted|file:", (ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_what_pyproject_asks_for(name):
    locked = entries(name)
    for need in wanted(LOCKS[name]):
        versions = [version for package, version in locked if package == canonicalize_name(need.name)]
        assert versions and all(need.specifier.contains(version, prereleases=True) for version in versions), str(need)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_complete(name):
    packages = {package for package, _ in entries(name)}
    for package in sorted(packages):
        try:
            needs = [Requirement(line) for line in requires(package) or []]
        except PackageNotFoundError:  # for another system, or Python
            continue
        here = [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
        assert {canonicalize_name(need.name) for need in here} <= packages, package


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-machines.txt"])
def test_a_package_has_one_version_and_the_same_digests_in_all_locks(name):
    here, everything = entries(name), entries("requirements-dev.txt")
    assert here == {key: everything.get(key) for key in here}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-machines.txt"])
def test_a_lock_holds_nothing_that_only_others_need(name):
    packages = {package for package, _ in entries(name)}
    of_others = {canonicalize_name(need.name) for extra in set(EXTRAS) - set(LOCKS[name]) for need in wanted((extra,))}
    of_others -= {canonicalize_name(need.name) for need in wanted(LOCKS[name])} | NEEDED_BY_OTHERS
    assert {"pytest", "selenium", "ruff", "uv", "mypy"} < of_others
    assert not packages & of_others


def test_the_uv_that_installs_is_the_one_of_the_developers():
    everything = entries("requirements-dev.txt")
    assert entries("requirements-uv.txt") == {key: everything[key] for key in everything if key[0] == "uv"}
    assert len(entries("requirements-uv.txt")) == 1


def test_the_oldest_numpy_is_the_oldest_that_is_allowed():
    (need,) = [need for need in wanted(()) if need.name == "numpy"]
    (lowest,) = [Version(part.version) for part in need.specifier if part.operator == ">="]
    (found,) = [Version(version) for _, version in entries("requirements-oldest.txt")]
    assert found == lowest


# ---------------------------------------------------------------- which Python
def test_makefile_readme_and_pages_take_the_pythons_that_pyproject_takes():
    taken = [f"3.{minor}" for minor in range(30) if f"3.{minor}" in PYTHONS]
    lowest, above = int(taken[0][2:]), int(taken[-1][2:]) + 1
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"\(3, \d+\) <= sys.version_info\[:2\] < \(3, \d+\)", makefile) == [
        f"(3, {lowest}) <= sys.version_info[:2] < (3, {above})"
    ]
    assert f">=3.{lowest}$(COMMA)<3.{above}" in makefile
    assert [f"3.{minor}" for minor in re.findall(r"\bpython3\.(\d+)(?= )", makefile)] == taken
    said = f"Python {', '.join(taken[:-1])} or {taken[-1]}"
    for page in ("README.md", "book/start.md", "book/teach/setup.md", "Makefile"):
        assert said in " ".join((ROOT / page).read_text(encoding="utf-8").split()), page


def test_no_page_speaks_of_other_pythons():
    for page in [*PAGES, *(ROOT / "book").glob("*.md")]:
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"\bPython (3\.\d+)\b", text)) | set(re.findall(r"\bpy -(3\.\d+)", text))
        assert all(version in PYTHONS for version in named), page


def test_readme_installs_on_windows_as_make_does():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    installs = re.findall(r"pip install (.*)", text)
    assert installs == [
        "--require-hashes -r requirements.txt",
        "--no-deps --no-build-isolation -e .",
        "--require-hashes -r requirements-dev.txt",
    ]


def test_the_project_is_installed_without_fetching_what_builds_it():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    for need in map(Requirement, build["requires"]):
        for name in LOCKS:
            assert any(package == need.name and version in need.specifier for package, version in entries(name)), name
