"""Two mistakes together: which pairs are made, which are kept, in which order, and by what numbers they are known."""

from functools import partial

import numpy as np
import pytest

from autograder.course.answer_key import AnswerKey, Check, Misconception, SumsToOne
from autograder.course.exchange import Exchanged, both
from autograder.course.reference import reference_json
from autograder.course.rows import every_way, mistakes
from autograder.course.steps import as_it_is
from autograder.errors import UserError
from autograder.learner import check as checker
from autograder.learner.check import call, diagnose, prints

SPEC = {"rtol": 1e-4, "atol": 1e-5}


def mixed(x, *, change=dict, double=lambda x: 2 * x, add=lambda x: x + 1, after=as_it_is, power=None, steps=None):
    """Return two parts made in steps, some of which have steps of their own."""
    x = change(x=x)["x"]
    made = after(add(double(x))) ** (power or {}).get("of", 1)
    return made, made.sum(keepdims=True) + (steps or {}).get("more", 0) + (steps or {}).get("less", 0)


TABLE = mistakes(
    mixed,
    "Mixing",
    ("subtracted", {"add": lambda x: x - 1}, "You subtracted."),
    ("tripled", {"double": lambda x: 3 * x}, "You tripled."),
    ("not_doubled", {"double": lambda x: x}, "You did not double."),
    ("turned", {"change": lambda **p: {"x": p["x"][::-1]}}, "You turned x."),
    ("negative", {"change": lambda **p: {"x": -p["x"]}}, "You negated x."),
    ("more", {"steps": {"more": 5}}, "The sum is 5 too large."),
    ("less", {"steps": {"less": -2}}, "The sum is 2 too small."),
    ("squared", {"power": {"of": 2}}, "You squared."),
    ("sevens", lambda x: (0 * x + 7, np.ones(1)), "These are sevens."),
    ("nothing_added", {"add": lambda x: 0 * x}, "You multiplied by 0."),
    ("quadrupled", {"double": lambda x: 4 * x}, "You took four times."),
    ("rounded", {"after": np.round}, "You rounded."),
    ("halved", {"after": lambda x: x / 2}, "You halved."),
)


def check_of(table=TABLE, **more):
    words = {name: name for name in ("name", "claim", "title", "function", "read")}
    words |= {"inputs": lambda rng: {"three": {"x": rng.normal(size=3)}, "five": {"x": rng.normal(size=5)}}}
    words |= {"reference": mixed, "second_route": mixed, "returns": ("made", "sum"), "points": {"made": 1, "sum": 1}}
    return Check(**{**words, "misconceptions": table, "hints": ("Mix.",), **more})


# ---------------------------------------------------------------- what an author misspells
@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"accepts": {"turned": "It lies on its side."}}, "turned"),
        ({"points": {"made": 1, "summ": 1}}, "summ"),
        ({"properties": (SumsToOne("three", "maid", "They do not sum to one."),)}, "maid"),
        ({"advice": {"a": ("b", "not argumentt x")}}, "argumentt"),
        ({"advice": {"a": [("b", "inside"), ("c", "outsides")]}}, "outsides"),
    ],
)
def test_a_name_that_would_pass_silently_is_an_error_for_the_author(more, what):
    with pytest.raises(UserError, match=rf'The check "name" .*"{what}", which is no'):
        check_of(**more)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Return the check as a learner's check.py reads it."""
    folder = tmp_path_factory.mktemp("mixing")
    (folder / "reference.json").write_text(reference_json(AnswerKey("09_mixing", (check_of(),))), encoding="utf-8")
    return checker.load(folder)["checks"]["name"]


def told(spec, answer):
    return diagnose(spec, [call(answer, case["inputs"], spec["returns"]) for case in spec["cases"]])


WAY = {mistake.name: mistake.wrong for mistake in TABLE}


def made(one, other):
    return [answer for _, answer in both(WAY[one], WAY[other])]


# ---------------------------------------------------------------- which pairs are made
@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("subtracted", "tripled", 1),
        ("tripled", "not_doubled", 0),  # one and the same step
        ("turned", "negative", 2),  # in either order
        ("more", "less", 1),  # steps of one step
        ("rounded", "halved", 2),  # one after the other in a step in which the right answer does nothing
        ("sevens", "tripled", 0),  # nobody knows its steps
    ],
)
def test_different_steps_of_one_right_answer_are_joined(one, other, count):
    assert len(made(one, other)) == count
    x = np.arange(3.0)
    for answer in made(one, other):
        assert not np.allclose(np.hstack(answer(x)), np.hstack(WAY[one](x)))


