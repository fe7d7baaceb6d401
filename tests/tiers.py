"""Which tests run when, and in which order: by one table of places, so that no new file has to opt in.

    make test-fast   nothing that a mark below is about
    make test        all but `training` and `thorough`: what continuous integration has to pass
    make test-rest   what is not of `make test`
    make test-all    everything; with TESTS_END_BY (seconds since 1970) what is not of `make test` and has not begun by
                     then is skipped, and the summary says which files were not reached. So continuous integration
                     runs what `make test` runs, and of the rest as much as there is time for.

A test is given the marks of its place here, and that of a browser or a built book where it asks for one, wherever it
lies. Each file is a group that one worker runs, because fixtures of modules are costly; what takes longest comes first.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

import pytest

MARKS = {
    "browser": "drives Chromium; in `make test`",
    "book": "looks at the whole book, which is built for it; in `make test`",
    "nbgrader": "runs commands of stock nbgrader; in `make test`",
    "slow": "grades a class, or starts many processes; in `make test`",
    "training": "trains a model for a while; only in `make test-all`",
    "thorough": "more of the kind that `make test` tries once or twice; only in `make test-all`",
}
NOT_FAST = tuple(MARKS)
NOT_DAILY = ("training", "thorough")
BY_FIXTURE = {"browser": "browser", "site": "book", "built_book": "book", "keras": "slow"}
BY_FIXTURE |= {"whole_run": "thorough", "undisturbed": "thorough"}  # they train a small model of an experiment
LEARNERS_CODE = "test_what_a_learner_is_told"  # in each chapter; on TensorFlow it takes seconds where NumPy takes none
OF_EACH_CHECK = 2  # that needs TensorFlow: so many pieces of learners' code are judged daily, the others in the rest


@dataclass(frozen=True)
class Place:
    """Where tests lie below `tests`, the marks that all of them get, and when their turn is: low numbers come first."""

    start: str
    marks: tuple[str, ...] = ()
    turn: int = 5


# The first whose start fits a file is its place. The book comes first, because others wait for it to be built; then
# what is long and cannot be cut. What looks at the built book comes when it is there; the short ones fill the end.
PLACES = (
    Place("test_book.py", turn=0),
    Place("attacks/test_mutations.py", ("slow",), 1),
    Place("attacks/test_attacks.py", ("slow",), 1),
    Place("attacks/test_pages.py", ("slow",), 1),
    Place("attacks/test_neighbours.py", ("slow",), 1),
    Place("attacks/test_exports.py", ("slow",), 1),
    Place("attacks/", ("slow",), 2),
    Place("faults/", ("slow",), 2),
    Place("docs/test_from_the_notes.py", (), 8),
    Place("docs/test_no_answers.py", (), 8),
    Place("docs/", ("slow",), 2),
    Place("week/", ("slow", "nbgrader"), 2),
    Place("formgrader/", ("slow", "nbgrader", "thorough"), 3),  # daily it shows the attacks: attacks/test_pages.py
    Place("grade/", ("slow",), 3),
    Place("amend/", ("slow",), 3),
    Place("report/", ("slow",), 4),
    Place("export/", ("slow",), 4),
    Place("collect/", (), 8),
    Place("build/", ("slow",), 4),
    Place("outside/test_outside.py", ("slow",), 4),
    Place("outside/", (), 8),
    Place("in_page/", (), 6),
    Place("site/", (), 6),
    Place("keys/", (), 7),
    Place("advice/", (), 8),
    Place("course/", (), 8),
    Place("storage/", (), 8),
    Place("test_chapter_", (), 7),
    Place("test_chatbot.py", ("slow",), 3),
    Place("test_review_classifier.py", ("slow",), 3),
    Place("test_seq2seq_experiment.py", ("slow",), 4),
    Place("test_transformer_model.py", ("slow",), 4),
    Place("test_speaking.py", (), 4),
    Place("test_tiny_gpt.py", ("slow",), 4),
    Place("test_float32.py", ("slow",), 4),
    Place("test_exercises.py", (), 4),
    Place("test_learner_check.py", (), 8),
    Place("test_note_answers.py", (), 8),
    Place("test_which_mistake.py", (), 8),
    Place("test_waiting.py", (), 8),
    Place("test_same_results.py", (), 9),
    Place("test_api.py", ("slow",), 4),
    Place("test_layers.py", (), 8),
    Place("test_help.py", (), 8),
    Place("test_command_line.py", ("slow",), 4),
    Place("test_repository.py", (), 8),
    Place("test_tiers.py", (), 9),
)
# Single tests with marks of their own, besides those of their place: regular expressions that begin like the test.
REST = ("thorough",)
STOCK = ("nbgrader", "thorough")  # one comparison of scores with stock nbgrader a day is enough: grade/test_course.py
DONE_DAILY = "test_(from_the_first|nothing_from)"
EDITED_DAILY = r"test_(given_code|the_text_of|axe|the_bundle|the_module|escape_leaves|what_is_typed\w+\[def f)"
ALIVE_DAILY = r"test_(the_figures_of|masks_are|attention_by|a_page_without|(a_page_asks|a_figure_fits)\w+\[attention)"
LIVE_DAILY = "test_(logits|the_model_is|the_functions|the_pages)"
SINGLED_OUT: dict[str, tuple[str, ...]] = {
    r"test_exercises\.py::test_nbgrader_": ("nbgrader",),
    r"test_exercises\.py::test_nbgrader_\w+\[(?!02)": STOCK,  # one chapter a day: 02, without TensorFlow
    r"grade/test_course\.py::test_stock_nbgrader_": ("nbgrader",),
    r"grade/test_solved_notebooks\.py::\w+\[(?!02)": REST,
    r"grade/test_late\.py::test_stock_nbgrader_": STOCK,
    r"grade/test_stock_attacks\.py::test_stock_nbgrader_": STOCK,
    r"amend/test_people\.py::test_stock_nbgrader_": STOCK,
    r"amend/test_people\.py::test_(somebody_who|what_else)": REST,
    r"amend/test_questions\.py::test_it_counts_\w+\[(?!to nobody|other points|accepted)": REST,
    r"amend/test_questions\.py::test_what_a_killed_\w+\[(?!among)": REST,
    r"amend/test_postgresql\.py::": REST,
    r"faults/test_faults\.py::test_stock_nbgrader_": STOCK,
    r"faults/test_files\.py::test_stock_autograde_": STOCK,
    r"export/test_formats\.py::test_stock_nbgrader_": ("nbgrader",),
    r"collect/test_graded\.py::test_stock_nbgrader_": STOCK,
    r"collect/test_exchange\.py::": ("slow", "nbgrader"),
    r"collect/test_exchange\.py::test_(feedback_goes_\w+\[(?!auto)|a_secret|accounts_\w+\[(?!4711))": REST,
    r"docs/test_nbgitpuller\.py::": REST,
    r"docs/test_visible_code\.py::test_visible_code_runs\w+\[0[3-7]": REST,  # they import TensorFlow
    r"collect/test_layouts\.py::test_(a_copy_in|a_file_of_gradescopes)\w+\[(?!Copy of \{|deep|an object)": REST,
    r"collect/test_code_pages\.py::test_(names_that_the|in_somebodys)\w+\[(?!Moodle|code page)": REST,
    # README's commands are run daily; those of the other pages take minutes.
    r"docs/test_commands\.py::test_the_commands_of_a_page_run_in_order\[(?!README)": REST,
    # The front page and a chapter with figures are looked at daily, the other pages are of the same make.
    r"site/test_pages\.py::\w+\[(?!06|index)": REST,
    r"site/test_face\.py::test_the_code_of_a_drawing_\w+\[(?!06)": REST,
    r"site/test_front\.py::test_the_launch_button": REST,  # builds a small book
    r"site/test_front\.py::test_pages_are_english_\w+\[(?!02|08|index)": REST,
    r"site/test_reading\.py::test_(a_page_is_printed|paper_shows|the_place_of_the_keyboard_is_seen\[light)": REST,
    rf"site/test_interactive_browser\.py::(?!{ALIVE_DAILY})": REST,
    r"site/test_interactive_states\.py::": REST,
    rf"site/test_translator\.py::(?!{LIVE_DAILY})": REST,
    r"site/test_front\.py::test_(a_chapter_offers_\w+\[(?!02|07)|cards_stand|focus_is_seen)": REST,
    r"site/test_phone\.py::test_a_table_is_as_wide_\w+\[(?!12|from_the|teach/mooc)": REST,
    r"site/test_phone\.py::test_the_list_of_tasks": REST,
    r"site/test_formulas\.py::test_no_line_begins_\w+\[(?!04|07)": REST,
    r"site/test_reading\.py::test_search_finds_\w+\[(?!softmax)": REST,
    r"site/test_rebuild\.py::": REST,  # builds a book five times
    r"test_book\.py::test_a_raising_cell_fails_the_build_every_time": REST,  # twice
    r"in_page/test_build\.py::test_(what_has_changed|the_key_may_name|a_notebook_that_makes)": REST,  # and seven
    # What is generated is made on two processors daily, with the newest and the oldest NumPy; on others in the rest.
    r"build/test_machines\.py::test_a_build_on_another_machine\w+\[(?!Haswell|Prescott)": REST,
    r"keys/test_solved\.py::": ("slow",),  # runs the solved notebooks, those on TensorFlow among them
    r"keys/test_solved\.py::test_the_solved_notebook_runs_as_a_script_\w+\[(?!02|06)": REST,
    r"report/test_pairs\.py::test_(people_who_work_alone|people_with_habits|planted_copies)\w+\[(?!11|.*-18)": REST,
    r"report/test_pairs\.py::test_the_figures_that": REST,
    # What is long: fewer kills, single commands, two workers and SQLite are tried daily.
    r"faults/test_odd_worlds\.py::test_(a_notebook_of_100|marked_notebooks|a_folder_of_results|a_clock)": REST,
    r"faults/test_crash\.py::test_a_grader_killed_\w+\[twenty": REST,
    r"week/test_week\.py::": REST,
    r"week/test_mixed\.py::\w+\[300": REST,
    r"docs/test_tls\.py::": REST,
    r"grade/test_postgresql\.py::test_(?!only_one_|what_the_server|a_password)": REST,
    r"grade/test_helpers\.py::test_(a_mistake_of_ours|a_helper_that_dies_once|nothing_that_\w+\[as it was)": REST,
    r"grade/test_executors\.py::test_(a_submission_whose|a_frozen|a_scheduler_(without|that_goes))": REST,
    r"grade/test_executors\.py::test_(a_class_loses|a_worker_answers)": REST,
    r"grade/test_timing\.py::test_a_class_gets_the_same_scores_beside": REST,  # takes both processors
    r"faults/test_contract\.py::test_a_full_disk": REST,  # grades a class again and again
    # The page of an exercise: what everybody does in it is tried daily; its keys and looks, and what it keeps, are not.
    rf"in_page/test_doing\.py::(?!{DONE_DAILY})": REST,
    r"in_page/test_(keys|keeping|looks|gathering)\.py::": REST,
    rf"in_page/test_editor_browser\.py::(?!{EDITED_DAILY})": REST,
    r"in_page/test_graded\.py::": REST,  # a whole chapter, solved in the page
    r"test_chapter_07\.py::test_the_model_has_as_many_parameters_\w+\[sizes[12]": REST,
    r"test_review_classifier\.py::test_what_the_attention": REST,
    r"test_seq2seq_experiment\.py::test_(training_lowers|a_checkpoint_that|(first_weights|writing)_\w+\[True)": REST,
    r"test_seq2seq_experiment\.py::test_a_killed_run_\w+\[True": REST,
    # They train for more than some seconds.
    r"test_seq2seq_experiment\.py::test_(the_command_goes_on|a_killed_run_\w+\[False)": ("training",),
    r"test_review_classifier\.py::test_(the_results_file|the_attention_file|the_same_command)": ("training",),
    r"test_chapter_03\.py::test_the_classifier_can_be_trained": ("training",),
    r"test_chatbot\.py::test_(the_command_trains|an_interrupted_run_has_the_curve)": ("training",),
    r"test_review_classifier\.py::test_a_run_stopped_while_saving_goes_on": ("training",),
    r"test_chapter_05\.py::test_the_layer_learns_to_look_back": ("training",),
    r"test_chapter_11\.py::test_the_script_runs": ("training",),
}
# Those of them that matched a test in this process: tests/test_tiers.py finds the one that matches none any more.
MATCHED: set[str] = set()
# They look at one class, graded once a process.
TOGETHER = tuple(f"attacks/test_{what}.py" for what in ("attacks", "pages", "neighbours", "exports"))


def place_of(path: str) -> Place | None:
    """Return the place of a file, given by its path below `tests`."""
    return next((place for place in PLACES if path.startswith(place.start)), None)


def marks_of(path: str, name: str, fixtures: Iterable[str] = ()) -> set[str]:
    """Return the marks that a test gets: of its place, of what it asks for, and its own."""
    place = place_of(path) or Place("")
    asked = {mark for fixture, mark in BY_FIXTURE.items() if fixture in fixtures}
    own = [pattern for pattern in SINGLED_OUT if re.match(pattern, f"{path}::{name}")]
    MATCHED.update(own)
    return {*place.marks, *asked, *(mark for pattern in own for mark in SINGLED_OUT[pattern])}


def path_of(item: pytest.Item) -> str:
    """Return the path of a test's file below `tests`."""
    parts = PurePosixPath(item.nodeid.partition("::")[0]).parts
    return "/".join(parts[1:] if parts[:1] == ("tests",) else parts)


