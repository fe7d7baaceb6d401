"""What `autograder new` writes: a course whose check knows its mistakes, and that is refused where something is."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import yaml

from autograder.authoring.new import new_course
from autograder.cli import main
from autograder.course.answer_key import load_key
from autograder.course.chapters import find_chapters
from autograder.course.config import course_config, course_id
from autograder.course.reference import public_rng
from autograder.errors import UserError
from autograder.learner.check import call, diagnose

SLUG = "01_weighted_means"
SEEDS = ("public", 1, 2, 3)


def by_numpy(marks, weights):
    return np.average(marks, axis=1, weights=weights)


def by_a_product(marks, weights):
    return np.asarray(marks) @ (weights / np.sum(weights))


def as_a_list(marks, weights):
    return [float(np.dot(row, weights)) / float(sum(weights)) for row in marks]


def as_a_column(marks, weights):
    return (np.matmul(marks, np.reshape(weights, (-1, 1))) / weights.sum()).astype(np.float32)


def stub(marks, weights):
    raise NotImplementedError


def unknown(marks, weights):
    return marks.max(axis=1)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "linear_models"
    new_course(folder)
    return folder


@pytest.fixture(scope="module")
def check(course):
    (one,) = load_key(course / "solutions" / f"{SLUG}_key.py").checks
    return one


def verdict(check, answer, seed="public"):
    """Return the diagnosis of an answer, on the public cases or on fresh ones."""
    spec = check.spec(public_rng(check) if seed == "public" else np.random.default_rng(seed))
    return diagnose(spec, [call(answer, case["inputs"], spec["returns"]) for case in spec["cases"]])


# ---------------------------------------------------------------- the check
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("answer", [by_numpy, by_a_product, as_a_list, as_a_column])
def test_right_answers_pass(check, answer, seed):
    assert verdict(check, answer, seed)["kind"] == "right"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_answers_of_the_key_agree(check, seed):
    assert verdict(check, check.reference, seed)["kind"] == verdict(check, check.second_route, seed)["kind"] == "right"


@pytest.mark.parametrize("seed", SEEDS)
def test_each_mistake_is_named_in_every_way_that_it_is_made(check, seed):
    assert len(check.misconceptions) >= 3
    for mistake in check.misconceptions:
        for way, wrong in mistake.ways().items():
            found = verdict(check, wrong, seed)
            assert (found["names"], found["says"][0]) == ([mistake.name], mistake.says), way
            assert not all(found["right"].values())


@pytest.mark.parametrize("answer", [stub, unknown])
def test_no_answer_and_an_unknown_mistake_get_nothing_and_no_wrong_name(check, answer):
    found = verdict(check, answer)
    assert found["names"] == [] and not any(found["right"].values())


def test_the_sections_that_the_key_points_to_are_on_the_page(course, check):
    page = (course / "book" / f"{SLUG}.md").read_text(encoding="utf-8")
    for section in {check.read, *(mistake.read for mistake in check.misconceptions)}:
        assert f"\n## {section}\n" in page


# ---------------------------------------------------------------- the course
@pytest.mark.parametrize("verb", [["check"], ["format", "--check"]], ids=" ".join)
def test_linter_and_formatter_have_nothing_to_say(course, verb):
    command = [sys.executable, "-m", "ruff", *verb, "--no-cache", "."]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_files_of_the_chapter_and_the_settings_are_there(course):
    assert [chapter.slug for chapter in find_chapters(course)] == [SLUG]
    assert {".gitignore", "README.md", "_config.yml", "nbgrader_config.py"} <= {path.name for path in course.iterdir()}
    contents = yaml.safe_load((course / "book" / "_toc.yml").read_text(encoding="utf-8"))
    assert (contents["root"], contents["chapters"]) == ("index", [{"file": SLUG}])
    assert not [path for path in course.rglob("*") if path.suffix == ".j2" or path.name in ("gitignore", "ruff_toml")]
    sources = {path.stem for path in course.rglob("*.py")}
    compiled = [path for path in course.rglob("*.pyc") if path.name.partition(".")[0] not in sources]
    assert not compiled, "the package's own, made from what is no source of this course"


@pytest.mark.parametrize(
    ("name", "title", "called", "known_as"),
    [
        ("linear_models", "", "Linear models", "linear_models"),
        ("Über 2026", "  ", "Über 2026", "ber_2026"),
        ("on", 'Means: "all" of them, # 1', 'Means: "all" of them, # 1', "on"),
        ("…", "Höhe\n\x07\x85 und 😀\\n", "Höhe und 😀\\n", "course"),
        ("2026", "{{ title }} {% if %}", "{{ title }} {% if %}", "2026"),
    ],
)
def test_any_title_comes_back_from_the_settings(tmp_path, name, title, called, known_as):
    new_course(tmp_path / name, title)
    assert course_config(tmp_path / name)["title"] == called
    assert course_id(tmp_path / name) == known_as
    assert (tmp_path / name / "book" / "index.md").read_text(encoding="utf-8").startswith(f"# {called}\n")


# ---------------------------------------------------------------- where it is made
def test_the_next_three_commands_are_printed_as_a_shell_takes_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "my course"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["  cd 'my course'", "  autograder build", "  autograder check"]


def test_an_empty_folder_is_taken(tmp_path):
    assert tmp_path / "README.md" in new_course(tmp_path)


def test_a_folder_with_something_in_it_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["new", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (f"autograder: {tmp_path} is not empty; name a folder that does not exist yet.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_no_place_for_a_course_nor_what_lies_below_it(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match="file is no folder; name a folder that does not exist yet."):
        new_course(tmp_path / "file")
    with pytest.raises(UserError, match=r"below cannot be written \(Not a directory\); name another folder."):
        new_course(tmp_path / "file" / "below")
