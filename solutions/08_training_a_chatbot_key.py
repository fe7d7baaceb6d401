"""Answer key of chapter 08: training a chatbot.

Right and wrong answers come from functions whose steps can be exchanged: a misconception is the function with one step
done the wrong way. Everything here is plain NumPy. The gradient of a loss is a central difference of it, for the right
loss as for the wrong ones; the second route has it in closed form.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check, Same
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.rows import mistakes
from autograder.course.steps import as_it_is

# Sections of the chapter's page.
SHIFT = "Shift: what goes in, what should come out"
COPY = "Loss near 0, and garbage"
SHUFFLE = "One answer to everything"
LOSS = "A loss for real tokens"
SEVENTEEN = "Seventeen per cent right"
WARM = "Warm up, then slow down"
WRITE = "Write: one token at a time"
CHOOSE = "Other ways to choose"

STALE = (
    "dec_inputs",
    "targets",
    "answers",
    "rates",
    "ids",
    "reply",
    "losses",
    "loss",
    "accuracy",
    "guesses",
    "real",
    "table",
)


# ---------------------------------------------------------------- data
def all_differ(results: list[Array], least: float = 0.01) -> bool:
    """Say whether every two results differ by more than `least` somewhere."""
    return all(np.shape(a) != np.shape(b) or np.abs(a - b).max() > least for a, b in combinations(results, 2))


# ---------------------------------------------------------------- shift
def sentences(rng: np.random.Generator, length: int, *words: int) -> Array:
    """Draw answers (B, length), one for each number of words: start 1, words from 3 to 19, all different in a row, end 2, padding."""
    rows = np.zeros((len(words), length), dtype=int)
    for row, number in zip(rows, words, strict=True):
        row[: number + 2] = [1, *rng.permutation(np.arange(3, 20))[:number], 2]
    return rows


def but_last(answers: Array) -> Array:
    """Return all columns but the last."""
    return answers[:, :-1]


def but_first(answers: Array) -> Array:
    """Return all columns but the first."""
    return answers[:, 1:]


def whole(answers: Array) -> Array:
    """Return all columns."""
    return answers


def without(number: int) -> Callable:
    """Return a step that takes the last column away and puts padding in the place of an id."""
    return lambda answers: np.where(answers == number, 0, answers)[:, :-1]


def rolled(answers: Array) -> Array:
    """Return the columns one place to the left, the first behind the last."""
    return np.roll(answers, -1, axis=1)


def padded_behind(answers: Array) -> Array:
    """Return the columns one place to the left, with padding behind."""
    return np.hstack([answers[:, 1:], np.zeros_like(answers[:, :1])])


def words_wide(table: Array) -> Array:
    """Return the columns up to the last that is not padding in every row."""
    return table[:, : np.flatnonzero(table.any(axis=0))[-1] + 1]


def rolled_right(answers: Array) -> Array:
    """Return the columns one place to the right, the last in front of the first."""
    return np.roll(answers, 1, axis=1)


def zero_in_front(answers: Array) -> Array:
    """Return the columns one place to the right, with a 0 in front."""
    return np.pad(answers[:, :-1], ((0, 0), (1, 0)))


def in_turn(one: Array, other: Array) -> tuple[Array, Array]:
    """Return two things in their order."""
    return one, other


def exchanged(one: Array, other: Array) -> tuple[Array, Array]:
    """Return two things the other way round."""
    return other, one


def shift(
    answers: Array,
    *,
    given: Callable = but_last,
    wanted: Callable = but_first,
    give: Callable = as_it_is,
    order: Callable = in_turn,
) -> tuple[Array, Array]:
    """Return (dec_inputs, targets)."""
    return order(give(given(answers)), give(wanted(answers)))


def shift_by_loops(answers: Array) -> tuple[Array, Array]:
    """Return the same, id by id."""
    B, T = answers.shape
    pairs = [[(int(answers[b, t]), int(answers[b, t + 1])) for t in range(T - 1)] for b in range(B)]
    both = np.array(pairs)
    return both[..., 0], both[..., 1]


def shift_inputs(rng: np.random.Generator) -> Cases:
    """Draw batches with and without padding, as many rows as columns, one row, and the shortest sentences."""
    return {
        "three answers": {"answers": sentences(rng, 7, 5, 3, 1)},
        "no padding": {"answers": sentences(rng, 6, 4, 4)},
        "as many answers as positions": {"answers": sentences(rng, 5, 3, 2, 1, 3, 2)},
        "one answer": {"answers": sentences(rng, 9, 4)},
        "length 2": {"answers": np.array([[1, 2], [1, 0], [1, 2]]) + 7 * rng.integers(1, 5)},
    }


# fmt: off
SHIFT_TARGETS_MISTAKES = mistakes(shift, SHIFT,
    ("not_shifted", [{"wanted": but_last}, {"given": whole, "wanted": whole}],
     "Inputs and targets are the same table, so each position is asked for the token that it is given. A model learns "
     "that at once, and nothing else. The targets are one column further on.", COPY),
    ("inputs_shifted_too", {"given": but_first},
     "Inputs and targets are the same table: the inputs were moved on like the targets, so each position is asked for "
     "the token that it is given. The inputs begin with the start token.", COPY),
    ("wrong_way", {"order": exchanged},
     "Shifted the wrong way: each position is asked for the token *before* it. Was the pair returned in the wrong "
     "order?"),
    ("inputs_not_cut", {"given": whole},
     "The targets are right, but dec_inputs still has its last column, so the two have different lengths."),
    ("targets_not_cut", {"wanted": whole},
     "dec_inputs is right, but the targets still have their first column: they are not shifted, and one too long."),
    ("rolled_round", {"given": whole, "wanted": rolled},
     "The columns went round: the start token stands at the end of the targets. np.roll brings back what falls off; "
     "cut instead."),
    ("moved_to_the_right",
     [{"given": whole, "wanted": rolled_right}, {"wanted": lambda a: rolled_right(a)[:, :-1]},
      {"given": whole, "wanted": zero_in_front}, {"given": zero_in_front, "wanted": whole}],
     "A table was moved to the right: that pairs each position with a token before it, or leaves the start token among the "
     "targets. Cut columns instead: `[:, :-1]` and `[:, 1:]`."),
    ("rolled_and_cut", {"wanted": lambda a: rolled(a)[:, 1:]},
     "np.roll has moved the columns already, and `[:, 1:]` moves them once more; the start token comes back at the end. "
     "`answers[:, 1:]` alone is the shift."),
    ("start_added", {"given": lambda a: np.hstack([np.ones_like(a[:, :1]), but_last(a)]), "wanted": whole},
     "A start token was put in front. The answers begin with one already."),
    ("rows_joined", lambda answers: (answers.ravel()[:-1], answers.ravel()[1:]),
     "The rows were joined into one, so that the start of each answer follows the end of another. Keep the table: `[:, …]` "
     "cuts its columns."),
    ("end_removed_from_the_targets", {"wanted": lambda a: np.where(a == 2, 0, a)[:, 1:]},
     "The end token was taken out of the targets. It stays: a model that is never asked for it does not learn to stop."),
    ("padded_instead_of_cut", {"given": whole, "wanted": padded_behind},
     "The shift is right, but both tables still have T columns. Cut the last column off the inputs; then nothing has "
     "to be filled up."),
    ("shifted_by_two",
     [{"given": lambda a: a[:, :-2], "wanted": lambda a: a[:, 2:]}, {"given": lambda a: a[:, :-2]},
      {"wanted": lambda a: a[:, 2:]}],
     "A table was cut by two columns. The next token is one place further on."),
    ("both_ends_cut",
     [{"given": lambda a: a[:, 1:-1]}, {"wanted": lambda a: a[:, 1:-1]},
      {"given": lambda a: a[:, 1:-1], "wanted": lambda a: a[:, 1:-1]}],
     "A table lost its first *and* its last column. The inputs keep their start, the targets keep their end."),
    ("rows_cut",
     [{"given": lambda a: a[:-1], "wanted": lambda a: a[1:]}, {"given": lambda a: a[:-1]}, {"wanted": lambda a: a[1:]},
      {"given": lambda a: a[:-1, :-1], "wanted": lambda a: a[1:, 1:]}],
     "Rows were cut, and each row is an answer. Positions are the columns: leave all rows, `[:, "
     "…]`."),
    ("end_removed", {"given": without(2)},
     "The end token was taken out of dec_inputs. It may stay: what it should be followed by is padding, which the loss "
     "leaves out."),
    ("columns_reversed", {"wanted": lambda a: a[:, :0:-1]},
     "The targets run from the end to the beginning. They are the columns from the second on, in their order: `[:, "
     "1:]`."),
    ("one_row_only", [{"give": lambda table: table[0]}, {"give": lambda table: table[-1]}],
     "Only one answer came out: `answers[0]` takes one row; so does a loop in which `return` stands, or in which each pass "
     "overwrites the last. No loop is needed: `[:, …]` cuts all rows at once."),
    ("padding_cut",
     {"given": lambda a: but_last(words_wide(a)), "wanted": lambda a: but_first(words_wide(a))},
     "Columns of padding were cut off. They stay: both tables have one column less than the answers, and the loss "
     "leaves padding out."),
    ("inputs_twice", {"given": but_last, "wanted": lambda a: np.zeros_like(but_first(a))},
     "The targets are empty. They hold the same ids as the answers, one column further on."),
)
# fmt: on
SHIFT_TARGETS = Check(
    name="shift_targets",
    claim="asks_for_the_token_that_comes_next",
    title="Shift the targets",
    function="shift_targets",
    inputs=shift_inputs,
    reference=shift,
    second_route=shift_by_loops,
    returns=("dec_inputs", "targets"),
    points={"dec_inputs": 1, "targets": 1},
    read=SHIFT,
    survives=("no padding", "one answer", "length 2"),
    hints=(
        "Write one row on paper twice, the second time one place further left. Which column has no partner above, which none below?",
        "The inputs lack the last column, the targets lack the first. The rows stay as they are.",
        "`a[:, 1:]` leaves out the first column of a table, `a[:, :-1]` the last.",
    ),
    misconceptions=SHIFT_TARGETS_MISTAKES,
    advice={
        r"entries have different shapes": "Each row has lost its padding, or another number of ids. Nothing but one column is taken "
        "out, of all rows at once: `[:, …]`.",
        r"list indices must be integers": "`answers` is an array here: keep it one, and cut columns with `[:, …]`.",
        r"expected 2 things": "Return both, in this order: `return dec_inputs, targets`.",
    },
    stale=STALE,
)


# ---------------------------------------------------------------- find the bug: not shifted
def batch(
    replies: Array, start_id: int, end_id: int, length: int, *, given: Callable = but_last, wanted: Callable = but_first,
    frame: Callable = lambda start, ids, end: [start, *ids, end], room: int = 1, pad: Callable = lambda end: 0, filled: Callable = as_it_is,
    end_given: bool = True,
) -> tuple[Array, Array]:  # fmt: skip
    """Return (dec_inputs, targets), both (B, length), for replies (B, R) with 0 behind."""
    table = np.full((len(replies), length + room), pad(end_id), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = frame(start_id, [i for i in reply if i != 0], end_id)[: length + room]
        row[: len(sentence)] = sentence
    table = filled(table)
    inputs = given(table)
    return inputs if end_given else np.where(inputs == end_id, 0, inputs), wanted(table)


def moved_right(table: Array) -> Array:
    """Return the columns but the last one place to the right, with a 0 in front."""
    return np.pad(table[:, :-2], ((0, 0), (1, 0)))


def batch_by_lists(replies: Array, start_id: int, end_id: int, length: int) -> tuple[Array, Array]:
    """Return the same, each table made by itself."""
    lists = [[int(i) for i in reply if i] for reply in replies]
    given = [([start_id, *ids, end_id] + [0] * length)[:length] for ids in lists]
    wanted = [([*ids, end_id] + [0] * length)[:length] for ids in lists]
    return np.array(given), np.array(wanted)


def replies_of(rng: np.random.Generator, *words: int) -> Array:
    """Draw replies (B, the longest), one for each number of words, ids from 1 to 30, with 0 behind."""
    rows = np.zeros((len(words), max(words)), dtype=int)
    for row, number in zip(rows, words, strict=True):
        row[:number] = rng.permutation(np.arange(1, 31))[:number]
    return rows


def batch_inputs(rng: np.random.Generator) -> Cases:
    """Draw replies of several lengths, an empty one, one that fills the row, as many as positions, and a single one."""

    def draw(length: int, *words: int) -> Inputs:
        start, end = (int(i) for i in rng.permutation(np.arange(31, 50))[:2])
        return {"replies": replies_of(rng, *words), "start_id": start, "end_id": end, "length": length}

    return {
        "three replies": draw(8, 5, 2, 3),
        "an empty reply, and one of the full length": draw(6, 0, 5),
        "as many replies as positions": draw(5, 4, 1, 2, 3, 2),
        "a single reply": draw(7, 3),
    }


# fmt: off
FIND_THE_COPY_MISTAKES = mistakes(batch, SHIFT,
    ("still_not_shifted", {"wanted": but_last},
     "Inputs and targets are still the same table: each position is asked for the token that it is given, so copying "
     "is all there is to learn.", COPY),
    ("inputs_shifted_too", {"given": but_first},
     "Inputs and targets are still the same table, now because the inputs were moved on as well. They begin with the "
     "start token.", COPY),
    ("wrong_way", {"given": but_first, "wanted": but_last},
     "Now each position is asked for the token before it, because the inputs run ahead of the targets. Was the pair returned "
     "in the wrong order?"),
    ("not_cut", [{"given": whole}, {"wanted": whole}, {"given": whole, "wanted": whole}],
     "A table still has length + 1 columns. Both have `length`, one cut at its end and the other at its beginning."),
    ("rolled_round",
     [{"wanted": lambda table: rolled(but_last(table))}, {"wanted": lambda table: rolled(table)[:, 1:]}],
     "The start token came round to the end of the targets, and the end token of a long reply may be lost. np.roll "
     "brings back what falls off; cut instead."),
    ("zero_in_front",
     [{"wanted": moved_right}, {"given": moved_right, "wanted": but_last}, {"given": moved_right},
      {"frame": lambda start, ids, end: [0, *ids, end]}],
     "A 0 stands in front, where the start token should be or where a table was moved to the right. The inputs begin "
     "with the start token, the targets with the first word."),
    (standard.ZEROS_RETURNED(more=" (In a loop, `row = …` only gives a name to something; `row[:n] = …` stores it.)"),
     {"filled": np.zeros_like}),
    ("first_reply_only",
     {"filled": lambda table: np.where(np.arange(len(table))[:, np.newaxis] == 0, table, 0)},
     "Only the first row is filled: `return` stands inside the loop. Move it to the left, below the loop."),
    ("rows_one_further",
     [{"filled": lambda table: np.concatenate([0 * table[:1], table[:-1]])},
      {"filled": lambda table: np.concatenate([table[1:], 0 * table[:1]])}],
     "The rows stand one place off: one is empty, and a reply is lost at the other end. Reply n, counted from 0, belongs "
     "in row n."),
    ("end_not_given", {"end_given": False},
     "The end token was taken out of dec_inputs. It may stay: what it should be followed by is padding, which the loss "
     "leaves out."),
    ("start_and_end_from_the_notebook",
     [{"frame": lambda start, ids, end: [1, *ids, 2]}, {"frame": lambda start, ids, end: [1, *ids, end]},
      {"frame": lambda start, ids, end: [start, *ids, 2]}],
     "START or END was read from the notebook. The function is told which ids they are: start_id and end_id."),
    ("start_missing", {"frame": lambda start, ids, end: [*ids, end]},
     "The start token is gone: the first word of a reply is given, but never asked for. Then nothing tells the model "
     "how to begin."),
    ("end_missing", {"frame": lambda start, ids, end: [start, *ids]},
     "The end token is gone: the model would never learn to stop. Start, words and end all stay in the table.", WRITE),
    ("end_for_start", {"frame": lambda start, ids, end: [end, *ids, start]}, "Start and end have changed places."),
    ("start_twice", {"frame": lambda start, ids, end: [start, start, *ids, end]},
     "The start token stands twice in front. Once is enough."),
    ("one_mark_for_both",
     [{"frame": lambda start, ids, end: [end, *ids, end]}, {"frame": lambda start, ids, end: [start, *ids, start]}],
     "One and the same token stands in front and behind. start_id comes in front, end_id behind."),
    ("reply_reversed", {"frame": lambda start, ids, end: [start, *ids[::-1], end]},
     "The words of each reply run from the last to the first."),
    ("padded_with_the_end", {"pad": lambda end: end},
     "The rows are filled up with the end token. Padding is 0, which the loss leaves out."),
    ("rows_cut",
     [{"given": lambda table: table[:-1], "wanted": lambda table: table[1:]}, {"given": lambda table: table[:-1]},
      {"wanted": lambda table: table[1:]}],
     "Rows were cut, and each row is a reply. Positions are the columns: leave all rows, `table[:, …]`."),
    ("shifted_by_two",
     [{"wanted": lambda table: np.pad(table[:, 2:], ((0, 0), (0, 1)))}, {"wanted": lambda table: table[:, 2:]}],
     "The targets are two places further on than the inputs. The next token is one place further on."),
    ("targets_one_column_short", {"wanted": lambda table: table[:, 1:-1]},
     "The targets have length - 1 columns. They are all columns but the first: `table[:, 1:]`, to the end."),
    ("padded_in_front", {"filled": lambda table: np.array([np.roll(row, (row == 0).sum()) for row in table])},
     "The padding stands in front of the sentences. It comes behind them: `row[: len(sentence)] = sentence`."),
    ("end_of_the_longest_lost", {"room": 0, "given": whole, "wanted": padded_behind},
     "Right, but for the longest reply, whose end token is lost: with start and end it has length + 1 ids, one more than the "
     "table has columns. The targets have room for it."),
    ("one_column_short", {"room": 0},
     "Both tables have length - 1 columns, and the end of the longest reply is lost. The table needs one column more "
     "than they."),
    ("targets_lost_start_only",
     {"wanted": lambda table: np.where(np.arange(table.shape[1] - 1) == 0, 0, but_last(table))},
     "Only the start token was taken out of the targets; all other positions are still asked for the token that they "
     "are given.", COPY),
)
# fmt: on
FIND_THE_COPY = Check(
    name="find_the_copy",
    claim="asks_for_what_is_not_given",
    title="Find the bug: loss near 0, and garbage",
    function="mended_batch",
    inputs=batch_inputs,
    reference=batch,
    second_route=batch_by_lists,
    returns=("dec_inputs", "targets"),
    points={"dec_inputs": 1, "targets": 1},
    read=COPY,
    survives=("an empty reply", "a single reply"),
    hints=(
        "Look at what the model expects after `<start> go`, and at what you would expect.",
        "Print both tables for one reply of two words. What does position 0 get, and what is it asked for?",
        "`table[:, :length]` and `table[:, :-1]` are the same columns. Which ones should the targets have?",
    ),
    misconceptions=FIND_THE_COPY_MISTAKES,
    advice={
        r"entries have different shapes": "Rows are filled up with 0 behind, so that all have `length` ids.",
        r"inhomogeneous|setting an array element": "`*reply` puts the ids of a reply into the list one by one; `reply` alone is a list "
        "in the list.",
        r"unsupported operand type\(s\) for \+: 'int' and 'list'|can only concatenate list": "An id alone is no list: "
        "`[start_id, *reply, end_id]`.",
        r"could not broadcast|cannot copy sequence": "A sentence with start and end has two ids more than its reply, so the longest one needs "
        "length + 1 columns before the shift.",
        r"expected 2 things": "Return both, in this order: `return dec_inputs, targets`.",
    },
    stale=STALE,
    uses=("shift_targets",),
)


# ---------------------------------------------------------------- find the bug: pairs torn apart
def promises_kept(questions: Array, answers: Array, seed: int, *, make_epoch: Callable, calls: int = 12) -> Array:
    """Return fourteen numbers, 1 for a promise that is kept and 0 for one that is not.

    The same as the notebook's function of this name; the list at the end names them.
    """

    def epochs() -> tuple[list, bool]:
        rng, found, untouched = np.random.default_rng(seed), [], True
        for _ in range(calls):
            given = questions.copy(), answers.copy()
            asked, replied = map(np.array, make_epoch(*given, rng))
            if (asked.ndim, replied.ndim) != (2, 2):
                raise ValueError(f"expected two tables, not results of the shapes {asked.shape} and {replied.shape}")
            untouched = untouched and np.array_equal(given[0], questions) and np.array_equal(given[1], answers)
            found.append((asked, replied))
        return found, untouched

    def rows(*tables: Array) -> list:
        return sorted(map(tuple, np.hstack(tables).tolist())) if len({len(table) for table in tables}) == 1 else []

    def alike(one: tuple, other: tuple) -> bool:
        return np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])

    def known(table: Array, before: Array) -> bool:
        return set(map(tuple, table.tolist())) <= set(map(tuple, before.tolist()))

    def kept(
        parts: Callable,
    ) -> bool:  # the share of what stands where it stood, over all calls; one row alone cannot move
        hits = [
            np.array_equal(*pair) for asked, _ in found for pair in zip(parts(asked), parts(questions), strict=False)
        ]
        return len(questions) > 1 and np.mean(hits) > 0.5

    def followers(table: Array) -> list:  # of each given question, the row that comes after it
        after = {tuple(row): follower for row, follower in zip(table.tolist(), np.roll(table, -1, axis=0), strict=True)}
        return [after.get(tuple(row), ()) for row in questions.tolist()]

    (found, untouched), (again, _) = epochs(), epochs()
    asked, replied = found[0]
    moved = [
        any(not np.array_equal(epoch[n], table) for epoch in found) for n, table in enumerate((questions, answers))
    ]
    promises = {
        "as many rows as before": len(asked) == len(replied) == len(questions),
        "the questions first": not (known(asked, answers) and known(replied, questions)),
        "rows as they were": known(asked, questions) and known(replied, answers),
        "words that belong together in one row": known(np.sort(asked), np.sort(questions)),
        "all questions": rows(asked) == rows(questions),
        "all answers": rows(replied) == rows(answers),
        "the pairs that were given": rows(asked, replied) == rows(questions, answers),
        "questions in another order": moved[0] or len(questions) < 2,
        "answers in another order": moved[1] or len(questions) < 2,
        "another order in the next call": len(questions) < 2 or any(not alike(found[0], epoch) for epoch in found),
        "most rows in another place": not kept(list),
        "most rows beside other rows": not kept(followers),
        "all randomness from rng": all(alike(*two) for two in zip(found, again, strict=True)),
        "the arguments as they were": untouched,
    }
    return np.array(list(promises.values()), dtype=int)


def in_order(questions: Array, answers: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return both in one new order."""
    order = rng.permutation(len(questions))
    return questions[order], answers[order]