def test_wrong_answers_of_different_right_ones_or_after_different_changes_are_not_joined():
    (other,) = mistakes(partial(mixed, steps={}), "Mixing", ("tripled", {"double": lambda x: 3 * x}, "You tripled."))
    assert not list(both(WAY["subtracted"], other.wrong))
    backwards = every_way(TABLE, lambda way: lambda x: way(x)[::-1])
    assert not list(both(backwards[0].wrong, WAY["tripled"]))
    ((_, joined),) = both(backwards[0].wrong, backwards[1].wrong)
    assert np.allclose(joined(np.ones(2))[1], [2, 2])
    assert isinstance(joined, Exchanged)


def test_steps_given_to_one_function_are_joined_where_they_differ():
    def inner(x, a=1, b=1):
        return a * x + b

    table = mistakes(
        mixed,
        "Mixing",
        ("a", {"add": partial(inner, a=2)}, "A."),
        ("b", {"add": partial(inner, b=2)}, "B."),
        ("also_a", {"add": partial(inner, a=3)}, "A."),
    )
    ((_, joined),) = both(table[0].wrong, table[1].wrong)
    assert np.allclose(joined(np.ones(1))[0], 2 * 2 + 2)
    assert not list(both(table[0].wrong, table[2].wrong))


# ---------------------------------------------------------------- what a learner is told
PAIRS = [("subtracted", "tripled"), ("more", "tripled"), ("squared", "not_doubled"), ("turned", "tripled")]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_both_are_named_with_the_earlier_step_first(stored, one, other):
    (answer,) = made(one, other)
    verdict = told(stored, answer)
    order = ["change", "double", "add", "power", "steps"]
    first, second = sorted((one, other), key=lambda name: order.index(next(iter(WAY[name].steps))))
    assert (verdict["names"], verdict["how"]) == ([first, second], "pair")
    says = [stored["misconceptions"][name]["says"] for name in (first, second)]
    assert verdict["says"] == [
        "Two mistakes at once. Begin with the first, because later steps work on its result:",
        *says,
    ]


@pytest.mark.parametrize("name", WAY)
def test_a_mistake_alone_is_never_called_two(stored, name):
    verdict = told(stored, WAY[name])
    assert (verdict["names"], verdict["how"]) == ([name], "one")


def test_what_one_mistake_hides_is_not_named(stored):
    (answer,) = made("nothing_added", "tripled")  # 0 times anything
    verdict = told(stored, answer)
    assert (verdict["names"], verdict["how"]) == (["nothing_added"], "one")


def test_of_pairs_with_the_same_numbers_only_what_they_share_is_named():
    table = (
        *TABLE[:2],
        *mistakes(mixed, "Mixing", ("tripled_again", {"double": lambda x: 2.5 * x + 0.5 * x, "power": {}}, "Again.")),
    )
    table = tuple(m for m in table if m.name != "tripled") + tuple(m for m in table if m.name == "tripled")
    check = check_of(table)
    spec = check.spec(np.random.default_rng(0))
    (answer,) = [joined for _, joined in both(WAY["subtracted"], WAY["tripled"])]
    verdict = told(spec, answer)
    assert (verdict["names"], verdict["how"]) == (["subtracted"], "more")
    more = "That is not all, but mend this first: what is left will then be clearer."
    assert verdict["says"] == ["You subtracted.", more]


def test_two_pairs_that_share_nothing_are_not_guessed_at():
    table = mistakes(
        lambda x, a=1, b=1, c=1, d=1: x * a * b * c * d,
        "Mixing",
        *((name, {name: by}, f"{name}.") for name, by in (("a", 2), ("b", 6), ("c", 3), ("d", 4))),
    )
    check = check_of(table, reference=lambda x: x, returns=("made",), points={"made": 1})
    spec = check.spec(np.random.default_rng(0))
    assert told(spec, lambda x: 12 * x)["names"] == []  # 2 * 6 and 3 * 4
    assert set(told(spec, lambda x: 18 * x)["names"]) == {"b", "c"}


