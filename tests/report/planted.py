"""Counts what the rule for pairs finds where the copies are known: `python -m tests.report.planted`.

Classes of people who work alone are made from many ways to write each step, with habits of each person (variants.py).
In each class some people then hand in what somebody else wrote, disguised. Two more classes are the hand-written one of
tests/sample_class.py, and that one with an unusual hand-in and its copy.
"""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Callable

from autograder.course.chapters import find_root
from autograder.report.making import own_code
from autograder.report.pairs import pairs
from autograder.report.texts import known_passages
from tests import sample_class
from tests.report.variants import SLUG, TASKS, copied, renamed, write_own_class

Answers = dict[str, dict[str, str]]
CLASSES = {11: 20, 30: 10, 100: 4, 300: 1}  # how many classes of which size
FIRST = 500  # number of the first class: the limits of the rule were chosen with others, below it
NAMES = ["scores", "d_k", "e", "weights", "q", "k", "v", "x", "total", "result", "out", "top", "size", "number", "a"]


def with_other_names(code: str, rng: random.Random) -> str:
    """Return code in which names are others."""
    return renamed(code, {name: f"{rng.choice(['my', 'the', 'new'])}_{name}{rng.randrange(9)}" for name in NAMES})


def with_other_looks(code: str, rng: random.Random) -> str:
    """Return code with other comments, blanks and docstrings."""
    lines = [line.replace(" = ", "=") + rng.choice(["", "  # my step", "\n", "  # so"]) for line in code.split("\n")]
    return "\n".join(["# my own work", lines[0].rstrip(), '    """What the task asks for."""', *lines[1:]])


def in_another_order(code: str, rng: random.Random) -> str:
    """Return code whose statements stand in another order, where one does not need the other."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            for _ in range(2):
                for i in range(len(body) - 1):
                    if may_change_places(body[i], body[i + 1]) and rng.random() < 0.7:
                        body[i], body[i + 1] = body[i + 1], body[i]
    return ast.unparse(tree)


def may_change_places(one: ast.stmt, other: ast.stmt) -> bool:
    """Say whether neither of two statements sets a name that the other uses, and neither leaves the function."""
    if any(isinstance(node, ast.Return | ast.Raise) for both in (one, other) for node in ast.walk(both)):
        return False
    return not (written(one) & used(other) or written(other) & used(one))


def used(node: ast.stmt) -> set[str]:
    """Return all names in a statement."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def written(node: ast.stmt) -> set[str]:
    """Return the names that a statement may change: those that it sets, and those whose methods it calls."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    inner = (one.value for one in ast.walk(node) if isinstance(one, ast.Attribute | ast.Subscript))
    return names | {one.id for one in inner if isinstance(one, ast.Name) and one.id != "np"}


def all_of_it(code: str, rng: random.Random) -> str:
    """Return code with all of these disguises."""
    return with_other_looks(with_other_names(in_another_order(code, rng), rng), rng)


DISGUISES: dict[str, Callable[[str, random.Random], str]] = {
    "as it is": lambda code, rng: code,
    "names": with_other_names,
    "looks": with_other_looks,
    "order": in_another_order,
    "all": all_of_it,
}


def planted(size: int, seed: int, disguise: str) -> tuple[Answers, set[tuple[str, str]]]:
    """Return a class in which a fifth of the people, or two, have the work of others; and the pairs that there are."""
    answers, rng = write_own_class(size, seed), random.Random(f"{disguise} {seed}")
    people = rng.sample(sorted(answers[TASKS[0]]), 2 * max(1, size // 20))
    couples = list(zip(people[::2], people[1::2], strict=True))
    for one, other in couples:
        for texts in answers.values():
            texts[other] = DISGUISES[disguise](texts[one], rng)
    return answers, {(min(both), max(both)) for both in couples}


def found_in(answers: Answers, known: set[int]) -> set[tuple[str, str]]:
    """Return the pairs that the rule finds."""
    return {(pair.one, pair.other) for pair in pairs(answers, known)}


def known_of_course() -> set[int]:
    """Return the passages of what the course holds of the chapter."""
    return known_passages(own_code(find_root(), SLUG))


def sample_answers() -> Answers:
    """Return the answers of the sample class, by task and person."""
    answers: Answers = {task: {} for task in sample_class.EINSUM}
    for student, sample in sample_class.CLASS.items():
        for task, code in sample.answers.items():
            answers[task][student] = code
    return answers


def sample_with_a_copy() -> Answers:
    """Return the sample class with the work of somebody who writes like nobody else in it, and with a copy of that."""
    answers = sample_answers()
    unusual = write_own_class(1, seed=5)
    for task, texts in unusual.items():
        answers[task] |= {"una": texts["s0000"], "vic": copied(texts["s0000"])}
    return answers


def main() -> None:
    """Print the figures."""
    known = known_of_course()
    alone, compared, there, found, false = 0, 0, Counter[str](), Counter[str](), 0
    for size, classes in CLASSES.items():
        for seed in range(FIRST, FIRST + classes):
            alone += len(found_in(write_own_class(size, seed), known))
            compared += size * (size - 1) // 2
            for disguise in DISGUISES:
                answers, couples = planted(size, seed, disguise)
                told = found_in(answers, known)
                there[disguise] += len(couples)
                found[disguise] += len(told & couples)
                false += len(told - couples)
    print(f"people who work alone: {alone} of {compared:,} pairs are told of")
    for disguise in DISGUISES:
        print(f"copied, {disguise}: {found[disguise]} of {there[disguise]} pairs found")
    share = 100 * found.total() / there.total()
    print(f"copied, together: {share:.1f} % of {there.total()} pairs found, and {false} others told of")
    print(f"the sample class: {len(found_in(sample_answers(), known))} pairs told of")
    print(f"the sample class and an unusual work twice: {sorted(found_in(sample_with_a_copy(), known))}")


if __name__ == "__main__":
    main()
