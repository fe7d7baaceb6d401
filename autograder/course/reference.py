"""The reference outputs: the public cases of a chapter, drawn once from its key, as data."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course.answer_key import AnswerKey, Check
from autograder.course.book_links import mistakes_of, section_url
from autograder.course.by_heart import parts_by_heart
from autograder.learner.check import encode

PUBLIC_SEED = 2017  # the year of Vaswani et al.
DECIMALS = 8  # far finer than any tolerance, far coarser than what differs between machines
DECIMALS_OF_INPUTS = 12  # an input is written as it is: a classic example gives its known numbers to the last digit


def public_rng(check: Check) -> np.random.Generator:
    """Return the generator that draws the public cases of a check."""
    return np.random.default_rng([PUBLIC_SEED, zlib.crc32(check.name.encode())])


def public_spec(check: Check) -> dict[str, Any]:
    """Return the public cases of a check with expected outputs and known mistakes."""
    return check.spec(public_rng(check))


def reference_json(key: AnswerKey, tasks: Mapping[str, int] | None = None, book: str = "", mistakes: str = "") -> str:
    """Return the text of `reference.json`: one line a case or table, so that changes can be read as a diff.

    tasks     the number in the notebook of the task that each check is about
    book      the address of the book, where it has one
    mistakes  that of its page of mistakes, where it has one
    """
    checks = []
    for check in key.checks:
        about, public = about_check(check, key.chapter, tasks or {}, book, mistakes), public_spec(check)
        known = parts_by_heart(check, public)
        checks.append(f"{json.dumps(check.name)}: {spec_json(about | ({'by_heart': known} if known else {}) | public)}")
    about = {"chapter": key.chapter} | ({"gathers": gathers(key)} if key.gathers else {})
    return json.dumps(about)[:-1] + ', "checks": {\n' + ",\n".join(checks) + "\n}}\n"


def gathers(key: AnswerKey) -> dict[str, Any]:
    """Return of which chapters a notebook takes the answers, and the module beside it that makes its text of them."""
    return {"by": Path(key.beside[0]).stem, "from": list(key.gathers)}


def about_check(check: Check, slug: str, tasks: Mapping[str, int], book: str, mistakes: str) -> dict[str, Any]:
    """Return where a check stands in the notebook, and where it is explained in the book, as far as that is known."""
    task = {"task": tasks[check.name]} if check.name in tasks else {}
    titles = dict.fromkeys([check.read, *(mistake.read for mistake in check.misconceptions)])
    sections = {title: section_url(book, slug, title) for title in titles if section_url(book, slug, title)}
    found = {"sections": sections, "mistakes": mistakes_of(mistakes, check.function)}
    return task | {name: places for name, places in found.items() if places}


def spec_json(spec: dict[str, Any]) -> str:
    """Return one check as text: a line for each field, a line for each case."""
    fields = [f"  {json.dumps(name)}: {dump(value)}" for name, value in spec.items() if name not in ("cases", "known")]
    cases = ",\n".join(f"    {dump(case_data(case))}" for case in spec["cases"])
    known = ",\n".join(f"    {json.dumps(name)}: {dump(plain(value))}" for name, value in spec["known"].items())
    return "{\n" + ",\n".join([*fields, f'  "cases": [\n{cases}\n  ]', f'  "known": {{\n{known}\n  }}']) + "\n}"


def case_data(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case with every array as data."""
    return {
        "label": case["label"],
        "inputs": {name: encode(value, DECIMALS_OF_INPUTS) for name, value in case["inputs"].items()},
        "names": case["names"],
        "expected": result_data(case["expected"]),
        **({"regions": regions_data(case["regions"])} if "regions" in case else {}),
    }


def regions_data(regions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kinds of keys of each part as nested lists."""
    return {part: np.asarray(kinds).tolist() for part, kinds in regions.items()}


def result_data(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result as data; of an exception only its kind is kept."""
    if "raises" in result:
        return {"raises": result["raises"][:1]}
    return {name: encode(value, DECIMALS) for name, value in result.items()}


def plain(value: Any) -> Any:
    """Return what may be made later as JSON can hold it."""
    return dict(value) if isinstance(value, Mapping) else value


def dump(value: Any) -> str:
    """Return compact JSON with characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
