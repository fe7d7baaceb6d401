"""The judge: compares the arrays that came out of a run with the answer key, and says what is wrong.

It never runs learner code. Each check is judged on the public cases, which the learner knows, and on fresh
ones; a part of the result is right when it is right on all of them, both times they were sent. Sentences
name expected numbers of the public cases only, so that the fresh ones stay unknown.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.course.answer_key import Check
from autograder.grade.intake.bindings import defined
from autograder.grade.intake.python_source import Source
from autograder.grade.judge import memory
from autograder.grade.judge.diff import difference_as_html
from autograder.grade.judge.static_rules import TooManyNames, used_by
from autograder.grade.judge.stopped_cells import why_no_python
from autograder.grade.judge.telling import FRESH
from autograder.grade.run.execute import Record
from autograder.learner.check import LIBRARY_SAYS, diagnose, only_beside, right_also_for, unfinished, without_rest

Spec = dict[str, Any]
Results = list[dict[str, Any]]
AGAIN = (
    "Called a second time with the same input, your function gives something else. Does it keep something from call to "
    "call, or draw at random?"
)
OWN = "This task asks for your own code: `{}` would answer it for you."
LOOK = "A person has to look whether this answer uses a library call that the task forbids: {}."
ENDS = {"timeout": "timeout", "crash": "error"}  # how a run ended, and the status of its check
UNSHOWN = ("right", "error", "unfinished")  # what Python said is what helps here
EXPECTED_NUMBER = re.compile(r" is \S+; expected [^()\s]+ (?=\()")  # in "out[0, 1] is 0.2; expected 0.3 (4 of 9 …)"


@dataclass(frozen=True)
class Verdict:
    """What the judge found about one check.

    status  right, partial, wrong, unfinished, error, timeout or not_run
    says    the diagnosis, as sentences
    names   the misconceptions that the results equal
    read    the section of the chapter's page that explains it
    shows   HTML: what came out against what was expected on a public case
    look    why a person has to look at it; the points stand until then
    """

    check: str
    title: str
    score: float
    max_score: float
    status: str
    says: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    read: str = ""
    shows: str = ""
    look: str = ""


@dataclass(frozen=True)
class Drawn:
    """The cases of one check: the public ones and fresh ones, with all that a diagnosis needs.

    `order` says which case is sent when, so that the number of a call tells nothing: public and fresh ones are mixed.
    """

    public: Spec
    fresh: Spec
    order: tuple[int, ...] = ()

    @property
    def cases(self) -> list[dict[str, Any]]:
        """Return all cases in the order in which they are sent."""
        every = [*self.public["cases"], *self.fresh["cases"]]
        return [every[number] for number in self.order] if self.order else every

    def split(self, results: Results) -> list[tuple[Spec, Results]]:
        """Return each specification with its share of the results, which came in the order of `cases`."""
        count = len(self.public["cases"])
        if self.order:
            came = dict(zip(self.order, results, strict=True))
            results = [came[number] for number in range(len(came))]
        return [(self.public, results[:count]), (self.fresh, results[count:])]


def draw(check: Check, public: Spec, secret: bytes, learner: str, slug: str, attempt: str) -> Drawn:
    """Draw fresh cases, and an order for all, that nobody can predict; the same each time one submission is graded."""
    text = "|".join([learner, slug, check.name, attempt]).encode("utf-8", "surrogatepass")
    seed = int.from_bytes(hmac.new(secret, text, hashlib.sha256).digest(), "big")
    rng = np.random.default_rng(seed)
    fresh = check.fresh_spec(rng)
    order = rng.permutation(len(public["cases"]) + len(fresh["cases"]))
    return Drawn(public, fresh, tuple(int(number) for number in order))


def judge(check: Check, drawn: Drawn, record: Record, answer: Record | None, text: str = "") -> Verdict:
    """Return the verdict on one check from what its probe gave; `answer` and `text` are of the answer's cell."""
    complete = all(len(results) == len(drawn.cases) for results in record.results)
    if record.end in ("timeout", "crash") or not complete or never_defined(check, record):
        status, sentence = why_not_judged(check, record, answer, text)
        return Verdict(check.name, check.title, 0.0, check.max_score, status, (sentence,), (), check.read)
    with np.errstate(all="ignore"):
        return judge_results(check, drawn, record.results)


def without_forbidden_calls(
    check: Check, verdict: Verdict, cells: Sequence[Source], record: Record | None = None
) -> Verdict:
    """Return the verdict, or one without points where the answer uses a library call that the task forbids.

    cells   the learner's code; each cell that defines the function of the check is looked at, and what it uses
    record  what was seen while the check ran: calls whose names do not stand in the code
    Where not all was read or seen, the verdict asks for a person.
    """
    if not check.forbidden:
        return verdict
    unseen = next((f"one of your cells was not read: {cell.why}" for cell in cells if cell.unseen), "")
    unseen = unseen or (record.unseen if record is not None else "")
    try:
        used = used_by([cell for cell in cells if check.function in defined([cell])], cells, check.forbidden)
    except TooManyNames as name:
        used, unseen = None, f"{name} stands for too many names"
    used = used or next(iter(record.used if record is not None else ()), None)
    if used is not None:
        return Verdict(check.name, check.title, 0.0, check.max_score, "wrong", (OWN.format(used),), (), check.read)
    return replace(verdict, look=LOOK.format(unseen)) if unseen and verdict.score else verdict


