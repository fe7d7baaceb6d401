"""What a reader sees of a page's code runs when it is copied: no cell leans on one that the page hides.

It is tidy, too: comments that are set in a column stand in one.

Drawing code is folded away under its figure and takes its helpers from book/plot_style.py; it is left out.
"""

import io
import os
import subprocess
import sys
import tokenize
from itertools import groupby
from pathlib import Path

import jupytext
import pytest

from tests.chapters import ROOT

BOOK = ROOT / "book"
CHAPTERS = sorted(BOOK.glob("[0-9][0-9]_*.md"))
WITH_CODE = [page for page in sorted(BOOK.rglob("*.md")) if "```{code-cell}" in page.read_text(encoding="utf-8")]
HIDDEN = {"remove-cell", "remove-input"}
QUIET = {"MPLBACKEND": "agg", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}


def visible_code(page: Path) -> str:
    """Return the code that a reader sees and can copy, without the drawing code of figures."""
    return "\n\n\n".join(visible_cells(page)) + "\n"


def visible_cells(page: Path) -> list[str]:
    """Return the code of each of these cells."""
    cells = [cell for cell in jupytext.read(page).cells if cell.cell_type == "code"]
    return [cell.source for cell in cells if not HIDDEN & set(cell.metadata.get("tags", [])) and not draws(cell)]


def draws(cell) -> bool:
    """Say whether a cell makes a figure."""
    return "figure" in cell.metadata.get("mystnb", {})


def copied(code: str, *command: str) -> subprocess.CompletedProcess:
    """Hand code to a program that runs in the book's folder."""
    program = [sys.executable, *command]
    environment = {**os.environ, **QUIET}
    return subprocess.run(
        program, input=code, cwd=BOOK, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def undefined_names(code: str) -> subprocess.CompletedProcess:
    """Let ruff look for names that no line of the code defines."""
    return copied(
        code, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "F821", "--output-format=concise", "-"
    )


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_visible_code_uses_no_hidden_name(page):
    found = undefined_names(visible_code(page))
    assert found.returncode == 0, f"{page.name}: copied code lacks\n{found.stdout}"


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_visible_code_runs_when_copied(page):
    code = visible_code(page)
    assert code.count("\n") > 20, "a chapter shows code"
    run = copied(code, "-")
    assert run.returncode == 0, f"{page.name}: {run.stderr[-2000:]}"


def ragged_comments(code: str) -> list[str]:
    """Return the lines with comments of each paragraph that sets them in a column, some of them beside it."""
    rows = code.splitlines()
    found = [token for token in tokenize.generate_tokens(io.StringIO(code).readline) if token.type == tokenize.COMMENT]
    behind_code = [token.start for token in found if token.line[: token.start[1]].strip()]
    ragged = []
    for _, places in groupby(behind_code, lambda place: sum(not row.strip() for row in rows[: place[0]])):
        lines, columns = zip(*places, strict=True)
        before = [rows[line - 1][:column] for line, column in zip(lines, columns, strict=True)]
        if len(set(columns)) > 1 and any(text.endswith("   ") for text in before):
            ragged += [rows[line - 1] for line in lines]
    return ragged


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.stem)
def test_comments_in_a_column_stand_in_one(page):
    assert [line for cell in visible_cells(page) for line in ragged_comments(cell)] == []


def test_a_ragged_column_is_noticed():
    ragged = ["x = 1     # one", "xs = [1, 2]    # two"]
    assert ragged_comments("\n".join(ragged)) == ragged
    assert ragged_comments("\n\n".join(ragged)) == []  # two paragraphs
    assert ragged_comments("x = 1        # one\nprint('#')\nxs = [1, 2]  # two") == []
    assert ragged_comments("x = 1  # one\nxs = [1, 2]  # two") == []  # no column is meant


def test_a_hidden_name_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    header = (BOOK / "06_masks.md").read_text(encoding="utf-8").partition("\n# ")[0]
    cells = [":tags: [remove-cell]\n\nclock = 1", "print(clock)", "---\nmystnb:\n  figure: {}\n---\ndraw(1)"]
    page.write_text(header + "".join(f"\n```{{code-cell}} ipython3\n{text}\n```\n" for text in cells))
    assert visible_code(page).strip() == "print(clock)"
    assert "clock" in undefined_names(visible_code(page)).stdout
    assert "name 'clock' is not defined" in copied(visible_code(page), "-").stderr
