"""Where the gradebook is, what is said when it cannot be reached, and that it is made whole or not at all."""

from __future__ import annotations

import builtins
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.errors import UserError
from autograder.gradebook import gradebook as module
from autograder.gradebook.database import VARIABLE, db_url, engine_for, reaching, shown
from autograder.gradebook.gradebook import open_gradebook, read_gradebook
from autograder.gradebook.nbgrader_config import configure

SECRET = "hush"
SERVER = f"postgresql+psycopg://ann:{SECRET}@db.example.org:5433/grades?connect_timeout=10"


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


def test_the_command_line_comes_before_the_variable_and_that_before_the_folder(tmp_path, monkeypatch):
    assert db_url(tmp_path) == f"sqlite:///{tmp_path}/gradebook.db"
    monkeypatch.setenv(VARIABLE, "sqlite:////x/variable.db")
    assert db_url(tmp_path) == "sqlite:////x/variable.db"
    assert db_url(tmp_path, "sqlite:////x/line.db") == "sqlite:////x/line.db"
    monkeypatch.setenv(VARIABLE, "")
    assert db_url(tmp_path) == f"sqlite:///{tmp_path}/gradebook.db"


def test_nbgraders_own_commands_look_in_the_same_place(tmp_path, monkeypatch):
    from traitlets.config import Config

    monkeypatch.setenv(VARIABLE, SERVER)
    config = Config()
    configure(config, tmp_path, tmp_path / "grading")
    assert config.CourseDirectory.db_url == SERVER


@pytest.mark.parametrize("kind", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_is_completed(tmp_path, monkeypatch, kind):
    assert db_url(tmp_path, f"{kind}://ann:{SECRET}@db.example.org:5433/grades") == SERVER
    assert db_url(tmp_path, f"{kind}://h/d?connect_timeout=3").endswith("h/d?connect_timeout=3")
    monkeypatch.chdir(tmp_path)
    assert db_url(tmp_path, "sqlite:///here.db") == f"sqlite:///{tmp_path}/here.db"


def test_what_is_shown_has_no_password_and_no_options():
    assert shown(SERVER) == "postgresql://ann@db.example.org:5433/grades"
    assert shown(f"postgresql+psycopg://h/grades?password={SECRET}") == "postgresql://h/grades"
    assert shown("sqlite:////x/y.db") == "/x/y.db"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (SECRET, "is no address of a database; write it like"),
        (f"postgresql://ann:{SECRET}@h:port/d", "is no address of a database; write it like"),
        (f"postgresql://ann:p@{SECRET}@h/d", "Write an @ in the password"),
        ("sqlite://", "A gradebook in memory is gone"),
        ("sqlite:///:memory:", "A gradebook in memory is gone"),
        (f"bogus://ann:{SECRET}@h/d", "SQLAlchemy knows no database bogus"),
        (f"mysql+nodriver://ann:{SECRET}@h/d", "SQLAlchemy knows no database mysql+nodriver"),
        (
            f"postgresql://ann:{SECRET}@127.0.0.1:1/d",
            "postgresql://ann@127.0.0.1:1/d cannot be reached: Connection refused",
        ),
        (f"postgresql://ann:{SECRET}@/d?host=/nowhere", "cannot be reached: No such file or directory"),
        (f"postgresql://ann:{SECRET}@127.0.0.1:1/d?bogus=1", 'cannot be reached: invalid connection option "bogus"'),
        ("sqlite:////nowhere/at/all.db", "There is no folder /nowhere/at for the gradebook"),
    ],
)
def test_what_cannot_be_reached_is_told_in_one_sentence_without_the_password(tmp_path, address, sentence):
    pytest.importorskip("psycopg")
    with pytest.raises(UserError) as told:
        url = db_url(tmp_path, address)
        with reaching(url):
            engine_for(url).connect()
    assert sentence in str(told.value)
    assert SECRET not in str(told.value) and "\n" not in str(told.value)


def test_a_missing_driver_is_told_with_the_command_that_installs_it(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *arguments):
        if name.startswith("psycopg"):
            raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"psycopg is not installed.*: make machines"):
        engine_for(SERVER)


def tables(path: Path) -> set[str]:
    """Return the names of the tables in a file."""
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_gradebook_is_what_nbgrader_would_have_made(tmp_path, monkeypatch):
    open_gradebook(f"sqlite:///{tmp_path}/ours.db").close()
    monkeypatch.setattr("nbgrader.api.get_alembic_version", module.newest_schema)  # without starting a program
    Gradebook(f"sqlite:///{tmp_path}/theirs.db", "attention").close()
    dumps = []
    for name in ("ours", "theirs"):
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as connection:
            dumps.append(sorted(connection.iterdump()))
    assert dumps[0] == dumps[1]


def test_a_gradebook_is_made_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "gradebook.db"

    def stopped() -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, "newest_schema", stopped)
        open_gradebook(f"sqlite:///{path}")
    assert tables(path) == set()
    open_gradebook(f"sqlite:///{path}").close()
    assert {"alembic_version", "student", "grade"} <= tables(path)


def test_a_gradebook_of_another_version_is_told(tmp_path):
    url = f"sqlite:///{tmp_path}/gradebook.db"
    open_gradebook(url).close()
    with closing(sqlite3.connect(tmp_path / "gradebook.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
        connection.commit()
    with pytest.raises(UserError, match="run `nbgrader db upgrade` first"):
        open_gradebook(url)


def test_reading_makes_nothing(tmp_path):
    with pytest.raises(UserError, match="There is no gradebook in .* yet; run `autograder grade` first"):
        read_gradebook(f"sqlite:///{tmp_path}/gradebook.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(UserError, match="There is no gradebook"):
        read_gradebook(f"sqlite:///{tmp_path}/empty.db")
    assert [path.name for path in tmp_path.iterdir()] == ["empty.db"] and not tables(tmp_path / "empty.db")
    (tmp_path / "other.db").write_text("not a database at all, but long enough to look like one" * 20)
    with pytest.raises(UserError, match=r"cannot be opened .*file is not a database"):
        read_gradebook(f"sqlite:///{tmp_path}/other.db")
