"""No test decides by the clock: all waiting is in tests/waiting.py, which waits for conditions."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests import waiting
from tests.waiting import LONG, WaitedInVain, is_gone, stop, wait_for, wait_for_program

TESTS = Path(__file__).parent
MAY = {  # who may read a clock or pause, and why
    "waiting.py": {"monotonic", "sleep"},
    "grade/test_syntax.py": {"sleep"},  # of no time at all: lets another thread go on
    "tiers.py": {"time"},  # when a run of the tests has to be over
    "faults/test_odd_worlds.py": {"time"},  # where a clock begins that goes backwards
    "faults/test_reader.py": {"thread_time"},  # of the processor: how much work a file is, whatever else goes on
    "attacks/test_pages.py": {"thread_time"},  # the same of a page
}
CLOCKS = {
    "sleep",
    "time",
    "monotonic",
    "perf_counter",
    "process_time",
    "thread_time",
    "WebDriverWait",
    "implicitly_wait",
}
ENDS = {"timeout", "seconds"}  # names of arguments that say how long something may take
PROGRAMS = {"run", "check_output", "check_call", "call", "communicate", "wait", "join", "result"}


def clocks_in(text: str) -> set[str]:
    """Return the ways of looking at the clock, or of waiting a fixed time for a program, that a module uses."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in CLOCKS
            and getattr(node.value, "id", "") in ("time", "self")
        ):
            found.add(node.attr)
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "selenium.webdriver.support.ui"):
            found |= {name.name for name in node.names} & CLOCKS
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in PROGRAMS:
            times = [word.value for word in node.keywords if word.arg in ENDS]
            times += node.args if getattr(node.func, "attr", "") in ("wait", "join") else []
            found |= {f"{time.value} s" for time in times if isinstance(time, ast.Constant) and is_short(time.value)}
    return found


def is_short(value: object) -> bool:
    """Say whether an end in seconds is one that a busy machine reaches."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value < LONG


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_only_the_helper_looks_at_the_clock(path):
    assert clocks_in(path.read_text(encoding="utf-8")) <= MAY.get(str(path.relative_to(TESTS)), set())


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.sleep(1)",
        "from time import monotonic",
        "import time\nassert time.perf_counter() < 3",
        "subprocess.run(command, timeout=60)",
        "process.wait(5)",
        "thread.join(timeout=2.5)",
        "from selenium.webdriver.support.ui import WebDriverWait",
    ],
)
def test_a_look_at_the_clock_is_noticed(text):
    assert clocks_in(text)


def test_every_exception_is_needed():
    assert {name: clocks_in((TESTS / name).read_text(encoding="utf-8")) for name in MAY} == MAY


# ---------------------------------------------------------------- the helper itself
def test_what_is_there_is_returned_at_once():
    assert wait_for(lambda: "it", "something") == "it"


def test_what_comes_later_is_returned():
    answers = iter([None, "", 0, "it"])
    assert wait_for(lambda: next(answers), "something", pause=0) == "it"


def test_what_does_not_come_is_told_in_a_sentence():
    with pytest.raises(WaitedInVain, match="^waited 0 seconds for a miracle, in vain$"):
        wait_for(lambda: False, "a miracle", seconds=0, pause=0)


def test_where_the_machine_stood_still_it_is_looked_at_once_more_after_the_end(monkeypatch):
    answers, clock = iter([False, True]), iter([0, 1, 1000])
    monkeypatch.setattr(waiting.time, "monotonic", lambda: next(clock))
    assert wait_for(lambda: next(answers), "something", seconds=10, pause=0)


def program(text: str, log: Path) -> subprocess.Popen:
    """Start a Python program that writes into a file."""
    with log.open("wb") as file:
        return subprocess.Popen([sys.executable, "-c", text], stdout=file, stderr=file)


def test_a_program_that_ends_before_it_is_ready_is_told_with_its_last_words(tmp_path):
    log = tmp_path / "log"
    process = program("raise SystemExit('no room left')", log)
    with pytest.raises(WaitedInVain, match="(?s)for a server to answer, but the program ended with 1; .*no room left"):
        wait_for_program(process, lambda: False, "a server to answer", log)


def test_a_program_that_is_never_ready_is_told_with_its_last_words(tmp_path):
    log = tmp_path / "log"
    process = program("import time\nprint('still loading', flush=True)\nwhile True: time.sleep(1)", log)
    try:
        wait_for(lambda: log.read_text(), "its first words")
        with pytest.raises(WaitedInVain, match="(?s)for an answer, in vain; its last output was:\nstill loading"):
            wait_for_program(process, lambda: False, "an answer", log, seconds=0)
    finally:
        stop(process)
    assert is_gone(process.pid)
