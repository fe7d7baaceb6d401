"""Every solved notebook by its key: it passes, and what was not begun is called unfinished."""

import inspect
import linecache
import re
import subprocess
import sys
from functools import cache

from autograder.authoring.source import BEGIN, END, read_source
from autograder.learner.check import call, seen_in_code
from tests.chapters import ROOT, let_notebooks_find
from tests.keys.claims import KEYS, every_chapter, every_check, every_seed, spec_of, verdict_on
from tests.waiting import LONG

STUB = re.compile(rf"^( *){BEGIN}\n.*?{END}\n?", flags=re.MULTILINE | re.DOTALL)


def stubbed(text):
    """Return a solution cell as learners get it."""
    return STUB.sub(r"\1raise NotImplementedError('not finished')\n", text)


def answers_of(slug, unfinished=(), last=None):
    """Run the solution, locked and check cells of a notebook and return the answers that its checks were given.

    `last` names the check at which to stop: what comes after it may train a model, and is nothing to it.
    """
    found = {}
    let_notebooks_find(slug)
    space = {"check": found.__setitem__, "__name__": "notebook"}
    for cell in read_source(ROOT / "solutions" / f"{slug}.py"):
        if last in found:
            break
        if cell.role in ("solution", "locked", "check"):
            text = stubbed(cell.text) if cell.role == "solution" and cell.name in unfinished else cell.text
            file = f"{slug}, {cell.role} {cell.name}{', not begun' if text != cell.text else ''}"
            linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
            exec(compile(text, file, "exec"), space)
    return found


@cache
def solved(slug):
    return answers_of(slug)


@every_check
@every_seed
def test_the_solved_notebook_passes(slug, check, seed):
    verdict = verdict_on(spec_of(slug, check.name, seed), solved(slug)[check.name])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@every_check
def test_an_answer_with_other_names_for_its_arguments_is_given_the_same(slug, check):
    answer, spec = solved(slug)[check.name], spec_of(slug, check.name)
    names = list(inspect.signature(answer).parameters)
    inputs = [list(case["inputs"]) for case in spec["cases"]]
    assert answer.__name__ == "answer" or all(given == names for given in inputs), "the inputs in the notebook's order"


@every_check
def test_a_task_that_was_not_begun_is_called_unfinished(slug, check):
    answer = answers_of(slug, unfinished={check.name}, last=check.name)[check.name]
    verdict = verdict_on(spec_of(slug, check.name), answer)
    assert verdict["says"] == [f"{check.function} is not finished yet: it still raises NotImplementedError."]
    assert not any(verdict["right"].values())
    assert verdict["names"] == []


@every_chapter
def test_an_untouched_notebook_is_called_unfinished_everywhere(slug):
    names = [check.name for check in KEYS[slug].checks]
    answers = answers_of(slug, unfinished=set(names))
    for name in names:
        verdict = verdict_on(spec_of(slug, name), answers[name])
        assert "not finished yet" in verdict["says"][0]


def test_the_message_names_the_function_that_is_missing():
    answers = answers_of("04_scaled_dot_product_attention", unfinished={"softmax"}, last="x_prime")
    verdict = verdict_on(spec_of("04_scaled_dot_product_attention", "x_prime"), answers["x_prime"])
    assert verdict["says"][0].startswith("compute_x_primes needs softmax, which is not finished yet")


WITHOUT_LIBRARIES = """
import importlib.util, runpy, sys
find, missing = importlib.util.find_spec, sys.argv[2:]
importlib.util.find_spec = lambda name, *rest: None if name in missing else find(name, *rest)
runpy.run_path(sys.argv[1])
sys.exit(any(name in sys.modules for name in missing))
"""


@every_chapter
def test_the_solved_notebook_runs_as_a_script_without_the_libraries_that_checks_need(slug):
    needs = {check.needs for check in KEYS[slug].checks if check.needs}
    command = [sys.executable, "-c", WITHOUT_LIBRARIES, str(ROOT / "solutions" / f"{slug}.py"), *needs]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    skipped = [check.title for check in KEYS[slug].checks if check.needs]
    assert f"{len(KEYS[slug].checks) - len(skipped)} of {len(KEYS[slug].checks)} checks passed" in done.stdout
    assert all(f": {title} (skipped, 0 of " in done.stdout for title in skipped)


@every_check
def test_a_solution_does_not_change_its_arguments(slug, check):
    for case in spec_of(slug, check.name)["cases"]:
        assert "changed" not in call(solved(slug)[check.name], case["inputs"], check.returns)


@every_check
def test_what_is_told_of_code_is_not_so_in_a_right_answer(slug, check):
    """Whoever is told that an argument is not used could not be right without it."""
    seen = seen_in_code(solved(slug)[check.name], check.function)
    assert set(seen.pop("unused", [])) == set(check.not_needed)
    seen.pop("outside", None)  # told beside an argument that is not used
    for condition in ("loops", "whole"):  # that there is a loop, or an array for whole numbers, is no fault
        seen.pop(condition, None)
    assert seen == {}
