"""The plan of a run: what the worker does, in order. It holds inputs and names, never expected outputs."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograder.grade.intake.bindings import DEFINITIONS
from autograder.grade.intake.python_source import read

TENSORFLOW = re.compile(r"\b(?:tensorflow|keras)\b")


@dataclass(frozen=True)
class Step:
    """One step: run a cell, or probe with a check cell.

    number  the place of the cell in the notebook
    cases   for a probe: the cases' inputs and names
    forbidden  for a probe: library calls of which it is told whether the answer made them
    shows   whether the cell only shows something: a free cell of the release, which no check needs
    draws   whether figures of this cell are drawn; else a line takes their place
    given   names that mean in this cell what they mean to the course, whatever the learner's cells have made of them
    keeps   those of them that this cell imports
    function  for a probe: what the learner defines, and at whose code the worker looks
    remarks  for a probe: the names of the remarks that its check cell may make
    """

    number: int
    kind: str  # "run" or "probe"
    text: str
    check: str = ""
    returns: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    cases: tuple[dict[str, Any], ...] = ()
    forbidden: tuple[str, ...] = ()
    shows: bool = False
    draws: bool = True
    given: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    function: str = ""
    remarks: tuple[str, ...] = ()

    def as_message(self) -> dict[str, Any]:
        """Return the step as data for the worker."""
        base = {"step": self.number, "kind": self.kind, "text": self.text, "given": list(self.given)}
        if self.kind == "run":
            return base | {"draws": self.draws, "keeps": list(self.keeps)}
        cases = [{"inputs": case["inputs"], "names": case["names"]} for case in self.cases]
        lists = {name: list(getattr(self, name)) for name in ("returns", "stale", "forbidden")}
        return {**base, "check": self.check, "function": self.function, **lists, "cases": cases}


@dataclass(frozen=True)
class Plan:
    """The steps of a notebook and the files that lie beside it."""

    steps: tuple[Step, ...]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def flavour(self) -> str:
        """Return which warm process can run this: "numpy" or "tensorflow"."""
        return "tensorflow" if any(TENSORFLOW.search(step.text) for step in self.steps) else "numpy"

    def as_message(self) -> dict[str, Any]:
        """Return the plan as data for the worker."""
        files = {name: np.frombuffer(data, np.uint8) for name, data in self.files.items()}
        return {"steps": [step.as_message() for step in self.steps], "files": files}

    def without(self, spoilt: dict[int, int], probed: set[int]) -> Plan:
        """Return the plan for another attempt.

        spoilt  how often each step has ended a run: such a cell is first reduced to its imports and
                definitions, then left out; such a probe is left out
        probed  the probes that have all their results
        Cells that only show something are reduced too: they would call again what has hung once.
        """
        kept = []
        for step in self.steps:
            count = spoilt.get(step.number, 0)
            if step.kind == "probe" and (count or step.number in probed):
                continue
            if count < 2:
                reduced = count or (spoilt and step.shows)
                kept.append(replace(step, text=only_definitions(step.text)) if reduced else step)
        return Plan(tuple(kept), self.files)


def only_definitions(text: str) -> str:
    """Return the imports, functions and classes of a cell, without what it does at once."""
    kinds = (ast.Import, ast.ImportFrom, *DEFINITIONS)
    kept: list[ast.stmt] = [node for node in read(text).statements or () if isinstance(node, kinds)]
    try:
        return ast.unparse(ast.Module(kept, []))
    except RecursionError:
        return ""
