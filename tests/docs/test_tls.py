"""Dask with TLS, as the page says: its own commands make the certificates and start a scheduler and a worker."""

from __future__ import annotations

import csv
import re

import pytest

from tests.docs.blocks import ROOT, Commands, commands_of
from tests.docs.courses import submitted
from tests.docs.shell import Terminal

pytest.importorskip("distributed")
PAGE = ROOT / "book" / "teach" / "machines.md"
BLOCKS = [block for block in commands_of(PAGE) if block.mark != "not run"]
CERTIFICATES = next(block for block in BLOCKS if "openssl" in block.text)
GRADE = next(block for block in BLOCKS if "--scheduler" in block.text)
EXPORTS = "".join(line for line in GRADE.text.splitlines(keepends=True) if line.startswith("export"))
COMMAND = next(line for line in GRADE.lines if line.startswith("autograder"))
STRANGER = CERTIFICATES.text.replace("tls/", "stranger/").replace("mkdir -p tls && chmod 700 tls", "mkdir stranger")
NOBODY = "No Dask scheduler answers at"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory):
    """Run all commands of the page; return the terminal, beside a scheduler and a worker that speak TLS."""
    with Terminal(submitted(tmp_path_factory.mktemp("tls"))) as made:
        before = dict(made.environment)
        made.said = {block: made.run(block) for block in BLOCKS}
        made.environment = before
        yield made


def typed(terminal: Terminal, text: str, code: int = 0) -> str:
    """Type commands and return what was printed; what they export is forgotten."""
    before = dict(terminal.environment)
    try:
        return terminal.run(Commands(PAGE, text, "fails" if code else "", str(code)))
    finally:
        terminal.environment = before


def test_who_shows_the_certificate_is_served(terminal):
    assert "3 graded" in terminal.said[GRADE]
    with (terminal.folder / "_build" / "grading" / "grades.csv").open(encoding="utf-8") as file:
        marks = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert marks["ada"] > marks["ben"] > marks["cho"] == 0


def test_who_shows_none_is_turned_away(terminal):
    assert NOBODY in typed(terminal, COMMAND, code=2)


def test_who_does_not_use_tls_is_turned_away(terminal):
    assert NOBODY in typed(terminal, COMMAND.replace("tls://", "tcp://"), code=2)


def test_who_shows_a_certificate_of_another_authority_is_turned_away(terminal):
    typed(terminal, STRANGER)
    said = typed(terminal, f"{EXPORTS.replace('/tls/', '/stranger/')}\n{COMMAND}", code=2)
    assert NOBODY in said and re.search("certificate|SSL", said)


def test_keys_are_for_their_owner_alone(terminal):
    for key in (terminal.folder / "tls").glob("*.key"):
        assert key.stat().st_mode & 0o077 == 0
