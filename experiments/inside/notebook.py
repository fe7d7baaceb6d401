"""Puts the numbers of trained models into the notebook of chapter 11, which a learner gets without other files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from experiments.common import write_whole

NOTEBOOK = Path(__file__).parents[2] / "solutions" / "11_looking_inside.py"
NAMES = {"two layers": "COPIER", "one period": "ONE_PERIOD"}


def with_models(text: str, models: dict[str, dict[str, Any]]) -> str:
    """Return the text of the notebook with these models in the lines that begin with their names."""
    for model, name in NAMES.items():
        line = f"{name} = '{json.dumps(models[model], separators=(',', ':'))}'"
        text, count = re.subn(rf"^{name} = .*$", lambda match, line=line: line, text, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"The notebook has {count} lines that begin with {name}; it needs one.")
    return text


def write_notebook(models: dict[str, dict[str, Any]]) -> None:
    """Write the models into the solved notebook; `autograder build` then makes the exercise of it."""
    write_whole(NOTEBOOK, with_models(NOTEBOOK.read_text(encoding="utf-8"), models).encode())
