"""Every command on the pages for instructors and in the README is run, or is on the list of those that cannot be."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys

import pytest

from autograder.cli import parser
from tests.docs import courses
from tests.docs.blocks import PAGES, ROOT, SHELLS, commands_of
from tests.docs.courses import EXAMPLE, SLUG
from tests.docs.shell import Terminal

COURSES = {
    "README.md": courses.downloads,
    "setup.md": courses.submitted,
    "week.md": courses.downloads,
    "handing_out.md": courses.roads,
    "own_check.md": courses.example,
    "own_chapter.md": courses.example,
    "mooc.md": courses.downloads,
    "security.md": courses.submitted,
}
GRADING = "_build/grading"
LEAVES = {  # what must be there when the page is through
    "README.md": [f"{GRADING}/{name}" for name in ("grades.csv", "report.html", f"moodle_{SLUG}.csv")],
    "setup.md": ["chapter_2.zip", f"{GRADING}/grades.csv"],
    "week.md": [
        *[f"{GRADING}/{name}" for name in ("collected.csv", "grades.csv", "checks.csv", "report.html", "gradebook.db")],
        *[f"{GRADING}/{name}_{SLUG}.csv" for name in ("canvas", "moodle", "nbgrader")],
        *[f"{GRADING}/feedback/s00{number}/{SLUG}/{SLUG}.html" for number in range(1, 6)],
        f"{GRADING}/json_{SLUG}.json",
        "feedback.zip",
    ],
    "handing_out.md": [
        f"handed_out/{SLUG}/check.py",
        f"learner/{SLUG}/feedback/*/{SLUG}.html",
        *[f"repositories/{name}/feedback/{SLUG}.html" for name in ("ada", "ben")],
    ],
    "own_chapter.md": [
        *[f"exercises/{EXAMPLE}/{name}" for name in (f"{EXAMPLE}.ipynb", "check.py", "reference.json")],
        "statistics/exercises/01_weighted_means/01_weighted_means.ipynb",
    ],
    "mooc.md": ["_build/part_1/gradebook.db"],
}
# What is not run, page by page: the first line of the block. A block can join this list only by being written here.
NOT_RUN = {
    "README.md": [
        "make course    # set up, build the book, generate the exercises, grade a sample class",
        "py -3.11 -m venv .venv",
    ],
    "setup.md": [
        "make course",
        ". .venv/bin/activate",
        "make pyodide",
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        "sudo sysctl user.max_user_namespaces=15000",
        "wsl --install",
    ],
    "week.md": ["jupyter lab"],
    "handing_out.md": ["autograder collect /srv/nbgrader/exchange/attention/inbound \\"],
    "own_chapter.md": ["# 09: the number of your chapter"],
    "machines.md": [
        "make machines",
        "createdb attention",
        "podman build --tag attention-autograder .",
        "docker build --file Containerfile --tag attention-autograder .",
    ],
}
TLS = ROOT / "book" / "teach" / "machines.md"  # its commands are run in order by test_tls.py
BLOCKS = [block for page in PAGES for block in commands_of(page)]
SKIPPED = [block for block in BLOCKS if block.mark == "not run"]


def test_the_list_of_what_is_not_run_is_complete():
    found: dict[str, list[str]] = {}
    for block in SKIPPED:
        found.setdefault(block.page.name, []).append(block.text.splitlines()[0])
        assert len(block.about) > 10, f"say why this is not run: {block.text}"
    assert found == NOT_RUN


def test_no_command_hides_in_another_kind_of_block():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for info, body in re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            looks = re.search(
                r"^\$? ?(autograder|make|nbgrader|jupyter|dask|pip|python|sudo|openssl) ", body, re.MULTILINE
            )
            assert info.strip() in SHELLS or info.startswith("{code") or not looks, f"{page.name}: {body}"


@pytest.mark.parametrize("page", [page for page in PAGES if commands_of(page) and page != TLS], ids=lambda p: p.stem)
def test_the_commands_of_a_page_run_in_order(page, tmp_path):
    blocks = [block for block in commands_of(page) if block.mark != "not run"]
    assert blocks, "nothing on this page is run"
    with Terminal(COURSES[page.name](tmp_path)) as terminal:
        for block in blocks:
            terminal.run(block)
    if page.name in LEAVES:
        assert [name for name in LEAVES[page.name] if not any(tmp_path.glob(name))] == []


# ---------------------------------------------------------------- what is not run is read
@pytest.mark.parametrize(
    "block",
    [b for b in BLOCKS if b.text.split()[0] not in ("py", "wsl")],
    ids=lambda b: f"{b.page.stem}-{b.lines[0][:30]}",
)
def test_a_shell_can_read_every_block(block):
    assert subprocess.run(["sh", "-n", "-c", block.text], capture_output=True).stderr == b""


@pytest.mark.parametrize("line", sorted({line for block in BLOCKS for line in block.lines}))
def test_names_in_a_command_exist(line):
    words = [word for word in shlex.split(line) if word != "exec"]
    if words[0] == "autograder":
        parser().parse_args(words[1:])
    elif words[0] == "make":
        targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert set(words[1:]) <= set(targets), line


def test_a_wrong_flag_would_be_noticed():
    with pytest.raises(SystemExit):
        parser().parse_args(["grade", "--no-such-flag"])


def test_the_pages_need_programs_that_are_here():
    assert [name for name in ("openssl", "unshare", "sh") if not shutil.which(name)] == []


def test_the_files_that_pages_show_pass_lint(tmp_path):
    courses.example(tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shown = [f"solutions/{EXAMPLE}.py", f"solutions/{EXAMPLE}_key.py"]
    for command in (["check"], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", *shown]
        done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
