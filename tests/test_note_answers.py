"""The answers of a solved copy of the classic notebook, put into our release and graded.

Runs when ATTENTION_NOTES_DIR names a folder with such a copy as text (a file `002*.txt`). That copy computes
the scaled scores and drops them, so exactly its scaled function must fail, for that reason.
"""

import os
import re
import textwrap
from pathlib import Path

import nbformat
import pytest

from autograder.course.assignment import load_trusted
from autograder.course.chapters import find_root
from autograder.grade.pipeline import Grader, rebuilt, run_and_judge
from autograder.grade.run.fork_client import Pool

SLUG = "04_scaled_dot_product_attention"
FOLDER = os.environ.get("ATTENTION_NOTES_DIR", "")
COLUMNS = ("queries_keys_values", "softmax", "x_prime", "softmax_cols", "self_attention", "scaled_self_attention")

pytestmark = pytest.mark.skipif(not FOLDER, reason="ATTENTION_NOTES_DIR does not name a folder of solved copies")


def block(text, head):
    """Return the indented block that begins with the line `head`, with its head; comments count as inside."""
    lines = text[text.index(f"\n{head}") + 1 :].split("\n")
    inside = [n for n, line in enumerate(lines) if n and line.strip() and not line.startswith((" ", "#"))]
    return "\n".join(lines[: inside[0]]).rstrip()


def answers(text):
    """Return the copied code of each task, the loops wrapped into the functions that the release asks for."""
    queries = block(text, "for x in all_x:")
    outputs = block(text[text.index("\nall_x_prime = []") :], "for n in range(N):")
    found = {name: block(text, f"def {name}(") for name in ("softmax", "softmax_cols", "self_attention")}
    found["scaled_self_attention"] = block(text, "def scaled_dot_product_self_attention(")
    found["queries_keys_values"] = (
        "def compute_queries_keys_values(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):\n"
        "  all_queries, all_keys, all_values = [], [], []\n"
        + textwrap.indent(queries, "  ")
        + "\n  return all_queries, all_keys, all_values"
    )
    found["x_prime"] = (
        "def compute_x_primes(all_queries, all_keys, all_values):\n  all_x_prime = []\n"
        + textwrap.indent(outputs, "  ")
        + "\n  return all_x_prime"
    )
    return found


@pytest.fixture(scope="module")
def verdicts():
    root = find_root(Path(__file__).parent)
    text = next(Path(FOLDER).glob("002*.txt")).read_text(encoding="utf-8")
    code = answers(text)
    notebook = nbformat.read(root / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)
    for cell in notebook.cells:
        name = cell.id.removeprefix("solution-")
        if cell.id.startswith("solution-") and name in code:
            cell.source = code[name]
    trusted = load_trusted(root, SLUG)
    with Pool() as pool:
        marked = rebuilt(trusted, nbformat.writes(notebook).encode())
        found = run_and_judge(marked, trusted, "the note", Grader(pool, b"secret"))
    return {verdict.check: verdict for verdict in found}


def test_the_whole_copy_was_found(verdicts):
    text = next(Path(FOLDER).glob("002*.txt")).read_text(encoding="utf-8")
    assert set(answers(text)) == set(COLUMNS)
    assert re.search(r"all_km_qn\s*/\s*2", answers(text)["scaled_self_attention"])


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "scaled_self_attention"])
def test_what_is_right_passes(verdicts, name):
    assert verdicts[name].status == "right", verdicts[name].says
    assert verdicts[name].score == verdicts[name].max_score > 0


def test_the_scaled_function_fails_because_the_scaled_scores_are_dropped(verdicts):
    verdict = verdicts["scaled_self_attention"]
    assert verdict.score == 0
    assert verdict.names == ("not_scaled",)
    assert "not used" in " ".join(verdict.says)
