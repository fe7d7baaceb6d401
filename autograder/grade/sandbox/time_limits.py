"""What a run has spent: processor time of its own and of its children, time on the clock, and what it was denied.

A learner's limit is processor time, because the clock runs on while other work has the processors. What sleeps uses
no processor time, so a much longer time on the clock ends it too.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace

from autograder.grade.sandbox import process_watch

PROCESSORS = os.cpu_count() or 1
MEASURED = os.path.exists("/proc/self/stat")  # else the clock alone counts
CLOCK = 10 if MEASURED else 1  # times as long as its processor time may one step take on the clock
CLOCK_TOTAL = 3 if MEASURED else 1  # the same for the whole submission
TOTAL = 10  # times as long as one step may the whole submission take
SOONEST = 0.25  # seconds between two looks at all processes of the machine, and before the first one of a step
OWN_SHARE, IDLE_SHARE = 0.8, 0.2
UNKNOWN = -1.0


@dataclass(frozen=True)
class Times:
    """Seconds of processor time that one step may take, and the whole submission.

    patience  how many times as long a step may take on the clock
    alone     whether no other submission is run beside it; processor time is then its own in any case
    """

    step: float = 30.0
    total: float = 300.0
    patience: float = CLOCK
    alone: bool = False

    @classmethod
    def of(cls, step: float) -> Times:
        """Return the times for a submission whose steps may take so long."""
        return cls(step, TOTAL * step)


@dataclass(frozen=True)
class Spent:
    """Seconds: on the clock, of the run's processors, and of all processors that had nothing to do meanwhile."""

    clock: float = 0.0
    processor: float = 0.0
    idle: float = 0.0

    def __sub__(self, other: Spent) -> Spent:
        """Return what was spent since."""
        return Spent(self.clock - other.clock, self.processor - other.processor, self.idle - other.idle)

    def __add__(self, other: Spent) -> Spent:
        """Return what was spent in both."""
        return Spent(self.clock + other.clock, self.processor + other.processor, self.idle + other.idle)

    @property
    def delayed(self) -> bool:
        """Say whether the machine was the bottleneck: the run had less than a processor, and none was to be had."""
        return self.processor < OWN_SHARE * self.clock and self.idle < IDLE_SHARE * self.clock


def spent_by(pid: int) -> Spent:
    """Return what a run has spent up to now, counted from some moment in the past."""
    return Spent(time.monotonic(), process_watch.processor_seconds(pid), process_watch.idle_seconds())


@dataclass(frozen=True)
class Limit:
    """Seconds of processor time, and on the clock."""

    processor: float
    clock: float

    def met(self, spent: Spent) -> str:
        """Return which of the two is met, in words, or nothing."""
        if MEASURED and spent.processor >= self.processor:
            return f"{self.processor:g} s of processor time"
        if spent.clock >= self.clock:
            return f"{self.clock:g} s on the clock"
        return ""

    def soonest(self, spent: Spent) -> float:
        """Return how many seconds from now it can be met at the earliest: with all processors at work."""
        processor = (self.processor - spent.processor) / PROCESSORS if MEASURED else float("inf")
        return min(processor, self.clock - spent.clock)


def total_limit(seconds: float) -> Limit:
    """Return the limit on a submission that may take so many seconds of processor time."""
    return Limit(seconds, CLOCK_TOTAL * seconds)


@dataclass(frozen=True)
class Over:
    """A limit that was met: why in words, whether it was that of the `whole` submission, and of a `delayed` run."""

    why: str
    whole: bool
    delayed: bool


class Stopwatch:
    """Keeps the limits of one run: that of the step at work, and that of the submission.

    To look at what a run has spent is to read about all processes of the machine, so it is done seldom: not before
    a limit can be met. What a step spends before it is first looked at, a quarter of a second, is not counted.
    """

    def __init__(self, pid: int, times: Times, before: Spent) -> None:
        """Start for a run; `before` is what the submission has spent in earlier ones."""
        self.pid, self.times, self.before = pid, times, before
        self.total = total_limit(times.total)
        self.run_start = self.now = spent_by(pid)
        self.step: Limit | None = None
        self.step_start: Spent | None = None
        self.next_look = self.now.clock + SOONEST
        self.any_step = False

    @property
    def spent(self) -> Spent:
        """Return what the submission had spent when it was last looked at."""
        return self.before + (self.now - self.run_start)

    def begin(self, seconds: float) -> None:
        """Note that a step begins that may take so many seconds of processor time."""
        if not self.any_step:  # a process that was started cold has spent its time on imports up to here
            self.any_step, self.run_start = (
                True,
                replace(self.run_start, processor=process_watch.processor_seconds(self.pid)),
            )
        self.step = Limit(seconds, self.times.patience * seconds)
        self.step_start = Spent(time.monotonic(), UNKNOWN, process_watch.idle_seconds())
        self.next_look = self.step_start.clock + SOONEST

    def end(self) -> None:
        """Note that the step has ended."""
        self.step = None

    def seconds_to_look(self) -> float:
        """Return in how many seconds the next look is due."""
        return max(self.next_look - time.monotonic(), 0.001)

    def look(self) -> Over | None:
        """Return the limit that is met, if one is; looks only when it is time to."""
        if time.monotonic() < self.next_look:
            return None
        self.now = spent_by(self.pid)
        soonest = self.total.soonest(self.spent)
        if met := self.total.met(self.spent):
            return Over(f"the time for the whole notebook was over ({met})", True, self.delayed(met, self.spent))
        if self.step is not None and self.step_start is not None:
            if self.step_start.processor == UNKNOWN:
                self.step_start = replace(self.step_start, processor=self.now.processor)
            spent = self.now - self.step_start
            soonest = min(soonest, self.step.soonest(spent))
            if met := self.step.met(spent):
                return Over(f"stopped after {met}{question(met, spent)}", False, self.delayed(met, spent))
        self.next_look = self.now.clock + max(SOONEST, soonest)
        return None

    def delayed(self, met: str, spent: Spent) -> bool:
        """Say whether the machine may be to blame for a limit that was met."""
        return spent.delayed and not (self.times.alone and by_processor(met))


def by_processor(met: str) -> bool:
    """Say whether words about a limit that was met tell of processor time."""
    return "processor" in met


def question(met: str, spent: Spent) -> str:
    """Return what to ask about a step that met a limit."""
    if by_processor(met) or not MEASURED:
        return ". Does your code come to an end for every input?"
    if spent.delayed:
        return ", while other work had the processors"
    return f", {spent.processor:.1f} s of them at work. What does your code wait for?"
