"""Which database holds the gradebook, and how it is reached: SQLite in a file, or a server such as PostgreSQL.

It is named by `--db`, else by the environment variable ATTENTION_DB, else it is `gradebook.db` in the folder of
results. A password in it is never printed. Any address of SQLAlchemy's will do:
https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from autograder.errors import UserError

VARIABLE = "ATTENTION_DB"
POSTGRESQL = ("postgres", "postgresql")  # without a driver: psycopg (3) is meant
SECONDS_TO_CONNECT = "10"
SQLITE_WAITS = 60  # seconds, while formgrader writes to the same file
WRITE_IT_LIKE = "write it like postgresql://USER@HOST/DATABASE or sqlite:////FOLDER/gradebook.db"


def db_url(out: Path, given: str | None = None) -> str:
    """Return the address of the gradebook for results in `out`, as SQLAlchemy and nbgrader take it.

    Raises UserError for what is no address. The result may hold a password: print `shown(url)` instead.
    """
    text = given or os.environ.get(VARIABLE)
    if not text:
        return f"sqlite:///{out.resolve() / 'gradebook.db'}"
    return complete(parsed(text.strip())).render_as_string(hide_password=False)


def parsed(text: str) -> URL:
    """Return an address in its parts; what cannot be read is not repeated, for it may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UserError(f"What --db or {VARIABLE} gives is no address of a database; {WRITE_IT_LIKE}.") from None
    if "@" in (url.host or ""):
        raise UserError(f"Write an @ in the password of --db or {VARIABLE} as %40.")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise UserError(f"A gradebook in memory is gone when the command ends; {WRITE_IT_LIKE}.")
    return url


def complete(url: URL) -> URL:
    """Return an address with what was left out: a whole path, the driver, how long to wait for a server."""
    if url.get_backend_name() == "sqlite" and not str(url.database).startswith("file:"):
        return url.set(database=str(Path(str(url.database)).absolute()))
    if url.drivername in POSTGRESQL:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername == "postgresql+psycopg" and "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": SECONDS_TO_CONNECT})
    return url


def shown(url: str) -> str:
    """Return where a gradebook is, for a person to read: without password and options."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        return str(parts.database)
    bare = URL.create(parts.get_backend_name(), parts.username, None, parts.host, parts.port, parts.database)
    return bare.render_as_string()


def engine_for(url: str) -> Engine:
    """Return SQLAlchemy's engine for an address; nothing is connected yet.

    Raises UserError where the kind of database is unknown or its driver is not installed.
    """
    parts = make_url(url)
    waits = {"timeout": SQLITE_WAITS} if parts.get_backend_name() == "sqlite" else {}
    try:
        return create_engine(parts, hide_parameters=True, connect_args=waits)
    except NoSuchModuleError:
        raise UserError(f"SQLAlchemy knows no database {parts.drivername}; {WRITE_IT_LIKE}.") from None
    except ImportError as error:
        raise UserError(missing_driver(parts, error)) from None


def missing_driver(url: URL, error: ImportError) -> str:
    """Return the sentence for a driver that cannot be imported."""
    if url.drivername != "postgresql+psycopg":
        return f"{error.name}, the driver for {url.drivername}, is not installed; install it with pip."
    there = importlib.util.find_spec("psycopg") is not None
    why = "psycopg finds no libpq" if there else "psycopg is not installed"
    return f"{why}, and a gradebook in PostgreSQL needs it; run in the project's folder: make machines"


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Say in a sentence why a gradebook cannot be reached."""
    try:
        yield
    except DBAPIError as error:
        raise UserError(why_not_reached(make_url(url), first_line(error))) from None


def first_line(error: DBAPIError) -> str:
    """Return what a database said, without where it was and without advice."""
    line = (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0]
    return line.rsplit(" failed: ", 1)[-1].removeprefix("FATAL:").strip(" .")


def why_not_reached(url: URL, message: str) -> str:
    """Return the sentence for what a database said."""
    where = shown(url.render_as_string(hide_password=False))
    if url.get_backend_name() == "sqlite":
        if "unable to open" in message and not Path(str(url.database)).parent.is_dir():
            return f"There is no folder {Path(str(url.database)).parent} for the gradebook; make it first."
        return f"The gradebook cannot be opened ({where}: {message})."
    if f'database "{url.database}" does not exist' in message:
        return f"The server has no database {url.database}; make it first: createdb {url.database}"
    if "password" in message:
        return f"The server at {where} does not let you in ({message}); look at the user and the password."
    return f"The gradebook at {where} cannot be reached: {message}."
