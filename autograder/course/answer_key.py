"""The structure of an answer key: checks, their cases and the mistakes that are known.

A key is a hand-written Python file, `solutions/NN_topic_key.py`, that defines `KEY = AnswerKey(...)`.
The same structure gives the learner's diagnosis, the hidden tests, the tests of the checks themselves
and the class report.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from functools import cached_property, partial
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course.explanations import one_mistake, pairs_with, two_mistakes
from autograder.errors import UserError
from autograder.learner.check import CONDITIONS, SOFT_SCALAR, VIEWS, alternatives, as_result, copies_of

Inputs = dict[str, Any]
Answer = Callable[..., Any]


@dataclass(frozen=True)
class Misconception:
    """A wrong implementation, the sentence that explains it, and where to read.

    `wrong` takes the same named arguments as the reference; `also` holds other ways to make the same mistake
    that give other numbers. `partly` marks a mistake that can be made in one part of the result alone. `read`
    is the title of a section of the chapter's page.
    """

    name: str
    wrong: Answer
    says: str
    read: str = ""
    also: tuple[Answer, ...] = ()
    partly: bool = False

    def ways(self) -> dict[str, Answer]:
        """Return every way to make the mistake: under its name, then under name#2, name#3 and so on."""
        return {self.name: self.wrong} | {f"{self.name}#{n}": wrong for n, wrong in enumerate(self.also, 2)}


@dataclass(frozen=True)
class SumsToOne:
    """Property: one part of the result sums to 1 along an axis."""

    case: str
    part: str
    says: str
    axis: int = -1

    def as_rule(self) -> dict[str, Any]:
        """Return the property as data for reference.json."""
        return {"kind": "sums_to_one", **vars(self)}


@dataclass(frozen=True)
class Same:
    """Property: entries `order` along `axis` in `case` equal entries 0, 1, … of the case `other`.

    With `order` a permutation this is permutation equivariance; with the first positions only it is
    invariance to what comes later (a future token, appended padding). `given` names a case that must be
    right before a learner is told of this property.
    """

    case: str
    other: str
    part: str
    order: tuple[int, ...]
    axis: int
    says: str
    given: str = ""

    def as_rule(self) -> dict[str, Any]:
        """Return the property as data for reference.json."""
        return {"kind": "same", **vars(self), "order": list(self.order)}


@dataclass(frozen=True)
class Regions:
    """The kinds of keys that a mask hides or leaves visible, so that a wrong one can be told by what it hides.

    `of` takes the inputs of a case and returns whole numbers that broadcast to the part: for each entry that of its
    kind. `names` has of each kind (its name, a detail); `weights` says that the part holds weights, 0 for hidden keys.
    """

    part: str
    of: Callable[..., Any]
    names: tuple[tuple[str, ...], ...]
    weights: bool = False