def group_of(item: pytest.Item) -> str:
    """Return the name of the group that one worker runs: a file, or of the answer keys a chapter with its cases."""
    path = path_of(item)
    slug = item.callspec.params.get("slug", "") if hasattr(item, "callspec") else ""
    if path.startswith("keys/") and slug:
        return f"keys {slug[:2]}"
    return "attacked class" if path in TOGETHER else path


def is_daily(item: pytest.Item) -> bool:
    """Say whether `make test` runs a test."""
    return not any(item.get_closest_marker(mark) for mark in NOT_DAILY)


def check_of(item: pytest.Item) -> str:
    """Return the check for which a piece of learners' code is written; one with several forms is named before them."""
    params = item.callspec.params
    return params["name"] if "name" in params else params["form"].partition(",")[0]


def marks_of_learners_code(item: pytest.Item, seen: Counter[tuple[str, str]]) -> set[str]:
    """Return the marks of learners' code for a check that needs TensorFlow; `seen` counts what came before it."""
    if getattr(item, "originalname", "") != LEARNERS_CODE:
        return set()
    name = check_of(item)
    if not item.module.KEY[name].needs:
        return set()
    seen[path_of(item), name] += 1
    return {"slow"} if seen[path_of(item), name] <= OF_EACH_CHECK else {"slow", "thorough"}


