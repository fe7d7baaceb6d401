"""Whatever a run sends, the judge's side ends with a verdict: no message makes it raise, hang or give points."""

from __future__ import annotations

import os
import socket
import struct
import threading
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grade.judge.judge import draw, judge
from autograder.grade.judge.static_rules import forbidden_use
from autograder.grade.run.execute import carry_out
from autograder.grade.run.plan import Plan, Step, only_definitions
from autograder.grade.run.protocol import Reader, message_bytes
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.waiting import LONG

WORDS = ["type", "step", "turn", "case", "parts", "raises", "text", "where", "changed", "outputs", "error", "arrays"]
WORDS += ["code", "remarks", "came"]
KINDS = ["begin", "cell", "case", "probe", "done", "failed", "mean", "stream", "error", "stdout", "display_data"]
KINDS += ["unused", "lost", "0"]
LEAVES = st.none() | st.booleans() | st.integers(-2, 5) | st.floats() | st.sampled_from(KINDS) | st.text(max_size=5)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=12,
)
SHAPES = st.lists(st.integers(0, 5), max_size=4).map(tuple)
DTYPES = st.sampled_from(["<f8", "<f4", "<i8", "|b1", "<c16", "<u1", ">f8", "<f2", "<f16"])
ARRAYS = st.builds(lambda shape, dtype: np.ones(shape, dtype), SHAPES, DTYPES)
HEADS = st.dictionaries(st.sampled_from(WORDS), JSON, max_size=8) | st.builds(
    lambda kind, turn, case, rest: {**rest, "type": kind, "step": 0, "turn": turn, "case": case, "parts": ["mean"]},
    st.sampled_from(KINDS),
    st.integers(0, 1),
    st.integers(0, 1),
    st.dictionaries(st.sampled_from(["raises", "text", "where", "changed", "error", "code"]), JSON, max_size=3),
)
MESSAGES = st.tuples(HEADS, st.lists(ARRAYS, max_size=2)).map(
    lambda pair: message_bytes({n: v for n, v in pair[0].items() if n != "arrays"}, pair[1])
)
STREAMS = st.lists(MESSAGES | st.binary(max_size=40), max_size=8).map(b"".join)


class Scripted:
    """A pool whose runs say what they are told to, whatever the plan."""

    def __init__(self, data: bytes) -> None:
        """Send this once the plan has been sent."""
        self.data = data

    def start_run(self, flavour: str, limits: Limits) -> SimpleNamespace:
        """Start a run that reads its plan and answers."""
        ours, theirs = socket.socketpair()

        def answer() -> None:
            with theirs, suppress(OSError):  # the judge's side has heard enough
                head, _ = Reader(theirs.recv).message()
                theirs.sendall(message_bytes({"type": "begin", "step": head["plan"]["steps"]["@list"][0]["step"]}))
                theirs.sendall(self.data)
                theirs.shutdown(socket.SHUT_WR)
                while theirs.recv(1 << 20):
                    pass

        threading.Thread(target=answer, daemon=True).start()
        ended = lambda seconds: 1  # noqa: E731
        return SimpleNamespace(results=ours, patience=LONG, pid=os.getpid(), why="", ended=ended, kill=ours.close)


@pytest.mark.parametrize("begun", [True, False])
def test_any_stream_ends_in_a_verdict_without_points(trusted, begun):
    check = trusted.key["mean_rows"]
    drawn = draw(check, trusted.public["mean_rows"], b"s", "ann", "x", "1")
    probe = Step(0, "probe", "", check="mean_rows", returns=("mean",), cases=tuple(drawn.cases))
    plan = Plan((probe,) if begun else (Step(0, "run", "pass"), Step(1, "probe", "", cases=tuple(drawn.cases))))

    @given(STREAMS)
    @settings(max_examples=250)
    def run(stream: bytes) -> None:
        records = carry_out(plan, Scripted(stream), Limits(), Times(LONG, LONG))
        last = records[len(plan.steps) - 1]
        assert judge(check, drawn, last, records[0]).score == 0

    run()


@given(st.binary(max_size=200), st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_any_lengths_end_in_a_record(data, length):
    plan = Plan((Step(0, "run", "pass"),))
    records = carry_out(plan, Scripted(struct.pack(">I", length) + data), Limits(), Times(LONG, LONG))
    assert records[0].end == "crash"


DEEP = {
    "minus signs": "x = " + "-" * 50_000 + "1",
    "brackets": "x = " + "(" * 50_000 + ")" * 50_000,
    "attributes": "x = a" + ".b" * 50_000,
    "calls": "x = a" + "()" * 50_000,
    "not": "x = " + "not " * 50_000 + "1",
    "sums": "x = 1" + "+1" * 50_000,
    "choices": "x = " + "a if b else " * 20_000 + "1",
    "lambdas": "x = " + "lambda: " * 20_000 + "1",
    "blocks": "\n".join(" " * depth + "if 1:" for depth in range(99)) + "\n" + " " * 99 + "pass",
    "functions": "\n".join(" " * depth + "def f():" for depth in range(95))
    + "\n"
    + " " * 95
    + "return "
    + "-" * 800
    + "1",
    "null": "x = '\0'",
    "strings": "x = " + "'a' " * 50_000,
    "formats": "x = " + "f'{" * 60 + "1",
}


@pytest.mark.parametrize("name", DEEP)
def test_code_of_any_depth_is_read_or_passed_over_in_a_thread(name):
    ended = []

    def read() -> None:
        ended.append((only_definitions(DEEP[name]), forbidden_use(DEEP[name], [DEEP[name]], ("a.b",))))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert len(ended) == 1