@dataclass(frozen=True)
class Check:
    """One graded claim about one function.

    name            what `check("name", answer)` is called with
    claim           completes the grade id, `name-claim`, so that it reads as a sentence; never changes
    function        the name that the learner defines
    inputs          `inputs(rng)` -> {label: named arguments}: fresh cases under one label each. At
                    least one obeys the test-data rule; extra ones may bring out what is silent there.
    shown_first     `shown_first()` -> cases that are always the same, such as a classic example: the first of the
                    public ones, and never among the fresh, so that whoever knows them by heart earns nothing
    unlike          `unlike(rng)` -> cases of sizes that no public case has, drawn fresh only, for results that depend
                    on little else, such as masks, and could be given by heart; one may take the place of its label
    reference       plain NumPy, independent of the solved notebook
    second_route    the same by another route (loops, einsum, Keras's layer), for the tests of the key
    returns         the names of the parts of the result
    points          points per part
    misconceptions  what learners get wrong; each is diagnosed as itself
    hints           steps, from a nudge to nearly the answer
    read            the section of the chapter's page that explains the task
    accepts         ways of reading that also count, with the remark to make: {"transposed": "..."}
    names           `names(inputs)` -> notebook globals to set to the case's sizes before the call
    stale           notebook globals to hide before the call
    advice          {regular expression: advice} for what Python says, or for how a result differs; looked up
                    before the general advice of check.py, and \\1 stands for what the first group found. In place of
                    the advice may stand (advice, condition, …), or a list of such: see `advice_on` of check.py
    uses            names of earlier checks whose functions this task may call
    needs           the module that the check needs besides NumPy: "tensorflow"; skipped where it is missing
    survives        what is odd in some cases, for the box of a right answer ("Right, also for one state."), each in
                    words of the label of a case
    few_because     why there are fewer than three misconceptions, where there are
    forbidden       library calls that would answer the task ("layers.Attention"); graded as wrong where used
    regions         kinds of keys, for a part that is a mask or weights
    not_needed      arguments of the learner's function that a right answer does without
    remarks         {name: sentence}: what the check cell may remark on. It returns a dictionary of the parts then, with
                    the names under "remarks"
    """

    name: str
    claim: str
    title: str
    function: str
    inputs: Callable[[np.random.Generator], dict[str, Inputs]]
    reference: Answer
    second_route: Answer
    returns: tuple[str, ...]
    points: Mapping[str, float]
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    read: str
    properties: tuple[SumsToOne | Same, ...] = ()
    accepts: Mapping[str, str] = field(default_factory=dict)
    shown_first: Callable[[], dict[str, Inputs]] = dict
    unlike: Callable[[np.random.Generator], dict[str, Inputs]] = lambda rng: {}
    names: Callable[[Inputs], dict[str, int]] = lambda inputs: {}
    stale: tuple[str, ...] = ()
    advice: Mapping[str, Any] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    rtol: float = 1e-4
    atol: float = 1e-5
    needs: str = ""
    survives: tuple[str, ...] = ()
    few_because: str = ""
    forbidden: tuple[str, ...] = ()
    regions: tuple[Regions, ...] = ()
    not_needed: tuple[str, ...] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look whether the names that stand here are known. Raises UserError for one that nobody would miss."""
        self._know("accepts", self.accepts, VIEWS[1:], "way to read a result")
        self._know("gives points to", self.points, self.returns, "part of the result")
        self._know("has regions of", (one.part for one in self.regions), self.returns, "part of the result")
        self._know("has a property of", (rule.part for rule in self.properties), self.returns, "part of the result")
        ways = (way for rule in self.advice.values() for way in alternatives(rule))
        conditions = (condition.removeprefix("not ") for _, *more in ways for condition in more)
        words = (condition.partition(" ")[0] for condition in conditions)
        self._know("has advice with", words, tuple(CONDITIONS), "condition")

    def _know(self, does: str, names: Iterable[str], known: tuple[str, ...], what: str) -> None:
        for name in names:
            if name not in known:
                has = ", ".join(known)
                raise UserError(f'The check "{self.name}" {does} "{name}", which is no {what}; known: {has}.')

    @property
    def grade_id(self) -> str:
        """Return nbgrader's id of the cell that holds this check."""
        return f"{self.name}-{self.claim}"

    @property
    def max_score(self) -> float:
        """Return the points of all parts together."""
        return float(sum(self.points.values()))

    @property
    def ways(self) -> dict[str, Answer]:
        """Return every way of every mistake: "name", "name#2", … as in `Misconception.ways`."""
        return {way: wrong for m in self.misconceptions for way, wrong in m.ways().items()}

    def outputs(self, answer: Answer, inputs: Inputs) -> dict[str, Any]:
        """Return what an answer gives for these inputs, or the kinds of the exception that it raises.

        A release needs tens of thousands of these, so it is done without what `call` of check.py tells of besides.
        """
        given = copies_of(inputs)
        try:
            with redirect_stderr(StringIO()), np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.filterwarnings("error", SOFT_SCALAR, DeprecationWarning)
                return as_result(answer(**given), list(self.returns))
        except DeprecationWarning:  # since NumPy 2.4 an error
            return {"raises": [kind.__name__ for kind in TypeError.__mro__]}
        except Exception as error:
            return {"raises": [kind.__name__ for kind in type(error).__mro__]}

    def wrong_outputs(self, inputs: Inputs) -> dict[str, Any]:
        """Return what each known mistake gives for these inputs."""
        return {way: self.outputs(wrong, inputs) for way, wrong in self.ways.items()}

    def spec(self, rng: np.random.Generator) -> dict[str, Any]:
        """Draw the public cases and return all that a diagnosis needs: arrays, tolerances and sentences."""
        spec = self.spec_of(self.shown_first() | self.inputs(rng))
        spec["known"]["two"] = Later(partial(two_mistakes, spec, self.ways, self.outputs))
        return spec

    def fresh_spec(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return the same for cases that nobody has seen: those of other sizes are among them.

        It knows no two mistakes together: the public cases say which to look for, and `with_pairs` gives them.
        """
        return self.spec_of(self.inputs(rng) | self.unlike(rng))

    def with_pairs(self, spec: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
        """Return a specification that knows nothing but two mistakes together, those with these names in them.

        It confirms what was found elsewhere: there no single mistake was enough, though on these cases one may be.
        """
        two = pairs_with(spec, self.ways, self.outputs, names)
        return {**spec, "known": {"names": spec["known"]["names"], "two": two}}

    def spec_of(self, drawn: dict[str, Inputs]) -> dict[str, Any]:
        """Return all that a diagnosis of these cases needs.

        `expected` and `wrong` are computed here, in the trusted process, for exactly these inputs.
        """
        cases = [
            {
                "label": label,
                "inputs": inputs,
                "names": self.names(inputs),
                "expected": self.outputs(self.reference, inputs),
                **({"regions": {one.part: one.of(**inputs) for one in self.regions}} if self.regions else {}),
                "wrong": Later(partial(self.wrong_outputs, inputs)),
            }
            for label, inputs in drawn.items()
        ]
        spec: dict[str, Any] = {
            "title": self.title,
            "function": self.function,
            "returns": list(self.returns),
            "points": dict(self.points),
            "rtol": self.rtol,
            "atol": self.atol,
            "read": self.read,
            "needs": self.needs,
            "hints": list(self.hints),
            "accepts": dict(self.accepts),
            **({"remarks": dict(self.remarks)} if self.remarks else {}),
            **({"not_needed": list(self.not_needed)} if self.not_needed else {}),
            "stale": list(self.stale),
            "advice": dict(self.advice),
            "uses": list(self.uses),
            "survives": list(self.survives),
            "misconceptions": {
                m.name: {"says": m.says, "read": m.read, "partly": m.partly} for m in self.misconceptions
            },
            "properties": [rule.as_rule() for rule in self.properties],
            **({"regions": {one.part: kinds_of(one) for one in self.regions}} if self.regions else {}),
            "cases": cases,
        }
        spec["known"] = {"names": [m.name for m in self.misconceptions], "one": Later(partial(one_mistake, spec))}
        return spec


def kinds_of(regions: Regions) -> dict[str, Any]:
    """Return the kinds of keys as data for reference.json."""
    return {"names": [list(name) for name in regions.names], "weights": regions.weights}


class Later(Mapping):
    """A mapping that is made when somebody first looks into it: a right answer is never compared with mistakes."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        """Remember how to make it."""
        self.make = make

    @cached_property
    def made(self) -> dict[str, Any]:
        """Return what is in it."""
        return self.make()

    def __getitem__(self, name: str) -> Any:
        """Return one entry."""
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names in order."""
        return iter(self.made)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.made)


