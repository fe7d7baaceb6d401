"""Pairs of nearly the same answers: found where one was made from the other, and not where people work alone."""

import random
import re
from collections import Counter

import pytest

from autograder.course.chapters import find_root
from autograder.report.fingerprints import MOST_CODE, TOKEN, statements, tokens
from autograder.report.pairs import candidates, pairs
from autograder.report.rarity import MOST_SHARING, most_sharing
from autograder.report.texts import Text, known_passages
from tests.report import planted
from tests.report.variants import TASKS, copied, odd_code, write_class, write_own_class

CODE = '''
def softmax(scores, axis=-1):
    """Return weights that sum to one."""
    top = scores.max(axis=axis, keepdims=True)  # for large numbers
    e = np.exp(scores - top)
    return e / e.sum(axis=axis, keepdims=True)
'''


# ---------------------------------------------------------------- tokens
@pytest.mark.parametrize(
    "change",
    [
        lambda code: code.replace("scores", "zahlen").replace("top", "größte"),
        lambda code: code.replace("  # for large numbers", "").replace("    e =", "    # exponentials\n    e ="),
        lambda code: code.replace('    """Return weights that sum to one."""\n', ""),
        lambda code: code.replace("    ", "\t").replace(" = ", "=").replace(", ", " ,  ").replace("\n", "\n\n"),
        lambda code: code.replace("scores - top", "scores -\n        top"),
        lambda code: code.replace("e = np.exp(scores - top)", "e = (np.exp((scores) - top,))"),
        lambda code: code.replace("top = ", "top = \\\n        "),
    ],
    ids=["names", "comments", "docstring", "blanks", "lines", "brackets", "lines with a backslash"],
)
def test_what_hides_a_copy_changes_no_token(change):
    assert change(CODE) != CODE
    assert tokens(change(CODE)) == tokens(CODE)


@pytest.mark.parametrize(
    "change",
    [
        lambda code: code.replace("np.exp", "np.expm1"),
        lambda code: code.replace("axis=-1", "axis=-2"),
        lambda code: code.replace(" / ", " * "),
        lambda code: code.replace("def softmax(scores, axis=-1):", "softmax = lambda scores, axis=-1:"),
    ],
    ids=["function", "number", "sign", "keyword"],
)
def test_what_computes_something_else_has_other_tokens(change):
    assert tokens(change(CODE)) != tokens(CODE)


def test_own_attributes_are_names_and_those_of_a_library_are_not():
    assert tokens("self.weights = x.sum()") == tokens("self.w = y.sum()")
    assert tokens("self.weights = x.sum()") != tokens("self.weights = x.max()")


@pytest.mark.parametrize(
    "text", ["", "'", '"""', "%matplotlib", "def f(:", "\x00\ud800 '''", "((((", "“typed elsewhere”"]
)
def test_any_text_has_tokens(text):
    assert isinstance(tokens(text), tuple)


def test_a_backslash_in_a_comment_joins_no_lines():
    assert statements("a = 1  # C:\\\nb = 2") == statements("a = 1\nb = 2") != statements("a = 1 \\\nb = 2")


@pytest.mark.parametrize("quote", ["'", '"', "'''", '"""'])
@pytest.mark.parametrize("inside", ["\\'", '\\"', "a", " ", "\\\\"])
def test_a_string_that_does_not_end_is_read_once(quote, inside):
    """What is not matched from one quote on would be tried again from the next: that takes the square of the time."""
    text = quote + inside * 100
    assert TOKEN.match(text).end() == len(text)


def test_the_order_of_statements_and_functions_changes_no_statement():
    code = "def f(x):\n    if x: y = 1; z = [2,\n 3]\n    else:\n        return x\n\ndef g(a, b=2):\n    b += a\n"
    turned = "def g(a, b=2):\n    b += a\ndef f(x):\n    if x:\n        z = [2, 3]\n        y = 1\n    else: return x\n"
    assert Counter(statements(turned)) == Counter(statements(code))
    assert len(statements(code)) == 8