def test_each_part_may_have_a_mistake_of_its_own():
    table = (
        Misconception("made_negative", lambda x: (-mixed(x)[0], mixed(x)[1]), "It is negative."),
        Misconception("sum_halved", lambda x: (mixed(x)[0], mixed(x)[1] / 2), "It is half."),
    )
    spec = check_of(table).spec(np.random.default_rng(0))
    verdict = told(spec, lambda x: (-mixed(x)[0], mixed(x)[1] / 2))
    assert (verdict["names"], verdict["how"]) == (["made_negative", "sum_halved"], "parts")
    assert verdict["says"] == ["Each part has a mistake of its own:", "It is negative.", "It is half."]
    assert told(spec, lambda x: (-mixed(x)[0], mixed(x)[1] / 3))["names"] == []


def test_what_one_part_has_by_itself_is_told_though_another_part_cannot_be():
    table = (
        Misconception("made_negative", lambda x: (-mixed(x)[0], mixed(x)[1]), "It is negative.", partly=True),
        Misconception("sum_halved", lambda x: (mixed(x)[0], mixed(x)[1] / 2), "It is half."),
    )
    spec = check_of(table).spec(np.random.default_rng(0))
    verdict = told(spec, lambda x: (-mixed(x)[0], mixed(x)[1] / 3))
    assert (verdict["names"], verdict["how"]) == (["made_negative"], "more")
    assert told(spec, lambda x: (mixed(x)[0] / 3, mixed(x)[1] / 2))["names"] == []


def test_a_mistake_that_lies_on_its_side_is_told_with_that():
    table = (Misconception("negated", lambda x: -np.outer(x, x[:2]), "You negated it."),)
    words = {"reference": lambda x: np.outer(x, x[:2]), "returns": ("made",), "points": {"made": 1}}
    spec = check_of(table, **words).spec(np.random.default_rng(0))
    (says,) = told(spec, lambda x: -np.outer(x, x[:2]))["says"]
    turned = told(spec, lambda x: -np.outer(x[:2], x))
    assert (turned["names"], turned["how"], turned["says"][1]) == (["negated"], "turned", says)
    assert turned["says"][0].startswith("Rows and columns of your result are exchanged")
    spec["accepts"] = {"transposed": "It lies on its side."}
    assert told(spec, lambda x: -np.outer(x[:2], x))["how"] == "one"


@pytest.mark.parametrize(("says", "beside_another"), [
    ("The weights are right. The bias b_v is missing.", "The bias b_v is missing."),
    ("The numbers are right, but they begin with h_T.", "The numbers begin with h_T."),
    ("The sum is right, but it was not normalised.", "The sum was not normalised."),
    ("The weights are right now, so the split is mended. The last line is not.", "The last line is not."),
    ("Right, except where nothing is: 0 / 0.", "Where nothing is: 0 / 0."),
    ("Right for one sequence, but it stops on a batch.", "It stops on a batch."),
    ("The switch works, but the root is missing.", "The root is missing."),
    ("By 2, which is right only for 4.", "By 2, which is right only for 4."),
    ("Right only at the end: words were counted.", "Right only at the end: words were counted."),
    ("The weights are right.", "The weights are right."),
    ("All is right while there are words. Where there are none, it stops.", "Where there are none, it stops."),
    ("All is right where sizes fit, but a state of 6 was cut.", "A state of 6 was cut."),
    ("A mask arrives now, but the softmax runs over sentences.", "The softmax runs over sentences."),
    ("The pairs are whole and shuffled, but in place.", "In place."),
    ("Every word is heard now, but by one head.", "By one head."),
    ("The pairs are whole.", "The pairs are whole."),
])  # fmt: skip
def test_beside_another_mistake_no_sentence_says_what_is_right(says, beside_another):
    assert checker.without_praise(says) == beside_another
    for how in ("pair", "more"):
        assert beside_another in checker.Known(["a", "b"], how).around([says])
    assert checker.Known(["a"]).around([says]) == [says]


