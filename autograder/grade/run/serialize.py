"""Plans and records as bytes, for runs on other machines: framed JSON and arrays, as on the border.

A plan travels without expected outputs, key or secret: what a run does not need, it cannot give away.
"""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Any

from nbformat import from_dict

from autograder.grade.run.execute import Record
from autograder.grade.run.plan import Plan, Step
from autograder.grade.run.protocol import Limits as Sizes
from autograder.grade.run.protocol import Reader, exact_reader, message_bytes, pack, unpack
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times

SIZES = Sizes(json=256 << 20, arrays=1_000_000, total=2 << 30)
SENT = ("inputs", "names")  # of a case: never what is expected


def request_bytes(plan: Plan, limits: Limits, times: Times, versions: dict[str, str]) -> bytes:
    """Return all that a run needs to know."""
    steps = [
        vars(step) | {"cases": [{name: case[name] for name in SENT} for case in step.cases]} for step in plan.steps
    ]
    files = plan.as_message()["files"]
    return as_bytes(
        {"steps": steps, "files": files, "limits": asdict(limits), "times": asdict(times), "versions": versions}
    )


def read_request(data: bytes) -> tuple[Plan, Limits, Times, dict[str, str]]:
    """Undo `request_bytes`."""
    told = from_bytes(data)
    steps = tuple(Step(**{**step, "cases": tuple(step["cases"])}) for step in told["steps"])
    files = {name: array.tobytes() for name, array in told["files"].items()}
    return Plan(steps, files), Limits(**told["limits"]), Times(**told["times"]), told["versions"]


def records_bytes(records: dict[int, Record]) -> bytes:
    """Return the records of a run."""
    return as_bytes({"records": [vars(record) | {"step": number} for number, record in records.items()]})


def refusal_bytes(text: str) -> bytes:
    """Return why there are no records."""
    return as_bytes({"refused": text})


def read_records(data: bytes) -> dict[int, Record] | str:
    """Return the records of a run, or why there are none."""
    told = from_bytes(data)
    if "refused" in told:
        return told["refused"]
    return {record.pop("step"): Record(**record | {"outputs": outputs_of(record)}) for record in told["records"]}


def outputs_of(record: dict[str, Any]) -> list[Any]:
    """Return the outputs of a record as nbformat has them."""
    return [from_dict(output) for output in record["outputs"]]


def as_bytes(value: dict[str, Any]) -> bytes:
    """Return JSON with arrays as one message."""
    arrays: list[Any] = []
    packed = pack(value, arrays)
    return message_bytes({"value": packed}, arrays)


def from_bytes(data: bytes) -> dict[str, Any]:
    """Undo `as_bytes`."""
    head, arrays = Reader(exact_reader(io.BytesIO(data)), SIZES).message()
    return unpack(head["value"], arrays)