@pytest.mark.parametrize("sign", ["(", ")", "[(,", "a;", "if:", "lambda:", "'", '"""', "\\\n"])
def test_what_is_long_is_read_up_to_a_limit(sign):
    read = statements(sign * MOST_CODE)
    assert sum(map(len, read)) <= MOST_CODE
    assert statements(sign * MOST_CODE * 3) == read


# ---------------------------------------------------------------- classes
def people(found):
    return [(pair.one, pair.other) for pair in found]


@pytest.mark.parametrize("size", [4, 10, 18, 30, 60, 100])
@pytest.mark.parametrize("seed", range(3))
def test_people_who_work_alone_make_no_pair(size, seed):
    assert people(pairs(write_class(size, seed), set())) == []


def test_a_class_of_one_text_makes_no_pair():
    texts = {task: next(iter(students.values())) for task, students in write_class(1).items()}
    everybody = {task: {f"s{n}": text for n in range(30)} for task, text in texts.items()}
    assert pairs(everybody, set()) == []


@pytest.mark.parametrize("disguise", planted.DISGUISES)
@pytest.mark.parametrize("size", [11, 30, 100])
def test_planted_copies_are_found_and_nobody_else(size, disguise):
    known, there, found = planted.known_of_course(), set(), set()
    for seed in range(planted.CLASSES[size] // 2):
        answers, couples = planted.planted(size, seed, disguise)
        there |= {(seed, *both) for both in couples}
        found |= {(seed, *both) for both in planted.found_in(answers, known)}
    assert found <= there
    assert len(found) >= 0.8 * len(there)  # of so few; all together are counted by `python -m tests.report.planted`


def test_the_figures_that_the_documentation_states(capsys):
    planted.main()
    printed = capsys.readouterr().out
    assert re.search(r"^people who work alone: 0 of 70,100 pairs", printed, re.MULTILINE)
    assert re.search(r"together: 97\.\d % of 325 pairs found, and 0 others told of$", printed, re.MULTILINE)
    stated = " ".join((find_root() / "book" / "teach" / "week.md").read_text(encoding="utf-8").split())
    assert "98% of 325 planted pairs were found, and none of 70,100 pairs" in stated


@pytest.mark.parametrize("size", [11, 30, 100])
def test_people_with_habits_of_their_own_make_no_pair(size):
    for seed in range(planted.CLASSES[size] // 2):
        assert people(pairs(write_own_class(size, seed), set())) == []


def test_in_the_sample_class_two_have_all_answers_in_common_that_few_have():
    """What ten of them have says nothing. These two are copies: each of their twelve answers is the other's.

    Eleven of them are also hal's. In a class of two more people they are rare enough to tell of.
    """
    known = planted.known_of_course()
    same = {("ben_loops", "이서연")}
    of_hal = {("ben_loops", "hal_endless"), ("hal_endless", "이서연")}
    assert planted.found_in(planted.sample_answers(), known) == same
    assert planted.found_in(planted.sample_with_a_copy(), known) == same | of_hal | {("una", "vic")}


def test_a_copy_is_found_among_eleven_whoever_the_others_are():
    usual = "def f(value):\n    return value"
    for others in (
        [usual] * 11,
        [odd_code(n, 17) for n in range(11)],
        [write_class(1, n)["x_prime"]["s0000"] for n in range(11)],
    ):
        answers = {"task": {f"s{n:02}": text for n, text in enumerate(others)}}
        assert people(pairs(answers, set())) == []
        answers["task"]["s03"] = answers["task"]["s08"] = odd_code(50, 17)
        assert people(pairs(answers, set())) == [("s03", "s08")]


def test_one_work_of_three_is_three_pairs():
    answers = {"task": {f"s{n:02}": odd_code(n) for n in range(20)}}
    answers["task"] |= dict.fromkeys(("s01", "s02", "s03"), odd_code(50))
    assert sorted(people(pairs(answers, set()))) == [("s01", "s02"), ("s01", "s03"), ("s02", "s03")]


def test_statements_in_another_order_are_the_same():
    lines = odd_code(1).splitlines()
    mixed = random.Random(1).sample(lines[1:], len(lines) - 1)
    answers = {"task": {f"s{n:02}": odd_code(n) for n in range(20)}}
    answers["task"]["s05"] = "\n".join([lines[0], *mixed])
    (pair,) = pairs(answers, set())
    assert (pair.one, pair.other, pair.cells[0].similarity) == ("s01", "s05", 1)


# ---------------------------------------------------------------- groups
GROUP = {"s01": ("s02", "s03", "s04", "s05"), "s02": ("s01", "s03", "s04", "s05"), "s03": ("s01", "s02", "s04", "s05")}
GROUP |= {"s04": ("s01", "s02", "s03", "s05"), "s05": ("s01", "s02", "s03", "s04")}


def group_work():
    answers = {"task": {f"s{n:02}": odd_code(n) for n in range(20)}}
    answers["task"] |= dict.fromkeys(GROUP, odd_code(50))
    return answers


def test_members_of_a_group_are_no_copies_of_each_other():
    answers = group_work()
    assert pairs(answers, set()) == []  # five of twenty: what so many have is nobody's own
    assert pairs(answers, set(), GROUP) == []
    answers["task"]["s05"] = odd_code(50) + "    value += 1\n"  # handed in again, alone
    assert pairs(answers, set(), GROUP) == []


def test_a_copy_of_a_groups_work_is_one_pair_however_many_the_group_has():
    answers = group_work()
    answers["task"]["s09"] = copied(odd_code(50))
    assert people(pairs(answers, set(), GROUP)) == [("s01", "s09")]


def test_one_long_answer_is_enough_where_nobody_else_writes_like_it():
    answers = {"task": {f"s{n:02}": odd_code(n) for n in range(20)}}
    answers["task"]["s05"] = answers["task"]["s11"].replace("value", "my_own_value").replace("\n", "  # mine\n")
    (pair,) = pairs(answers, set())
    assert (pair.one, pair.other) == ("s05", "s11")
    assert pair.cells[0].similarity == 1
    assert pair.cells[0].texts == (answers["task"]["s05"], answers["task"]["s11"])


def test_half_an_answer_of_somebody_else_is_no_pair():
    answers = {"task": {f"s{n:02}": odd_code(n, 60) for n in range(20)}}
    half = answers["task"]["s11"].split("\n")[:31]
    answers["task"]["s05"] = "\n".join([*half, *odd_code(99, 30).replace("np.", "tf.math.").split("\n")[1:]])
    assert pairs(answers, set()) == []
    answers["task"]["s05"] = "\n".join([*answers["task"]["s11"].split("\n")[:59], "    return value * 2"])
    assert people(pairs(answers, set())) == [("s05", "s11")]


def test_what_the_course_holds_itself_says_nothing():
    answers = {"task": {f"s{n:02}": odd_code(n) for n in range(20)}}
    answers["task"]["s05"] = answers["task"]["s11"]
    assert pairs(answers, known_passages([answers["task"]["s11"].replace("value", "x")])) == []


def test_a_short_answer_says_nothing():
    answers = {"task": {f"s{n:02}": odd_code(n) for n in range(20)}}
    answers["task"]["s05"] = answers["task"]["s11"] = "def f(value):\n    return value.prod(0).cumsum(1)[::-2]"
    assert pairs(answers, set()) == []


def test_three_people_say_nothing():
    answers = {"a": odd_code(1, 200), "b": odd_code(1, 200), "c": odd_code(2, 200)}
    assert pairs({"task": answers}, set()) == []
    assert people(pairs({"task": answers | {"d": odd_code(3, 200)}}, set())) == [("a", "b")]


def test_work_grows_with_the_class_and_not_with_its_pairs():
    """Counts comparisons: a hundred people who all write the same are compared no more often than one."""
    same = {f"s{n:03}": Text(odd_code(1), set()) for n in range(100)}
    assert candidates([same]) == set()
    alone = {f"s{n:03}": Text(odd_code(n), set()) for n in range(100)}
    assert len(candidates([alone])) <= 3
    assert most_sharing(10_000) == MOST_SHARING


def test_the_order_of_the_class_changes_nothing():
    answers = write_own_class(30, seed=1)
    for task in TASKS:
        answers[task]["s0007"] = copied(answers[task]["s0003"])
    turned = {task: dict(reversed(list(students.items()))) for task, students in answers.items()}
    assert pairs(turned, set()) == pairs(answers, set())
