"""The structure of an answer key: checks, their cases and the mistakes that are known.

A key is a hand-written Python file, `solutions/NN_topic_key.py`, that defines `KEY = AnswerKey(...)`.
The same structure gives the learner's diagnosis, the hidden tests, the tests of the checks themselves
and the class report.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from autograder.learner.check import call

Inputs = dict[str, Any]
Answer = Callable[..., Any]


@dataclass(frozen=True)
class Misconception:
    """A wrong implementation, the sentence that explains it, and where to read.

    `wrong` takes the same named arguments as the reference. `read` is the title of a section of the
    chapter's page.
    """

    name: str
    wrong: Answer
    says: str
    read: str = ""


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
    invariance to what comes later (a future token, appended padding).
    """

    case: str
    other: str
    part: str
    order: tuple[int, ...]
    axis: int
    says: str

    def as_rule(self) -> dict[str, Any]:
        """Return the property as data for reference.json."""
        return {"kind": "same", **vars(self), "order": list(self.order)}


@dataclass(frozen=True)
class Check:
    """One graded claim about one function.

    name            what `check("name", answer)` is called with
    claim           completes the grade id, `name-claim`, so that it reads as a sentence; never changes
    function        the name that the learner defines
    inputs          `inputs(rng)` -> {label: named arguments}: fresh cases under one label each. At
                    least one obeys the test-data rule; extra ones may bring out what is silent there.
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
    needs           the module that the check needs besides NumPy: "tensorflow"; skipped where it is missing
    few_because     why there are fewer than three misconceptions, where there are
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
    names: Callable[[Inputs], dict[str, int]] = lambda inputs: {}
    stale: tuple[str, ...] = ()
    rtol: float = 1e-4
    atol: float = 1e-5
    needs: str = ""
    few_because: str = ""

    @property
    def grade_id(self) -> str:
        """Return nbgrader's id of the cell that holds this check."""
        return f"{self.name}-{self.claim}"

    @property
    def max_score(self) -> float:
        """Return the points of all parts together."""
        return float(sum(self.points.values()))

    def spec(self, rng: np.random.Generator) -> dict[str, Any]:
        """Draw cases and return all that a diagnosis needs: arrays, tolerances and sentences.

        `expected` and `wrong` are computed here, in the trusted process, for exactly these inputs.
        """
        cases = []
        for label, inputs in self.inputs(rng).items():
            wrong = {m.name: call(m.wrong, inputs, self.returns) for m in self.misconceptions}
            expected = call(self.reference, inputs, self.returns)
            cases.append(
                {
                    "label": label,
                    "inputs": inputs,
                    "names": self.names(inputs),
                    "expected": lasting(expected),
                    "wrong": {name: rounded(lasting(result)) for name, result in wrong.items()},
                }
            )
        return {
            "title": self.title,
            "function": self.function,
            "returns": list(self.returns),
            "rtol": self.rtol,
            "atol": self.atol,
            "read": self.read,
            "needs": self.needs,
            "hints": list(self.hints),
            "accepts": dict(self.accepts),
            "stale": list(self.stale),
            "misconceptions": {m.name: {"says": m.says, "read": m.read} for m in self.misconceptions},
            "properties": [rule.as_rule() for rule in self.properties],
            "cases": cases,
        }


def lasting(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without what depends on the machine or on how it was reached."""
    return {name: value for name, value in result.items() if name not in ("changed", "text", "where")}


def rounded(result: dict[str, Any], decimals: int = 6) -> dict[str, Any]:
    """Return a wrong result to fewer decimals: there are many, and none needs to be known more exactly."""
    return {
        name: np.round(value, decimals) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
        for name, value in result.items()
    }


@dataclass(frozen=True)
class AnswerKey:
    """All checks of a chapter, in the order of its notebook."""

    chapter: str
    checks: tuple[Check, ...]

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
    """Import `solutions/NN_topic_key.py` and return its KEY."""
    spec = importlib.util.spec_from_file_location(f"answer_key_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"There is no answer key at {path}; every chapter needs one.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.KEY