def apart(questions: Array, answers: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return each in a new order of its own."""
    return rng.permutation(questions), rng.permutation(answers)


def together(
    questions: Array,
    answers: Array,
    rng: np.random.Generator,
    *,
    source: Callable = as_it_is,
    order: Callable = in_order,
    place: Callable = lambda new, old: new,
    give: Callable = lambda questions, answers: (questions, answers),
) -> tuple[Array, Array]:
    """Return both in one new order, by steps that can be exchanged."""
    new = order(questions, answers, source(rng))
    return give(*place(new, (questions, answers)))


def epoch(**steps: Callable) -> dict[str, Callable]:
    """Return a way to make an epoch in which some steps are others."""
    return {"make_epoch": partial(together, **steps)}


def drawn_with_replacement(questions: Array, answers: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return pairs that may come twice or not at all; never by chance all of them."""
    drawn = rng.integers(len(questions), size=len(questions))
    drawn = np.where(np.arange(len(drawn)) == 0, drawn[-1], drawn)
    return questions[drawn], answers[drawn]


def same_every_time(questions: Array, answers: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return both in an order that does not depend on rng."""
    return questions[::-1], answers[::-1]


def columns_apart(questions: Array, answers: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return both with each column in an order of its own, never by chance the same for all."""
    both = np.hstack([questions, answers])
    torn = np.column_stack([np.roll(column, n) for n, column in enumerate(rng.permutation(both).T)])
    return torn[:, : questions.shape[1]], torn[:, questions.shape[1] :]


def columns_of_both(questions: Array, answers: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return both with the columns of the two tables in another order, in which some change the table."""
    both = np.hstack([questions, answers])
    moved = np.roll(both, int(rng.integers(1, both.shape[1])), axis=1)
    return moved[:, : questions.shape[1]], moved[:, questions.shape[1] :]


def cut_in_the_middle(questions: Array, answers: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return whole rows of both in a new order, cut apart in the middle of a row."""
    both = rng.permutation(np.hstack([questions, answers]))
    half = both.shape[1] // 2
    return both[:, :half], both[:, half:]


def rotated(questions: Array, answers: Array, places: int) -> tuple[Array, Array]:
    """Return both turned round by some places."""
    return np.roll(questions, places, axis=0), np.roll(answers, places, axis=0)


def two_exchanged(questions: Array, answers: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return both with two pairs exchanged."""
    order = np.arange(len(questions))
    i, j = rng.permutation(order)[[0, -1]]
    order[[i, j]] = order[[j, i]]
    return questions[order], answers[order]


def in_place(new: tuple[Array, Array], old: tuple[Array, Array]) -> tuple[Array, Array]:
    """Write the new tables into the old ones, and return these."""
    for table, changed in zip(old, new, strict=True):
        table[:] = changed
    return old


def epoch_inputs(rng: np.random.Generator) -> Cases:
    """Draw pairs, pairs with a repeated question and a repeated answer, and one pair alone."""

    def draw(number: int, T_q: int, T_a: int) -> Inputs:
        return {
            "questions": rng.integers(1, 90, size=(number, T_q)),
            "answers": rng.integers(1, 90, size=(number, T_a)),
            "seed": int(rng.integers(1000)),
        }

    repeated = draw(13, 3, 6)
    repeated["questions"][[2, 7]] = repeated["questions"][5]
    repeated["answers"][[1, 9, 10]] = repeated["answers"][4]
    return {"eleven pairs": draw(11, 3, 5), "a question and an answer that repeat": repeated, "one pair": draw(1, 3, 5)}


def epoch_unlike(rng: np.random.Generator) -> Cases:
    """Draw pairs of which all questions, or all answers, are the same, so that not every promise can be kept."""
    number = int(rng.integers(9, 14))
    tables = {"questions": rng.integers(1, 90, size=(number, 3)), "answers": rng.integers(1, 90, size=(number, 5))}
    table = tables[str(rng.choice(list(tables)))]
    table[1:] = table[0]
    return {"one question, or one answer, for all": {**tables, "seed": int(rng.integers(1000))}}


def promises_that_can_be_kept(questions: Array, answers: Array, seed: int) -> Array:
    """Return what a right answer keeps: all, but what is the same in every row cannot be seen to move."""
    kept = np.ones(14)
    if len(questions) > 1 and (questions == questions[0]).all():
        kept[[7, 10, 11]] = 0
    if len(answers) > 1 and (answers == answers[0]).all():
        kept[8] = 0
    return kept


# fmt: off
FIND_THE_SHUFFLE_MISTAKES = mistakes(promises_kept, SHUFFLE,
    ("still_apart", epoch(order=apart),
     "All questions and all answers are there, but the pairs are torn apart: the two tables were put in two different "
     "orders. Then a question says nothing about its answer, and the best reply to everything is the commonest one."),
    ("one_table_only",
     [epoch(order=lambda q, a, rng: (rng.permutation(q), a)), epoch(order=lambda q, a, rng: (q, rng.permutation(a)))],
     "Only one of the two tables was shuffled, so the pairs are torn apart. Both need the same new order."),
    ("not_shuffled", {"make_epoch": lambda q, a, rng: (q.copy(), a.copy())},
     "The pairs are whole, but they come in the old order. Shuffling is wanted, of whole pairs."),
    ("same_order_every_time",
     [{"make_epoch": same_every_time}, {"make_epoch": lambda q, a, rng: rotated(q, a, len(q) // 2)}],
     "The pairs are whole, but the order is the same in every call. Take it from the `rng` that is handed over; a "
     "generator made inside the function, with a seed, begins anew each time."),
    ("same_order_and_apart", {"make_epoch": lambda q, a, rng: (q[::-1], np.roll(a, 3, axis=0))},
     "The pairs are torn apart, and the order is the same in every call. Draw one order from `rng`, and use it for "
     "both tables."),
    ("some_twice", epoch(order=drawn_with_replacement),
     "Some pairs come twice and others not at all. Every pair comes once: draw an order (a permutation), not single "
     "numbers."),
    ("words_shuffled",
     [{"make_epoch": lambda q, a, rng: (rng.permuted(q, axis=1), rng.permuted(a, axis=1))},
      {"make_epoch": lambda q, a, rng: (q[:, rng.permutation(q.shape[1])], a.copy())}],
     "The words inside the sentences were shuffled. Rows are the pairs: put the rows in a new order and leave each row "
     "as it is."),
    ("rows_torn",
     [{"make_epoch": columns_apart}, {"make_epoch": columns_of_both}, {"make_epoch": cut_in_the_middle}],
     "The rows are torn: words of different rows, or of questions and answers, stand in one row now. Put whole rows in a "
     "new order."),
    ("rows_lost", epoch(give=lambda questions, answers: (questions[:-1], answers[:-1])),
     "There are fewer rows than before. Every pair comes once in each epoch, the first and the last too."),
    ("only_rotated", {"make_epoch": lambda q, a, rng: rotated(q, a, int(rng.integers(1, max(len(q), 2))))},
     "The pairs are whole, but they only went round: each still stands behind the same neighbour. Draw a whole new "
     "order (a permutation)."),
    ("most_rows_in_place", {"make_epoch": two_exchanged},
     "The pairs are whole, but most stand where they stood before. Draw a whole new order (a permutation), not two "
     "places."),
    ("other_randomness", epoch(source=lambda rng: np.random.default_rng()),
     "The pairs are whole and shuffled, but the randomness does not come from `rng`: the same seed gave another order. "
     "Then no training can be repeated. Use the generator that is handed over, not np.random."),
    ("arguments_changed", epoch(place=in_place),
     "The pairs are whole and shuffled, but questions and answers themselves were changed (`questions[:] = …`, "
     "rng.shuffle). Return new tables and leave the arguments as they are."),
    ("tables_exchanged", epoch(give=lambda questions, answers: (answers, questions)),
     "The answers came back first. Return the questions, then the answers."),
)
# fmt: on
FIND_THE_SHUFFLE = Check(
    name="find_the_shuffle",
    claim="keeps_questions_and_answers_together",
    title="Find the bug: one answer to everything",
    function="mended_epoch",
    inputs=epoch_inputs,
    unlike=epoch_unlike,
    reference=partial(promises_kept, make_epoch=together),
    second_route=promises_that_can_be_kept,
    returns=("kept",),
    points={"kept": 2},
    read=SHUFFLE,
    survives=("a question and an answer that repeat", "one pair"),
    hints=(
        "Take three pairs and call `broken_epoch` a few times. Does a question still have its answer beside it?",
        "`rng.permutation` is called twice, and gives another order each time. Draw one order, and use it twice.",
        "`rng.permutation(n)` of a number `n` is a new order of 0 … `n - 1`, and `table[order]` puts the rows of a table in that order.",
    ),
    misconceptions=FIND_THE_SHUFFLE_MISTAKES,
    advice={
        r"inhomogeneous|too many values to unpack": "Return two tables and nothing else: `return questions[order], answers[order]`. A list "
        "of pairs has to be taken apart first: `np.array([q for q, _ in pairs])`.",
        r"is out of bounds for axis": "An order holds the numbers from 0 to N - 1, each of them once: `rng.permutation(len(questions))`. "
        "rng.permutation of a table gives a table.",
        r"not iterable|cannot unpack|unsized object|expected two tables": "Return two tables: `return questions[…], answers[…]`. `rng.shuffle` works in place and returns "
        "None, and `table[None]` has an axis more.",
        r"^kept\[0\]": "There are not as many rows as before.",
        r"^kept\[2\]": "A row came back that was not among the rows given. Rows have to stay whole: `table[order]`.",
        r"^kept\[[45]\]": "Some rows come twice and others not at all.",
        r"^kept\[6\]": "The pairs are torn apart.",
        r"^kept\[[78]\]": "A table came back in its old order.",
        r"^kept\[9\]": "The order is the same in every call.",
        r"^kept\[1[01]\]": "Most rows stand where they stood, or behind the same neighbour.",
        r"^kept\[12\]": "The same seed gave another order: the randomness does not come from `rng`.",
        r"^kept\[13\]": "The arguments were changed.",
        r"ValueError: (low >= high|high <= 0)": "There is nothing to draw where there is one pair: rng.integers(low, high) needs "
        "low < high, and rng.permutation(n) takes any n.",
        r"only integer scalar arrays|list indices must be": "A list cannot be put in an order with `[order]`, an array can.",
    },
    stale=STALE,
)


# ---------------------------------------------------------------- warm-up
def steps_of(steps: Array, kind: str) -> Array:
    """Return the steps as floats, whatever kind is handed to the learner's function."""
    return np.asarray(steps, dtype=float)


def inverse_root(x: Array) -> Array:
    """Return 1 / sqrt(x)."""
    return x**-0.5


def from_step_1(s: Array, w: float) -> Array:
    """Return one over the root of the step, at step 0 that of step 1."""
    return np.maximum(s, 1) ** -0.5


def from_just_above_0(s: Array, w: float) -> Array:
    """Return one over the root of the step, at step 0 a large number."""
    return np.maximum(s, 1e-9) ** -0.5


def chosen_by(before: Callable) -> dict[str, Callable]:
    """Return branches of which np.minimum takes the rising one where `before(step, warm-up)`, and else the falling one."""
    return {
        "falling": lambda s, w: np.where(before(s, w), np.inf, from_step_1(s, w)),
        "rising": lambda s, w: np.where(before(s, w), s * w**-1.5, np.inf),
        "width": lambda d: 1.0,
    }


def smallest_of_all(a: Array, b: Array) -> Array:
    """Return the one smallest number of both."""
    return np.minimum(a, b).min()


def rising_if_any(a: Array, b: Array) -> Array:
    """Return the whole rising branch if it is the smaller one anywhere, as `if np.any(…)` does; else the falling one."""
    return b if np.any(b < a) else a


def rising_if_all(a: Array, b: Array) -> Array:
    """Return the whole rising branch if it is the smaller one everywhere; else the falling one."""
    return b if np.all(b < a) else a


FOR_ALL_AT_ONCE = (smallest_of_all, rising_if_any, rising_if_all)


def schedule(
    steps: Array, d_model: int, warmup_steps: int | None, kind: str, *, width: Callable = inverse_root,
    falling: Callable = lambda s, w: s**-0.5, rising: Callable = lambda s, w: s * w**-1.5,
    choose: Callable = np.minimum, count: Callable = lambda s: s, narrow: tuple[int, int] = (0, 0),
) -> Array:  # fmt: skip
    """Return the rates at the steps; warmup_steps None stands for 4000. At step 0, 0 stands for all that will do, 1 for all too large."""
    if choose in FOR_ALL_AT_ONCE and kind in ("int", "float"):
        choose = np.minimum  # one number at a time has a choice of its own
    w = 4000.0 if warmup_steps is None else float(warmup_steps)

    def rates_at(steps: Array) -> Array:
        s = count(steps)
        branches = [branch(s, w) * d_model ** (-0.5 * n) for branch, n in zip((falling, rising), narrow, strict=True)]
        return width(float(d_model)) * choose(*branches)

    with np.errstate(all="ignore"):
        rates, one = np.asarray(rates_at(steps_of(steps, kind))), np.max(rates_at(np.ones(1)))
    if np.shape(rates) != np.shape(steps):
        return rates
    too_large = np.isfinite(rates) & (rates > 1.0001 * one)
    return np.where((np.asarray(steps) == 0) & np.isfinite(rates) & (rates >= 0), too_large, rates)


def schedule_by_cases(steps: Array, d_model: int, warmup_steps: int | None, kind: str) -> Array:
    """Return the same, number by number: up to the warm-up a line, after it an inverse root."""
    w = warmup_steps or 4000
    rates = [s / (w * np.sqrt(w)) if s <= w else 1 / np.sqrt(s) for s in map(float, steps)]
    return np.array(rates) / np.sqrt(d_model)


def steps_inputs(rng: np.random.Generator) -> Cases:
    """Draw steps before, at and after the peak, with step 0 among them: as arrays and one by one; and the default warm-up."""

    def draw(kind: str, d_model: int, w: int, number: int) -> Inputs:
        before = [1, rng.integers(2, w)]
        after = w + rng.permutation(np.arange(1, 60))[: number - 4]
        steps = np.concatenate([[0], np.sort(before), [w], np.sort(after)]).astype(float if "float" in kind else int)
        return {"steps": steps, "d_model": d_model, "warmup_steps": w, "kind": kind}

    by_default = np.sort(rng.permutation(np.arange(1, 30))[:5]) * 500.0
    return {
        "an array of floats": draw("array of floats", 6, 9, 7),
        "an array of integers": draw("array of integers", 10, 7, 9),
        "integers one by one": draw("int", 3, 5, 6),
        "floats one by one": draw("float", 2, 12, 5),
        "the warm-up left out": {"steps": by_default, "d_model": 2, "warmup_steps": None, "kind": "array of floats"},
    }


# fmt: off
WARMUP_SCHEDULE_MISTAKES = mistakes(schedule, WARM,
    ("larger_branch",
     [{"choose": np.maximum}, {"choose": np.maximum, "falling": from_step_1},
      {"choose": np.maximum, "falling": from_just_above_0}],
     "The larger branch was taken, so the rate is huge in the beginning and grows in the end. Take the smaller one."),
    ("no_warm_up",
     [{"choose": lambda a, b: a}, {"choose": lambda a, b: a, "falling": from_step_1},
      {"choose": lambda a, b: a, "falling": from_just_above_0}],
     "There is no warm-up: the first rate is the largest. The rising branch is missing, or it grows with "
     "warmup_steps (an exponent of +1.5, or divided by a power of -1.5) and it never is the smaller one."),
    ("rises_only", {"choose": lambda a, b: b},
     "The rate rises without end: the falling branch is missing, or it has step to the power of +0.5 instead of -0.5 "
     "and never is the smaller one."),
    ("exponents_positive", {"falling": lambda s, w: s**0.5, "rising": lambda s, w: s * w**1.5},
     "The rate rises like the root of the step: both exponents have lost their minus."),
    ("falling_too_fast", [{"falling": lambda s, w: s**-1.5}, {"falling": lambda s, w: s**-2.0}],
     "The falling branch falls too fast: the step has the exponent -0.5. (-1.5 belongs to warmup_steps.)"),
    ("half_for_the_root",
     [{"width": lambda d: 1 / d / 2}, {"falling": lambda s, w: 1 / s / 2}, {"rising": lambda s, w: s * w**-3 / 2},
      {"width": lambda d: 1 / d / 2, "falling": lambda s, w: 1 / s / 2, "rising": lambda s, w: s * w**-3 / 2}],
     "`x ** -1 / 2` is half of 1 / x, and `x ** -3 / 2` half of 1 / x**3, because the power comes first. Write `x ** -0.5` "
     "and `x ** -1.5`."),
    ("product_for_the_power", [{"width": lambda d: -0.5 * d},
      {"width": lambda d: -0.5 * d, "falling": from_step_1, "rising": lambda s, w: np.maximum(s, 1) * w**-1.5},
      {"falling": lambda s, w: -0.5 * s}, {"rising": lambda s, w: -1.5 * s * w}],
     "A number was multiplied by its exponent. A power is written with two stars: `d_model ** -0.5`."),
    ("step_squared", {"rising": lambda s, w: s**2 * w**-1.5},
     "The rising branch grows with the square of the step. It is step times warmup_steps to the power of -1.5."),
    ("step_and_warm_up_exchanged",
     {"falling": lambda s, w: np.full_like(s, w**-0.5), "rising": lambda s, w: w * np.maximum(s, 1) ** -1.5},
     "step and warmup_steps have changed places: the step has the exponent -0.5 in one branch and stands as it is in the "
     "other."),
    ("branches_multiplied", [{"choose": np.multiply}, {"choose": np.multiply, "falling": from_step_1}],
     "The two branches were multiplied. At each step the smaller one counts: np.minimum."),
    ("one_step_late", [{"count": lambda s: np.maximum(s - 1, 0)}, {"count": lambda s: np.maximum(s - 1, 1)}],
     "Every rate is that of the step before: 1 was subtracted from the step. Only step 0 needs care."),
    ("branches_added", [{"choose": np.add}, {"choose": np.add, "falling": from_step_1}],
     "The two branches were added. At each step the smaller one counts: np.minimum."),
    (standard.ZEROS_RETURNED, {"choose": lambda a, b: np.zeros_like(b)}),
    ("inverse_of_step", {"falling": lambda s, w: 1 / s},
     "The falling branch is 1 / step. It is one over the *root* of the step."),
    ("width_to_plus_half", {"width": lambda d: d**0.5},
     "The rates are multiplied by the root of d_model. They are divided by it: a wider model takes smaller steps."),
    ("width_left_out", {"width": lambda d: 1.0}, "d_model is left out: the rates are too large by its root."),
    ("divided_by_width", {"width": lambda d: 1 / d},
     "The rates are divided by d_model. It is its root: the exponent is -0.5."),
    ("warmup_to_minus_half", {"rising": lambda s, w: s * w**-0.5},
     "warmup_steps has the exponent -0.5. The branches must meet at step = warmup_steps; for that it is -1.5."),
    ("exponent_on_the_product",
     [{"rising": lambda s, w: (s * w) ** -1.5}, {"rising": lambda s, w: (s * w) ** -1.5, "falling": from_step_1}],
     "The exponent -1.5 stands on the product, step times warmup_steps. It belongs to warmup_steps alone."),
    ("width_on_one_branch",
     [{"width": lambda d: 1.0, "falling": from_step_1, "narrow": (1, 0)},
      {"width": lambda d: 1.0, "falling": from_step_1, "narrow": (0, 1)},
      *(chosen_by(before) | {"narrow": n} for before in (np.less, np.less_equal) for n in ((1, 0), (0, 1)))],
     "Only one of the two branches has d_model in it. The factor belongs to both: mind the parentheses, and each branch of "
     "np.where."),
    ("warmup_to_minus_one", {"rising": lambda s, w: s / w},
     "The rising branch is step / warmup_steps, which ends at 1 instead of at the root: the exponent is -1.5."),
    ("flat_after_the_warm_up",
     [{"falling": lambda s, w: np.full_like(s, w**-0.5)}, {"falling": lambda s, w: np.ones_like(s), "rising": lambda s, w: s / w}],
     "After the warm-up the rate stays where it is. It falls like one over the root of the step."),
    ("warmup_ignored", {"rising": lambda s, w: s * 4000**-1.5},
     "warmup_steps is ignored: the branch rises as if it were always 4000. Use the argument."),
    ("steps_from_one", {"count": lambda s: s + 1},
     "Every rate is that of the step after: 1 was added to the step. Only step 0 needs care."),
    ("nan_at_step_0",
     [{"falling": lambda s, w: s**-0.5 * np.minimum(1, (s / w) ** 1.5), "choose": lambda a, b: a},
      {"rising": lambda s, w: np.where(s == 0, np.inf, s * w**-1.5)}],
     "At step 0 the rate is not a finite number, and all other steps are right. 0 to the power of -0.5 is infinite, "
     "and 0 times infinity is NaN: one such rate destroys every parameter."),
    ("too_large_at_step_0",
     [{"choose": lambda a, b: np.where(b == 0, a, np.minimum(a, b)), "falling": from_just_above_0}],
     "Right, but for step 0: the rate there is finite, and larger than that of step 1. One large step at the beginning "
     "can spoil all that follow."),
    ("one_branch_for_all",
     [{"choose": rising_if_any}, {"choose": rising_if_all}, {"choose": rising_if_all, "falling": from_step_1}],
     "All steps of an array went through one branch, as when `if` asks about the whole array. np.minimum and np.where go "
     "entry by entry."),
    ("one_number_for_all", {"choose": smallest_of_all},
     "All steps got one rate, the smallest: `min` looked over the whole array. np.minimum goes entry by entry."),
)
# fmt: on
WARMUP_SCHEDULE = Check(
    name="warmup_schedule",
    claim="rises_in_a_line_and_then_falls",
    title="Warm-up",
    function="warmup_schedule",
    inputs=steps_inputs,
    reference=schedule,
    second_route=schedule_by_cases,
    returns=("rates",),
    points={"rates": 2},
    read=WARM,
    survives=("integers one by one", "the warm-up left out"),
    hints=(
        "Compute both branches for all steps, then take the smaller one entry by entry.",
        "`np.minimum(a, b)` goes entry by entry; `min` wants one number, or picks one out of many.",
        "Step 0: `np.maximum(step, 1) ** -0.5` is finite, and where it differs from `step ** -0.5` the other branch is the smaller one.",
    ),
    misconceptions=WARMUP_SCHEDULE_MISTAKES,
    advice={
        r"ZeroDivisionError|[Zz]ero cannot be raised|0\.0 cannot be raised": "Step 0: Python's own numbers raise an error for `0 ** -0.5`. Give the branch a step of at least 1, "
        "or treat 0 by itself.",
        r"truth value of an array": "`min` and `if` ask one question of a whole array. np.minimum and np.where go entry by entry.",
        r"(?<!'NoneType' )object is not iterable|has no len\(\)|0-d array|unsized object": "A single number must also do, not only an array of steps. NumPy's arithmetic takes both; no "
        "loop is needed.",
        r"holds u?int\d* values": "Your result is an array of integers, so the rates became whole numbers: np.zeros_like and np.vectorize take over the kind of the steps. Make floats first.",
        r"Integers to negative integer powers": "NumPy raises no integer to a negative integer power. Make floats first: `np.asarray(step, dtype=float)`.",
        r" is (infinite|NaN) in": "Look at step 0: what are the two branches there?",
        r"NoneType": ("warmup_schedule returned None. Is there a `return` at its end?", "not inside"),
    },
    stale=STALE,
)


# ---------------------------------------------------------------- greedy decoding
def last_of_equals(logits: Array) -> int:
    """Return the largest id among the likeliest."""
    return len(logits) - 1 - int(np.argmax(logits[::-1]))


def above_zero(logits: Array) -> int:
    """Return the likeliest id among the positive logits, 0 if there is none: a search that starts from 0."""
    return int(np.argmax(np.maximum(logits, 0)))


def decode(
    first: Array, table: Array, start_id: int, end_id: int, max_length: int, *, pick: Callable = lambda logits: int(np.argmax(logits)),
    feed: Callable = lambda ids: ids, ends: Callable = lambda token, start, end: token == end, limit: Callable = lambda m: m,
    give: Callable = lambda start, reply, ended, end: reply, at_least: int = 0, calls_after_end: bool = False, more_calls: int = 0,
    never_start: bool = False, once: bool = False, repeated: str = "", asked: Callable = lambda tokens, ended: tokens + ended,
) -> tuple[Array, Array]:  # fmt: skip
    """Return the reply and how often the model was asked."""
    reply, calls, ended = [], 0, False
    while len(reply) < limit(max_length):
        calls += 1
        ids = feed([start_id, *reply])
        if calls > max_length + 3 or len(ids) > len(table):
            raise RuntimeError("the loop did not stop")
        logits = first + sum(table[t, i] for t, i in enumerate(ids))
        if len(reply) < at_least:
            logits = np.where(np.arange(len(logits)) == end_id, -np.inf, logits)
        if never_start:
            logits = np.where(np.arange(len(logits)) == start_id, -np.inf, logits)
        if repeated == "forbidden":
            logits = np.where(np.isin(np.arange(len(logits)), ids), -np.inf, logits)
        token = pick(logits)
        if ends(token, start_id, end_id) or (repeated == "ends" and token in ids):
            ended = True
            break
        reply.append(token)
    calls = 1 if once else max_length if calls_after_end else asked(len(reply), ended) + more_calls * (not ended)
    return np.array(give(start_id, reply, ended, end_id), dtype=int), np.array([calls])


def filled_up(**case: Any) -> tuple[Array, Array]:
    """Return the reply with 0 behind, max_length ids in all, and how often the model was asked."""
    reply, calls = decode(**case)
    return np.pad(reply, (0, case["max_length"] - len(reply))), calls


def decode_by_recursion(first: Array, table: Array, start_id: int, end_id: int, max_length: int) -> tuple[Array, Array]:
    """Return the same: the next id, and then the rest."""

    def rest(logits: Array, ids: tuple[int, ...]) -> tuple[int, ...]:
        logits = logits + table[len(ids) - 1][ids[-1]]
        if len(ids) > max_length:
            return (*ids, -2)  # the limit
        best = sorted(range(len(logits)), key=lambda i: (-logits[i], i))[0]
        return (*ids, -3) if best == end_id else rest(logits, (*ids, best))

    ids = rest(first, (start_id,))
    reply = list(ids[1:-1])
    return np.array(reply, dtype=int), np.array([len(reply) + (ids[-1] == -3)])


def model_inputs(rng: np.random.Generator) -> Cases:
    """Draw models whose replies end by themselves, reach the limit, are empty, hold an id 0, have equal logits, and so on."""
    while True:
        cases = draw_models(rng)
        results = [
            np.concatenate([[-1, *reply, -2, *calls] for reply, calls in results_of(run, cases)]) for run in GREEDY_WAYS
        ]
        if clear_choices(cases) and all_differ(results):
            return cases


def results_of(run: Callable, cases: Cases) -> list[tuple[Array, Array]]:
    """Return what a way to decode gives for each case; of one that stops there, nothing."""
    found = []
    for case in cases.values():
        try:
            found.append(run(**case))
        except IndexError:
            found.append((np.array([-9]), np.array([-9])))
    return found


def clear_choices(cases: Cases) -> bool:
    """Say whether no choice on the right way is a close one (but for logits that are equal on purpose)."""
    gaps = []

    def noting(logits: Array) -> int:
        two = np.sort(logits)[-2:]
        gaps.append(two[1] - two[0])
        return int(np.argmax(logits))

    for case in cases.values():
        decode(**case, pick=noting)
    return all(gap == 0 or gap > 0.02 for gap in gaps)


def draw_model(rng: np.random.Generator, max_length: int, end_after: int | None, V: int = 7) -> Inputs:
    """Draw a model: logits are `first` plus table[t, ids[t]] for every position t."""
    L = max_length + 3
    start, end = (int(i) for i in rng.permutation(np.arange(3, V))[:2])  # not those of the notebook
    first, table = normal(rng, V), normal(rng, L, V, V)
    first[[start, end]] -= 30  # nobody says <start>, and nobody stops …
    if end_after is not None:
        table[end_after, :, end] += 80  # … before it is time
    return {"first": first, "table": table, "start_id": start, "end_id": end, "max_length": max_length}


def models_unlike(rng: np.random.Generator) -> Cases:
    """Draw a model whose reply is longer than that of any public one."""
    while True:
        words = int(rng.integers(7, 11))
        cases = {"a longer reply that ends": draw_model(rng, words + int(rng.integers(1, 4)), words)}
        if clear_choices(cases):
            return cases


def draw_models(rng: np.random.Generator) -> Cases:
    """Draw one model for each case."""
    draw = partial(draw_model, rng)
    ending, early = draw(5, 3), draw(6, 2)
    equal = draw(3, None)
    one, other = (
        int(i) for i in np.sort([i for i in range(7) if i not in (equal["start_id"], equal["end_id"])])[[1, 3]]
    )
    equal["table"][..., other] = equal["table"][..., one]
    equal["first"][[one, other]] = equal["first"][one] + 20
    zero = draw(6, 5, V=9)
    zero["table"][1, :, 0] += 40
    zero["table"][2, :, 0] -= 60
    again = draw(5, 4, V=8)
    for t, token in ((1, again["start_id"]), (2, 2)):  # chosen after t words, and not again
        again["table"][t, :, token] += 70
        again["table"][t + 1, :, token] -= 100
    negative = draw(5, 3)
    negative["first"] -= 200
    return {
        "a reply that ends": ending,
        "the same once more": {
            name: np.copy(value) if isinstance(value, np.ndarray) else value for name, value in ending.items()
        },
        "a reply that reaches max_length": draw(3, None),
        "the end comes first": draw(3, 0),
        "max_length 0": draw(0, None),
        "the end would come right after max_length": draw(2, 2),
        "logits below zero": negative,
        "two equal logits": equal,
        "an id 0 in the middle": zero,
        "a reply of two": early,
        "the start token and the id 2 in the middle": again,
    }


# fmt: off
GREEDY_MISTAKES = mistakes(decode, WRITE,
    ("start_returned",
     [{"give": lambda start, reply, ended, end: [start, *reply]},
      {"give": lambda start, reply, ended, end: [start, *reply, *[end] * ended]}],
     "The reply begins with the start token. Give it to the model, but do not return it."),
    ("end_returned", {"give": lambda start, reply, ended, end: [*reply, *[end] * ended]},
     "The reply ends with the end token. Test before you append: the end is no word of the reply."),
    ("empty_reply", {"give": lambda start, reply, ended, end: []},
     "The reply is always empty: the tokens that the model chose were not put into the list that you return."),
    ("reply_reversed", {"give": lambda start, reply, ended, end: reply[::-1]},
     "The reply runs from its last token to its first. Return the tokens in the order in which the model chose them."),
    ("filled_up", filled_up,
     "The reply was filled up with 0 to max_length ids. Return the tokens that the model chose, and no others."),
    ("no_token_twice", [{"repeated": "ends"}, {"repeated": "forbidden"}],
     "A token that came before ended the reply, or was not allowed again. Only end_id ends a reply, and any other token may "
     "come as often as it is the likeliest."),
    ("end_forbidden", {"at_least": 10**6},
     "end_id was never allowed, so that each reply runs to the limit. The model may choose it: then the reply is finished."),
    ("one_too_large", {"pick": lambda logits: int(np.argmax(logits)) + 1},
     "Every token is one too large. Ids count from 0, like what np.argmax gives."),
    ("zero_not_chosen", {"pick": lambda logits: int(np.argmax(logits[1:])) + 1},
     "The id 0 was never allowed. It is an id like any other here: take the largest of all logits."),
    ("zero_each_time", {"pick": lambda logits: 0},
     "The token was 0 each time. The logits are (V,): an index such as `[0]` or `[-1]` leaves one number of them, and the "
     "place of the largest of one number is 0."),
    ("each_twice", {"give": lambda start, reply, ended, end: np.repeat(reply, 2)},
     "Every token stands twice in the reply. Append it once."),
    ("last_token_alone", {"give": lambda start, reply, ended, end: reply[-1:]},
     "The reply is its last token alone: each pass of the loop overwrites the one before. Append to the list."),
    ("does_not_stop_at_the_end", {"ends": lambda token, start, end: False},
     "The model chose end_id, and your loop went on. The reply is finished there."),
    ("one_too_few", {"limit": lambda m: m - 1},
     "A reply that reaches the limit has one token too few. max_length counts the tokens of the reply, without the "
     "start token."),
    ("one_too_many", {"limit": lambda m: m + 1},
     "A reply that reaches the limit has one token too many, and with max_length 0 the model is asked all the same."),
    ("asked_before_the_limit", {"limit": lambda m: max(m, 1)},
     "With max_length 0 the model is asked all the same, and the reply has a token. Test the length before the first "
     "call."),
    ("asked_only_once", {"feed": lambda ids: ids[:1], "once": True},
     "The model was asked once, before the loop, so every token comes from the same logits. Ask it anew for each "
     "token, with all ids so far."),
    ("start_is_a_token_too",
     [{"ends": lambda token, start, end: token in (start, end)}, {"never_start": True},
      {"give": lambda start, reply, ended, end: [i for i in reply if i != start]}],
     "A start_id that the model itself chose was forbidden, dropped or taken for the end. It is a token like any "
     "other; only the leading one is not returned."),
    ("start_and_end_from_the_notebook",
     [{"feed": lambda ids: [1, *ids[1:]]}, {"ends": lambda token, start, end: token == 2},
      {"feed": lambda ids: [1, *ids[1:]], "ends": lambda token, start, end: token == 2}],
     "START or END was read from the notebook. The function is told which ids they are: start_id and end_id."),
    ("last_token_only", [{"feed": lambda ids: ids[-1:]}, {"feed": lambda ids: ids[-2:]}],
     "The model was given the newest token only, or the newest few. It needs all ids so far: it has no memory of earlier "
     "calls."),
    ("nothing_appended", {"feed": lambda ids: ids[:1]},
     "The model was given the start token alone each time, so it always says the same. What it said is put behind the "
     "ids before the next call."),
    ("start_not_given", {"feed": lambda ids: ids[1:]},
     "The model was given the reply without the start token in front. Every input that it saw in training began with "
     "it."),
    ("put_in_front",
     [{"feed": lambda ids: ids[:0:-1] + ids[:1]},
      {"feed": lambda ids: ids[:0:-1] + ids[:1], "give": lambda start, reply, ended, end: reply[::-1]},
      {"feed": lambda ids: ids[:1] + ids[:0:-1]}],
     "New tokens were put in front of the older ones. They belong behind: append."),
    ("least_likely", {"pick": lambda logits: int(np.argmin(logits))},
     "The *least* likely token was taken each time. The largest logit is the likeliest token."),
    ("largest_size", {"pick": lambda logits: int(np.argmax(np.abs(logits)))},
     "The logit of the largest *size* was taken, or its square, so a very negative one wins. Logits have a sign: take "
     "the largest."),
    ("second_best", {"pick": lambda logits: int(np.argsort(logits, kind="stable")[-2])},
     "The second likeliest token was taken each time. Sorted upwards, the likeliest is the last."),
    ("last_of_equals", {"pick": last_of_equals},
     "Of two equal logits you took the one with the larger id. The smaller id was asked for, which is what np.argmax "
     "does."),
    ("best_from_zero", {"pick": above_zero},
     "Right while some logit is above 0. Logits are no probabilities: all may be negative, so a search for the largest "
     "must not start from 0."),
    ("first_token_only", {"limit": lambda m: min(m, 1)}, "Replies have one token. Is `return` inside the loop?"),
    ("always_one_token", {"at_least": 1}, "The end was not allowed to come first. It may: then the reply is empty."),
    ("stops_at_padding", {"ends": lambda token, start, end: token in (0, end)},
     "Your loop also stops at the id 0. Only end_id ends a reply."),
    ("last_token_dropped",
     [{"give": lambda start, reply, ended, end: reply[:-1]},
      {"give": lambda start, reply, ended, end: reply if ended else reply[:-1]}],
     "The last token of a reply is cut off. Take away the end token only where there is one; a reply that reaches "
     "max_length has none."),
    ("asked_after_the_end", {"calls_after_end": True},
     "The replies are right, but the model was asked max_length times for each. Stop at the end: every call costs a "
     "pass through the whole decoder."),
    ("asked_twice", [{"asked": lambda tokens, ended: 2 * tokens + ended}, {"asked": lambda tokens, ended: 2 * (tokens + ended)}],
     "The replies are right, but the model was asked twice for each token. Ask it once and give the answer a name: every call "
     "costs a pass through the whole decoder."),
    ("asked_once_too_often", {"more_calls": 1},
     "The replies are right, but at the limit the model is asked once more, in vain. Test the length before the call."),
)
# fmt: on
GREEDY_WAYS = [decode, *(way for mistake in GREEDY_MISTAKES for way in mistake.ways().values())]

GREEDY_DECODE = Check(
    name="greedy_decode",
    claim="writes_the_likeliest_token_each_time",
    title="Greedy decoding",
    function="greedy_decode",
    inputs=model_inputs,
    unlike=models_unlike,
    reference=decode,
    second_route=decode_by_recursion,
    returns=("reply", "calls"),
    points={"reply": 3, "calls": 1},
    read=WRITE,
    survives=(
        "an end that comes first",
        "max_length 0",
        "logits below zero",
        "two equal logits",
        "an id 0 in the middle",
    ),
    hints=(
        "Keep one list: it begins as `[start_id]`, and every token that is chosen goes behind it. The whole list is what the model is given.",
        "Two things end the loop: the model chooses `end_id`, or the list holds `max_length` tokens besides the start. "
        "Test the second before the call, the first after it.",
        "`np.argmax(logits)` gives the smallest id among equals. The reply is the list without its first entry.",
    ),
    misconceptions=GREEDY_MISTAKES,
    properties=(
        Same(
            "a reply that ends",
            "the same once more",
            "reply",
            (0, 1, 2),
            0,
            "The same model gave two different replies. Greedy decoding draws nothing at random: it takes the largest logit.",
        ),
    ),
    advice={
        r"^calls\[0\] is (\d+); expected (\d+)": "Here the model was asked \\1 times instead of \\2.",
        r"^reply has shape \((\d+),\); expected \((\d+),\)": "Your reply has \\1 tokens instead of \\2. Is the first or the last too many or too few?",
        r"the loop did not stop": "The loop does not stop: it has to end at end_id and at max_length.",
        r"the model was asked again and again": "The model was given as many ids again and again. Does the list that it is given grow by each "
        "token, and does the loop end at max_length?",
        r"asked more than three times a token": "The model was asked more than three times for each token. Ask it once and give the answer a "
        "name.",
        r"takes whole ids, and was given \[.*None": "An id is None. `ids.append(…)` changes the list and gives None back: write it "
        "alone, without `ids =`.",
        r"takes whole ids": "What goes behind the ids is the *number* of the likeliest token (np.argmax), not its logit.",
        r"there is no such id in (\[.*?\])": "The model was given \\1, and ids lie between 0 and V - 1. Behind the ids goes the *place* of "
        "the largest logit (np.argmax), by `append`: with an array `+` adds numbers.",
        r"too many indices": "next_logits gives the logits of the next token alone, (V,), without other axes: "
        "`np.argmax(next_logits(ids))`.",
        r"'int' object is not iterable": (
            "`+=` joins lists. One token is put behind by `ids.append(token)`.",
            r"code \+=",
        ),
        r"index out of range|out of bounds": "Is the list empty when you take its last entry?",
        r"maximum recursion": "The loop does not stop: it has to end at end_id and at max_length.",
        r"NoneType": (
            "greedy_decode returned None on some way. Is there a `return` after the loop, for replies that reach the limit?",
            "not inside",
        ),
    },
    stale=STALE,
)


# ---------------------------------------------------------------- masked loss
def targets_of(rng: np.random.Generator, V: int, *patterns: str) -> Array:
    """Draw targets (B, T), one sentence a pattern: 0 where it has a dot, else 1 to V - 1; never constant or symmetric."""
    shown = np.array([[letter == "x" for letter in pattern] for pattern in patterns])
    while True:
        drawn = np.where(shown, rng.integers(1, V, size=shown.shape), 0)
        square = drawn.shape[0] == drawn.shape[1]
        if np.ptp(drawn) > 0 and not (square and np.array_equal(drawn, drawn.T)):
            return drawn


def or_padding(targets: Array | None, logits: Array) -> Array:
    """Return the targets; None stands for padding only."""
    return np.zeros(logits.shape[-3:-1], dtype=int) if targets is None else targets


def picked(numbers: Array, targets: Array) -> Array:
    """Return the number at each target: (..., B, T, V) -> (..., B, T)."""
    where = np.broadcast_to(targets, numbers.shape[:-1])[..., np.newaxis]
    return np.take_along_axis(numbers, where, axis=-1)[..., 0]


def log_softmax(logits: Array, axis: int = -1) -> Array:
    """Return the logarithm of the softmax."""
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def cross_entropy(logits: Array, targets: Array) -> Array:
    """Return minus the logarithm of the target's probability at each position."""
    return -picked(log_softmax(logits), targets)


def of_masked_logits(logits: Array, targets: Array) -> Array:
    """Return the cross-entropy of logits that are 0 where the target is padding."""
    return cross_entropy(logits * (targets != 0)[..., np.newaxis], targets)


def squared_error(logits: Array, targets: Array) -> Array:
    """Return the sum of the squared differences between the probabilities and 1 at the target, 0 elsewhere."""
    hot = np.eye(logits.shape[-1])[targets]
    return ((np.exp(log_softmax(logits)) - hot) ** 2).sum(axis=-1)


def yes_or_no(logits: Array, targets: Array) -> Array:
    """Return the cross-entropy of a sigmoid for each token of the vocabulary, added up."""
    hot = np.eye(logits.shape[-1])[targets]
    return (np.logaddexp(0, logits) - hot * logits).sum(axis=-1)


def smoothed(logits: Array, targets: Array) -> Array:
    """Return the cross-entropy with a tenth of the target shared out over the vocabulary."""
    logs = log_softmax(logits)
    return -0.9 * picked(logs, targets) - 0.1 * logs.mean(axis=-1)


def with_a_floor(floor: float) -> Callable:
    """Return the cross-entropy of probabilities to which a small number was added."""
    return lambda logits, targets: -np.log(picked(np.exp(log_softmax(logits)), targets) + floor)


def softmax_first(logits: Array, targets: Array) -> Array:
    """Return the cross-entropy with the probabilities taken for logits."""
    return cross_entropy(np.exp(log_softmax(logits)), targets)


def clipped(probabilities: Array, targets: Array) -> Array:
    """Return the cross-entropy of probabilities as Keras has it: clipped, and made to sum to one again."""
    inside = np.clip(probabilities, 1e-7, 1 - 1e-7)
    return -np.log(picked(inside, targets) / inside.sum(axis=-1))


def real(logits: Array, targets: Array) -> Array:
    """Return 1 where the target is no padding."""
    return np.broadcast_to(targets != 0, logits.shape[:-1]).astype(float)


def is_padding(logits: Array, targets: Array) -> Array:
    """Return 1 where the target is padding."""
    return 1 - real(logits, targets)


def guessed(logits: Array, targets: Array) -> Array:
    """Return 1 where the likeliest token is not padding."""
    return (logits.argmax(axis=-1) != 0).astype(float)


def everywhere(logits: Array, targets: Array) -> Array:
    """Return 1 at every position."""
    return np.ones(logits.shape[:-1])


def targets_as_weights(logits: Array, targets: Array) -> Array:
    """Return the ids of the targets, as numbers."""
    return np.broadcast_to(targets, logits.shape[:-1]).astype(float)


def real_but_the_end(logits: Array, targets: Array) -> Array:
    """Return 1 where the target is neither padding nor the notebook's end token."""
    return real(logits, targets) * (targets != 2)


def real_but_both_marks(logits: Array, targets: Array) -> Array:
    """Return 1 where the target is neither padding nor the notebook's start or end token."""
    return real(logits, targets) * (targets > 2)


def divide(a: Array, b: Array) -> Array:
    """Return a / b, 0 where b is 0."""
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b))


def over_counted(values: Array, weights: Array) -> Array:
    """Return the mean over the positions that count."""
    return divide((values * weights).sum(axis=(-2, -1)), weights.sum(axis=(-2, -1)))


def over_all(values: Array, weights: Array) -> Array:
    """Return the sum over the positions that count, divided by the number of all positions."""
    return (values * weights).mean(axis=(-2, -1))


def everything_over_counted(values: Array, weights: Array) -> Array:
    """Return the sum over all positions, divided by the number of those that count."""
    return divide(values.sum(axis=(-2, -1)), weights.sum(axis=(-2, -1)))


def averaged_before(values: Array, weights: Array) -> Array:
    """Return the mean over all positions, taken as the loss of each position that counts; 0 where none does."""
    return values.mean(axis=(-2, -1)) * (weights.sum(axis=(-2, -1)) > 0)


def averaged_twice(values: Array, weights: Array) -> Array:
    """Return the mean over all positions, multiplied by the mask, and averaged again."""
    return values.mean(axis=(-2, -1)) * weights.mean(axis=(-2, -1))


def summed(values: Array, weights: Array) -> Array:
    """Return the sum over the positions that count."""
    return (values * weights).sum(axis=(-2, -1))


def one_too_many(values: Array, weights: Array) -> Array:
    """Return the sum over the positions that count, divided by one more than their number."""
    return summed(values, weights) / (weights.sum(axis=(-2, -1)) + 1)


def over_sentences(values: Array, weights: Array) -> Array:
    """Return the sum divided by the number of sentences."""
    return summed(values, weights) / values.shape[-2]


def of_each_sentence(values: Array, weights: Array) -> Array:
    """Return one mean for each sentence."""
    return divide((values * weights).sum(axis=-1), weights.sum(axis=-1))


def of_sentence_means(values: Array, weights: Array) -> Array:
    """Return the mean of the means of the sentences; a sentence of padding counts as 0."""
    return of_each_sentence(values, weights).mean(axis=-1)


def of_real_sentence_means(values: Array, weights: Array) -> Array:
    """Return the mean of the means of the sentences that are not all padding."""
    means = of_each_sentence(values, weights)
    return divide(means.sum(axis=-1), (weights.sum(axis=-1) > 0).sum(axis=-1))


def of_last_sentence(values: Array, weights: Array) -> Array:
    """Return the mean over the first sentence alone."""
    return over_counted(values[..., :1, :], weights[..., :1, :])


def over_those_above_zero(values: Array, weights: Array) -> Array:
    """Return the sum of what counts, divided by how much of it is not 0."""
    return divide(summed(values, weights), np.count_nonzero(values * weights, axis=(-2, -1)))


def undivided(values: Array, weights: Array) -> Array:
    """Return the values themselves, 0 where a position does not count."""
    return values * weights


def or_nan(values: Array, weights: Array) -> Array:
    """Return the mean over the positions that count, NaN where none does."""
    n = weights.sum(axis=(-2, -1))
    return np.where(n == 0, np.nan, over_counted(values, weights))


def mean_loss(
    targets: Array, logits: Array, *, values: Callable = cross_entropy, counts: Callable = real, reduce: Callable = over_counted,
    sign: int = 1, cut: bool = False,
) -> Array:  # fmt: skip
    """Return the loss of logits (..., B, T, V)."""
    if cut:
        targets, logits = targets[:, 1:], logits[..., :-1, :]
    return sign * reduce(values(logits, targets), counts(logits, targets))


def with_gradient(
    targets: Array | None,
    logits: Array,
    *,
    flat: float | None = None,
    torn: bool = False,
    h: float = 1e-4,
    **steps: Any,
) -> tuple[Array, Array]:
    """Return the loss, (1,) or more, and its gradient (B, T, V) by central differences.

    `flat` takes the place of a gradient that is NaN; `torn` makes it NaN where no target is real.
    """
    targets, logits = or_padding(targets, logits), np.asarray(logits, dtype=float)
    loss = np.asarray(mean_loss(targets, logits, **steps))
    nudges = h * np.eye(logits.size).reshape(logits.size, *logits.shape)
    up, down = (mean_loss(targets, logits + way * nudges, **steps) for way in (1, -1))
    slopes = (up - down).reshape(logits.size, -1).sum(axis=1) / (2 * h)
    gradient = slopes.reshape(logits.shape)
    if torn and not targets.any():
        gradient = np.full_like(gradient, np.nan)
    return loss if loss.ndim else loss[np.newaxis], gradient if flat is None else np.nan_to_num(gradient, nan=flat)


def loss_by_loops(targets: Array | None, logits: Array) -> tuple[Array, Array]:
    """Return the same, token by token: minus a logarithm, and the probabilities less 1 at the target."""
    targets = or_padding(targets, logits)
    losses, gradient = [], np.zeros(logits.shape)
    for b, t in np.ndindex(*targets.shape):
        if targets[b, t] == 0:
            continue
        top = max(logits[b, t])
        total = sum(np.exp(z - top) for z in logits[b, t])
        losses.append(top + np.log(total) - logits[b, t, targets[b, t]])
        gradient[b, t] = [np.exp(z - top) / total for z in logits[b, t]]
        gradient[b, t, targets[b, t]] -= 1
    n = max(len(losses), 1)
    return np.array([sum(losses) / n]), gradient / n


def loss_inputs(rng: np.random.Generator) -> Cases:
    """Draw batches with padding behind, between, in a whole sentence, everywhere and nowhere, and large logits."""

    def draw(V: int, *patterns: str, scale: float = 1.0) -> Inputs:
        targets = targets_of(rng, V, *patterns)
        return {"targets": targets, "logits": normal(rng, *targets.shape, V, scale=scale)}

    first = draw(7, "xxxxx", "xxx..", "x....")
    while not {1, 2} <= set(first["targets"].ravel().tolist()):  # the ids of the notebook's start and end
        first = draw(7, "xxxxx", "xxx..", "x....")
    return {
        "three sentences": first,
        "padding between words": draw(5, "x.xx..", ".xxx.x"),
        "no padding": draw(6, "xxx", "xxx"),
        "one sentence all padding": draw(5, "xx.", "..."),
        "nothing but padding": {"targets": None, "logits": normal(rng, 2, 3, 5)},
        "large logits": draw(6, "xxx", "x..", scale=60.0),
        "a loss of 0": sure_of_one(draw(5, "xxx.", "xx..")),
    }


def sure_of_one(case: Inputs) -> Inputs:
    """Return a batch whose second token has a probability of 1, and a loss of exactly 0 in float32 and float64."""
    case["logits"][0, 1, case["targets"][0, 1]] = 200.0
    return case


GRAPH_ADVICE = {
    r"symbolic": "While a graph is built, tensors have no values yet: NumPy, `int`, `float`, `.numpy()` and `if` cannot read them. Use TensorFlow's operations; "
    "tf.math.divide_no_nan divides without `if`.",
    r"no gradient comes back": "Nothing connects your result with the logits. Was it rounded, compared or made an array on the way?",
    r"does not match type int64|expected to be a int64": "tf.argmax gives int64, the targets are int32: cast one of them.",
    r"DataType bool|type bool": "A comparison gives True and False: `tf.cast(…, tf.float32)` makes numbers of them.",
    r"has no attribute 'numpy'": "A tensor has no value while the graph is built. Use TensorFlow's operations only.",
    r"NoneType": "Something here is None. Is there a `return` at the end of the function?",
}

# fmt: off
MASKED_LOSS_MISTAKES = mistakes(with_gradient, LOSS,
    ("padding_counted", {"counts": everywhere},
     "Padding counts like a word: the mean goes over all positions, and predicting padding is learned too. Leave out "
     "the positions whose target is 0."),
    ("divided_by_all", {"reduce": over_all},
     "The sum is right, but it was divided by the number of *all* positions, so the loss shrinks with every padding. "
     "Divide by the number of real tokens.", SEVENTEEN),
    ("summed", {"reduce": summed},
     "This is the sum over the real tokens, not the mean: longer batches would have larger losses, and larger steps."),
    ("divided_by_sentences", {"reduce": over_sentences},
     "The sum was divided by the number of sentences. Divide by the number of real tokens."),
    ("mean_of_sentence_means", [{"reduce": of_sentence_means}, {"reduce": of_real_sentence_means}],
     "This is the mean of one mean a sentence, so a word in a short sentence counts more than one in a long sentence. "
     "Count all tokens of the batch together."),
    ("first_sentence_only", {"reduce": of_last_sentence}, "Only the first sentence was looked at."),
    (standard.MASK_INVERTED(effect="only padding counts", polarity="Real is where the target is *not* 0."),
     [{"counts": is_padding}, {"counts": is_padding, "reduce": or_nan}]),
    ("mask_from_predictions", {"counts": guessed},
     "The mask was made from what the model predicts. What counts is decided by the targets.", SEVENTEEN),
    ("softmax_twice", {"values": softmax_first},
     "The softmax was taken twice: yours, and the one inside the cross-entropy, which expects logits. No probability "
     "can then come near 1."),
    ("logits_as_probabilities", {"values": clipped},
     "The logits were taken for probabilities. Keras's cross-entropy assumes that unless it is told "
     "`from_logits=True`."),
    ("probabilities_clipped",
     [{"values": lambda logits, targets: clipped(np.exp(log_softmax(logits)), targets)},
      *({"values": with_a_floor(floor)} for floor in (1e-7, 1e-8, 1e-9, 1e-10))],
     "Right for small logits only: probabilities were made first, and clipped or raised by a small number before the "
     "logarithm. Let the cross-entropy start from the logits."),
    ("target_not_used", {"values": lambda logits, targets: -log_softmax(logits).max(axis=-1)},
     "This is the loss of the likeliest token at each position. It has to be that of the target."),
    ("logarithm_forgotten",
     [{"values": lambda logits, targets: 1 - picked(np.exp(log_softmax(logits)), targets)},
      {"values": lambda logits, targets: -picked(np.exp(log_softmax(logits)), targets)}],
     "The logarithm is missing: the loss of a position is minus the logarithm of the target's probability."),
    ("softmax_over_positions", {"values": lambda logits, targets: -picked(log_softmax(logits, axis=-2), targets)},
     "The softmax ran over the positions. It belongs to the last axis, the tokens of the vocabulary."),
    ("sign_lost", {"sign": -1},
     "The sign is wrong: this is the mean logarithm, which is negative. The loss is minus that."),
    ("one_loss_a_sentence", {"reduce": of_each_sentence},
     "These are the means of the single sentences. Add up all real tokens of the batch, then divide once: one number."),
    ("not_averaged", {"reduce": undivided},
     "These are the losses of the single positions. A loss is one number: their mean over the real tokens."),
    ("one_added_to_the_number", {"reduce": one_too_many},
     "The sum was divided by one more than the number of real tokens. tf.math.divide_no_nan is safe without that."),
    ("targets_as_weights", {"counts": targets_as_weights},
     "The targets themselves were taken for the mask, so that each position counts as often as its id is large. The mask is "
     "1 where the target is not 0."),
    ("another_logarithm",
     [{"values": lambda logits, targets: cross_entropy(logits, targets) / np.log(2)},
      {"values": lambda logits, targets: cross_entropy(logits, targets) / np.log(10)}],
     "The logarithm has another base than e, 2 or 10. The loss takes the natural one."),
    ("divided_by_the_vocabulary",
     {"values": lambda logits, targets: cross_entropy(logits, targets) / logits.shape[-1]},
     "The losses were divided by the size of the vocabulary, too: a mean was taken over the last axis. Add up there."),
    ("no_softmax", {"values": lambda logits, targets: -picked(logits, targets)},
     "This is minus the logit of the target. The softmax is missing: the loss is minus the logarithm of its probability."),
    ("squared_error", {"values": squared_error},
     "This is the squared error of the probabilities. The loss is the cross-entropy: minus the logarithm of the target's "
     "probability."),
    ("sigmoid_taken", {"values": yes_or_no},
     "A sigmoid was taken of each logit by itself. The tokens of the vocabulary share one softmax."),
    ("labels_smoothed", {"values": smoothed},
     "The targets were smoothed: a part of each went to all other tokens. All of it belongs to the target."),
    ("shifted_again", {"cut": True},
     "Targets and logits were shifted against each other inside the loss. shift_targets has done that already.", SHIFT),
    ("zero_losses_left_out", {"reduce": over_those_above_zero},
     "The sum was divided by the number of losses that are not 0. The model may be sure of a token, whose loss is then exactly 0: "
     "count the tokens by the targets."),
    ("padding_in_the_sum", {"reduce": everything_over_counted},
     "The number that divides is right, but padding is in the sum. Multiply the losses by the mask before they are "
     "summed."),
    ("averaged_before_the_mask", [{"reduce": averaged_before}, {"reduce": averaged_twice}],
     "The mean was taken before the mask came in: the cross-entropy gave one number for all positions, padding among "
     "them. Keras's loss objects do so unless told `reduction=None`."),
    ("logits_masked",
     [{"values": of_masked_logits, "counts": everywhere},
      {"values": of_masked_logits, "reduce": everything_over_counted}],
     "The logits were multiplied by the mask. A row of zeros is not left out: it gives every token the same "
     "probability, and costs log V. Multiply the losses."),
    ("end_left_out", [{"counts": real_but_the_end}, {"counts": real_but_both_marks}],
     "The mask leaves out more than padding: the ids 1 or 2, start and end in this notebook. A model that is not asked "
     "for the end never learns to stop.", WRITE),
    ("gradient_not_finite", {"torn": True},
     "The loss is right, but for a batch that is all padding its gradient is NaN. tf.where takes one of two results, "
     "but gradients flow through both, and one is 0 / 0. Make the division itself safe."),
    ("nan_without_tokens", [{"reduce": or_nan}, {"reduce": or_nan, "flat": 0.0}],
     "Right, but for a batch that is all padding: 0 divided by 0 is NaN, and one such loss destroys every parameter. "
     "Give 0 there."),
)
# fmt: on
MASKED_LOSS = Check(
    name="masked_loss",
    claim="is_the_mean_over_real_tokens",
    title="Masked loss",
    function="masked_loss",
    inputs=loss_inputs,
    reference=with_gradient,
    second_route=loss_by_loops,
    returns=("loss", "gradient"),
    points={"loss": 3, "gradient": 1},
    read=LOSS,
    survives=("padding between words", "an all-padding sentence", "nothing but padding", "large logits", "a loss of 0"),
    hints=(
        "Three tensors `(B, T)`: the loss of each position, 1 or 0 for real or not, and their product. Then two sums and one division.",
        "`tf.nn.sparse_softmax_cross_entropy_with_logits(labels=…, logits=…)` gives the loss of each position and does the softmax itself.",
        "`tf.cast(targets != 0, tf.float32)` is the mask, and `tf.math.divide_no_nan` gives 0 where the divisor is 0.",
    ),
    misconceptions=MASKED_LOSS_MISTAKES,
    advice={
        r"the result is no tensor but (tuple|list|dict)": "Return the loss alone, one tensor. Your function returned a \\1.",
        **GRAPH_ADVICE,
        r"Received: (labels|target)\.shape=\(\d+, \d+, \d+\)": "Targets and logits have changed places: ids (B, T) first, logits (B, T, V) second.",
        r" is (infinite|NaN) in .*“large logits”": "In float32 exponentials of more than 88 are infinite, and a probability of exactly 0 has no "
        "logarithm. The largest logit has to be taken out first, as tf.nn.log_softmax, tf.reduce_logsumexp and the cross-entropies "
        "with logits do.",
        r" is (infinite|NaN) in (?!.*“large logits”)": "0 divided by 0 is NaN, and a probability of exactly 0 has no logarithm. Start from "
        "the logits, and mind the batch that is all padding.",
        r"rank|must have the same first dimension|Shapes? .* incompatible|[Ii]ncompatible shapes": "Losses are (B, T), one a position; the mask must be (B, T) too.",
    },
    stale=STALE,
    needs="tensorflow",
)


# ---------------------------------------------------------------- masked accuracy
def hits(logits: Array, targets: Array) -> Array:
    """Return 1 where the likeliest token is the target."""
    return (logits.argmax(axis=-1) == targets).astype(float)


def hits_along(axis: int, *, stops: bool) -> Callable:
    """Return hits with the likeliest looked for along another axis.

    Where the shapes do not fit, tf.equal raises an error, and `==` says False.
    """

    def found(logits: Array, targets: Array) -> Array:
        guesses = logits.argmax(axis=axis)
        if guesses.shape == targets.shape:
            return (guesses == targets).astype(float)
        if stops:
            raise Exception("the shapes do not fit")
        return np.zeros(targets.shape)

    return found


def accuracy(
    targets: Array | None, logits: Array, *, values: Callable = hits, counts: Callable = real, reduce: Callable = over_counted,
    cut: bool = False, finish: Callable = lambda share: share,
) -> Array:  # fmt: skip
    """Return the share of real tokens that are right, (1,)."""
    targets = or_padding(targets, logits)
    if cut:
        targets, logits = targets[:, 1:], logits[:, :-1]
    share = np.asarray(finish(reduce(values(logits, targets), counts(logits, targets))), dtype=float)
    return share if share.ndim else share[np.newaxis]


def accuracy_by_loops(targets: Array | None, logits: Array) -> Array:
    """Return the same, token by token."""
    targets = or_padding(targets, logits)
    tokens = [(b, t) for b, t in np.ndindex(*targets.shape) if targets[b, t] != 0]
    right = [max(range(logits.shape[2]), key=lambda i, b=b, t=t: logits[b, t, i]) == targets[b, t] for b, t in tokens]
    return np.array([sum(right) / max(len(right), 1)])


def whole_sentences(values: Array, weights: Array) -> Array:
    """Return the share of sentences, not all padding, in which every real token is right."""
    right = ((values == 1) | (weights == 0)).all(axis=-1)
    return divide((right & (weights.sum(axis=-1) > 0)).sum(), (weights.sum(axis=-1) > 0).sum())


def of_all_sentences(values: Array, weights: Array) -> Array:
    """Return the share of sentences in which every real token is right, those of padding among them."""
    return ((values == 1) | (weights == 0)).all(axis=-1).mean()


def above_half(logits: Array, targets: Array) -> Array:
    """Return 1 where the target has a probability above one half."""
    return (picked(np.exp(log_softmax(logits)), targets) > 0.5).astype(float)


def hits_but_padding(logits: Array, targets: Array) -> Array:
    """Return 1 where the likeliest token but padding is the target."""
    return (logits[..., 1:].argmax(axis=-1) + 1 == targets).astype(float)


def padding_right(values: Array, weights: Array) -> Array:
    """Return the share of positions that are right, padding among them and always right."""
    return np.where(weights == 0, 1, values).mean(axis=(-2, -1))


def padding_right_over_counted(values: Array, weights: Array) -> Array:
    """Return the number of positions that are right, padding always, divided by the number of those that count."""
    return divide(np.where(weights == 0, 1, values).sum(axis=(-2, -1)), weights.sum(axis=(-2, -1)))


def real_and_guessed(logits: Array, targets: Array) -> Array:
    """Return 1 where neither the target nor the likeliest token is padding."""
    return real(logits, targets) * guessed(logits, targets)


def among_the_first(count: int) -> Callable:
    """Return hits where the target is among so many likeliest tokens."""
    return lambda logits, targets: (
        (np.argsort(-logits, axis=-1)[..., :count] == targets[..., np.newaxis]).any(axis=-1) * 1.0
    )


# fmt: off
ACCURACY_MISTAKES = mistakes(accuracy, SEVENTEEN,
    ("padding_counted", {"counts": everywhere},
     "Padding counts like a word: the mean goes over all positions. Leave out the positions whose target is 0."),
    ("divided_by_all", {"reduce": over_all},
     "Right predictions of real tokens were divided by the number of *all* positions, so no model could reach 1. "
     "Divide by the number of real tokens."),
    ("counted_only", {"reduce": summed}, "This is the number of right predictions, not their share."),
    ("divided_by_sentences", {"reduce": over_sentences},
     "The number of right predictions was divided by the number of sentences. Divide by the number of real tokens."),
    ("mean_of_sentence_means", [{"reduce": of_sentence_means}, {"reduce": of_real_sentence_means}],
     "This is the mean of one share a sentence, so a word in a short sentence counts more. Count all tokens of the "
     "batch together."),
    ("whole_sentences", [{"reduce": whole_sentences}, {"reduce": of_all_sentences}],
     "This is the share of *sentences* that are right from end to end. Asked for is the share of tokens."),
    ("first_sentence_only", {"reduce": of_last_sentence}, "Only the first sentence was looked at."),
    (standard.MASK_INVERTED(effect="only padding counts", polarity="Real is where the target is *not* 0."),
     [{"counts": is_padding}, {"counts": is_padding, "reduce": or_nan}]),
    ("mask_from_predictions", [{"counts": guessed}, {"counts": real_and_guessed}],
     "The mask was made from the predictions, so a word that was taken for padding is not counted as wrong. What "
     "counts is decided by the targets."),
    ("likeliest_along_the_positions", [{"values": hits_along(1, stops=True)}, {"values": hits_along(1, stops=False)}],
     "argmax looked along axis 1, the positions. The vocabulary is the last axis. (Where shapes do not fit, `==` "
     "between tensors says False without an error.)"),
    ("likeliest_along_the_batch", [{"values": hits_along(0, stops=True)}, {"values": hits_along(0, stops=False)}],
     "argmax looked along axis 0, the batch, which is where it looks unless it is told an axis. The vocabulary is the "
     "last axis. (Where shapes do not fit, `==` says False.)"),
    ("above_one_half", {"values": above_half},
     "A token counts as right only where its probability is above one half. The likeliest token may have much less: "
     "compare the largest logit's id with the target."),
    ("mean_probability", {"values": lambda logits, targets: picked(np.exp(log_softmax(logits)), targets)},
     "This is the mean probability of the right tokens. Asked for is how often the right token is the likeliest."),
    ("padding_not_guessed", {"values": hits_but_padding},
     "Padding was left out when the likeliest token was looked for. A model that says padding where a word is wanted "
     "is wrong: let argmax see the whole vocabulary."),
    ("padding_in_the_sum", {"reduce": everything_over_counted},
     "The number that divides is right, but right guesses of padding are in the sum, so the result can be above 1. "
     "Multiply by the mask before the sum."),
    ("end_left_out", [{"counts": real_but_the_end}, {"counts": real_but_both_marks}],
     "The mask leaves out more than padding: the ids 1 or 2, start and end in this notebook. The end of a reply is a "
     "token to be predicted like any other."),
    ("largest_logit_for_its_place",
     [{"values": lambda logits, targets: (np.trunc(logits.max(axis=-1)) == targets).astype(float)},
      {"values": lambda logits, targets: (logits.max(axis=-1) == targets).astype(float)}],
     "The largest logits were compared with the targets. What is compared is their place, the id: tf.argmax."),
    ("least_likely", {"values": lambda logits, targets: (logits.argmin(axis=-1) == targets).astype(float)},
     "The least likely token was taken for the prediction."),
    ("share_of_mistakes", {"finish": lambda share: 1 - share},
     "This is the share of *wrong* predictions, 1 less the accuracy."),
    ("in_per_cent", {"finish": lambda share: 100 * share},
     "This is the accuracy in per cent. It should lie between 0 and 1."),
    ("padding_counted_as_right", [{"reduce": padding_right}, {"reduce": padding_right_over_counted}],
     "Padding counts as right: both sides were multiplied by the mask before they were compared, or the logits were. Compare "
     "first, then multiply by the mask."),
    ("one_share_a_sentence", {"reduce": of_each_sentence},
     "These are the shares of the single sentences. Count all real tokens of the batch together: one number."),
    ("one_added_to_the_number", {"reduce": one_too_many},
     "The number of right ones was divided by one more than the number of real tokens. tf.math.divide_no_nan is safe "
     "without that."),
    ("targets_as_weights", {"counts": targets_as_weights},
     "The targets themselves were taken for the mask, so that each position counts as often as its id is large. The mask is "
     "1 where the target is not 0."),
    ("among_the_first", [{"values": among_the_first(2)}, {"values": among_the_first(3)}],
     "A token counts as right where it is among the likeliest few. It has to be the likeliest."),
    ("shifted_again", {"cut": True},
     "Targets and logits were shifted against each other inside the accuracy. shift_targets has done that "
     "already.", SHIFT),
    ("not_averaged", {"reduce": undivided},
     "These are 1s and 0s for the single positions. Asked for is one number: their mean over the real tokens."),
    ("nan_without_tokens", {"reduce": or_nan},
     "Right, but for a batch that is all padding: 0 divided by 0 is NaN. Give 0 there."),
)
# fmt: on
ACCURACY_WAYS = [accuracy, *(way for mistake in ACCURACY_MISTAKES for way in mistake.ways().values())]


def accuracy_inputs(rng: np.random.Generator) -> Cases:
    """Draw batches on which no two ways to count agree: about half of the predictions are right, and some of padding."""

    def draw(V: int, *patterns: str) -> Inputs:
        targets = targets_of(rng, V, *patterns)
        logits = normal(rng, *targets.shape, V)
        aim = np.where(rng.random(targets.shape) < 0.5, targets, rng.integers(0, V, size=targets.shape))
        logits = np.round(logits + 4 * np.eye(V)[aim], 3)
        places = rng.permutation(np.argwhere(targets))
        for n, (b, t) in enumerate(places[: max(len(places) // 3, 2)]):
            if n % 2:  # padding is the likeliest, the target next
                logits[b, t, [0, targets[b, t]]] = logits[b, t].max() + np.array([1.5, 0.8])
            else:  # the target is the likeliest, with a probability of about .3
                logits[b, t] = normal(rng, V, scale=0.05) + 0.8 * (np.arange(V) == targets[b, t])
        return {"targets": targets, "logits": np.round(logits, 3)}

    def results(cases: Cases) -> list[Array]:
        found = []
        for way in ACCURACY_WAYS:
            parts = []
            for case in cases.values():
                try:
                    parts.append(way(**case).ravel())
                except Exception:
                    parts.append(np.array([-1.0]))
            found.append(np.nan_to_num(np.concatenate(parts), nan=-2.0))
        return found

    while True:
        cases = {
            "three sentences": draw(7, "xxxxx", "xxx..", "x...."),
            "padding between words": draw(5, "x.xx..", ".xxx.x"),
            "all sizes alike": draw(5, "xxxxx", "xxx..", "x....", "xxxx.", "xx..."),
            "no padding": draw(6, "xxx", "xxx"),
            "one sentence all padding": draw(5, "xx.", "..."),
            "nothing but padding": {"targets": None, "logits": normal(rng, 2, 3, 5)},
        }
        if all_differ(results(cases)):
            return cases


MASKED_ACCURACY = Check(
    name="masked_accuracy",
    claim="is_the_share_of_real_tokens",
    title="Masked accuracy",
    function="masked_accuracy",
    inputs=accuracy_inputs,
    reference=accuracy,
    second_route=accuracy_by_loops,
    returns=("accuracy",),
    points={"accuracy": 3},
    read=SEVENTEEN,
    survives=("padding between words", "an all-padding sentence", "nothing but padding"),
    hints=(
        "Which token does the model take at each position? A `(B, T)` of ids. Compare it with the targets, then go on as in `masked_loss`.",
        "`tf.argmax(logits, axis=-1)` gives the ids, as int64: cast them, or give `output_type=tf.int32`.",
        "Two tensors of 0.0 and 1.0: right, and real. Their product summed, divided by the sum of the second.",
    ),
    misconceptions=ACCURACY_MISTAKES,
    advice={
        **GRAPH_ADVICE,
        r"division by zero": "Whole numbers have no NaN: `//` by 0 stops with an error, and drops what stands behind the point. Cast to tf.float32 before you divide.",
        r"[Ii]ncompatible shapes|[Dd]imensions must be equal": "Predictions and targets must both be (B, T). Along which axis did argmax look?",
        r" is NaN in": "0 divided by 0 is NaN: mind the batch that is all padding.",
    },
    stale=STALE,
    uses=("masked_loss",),
    needs="tensorflow",
)


# ---------------------------------------------------------------- find the bug: a log that counts padding
def real_ids(targets: Array, guesses: Array) -> Array:
    """Return 1 where the target is no padding."""
    return (targets != 0).astype(float)


def all_ids(targets: Array, guesses: Array) -> Array:
    """Return 1 everywhere."""
    return np.ones(targets.shape)


def padding_ids(targets: Array, guesses: Array) -> Array:
    """Return 1 where the target is padding."""
    return (targets == 0).astype(float)


def guessed_ids(targets: Array, guesses: Array) -> Array:
    """Return 1 where the guess is no padding."""
    return (guesses != 0).astype(float)


def ids_but_the_end(targets: Array, guesses: Array) -> Array:
    """Return 1 where the target is neither padding nor the notebook's end token."""
    return (targets != 0) * (targets != 2).astype(float)


def both_marks_left_out(targets: Array, guesses: Array) -> Array:
    """Return 1 where the target is neither padding nor the notebook's start or end token."""
    return (targets > 2).astype(float)


def full_rows(targets: Array, guesses: Array) -> Array:
    """Return 1 in the rows that have no padding."""
    return np.broadcast_to((targets != 0).all(axis=1, keepdims=True), targets.shape).astype(float)


def full_columns(targets: Array, guesses: Array) -> Array:
    """Return 1 in the columns that have no padding."""
    return np.broadcast_to((targets != 0).all(axis=0), targets.shape).astype(float)


def over_those_with_a_loss(values: Array, weights: Array) -> Array:
    """Return the sum of what counts, divided by how much of it is not 0."""
    return np.sum(values * weights) / np.count_nonzero(values * weights)


def zero_losses_left_out(targets: Array, losses: Array, guesses: Array, padding: bool = False) -> tuple[Array, Array]:
    """Return both numbers over the real tokens whose loss is not 0; with padding, over all such positions."""
    counted = (losses != 0) & (padding | (targets != 0))
    return np.atleast_1d(losses[counted].mean()), np.atleast_1d((guesses == targets)[counted].mean())


def log_of(
    targets: Array,
    losses: Array,
    guesses: Array,
    *,
    of_losses: Callable = real_ids,
    mean_loss: Callable = over_counted,
    of_hits: Callable = real_ids,
    share: Callable = over_counted,
    finish: Callable = lambda loss, accuracy: (loss, accuracy),
) -> tuple[Array, Array]:
    """Return (loss, accuracy) of an epoch, each (1,)."""
    loss = mean_loss(losses, of_losses(targets, guesses))
    accuracy = share((guesses == targets).astype(float), of_hits(targets, guesses))
    loss, accuracy = finish(loss, accuracy)
    return np.atleast_1d(loss), np.atleast_1d(accuracy)


def log_by_loops(targets: Array, losses: Array, guesses: Array) -> tuple[Array, Array]:
    """Return the same, token by token."""
    tokens = [place for place in np.ndindex(*targets.shape) if targets[place] != 0]
    right = [guesses[place] == targets[place] for place in tokens]
    return np.array([sum(losses[place] for place in tokens) / len(tokens)]), np.array([sum(right) / len(tokens)])


def counted(which: Callable) -> dict[str, Callable]:
    """Return steps that count these positions in both numbers."""
    return {"of_losses": which, "of_hits": which}


def reduced(how: Callable) -> dict[str, Callable]:
    """Return steps that make both numbers in this way."""
    return {"mean_loss": how, "share": how}


# fmt: off
FIND_THE_PADDING_MISTAKES = mistakes(log_of, SEVENTEEN,
    ("still_counted", {"mean_loss": over_all, "of_hits": all_ids},
     "Both numbers still count padding: it adds nothing to the sum of the losses but is among what divides it, and it "
     "counts as a wrong guess. Leave out the positions whose target is 0."),
    ("only_the_accuracy_mended", {"mean_loss": over_all},
     "The accuracy is right now. The loss is still divided by the number of *all* positions, so it shrinks with every "
     "padding. Divide by the number of real tokens.", LOSS),
    ("only_the_loss_mended", {"of_hits": all_ids},
     "The loss is right now. The accuracy still compares at all positions, and padding counts as a wrong guess. "
     "Compare where the target is real."),
    ("hits_divided_by_all", {"share": over_all},
     "Right guesses of real tokens were divided by the number of *all* positions, so no model could reach 1. Divide by "
     "the number of real tokens."),
    ("losses_of_padding_too", {"of_losses": all_ids},
     "The mean goes over the losses of all positions, padding among them. The model was never trained on those: leave "
     "them out.", LOSS),
    ("padding_in_the_sum", reduced(everything_over_counted),
     "The number that divides is right, but padding is in the sum. Multiply by the mask before the sum, or pick the real "
     "positions first.", "partly"),
    (standard.MASK_INVERTED(effect="only padding counts", polarity="Real is where the target is *not* 0."),
     [counted(padding_ids), counted(padding_ids) | reduced(or_nan)], "partly"),
    ("zero_losses_left_out",
     [{"mean_loss": over_those_with_a_loss}, zero_losses_left_out, partial(zero_losses_left_out, padding=True)],
     "Real tokens whose loss is exactly 0 were not counted. The model is sure of them, and they are tokens like any other: "
     "which positions are real is decided by the targets.", "partly"),
    ("mask_from_guesses", counted(guessed_ids),
     "The mask was made from the guesses. Which positions are real is decided by the targets.", "partly"),
    ("mean_of_sentence_means", reduced(of_sentence_means),
     "This is the mean of one mean a sentence, so a word in a short sentence counts more. Count all real tokens "
     "together.", LOSS, "partly"),
    ("summed", reduced(summed), "This is a sum. Divide it by the number of real tokens.", "partly"),
    ("divided_by_sentences", reduced(over_sentences),
     "The sum was divided by the number of sentences. Divide by the number of real tokens.", "partly"),
    ("first_sentence_only", reduced(of_last_sentence), "Only the first sentence was looked at.", "partly"),
    ("end_left_out", [counted(ids_but_the_end), counted(both_marks_left_out)],
     "The mask leaves out more than padding: the id 2, the end token of this notebook. It is a token to be predicted like "
     "any other.", "partly"),
    ("rows_or_columns_left_out", [counted(full_rows) | reduced(or_nan), counted(full_columns) | reduced(or_nan)],
     "Whole rows or columns were left out because they have padding in them. Leave out the padding alone: `losses[targets != "
     "0]`.", "partly"),
    ("one_number_a_sentence", reduced(of_each_sentence),
     "These are the means of the single sentences. Count all real tokens together: one number.", LOSS, "partly"),
    ("padding_counted_as_right", [{"share": padding_right}, {"share": padding_right_over_counted}],
     "In the accuracy padding counts as right: both sides were multiplied by the mask before they were compared. Compare "
     "the real positions alone.", "partly"),
    ("whole_sentences", [{"share": whole_sentences}],
     "The second number is the share of *sentences* that are right from end to end. Asked for is the share of tokens."),
    ("accuracy_from_the_loss", {"finish": lambda loss, accuracy: (loss, np.exp(-loss))},
     "The second number was made of the loss. The accuracy is the share of real positions where guess and target agree."),
    ("exponential_taken", {"finish": lambda loss, accuracy: (np.exp(loss), accuracy)},
     "The first number is the perplexity, the exponential of the loss. Return the loss itself."),
    ("sign_lost", {"finish": lambda loss, accuracy: (-loss, accuracy)},
     "The first number has a minus sign. The losses that are given are above 0, and so is their mean."),
    ("exchanged", {"finish": lambda loss, accuracy: (accuracy, loss)},
     "The numbers are right, but the accuracy stands first. Return loss, accuracy."),
    ("share_of_mistakes", {"finish": lambda loss, accuracy: (loss, 1 - accuracy)},
     "The loss is right. The second number is the share of *wrong* guesses, 1 less the accuracy."),
    ("in_per_cent", {"finish": lambda loss, accuracy: (loss, 100 * accuracy)},
     "The loss is right. The second number is the accuracy in per cent. It should lie between 0 and 1."),
)
# fmt: on
LOG_WAYS = [log_of, *(way for mistake in FIND_THE_PADDING_MISTAKES for way in mistake.ways().values())]


def log_inputs(rng: np.random.Generator) -> Cases:
    """Draw epochs on which no two ways to count agree in any number: most guesses are right, and some of padding."""

    def draw(V: int, *patterns: str) -> Inputs:
        targets = targets_of(rng, V, *patterns)
        guesses = np.where(rng.random(targets.shape) < 0.6, targets, rng.integers(0, V, size=targets.shape))
        return {"targets": targets, "losses": np.round(rng.gamma(2.0, 0.5, targets.shape), 3), "guesses": guesses}

    while True:
        cases = {
            "three answers": draw(9, "xxxxxxxxx", "xxxxx....", "xx......."),
            "much padding": draw(7, "xxx........", "xxxxx......"),
            "no padding": draw(8, "xxx", "xxx", "xxx", "xxx", "xxx"),
            "one answer": draw(6, "xxxxx.."),
            "as many answers as positions": draw(9, "xxxxxx", "xxx...", "x.....", "xxxx..", "xx....", "xxxxx."),
            "tokens and padding with a loss of 0": draw(9, "xxxxxxx", "xxxx..."),
        }
        sure = cases["tokens and padding with a loss of 0"]
        sure["losses"][0, 2], sure["losses"][1, [1, 5]] = 0, 0
        sure["guesses"][0, 2], sure["guesses"][1, 1] = sure["targets"][0, 2], sure["targets"][1, 1]
        found = [np.concatenate([np.ravel(way(**case)) for case in cases.values()]) for way in LOG_WAYS]
        if all_differ([np.nan_to_num(numbers, nan=-2.0) for numbers in found]) and {1, 2} <= set(
            cases["three answers"]["targets"].ravel().tolist()
        ):
            return cases


FIND_THE_PADDING = Check(
    name="find_the_padding",
    claim="counts_real_tokens_only",
    title="Find the bug: nearly sure, and seldom right",
    function="mended_log",
    inputs=log_inputs,
    reference=log_of,
    second_route=log_by_loops,
    returns=("loss", "accuracy"),
    points={"loss": 1, "accuracy": 1},
    read=SEVENTEEN,
    survives=("no padding", "one answer", "a loss of 0"),
    hints=(
        "Pad further: `show_log(broken_log, 200)`. The model is the same, and both numbers fall. What do they count?",
        "A padded position adds nothing to the sum of the losses, but the mean divides by it. And what is a guess there "
        "compared with?",
        "With `real = targets != 0`, `losses[real]` holds the losses of the real tokens alone, and `guesses[real]` their "
        "guesses.",
    ),
    misconceptions=FIND_THE_PADDING_MISTAKES,
    advice={
        r"could not be broadcast|boolean index did not match": "Pick the same positions on both sides: "
        "`guesses[real] == targets[real]`.",
    },
    stale=STALE,
)


KEY = AnswerKey(
    "08_training_a_chatbot",
    (
        SHIFT_TARGETS,
        FIND_THE_COPY,
        FIND_THE_SHUFFLE,
        WARMUP_SCHEDULE,
        GREEDY_DECODE,
        FIND_THE_PADDING,
        MASKED_LOSS,
        MASKED_ACCURACY,
    ),
)
