"""The reference outputs are drawn once for a key, and again when anything has changed that they are made from."""

import pytest

from autograder.authoring import drawn_before
from autograder.authoring.drawn_before import FOLDER, drawn_once


@pytest.fixture
def ask(tmp_path):
    """Return a function that asks for the outputs of a key, and says how often they were drawn."""
    key, drawn = tmp_path / "01_topic_key.py", []
    key.write_text("KEY = 1\n")

    def asked(about="tasks", keep=True):
        def draw():
            drawn.append(about)
            return f"outputs {len(drawn)}\n"

        return drawn_once(tmp_path, key, about, draw, keep), len(drawn)

    asked.key, asked.folder = key, tmp_path / FOLDER
    return asked


def test_what_was_drawn_is_taken_again(ask):
    assert ask() == ask() == ("outputs 1\n", 1)


def test_a_change_of_the_key_or_of_what_is_told_with_it_draws_anew(ask):
    ask()
    ask.key.write_text("KEY = 2\n")
    assert ask() == ("outputs 2\n", 2)
    assert ask("other tasks") == ("outputs 3\n", 3)
    assert len(list(ask.folder.iterdir())) == 1, "what was drawn from an older key is no longer there"


@pytest.mark.parametrize("name", drawn_before.OF_THE_MACHINE)
def test_another_machine_draws_its_own(ask, monkeypatch, name):
    ask()
    monkeypatch.setenv(name, "Prescott")
    assert ask() == ("outputs 2\n", 2)


def test_a_change_of_the_package_draws_anew(ask, monkeypatch):
    ask()
    monkeypatch.setattr(drawn_before, "judging_digest", lambda: "another")
    assert ask() == ("outputs 2\n", 2)


def test_who_only_looks_keeps_nothing(ask):
    assert ask(keep=False) == ("outputs 1\n", 1)
    assert not ask.folder.exists() and ask() == ("outputs 2\n", 2)
    assert ask(keep=False) == ("outputs 2\n", 2)
