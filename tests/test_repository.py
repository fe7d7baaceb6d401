"""What is said about the repository is so: CONTRIBUTING.md, CHANGELOG.md, CITATION.cff, and the workflow for GitHub."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from itertools import pairwise

import pytest
import yaml

from tests import layers_picture, tiers
from tests.chapters import ROOT, SLUGS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)


# ---------------------------------------------------------------- CONTRIBUTING.md
def test_the_picture_of_the_layers_is_fresh():
    assert layers_picture.drawn(CONTRIBUTING) == CONTRIBUTING, "run: python -m tests.layers_picture"


def test_the_picture_follows_from_what_is_stated(monkeypatch):
    monkeypatch.setattr(layers_picture, "layers", lambda container: [["cli"], ["report", "export"]])
    lines = layers_picture.picture("autograder").splitlines()
    assert [line.split()[1] for line in lines if "│ " in line and "cli" in line] == ["cli"]
    assert ["│", "report", "│", "export", "│"] in [line.split() for line in lines]
    assert (lines[1].count("┬"), lines[4].count("┬"), lines[-1].count("┴")) == (0, 1, 1)


def test_a_picture_is_as_wide_throughout():
    for container in ("autograder", "autograder.grade"):
        assert {len(line) for line in layers_picture.picture(container).splitlines()[1:]} == {layers_picture.WIDTH}


FILE = r"[\w./-]+(/|\.(py|md|toml|txt|cff|yml))"
QUOTED = sorted(set(re.findall(r"`([^`\n]+)`", re.sub(r"(?s)```.*?```", "", CONTRIBUTING))))


@pytest.mark.parametrize("path", [text for text in QUOTED if re.fullmatch(FILE, text)])
def test_a_file_that_is_named_is_there(path):
    assert all((ROOT / path.replace("NN_topic", slug)).exists() for slug in SLUGS), path


def commands(text):
    """Return the commands on a page, those in blocks and those within sentences."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return sorted({*filter(None, lines), *(text for text in QUOTED if text.split()[0] in ("make", "python"))})


@pytest.mark.parametrize("command", commands(CONTRIBUTING))
def test_a_command_that_is_named_is_there(command):
    words = command.split()
    while "=" in words[0] or words[0] in ("xvfb-run", "-a"):  # the environment of the command, and a display for it
        words.pop(0)
    if words[0] == "make":
        names = [word.partition("=") for word in words[1:]]
        assert all(f"$({name})" in MAKEFILE or f"\n{name} := " in MAKEFILE if is_set else name in TARGETS
                   for name, is_set, _ in names)  # fmt: skip
    elif words[:2] == ["python", "-m"]:
        assert importlib.util.find_spec(words[2]), command
        assert all((ROOT / word).exists() for word in words if word.startswith("tests/")), command
    else:
        assert words[0] == "autograder" and words[1] in ("build", "check", "mistakes"), command


GUIDES = ["CONTRIBUTING.md", "book/teach/own_check.md", "book/teach/own_chapter.md"]


def pytest_commands(guide):
    """Return what a guide gives pytest, in its blocks."""
    text = (ROOT / guide).read_text(encoding="utf-8").replace("\\\n", " ")
    return [shlex.split(found, comments=True) for found in re.findall(r"^python -m pytest (.+)$", text, re.MULTILINE)]


@pytest.mark.parametrize("guide", GUIDES)
def test_what_a_guide_lets_pytest_run_is_there(guide):
    assert pytest_commands(guide)
    for given in pytest_commands(guide):
        places = [ROOT / word for word in given if word.startswith("tests/")]
        files = [file for place in places for file in ([place] if place.is_file() else place.glob("test_*.py"))]
        tests = " ".join(re.findall(r"^def (test_\w+)", "".join(file.read_text() for file in files), re.MULTILINE))
        options = dict(pairwise(given))
        for word in options.get("-k", "").replace(" or ", " ").split():
            assert re.fullmatch(r"\d\d", word) or word in tests, f"no test of {guide} is called {word}"
        marks = set(options["-m"].replace("not ", "").split(" and ")) if "-m" in options else set(tiers.NOT_DAILY)
        assert set(tiers.NOT_DAILY) <= marks <= set(tiers.MARKS), f"{guide}: -m replaces what pyproject.toml leaves out"


# ---------------------------------------------------------------- CHANGELOG.md
def test_the_changelog_has_the_version_of_the_package_and_kinds_of_changes_that_are_known():
    versions = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    released = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d", version) for version in versions[1:]]
    assert released[0] and released[0][1] == PROJECT["version"] and all(released)
    kinds = set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


# ---------------------------------------------------------------- CITATION.cff
def test_the_citation_has_what_its_format_asks_for_and_the_version_of_the_package():
    """The keys that version 1.2.0 of the format requires, and of the others those that are used."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert set(cited) >= {"cff-version", "message", "title", "authors"}
    assert set(cited) <= {
        "cff-version",
        "message",
        "title",
        "authors",
        *("type", "abstract", "version", "license", "keywords"),
    }
    assert cited["cff-version"] == "1.2.0" and cited["type"] == "software"
    assert cited["version"] == PROJECT["version"] and cited["license"] == PROJECT["license"]
    assert cited["title"] == yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["title"]
    assert [set(author) for author in cited["authors"]] == [{"name"}], "an entity"
    assert cited["authors"][0]["name"] in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert all(isinstance(word, str) for word in [*cited["keywords"], cited["message"], cited["abstract"]])


# ---------------------------------------------------------------- the workflow for GitHub
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
JOBS = WORKFLOW["jobs"]
every_job = pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)


def test_the_commands_of_the_readme_run_with_every_python_that_is_allowed():
    first, beyond = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    allowed = [f"3.{minor}" for minor in range(int(first), int(beyond))]
    assert JOBS["commands"]["strategy"]["matrix"]["python"] == allowed
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("## Two commands")[2].partition("\n\n<details>")[0]
    told = re.findall(r"^    (make [a-z-]+)", block, re.MULTILINE)
    runs = [step["run"] for step in JOBS["commands"]["steps"] if "run" in step]
    assert [run for run in runs if run.startswith("make")] == told == ["make course", "make test"]
    assert set(JOBS["learner"]["strategy"]["matrix"]["python"]) <= set(allowed)


@every_job
def test_a_job_runs_what_there_is_and_may_do_nothing_else(job):
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert all(run.split()[1] in TARGETS for run in runs if run.startswith("make"))
    others = [run for run in runs if not run.startswith("make")]
    assert all(run in (ROOT / "book" / "teach" / "setup.md").read_text(encoding="utf-8") for run in others)
    assert WORKFLOW["permissions"] == {"contents": "read"} and "permissions" not in job
    assert 0 < job["timeout-minutes"] <= 60
    actions = [step["uses"] for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", action) for action in actions), "pinned by a full version"


def test_what_runs_for_learners_needs_neither_sandbox_nor_browser():
    (command,) = re.findall(r"^test-learner:.*\n((?:\t.*\n)+)", MAKEFILE, flags=re.MULTILINE)
    files = re.findall(r"tests/([\w*.]+)", command)
    found = [path.name for pattern in files for path in (ROOT / "tests").glob(pattern)]
    assert "test_learner_check.py" in found and len(found) > 8
    left_out = " and ".join(f"not {mark}" for mark in tiers.NOT_FAST)
    assert f'-m "{left_out}"' in command
    for name in found:
        text = (ROOT / "tests" / name).read_text(encoding="utf-8")
        assert not re.search(r"\b(Pool|sandbox|Grader|browser|selenium)\b", text), name
