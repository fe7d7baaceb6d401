"""The Containerfile names things that exist, and the pages run it as its base, its user and its folders need it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib

import pytest
from packaging.specifiers import SpecifierSet

from autograder.cli import parser
from tests.docs.blocks import ROOT, commands_of

TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8")
LINES = [
    line.split(maxsplit=1)
    for line in re.sub(r"\\\n\s*", " ", TEXT).splitlines()
    if line.strip() and not line.startswith("#")
]
KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "ENTRYPOINT", "CMD"}
RUNS = [
    line
    for block in commands_of(ROOT / "book" / "teach" / "machines.md")
    for line in block.lines
    if line.startswith(("podman", "docker"))
]


def told(word: str) -> list[str]:
    """Return what follows an instruction, each time it stands there."""
    return [rest for instruction, rest in LINES if instruction == word]


def test_every_instruction_is_one():
    assert {instruction for instruction, _ in LINES} == KNOWN


def test_the_base_is_pinned_and_its_python_is_one_that_the_project_takes():
    (base,) = told("FROM")
    found = re.fullmatch(r"docker\.io/library/python:3\.(\d+)\.\d+-slim-[a-z]+", base)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert found and f"3.{found[1]}" in SpecifierSet(project["requires-python"]), base


def test_all_that_is_copied_exists_and_is_let_in():
    allowed = {line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")}
    sources = [source for line in told("COPY") for source in line.split()[:-1]]
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert set(sources) == allowed


def test_nothing_of_a_course_goes_into_the_image():
    copied = {source.removeprefix("./") for line in told("COPY") for source in line.split()[:-1]}
    assert not copied & {"", ".", "solutions", "exercises", "_build", "book", "tests"}


def test_what_the_package_needs_to_be_built_is_copied():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    copied = [line.split()[:-1] for line in told("COPY")]
    assert project["readme"] in sum(copied, []) and "pyproject.toml" in sum(copied, [])
    assert "--require-hashes -r requirements-machines.txt" in told("RUN")[0]
    assert "--no-deps --no-build-isolation ." in told("RUN")[1]


@pytest.mark.parametrize("command", told("RUN"))
def test_a_shell_can_read_each_step(command):
    assert subprocess.run(["sh", "-n", "-c", command], capture_output=True).stderr == b""


def test_the_image_runs_the_grader_as_an_ordinary_user():
    assert told("ENTRYPOINT") == ['["autograder"]'] and json.loads(told("CMD")[0]) == ["--help"]
    (user,) = told("USER")
    assert user != "root" and re.search(rf"useradd .*--uid 1000 {user}$", told("RUN")[-1])
    assert told("WORKDIR")[-1] == "/course"


@pytest.mark.parametrize("command", [line for line in RUNS if " run " in line], ids=lambda line: line.split()[0])
def test_the_pages_give_what_the_sandbox_needs_and_no_more(command):
    words = shlex.split(command)
    options, image = words[: words.index("attention-autograder")], words.index("attention-autograder")
    given = {options[i + 1] for i, word in enumerate(options) if word == "--security-opt"}
    assert "seccomp=unconfined" in given and given & {"unmask=ALL", "systempaths=unconfined"}
    assert not {"--privileged", "--cap-add"} & set(options)
    assert any(word.split(":")[1] == "/course" for word in options if word.startswith("$PWD:"))
    parser().parse_args(words[image + 1 :])


def test_the_pages_build_the_image_that_they_run():
    tags = [shlex.split(line)[shlex.split(line).index("--tag") + 1] for line in RUNS if " build " in line]
    assert len(tags) == 2 and set(tags) == {"attention-autograder"}