def test_what_stops_where_it_should_not_needs_numbers_of_its_own():
    def stops_on_five(x):
        if len(x) == 5:
            raise ValueError
        return 3 * x

    table = mistakes(
        mixed,
        "Mixing",
        ("subtracted", {"add": lambda x: x - 1}, "You subtracted."),
        ("stops", {"double": stops_on_five}, "You tripled."),
        ("only_stops", {"power": {"of": "no"}}, "It stops."),
    )
    two = check_of(table).spec(np.random.default_rng(0))["known"]["two"]
    assert two["mistakes"] == [[1, 0]]  # the pair that gives numbers for three; nothing with what only stops


# ---------------------------------------------------------------- the numbers
def close_prints(a, b):
    (mine, off), (theirs, _) = prints([np.array(a)], SPEC), prints([np.array(b)], SPEC)
    return bool((abs(mine - theirs) <= off).all())


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3, 1e9, 1e300])
def test_what_is_within_the_tolerance_has_the_same_prints_and_a_single_other_number_has_not(scale):
    rng = np.random.default_rng(0)
    x = scale * rng.normal(size=400)
    off = rng.uniform(-1, 1, size=400) * (1e-5 + 1e-4 * abs(x))
    assert close_prints(x + off, x)
    assert scale > 1e38 or close_prints(x.astype(np.float32), x)
    other = x.copy()
    other[7] += max(1.0, abs(other[7]))
    assert not close_prints(other, x)


def test_one_huge_number_hides_no_other():
    assert not close_prints([-1e9, 0.5, 1.0], [-1e9, 0.75, 1.0])


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_count_by_their_places(odd):
    assert close_prints([1.0, odd, 2.0], [1.0, odd, 2.0])
    for other in ([odd, 1.0, 2.0], [1.0, 0.0, 2.0], [1.0, 1e308, 2.0], [1.0, -odd if odd == odd else np.inf, 2.0]):
        assert not close_prints([1.0, odd, 2.0], other)


def test_few_wrong_numbers_are_taken_for_others_by_accident():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 20))
    mine, off = prints([x[0]], SPEC)
    found = [abs(prints([row], SPEC)[0] - mine) <= off for row in x[1:]]
    assert np.mean([each[0] for each in found]) < 0.002
    assert not any(each.all() for each in found)


def test_directions_are_the_same_on_every_machine():
    # where they change, every release has to be generated anew
    known = [
        [-1.299213, 1.159734],
        [0.718432, 0.795777],
        [1.400554, -1.047233],
    ]
    assert np.allclose(checker.directions(2), known, rtol=0, atol=1e-6)
    many = np.abs(checker.directions(1000))
    assert (many.min(), many.max(), many.mean()) == pytest.approx((0.5, 1.5, 1.0), abs=0.03)
    assert np.allclose(np.corrcoef(checker.directions(1000)), np.eye(3), atol=0.1)


# ---------------------------------------------------------------- an answer that takes care of odd cases
SIZES = {"three": 3, "five": 5, "none": 0}


@pytest.fixture(scope="module")
def with_none():
    """Return the public cases of the check, one of which has no numbers."""
    inputs = {"inputs": lambda rng: {label: {"x": rng.normal(size=size)} for label, size in SIZES.items()}}
    return check_of(**inputs).spec(np.random.default_rng(0))


def right_for(sizes, wrong, off=0.0):
    """Return an answer that is right for these sizes, but for what is added to it, and wrong for all others."""

    def answer(x):
        made, total = mixed(x) if len(x) in sizes else wrong(x)
        return made, total + (off if len(x) in sizes else 0)

    return answer


@pytest.mark.parametrize(
    ("sizes", "off", "names"),
    [([], 0, ["more"]), ([0], 0, ["more"]), ([3], 0, []), ([3, 5], 0, []), ([5, 0], 0, []), ([0], 0.5, [])],
)
def test_a_mistake_is_told_of_an_answer_that_is_right_in_odd_cases(with_none, sizes, off, names):
    assert told(with_none, right_for(sizes, WAY["more"], off))["names"] == names


def test_two_mistakes_in_different_cases_are_not_one():
    spec = check_of(inputs=lambda rng: {str(size): {"x": rng.normal(size=size)} for size in (3, 5, 0)})
    mixture = right_for([0], lambda x: WAY["more" if len(x) == 3 else "less"](x))
    assert told(spec.spec(np.random.default_rng(0)), mixture)["names"] == []
