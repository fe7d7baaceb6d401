"""What a learner's notebook uses; `check.py` is copied beside every exercise as it stands."""

from __future__ import annotations

from pathlib import Path

from autograder.learner.check import Exercise


def use(script: str) -> tuple:
    """Return `check`, `hint` and `progress` for a solved notebook that is run as a plain script.

    `script` is the script's `__file__`; the reference outputs are in the folder of the same name beside
    it. A released notebook does not call this: its first cell finds `check.py` beside the notebook.
    """
    exercise = Exercise(Path(script).resolve().with_suffix(""))
    return exercise.check, exercise.hint, exercise.progress
