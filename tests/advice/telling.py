"""Runs an answer as a learner's notebook would, with its source at hand, and tells which advice fits."""

import itertools
import linecache

import numpy as np

from autograder.learner import check as checker

INPUTS = {"x": np.arange(6.0).reshape(2, 3) + 0.5, "one": np.array([[2.0]]), "n": 2, "mask": None}
SPEC = {"function": "share", "returns": ["result"], "needs": "", "stale": [], "advice": {}}
COUNT = itertools.count()


def learner(source, name="share"):
    """Return the function that a cell defines; Python can show the source of its lines."""
    file = f"<cell {next(COUNT)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space = {"np": np, "__name__": "__main__"}
    exec(compile(source, file, "exec"), space)
    return space[name]


def stopped(body, before=""):
    """Return what is told of a function of the four inputs with this body, and what a condition may look at."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    answer = learner(f"{before}\ndef share(x, one, n, mask):\n{lines}\n")
    result = checker.call(answer, INPUTS, ["result"])
    assert "raises" in result, result
    text, facts = checker.python_said(result), result["facts"]
    return text, checker.Seen(SPEC, INPUTS, facts | {"remedy": checker.remedy(text, facts)})


def ways(rules):
    """Yield each way of each rule: the regular expression, the advice, the conditions."""
    for sign, rule in rules.items():
        for advice, *conditions in checker.alternatives(rule):
            yield sign, advice, conditions


def first_advice(text, rules, seen):
    """Return the advice of the first rule that applies, as it stands in the rules, or nothing."""
    for sign, rule in rules.items():
        match = checker.re.search(sign, text)
        for advice, *conditions in checker.alternatives(rule) if match else []:
            if checker.applies(advice, conditions, match, seen):
                return advice
    return ""