@dataclass(frozen=True)
class AnswerKey:
    """All checks of a chapter, in the order of its notebook, and what its notebook reads besides.

    beside      files that are copied beside the notebook, by their paths from the root of the course: a module, data
    gathers     chapters whose answers go into the first answer of this one, on a click in the page. The first file of
                `beside` is a module then, and its text_in(folder, before) returns what to write in place of the text
                before; in the folder lie the notebooks of these chapters, each in one of its own, as far as the learner
                began them
    """

    chapter: str
    checks: tuple[Check, ...]
    beside: tuple[str, ...] = ()
    gathers: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Check:
        """Return a check by its name."""
        return self.by_name[name]

    @cached_property
    def by_name(self) -> dict[str, Check]:
        """Return the checks by name."""
        return {check.name: check for check in self.checks}

    @cached_property
    def by_grade_id(self) -> dict[str, Check]:
        """Return the checks by the id of the notebook cell that holds them."""
        return {check.grade_id: check for check in self.checks}


def load_key(path: Path) -> AnswerKey:
    """Import `solutions/NN_topic_key.py` and return its KEY. Raises UserError where it has none, or lacks a module."""
    spec = importlib.util.spec_from_file_location(f"answer_key_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"There is no answer key at {path}; every chapter needs one.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError as error:  # a key of an older release names modules that have moved
        raise UserError(f"{path.name} cannot be imported: {error}; mend what it imports.") from error
    if not isinstance(getattr(module, "KEY", None), AnswerKey):
        raise UserError(f"{path.name} defines no KEY; end it with KEY = AnswerKey(…).")
    return module.KEY
