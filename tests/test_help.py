"""The help of the command line fits a terminal of 80 by 24."""

from __future__ import annotations

import re

import pytest

from autograder.cli import parser

COLUMNS, LINES = 80, 24
VERBS = re.findall(r"^    (\w+) {2,}\S", parser().format_help(), flags=re.MULTILINE)


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", str(COLUMNS))


def help_of(capsys, *verb):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*verb, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_the_verbs_fit_a_screen_with_the_command_and_the_next_prompt(capsys):
    lines = help_of(capsys).splitlines()
    assert len(lines) <= LINES - 2 and max(map(len, lines)) <= COLUMNS
    listed = lines[lines.index("  VERB") + 1 :]
    assert len(listed) == len(VERBS) >= 8, "each verb takes one line"


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_is_a_sentence_and_no_line_is_too_long(capsys, verb):
    text = help_of(capsys, verb)
    assert [line for line in text.splitlines() if len(line) > COLUMNS] == []
    description = text.split("\n\n")[1]
    assert re.fullmatch(r"[A-Z].*\.", description, flags=re.DOTALL)