def sort_into_tiers(items: list[pytest.Item]) -> None:
    """Mark all tests, name their groups, and put the groups in order; within a group the order stays."""
    seen: Counter[tuple[str, str]] = Counter()
    for item in items:
        for mark in marks_of(path_of(item), item.name, getattr(item, "fixturenames", ())) | marks_of_learners_code(
            item, seen
        ):
            item.add_marker(mark)
        item.add_marker(pytest.mark.xdist_group(group_of(item) + ("" if is_daily(item) else ", the rest")))
    items.sort(key=turn_of)


def turn_of(item: pytest.Item) -> tuple[bool, int]:
    """Return when the turn of a test is: first all that `make test` runs, then the rest; each by its place."""
    return not is_daily(item), (place_of(path_of(item)) or Place("")).turn


# ---------------------------------------------------------------- when the time is over
END_BY = "TESTS_END_BY"
NOT_REACHED = "not reached before the time was over"


def skip_what_comes_too_late(item: pytest.Item) -> None:
    """Skip a test that `make test` does not run where its turn comes after the end that the environment names."""
    if time.time() > float(os.environ.get(END_BY) or "inf") and not is_daily(item):
        pytest.skip(NOT_REACHED)


def not_reached(skipped: list[pytest.TestReport]) -> Counter[str]:
    """Return how many tests of each file were not reached."""
    late = [report for report in skipped if isinstance(report.longrepr, tuple) and NOT_REACHED in report.longrepr[2]]
    return Counter(report.nodeid.partition("::")[0] for report in late)