def never_defined(check: Check, record: Record) -> bool:
    """Say whether every case ended because the answer does not exist."""
    sign = f"NameError: name '{check.function}' is not defined"
    return all(result.get("text", "").startswith(sign) for results in record.results for result in results)


def why_not_judged(check: Check, record: Record, answer: Record | None, text: str) -> tuple[str, str]:
    """Return the status and the sentence for a check that has no results."""
    if record.end in ENDS:
        return ENDS[record.end], f"This check was not finished: {record.reason}"
    if record.end == "":
        return "not_run", f"This check was not run: {record.reason}"
    if answer is not None and answer.end in ENDS:
        return ENDS[answer.end], f"The cell with your answer was not finished: {answer.reason}"
    first = next((result for result in record.results[0] if "raises" in result), None)
    error = record.error or first or {"raises": [], "text": ""}
    if "NotImplementedError" in error["raises"] and not LIBRARY_SAYS.search(error["text"]):
        return "unfinished", unfinished(check.function, error.get("where", ""))
    stopped = next((o for o in answer.outputs if o.output_type == "error"), None) if answer is not None else None
    if stopped is not None:
        if sentence := why_no_python(text, stopped.ename, stopped.evalue):
            return "error", sentence
        return "error", f"The cell with your answer stopped with an error: {stopped.ename}: {stopped.evalue}"
    if "NameError" in error["raises"] and f"'{check.function}'" in error["text"]:
        return "error", f"{check.function} is not defined anywhere in the notebook."
    return "error", f"The check stopped before your function was called. Python said: {error['text']}" if error[
        "text"
    ] else ("Your function was not called: the check cell was not carried out as it should be.")


def judge_results(check: Check, drawn: Drawn, rounds: list[Results]) -> Verdict:
    """Return the verdict on complete results."""
    verdicts = [diagnoses(check, drawn, turn) for turn in rounds]
    right = {part: all(v["right"][part] for turn in verdicts for v in turn) for part in check.returns}
    first_right = {part: all(v["right"][part] for v in verdicts[0]) for part in check.returns}
    score = sum(float(check.points.get(part, 0)) for part in check.returns if right[part])
    names, says = explain(drawn, rounds[0], verdicts[0])
    if score and (alone := memory.all_that_is_right(right, drawn.public, drawn.fresh)):
        why = [] if names else [only_beside(alone, check.returns)]  # a mistake says enough
        score, says = 0.0, [*without_rest(says), *why]
    if first_right != right:
        says = [AGAIN, *([] if all(first_right.values()) else says)]
    status = status_of(right, score, rounds[0], drawn, names)
    says = says or ([right_also_for(drawn.public["survives"])] if status == "right" else [])
    places = [drawn.public["misconceptions"][name].get("read") for name in names] + [check.read]
    read = "" if status == "right" else next((place for place in places if place), "")
    shows = "" if status in UNSHOWN else difference_as_html(*drawn.split(rounds[0])[0], verdicts[0][0]["right"], says)
    return Verdict(check.name, check.title, score, check.max_score, status, tuple(says), tuple(names), read, shows)


def diagnoses(check: Check, drawn: Drawn, results: Results) -> list[dict[str, Any]]:
    """Return the diagnoses of the public and of the fresh cases.

    Two mistakes together are looked for in the public cases first, and only where no mistake alone explains them; in
    the fresh cases, for which nothing is prepared, only those that were found there.
    """
    (public, public_results), (fresh, fresh_results) = drawn.split(results)
    known = diagnose(public, public_results)
    if known.get("how") in ("pair", "more"):
        fresh = check.with_pairs(fresh, known["names"])
    return [known, diagnose(fresh, fresh_results)]


def status_of(right: dict[str, bool], score: float, results: Results, drawn: Drawn, names: list[str]) -> str:
    """Return the one word for a verdict."""
    raised = [
        r for r, case in zip(results, drawn.cases, strict=True) if "raises" in r and "raises" not in case["expected"]
    ]
    if all(right.values()):
        return "right"
    if any("NotImplementedError" in r["raises"] and not LIBRARY_SAYS.search(r.get("text", "")) for r in raised):
        return "unfinished"
    if score > 0:
        return "partial"
    return "error" if raised and not names else "wrong"


def explain(drawn: Drawn, results: Results, verdicts: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the misconceptions that all results equal, and the sentences of the diagnosis.

    A misconception is named only if public and fresh results equal it. Sentences come from the public cases
    where these are wrong; else from the fresh ones, without their expected numbers.
    """
    (public, public_results), (_, _) = drawn.split(results)
    public_verdict, fresh_verdict = verdicts
    if public_verdict["kind"] == "right":
        fresh_says = [EXPECTED_NUMBER.sub(": ", sentence) for sentence in fresh_verdict["says"]]
        return fresh_verdict["names"], public_verdict["says"] if fresh_verdict["kind"] == "right" else [
            FRESH,
            *fresh_says,
        ]
    if fresh_verdict["kind"] == "right":
        return [], public_verdict["says"]
    names = [name for name in public_verdict["names"] if name in fresh_verdict["names"]]
    if names == public_verdict["names"]:
        return names, public_verdict["says"]
    known = {name: public["misconceptions"][name] for name in names}
    verdict = diagnose({**public, "misconceptions": known}, public_results)
    return verdict["names"], verdict["says"]
